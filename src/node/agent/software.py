# Nobody waits longer than this for a server that does not answer; and for apt's lock, which a first boot's own
# installations hold. Seconds.
APT = ["apt-get", "-q", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10",
       "-o", "DPkg::Lock::Timeout=120"]


def missing_packages(packages):
    """Those that dpkg does not have; it is asked once."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *packages], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    there = {line.split(" ", 1)[0] for line in done.stdout.splitlines() if line.endswith(" install ok installed")}
    return [name for name in packages if name.split(":")[0] not in there]


def apply_packages(machine, packages):
    """Distribution packages. Those that are there already are not fetched, nor are the lists of others then."""
    missing = packages if machine.rehearsal is not None or not packages else missing_packages(packages)
    if not missing:
        return
    machine.log("installing %s" % ", ".join(missing))
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    stale = ""
    try:
        machine.run(APT + ["update"], env=quiet, timeout=180)
    except Failure as error:
        # The lists that are there may do.
        stale = "; before it, %s" % error
    try:
        with services_wait(machine):
            machine.run(APT + ["-y", "install", "--no-install-recommends"] + missing, env=quiet)
    except Failure as error:
        raise Failure("%s cannot be installed: %s%s" % (", ".join(missing), error, stale))
    machine.log("installed %s" % ", ".join(missing))


# What Debian's packages ask whether a service may start when it is installed: 101 means no.
POLICY, WAIT = "/usr/sbin/policy-rc.d", "#!/bin/sh\n# DISCO: what a package brings starts once it is configured\nexit 101\n"


@contextlib.contextmanager
def services_wait(machine):
    """While packages are installed their services do not start: they are not configured yet."""
    ours = machine.read(POLICY) in (None, WAIT)
    if ours:
        machine.write(POLICY, WAIT, 0o755)
    try:
        yield
    finally:
        if ours:
            os.remove(machine.path(POLICY))


def apply_pythons(machine, environments, notes, units):
    """Environments of Python as lock files say, each made as a whole: whatever is there of another list goes first."""
    for environment in environments:
        folder, text = environment["directory"], environment["requirements"]
        mark, digest = os.path.join(folder, ".disco-archive"), hashlib.sha256(text.encode()).hexdigest()
        if machine.read(mark) == digest:
            continue
        if machine.rehearsal is None and os.path.exists(folder):
            notes.will_restart([unit["name"] for unit in units if unit["exec"].startswith(folder + "/")])
            shutil.rmtree(folder)
        began = time.monotonic()
        machine.run([sys.executable, "-m", "venv", folder])
        machine.write(folder + "/requirements.txt", text)
        # What is installed is what the list says to the last byte, so scripts of packages that would be built are none, and
        # an index may be one without TLS, which pip ignores unless it is told to trust it.
        index = environment["index"]
        trusted = ["--trusted-host", urllib.parse.urlsplit(index).netloc] if index.startswith("http://") else []
        machine.run([folder + "/bin/pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
                     "--require-hashes", "--only-binary", ":all:", "--index-url", index, *trusted,
                     "--requirement", folder + "/requirements.txt"])
        machine.write(mark, digest)
        machine.log("installed %s %s into %s in %.0f s" % (
            environment["name"], environment["version"], folder, time.monotonic() - began))


def apply_users(machine, users):
    for user in users:
        if not machine.knows_group(user["group"]):
            machine.run(["groupadd", "--system", user["group"]])
        if not machine.knows_user(user["name"]):
            number = ["--uid", str(user["uid"])] if user.get("uid") is not None else []
            machine.run(["useradd", "--system", "--gid", user["group"], "--home-dir", user["home"], "--no-create-home",
                         "--shell", user.get("shell") or "/usr/sbin/nologin", *number, user["name"]])
            machine.log("added user %s" % user["name"])
        for group in user.get("groups", []):
            if not machine.knows_group(group):
                machine.run(["groupadd", "--system", group])
            if machine.rehearsal is not None or user["name"] not in grp.getgrnam(group).gr_mem:
                machine.run(["usermod", "--append", "--groups", group, user["name"]])
        if user.get("home_mode"):
            apply_directories(machine, [{"path": user["home"], "owner": "%s:%s" % (user["name"], user["group"]),
                                         "mode": user["home_mode"]}])


def apply_directories(machine, directories):
    for directory in directories:
        path = machine.path(directory["path"])
        if not os.path.isdir(path):
            os.makedirs(path)
            machine.log("made %s" % directory["path"])
        machine.own(directory["path"], directory["owner"])
        os.chmod(path, int(directory["mode"], 8))
