def apply_probes(machine, probes, services):
    """Waits until all that the bundle asks for answers on this machine."""
    for probe in probes:
        if probe["kind"] not in ("tcp", "http", "words", "command"):
            raise Failure("this agent does not know the probe `%s`" % probe["kind"])
        if machine.rehearsal is None:
            wait_for(machine, probe, services)
        elif probe["kind"] == "command":
            machine.run(as_user(probe.get("user"), probe["command"]))
    services.settle()


def wait_for(machine, probe, services):
    """Waits for one answer, as long as the services run and Heat wants it."""
    what = probe["name"] if probe["kind"] == "command" else "%s on port %d" % (probe["name"], probe["port"])
    began, tries, taken = time.monotonic(), 0, None
    deadline = began + probe["timeout_seconds"]
    machine.log("waiting for %s, at most %d s" % (what, probe["timeout_seconds"]))
    while True:
        tries += 1
        reason = lacks(machine, probe, deadline)
        stranger = stranger_on(probe["port"], services) if reason is None and probe["kind"] != "command" else None
        if stranger is not None:
            reason = "port %d is taken by %s, which belongs to no service of this node" % (probe["port"], stranger)
            taken = taken or time.monotonic()
            if time.monotonic() - taken > TAKEN:
                raise Failure("%s cannot listen: %s%s" % (probe["name"], reason, services.why()))
        if reason is None:
            machine.log("%s answers after %.1f s" % (what, time.monotonic() - began))
            return
        services.check()
        if time.monotonic() > deadline:
            raise Failure("no answer from %s, tried %d times in %d s: %s" % (
                what, tries, time.monotonic() - began, reason))
        machine.pause(1)


# How long a port may be somebody else's before that is a failure, seconds: an old process may be on its way out.
TAKEN = 6


def stranger_on(port, services):
    """Who listens on a port instead of the services of this node, as far as that can be seen; nothing if one of them does."""
    names, told = services.names(), None
    sockets = listening(port)
    if not names or not sockets:
        return None
    for folder in glob.glob("/proc/[0-9]*"):
        if sockets.isdisjoint(map(link, glob.glob(folder + "/fd/*"))):
            continue
        try:
            with open(folder + "/cgroup") as file:
                places = set(re.split(r"[/\n]", file.read()))
            with open(folder + "/comm") as file:
                command = file.read().strip()
        except OSError:
            continue
        if not places.isdisjoint(names):
            return None
        told = "`%s` (process %s)" % (command, os.path.basename(folder))
    return told


def link(path):
    """Where a link leads; nowhere if it has gone meanwhile."""
    try:
        return os.readlink(path)
    except OSError:
        return None


def listening(port):
    """The sockets that listen on a port, as processes have them among their files."""
    sockets = set()
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path) as file:
                lines = file.read().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add("socket:[%s]" % fields[9])
    return sockets


def lacks(machine, probe, deadline):
    """What is not yet as a probe wants it; nothing if all is."""
    if probe["kind"] == "tcp":
        return refusal(probe["port"])
    if probe["kind"] == "http":
        return missing_page(probe["port"], probe["path"])
    if probe["kind"] == "words":
        return wrong_words(probe["port"], probe["send"], probe["expect"])
    try:
        seconds = max(min(deadline - time.monotonic(), 60), 1)
        output = machine.run(as_user(probe.get("user"), probe["command"]), timeout=seconds, waits=True,
                             env=dict(os.environ, **probe.get("environment", {})))
    except Failure as error:
        return str(error)
    return unexpected(output, probe.get("expect"))


def as_user(user, command):
    return ["runuser", "-u", user, "--", *command] if user else command


def unexpected(output, expected):
    """What is wrong with the output of a command, if a regular expression has to be found in it and is not."""
    if expected is None or re.search(expected, output):
        return None
    return "no `%s` in what it wrote%s" % (expected, said(output))


def refusal(port):
    """Why nothing accepts connections, on whichever address of this machine it chose."""
    reason = None
    for host in ("127.0.0.1", socket.gethostname()):
        try:
            socket.create_connection((host, port), timeout=3).close()
            return None
        except OSError as error:
            reason = reason or error_words(error)
    return reason


def wrong_words(port, words, expected):
    """What is wrong with the answer to words, on whichever address of this machine."""
    reason = None
    for host in ("127.0.0.1", socket.gethostname()):
        try:
            with socket.create_connection((host, port), timeout=3) as connection:
                connection.settimeout(5)
                connection.sendall(words.encode())
                answer = b""
                while len(answer) < TAIL and not re.search(expected, answer.decode(errors="replace")):
                    part = connection.recv(4096)
                    if not part:
                        break
                    answer += part
        except OSError as error:
            reason = reason or error_words(error)
            continue
        reason = unexpected(answer.decode(errors="replace"), expected)
        if reason is None:
            return None
    return reason


def missing_page(port, path):
    """Why a page is not there, on whichever address of this machine."""
    reason = None
    for host in ("127.0.0.1", socket.gethostname()):
        try:
            with urllib.request.urlopen("http://%s:%d%s" % (host, port, path), timeout=10):
                return None
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = reason if isinstance(reason, str) and reason.startswith("HTTP") else error_words(error)
    return reason
