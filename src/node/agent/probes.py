def apply_probes(machine, probes, services):
    """Waits until all that the bundle asks for answers on this machine."""
    for probe in probes:
        if probe["kind"] not in ("tcp", "http", "command"):
            raise Failure("this agent does not know the probe `%s`" % probe["kind"])
        if machine.rehearsal is None:
            wait_for(machine, probe, services)
        elif probe["kind"] == "command":
            machine.run(as_user(probe.get("user"), probe["command"]))
    services.settle()


def wait_for(machine, probe, services):
    """Waits for one answer, as long as the services run and Heat wants it."""
    what = probe["name"] if probe["kind"] == "command" else "%s on port %d" % (probe["name"], probe["port"])
    began, tries = time.monotonic(), 0
    deadline = began + probe["timeout_seconds"]
    machine.log("waiting for %s, at most %d s" % (what, probe["timeout_seconds"]))
    while True:
        tries += 1
        reason = lacks(machine, probe, deadline)
        if reason is None:
            machine.log("%s answers after %.1f s" % (what, time.monotonic() - began))
            return
        services.check()
        if time.monotonic() > deadline:
            raise Failure("no answer from %s, tried %d times in %d s: %s" % (
                what, tries, time.monotonic() - began, reason))
        machine.pause(1)


def lacks(machine, probe, deadline):
    """What is not yet as a probe wants it; nothing if all is."""
    if probe["kind"] == "tcp":
        return refusal(probe["port"])
    if probe["kind"] == "http":
        return missing_page(probe["port"], probe["path"])
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
