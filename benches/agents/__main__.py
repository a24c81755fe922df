"""What a thousand node agents at rest cost a Heat: polls as the agent itself does, with its own rhythm and calls.

    python3 benches/agents STACK [--nodes 1000] [--seconds 300]

STACK is a stack of a cluster of DISCO on the cloud that OS_CLOUD names, whose nodes have been configured; the reference
client, `openstack`, must be there. Each of its servers stands for many. Where Heat's processes run on this machine, what
they use is read from /proc, as cores: 0.1 is a tenth of one. `--by-name` polls as machines do that do not know their
server's id.
"""

import argparse
import glob
import heapq
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "node"))
sys.dont_write_bytecode = True
import joined  # noqa: E402

PROCESSES = ("heat-api", "heat-engine", "keystone", "mariadbd")


def client(*words):
    return json.loads(subprocess.run(["openstack", *words, "-f", "json"], check=True, stdout=subprocess.PIPE).stdout)


def servers(stack):
    """Credentials of each server of a stack, as Heat puts them on the machine, and the server's id."""
    found = client("stack", "resource", "list", stack, "--filter", "type=OS::Nova::Server")
    for resource in found:
        metadata = subprocess.run(["openstack", "stack", "resource", "metadata", stack, resource["resource_name"]],
                                  check=True, stdout=subprocess.PIPE).stdout
        yield json.loads(metadata)["os-collect-config"]["heat"], resource["physical_resource_id"]


def seconds_of(word):
    """Processor time of all processes whose command line has a word in it."""
    ticks = 0
    for folder in glob.glob("/proc/[0-9]*"):
        try:
            with open(folder + "/cmdline", "rb") as file:
                command = file.read().replace(b"\0", b" ").decode(errors="replace")
            with open(folder + "/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if word in command and "benches/agents" not in command:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("stack")
    options.add_argument("--nodes", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--by-name", action="store_true")
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        agent = joined.load(os.path.join(folder, "agent.py"))
    size, lock, times = [], threading.Lock(), []
    before = agent.urllib.request.urlopen

    def urlopen(*arguments, **named):
        answer = before(*arguments, **named)
        read = answer.read
        answer.read = lambda *rest: size.append(len(text := read(*rest))) or text
        return answer
    agent.urllib.request.urlopen = urlopen
    heats = []
    for credentials, server in servers(options.stack):
        heat = agent.Heat(credentials)
        heat.session.login()
        heat.server = None if options.by_name else server
        heats.append(heat)
    rhythm = agent.Rhythm(options.nodes)
    rhythm.worked = time.monotonic() - 24 * 3600
    rest = rhythm.pause(time.monotonic())
    print("%d agents on %d servers, each every %.0f s at rest" % (options.nodes, len(heats), rest), flush=True)
    size.clear()

    def poll(heat):
        began = time.monotonic()
        heat.deployments()
        with lock:
            times.append(time.monotonic() - began)
    due = [(random.uniform(0, rest), number) for number in range(options.nodes)]
    heapq.heapify(due)
    used, began, failed = {word: seconds_of(word) for word in PROCESSES}, time.monotonic(), 0
    with ThreadPoolExecutor(16) as pool:
        waiting = []
        while due[0][0] < options.seconds:
            at, number = heapq.heappop(due)
            time.sleep(max(began + at - time.monotonic(), 0))
            waiting.append(pool.submit(poll, heats[number % len(heats)]))
            heapq.heappush(due, (at + agent.jittered(rest), number))
    failed = sum(future.exception() is not None for future in waiting)
    took = time.monotonic() - began
    times.sort()
    print("%d polls, %.1f a second, %d failed; median %.0f ms, %.1f KiB each" % (
        len(times), len(times) / took, failed, times[len(times) // 2] * 1000, sum(size) / max(len(size), 1) / 1024))
    for word in PROCESSES:
        print("%-12s %.3f cores" % (word, (seconds_of(word) - used[word]) / took))


if __name__ == "__main__":
    main()
