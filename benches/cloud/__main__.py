"""Measures a cluster's life on the OpenStack of OS_CLOUD, with DISCO and, where they are installed, with Terraform and with
the OpenStack client, which is given DISCO's own template."""

import argparse
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import projects
from proxy import Counter


class CommandFailed(Exception):
    """A command ended with another code than it should have."""


class Tool:
    """A program, the cluster as it wants to be told, and how it counts its calls."""

    def __init__(self, name, program, write, apply, plan, destroy, prepare=None):
        self.name, self.program, self.write, self.prepare = name, program, write, prepare
        self.counts_itself = prepare is not None
        self.apply, self.plan, self.destroy = apply, plan, destroy


def measure(argv, folder, counter, tool, expected=(0,)):
    """Wall time, CPU time of the program and its children, calls (`None`: not counted)."""
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    if counter and tool.counts_itself:
        environment.update(OS_DEBUG="1", TF_LOG="DEBUG", TF_LOG_PATH=str(folder / "calls.log"))
        (folder / "calls.log").unlink(missing_ok=True)
    elif counter:
        environment["http_proxy"] = counter.url
        counter.calls = 0
    began = time.perf_counter()
    with open(folder / "output.log", "wb") as output:
        child = subprocess.Popen(argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in expected:
        said = (folder / "output.log").read_text(errors="replace")[-2000:]
        raise CommandFailed(f"`{' '.join(map(str, argv))}` ended with {code}:\n{said}")
    calls = None
    if counter and tool.counts_itself:
        calls = len(re.findall(r"OpenStack Request URL", (folder / "calls.log").read_text(errors="replace")))
    elif counter:
        calls = counter.calls
    return wall, usage.ru_utime + usage.ru_stime, calls


def life(tool, options, slaves, folder, counter):
    """One cluster from nothing to nothing; yields each command's name and cost."""

    def definition(number, changed):
        for name, text in tool.write(options, number, changed).items():
            (folder / name).write_text(text)

    def run(argv, expected=(0,)):
        return measure([tool.program, *argv], folder, counter, tool, expected)

    definition(slaves, False)
    if tool.prepare and not os.environ.get("TF_CLI_CONFIG_FILE"):
        run(tool.prepare)
    try:
        yield "apply", run(tool.apply)
        yield "no-change plan", run(tool.plan)
        definition(slaves + 2, False)
        yield "two more slaves", run(tool.apply)
        definition(slaves + 2, True)
        yield "one line of a file", run(tool.apply)
        yield "destroy", run(tool.destroy)
    except BaseException:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"{tool.name}: failed; what it has made is destroyed", file=sys.stderr)
        subprocess.run([tool.program, *tool.destroy], cwd=folder, stdout=subprocess.DEVNULL, check=False)
        raise


def stacks(options, slaves, folder):
    """DISCO's templates of the same cluster through the OpenStack client, in the order that `stacks.json` tells; yields which,
    and the cost of creating and of deleting them."""
    for name, text in projects.disco(options, slaves, False).items():
        (folder / name).write_text(text)
    subprocess.run([options.disco, "template", "--out", "stacks"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    steps = json.loads((folder / "stacks" / "stacks.json").read_text())["steps"]
    yield from through_client(options, "Heat", [Step(folder / "stacks" / step["file"], step) for step in steps], folder)
    if len(steps) == 1:
        # The same with nothing that orders servers.
        printed = subprocess.run([options.disco, "template", "--json"], cwd=folder, check=True, stdout=subprocess.PIPE).stdout
        template = json.loads(printed)
        for resource in template["resources"].values():
            if resource["type"] == "OS::Neutron::Port":
                resource.pop("depends_on", None)
        (folder / "flat.json").write_text(json.dumps(template))
        yield from through_client(options, "Heat, flat", [Step(folder / "flat.json", steps[0])], folder)


class Step:
    """A stack that is created or updated, as `stacks.json` tells it."""

    def __init__(self, template, step):
        self.template, self.action, self.stack, self.stage = template, step["action"], step["stack"], step["stage"]
        self.parameters = step["parameters"]


def through_client(options, which, steps, folder):
    """Carries out the steps, those of one stage side by side, and deletes the stacks again; yields both costs."""

    def client(*words):
        with tempfile.TemporaryDirectory(dir=folder) as own:
            return measure([options.openstack, "stack", *words], Path(own), None, None)

    def value(wanted):
        if isinstance(wanted, str):
            return wanted
        there = wanted["id_of"]
        show = [options.openstack, "stack", "resource", "show", "-f", "value", "-c", "physical_resource_id"]
        said = subprocess.run([*show, there["stack"], there["resource"]], check=True, stdout=subprocess.PIPE, text=True)
        return said.stdout.strip()

    def carry_out(step):
        parameters = [f"{name}={value(wanted)}" for name, wanted in step.parameters.items()]
        words = [word for parameter in parameters for word in ("--parameter", parameter)]
        return client(step.action, "--wait", "-t", str(step.template), *words, step.stack)[1]

    made = sorted({step.stack for step in steps}, reverse=True)
    with ThreadPoolExecutor(len(steps)) as pool:
        began = time.perf_counter()
        try:
            cpu = 0
            for _, together in itertools.groupby(steps, key=lambda step: step.stage):
                cpu += sum(pool.map(carry_out, list(together)))
            yield which, "create", (time.perf_counter() - began, cpu, None)
        finally:
            # Those that use the network of the first go before it.
            began = time.perf_counter()
            costs = list(pool.map(lambda stack: client("delete", "--yes", "--wait", stack), made[:-1]))
            costs.append(client("delete", "--yes", "--wait", made[-1]))
    yield which, "delete", (time.perf_counter() - began, sum(cost[1] for cost in costs), None)


def options():
    whole_numbers = lambda text: [int(number) for number in text.replace(",", " ").split()]
    parser = argparse.ArgumentParser(prog="cloud.sh", description=__doc__)
    parser.add_argument("--sizes", type=whole_numbers, default=[10, 30], metavar='"N N"', help='slaves (default: "10 30")')
    parser.add_argument("--flavor", default="m1.small", help="of every node (default: m1.small)")
    parser.add_argument("--image", default="debian-12", help="of every node (default: debian-12)")
    parser.add_argument("--external-network", default="public", help="floating IPs come from it (default: public)")
    parser.add_argument("--max-resources", type=int, help="resources of a stack, so that DISCO makes several")
    parser.add_argument("--disco", metavar="PATH", default="disco", help="this program, or `none` (default: the one on PATH)")
    parser.add_argument("--terraform", metavar="PATH", default="terraform", help="this program, or `none`")
    parser.add_argument("--openstack", metavar="PATH", default="none", help="this client, or `none` (default: none)")
    parser.add_argument("--calls", action="store_true", help="count API calls too, which costs some time")
    chosen = parser.parse_args()
    if not os.environ.get("OS_CLOUD"):
        parser.error("set OS_CLOUD to a cloud of your clouds.yaml: servers are created there and deleted again")
    for name in ("disco", "terraform", "openstack"):
        found = shutil.which(getattr(chosen, name))
        if not found and getattr(chosen, name) not in ("terraform", "none"):
            parser.error(f"there is no program {getattr(chosen, name)}")
        setattr(chosen, name, found and os.path.abspath(found))
    return chosen


def row(slaves, command, who, cost):
    wall, cpu, calls = cost
    counted = "–" if calls is None else calls
    print(f"{slaves:>5}  {command:<20}{who:<11}{wall:>9.1f}{cpu:>9.2f}{counted:>8}", flush=True)


def main():
    chosen = options()
    counter = Counter() if chosen.calls else None
    ours = Tool(
        "DISCO", chosen.disco, projects.disco, ["apply", "--auto-approve"], ["plan", "--detailed-exitcode"],
        ["destroy", "--auto-approve"],
    )
    tools = [ours] if chosen.disco else []
    if chosen.openstack and not chosen.disco:
        sys.exit("cloud.sh: --openstack needs DISCO, which writes the templates")
    if chosen.terraform:
        apply = ["apply", "-input=false", "-auto-approve"]
        plan = ["plan", "-input=false", "-detailed-exitcode"]
        destroy = ["destroy", "-input=false", "-auto-approve"]
        tools.append(Tool("Terraform", chosen.terraform, projects.terraform, apply, plan, destroy, ["init", "-input=false"]))
    else:
        print("no Terraform")
    print(f"Cloud {os.environ['OS_CLOUD']}; load of this machine {os.getloadavg()[0]:.1f}")
    print(f"\n{'N':>5}  {'command':<20}{'tool':<11}{'wall s':>9}{'CPU s':>9}{'calls':>8}")
    failed = False
    for slaves in chosen.sizes:
        for tool in tools:
            with tempfile.TemporaryDirectory(prefix="disco-cloud-") as folder:
                try:
                    for command, cost in life(tool, chosen, slaves, Path(folder), counter):
                        row(slaves, command, tool.name, cost)
                except CommandFailed as failure:
                    failed = True
                    print(f"{tool.name}, {slaves} slaves: {failure}", file=sys.stderr)
        if not chosen.openstack:
            continue
        with tempfile.TemporaryDirectory(prefix="disco-cloud-") as folder:
            try:
                for which, command, cost in stacks(chosen, slaves, Path(folder)):
                    row(slaves, command, which, cost)
            except CommandFailed as failure:
                failed = True
                print(f"Heat, {slaves} slaves: {failure}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\ncloud.sh: interrupted")
