#!/usr/bin/env python3
"""Kills disco at random moments of apply, update and destroy, and looks at what is left.

    kill.py DISCO PROJECT KILLS [SEED [SLAVES]]

PROJECT has the variables `slaves` and `block_size`, and SLAVES machines for each of `slaves`, 1 if nothing is said.

Half of the kills hit a process that carries its embedded engine with it, half only the client of a served engine
(`disco local serve`). After each kill the state file must be whole; then the same command is run to its end and must
converge: the plan is empty, nothing exists twice, nothing is orphaned. The engine's store is read here by a reader of
its own, which knows nothing but the format of the log: a line is {"set": {KEY: VALUE}, "gone": [KEY]}.
"""

import collections
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SIZES = {"3": [], "5": ["--var", "slaves=5"], "2": ["--var", "slaves=2", "--var", "block_size=256m"]}
ENVIRONMENT = {"PATH": os.environ["PATH"], "DISCO_LOCAL_TIME_SCALE": "0.01"}


class Violation(Exception):
    pass


def check(condition, sentence):
    if not condition:
        raise Violation(sentence)


def read_store(folder):
    """The engine's entries by key, read from its log."""
    path = os.path.join(folder, ".disco", "engine", "log.jsonl")
    entries = {}
    if not os.path.exists(path):
        return entries
    lines = open(path, "rb").read().split(b"\n")
    for number, line in enumerate(lines):
        if not line:
            continue
        try:
            transaction = json.loads(line)
        except ValueError:
            check(number >= len(lines) - 1, f"line {number + 1} of the engine's log is torn, and it is not the last")
            continue
        entries.update(transaction.get("set", {}))
        for key in transaction.get("gone", []):
            entries.pop(key, None)
    return entries


def of_kind(entries, kind):
    return {key.split("/", 1)[1]: value for key, value in entries.items() if key.startswith(kind + "/")}


def read_state(folder):
    path = os.path.join(folder, "disco.state.json")
    if not os.path.exists(path):
        return None
    text = open(path, "rb").read()
    try:
        state = json.loads(text)
    except ValueError:
        raise Violation(f"the state is torn: {len(text)} bytes")
    check(state.get("lineage"), "the state has no lineage")
    return state


def open_intents(state):
    """Names of the stacks of which something was asked whose end is not noted."""
    return [name for cluster in state["clusters"].values() for name, stack in cluster["stacks"].items() if stack["intent"]]


def settled(folder, nodes):
    """Nothing twice, nothing orphaned, as many machines as asked for."""
    entries = read_store(folder)
    stacks = {id: stack for id, stack in of_kind(entries, "stack").items() if stack.get("deleted") is None}
    rows = list(of_kind(entries, "resource").values())
    things, servers, deployments = (of_kind(entries, kind) for kind in ("thing", "server", "deployment"))

    names = collections.Counter(stack["name"] for stack in stacks.values())
    check(all(count == 1 for count in names.values()), f"stacks exist twice: {names}")
    logical = collections.Counter((row["stack"], row["name"]) for row in rows)
    twice = [name for name, count in logical.items() if count > 1]
    check(not twice, f"resources exist twice: {twice}")
    check(all(row["stack"] in stacks for row in rows), "a resource has lost its stack")
    physical = collections.Counter(row["physical"] for row in rows if row["physical"])
    check(all(count == 1 for count in physical.values()), "two resources share a physical id")
    for what, found in (("thing", things), ("server", servers), ("deployment", deployments)):
        orphans = [id for id in found if not any(id in known for known in physical)]
        check(not orphans, f"orphaned {what}s: {orphans}")
    hosts = collections.Counter(server["name"] for server in servers.values())
    check(all(count == 1 for count in hosts.values()), f"machines exist twice: {hosts}")
    check(len(servers) == nodes, f"{len(servers)} machines instead of {nodes}: {sorted(hosts)}")

    state = read_state(folder)
    remembered = set()
    for cluster in (state or {}).get("clusters", {}).values():
        check(not open_intents({"clusters": {"": cluster}}), "an intent is still open")
        for stack in cluster["stacks"].values():
            remembered.update(resource["id"] for resource in stack["resources"].values() if resource.get("id"))
    lost = {id for id in physical} - remembered
    check(not lost, f"the state does not know of {sorted(lost)[:5]}")
    foreign = remembered - set(physical)
    check(not foreign, f"the state knows of things that are not there: {sorted(foreign)[:5]}")
    if nodes == 0:
        check(not rows and not stacks, f"left after destroy: {[row['name'] for row in rows]}")


class Trial:
    def __init__(self, disco, project, each):
        self.disco, self.each = disco, each
        self.folder = tempfile.mkdtemp(prefix="disco-kill-")
        for name in os.listdir(project):
            if name.endswith(".hcl"):
                shutil.copy(os.path.join(project, name), self.folder)
        self.lineage = None
        self.server = None

    def start(self, words):
        return subprocess.Popen([self.disco, *words], cwd=self.folder, env=ENVIRONMENT,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, words, expected=0):
        process = self.start(words)
        output = process.communicate(timeout=120)[0].decode()
        check(process.returncode == expected,
              f"`disco {' '.join(words)}` ended with {process.returncode}, not {expected}:\n{output}")
        return output

    def serve(self):
        self.server = self.start(["local", "serve", "--listen", "127.0.0.1:0"])
        self.server.stdout.readline()

    def stop_serving(self):
        if self.server:
            self.server.send_signal(signal.SIGINT)
            self.server.communicate(timeout=30)
            self.server = None

    def look(self):
        """The state is whole, and still the same project's."""
        state = read_state(self.folder)
        if state is None:
            check(self.lineage is None, "the state is gone")
            return False
        check(self.lineage in (None, state["lineage"]), "the state is another project's")
        self.lineage = state["lineage"]
        return bool(open_intents(state))

    def words(self, target):
        if target == "0":
            return ["destroy", "-auto-approve"]
        return ["apply", "-auto-approve", "--accept-data-loss", *SIZES[target]]

    def converge(self, target):
        self.run(self.words(target))
        self.look()
        if target != "0":
            self.run(["plan", "-detailed-exitcode", *SIZES[target]])
        settled(self.folder, 0 if target == "0" else int(target) * self.each + 1)

    def kill_server(self):
        if self.server:
            self.server.kill()
            self.server.communicate()
            self.server = None

    def close(self):
        shutil.rmtree(self.folder)


def main():
    disco, project, kills = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 32)
    each = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    chance = random.Random(seed)
    print(f"seed {seed}")
    done = {"in one process": 0, "client only": 0}
    early, amid, left_open = 0, 0, 0
    while sum(done.values()) < kills:
        served = done["client only"] < done["in one process"]
        trial = Trial(disco, project, each)
        try:
            if served:
                trial.serve()
            length = 1.0
            for _ in range(5):
                if sum(done.values()) >= kills:
                    break
                target = chance.choice("3525320")
                process = trial.start(trial.words(target))
                time.sleep(chance.uniform(0, length))
                process.kill()
                process.communicate()
                early += process.returncode == 0
                amid += process.returncode != 0
                done["client only" if served else "in one process"] += 1
                left_open += trial.look()
                if chance.random() < 0.5:
                    began = time.monotonic()
                    trial.converge(target)
                    length = 0.2 + 0.8 * (time.monotonic() - began)
            trial.converge("3")
            trial.converge("0")
            trial.stop_serving()
            settled(trial.folder, 0)
        except Violation as violation:
            print(f"VIOLATION after {sum(done.values())} kills ({'served' if served else 'in one process'}): {violation}")
            print(f"left as it is: {trial.folder}")
            return 1
        finally:
            trial.kill_server()
        trial.close()
    print(f"{sum(done.values())} kills ({done['in one process']} in one process, {done['client only']} client only): "
          f"{amid} hit a running command, {early} came after its end, {left_open} left an open intent; "
          "state whole, plans converged, nothing twice, nothing orphaned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
