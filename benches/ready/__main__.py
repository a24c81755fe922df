"""Time to ready of clusters whose nodes are containers, as `disco apply --json` tells it, and of the same in sequence."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

PROJECT = """\
provider "local" {{ nodes = "container" }}
cluster "bench" {{
  image = "debian-12"
  network {{ cidr = "{cidr}" }}
  master {{ flavor = "{flavor}" }}
  slaves {{
    count  = {slaves}
    flavor = "{flavor}"
  }}
  lifecycle {{ smoke_test = false }}
  {framework}
}}
"""
HADOOP = """framework "hadoop" {{
    mirrors = ["{mirror}"]
    sha512  = "{sha512}"
  }}"""
# A service of every node that needs nothing but python3.
LIGHT = """\
description = "A page on every slave"
version "1" {}
user "light" {}
service "page" {
  description = "Page"
  on          = "slaves"
  unit        = "light-page"
  user        = "light"
  exec        = ["/usr/bin/python3", "-m", "http.server", "8765"]
  memory      = 64
  ready { port = "page" }
}
port "page" {
  description = "Page"
  service     = "page"
  port        = 8765
}
"""


def run(*command, **more):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **more).stdout


class Cluster:
    """One project in a folder of its own; it is destroyed in the end, whatever happens."""

    def __init__(self, options, folder, slaves, framework, head=""):
        self.disco, self.folder = os.path.abspath(options.disco), folder
        text = PROJECT.format(cidr=options.cidr, flavor=options.flavor, slaves=slaves, framework=framework)
        with open(os.path.join(folder, "bench.disco.hcl"), "w") as file:
            file.write(head + text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for words in (["destroy", "--auto-approve"], ["local", "stop"]):
            subprocess.run([self.disco, *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def apply(self):
        """Seconds of the whole apply, and what it says of its phases."""
        began = time.monotonic()
        done = subprocess.run([self.disco, "apply", "--auto-approve", "--json"], cwd=self.folder, text=True,
                              stdout=subprocess.PIPE)
        took = time.monotonic() - began
        messages = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode:
            sys.exit("\n".join(message["@message"] for message in messages if message["@level"] == "error"))
        return took, next(message["timeline"] for message in messages if message["type"] == "timeline")


def table(took, timeline):
    for phase in timeline["phases"]:
        print("  %-10s median %6.1f s   slowest %6.1f s  %s" % (
            phase["phase"], phase["median_seconds"], phase["slowest_seconds"], phase["slowest"]))
    print("  %-10s        %6.1f s" % ("checks", sum(check["seconds"] for check in timeline["checks"])))
    print("  %-10s        %6.1f s" % ("ready", took))


def totals(timeline):
    return {node["addr"]: sum(node["phases"].values()) for node in timeline["nodes"]}


def container(engine, name):
    names = run(engine, "ps", "--format", "{{.Names}}").split()
    return next(known for known in names if known.startswith(name + "-"))


def in_sequence(engine, slaves, timeline):
    """What the same takes one after the other: the machines boot, the master is made, then each slave gets a copy of the
    master's folder and is started. Copies and starts are measured on these containers, the rest is as above."""
    boots = sum(node["phases"].get("boot", 0) for node in timeline["nodes"])
    master = next(node for node in timeline["nodes"] if ".master[" in node["addr"])
    took = boots + sum(seconds for phase, seconds in master["phases"].items() if phase != "boot")
    source = container(engine, "bench-master-0")
    for index in range(slaves):
        target = container(engine, "bench-slaves-%d" % index)
        units = ["hadoop-hdfs-datanode", "hadoop-yarn-nodemanager"]
        run(engine, "exec", target, "systemctl", "stop", *units)
        began = time.monotonic()
        run("sh", "-c", '"$1" exec "$2" tar -C /opt -czf - hadoop-3.5.0 | "$1" exec -i "$3" tar -C /opt -xzf -',
            "sh", engine, source, target)
        run(engine, "exec", target, "systemctl", "start", *units)
        run(engine, "exec", target, "python3", "-c",
            "import socket, time\nfor port in (9867, 8041):\n  while socket.socket().connect_ex(('127.0.0.1', port)): time.sleep(0.2)")
        took += time.monotonic() - began
    return took


def main():
    options = argparse.ArgumentParser(prog="ready.sh", description=__doc__)
    options.add_argument("--disco", required=True, help="the program to measure")
    options.add_argument("--mirror", help="root of a mirror with Hadoop that nodes reach; without it only sizes are compared")
    options.add_argument("--sha512", help="of Hadoop's archive there")
    options.add_argument("--engine", default="podman", help="podman or docker")
    options.add_argument("--cidr", default="10.26.0.0/24", help="network of the nodes")
    options.add_argument("--flavor", default="m1.small")
    options.add_argument("--slaves", type=int, default=3, help="slaves of the Hadoop cluster")
    options.add_argument("--sizes", default="4,8,12", help="containers with a light framework, the master counted")
    options = options.parse_args()
    missed = False
    if options.mirror:
        with tempfile.TemporaryDirectory() as folder:
            framework = HADOOP.format(mirror=options.mirror, sha512=options.sha512)
            with Cluster(options, folder, options.slaves, framework) as cluster:
                took, timeline = cluster.apply()
                print("Hadoop, 1 master and %d slaves:" % options.slaves)
                table(took, timeline)
                sequence = in_sequence(options.engine, options.slaves, timeline)
                ours = max(totals(timeline).values())
                print("  all nodes configured: %.1f s; in sequence: %.1f s; %.1f times" % (ours, sequence, sequence / ours))
                missed = sequence < 3 * ours
    for size in [int(size) for size in options.sizes.split(",") if size]:
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "catalogue", "light"))
            with open(os.path.join(folder, "catalogue", "light", "framework.hcl"), "w") as file:
                file.write(LIGHT)
            head = 'disco {\n  catalogues = ["catalogue"]\n}\n'
            with Cluster(options, folder, size - 1, 'framework "light" {}', head) as cluster:
                took, timeline = cluster.apply()
                print("%d containers: ready after %.1f s, slowest node %.1f s" % (size, took, max(totals(timeline).values())))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
