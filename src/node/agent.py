#!/usr/bin/python3
"""DISCO's node agent: makes this machine what its bundle says, and tells Heat how it went.

Heat puts credentials on the machine (os-collect-config). The agent polls the metadata of its server resource for
software deployments of group `disco`, carries out each bundle that it has not carried out yet, and signals status
code, log and error. Applying a bundle twice changes nothing. The first failure stops and is signalled.

    agent.py                         poll for ever (what the loader starts)
    agent.py --once                  one round, then end
    agent.py --rehearse FOLDER       files go below FOLDER, commands are written to FOLDER/commands, not run
"""

import argparse
import base64
import glob
import grp
import gzip
import hashlib
import http.client
import json
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request

FORMAT = 1
RENEWED = 10
TAIL = 4000
CREDENTIALS = os.environ.get("DISCO_CREDENTIALS", "/var/lib/heat-cfntools/cfn-init-data")
HOME = os.environ.get("DISCO_HOME", "/var/lib/disco")
# Accounts that cloud images come with.
LOGINS = ("debian", "ubuntu", "rocky", "almalinux", "fedora", "cloud-user")
BEGIN, END = "# DISCO begins", "# DISCO ends"


class Failure(Exception):
    """What could not be done, in words for the person at `disco apply`."""


# --- Heat -----------------------------------------------------------------------------------------------------------

class Session:
    """A Keystone user of one project, and that project's Heat."""

    def __init__(self, auth_url, user_id, password, project_id, region=None):
        base = auth_url.rstrip("/")
        self.url = base if base.endswith("/v3") else base + "/v3"
        self.user_id, self.password, self.project_id, self.region = user_id, password, project_id, region
        self.token = self.heat = None

    def login(self):
        headers, answer = send("POST", self.url + "/auth/tokens", None, {"auth": {
            "identity": {"methods": ["password"],
                         "password": {"user": {"id": self.user_id, "password": self.password}}},
            "scope": {"project": {"id": self.project_id}}}})
        found = [endpoint["url"] for service in answer["token"]["catalog"] if service["type"] == "orchestration"
                 for endpoint in service["endpoints"]
                 if endpoint["interface"] == "public" and self.region in (None, "", endpoint.get("region"))]
        if not found:
            raise Failure("the service catalogue names no Heat")
        self.token, self.heat = headers["X-Subject-Token"], found[0].rstrip("/")

    def call(self, method, path, body=None):
        """Calls Heat; a token that ran out is renewed, once."""
        if self.token is None:
            self.login()
        try:
            return send(method, self.heat + path, self.token, body)[1]
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
        self.login()
        return send(method, self.heat + path, self.token, body)[1]


def send(method, url, token, body):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    if token:
        request.add_header("X-Auth-Token", token)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    try:
        return answer.headers, json.loads(text or b"null")
    except ValueError:
        return answer.headers, None


def signal(inputs, result):
    """Tells Heat how a deployment went."""
    if inputs.get("deploy_signal_transport", "HEAT_SIGNAL") != "HEAT_SIGNAL" or "deploy_auth_url" not in inputs:
        return
    session = Session(inputs["deploy_auth_url"], inputs["deploy_user_id"], inputs["deploy_password"],
                      inputs["deploy_project_id"], inputs.get("deploy_region_name"))
    path = "/stacks/%s/resources/%s/signal" % (inputs["deploy_stack_id"], inputs["deploy_resource_name"])
    session.call("POST", path, {"deploy_status_code": result["status"], "deploy_stdout": result["stdout"],
                                "deploy_stderr": result["stderr"]})


# --- the machine ----------------------------------------------------------------------------------------------------

class Machine:
    """Files and commands of this machine, or a rehearsal of them below a folder."""

    def __init__(self, rehearsal=None):
        self.rehearsal = rehearsal
        self.lines = []

    def log(self, text):
        self.lines.append(text)
        print("disco:", text, flush=True)

    def path(self, path):
        return path if self.rehearsal is None else os.path.join(self.rehearsal, path.lstrip("/"))

    def run(self, command, **options):
        """Runs a command given as a list: values are data and never meet a shell."""
        if self.rehearsal is not None:
            with open(os.path.join(self.rehearsal, "commands"), "a") as file:
                file.write(json.dumps(command) + "\n")
            return ""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", **options)
        if done.returncode != 0:
            raise Failure("`%s` ended with %d: %s" % (" ".join(command), done.returncode, done.stdout[-TAIL:].strip()))
        return done.stdout

    def read(self, path):
        try:
            with open(self.path(path), newline="") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, path, text, mode=0o644, owner=None):
        """Writes a file if it differs, aside and then renamed; says whether anything changed."""
        target = self.path(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        changed = self.read(path) != text
        if changed:
            descriptor = os.open(target + ".disco-new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self.own(path + ".disco-new", owner)
            os.chmod(target + ".disco-new", mode)
            os.replace(target + ".disco-new", target)
            self.log("wrote %s" % path)
        else:
            self.own(path, owner)
            os.chmod(target, mode)
        return changed

    def own(self, path, owner):
        if owner and self.rehearsal is None:
            user, _, group = (int(part) if part.isdigit() else part for part in owner.partition(":"))
            shutil.chown(path, user, group or None)

    def accounts(self):
        """Accounts of this machine; a rehearsal reads those below its folder."""
        if self.rehearsal is None:
            return pwd.getpwall()
        lines = [line.split(":") for line in (self.read("/etc/passwd") or "").splitlines()]
        return [pwd.struct_passwd((*line[:2], int(line[2]), int(line[3]), *line[4:7])) for line in lines if len(line) == 7]

    def knows_user(self, name):
        return self.rehearsal is None and any(entry.pw_name == name for entry in pwd.getpwall())

    def knows_group(self, name):
        return self.rehearsal is None and any(entry.gr_name == name for entry in grp.getgrall())


def managed(before, lines):
    """A text with our lines between our marks, everything else as it was."""
    kept, ours = [], False
    for line in (before or "").splitlines():
        if line == BEGIN:
            ours = True
        elif line == END:
            ours = False
        elif not ours:
            kept.append(line)
    return "\n".join(kept + [BEGIN] + lines + [END]) + "\n"


# --- items of a bundle ----------------------------------------------------------------------------------------------

def apply_hosts(machine, rules):
    """All names of the cluster, in place: containers bind-mount this file."""
    lines = []
    for rule in rules:
        first = int.from_bytes(socket.inet_aton(rule["first_address"]), "big")
        for step in range(rule["count"]):
            address = socket.inet_ntoa((first + step).to_bytes(4, "big"))
            lines.append("%s %s%d" % (address, rule["prefix"], rule["first_index"] + step))
    names = {line.split(" ")[1] for line in lines}
    before = machine.read("/etc/hosts") or "127.0.0.1 localhost\n"
    # Debian puts the own name on 127.0.1.1, which servers must not listen on.
    kept = [line for line in before.splitlines()
            if not (line.startswith("127.0.1.1") and names & set(line.split()[1:]))]
    after = managed("\n".join(kept), lines)
    if after != before:
        os.makedirs(machine.path("/etc"), exist_ok=True)
        with open(machine.path("/etc/hosts"), "w") as file:
            file.write(after)
        machine.log("wrote /etc/hosts, %d names" % len(lines))


def login(accounts):
    """The account that people log in with: the one that images of this kind have, else the first person's."""
    by_name = {entry.pw_name: entry for entry in accounts}
    known = [by_name[name] for name in LOGINS if name in by_name]
    return (known or [entry for entry in accounts if entry.pw_uid == 1000] or [None])[0]


def apply_ssh_keys(machine, keys):
    """Public keys of the definition beside those that are there; no account is made for them."""
    person = login(machine.accounts())
    if person is None:
        if keys:
            machine.log("no account to log in with, so SSH keys are not written")
        return
    owner = "%d:%d" % (person.pw_uid, person.pw_gid)
    path = person.pw_dir + "/.ssh/authorized_keys"
    before = machine.read(path)
    if not keys and BEGIN not in (before or ""):
        return
    folder = machine.path(person.pw_dir + "/.ssh")
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700)
        machine.own(person.pw_dir + "/.ssh", owner)
    machine.write(path, managed(before, keys), 0o600, owner)


def apply_packages(machine, packages):
    missing = packages
    if machine.rehearsal is None:
        missing = [name for name in packages if subprocess.run(
            ["dpkg-query", "-W", "-f", "${Status}", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True).stdout != "install ok installed"]
    if missing:
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        machine.run(["apt-get", "-q", "update"], env=quiet)
        machine.run(["apt-get", "-q", "-y", "install", "--no-install-recommends"] + missing, env=quiet)
        machine.log("installed %s" % ", ".join(missing))


def published_digest(text):
    """The SHA-512 in a publisher's file, in any of three layouts: BSD, coreutils, GPG."""
    whole = re.search(r"(?<![0-9a-fA-F])[0-9a-fA-F]{128}(?![0-9a-fA-F])", text)
    if whole:
        return whole.group(0).lower()
    spread = re.sub(r"[^0-9a-fA-F]", "", text.rpartition(":")[2])
    if len(spread) == 128:
        return spread.lower()
    raise Failure("no SHA-512 in what the publisher says: %r" % text[:200])


def download(machine, archive, digest, path):
    errors = []
    for url in archive["urls"]:
        try:
            sha = hashlib.sha512()
            with urllib.request.urlopen(url, timeout=60) as source, open(path, "wb") as file:
                while True:
                    part = source.read(1 << 20)
                    if not part:
                        break
                    sha.update(part)
                    file.write(part)
            if sha.hexdigest() == digest:
                machine.log("fetched %s" % url)
                return
            errors.append("%s has another SHA-512 than the publisher's" % url)
        except OSError as error:
            errors.append("%s: %s" % (url, error))
    raise Failure("%s %s cannot be fetched: %s" % (archive["name"], archive["version"], "; ".join(errors)))


def unpack(path, folder):
    """Unpacks without the first part of each path, and nothing outside the folder."""
    def inner(name):
        name = name.split("/", 1)[1] if "/" in name else ""
        return None if ".." in name.split("/") or name.startswith("/") else name
    with tarfile.open(path) as archive:
        for member in archive:
            name = inner(member.name)
            if not name:
                continue
            if member.islnk():
                member.linkname = inner(member.linkname) or name
            elif member.issym():
                target = os.path.normpath(os.path.join(os.path.dirname(name), member.linkname))
                if os.path.isabs(member.linkname) or target.startswith(".."):
                    continue
            member.name = name
            member.uid = member.gid = 0
            member.uname = member.gname = "root"
            archive.extract(member, folder)


def apply_archives(machine, archives):
    for archive in archives:
        digest = archive.get("sha512")
        if machine.rehearsal is not None:
            machine.run(["fetch", archive["name"], archive["version"], archive["directory"]])
            continue
        mark = os.path.join(archive["directory"], ".disco-archive")
        version = "%s %s" % (archive["name"], archive["version"])
        found = (machine.read(mark) or "").split("\n")
        if found[0] == version and (not digest or found[1:2] == [digest]):
            continue
        if not digest:
            with urllib.request.urlopen(archive["sha512_url"], timeout=60) as answer:
                digest = published_digest(answer.read().decode("utf-8", "replace"))
        os.makedirs("/var/cache/disco", exist_ok=True)
        path = "/var/cache/disco/%s-%s" % (archive["name"], archive["version"])
        download(machine, archive, digest, path)
        fresh = archive["directory"].rstrip("/") + ".disco-new"
        shutil.rmtree(fresh, ignore_errors=True)
        os.makedirs(fresh)
        unpack(path, fresh)
        with open(os.path.join(fresh, ".disco-archive"), "w") as file:
            file.write("%s\n%s\n" % (version, digest))
        shutil.rmtree(archive["directory"], ignore_errors=True)
        os.rename(fresh, archive["directory"])
        os.remove(path)
        machine.log("unpacked %s to %s" % (version, archive["directory"]))


def apply_users(machine, users):
    for user in users:
        if not machine.knows_group(user["group"]):
            machine.run(["groupadd", "--system", user["group"]])
        if not machine.knows_user(user["name"]):
            machine.run(["useradd", "--system", "--gid", user["group"], "--home-dir", user["home"],
                         "--no-create-home", "--shell", "/usr/sbin/nologin", user["name"]])
            machine.log("added user %s" % user["name"])


def apply_directories(machine, directories):
    for directory in directories:
        path = machine.path(directory["path"])
        if not os.path.isdir(path):
            os.makedirs(path)
            machine.log("made %s" % directory["path"])
        machine.own(directory["path"], directory["owner"])
        os.chmod(path, int(directory["mode"], 8))


def apply_disks(machine, disks, inputs):
    for disk in disks:
        volume = inputs.get("volume-" + disk["volume"])
        if not volume:
            raise Failure("Heat did not say which volume `%s` is" % disk["volume"])
        if machine.rehearsal is not None:
            machine.run(["mount", volume, disk["mount"]])
            continue
        os.makedirs(disk["mount"], exist_ok=True)
        if os.path.ismount(disk["mount"]):
            continue
        deadline = time.monotonic() + 300
        while True:
            devices = glob.glob("/dev/disk/by-id/*%s" % volume[:20])
            if devices:
                device = os.path.realpath(devices[0])
                break
            if time.monotonic() > deadline:
                raise Failure("volume %s (%s) did not appear" % (disk["volume"], volume))
            time.sleep(2)
        kind = subprocess.run(["blkid", "-o", "value", "-s", "TYPE", device], stdout=subprocess.PIPE, text=True)
        if not kind.stdout.strip():
            # Only a volume without any file system is formatted.
            machine.run(["mkfs.ext4", "-q", device])
        uuid = machine.run(["blkid", "-o", "value", "-s", "UUID", device]).strip()
        table = machine.read("/etc/fstab") or ""
        if uuid not in table:
            line = "UUID=%s %s auto defaults,noatime,nofail 0 2\n" % (uuid, disk["mount"])
            machine.write("/etc/fstab", table + line)
        machine.run(["mount", disk["mount"]])
        machine.log("mounted %s on %s" % (disk["volume"], disk["mount"]))


# since 2 {
# How long a disk may still be busy when its services have stopped, seconds.
PATIENCE = 20
# A line of the agent's in /etc/fstab: file system and mount point.
FSTAB = re.compile(r"UUID=(\S+) (\S+) auto defaults,noatime,nofail 0 2")


def fstab_lines(machine):
    """All lines of /etc/fstab, each with file system and mount point where it is one of the agent's."""
    lines = (machine.read("/etc/fstab") or "").splitlines(keepends=True)
    found = [(line, FSTAB.fullmatch(line.strip())) for line in lines]
    return [(line, (match.group(1), match.group(2)) if match else None) for line, match in found]


def write_fstab(machine, lines):
    if machine.write("/etc/fstab", "".join(lines)) and machine.rehearsal is None:
        # systemd keeps mount units of the lines, and would act by those of before.
        machine.run(["systemctl", "daemon-reload"])


def known_mounts(machine):
    """By mount point which volume is there and which services use it, as noted; of an earlier agent, which noted
    nothing, the mount points alone."""
    try:
        with open(os.path.join(HOME, "mounts.json")) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return {ours[1]: {"volume": None, "units": None} for _, ours in fstab_lines(machine) if ours}


def note_mounts(mounts):
    path = os.path.join(HOME, "mounts.json")
    os.makedirs(HOME, mode=0o700, exist_ok=True)
    with open(path + ".new", "w") as file:
        json.dump(mounts, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def names_path(text, folder):
    """Whether a text names the folder or something below it."""
    return re.search(r"(?<![A-Za-z0-9_.-])%s(?![A-Za-z0-9_.-])" % re.escape(folder.rstrip("/")), text) is not None


def users_of(bundle, mount):
    """Services that use a disk: they run as the owner of a folder on it, or their command, their environment or a file
    that they read names a path on it. The plan tells them by the same rules."""
    owners = {folder["owner"].split(":")[0] for folder in bundle["directories"]
              if (folder["path"] + "/").startswith(mount.rstrip("/") + "/")}
    readers = {unit for item in bundle["files"] for unit in item["restarts"]
               if any(isinstance(piece, str) and names_path(piece, mount) for piece in item["content"])}
    return [unit["name"] for unit in bundle["units"]
            if unit["user"] in owners or unit["name"] in readers
            or any(names_path(text, mount) for text in [unit["exec"], *unit["environment"].values()])]


def users_found(machine, units, mount):
    """Services that use a disk of which nothing was noted: they run as an owner of what is on it."""
    owners = set()
    for folder, names, _ in os.walk(mount) if machine.rehearsal is None else []:
        if folder[len(mount):].count("/") >= 2:
            names.clear()
        owners.update(os.lstat(path).st_uid for path in (os.path.join(folder, name) for name in names)
                      if os.path.lexists(path))
    people = {entry.pw_name for entry in machine.accounts() if entry.pw_uid in owners and entry.pw_uid != 0}
    texts = {unit: machine.read("/etc/systemd/system/" + unit) or "" for unit in units}
    return [unit for unit, text in texts.items() if any("User=" + name in text.splitlines() for name in people)]


def mounted(mount):
    """What is mounted at a mount point: file system and device; nothing where nothing is."""
    found = None
    with open("/proc/self/mountinfo") as file:
        for line in file:
            words, _, rest = line.rstrip("\n").partition(" - ")
            if re.sub(r"\\(\d{3})", lambda code: chr(int(code.group(1), 8)), words.split(" ")[4]) == mount:
                # What was mounted last hides the others.
                found = tuple(rest.split(" ")[:2])
    return found


def device_of(volume):
    devices = [os.path.realpath(path) for path in glob.glob("/dev/disk/by-id/*%s" % volume[:20])]
    # The name of a disk that has gone may still stand there.
    return next((path for path in devices if os.path.exists(path)), None)


def is_on(machine, volume, mount, known):
    """Whether it is this volume that is mounted there."""
    if machine.rehearsal is not None:
        return known["volume"] == volume
    device, found = device_of(volume), mounted(mount)
    if device is None or found is None or os.path.realpath(found[1]) != device:
        return False
    try:
        # A disk that was taken away from under its file system and has come back under its old name is another one.
        return found[0] == "btrfs" or os.stat(mount).st_dev == os.stat(device).st_rdev
    except OSError:
        return False


def let_go(machine, bundle, inputs, notes):
    """Takes off the disks that go, that are others from now on, or that are elsewhere from now on, once the services
    that use them have stopped; at the end they are started again. Says whether this is all for now: because the cloud
    changes the volumes that `release` names, and then comes with the same configuration again."""
    released = (inputs.get("release") or "").split()
    wanted = {disk["mount"]: disk["volume"] for disk in bundle["disks"]}
    mounts = known_mounts(machine)
    order = [unit["name"] for unit in bundle["units"]]
    for mount, known in mounts.items():
        if known["units"] is None:
            known["units"] = sorted({*users_of(bundle, mount), *users_found(machine, notes.units, mount)})
    def stays(mount):
        name = wanted.get(mount)
        volume = inputs.get("volume-%s" % name)
        return name is not None and name not in released and volume and is_on(machine, volume, mount, mounts[mount])
    going = {mount for mount in mounts if not stays(mount)}
    # What is mounted on a disk that goes goes with it, and comes again.
    going |= {mount for mount in mounts if any(mount.startswith(other.rstrip("/") + "/") for other in going)}
    units = {unit for mount in going for unit in mounts[mount]["units"]
             if machine.read("/etc/systemd/system/" + unit) is not None}
    # Those that no framework has any more first, then from the last that starts to the first.
    units = sorted(units - set(order)) + [unit for unit in reversed(order) if unit in units]
    notes.will_restart(units)
    take_off(machine, sorted(going, reverse=True), units)
    lines = fstab_lines(machine)
    kept = [line for line, ours in lines if not ours or ours[1] not in going]
    if len(kept) != len(lines):
        write_fstab(machine, kept)
    mounts = {mount: known for mount, known in mounts.items() if mount not in going}
    for mount, name in wanted.items() if not released else []:
        # Before it is mounted: whatever comes between, it is known that it may be.
        before = mounts.get(mount, {"units": []})["units"]
        mounts[mount] = {"volume": inputs.get("volume-" + name), "units": sorted({*before, *users_of(bundle, mount)})}
    note_mounts(mounts)
    return bool(released)


def take_off(machine, mounts, units):
    """Stops services and unmounts disks; if that fails, everything is as it was."""
    gone = []
    try:
        for unit in units:
            # A machine that restarts now must not start them on the folders below.
            machine.run(["systemctl", "disable", "--quiet", unit])
            machine.run(["systemctl", "stop", unit])
            machine.log("stopped %s before its disk is detached" % unit)
        for mount in mounts:
            found = mounted(mount) if machine.rehearsal is None else None
            unmount(machine, mount)
            gone.append((mount, found))
            machine.log("unmounted %s" % mount)
    except (Failure, OSError) as error:
        back = [["mount", "-o", "noatime", found[1], mount] for mount, found in reversed(gone) if found]
        back += [["systemctl", *words, unit] for unit in reversed(units) for words in (["enable", "--quiet"], ["start"])]
        for command in back:
            try:
                machine.run(command)
            except (Failure, OSError) as worse:
                machine.log(str(worse))
        raise Failure("%s; the services that use it are started again" % error)


def unmount(machine, mount):
    if machine.rehearsal is not None:
        machine.run(["umount", mount])
        return
    deadline = time.monotonic() + PATIENCE
    while mounted(mount):
        try:
            machine.run(["umount", mount])
        except Failure as error:
            if time.monotonic() > deadline:
                who = holders(mount)
                raise Failure("%s cannot be unmounted%s" % (
                    mount, ": it is in use by " + ", ".join(who) if who else ", %s" % error))
            time.sleep(1)


def holders(mount):
    """Who has something open on a disk, or stands there."""
    inside, found = mount.rstrip("/") + "/", {}
    for process in glob.glob("/proc/[0-9]*"):
        for link in [process + "/cwd", process + "/root", process + "/exe"] + glob.glob(process + "/fd/*"):
            try:
                if (os.readlink(link) + "/").startswith(inside):
                    with open(process + "/comm") as file:
                        found[process] = "%s (process %s)" % (file.read().strip(), os.path.basename(process))
            except OSError:
                continue
    return sorted(found.values())[:5]


def probed(device, what):
    """What is on a disk itself: blkid remembers what was on another disk of that name."""
    done = subprocess.run(["blkid", "-p", "-o", "value", "-s", what, device], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 2):
        raise Failure("cannot read what is on %s: blkid exited with %d" % (device, done.returncode))
    return done.stdout.strip()


def apply_disks(machine, disks, inputs):
    """Mounts volumes, what is above before what is below; a file system grows with its volume."""
    for disk in sorted(disks, key=lambda disk: disk["mount"]):
        mount, volume = disk["mount"], inputs.get("volume-" + disk["volume"])
        if not volume:
            raise Failure("Heat did not say which volume `%s` is" % disk["volume"])
        if machine.rehearsal is not None:
            machine.run(["mount", volume, mount])
            continue
        deadline = time.monotonic() + 300
        while device_of(volume) is None:
            if time.monotonic() > deadline:
                raise Failure("volume %s (%s) did not appear" % (disk["volume"], volume))
            time.sleep(2)
        device = device_of(volume)
        kind = probed(device, "TYPE")
        if not kind:
            # Only a volume without any file system is formatted.
            machine.run(["mkfs.ext4", "-q", device])
            kind = "ext4"
        uuid = probed(device, "UUID")
        if not uuid:
            raise Failure("the file system of volume %s has no UUID to find it by after a reboot" % disk["volume"])
        lines = [line.rstrip("\n") + "\n" for line, ours in fstab_lines(machine)
                 if not ours or (ours[0] == uuid) == (ours[1] == mount)]
        if not any(line.split()[:1] == ["UUID=" + uuid] for line in lines):
            lines.append("UUID=%s %s auto defaults,noatime,nofail 0 2\n" % (uuid, mount))
        write_fstab(machine, lines)
        found = mounted(mount)
        if found is None:
            os.makedirs(mount, exist_ok=True)
            machine.run(["mount", "-o", "noatime", device, mount])
            machine.log("mounted %s on %s" % (disk["volume"], mount))
        elif os.path.realpath(found[1]) != device:
            raise Failure("volume %s cannot be mounted on %s: %s is mounted there" % (disk["volume"], mount, found[1]))
        grow(machine, kind, device, mount)


def grow(machine, kind, device, mount):
    """Makes a file system as large as its disk, while it is mounted."""
    before = os.statvfs(mount).f_blocks
    if kind in ("ext2", "ext3", "ext4"):
        machine.run(["resize2fs", device])
    elif kind == "xfs":
        if shutil.which("xfs_growfs") is None:
            apply_packages(machine, ["xfsprogs"])
        machine.run(["xfs_growfs", mount])
    elif kind == "btrfs":
        machine.run(["btrfs", "filesystem", "resize", "max", mount])
    found = os.statvfs(mount)
    if found.f_blocks > before:
        machine.log("the file system on %s has grown to %d MiB" % (mount, found.f_blocks * found.f_frsize >> 20))


def note_disks(bundle, inputs):
    """What is mounted, and who uses it, now that all services are as they shall be."""
    note_mounts({disk["mount"]: {"volume": inputs.get("volume-" + disk["volume"]),
                                 "units": users_of(bundle, disk["mount"])} for disk in bundle["disks"]})


# }
class Notes:
    """What was put on this machine and what is still to be restarted; survives a failure and a restart."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path) as file:
                known = json.load(file)
        except (FileNotFoundError, ValueError):
            known = {}
        self.units, self.files = set(known.get("units", [])), set(known.get("files", []))
        self.archives, self.restarts = set(known.get("archives", [])), set(known.get("restarts", []))

    def save(self):
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(self.path + ".new", "w") as file:
            json.dump({"units": sorted(self.units), "files": sorted(self.files), "archives": sorted(self.archives),
                       "restarts": sorted(self.restarts)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)

    def will_come(self, bundle):
        self.units.update(unit["name"] for unit in bundle["units"])
        self.files.update(item["path"] for item in bundle["files"])
        self.archives.update(archive["directory"] for archive in bundle["archives"])
        self.save()

    def will_restart(self, units):
        """Before a file changes: should anything fail in between, the next run restarts them."""
        if not self.restarts.issuperset(units):
            self.restarts.update(units)
            self.save()

    def restarted(self, unit):
        if unit in self.restarts:
            self.restarts.remove(unit)
            self.save()


def stop_leftovers(machine, bundle, notes):
    """Services of frameworks that the machine no longer has."""
    wanted = {unit["name"] for unit in bundle["units"]}
    for unit in sorted(notes.units - wanted):
        path = "/etc/systemd/system/" + unit
        if machine.read(path) is not None:
            machine.run(["systemctl", "disable", "--quiet", "--now", unit])
            os.remove(machine.path(path))
            machine.run(["systemctl", "daemon-reload"])
            machine.log("stopped %s" % unit)
        notes.units.discard(unit)
        notes.restarted(unit)


def remove_leftovers(machine, bundle, notes):
    """Files and archives that no framework of the machine has any more; folders with data stay."""
    files = {item["path"] for item in bundle["files"]}
    for path in sorted(notes.files - files):
        try:
            os.remove(machine.path(path))
            machine.log("removed %s" % path)
        except FileNotFoundError:
            pass
    archives = {archive["directory"] for archive in bundle["archives"]}
    for folder in sorted(notes.archives - archives):
        if machine.read(os.path.join(folder, ".disco-archive")) is not None:
            shutil.rmtree(machine.path(folder), ignore_errors=True)
            machine.log("removed %s" % folder)
    notes.files, notes.archives = files, archives
    notes.units = {unit["name"] for unit in bundle["units"]}
    notes.save()


def apply_files(machine, files, inputs, notes):
    """Writes files, having noted the units to restart because one of theirs changes."""
    for item in files:
        if item["keep"] and machine.read(item["path"]) is not None:
            continue
        pieces = []
        for piece in item["content"]:
            if isinstance(piece, str):
                pieces.append(piece)
            elif piece["secret"] in inputs:
                pieces.append(inputs[piece["secret"]])
            else:
                raise Failure("Heat did not give the secret of %s" % item["path"])
        text = "".join(pieces)
        if machine.read(item["path"]) != text:
            notes.will_restart(item["restarts"])
        if machine.write(item["path"], text, int(item["mode"], 8), item["owner"]):
            if item["path"].startswith("/etc/tmpfiles.d/"):
                machine.run(["systemd-tmpfiles", "--create", item["path"]])


# since 2 {
def check_units(units):
    """A value is never more than a value: whatever made the bundle, no line of a unit comes out of one."""
    for unit in units:
        texts = [unit["name"], unit["description"], unit["user"], unit["group"], unit["exec"]] + unit["after"]
        texts += list(unit["environment"].values()) + [unit.get("environment_file") or ""]
        if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for text in texts for sign in text):
            raise Failure("a value of the unit %r contains a control character" % unit["name"])
        words = [unit["name"], unit["user"], unit["group"]] + unit["after"]
        if not all(re.fullmatch(r"[A-Za-z0-9:_.@-]+", word) for word in words):
            raise Failure("the unit %r has a name that is not valid in systemd" % unit["name"])
        for name in unit["environment"]:
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise Failure("%r is not a valid name of an environment variable of %s" % (name, unit["name"]))


# }
def unit_text(unit):
    def escaped(text):
        return text.replace("%", "%%")
    def quoted(text):
        return '"%s"' % escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    lines = ["[Unit]", "Description=" + escaped(unit["description"]), "Wants=network-online.target",
             " ".join(["After=network-online.target"] + unit["after"]), "", "[Service]",
             "User=" + unit["user"], "Group=" + unit["group"]]
    lines += ["Environment=" + quoted("%s=%s" % pair) for pair in sorted(unit["environment"].items())]
# since 2 {
    if unit.get("environment_file"):
        lines.append("EnvironmentFile=" + escaped(unit["environment_file"]))
# }
    lines += ["ExecStart=" + escaped(unit["exec"]).replace("$", "$$"), "Restart=on-failure", "RestartSec=5",
              "LimitNOFILE=65536", "", "[Install]", "WantedBy=multi-user.target"]
    return "\n".join(lines) + "\n"


def apply_units(machine, bundle, notes, index):
    """Installs and starts services in order, each after the step that it needs."""
    units = bundle["units"]
    changed = False
    for unit in units:
        path, text = "/etc/systemd/system/" + unit["name"], unit_text(unit)
        if machine.read(path) != text:
            notes.will_restart([unit["name"]])
        changed = machine.write(path, text) or changed
    if changed:
        machine.run(["systemctl", "daemon-reload"])
    steps = bundle["steps"] if index == 0 else []
    needed = {(unit["framework"], unit["needs_step"]) for unit in units}
    done = set()
    for unit in units:
        for step in steps:
            name = step["framework"], step["name"]
            if name == (unit["framework"], unit["needs_step"]) and name not in done:
                run_step(machine, step, [])
                done.add(name)
        machine.run(["systemctl", "enable", "--quiet", unit["name"]])
        if unit["name"] in notes.restarts:
            machine.run(["systemctl", "restart", unit["name"]])
            notes.restarted(unit["name"])
            machine.log("started %s" % unit["name"])
        else:
            machine.run(["systemctl", "start", unit["name"]])
    # Steps that no service waits for find all of them started.
    for step in steps:
        if (step["framework"], step["name"]) not in needed:
            run_step(machine, step, [])


def apply_probes(machine, probes):
    for probe in probes:
        if probe["kind"] not in ("tcp", "http"):
            raise Failure("this agent does not know the probe `%s`" % probe["kind"])
        if machine.rehearsal is not None:
            continue
        deadline = time.monotonic() + probe["timeout_seconds"]
        while not (listens(probe["port"]) if probe["kind"] == "tcp" else shows(probe["port"], probe["path"])):
            if time.monotonic() > deadline:
                raise Failure("%s did not answer on port %d within %d s"
                              % (probe["name"], probe["port"], probe["timeout_seconds"]))
            time.sleep(1)
        machine.log("%s answers on port %d" % (probe["name"], probe["port"]))


def listens(port):
    """Whether something accepts connections, on whichever address of this machine it chose."""
    for host in ("127.0.0.1", socket.gethostname()):
        try:
            socket.create_connection((host, port), timeout=3).close()
            return True
        except OSError:
            continue
    return False


def shows(port, path):
    """Whether a page is there, on whichever address of this machine."""
    for host in ("127.0.0.1", socket.gethostname()):
        try:
            with urllib.request.urlopen("http://%s:%d%s" % (host, port, path), timeout=10):
                return True
        except (OSError, ValueError, http.client.HTTPException):
            continue
    return False


# --- steps of the cluster -------------------------------------------------------------------------------------------

def run_step(machine, step, members):
    action = step["action"]
    started = time.monotonic()
    deadline = started + step["timeout_seconds"]
    if action["kind"] == "command":
        run_commands(machine, step, action, deadline)
    elif action["kind"] == "members":
        prefixes = tuple(step["member_prefixes"])
        wanted = {name for name in members if not prefixes or name.startswith(prefixes)}
        wait_for_members(machine, step, action, wanted, deadline)
    else:
        raise Failure("this agent does not know how to do `%s` (step `%s`)" % (action["kind"], step["name"]))
    machine.log("step %s of %s: %.1f s" % (step["name"], step["framework"], time.monotonic() - started))


def run_commands(machine, step, action, deadline):
    mark = action.get("unless_exists")
    if mark and os.path.exists(machine.path(mark)):
        return
    environment = dict(os.environ, **action.get("environment", {}))
    for command in action["commands"]:
        command = ["runuser", "-u", action["user"], "--"] + command if action.get("user") else command
        while True:
            left = deadline - time.monotonic()
            try:
                machine.run(command, env=environment, timeout=max(left, 1))
                break
            except subprocess.TimeoutExpired:
                raise Failure("step %s took longer than %d s" % (step["name"], step["timeout_seconds"]))
            except Failure:
                if not action.get("retry") or time.monotonic() > deadline:
                    raise
                time.sleep(3)


def registered(action):
    """Host names that a framework says are there."""
    with urllib.request.urlopen(action["url"], timeout=30) as answer:
        value = json.load(answer)
    for part in action["path"]:
        value = json.loads(value) if isinstance(value, str) else value
        if value is None:
            return set()
        value = value[part]
    value = json.loads(value) if isinstance(value, str) else value
    if not value:
        return set()
    if action["names"] == "keys":
        names = value
    else:
        wanted = action.get("where", {}).items()
        names = [entry[action["names"]] for entry in value if all(entry.get(key) == text for key, text in wanted)]
    return {name.split(":")[0].split(".")[0] for name in names}


def wait_for_members(machine, step, action, wanted, deadline):
    """By name, never by count: after a shrink the old ones may still show."""
    if machine.rehearsal is not None:
        machine.run(["members", step["name"]] + sorted(wanted))
        return
    reason = ""
    while True:
        try:
            missing = wanted - registered(action)
            reason = "missing: " + ", ".join(sorted(missing))
            if not missing:
                machine.log("%s: all %d" % (action.get("title", step["name"]), len(wanted)))
                return
        except (OSError, ValueError, KeyError, IndexError, TypeError, http.client.HTTPException) as error:
            reason = str(error)
        if time.monotonic() > deadline:
            raise Failure("%s: not within %d s, %s" % (action.get("title", step["name"]), step["timeout_seconds"], reason))
        time.sleep(3)


# --- deployments ----------------------------------------------------------------------------------------------------

def node_index(inputs):
    """This machine's index in its group: the deployment is called GROUP-INDEX-deployment."""
    match = re.search(r"-(\d+)-deployment$", inputs.get("deploy_resource_name", ""))
    return int(match.group(1)) if match else None


def names_of(text):
    """All names of a list such as `c-master-0 c-slaves-[0..2,5]`."""
    names = []
    for word in text.split():
        prefix, bracket, runs = word.rstrip("]").partition("[")
        if not bracket:
            names.append(word)
        for run in runs.split(",") if bracket else []:
            first, _, last = run.partition("..")
            names += [prefix + str(index) for index in range(int(first), int(last or first) + 1)]
    return names


def carry_out(machine, bundle, inputs):
    if bundle.get("format") != FORMAT:
        raise Failure("this agent does not know bundles of format %r" % bundle.get("format"))
    if bundle["kind"] == "verify":
        for step in bundle["steps"]:
            run_step(machine, step, names_of(inputs.get("members", "")))
        return
    if bundle["kind"] != "node":
        raise Failure("this agent does not know bundles of kind %r" % bundle["kind"])
# since 2 {
    check_units(bundle["units"])
# }
    notes = Notes(os.path.join(HOME, "notes.json"))
    notes.will_come(bundle)
# since 2 {
    if let_go(machine, bundle, inputs, notes):
        return
# }
    phases = [
        ("leftovers", lambda: stop_leftovers(machine, bundle, notes)),
        ("names", lambda: apply_hosts(machine, bundle["hosts"])),
        ("keys", lambda: apply_ssh_keys(machine, bundle["ssh_keys"])),
        ("disks", lambda: apply_disks(machine, bundle["disks"], inputs)),
        ("packages", lambda: apply_packages(machine, bundle["packages"])),
        ("users", lambda: apply_users(machine, bundle["users"])),
        ("archives", lambda: apply_archives(machine, bundle["archives"])),
        ("directories", lambda: apply_directories(machine, bundle["directories"])),
        ("files", lambda: apply_files(machine, bundle["files"], inputs, notes)),
        ("services", lambda: apply_units(machine, bundle, notes, node_index(inputs))),
        ("probes", lambda: apply_probes(machine, bundle["probes"])),
    ]
    for name, phase in phases:
        started = time.monotonic()
        phase()
        machine.log("%s: %.1f s" % (name, time.monotonic() - started))
    remove_leftovers(machine, bundle, notes)
# since 2 {
    note_disks(bundle, inputs)
# }
    # Written again at each boot.
    machine.write(HOME + "/hosts.json", json.dumps(bundle["hosts"]))


def perform(machine, deployment, bundle):
    """One deployment's result as Heat wants it."""
    machine.lines = []
    inputs = {entry["name"]: entry.get("value") for entry in deployment.get("inputs", [])}
    result = {"status": 0, "stderr": ""}
    try:
        carry_out(machine, bundle, inputs)
    except Failure as error:
        result.update(status=1, stderr=str(error)[-TAIL:])
    except (OSError, ValueError, KeyError, TypeError, LookupError, tarfile.TarError, subprocess.SubprocessError) as error:
        result.update(status=1, stderr=("%s: %s" % (type(error).__name__, error))[-TAIL:])
    result["stdout"] = "\n".join(machine.lines)[-TAIL:]
    return result


class Done:
    """Deployments that were carried out, with what was or has to be signalled; survives a restart."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path) as file:
                self.results = json.load(file)
        except (FileNotFoundError, ValueError):
            self.results = {}

    def keep(self, wanted):
        self.results = {name: result for name, result in self.results.items() if name in wanted}

    def save(self):
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(self.path + ".new", "w") as file:
            json.dump(self.results, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.path + ".new", self.path)


def renewed(bundle):
    """Whether the bundle brings another agent than this one; it is written down if so."""
    if not bundle.get("agent_gzip"):
        return False
    text = gzip.decompress(base64.b64decode(bundle["agent_gzip"])).decode()
    with open(os.path.abspath(__file__)) as file:
        if text == file.read():
            return False
    path = os.path.join(HOME, "agent.py")
    with open(path + ".new", "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    return True


def one_round(session, heat, machine, done, may_renew):
    """Polls once and does what is new; says whether there was anything."""
    path = "/stacks/%s/resources/%s/metadata" % (heat["stack_id"], heat["resource_name"])
    metadata = session.call("GET", path)["metadata"]
    deployments = [entry for entry in metadata.get("deployments") or [] if entry.get("group") == "disco"]
    done.keep({entry["id"] for entry in deployments})
    worked = False
    for deployment in deployments:
        inputs = {entry["name"]: entry.get("value") for entry in deployment.get("inputs", [])}
        result = done.results.get(deployment["id"])
        if result is None:
            config = deployment.get("config") or "{}"
            try:
                bundle = json.loads(config) if isinstance(config, str) else config
            except ValueError:
                bundle = {}
            if may_renew and renewed(bundle):
                raise SystemExit(RENEWED)
            result = perform(machine, deployment, bundle)
            result["signalled"] = False
            done.results[deployment["id"]] = result
            done.save()
        if not result["signalled"]:
            signal(inputs, result)
            result["signalled"] = worked = True
            done.save()
    return worked


def main():
    options = argparse.ArgumentParser(description="DISCO's node agent")
    options.add_argument("--once", action="store_true", help="one round, then end")
    options.add_argument("--rehearse", metavar="FOLDER", help="change only what is below this folder")
    options = options.parse_args()
    machine = Machine(options.rehearse)
    done = Done(os.path.join(HOME, "done.json"))
    if machine.rehearsal is None and os.path.exists(HOME + "/hosts.json"):
        with open(HOME + "/hosts.json") as file:
            apply_hosts(machine, json.load(file))
    session, pause = None, 2.0
    while True:
        try:
            if session is None:
                with open(CREDENTIALS) as file:
                    heat = json.load(file)["os-collect-config"]["heat"]
                session = Session(heat["auth_url"], heat["user_id"], heat["password"], heat["project_id"],
                                  heat.get("region_name"))
            worked = one_round(session, heat, machine, done, not options.once)
            pause = 2.0 if worked else min(pause * 1.3, 15.0)
        except (OSError, ValueError, KeyError, TypeError, Failure) as error:
            # No DISCO, no Heat, no network: it may all come back.
            print("disco: %s: %s" % (type(error).__name__, error), file=sys.stderr, flush=True)
            session, pause = None, min(pause * 2, 60.0)
            if options.once:
                raise SystemExit(1)
        if options.once:
            return
        time.sleep(pause * random.uniform(0.8, 1.2))


if __name__ == "__main__":
    main()
