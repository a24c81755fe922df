"""Has the node agent carry out what nodes would be given, below a folder, and tells what it did.

In: {"into", "nodes": [{"node", "bundle", "inputs"}]}; without `into` all goes to a folder that is removed. A node may have
several bundles, which it gets one after another; the first one brings the agent. Out: for each of them {"error", "log",
"commands", "files"}.
"""

import base64
import contextlib
import gzip
import importlib.util
import json
import os
import re
import sys
import tempfile

# Nothing here has to survive a power cut.
os.fsync = lambda _: None
sys.dont_write_bytecode = True


def load(packed, folder):
    """The agent as a module, from the text that nodes are given."""
    path = os.path.join(folder, "agent.py")
    with open(path, "w") as file:
        file.write(gzip.decompress(base64.b64decode(packed)).decode())
    spec = importlib.util.spec_from_file_location("agent", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bad_expressions(bundle):
    """Regular expressions that the agent could not read."""
    all_of_it = [("`expect` of %s" % probe["name"], probe.get("expect")) for probe in bundle.get("probes", [])]
    for step in bundle.get("steps", []):
        all_of_it += [("`%s` of step %s" % (name, step["name"]), step["action"].get(name)) for name in ("expect", "pattern")]
    for what, text in all_of_it:
        try:
            re.compile(text or "")
        except re.error as error:
            yield "%s is not a regular expression: %s" % (what, error)


def below(root):
    """Paths of all files, as the node would have them, without what the agent writes for itself."""
    paths = {"/" + os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root) for name in names}
    return {path for path in paths if not path.startswith("/var/lib/disco/")}


def carry_out(agent, node, folder):
    root = os.path.join(folder, node["node"])
    os.makedirs(root, exist_ok=True)
    agent.HOME = os.path.join(root, "var/lib/disco")
    sys.executable = "/usr/bin/python3"
    bundle, commands, before = json.loads(node["bundle"]), os.path.join(root, "commands"), below(root)
    # It is the first node of its group.
    inputs = dict(node["inputs"], deploy_resource_name="node-0-deployment")
    inputs = [{"name": name, "value": value} for name, value in inputs.items()]
    machine = agent.Machine(root)
    result = agent.perform(machine, {"inputs": inputs}, bundle)
    ran = []
    with contextlib.suppress(FileNotFoundError):
        with open(commands) as file:
            ran = [json.loads(line) for line in file]
        os.remove(commands)
    error = next(bad_expressions(bundle), None) or result["stderr"]
    # How long each phase took tells nothing here.
    log = [line for line in machine.lines if not re.fullmatch(r".*: \d+\.\d s", line)]
    return {"error": error, "log": log, "commands": ran, "files": sorted(below(root) - before)}


def main():
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as place:
        folder = asked["into"] or os.path.join(place, "nodes")
        os.makedirs(folder, exist_ok=True)
        agent = load(json.loads(asked["nodes"][0]["bundle"])["agent_gzip"], place)
        with contextlib.redirect_stdout(sys.stderr):
            told = [carry_out(agent, node, folder) for node in asked["nodes"]]
    json.dump(told, sys.stdout)


main()
