def installed_folders(bundle):
    """Folders that hold software, all of it from an archive or an index."""
    archives = [item for item in bundle["archives"] if not item.get("file")]
    return {item["directory"] for item in archives + bundle.get("pythons", [])}


class Notes:
    """What was put on this machine and what is still to be restarted; survives a failure and a restart."""

    def __init__(self, path):
        self.path, known = path, kept_json(path, {})
        self.units, self.files = set(known.get("units", [])), set(known.get("files", []))
        self.archives, self.restarts = set(known.get("archives", [])), set(known.get("restarts", []))
        # Steps that are never run again, each by what it is about.
        self.ran = set(known.get("ran", []))
        # What of a file each unit was started with last, by path and unit.
        self.concerns = known.get("concerns", {})

    def save(self):
        keep_json(self.path, {"units": sorted(self.units), "files": sorted(self.files), "archives": sorted(self.archives),
                              "restarts": sorted(self.restarts), "ran": sorted(self.ran),
                              "concerns": self.concerns})

    def will_come(self, bundle):
        self.units.update(unit["name"] for unit in bundle["units"])
        self.files.update(placed_files(bundle))
        self.archives.update(installed_folders(bundle))
        self.save()

    def will_restart(self, units):
        """Before a file changes: should anything fail in between, the next run restarts them."""
        if not self.restarts.issuperset(units):
            self.restarts.update(units)
            self.save()

    def concern(self, path, concerns):
        """Notes what of a file concerns units, once those are noted that it restarts."""
        if concerns:
            self.concerns[path] = concerns
        else:
            self.concerns.pop(path, None)
        self.save()

    def restarted(self, unit):
        if unit in self.restarts:
            self.restarts.remove(unit)
            self.save()


def stop_leftovers(machine, bundle, notes):
    """Services of frameworks that the machine no longer has."""
    wanted = {unit["name"] for unit in bundle["units"]}
    for unit in sorted(notes.units - wanted):
        paths = [path for path in ("/etc/systemd/system/" + unit, "/etc/systemd/system/%s.d/disco.conf" % unit)
                 if machine.read(path) is not None]
        if paths:
            machine.run(["systemctl", "disable", "--quiet", "--now", unit])
            for path in paths:
                os.remove(machine.path(path))
            machine.run(["systemctl", "daemon-reload"])
            machine.log("stopped %s" % unit)
        notes.units.discard(unit)
        notes.restarted(unit)


def remove_leftovers(machine, bundle, notes):
    """Files and archives that no framework of the machine has any more; folders with data stay."""
    files = placed_files(bundle)
    for path in sorted(notes.files - files):
        try:
            os.remove(machine.path(path))
            machine.log("removed %s" % path)
        except FileNotFoundError:
            pass
    archives = installed_folders(bundle)
    # What the configuration still names as a folder is what a framework may go back to.
    kept = notes.archives & {item["path"] for item in bundle["directories"]}
    # What work of before still runs from: the next configuration looks again.
    used = {folder for folder in notes.archives - archives - kept if is_in_use(machine, folder)}
    for folder in sorted(used):
        machine.log("%s stays as long as processes run from it" % folder)
    for folder in sorted(notes.archives - archives - kept - used):
        if machine.read(os.path.join(folder, ".disco-archive")) is not None:
            shutil.rmtree(machine.path(folder), ignore_errors=True)
            machine.log("removed %s" % folder)
    notes.files, notes.archives = files, archives | kept | used
    notes.units = {unit["name"] for unit in bundle["units"]}
    notes.save()


def concerned(item, notes):
    """The units for which a change of a file is a reason to restart: where it is known what of the file concerns a unit, and
    that is as it was, it is none."""
    known, now = notes.concerns.get(item["path"], {}), item.get("concerns", {})
    return [unit for unit in item["restarts"] if unit not in now or known.get(unit) != now[unit]]


def placed_files(bundle):
    """Paths of all files of their own: those that are written, and those that are fetched."""
    fetched = {item["file"] for item in bundle["archives"] if item.get("file")}
    return fetched | {item["path"] for item in bundle["files"]}


def is_in_use(machine, folder):
    """Whether a process's command line or a file that it has open is of a folder: containers outlive their NodeManager."""
    if machine.rehearsal is not None:
        return False
    for process in glob.glob("/proc/[0-9]*"):
        try:
            with open(process + "/cmdline", "rb") as file:
                if (folder + "/").encode() in file.read():
                    return True
            with open(process + "/maps", errors="replace") as file:
                if folder + "/" in file.read():
                    return True
        except OSError:
            # It has ended, or is none of this machine's own.
            continue
    return False


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
        text = filled("".join(pieces), item.get("marks", {}))
        if item.get("base64"):
            try:
                text = base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
            except ValueError:
                raise Failure("%s is not base64" % item["path"]) from None
        if machine.read(item["path"]) != text:
            notes.will_restart(concerned(item, notes))
        if item.get("concerns") != notes.concerns.get(item["path"]):
            notes.concern(item["path"], item.get("concerns"))
        if machine.write(item["path"], text, int(item["mode"], 8), item["owner"]):
            if item["path"].startswith("/etc/tmpfiles.d/"):
                machine.run(["systemd-tmpfiles", "--create", item["path"]])
