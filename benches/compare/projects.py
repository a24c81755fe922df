"""Two projects of the same shape: DISCO's Hadoop example, and a Terraform configuration made from DISCO's template.

Every resource of DISCO's template becomes a `terraform_data` with the same properties and references, and every node
renders its group's configuration files, as DISCO wrote them, with `templatefile`. DISCO renders them once a group and
hands them to its nodes; in Terraform each node has its own, as one of them names the node. What else DISCO sends to
nodes (its agent, services, probes) has no counterpart on Terraform's side.
"""

import json
import re
import subprocess

import hcl

NETWORK = "10.20.0.0/16"  # room for 10,000 nodes
SLAVE_0 = "10.20.1.16"  # the address that DISCO gives to the first slave, and which one of the network's it is
SLAVE_0_INDEX = 272
NODES = {"master-0": "master", "slaves-0": "slaves"}  # and their groups
PARTS = ("port", "server", "deployment")


def write_disco(folder, example):
    text = example.read_text(encoding="utf-8")
    definition = text.replace("10.20.0.0/24", NETWORK)
    if definition == text:
        raise ValueError(f"{example} does not have the network that is widened here")
    folder.mkdir(parents=True)
    (folder / example.name).write_text(definition, encoding="utf-8")


class Shape:
    """What DISCO makes of its project with one slave: the resources, and the files of each group's nodes."""

    def __init__(self, disco, folder, environment):
        argv = [disco, "template", "--json", "--var", "slaves=1"]
        made = subprocess.run(argv, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
        resources = json.loads(made.stdout)["resources"]
        self.nodes = {node: {part: resources.pop(f"{node}-{part}") for part in PARTS} for node in NODES}
        self.files = {}
        for group in NODES.values():
            [name] = [name for name in resources if name.startswith(f"config-{group}-")]
            bundle = json.loads(resources.pop(name)["properties"]["config"])
            self.files[group] = {file["name"]: "".join(file["content"]) for file in bundle["files"]}
        self.shared = resources

    def rendered(self):
        """How many files a slave has, and their size in bytes."""
        files = self.files["slaves"].values()
        return len(files), sum(len(text.encode()) for text in files)


class Terraform:
    """Writes the configuration. With `parts`, a node is three resources, as it is in DISCO, otherwise one that holds
    the properties of all three. With `blocks`, each slave is written out, otherwise they share one with a `count`."""

    def __init__(self, shape, parts, blocks):
        self.shape, self.parts, self.blocks = shape, parts, blocks

    def write(self, folder, slaves):
        for group, files in self.shape.files.items():
            place = folder / "files" / group
            place.mkdir(parents=True)
            for name, text in files.items():
                (place / name).write_text(hcl.literal(text), encoding="utf-8")
            (place / "node").write_text("${name} ${address}\n", encoding="utf-8")
        (folder / "main.tf").write_text("\n".join(self.text(slaves)), encoding="utf-8")

    def text(self, slaves):
        yield 'variable "slaves" {\n  type = number\n}\n'
        for group in NODES.values():
            yield f'locals {{\n  {group}_files = fileset("${{path.module}}/files/{group}", "*")\n}}\n'
        for name, resource in self.shape.shared.items():
            needs = [label for need in resource.get("depends_on", []) for label in self.all_of(need, slaves)]
            yield self.block(name, hcl.expression(resource["properties"], self.reference), needs)
        yield self.node("master-0")
        slave = self.node("slaves-0")
        if self.blocks:
            for index in range(slaves):
                address = f'cidrhost("{NETWORK}", {SLAVE_0_INDEX + index})'
                yield slave.replace(f'"{SLAVE_0}"', address).replace("slaves-0", f"slaves-{index}")
        else:
            address = f'cidrhost("{NETWORK}", {SLAVE_0_INDEX} + count.index)'
            slave = slave.replace(f'"{SLAVE_0}"', address)
            slave = slave.replace("analytics-slaves-0", "analytics-slaves-${count.index}")
            slave = re.sub(r"terraform_data\.slaves-0([a-z-]*)\.", r"terraform_data.slaves\1[count.index].", slave)
            yield re.sub(r'"slaves-0([a-z-]*)" {', r'"slaves\1" {\n  count = var.slaves', slave)

    def node(self, node):
        """The blocks of a node, for slaves those of the first."""
        group, parts = NODES[node], self.shape.nodes[node]
        values = {part: dict(resource["properties"]) for part, resource in parts.items()}
        name = hcl.quoted(values["port"]["name"])
        address = hcl.quoted(values["port"]["fixed_ips"][0]["ip_address"])
        del values["deployment"]["config"]
        files = (
            f'{{ for file in local.{group}_files : file => templatefile("${{path.module}}/files/{group}/${{file}}", '
            f"{{ name = {name}, address = {address} }}) }}"
        )
        needs = {part: resource.get("depends_on", []) for part, resource in parts.items()}
        if not self.parts:
            inner = hcl.expression(values, lambda other: self.reference(other, node))
            return self.block(node, f"merge({inner}, {{ files = {files} }})", sum(needs.values(), []))
        text = {part: hcl.expression(value, self.reference) for part, value in values.items()}
        text["deployment"] = f"merge({text['deployment']}, {{ files = {files} }})"
        return "\n".join(self.block(f"{node}-{part}", text[part], needs[part]) for part in PARTS)

    def label(self, name):
        """The label of the block that stands for DISCO's resource `name`."""
        whole = re.sub(rf"^({'|'.join(NODES)})-({'|'.join(PARTS)})$", r"\1", name)
        return name if self.parts else whole

    def all_of(self, name, slaves):
        """The labels of the blocks that stand for `name`, and for the other slaves' if it is a slave's."""
        label = self.label(name)
        if not label.startswith("slaves-0"):
            return [label]
        if not self.blocks:
            return [label.replace("slaves-0", "slaves")]
        return [label.replace("slaves-0", f"slaves-{index}") for index in range(slaves)]

    def reference(self, name, asking=None):
        """The id of `name`; what is part of the asking resource itself goes by its name."""
        label = self.label(name)
        return hcl.quoted(name) if label == asking else f"terraform_data.{label}.id"

    @staticmethod
    def block(label, value, needs):
        lines = [f'resource "terraform_data" "{label}" {{', f"  input = {value}"]
        if needs:
            lines.append(f"  depends_on = [{', '.join(f'terraform_data.{need}' for need in needs)}]")
        return "\n".join([*lines, "}\n"])
