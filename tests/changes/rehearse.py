"""Has the node agent carry out what machines were given, one after another, and tells which commands it would have run.

In: a list of machines' lives, each a list of {"machine", "bundle", "inputs"}; another `machine` is an empty one.
Out: for each of them, in the same order, {"error", "commands"}.
"""

import contextlib
import json
import os
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import joined  # noqa: E402

with tempfile.TemporaryDirectory() as place:
    agent = joined.load(os.path.join(place, "agent.py"))
# Nothing here has to survive a power cut.
os.fsync = lambda _: None


def live(deliveries, folder):
    told, machine, root = [], None, None
    for number, delivery in enumerate(deliveries):
        if delivery["machine"] != machine:
            machine, root = delivery["machine"], os.path.join(folder, "root-%d" % number)
            agent.HOME = os.path.join(folder, "home-%d" % number)
            os.makedirs(root)
        commands = os.path.join(root, "commands")
        with open(commands, "w"):
            pass
        inputs = [{"name": name, "value": value} for name, value in delivery["inputs"].items()]
        result = agent.perform(agent.Machine(root), {"inputs": inputs}, json.loads(delivery["bundle"]))
        with open(commands) as file:
            told.append({"error": result["stderr"], "commands": [json.loads(line) for line in file]})
    return told


lives = json.load(sys.stdin)
with contextlib.redirect_stdout(sys.stderr):
    answer = []
    for deliveries in lives:
        with tempfile.TemporaryDirectory() as folder:
            answer.append(live(deliveries, folder))
json.dump(answer, sys.stdout)
