"""Tests of what the node agent does with disks, on real ones: loop devices, with file systems, mounted. Run by `cargo test`.

Services are processes that stand on a disk. Where this machine gives no loop devices (or no root), the tests say so and
do nothing.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
agent = joined.load(os.path.join(PLACE.name, "agent.py"))
# Without credentials there is nothing to guard: the metadata address here is that of whoever runs the tests.
agent.CREDENTIALS = os.path.join(PLACE.name, "credentials")

MIB = 1 << 20


def why_not():
    """Why there are no disks to play with here."""
    if os.geteuid() != 0:
        return "only root mounts disks"
    tools = ["losetup", "mkfs.ext4", "resize2fs", "blkid", "mount", "umount"]
    missing = [name for name in tools if shutil.which(name) is None]
    if missing:
        return "there is no %s here" % ", ".join(missing)
    if ctypes.CDLL(None, use_errno=True).unshare(0x00020000) != 0:
        return "mounts cannot be kept from others here"
    if subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL).returncode != 0:
        return "mounts cannot be kept from others here"
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(64 * MIB)
        try:
            device = subprocess.run(["losetup", "-f", "--show", file.name], stdout=subprocess.PIPE,
                                    stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip()
        except subprocess.CalledProcessError:
            return "there are no loop devices here"
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run(["mkfs.ext4", "-q", device]).returncode == 0
            fine = made and subprocess.run(["mount", device, folder], stderr=subprocess.DEVNULL).returncode == 0
            if fine:
                subprocess.run(["umount", folder], check=True)
        subprocess.run(["losetup", "-d", device], check=True)
        return None if fine else "loop devices cannot be mounted here"


REASON = why_not()
with open("/proc/self/status") as status:
    # CAP_SYS_RESOURCE, which containers are often without.
    MAY_GROW = any(line.startswith("CapEff:") and int(line.split()[1], 16) >> 24 & 1 for line in status)


class Dead(BaseException):
    """The machine loses its power."""


class Machine(agent.Machine):
    """This machine, whose /etc is elsewhere and whose services are processes of ours."""

    def __init__(self, root):
        super().__init__()
        self.root, self.services, self.commands, self.left, self.places = root, {}, [], None, {}

    def log(self, text):
        self.lines.append(text)

    def path(self, path):
        return self.root + path if path.startswith(("/etc/", "/run/")) else path

    def step(self):
        """One more thing is done; the power may fail before it."""
        if self.left is not None:
            if self.left == 0:
                raise Dead
            self.left -= 1

    def write(self, path, *rest, **named):
        self.step()
        return super().write(path, *rest, **named)

    def run(self, command, **options):
        self.step()
        self.commands.append(command)
        if command[0] == "resize2fs" and not MAY_GROW:
            return self.grow_unmounted(command[1])
        if command[0] != "systemctl":
            return super().run(command, **options)
        unit = command[-1]
        if command[1] in ("stop", "restart") or "--now" in command:
            self.end(unit)
        if command[1] in ("start", "restart") and unit not in self.services:
            # A service works in the folder that it is told of; without the disk that is not there.
            if not os.path.isdir(self.places[unit]):
                raise agent.Failure("%s has no folder" % unit)
            self.services[unit] = subprocess.Popen(["sleep", "1000"], cwd=self.places[unit])
        return ""

    def grow_unmounted(self, device):
        """What the kernel would do to a mounted file system, where it lets nobody do that."""
        with open("/proc/self/mountinfo") as file:
            point = [line.split(" ")[4] for line in file if " %s " % device in line][0]
        found = os.statvfs(point)
        with open(device, "rb") as disk:
            if disk.seek(0, os.SEEK_END) < 1.5 * found.f_blocks * found.f_frsize:
                return ""
        for command in (["umount", point], ["e2fsck", "-f", "-p", device], ["resize2fs", device], ["mount", device, point]):
            super().run(command)
        return ""

    def end(self, unit):
        process = self.services.pop(unit, None)
        if process:
            process.send_signal(signal.SIGTERM)
            process.wait()


def unit(name, user, command):
    return {"name": name, "framework": "f", "description": name, "user": user, "group": user, "exec": command,
            "environment": {}, "after": [], "needs_step": None}


@unittest.skipIf(REASON is not None, REASON)
class DisksTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.base = os.path.realpath(self.folder.name)
        self.devices, self.machine = {}, None
        agent.HOME = os.path.join(self.base, "home")
        agent.device_of = lambda volume: self.devices.get(volume)
        self.fresh()
        for volume in ("v-1", "v-2"):
            self.volume(volume, 64)

    def fresh(self):
        root = os.path.join(self.base, "root")
        os.makedirs(root + "/etc/systemd/system")
        with open(root + "/etc/fstab", "w") as file:
            file.write("UUID=strangers /srv ext4 defaults 0 2")
        self.machine = Machine(root)

    def tearDown(self):
        for name in list(self.machine.services):
            self.machine.end(name)
        with open("/proc/self/mountinfo") as file:
            points = [line.split(" ")[4] for line in file]
        for point in reversed([point for point in points if point.startswith(self.base)]):
            subprocess.run(["umount", point], check=True)
        for device in self.devices.values():
            subprocess.run(["losetup", "-d", device], check=True)
        self.folder.cleanup()

    def volume(self, name, mebibytes):
        """A volume comes, or is taken off the machine, grows and comes back."""
        path = os.path.join(self.base, name)
        if name in self.devices:
            with open("/proc/self/mountinfo") as file:
                self.assertNotIn(" %s " % self.devices[name], file.read(), "the cloud takes a disk that is mounted")
            subprocess.run(["losetup", "-d", self.devices[name]], check=True)
        with open(path, "ab") as file:
            file.truncate(mebibytes * MIB)
        done = subprocess.run(["losetup", "-f", "--show", path], stdout=subprocess.PIPE, text=True, check=True)
        self.devices[name] = done.stdout.strip()

    def at(self, path):
        return self.base + path

    def bundle(self, disks, directories=None, units=None):
        """Disks by mount point; a service of the owner of each folder that is on them."""
        whole = {"format": 1, "kind": "node", "cluster": "c", "group": "slaves", "role": "slave", "agent_gzip": "",
                 "hosts": [], "ssh_keys": [], "packages": [], "archives": [], "users": [], "files": [], "steps": [],
                 "probes": []}
        directories = disks if directories is None else directories
        folders = [self.at(path) + "/work" for path in directories]
        whole["disks"] = [{"volume": name, "mount": self.at(path)} for path, name in disks.items()]
        whole["directories"] = [{"path": path, "owner": "root:root", "mode": "0755"} for path in folders]
        whole["units"] = [unit("s%d.service" % at, "u", "/bin/serve %s" % path) for at, path in enumerate(folders)]
        self.machine.places = {"s%d.service" % at: path for at, path in enumerate(folders)}
        return whole

    def perform(self, bundle, volumes, **inputs):
        inputs.update({"volume-" + name: volume for name, volume in volumes.items()})
        entries = [{"name": name, "value": value} for name, value in inputs.items()]
        self.machine.commands.clear()
        return agent.perform(self.machine, {"inputs": entries}, bundle)

    def good(self, *given, **inputs):
        result = self.perform(*given, **inputs)
        self.assertEqual(result["stderr"], "")
        return result["stdout"]

    def mounts(self):
        """What is mounted where, below our folder, by the names of volumes."""
        names = {device: name for name, device in self.devices.items()}
        with open("/proc/self/mountinfo") as file:
            words = [line.split(" ") for line in file]
        return {line[4][len(self.base):]: names.get(line[line.index("-") + 2]) for line in words
                if line[4].startswith(self.base)}

    def table(self):
        with open(self.machine.root + "/etc/fstab") as file:
            return [line.split()[1] for line in file]

    def size(self, path):
        found = os.statvfs(self.at(path))
        return found.f_blocks * found.f_frsize // MIB

    def running(self):
        return sorted(name for name, process in self.machine.services.items() if process.poll() is None)

    def put(self, path, text):
        with open(self.at(path), "w") as file:
            file.write(text)

    def read(self, path):
        with open(self.at(path)) as file:
            return file.read()

    def test_a_volume_that_grows_is_let_go_first_and_its_file_system_grows_after(self):
        for kind in ("ext4", "xfs"):
            if shutil.which("mkfs." + kind) is None:
                continue
            with self.subTest(kind):
                small = {"ext4": 64, "xfs": 320}[kind]
                self.volume("v-" + kind, small)
                if kind == "xfs":
                    subprocess.run(["mkfs.xfs", "-q", self.devices["v-xfs"]], check=True)
                bundle, volumes = self.bundle({"/" + kind: "a"}), {"a": "v-" + kind}
                self.good(bundle, volumes)
                self.assertEqual((self.mounts(), self.running()), ({"/" + kind: "v-" + kind}, ["s0.service"]))
                self.put("/%s/work/block" % kind, "kept")
                before = self.size("/" + kind)
                self.good(bundle, volumes, release="a")
                self.assertEqual((self.mounts(), self.table(), self.running()), ({}, ["/srv"], []))
                # Once more, as after a signal that was lost: nothing is left to do.
                self.good(bundle, volumes, release="a")
                self.assertEqual(self.machine.commands, [])
                self.volume("v-" + kind, 3 * small)
                said = self.good(bundle, volumes)
                self.assertIn("has grown to", said)
                self.assertGreater(self.size("/" + kind), 2 * before)
                self.assertEqual((self.mounts(), self.running()), ({"/" + kind: "v-" + kind}, ["s0.service"]))
                self.assertEqual(self.table(), ["/srv", self.at("/" + kind)])
                self.assertEqual(self.read("/%s/work/block" % kind), "kept")
                process = self.machine.services["s0.service"].pid
                self.good(bundle, volumes)
                self.assertEqual(self.machine.services["s0.service"].pid, process, "nothing restarts")
                self.machine.end("s0.service")
                self.good(self.bundle({}), {})
                self.assertEqual((self.mounts(), self.table()), ({}, ["/srv"]))

    def test_a_volume_that_moves_takes_its_files_along(self):
        self.good(self.bundle({"/old": "a"}), {"a": "v-1"})
        self.put("/old/work/block", "kept")
        self.good(self.bundle({"/new": "a"}), {"a": "v-1"})
        self.assertEqual(self.mounts(), {"/new": "v-1"})
        self.assertEqual(self.read("/new/work/block"), "kept")
        self.assertEqual(self.table(), ["/srv", self.at("/new")])
        self.assertEqual(self.running(), ["s0.service"])
        self.assertEqual(os.listdir(self.at("/old")), [])

    def test_another_volume_takes_the_place_of_one(self):
        self.good(self.bundle({"/data": "a"}), {"a": "v-1"})
        self.put("/data/work/block", "gone")
        self.good(self.bundle({"/data": "b"}), {"b": "v-2"})
        self.assertEqual((self.mounts(), self.running()), ({"/data": "v-2"}, ["s0.service"]))
        self.assertEqual(os.listdir(self.at("/data/work")), [])
        # The first one can go now.
        self.volume("v-1", 64)

    def test_two_volumes_change_places(self):
        self.good(self.bundle({"/x": "a", "/y": "b"}), {"a": "v-1", "b": "v-2"})
        self.good(self.bundle({"/x": "b", "/y": "a"}), {"a": "v-1", "b": "v-2"})
        self.assertEqual((self.mounts(), self.running()), ({"/x": "v-2", "/y": "v-1"}, ["s0.service", "s1.service"]))
        self.assertEqual(sorted(self.table()), sorted(["/srv", self.at("/x"), self.at("/y")]))

    def test_what_is_mounted_on_a_disk_goes_and_comes_with_it(self):
        bundle, volumes = self.bundle({"/data": "a", "/data/work/more": "b"}), {"a": "v-1", "b": "v-2"}
        self.good(bundle, volumes)
        self.good(bundle, volumes, release="a")
        self.assertEqual((self.mounts(), self.running()), ({}, []))
        self.good(bundle, volumes)
        self.assertEqual(self.mounts(), {"/data": "v-1", "/data/work/more": "v-2"})
        self.assertEqual(self.running(), ["s0.service", "s1.service"])

    def test_a_service_whose_disk_stays_is_left_alone(self):
        bundle, volumes = self.bundle({"/x": "a", "/y": "b"}), {"a": "v-1", "b": "v-2"}
        self.good(bundle, volumes)
        other = self.machine.services["s1.service"].pid
        self.good(bundle, volumes, release="a")
        self.assertEqual((self.mounts(), self.running()), ({"/y": "v-2"}, ["s1.service"]))
        self.good(bundle, volumes)
        self.assertEqual(self.machine.services["s1.service"].pid, other)

    def test_a_disk_that_somebody_else_uses_stays_and_the_services_go_on(self):
        bundle, volumes = self.bundle({"/x": "a", "/y": "b"}), {"a": "v-1", "b": "v-2"}
        self.good(bundle, volumes)
        # `/y` is unmounted first, and comes back.
        stranger = subprocess.Popen(["sleep", "1000"], cwd=self.at("/x"))
        agent.PATIENCE, patience = 1, agent.PATIENCE
        try:
            result = self.perform(bundle, volumes, release="a b")
        finally:
            agent.PATIENCE = patience
            stranger.kill()
            stranger.wait()
        self.assertEqual(result["status"], 1)
        expected = "release: %s cannot be unmounted: it is in use by sleep (process %d); the services that use it are started again"
        self.assertEqual(result["stderr"], expected % (self.at("/x"), stranger.pid))
        self.assertEqual(self.mounts(), {"/x": "v-1", "/y": "v-2"})
        self.assertEqual(self.running(), ["s0.service", "s1.service"])
        self.assertEqual(self.table(), ["/srv", self.at("/x"), self.at("/y")])
        # When they have left, it goes.
        self.good(bundle, volumes, release="a b")
        self.assertEqual(self.mounts(), {})

    def test_a_disk_that_somebody_else_has_mounted_there_is_not_ours(self):
        os.makedirs(self.at("/x"))
        subprocess.run(["mkfs.ext4", "-q", self.devices["v-2"]], check=True)
        subprocess.run(["mount", self.devices["v-2"], self.at("/x")], check=True)
        result = self.perform(self.bundle({"/x": "a"}), {"a": "v-1"})
        expected = "disks: volume a cannot be mounted on %s: %s is mounted there" % (self.at("/x"), self.devices["v-2"])
        self.assertEqual(result["stderr"], expected)
        self.assertEqual(self.mounts(), {"/x": "v-2"})

    def test_an_earlier_agent_noted_nothing(self):
        """What it left is known by /etc/fstab, and who uses it by who owns what is on it."""
        bundle = self.bundle({"/old": "a"})
        self.good(bundle, {"a": "v-1"})
        os.remove(os.path.join(agent.HOME, "mounts.json"))
        shutil.chown(self.at("/old/work"), "nobody")
        path = self.machine.root + "/etc/systemd/system/s0.service"
        with open(path) as file:
            text = file.read().replace("User=u\n", "User=nobody\n").replace(self.at("/old"), "/unknown")
        with open(path, "w") as file:
            file.write(text)
        self.good(self.bundle({"/new": "a"}), {"a": "v-1"})
        self.assertEqual((self.mounts(), self.running()), ({"/new": "v-1"}, ["s0.service"]))
        self.assertEqual(self.table(), ["/srv", self.at("/new")])

    def test_wherever_the_power_fails_the_next_run_ends_as_if_it_had_not(self):
        """Before each command and each file that is written, all processes end and mounts go, as in a restart; or they
        stay, as when the agent alone is killed."""
        volumes = {"a": "v-1", "b": "v-2"}
        saved, noted = agent.Notes.save, agent.note_mounts

        def save(notes):
            self.machine.step()
            saved(notes)

        def note(mounts):
            self.machine.step()
            noted(mounts)

        agent.Notes.save, agent.note_mounts = save, note
        changes = [
            ({"/x": "a", "/y": "b"}, "a b"),
            ({"/x": "a", "/y": "b"}, None),
            ({"/x": "b", "/z": "a"}, None),
            ({"/z": "a"}, None),
        ]
        try:
            deaths = 0
            for restarts in (False, True):
                self.good(self.bundle({"/x": "a", "/y": "b"}), volumes)
                for disks, release in changes:
                    bundle = self.bundle(disks)
                    inputs = {"release": release} if release else {}
                    at = 0
                    while True:
                        self.machine.left = at
                        try:
                            self.good(bundle, volumes, **inputs)
                            break
                        except Dead:
                            deaths += 1
                            at += 1
                        finally:
                            self.machine.left = None
                        if restarts:
                            self.restart()
                    wanted = {} if release else {path: volumes[name] for path, name in disks.items()}
                    self.assertEqual(self.mounts(), wanted, (disks, release))
                    self.assertEqual(self.table(), ["/srv"] + sorted(self.at(path) for path in wanted))
                    self.assertEqual(self.running(), sorted(self.machine.places) if wanted else [])
                    with open(os.path.join(agent.HOME, "notes.json")) as file:
                        self.assertEqual(json.load(file)["restarts"], [] if wanted else ["s0.service", "s1.service"])
                # From the beginning again.
                self.good(self.bundle({}), {})
        finally:
            agent.Notes.save, agent.note_mounts = saved, noted
        self.assertGreater(deaths, 50)

    def restart(self):
        """The machine restarts: what is in /etc/fstab is mounted, what is enabled starts where it can."""
        for name in list(self.machine.services):
            self.machine.end(name)
        for point in sorted(self.mounts(), reverse=True):
            subprocess.run(["umount", self.at(point)], check=True)
        with open(self.machine.root + "/etc/fstab") as file:
            lines = [line.split() for line in file]
        for uuid, point, *_ in lines:
            device = subprocess.run(["blkid", "-U", uuid[5:]], stdout=subprocess.PIPE, text=True).stdout.strip()
            if point != "/srv" and device:
                subprocess.run(["mount", device, point], check=True)


if __name__ == "__main__":
    if REASON:
        print("skipped: %s" % REASON)
    unittest.main()
