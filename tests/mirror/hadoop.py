"""What tests of Hadoop on nodes that are containers have in common: a definition from blocks, a project, and looks at it."""

import argparse
import ipaddress
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINE = shutil.which("podman") or shutil.which("docker")
PLACES = {"hadoop": "hadoop/common/hadoop-3.5.0/hadoop-3.5.0.tar.gz",
          "zookeeper": "zookeeper/zookeeper-3.9.5/apache-zookeeper-3.9.5-bin.tar.gz"}
EXAMPLES = "/opt/hadoop-3.5.0/share/hadoop/mapreduce/hadoop-mapreduce-examples-3.5.0.jar"


# All nodes have the disk of this host, which may be fuller than one of a machine's own.
DISK = """disk_reserve_percent = 0
config "yarn-site.xml" {
  set = { "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage" = 100 }
}"""


def options_of(text, network):
    options = argparse.ArgumentParser(description=text.split("\n")[0])
    options.add_argument("--disco", default=os.path.join(HERE, "../../target/debug/disco"))
    options.add_argument("--network", default=network)
    options.add_argument("--mirror", type=int, default=8085, metavar="PORT", help="where the mirror is served on this host")
    options.add_argument("--folder", default=os.path.join(HERE, "../../target/mirror"), help="where the mirror's root is")
    options.add_argument("--keep", action="store_true", help="leave the cluster there")
    return options.parse_args()


def framework(options, name, settings):
    """The block of a framework whose archive is the mirror's."""
    first = next(ipaddress.ip_network(options.network).hosts())
    with open(os.path.join(options.folder, PLACES[name] + ".sha512")) as file:
        digest = next(word for word in file.read().split() if len(word) == 128)
    return 'framework "%s" {\n%s\nmirrors = ["http://%s:%d"]\nsha512 = "%s"\n}' % (name, settings, first, options.mirror, digest)


def definition(options, cluster, masters, slaves, blocks):
    return """
provider "local" { nodes = "container" }
variable "slaves" {
  type    = number
  default = %d
}
cluster "%s" {
  image = "debian-12"
  network { cidr = "%s" }
  master {
    count  = %d
    flavor = "m1.medium"
  }
  slaves {
    count  = var.slaves
    flavor = "m1.medium"
  }
  %s
}
""" % (slaves, cluster, options.network, masters, "\n".join(blocks))


class Project:
    def __init__(self, disco, folder, cluster):
        self.binary, self.folder, self.cluster = os.path.abspath(disco), folder, cluster

    def disco(self, *words, codes=(0,), warnings=False):
        """What it writes, with its warnings where they are asked for."""
        done = subprocess.run([self.binary, *words], cwd=self.folder, text=True, capture_output=True)
        if done.returncode not in codes:
            raise SystemExit("disco %s ended with %d:\n%s" % (" ".join(words), done.returncode, done.stdout + done.stderr))
        return done.stdout + (done.stderr if warnings else "")

    def container(self, node):
        names = subprocess.run([ENGINE, "ps", "--format", "{{.Names}}"], text=True, capture_output=True).stdout.split()
        return next((name for name in names if re.fullmatch("%s-%s-[0-9a-f]+" % (self.cluster, node), name)), None)

    def start(self, node, user, command):
        words = ["runuser", "-u", user, "--", "bash", "-lc", command]
        return subprocess.Popen([ENGINE, "exec", self.container(node), *words], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)

    def on(self, node, user, command):
        process = self.start(node, user, command)
        return process.communicate()[0]

    def status(self):
        return json.loads(self.disco("status", "--json", codes=(0, 2)))["clusters"][0]

    def is_healthy(self):
        """What is wrong with HDFS by its own words; nothing where no block is missing or lacks a copy."""
        found = self.on("slaves-0", "hdfs", "hdfs fsck / 2>/dev/null")
        return "is HEALTHY" in found and "Under-replicated blocks:\t0" in found, found[-3000:]


def expect(what, holds, shown=""):
    print(("ok      " if holds else "FAILED  ") + what, flush=True)
    if not holds:
        raise SystemExit(str(shown))


def until(what, holds, seconds, told=lambda: {}):
    began, shown = time.monotonic(), None
    while time.monotonic() - began < seconds:
        shown = holds()
        if shown:
            print("ok      %s, after %.0f s" % (what, time.monotonic() - began), flush=True)
            return shown
        time.sleep(5)
    raise SystemExit("FAILED  %s, not within %d s: %s" % (what, seconds, told().get("troubles", shown)))


def told(text):
    """Lines that are part of what is looked at, set off from the rest."""
    print("        " + "\n        ".join(text.strip().splitlines()), flush=True)


def carry_out(options, cluster, text, run):
    """Makes a cluster in a folder of its own, looks at it, and destroys it."""
    project = Project(options.disco, tempfile.mkdtemp(prefix="hadoop-on-nodes-"), cluster)
    with open(project.folder + "/main.disco.hcl", "w") as file:
        file.write(text)
    try:
        began = time.monotonic()
        print(project.disco("apply", "--auto-approve").strip().splitlines()[-1], flush=True)
        told("made in %.0f s" % (time.monotonic() - began))
        run(project)
    finally:
        if options.keep:
            print("it is in %s" % project.folder)
        else:
            project.disco("destroy", "--auto-approve")
            project.disco("local", "stop")
            shutil.rmtree(project.folder)
