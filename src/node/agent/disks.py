# How long a disk may still be busy when its services have stopped, seconds.
PATIENCE = 20
# How long a disk may take to appear, seconds.
APPEARANCE = 60
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
    mounts = kept_json(os.path.join(HOME, "mounts.json"), None)
    if mounts is None:
        mounts = {ours[1]: {"volume": None, "units": None} for _, ours in fstab_lines(machine) if ours}
    return mounts


def note_mounts(mounts):
    keep_json(os.path.join(HOME, "mounts.json"), mounts)


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
        device = wait_for_device(machine, disk["volume"], volume)
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


def wait_for_device(machine, name, volume):
    """The device of a volume, which Nova attaches before a node is told of it; the kernel may be late."""
    deadline = time.monotonic() + APPEARANCE
    if device_of(volume) is None:
        machine.log("waiting for the device of volume %s (%s)" % (name, volume))
    while True:
        device = device_of(volume)
        if device is not None:
            return device
        if time.monotonic() > deadline:
            raise Failure("volume %s (%s) did not appear below /dev/disk/by-id within %d s" % (name, volume, APPEARANCE))
        machine.pause(1)


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
