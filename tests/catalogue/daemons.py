#!/usr/bin/python3
"""The catalogue's frameworks on real daemons: clusters of small machines inside this one, and jobs that run on them.

    sudo tests/catalogue/daemons.py --disco target/debug/disco [--work FOLDER] [SCENE ...]

A machine here is a root folder of its own (an overlay over this system), a network namespace and a host name. What it
gets is what `disco template` says: the node agent of the bundle carries the bundle out, with a `systemctl` that starts
units as plain processes. Archives come from a mirror that `tests/mirror/assemble` makes in FOLDER, where they are kept for
the next time.

Needs root (namespaces, overlays), a JDK 17, Maven, iproute2. Ordinary test runs never run it.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

SPARK, HADOOP = "4.3.0", "3.5.0"
SWITCH, GATEWAY, PORT = "disco-lab", "10.20.0.1", 8000

SECRET = "known-to-the-lab"
SCENES = {
    "standalone": ("m1.small", 'framework "spark" { %(spark)s\n secret = "' + SECRET + '" }'),
    "standalone-hdfs": ("m1.medium", 'framework "hadoop" { %(hadoop)s\n yarn = false }\n framework "spark" { %(spark)s\n }'),
    "shared": ("m1.medium", 'framework "hadoop" { %(hadoop)s\n }\n framework "spark" { %(spark)s\n run_on = "standalone" }'),
    "yarn": ("m1.medium", 'framework "hadoop" { %(hadoop)s\n }\n framework "spark" { %(spark)s\n }'),
}

SYSTEMCTL = r'''#!/usr/bin/python3
"""Starts units as plain processes: what this machine has of systemd."""
import os, re, signal, shlex, subprocess, sys, time

words = [word for word in sys.argv[1:] if not word.startswith("-")]
def pid(unit):
    try:
        number = int(open("/run/lab/%s.pid" % unit).read())
        os.kill(number, 0)
        return number
    except (OSError, ValueError):
        return None
def stop(unit):
    number = pid(unit)
    if number:
        os.killpg(number, signal.SIGTERM)
        for _ in range(200):
            if not pid(unit): return
            time.sleep(0.1)
        os.killpg(number, signal.SIGKILL)
def start(unit):
    if pid(unit): return
    user, environment, command = "root", {"PATH": os.environ["PATH"]}, ""
    for line in open("/etc/systemd/system/" + unit):
        name, _, value = line.strip().partition("=")
        value = value.replace("%%", "%")
        if name == "User": user = value
        elif name == "ExecStart": command = value.replace("$$", "$")
        elif name == "Environment":
            key, _, value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\").partition("=")
            environment[key] = value
    log = open("/var/log/lab/%s.log" % unit, "ab")
    process = subprocess.Popen(["setpriv", "--reuid", user, "--regid", subprocess.check_output(["id", "-g", user], text=True).strip(),
        "--init-groups"] + shlex.split(command), env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    open("/run/lab/%s.pid" % unit, "w").write(str(process.pid))
os.makedirs("/run/lab", exist_ok=True); os.makedirs("/var/log/lab", exist_ok=True)
for unit in words[1:]:
    if words[0] == "restart": stop(unit); start(unit)
    if words[0] == "start": start(unit)
    if words[0] == "stop": stop(unit)
'''

CARRY_OUT = r'''
import json, sys
sys.path.insert(0, "/root/lab")
import agent
bundle, inputs = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
deployment = {"inputs": [{"name": name, "value": value} for name, value in inputs.items()]}
result = agent.perform(agent.Machine(), deployment, bundle)
print(result["stderr"], file=sys.stderr)
sys.exit(result["status"])
'''


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise SystemExit("%s\nended with %d:\n%s" % (" ".join(map(str, command)), done.returncode, done.stdout[-6000:]))
    return done.stdout


# --- the mirror ------------------------------------------------------------------------------------------------------

def archive(name, work):
    """The SHA-512 of an archive of the mirror, which is made if it is not there."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../mirror/assemble")
    loader = importlib.machinery.SourceFileLoader("assemble", path)
    mirror = importlib.util.module_from_spec(importlib.util.spec_from_loader("assemble", loader))
    loader.exec_module(mirror)
    return mirror.assemble(name, work + "/mirror")[1]


# --- machines --------------------------------------------------------------------------------------------------------

class Node:
    """A machine of the lab."""

    def __init__(self, folder, group, index, address):
        self.group, self.index, self.address = group, index, address
        self.name = "lab-%s-%d" % (group, index)
        self.space = "disco-lab-%s-%d" % (group, index)
        self.folder = os.path.join(folder, self.name)
        self.root = self.folder + "/root"

    def up(self):
        link = "v-%s%d" % (self.group[:6], self.index)
        run(["ip", "netns", "add", self.space])
        run(["ip", "link", "add", "eth0", "netns", self.space, "type", "veth", "peer", "name", link, "netns", SWITCH])
        run(["ip", "-n", self.space, "addr", "add", self.address + "/24", "dev", "eth0"])
        for name in ("lo", "eth0"):
            run(["ip", "-n", self.space, "link", "set", name, "up"])
        run(["ip", "-n", SWITCH, "link", "set", link, "master", "br0", "up"])
        for name in ("upper", "work", "root"):
            os.makedirs(self.folder + "/" + name)
        run(["mount", "-t", "overlay", "overlay", "-o", "lowerdir=/,upperdir=%s/upper,workdir=%s/work" % (self.folder, self.folder), self.root])
        run(["mount", "-t", "proc", "proc", self.root + "/proc"])
        run(["mount", "-t", "tmpfs", "-o", "mode=755", "dev", self.root + "/dev"])
        for name, minor in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)):
            os.mknod("%s/dev/%s" % (self.root, name), 0o666 | stat.S_IFCHR, os.makedev(1, minor))
            os.chmod("%s/dev/%s" % (self.root, name), 0o666)
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            os.symlink("/proc/self/fd/%d" % number, "%s/dev/%s" % (self.root, name))
        os.symlink("/proc/self/fd", self.root + "/dev/fd")
        os.mkdir(self.root + "/dev/shm", 0o777)
        os.chmod(self.root + "/dev/shm", 0o1777)
        run(["mount", "-t", "tmpfs", "-o", "mode=1777", "tmp", self.root + "/tmp"])
        self.write("/etc/hosts", "127.0.0.1 localhost\n")
        self.write("/etc/resolv.conf", "")
        self.write("/root/lab/systemctl", SYSTEMCTL, 0o755)
        self.write("/root/lab/apt-get", "#!/bin/sh\nexit 0\n", 0o755)
        self.write("/root/lab/carry_out.py", CARRY_OUT)
        self.run(["useradd", "--create-home", "--shell", "/bin/bash", "debian"])

    def write(self, path, text, mode=0o644):
        path = self.root + path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.islink(path):
            os.remove(path)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def command(self, command, user=None):
        path = "/root/lab:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        inner = ["runuser", "-u", user, "--"] + command if user else command
        return ["ip", "netns", "exec", self.space, "unshare", "--uts", "--mount", "sh", "-c",
                'hostname "$0"; root=$1; shift; exec chroot "$root" env -i PATH=%s HOME=/root TERM=dumb "$@"' % path,
                self.name, self.root] + inner

    def run(self, command, user=None, timeout=900):
        return run(self.command(command, user), timeout=timeout)

    def start(self, name, bundle, inputs):
        """Starts the agent on a bundle."""
        if bundle["kind"] == "node":
            self.write("/root/lab/agent.py", bundle["agent"])
        self.write("/root/lab/%s.json" % name, json.dumps(bundle))
        self.write("/root/lab/%s-inputs.json" % name, json.dumps(inputs))
        log = open("%s/%s.log" % (self.folder, name), "w")
        words = ["/usr/bin/python3", "/root/lab/carry_out.py", "/root/lab/%s.json" % name, "/root/lab/%s-inputs.json" % name]
        return subprocess.Popen(self.command(words), stdout=log, stderr=log)

    def log(self, name):
        return open("%s/%s.log" % (self.folder, name)).read()

    def tails(self):
        """The end of what each unit said."""
        logs = self.root + "/var/log/lab"
        names = sorted(os.listdir(logs)) if os.path.isdir(logs) else []
        said = ["-- %s: %s\n%s" % (self.name, name, open(logs + "/" + name, errors="replace").read()[-3000:]) for name in names]
        return "\n".join(said)

    def down(self):
        pids = subprocess.run(["ip", "netns", "pids", self.space], stdout=subprocess.PIPE, text=True).stdout.split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.5 if pids else 0)
        for name in ("/tmp", "/dev", "/proc", ""):
            subprocess.run(["umount", "-l", self.root + name], stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "del", self.space], stderr=subprocess.DEVNULL)


class Lab:
    """A cluster of machines with one definition."""

    def __init__(self, work, disco, scene):
        self.folder = "%s/clusters/%s" % (work, scene)
        if self.folder in open("/proc/self/mountinfo").read():
            raise SystemExit("something is still mounted below %s" % self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder + "/project")
        flavor, frameworks = SCENES[scene]
        mirrors = 'mirrors = ["http://%s:%d"]\n sha512 = "%%s"' % (GATEWAY, PORT)
        frameworks = frameworks % {name: mirrors % archive(name, work) if name in frameworks else "" for name in ("spark", "hadoop")}
        with open(self.folder + "/project/lab.disco.hcl", "w") as file:
            file.write(re.sub("\n +", "\n", '''cluster "lab" {
                image = "debian-12"
                network { cidr = "10.20.0.0/24" }
                master { flavor = "%s" }
                slaves {
                  count  = 2
                  flavor = "%s"
                }
                %s
                }''' % (flavor, flavor, frameworks.replace("{ ", "{\n").replace(" }", "\n}"))))
        self.template = json.loads(run([disco, "-C", self.folder + "/project", "template", "--json"]))
        self.nodes = []
        for name, resource in self.template["resources"].items():
            if resource["type"] == "OS::Neutron::Port":
                group, index = re.match(r"(.*)-(\d+)-port$", name).groups()
                address = resource["properties"]["fixed_ips"][0]["ip_address"]
                self.nodes.append(Node(self.folder, group, int(index), address))
        self.master = next(node for node in self.nodes if node.group == "master")
        self.mirror = None
        self.work = work

    def up(self):
        run(["ip", "netns", "add", SWITCH])
        run(["ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge"])
        run(["ip", "-n", SWITCH, "addr", "add", GATEWAY + "/24", "dev", "br0"])
        for name in ("lo", "br0"):
            run(["ip", "-n", SWITCH, "link", "set", name, "up"])
        for node in self.nodes:
            node.up()
        self.mirror = subprocess.Popen(
            ["ip", "netns", "exec", SWITCH, "/usr/bin/python3", "-m", "http.server", "--bind", GATEWAY, str(PORT), "--directory", self.work + "/mirror"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def down(self):
        if self.mirror:
            self.mirror.kill()
        for node in self.nodes:
            node.down()
        subprocess.run(["ip", "netns", "del", SWITCH], stderr=subprocess.DEVNULL)

    def deployment(self, name):
        """The bundle of a deployment, and its inputs with parameters filled in."""
        properties = self.template["resources"][name]["properties"]
        config = self.template["resources"][properties["config"]["get_resource"]]
        inputs = {"deploy_resource_name": name, "deploy_signal_transport": "NO_SIGNAL"}
        for key, value in properties["input_values"].items():
            # A template names secrets only; there is one in these definitions.
            inputs[key] = SECRET if isinstance(value, dict) and "get_param" in value else value
        return json.loads(config["properties"]["config"]), inputs

    def apply(self):
        """All nodes at once, then the verification on the master."""
        def finish(agents):
            for node, name, agent in agents:
                if agent.wait() != 0:
                    raise SystemExit("%s failed:\n%s" % (name, node.log(name)))
        started = time.monotonic()
        agents = []
        for node in self.nodes:
            name = "%s-%d-deployment" % (node.group, node.index)
            agents.append((node, name, node.start(name, *self.deployment(name))))
        finish(agents)
        print("nodes configured after %.0f s" % (time.monotonic() - started), flush=True)
        finish([(self.master, "verify-deployment", self.master.start("verify-deployment", *self.deployment("verify-deployment")))])
        print(self.master.log("verify-deployment").strip(), flush=True)

    def get(self, path):
        return json.loads(self.master.run(["curl", "-sSf", "--max-time", "20", path]))

    def hdfs(self, *words, user="hdfs"):
        return self.master.run(["/opt/hadoop-%s/bin/hdfs" % HADOOP, "dfs", *words], user=user)

    def submit(self, name, *words):
        """A job as the person `debian` would submit it."""
        started = time.monotonic()
        out = self.master.run(["bash", "-lc", "cd ~ && spark-submit " + " ".join(words)], user="debian")
        print("%s: %.0f s" % (name, time.monotonic() - started), flush=True)
        return out


# --- scenes ----------------------------------------------------------------------------------------------------------

WORDCOUNT = r'''
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.appName("wordcount").getOrCreate()
hosts = spark.sparkContext.parallelize(range(200), 20).map(lambda _: __import__("socket").gethostname()).distinct().collect()
words = spark.sparkContext.textFile(sys.argv[1]).flatMap(str.split).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
print("COUNTED", sorted(words.collect()))
if not sys.argv[1].startswith("file:"):
    words.coalesce(1).saveAsTextFile("counted")
print("HOSTS", sorted(hosts))
frame = spark.range(100000).selectExpr("id % 10 as k").groupBy("k").count()
print("GROUPS", frame.count(), "PARTITIONS", spark.conf.get("spark.sql.shuffle.partitions"))
'''


def check(what, holds):
    print("%s %s" % ("ok  " if holds else "FAIL", what), flush=True)
    if not holds:
        raise SystemExit(1)


def play(lab, scene):
    hdfs, standalone = scene != "standalone", scene != "yarn"
    if standalone:
        seen = lab.get("http://127.0.0.1:8080/json/")
        check("two workers alive: %s" % [(one["host"], one["cores"], one["memory"]) for one in seen["workers"]],
              sorted(one["host"] for one in seen["workers"] if one["state"] == "ALIVE") == ["lab-slaves-0", "lab-slaves-1"])
        rest = subprocess.run(lab.master.command(["curl", "-s", "--max-time", "3", "http://lab-master-0:6066/"]), stdout=subprocess.PIPE)
        check("nothing listens on 6066", rest.returncode == 7)
    pi = lab.submit("pi", "/opt/spark-%s/examples/src/main/python/pi.py 4" % SPARK)
    check("pi", "Pi is roughly 3.1" in pi)
    lab.master.write("/home/debian/wordcount.py", WORDCOUNT)
    lab.master.write("/home/debian/words.txt", "one two two three three three\n" * 1000)
    if hdfs:
        lab.hdfs("-put", "/home/debian/words.txt", "/user/debian/words.txt", user="debian")
        where = "words.txt"
    else:
        for node in lab.nodes:
            node.write("/srv/words.txt", "one two two three three three\n" * 1000)
        where = "file:///srv/words.txt"
    out = lab.submit("wordcount", "wordcount.py", where)
    check("wordcount", "COUNTED [('one', 1000), ('three', 3000), ('two', 2000)]" in out)
    check("work ran on both slaves", "HOSTS ['lab-slaves-0', 'lab-slaves-1']" in out or (not standalone and "HOSTS ['lab-slaves-" in out))
    if not standalone:
        out = lab.submit("pi in cluster mode", "--deploy-mode cluster /opt/spark-%s/examples/src/main/python/pi.py 4" % SPARK)
        check("pi in cluster mode", "final status: SUCCEEDED" in out)
    for _ in range(30):
        shown = lab.get("http://127.0.0.1:18080/api/v1/applications")
        done = [one["name"] for one in shown if one["attempts"][0]["completed"]]
        if len(done) >= 2:
            break
        time.sleep(1)
    check("the history server shows %s" % done, "wordcount" in done and "PythonPi" in done)
    if hdfs:
        listing = lab.hdfs("-ls", "/spark/history")
        print(listing.strip())
        check("event logs lie in HDFS", "spark" in listing and "eventlog" in listing)
        copies = lab.hdfs("-stat", "%r", "/user/debian/counted/part-00000")
        check("Spark's own files have as many copies as HDFS is set to", copies.split()[-1] == "2")
    for node in lab.nodes:
        name = "%s-%d-deployment" % (node.group, node.index)
        bundle, inputs = lab.deployment(name)
        agent = node.start("again", bundle, inputs)
        check("%s: applied again" % node.name, agent.wait() == 0 and "wrote" not in node.log("again") and "started" not in node.log("again"))


def decommission(lab):
    """A worker is told to go, by the master and on the master, and says that it does."""
    lab.master.run(["curl", "-sSf", "-X", "POST", "http://127.0.0.1:8080/workers/kill/?host=lab-slaves-1"])
    for _ in range(30):
        states = {one["host"]: one["state"] for one in lab.get("http://127.0.0.1:8080/json/")["workers"]}
        if states.get("lab-slaves-1") == "DECOMMISSIONED":
            break
        time.sleep(1)
    check("a worker goes when told to: %s" % states, states == {"lab-slaves-0": "ALIVE", "lab-slaves-1": "DECOMMISSIONED"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--disco", required=True, help="the program")
    parser.add_argument("--work", default="/tmp/disco-daemons", help="where archives are kept and machines live")
    parser.add_argument("scenes", nargs="*", default=list(SCENES))
    options = parser.parse_args()
    if os.environ.get("DISCO_LAB") != "mounted apart":
        # What is mounted here goes away with this process, whatever happens.
        os.environ["DISCO_LAB"] = "mounted apart"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable] + sys.argv)
    for scene in options.scenes:
        print("== %s" % scene, flush=True)
        lab = Lab(options.work, os.path.abspath(options.disco), scene)
        try:
            lab.up()
            lab.apply()
            play(lab, scene)
            if scene == "standalone":
                decommission(lab)
        except SystemExit:
            for node in lab.nodes:
                print(node.tails(), file=sys.stderr)
            raise
        finally:
            lab.down()


if __name__ == "__main__":
    main()
