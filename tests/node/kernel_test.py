"""Tests of what the node agent does to the machine itself, of further software, and of files that concern some units only. Run
by `cargo test`."""

import base64
import hashlib
import io
import os
import sys
import tarfile
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
agent = joined.load(os.path.join(PLACE.name, "agent.py"))


class Notes:
    def __init__(self):
        self.concerns, self.restarts = {}, []

    def will_restart(self, units):
        self.restarts.extend(units)

    def concern(self, path, concerns):
        self.concerns[path] = concerns


class Kernel(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.machine = agent.Machine(self.folder.name)

    def test_what_machines_must_be_like_is_kept_for_each_boot(self):
        wanted = {"sysctl": {"vm.swappiness": "1", "a.b": "2 3"}, "modules": ["br_netfilter"],
                  "transparent_hugepages": "never", "shared_memory_mib": 512}
        self.machine.write("/etc/fstab", "/dev/vda1 / ext4 defaults 0 1\n")
        agent.apply_machine(self.machine, wanted)
        lines = self.machine.read("/etc/sysctl.d/60-disco.conf").splitlines()
        self.assertEqual(lines[1:], ["a.b = 2 3", "vm.swappiness = 1"])
        self.assertIn("br_netfilter", self.machine.read("/etc/modules-load.d/disco.conf"))
        self.assertIn("transparent_hugepage/enabled - - - - never", self.machine.read("/etc/tmpfiles.d/disco-pages.conf"))
        self.assertIn("tmpfs /dev/shm tmpfs nosuid,nodev,size=512m 0 0", self.machine.read("/etc/fstab"))
        # What nobody wants any more goes, and what was there stays.
        agent.apply_machine(self.machine, {})
        self.assertIsNone(self.machine.read("/etc/sysctl.d/60-disco.conf"))
        self.assertIsNone(self.machine.read("/etc/tmpfiles.d/disco-pages.conf"))
        self.assertIn("/dev/vda1", self.machine.read("/etc/fstab"))
        self.assertNotIn("/dev/shm", self.machine.read("/etc/fstab"))

    def test_a_machine_of_which_nothing_is_asked_is_left_alone(self):
        agent.apply_machine(self.machine, {})
        self.assertEqual(os.listdir(self.folder.name), [])

    def test_accounts_have_numbers_groups_and_homes(self):
        user = {"name": "own", "group": "own", "home": "/home/own", "uid": 4000, "groups": ["video"], "shell": "/bin/bash",
                "home_mode": "0700"}
        agent.apply_users(self.machine, [user])
        commands = self.machine.read("/commands")
        self.assertIn('"--shell", "/bin/bash", "--uid", "4000", "own"', commands)
        self.assertIn('["usermod", "--append", "--groups", "video", "own"]', commands)
        self.assertEqual(os.stat(self.folder.name + "/home/own").st_mode & 0o777, 0o700)

    def test_files_may_be_any_bytes(self):
        data = bytes(range(256))
        item = {"path": "/etc/key", "content": [base64.b64encode(data).decode()], "restarts": ["a.service"], "keep": False,
                "mode": "0600", "owner": None, "base64": True}
        notes = Notes()
        agent.apply_files(self.machine, [item], {}, notes)
        with open(self.folder.name + "/etc/key", "rb") as file:
            self.assertEqual(file.read(), data)
        agent.apply_files(self.machine, [item], {}, notes)
        self.assertEqual(notes.restarts, ["a.service"])
        item["content"] = ["not base64!"]
        with self.assertRaisesRegex(agent.Failure, "/etc/key is not base64"):
            agent.apply_files(self.machine, [item], {}, notes)

    def test_a_change_restarts_whom_it_concerns(self):
        def item(text, **concerns):
            return {"path": "/etc/x", "content": [text], "restarts": ["a", "b"], "keep": False, "mode": "0644",
                    "owner": None, "concerns": concerns}
        notes = Notes()
        for text, concerns, restarts in [("1", {"a": "1", "b": "1"}, ["a", "b"]), ("2", {"a": "1", "b": "2"}, ["b"]),
                                         ("3", {"a": "1", "b": "2"}, []), ("4", {}, ["a", "b"]),
                                         ("5", {"a": "1", "b": "2"}, ["a", "b"])]:
            notes.restarts = []
            agent.apply_files(self.machine, [item(text, **concerns)], {}, notes)
            self.assertEqual(notes.restarts, restarts, text)


class Software(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        agent.CACHE = os.path.join(self.folder.name, "cache")
        agent.SHELF = agent.CACHE + "/served"
        self.machine = agent.Machine()
        self.machine.log = lambda text: None

    def served(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return "file://" + path, hashlib.sha512(data).hexdigest()

    def test_a_single_file_is_put_where_it_goes_and_replaced(self):
        target, notes = os.path.join(self.folder.name, "lib/a.jar"), Notes()
        for number, data in enumerate([b"one", b"one", b"two"]):
            url, digest = self.served("a.jar", data)
            archive = {"name": "f a", "version": "1", "urls": [url], "sha512": digest, "file": target,
                       "directory": os.path.dirname(target), "restarts": ["a.service"]}
            agent.apply_archives(self.machine, [archive], notes)
            with open(target, "rb") as file:
                self.assertEqual(file.read(), data)
            self.assertEqual(len(notes.restarts), [1, 1, 2][number])
        self.assertEqual(agent.placed_files({"archives": [archive], "files": []}), {target})
        self.assertEqual(agent.installed_folders({"archives": [archive]}), set())

    def test_leading_parts_of_paths_are_left_out(self):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name in ["./top/bin/x", "./top/y"]:
                member = tarfile.TarInfo(name)
                member.size = 1
                archive.addfile(member, io.BytesIO(b"x"))
        url, digest = self.served("x.tar", file.getvalue())
        for strip, found in [(0, ["top/bin/x", "top/y"]), (1, ["bin/x", "y"]), (2, ["x"])]:
            to = os.path.join(self.folder.name, "to%d" % strip)
            archive = {"name": "f x", "version": "1", "urls": [url], "sha512": digest, "directory": to, "strip": strip}
            agent.apply_archives(self.machine, [archive], Notes())
            paths = [os.path.relpath(os.path.join(root, name), to) for root, _, names in os.walk(to) for name in names]
            self.assertEqual(sorted(path for path in paths if path != ".disco-archive"), found)


if __name__ == "__main__":
    unittest.main()
