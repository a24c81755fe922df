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
        options = unit.get("options", {})
        if not all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in options):
            raise Failure("the unit %r has an option that is not valid in systemd" % unit["name"])
        if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for text in options.values() for sign in text):
            raise Failure("an option of the unit %r contains a control character" % unit["name"])
        if unit.get("kill_mode") not in (None, "control-group", "mixed", "process"):
            raise Failure("this agent does not know the kill mode %r of %s" % (unit["kill_mode"], unit["name"]))
        if unit.get("success_exit_status") is not None and unit["success_exit_status"] not in range(1, 256):
            raise Failure("%r is not an exit status of %s" % (unit["success_exit_status"], unit["name"]))
        for name in unit["environment"]:
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise Failure("%r is not a valid name of an environment variable of %s" % (name, unit["name"]))


def unit_text(unit, mounts=()):
    """A service as systemd reads it; it does not start without the disks that it uses."""
    def escaped(text):
        return text.replace("%", "%%")
    def quoted(text):
        return '"%s"' % escaped(text).replace("\\", "\\\\").replace('"', '\\"')
    packaged, options = unit.get("packaged", False), unit.get("options", {})
    lines = ["[Unit]"]
    if not packaged:
        lines += ["Description=" + escaped(unit["description"]), "Wants=network-online.target"]
    lines.append(" ".join(["After=network-online.target"] + unit["after"]))
    lines += [MOUNTS + quoted(mount) for mount in mounts]
    lines += ["", "[Service]"]
    if not packaged:
        lines += ["User=" + unit["user"], "Group=" + unit["group"]]
    lines += ["Environment=" + quoted("%s=%s" % pair) for pair in sorted(unit["environment"].items())]
    if unit.get("environment_file"):
        lines.append("EnvironmentFile=" + escaped(unit["environment_file"]))
    own = {}
    if not packaged:
        lines.append("ExecStart=" + escaped(unit["exec"]).replace("$", "$$"))
        own = {"Restart": "on-failure", "RestartSec": "5", "LimitNOFILE": "65536"}
    lines += ["%s=%s" % (name, own[name]) for name in ("Restart", "RestartSec") if name in own and name not in options]
    if unit.get("kill_mode"):
        lines.append("KillMode=" + unit["kill_mode"])
    if unit.get("success_exit_status"):
        lines.append("SuccessExitStatus=%d" % unit["success_exit_status"])
    lines += ["%s=%s" % (name, own[name]) for name in ("LimitNOFILE",) if name in own and name not in options]
    lines += ["%s=%s" % (name, escaped(options[name])) for name in sorted(options)]
    if not packaged:
        lines += ["", "[Install]", "WantedBy=multi-user.target"]
    return "\n".join(lines) + "\n"


# Tells systemd to wait for a disk. The agent adds it by itself, and a service that runs has its disks.
MOUNTS = "RequiresMountsFor="


def needs_restart(before, after):
    """Whether a service has to start again to be what its unit says."""
    def telling(text):
        return [line for line in text.splitlines() if not line.startswith(MOUNTS)]
    return before is None or telling(before) != telling(after)


def unit_path(unit):
    """Where what DISCO says of a unit stands: the unit, or what it adds to one that a package brings."""
    return "/etc/systemd/system/" + unit["name"] + (".d/disco.conf" if unit.get("packaged") else "")


def apply_units(machine, bundle, notes, index, services):
    """Installs and starts services in order, each after the step that it needs."""
    units = bundle["units"]
    changed = False
    for unit in units:
        path = unit_path(unit)
        mounts = sorted(disk["mount"] for disk in bundle["disks"] if unit["name"] in users_of(bundle, disk["mount"]))
        text = unit_text(unit, mounts)
        if needs_restart(machine.read(path), text):
            notes.will_restart([unit["name"]])
        changed = machine.write(path, text) or changed
    if changed:
        machine.run(["systemctl", "daemon-reload"])
    steps = [step for step in bundle["steps"] if index == 0 or step.get("of_node")]
    needed = {(unit["framework"], name) for unit in units for name in (unit["needs_step"] or "").split()}
    done = set()
    for unit in units:
        for step in steps:
            name = step["framework"], step["name"]
            if step["framework"] == unit["framework"] and name not in done and step["name"] in (unit["needs_step"] or "").split():
                run_step(machine, step, [], notes, services)
                done.add(name)
        machine.run(["systemctl", "enable", "--quiet", unit["name"]])
        services.watch(unit["name"])
        try:
            if unit["name"] in notes.restarts:
                machine.log("starting %s" % unit["name"])
                machine.run(["systemctl", "restart", unit["name"]])
                notes.restarted(unit["name"])
            else:
                machine.run(["systemctl", "start", unit["name"]])
        except Failure as error:
            raise Failure("%s cannot be started: %s%s" % (unit["name"], error, services.last_lines(unit["name"])))
    # Steps that no service waits for find all of them started.
    for step in steps:
        if (step["framework"], step["name"]) not in needed:
            run_step(machine, step, [], notes, services)


# How often a service may end by itself before it counts as one that does not run.
CRASHES = 3
# Exit statuses of systemd itself: there is no such program, account, folder ...
CANNOT_START = range(200, 246)
STATE = ["Id", "ActiveState", "SubState", "Result", "NRestarts", "ExecMainStatus"]


class Services:
    """The services of a bundle from when they were started: whoever waits for one looks at all of them."""

    def __init__(self, machine):
        self.machine, self.restarts, self.since = machine, {}, time.monotonic()

    def states(self, names):
        """What systemd says of units, by name."""
        if self.machine.rehearsal is not None or not names:
            return {}
        done = subprocess.run(["systemctl", "show", "-p", ",".join(STATE), *names], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        blocks = [dict(line.partition("=")[::2] for line in block.splitlines()) for block in done.stdout.split("\n\n")]
        return {block["Id"]: block for block in blocks if block.get("Id")}

    def names(self):
        """The services that are looked at."""
        return set(self.restarts)

    def why(self):
        """What those said that have ended by themselves, as the end of a sentence."""
        down = [name for name, state in self.states(sorted(self.restarts)).items()
                if state["ActiveState"] == "failed" or state["SubState"].startswith("auto-restart")]
        return "".join("; %s does not run%s" % (name, self.last_lines(name)) for name in down)

    def watch(self, name):
        for state in self.states([name]).values():
            self.restarts[name] = int(state.get("NRestarts") or 0)

    def check(self):
        """Fails if a service will not run: at once if it cannot be started at all, else when it has ended by itself
        CRASHES times."""
        for name, state in self.states(sorted(self.restarts)).items():
            restarts = int(state.get("NRestarts") or 0)
            # Started by somebody in between, it is counted from nothing again.
            self.restarts[name] = min(self.restarts.get(name, restarts), restarts)
            is_down = state["ActiveState"] == "failed" or state["SubState"].startswith("auto-restart")
            crashes = restarts - self.restarts[name] + is_down
            status = int(state.get("ExecMainStatus") or 0)
            hopeless = is_down and state["Result"] == "exit-code" and status in CANNOT_START
            if state["ActiveState"] == "failed" or hopeless or crashes >= CRASHES:
                how = "status %d" % status if state["Result"] == "exit-code" else state["Result"]
                often = ", %d times in" % crashes if crashes > 1 else " after"
                raise Failure("%s does not run: it ended with %s%s %.0f s%s" % (
                    name, how, often, time.monotonic() - self.since, self.last_lines(name)))

    def settle(self):
        """Waits until no service is between two starts: it runs, or it fails."""
        while any(state["SubState"].startswith("auto-restart") for state in self.states(sorted(self.restarts)).values()):
            self.check()
            self.machine.pause(1)
        self.check()

    def last_lines(self, name):
        """What a service said at last, as the end of a sentence. Where Java was at the time buries what went wrong."""
        if self.machine.rehearsal is not None or shutil.which("journalctl") is None:
            return ""
        done = subprocess.run(["journalctl", "-q", "-u", name, "-n", "80", "--no-pager", "-o", "cat"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
        lines = [line for line in done.stdout.splitlines() if not re.match(r"\s+(at \S+\(|\.\.\. \d+ more)", line)]
        return "; the last lines of its journal:\n" + tail("\n".join(lines), 20) if "".join(lines).strip() else ""
