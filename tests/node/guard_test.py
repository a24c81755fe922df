"""Tests that only root reaches the metadata address on a node, in a network of their own: a namespace for the node, one
for the cloud, and a cable between them. Where that cannot be had, the tests say so. Run by `cargo test`."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
agent = joined.load(os.path.join(PLACE.name, "agent.py"))
OWN_NETWORK = 0x40000000

CLOUD = """
import ctypes, socket, sys, subprocess, threading, time
if ctypes.CDLL(None).unshare(%d):
    sys.exit("no network namespace")
print("there", flush=True)
sys.stdin.readline()
for command in (["addr", "add", "169.254.169.254/32", "dev", "cloud"], ["addr", "add", "fe80::a9fe:a9fe/64", "dev", "cloud", "nodad"],
                ["link", "set", "cloud", "up"], ["route", "add", "10.9.8.7", "dev", "cloud"]):
    subprocess.run(["ip", *command], check=True)
for family, address in ((socket.AF_INET, "169.254.169.254"), (socket.AF_INET6, "::")):
    door = socket.create_server((address, 80), family=family)
    def answer(door=door):
        while True:
            door.accept()[0].close()
    threading.Thread(target=answer, daemon=True).start()
print("ready", flush=True)
sys.stdin.readline()
""" % OWN_NETWORK


def why_not():
    if os.geteuid() != 0:
        return "only root makes networks"
    if shutil.which("ip") is None:
        return "there is no ip here"
    if ctypes.CDLL(None).unshare(OWN_NETWORK):
        return "no network namespace can be made here"
    return None


REASON = why_not()
CLOUD_PROCESS = None


def setUpModule():
    global CLOUD_PROCESS, REASON
    if REASON is not None:
        return
    CLOUD_PROCESS = subprocess.Popen([sys.executable, "-c", CLOUD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if CLOUD_PROCESS.stdout.readline() != "there\n":
        REASON = "no network namespace can be made here"
        return
    try:
        ip("link add node type veth peer name cloud netns %d" % CLOUD_PROCESS.pid)
    except subprocess.CalledProcessError:
        REASON = "no virtual cables here"
        return
    for words in ("link set lo up", "addr add 10.9.8.7/32 dev node", "link set node up",
                  "route add 169.254.169.254 dev node src 10.9.8.7"):
        ip(words)
    CLOUD_PROCESS.stdin.write("\n")
    CLOUD_PROCESS.stdin.flush()
    assert CLOUD_PROCESS.stdout.readline() == "ready\n"
    for _ in range(50):
        # IPv6 takes a moment to see the cable.
        if reaches("fe80::a9fe:a9fe%node", 0):
            break
        time.sleep(0.1)


def tearDownModule():
    if CLOUD_PROCESS is not None:
        CLOUD_PROCESS.kill()
        CLOUD_PROCESS.communicate()


def ip(words):
    subprocess.run(["ip", *words.split()], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reaches(address, account):
    """Whether an account of this node reaches the metadata service; the service's user 12345 has no entry anywhere."""
    code = """import os, socket, sys
place = socket.getaddrinfo(%r, 80, type=socket.SOCK_STREAM)[0]
os.setgroups([])
os.setgid(%d)
os.setuid(%d)
door = socket.socket(place[0], socket.SOCK_STREAM)
door.settimeout(0.5)
door.connect(place[4])""" % (address, account, account)
    return subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 0


class GuardTest(unittest.TestCase):
    def setUp(self):
        if REASON is not None:
            self.skipTest(REASON)
        self.machine = agent.Machine()
        self.machine.log = self.machine.lines.append
        self.which = shutil.which

    def tearDown(self):
        agent.shutil.which = self.which
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        for command in ("nft delete table inet disco", "iptables -F", "ip6tables -F", "ip rule del priority 1",
                        "ip -6 rule del priority 1"):
            if shutil.which(command.split()[0]):
                subprocess.run(command.split(), **quiet)

    def only(self, tool):
        """A machine that has one of the tools, or none."""
        agent.shutil.which = lambda name, *_: self.which(name) if name == tool or name not in ("nft", "iptables", "ip") else None

    def guards_with(self, tool):
        if self.which(tool) is None:
            self.skipTest("there is no %s here" % tool)
        self.only(tool)
        for address in ("169.254.169.254", "fe80::a9fe:a9fe%node"):
            self.assertTrue(reaches(address, 12345), "before")
        self.assertTrue(agent.reached_by_nobody())
        agent.guard_metadata(self.machine)
        self.assertEqual(self.machine.lines, ["only root reaches 169.254.169.254 from now on (%s)" % tool])
        for address in ("169.254.169.254", "fe80::a9fe:a9fe%node"):
            self.assertTrue(reaches(address, 0), address)
            self.assertFalse(reaches(address, 12345), address)
            self.assertFalse(reaches(address, 65534), address)
        self.assertFalse(agent.reached_by_nobody())
        # At the next boot, or the next deployment: nothing twice.
        began = time.monotonic()
        agent.guard_metadata(self.machine)
        self.assertEqual(len(self.machine.lines), 1)
        self.assertLess(time.monotonic() - began, 2)

    def test_with_nft(self):
        self.guards_with("nft")

    def test_with_iptables(self):
        self.guards_with("iptables")

    def test_with_routing_rules_alone(self):
        self.guards_with("ip")

    def test_without_any_of_them_a_deployment_fails_and_says_why(self):
        self.only(None)
        with self.assertRaises(agent.Failure) as caught:
            agent.guard_metadata(self.machine)
        self.assertEqual(str(caught.exception), (
            "all accounts of this machine may read its credentials at 169.254.169.254: nft is not installed; iptables is "
            "not installed; ip is not installed; use an image with nftables, iptables or iproute2"))

    def test_where_nothing_answers_it_is_a_line_of_the_log(self):
        self.only(None)
        before = agent.METADATA, agent.METADATA_6
        agent.METADATA, agent.METADATA_6 = "198.51.100.1", "fe80::1"
        try:
            agent.guard_metadata(self.machine)
        finally:
            agent.METADATA, agent.METADATA_6 = before
        self.assertIn("; nothing answers there now", self.machine.lines[0])


if __name__ == "__main__":
    unittest.main()
