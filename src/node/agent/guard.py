# Where Nova serves a server's user data, and Heat's credentials in it, to whoever asks on that server.
METADATA, METADATA_6 = "169.254.169.254", "fe80::a9fe:a9fe"
GUARD = "disco-guard.service"
GUARD_UNIT = """\
[Unit]
Description=DISCO keeps all accounts but root from the metadata address
DefaultDependencies=no
RequiresMountsFor=%(home)s
After=local-fs.target nftables.service netfilter-persistent.service
Before=sysinit.target network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/python3 %(home)s/agent.py --guard

[Install]
WantedBy=sysinit.target
"""
# Copies of user data and of the credentials in it. cloud-init and Heat's part handler leave some of them open to all.
PRIVATE = ("/var/lib/heat-cfntools", "/var/lib/heat-cfntools/*", "/var/lib/cloud/data/cfn-init-data",
           "/var/lib/cloud/instances/*/*.txt", "/var/lib/cloud/instances/*/*.txt.i", "/var/lib/cloud/instances/*/obj.pkl",
           "/var/lib/cloud/seed/*/*", "/run/cloud-init/instance-data-sensitive.json")


def guard(machine):
    """Nobody but root reads this machine's credentials: not in files, and not at the metadata address."""
    for pattern in PRIVATE:
        for path in glob.glob(machine.path(pattern)):
            mode = os.stat(path).st_mode & 0o7777
            if mode & 0o077:
                os.chmod(path, mode & 0o700)
                machine.log("only root reads %s from now on" % path)
    if machine.rehearsal is None and os.path.exists(CREDENTIALS):
        guard_metadata(machine)
        guard_at_boot(machine)


def guard_at_boot(machine):
    """Before any service starts: the agent itself comes much later."""
    if shutil.which("systemctl") and machine.write("/etc/systemd/system/" + GUARD, GUARD_UNIT % {"home": HOME}):
        machine.run(["systemctl", "daemon-reload"])
        machine.run(["systemctl", "enable", "--quiet", GUARD])


def guard_metadata(machine):
    errors = []
    for tool, rule in (("nft", guard_with_nft), ("iptables", guard_with_iptables), ("ip", guard_with_ip)):
        if shutil.which(tool) is None:
            errors.append("%s is not installed" % tool)
            continue
        try:
            if rule(machine):
                machine.log("only root reaches %s from now on (%s)" % (METADATA, tool))
        except Failure as error:
            errors.append(str(error))
            continue
        if not reached_by_nobody():
            return
        errors.append("%s did not keep the account `nobody` from it" % tool)
    text = "all accounts of this machine may read its credentials at %s: %s" % (METADATA, "; ".join(errors))
    if reached_by_nobody():
        raise Failure("%s; use an image with nftables, iptables or iproute2" % text)
    machine.log(text + "; nothing answers there now")


def guard_with_nft(machine):
    """A table of our own, put in place at once; says whether it was not there."""
    try:
        machine.run(["nft", "list", "table", "inet", "disco"])
        return False
    except Failure:
        pass
    chains = ["add chain inet disco %s { type filter hook %s priority -150 ; }" % (hook, hook) for hook in ("output", "forward")]
    # What is forwarded comes from containers, which are not this machine's root.
    rules = ["add rule inet disco %s %s daddr %s %sreject" % (hook, family, address, who)
             for hook, who in (("output", "meta skuid != 0 "), ("forward", ""))
             for family, address in (("ip", METADATA), ("ip6", METADATA_6))]
    machine.run(["nft", "; ".join(["add table inet disco", *chains, *rules])])
    return True


def guard_with_iptables(machine):
    new = False
    for tool, address in (("iptables", METADATA), ("ip6tables", METADATA_6)):
        for chain, who in (("OUTPUT", ["-m", "owner", "!", "--uid-owner", "0"]), ("FORWARD", [])):
            rule = ["-d", address, *who, "-j", "REJECT"]
            try:
                machine.run([tool, "-w", "-C", chain, *rule])
            except (Failure, OSError):
                try:
                    machine.run([tool, "-w", "-I", chain, *rule])
                    new = True
                except (Failure, OSError):
                    # A machine without IPv6 has nothing to forbid there.
                    if tool == "iptables":
                        raise
    return new


def guard_with_ip(machine):
    """A routing rule by account: every image has this tool, because cloud-init needs it. networkd takes away the rules
    of strangers when it starts, so this one comes from the kernel."""
    new = False
    for family, address in (("-4", METADATA), ("-6", METADATA_6)):
        words = ["to", address, "uidrange", "1-4294967294", "prohibit"]
        try:
            if address not in machine.run(["ip", family, "rule", "list"]):
                machine.run(["ip", family, "rule", "add", "priority", "1", "protocol", "kernel", *words])
                new = True
        except Failure:
            if family == "-4":
                raise
    return new


def reached_by_nobody():
    """Whether an account without rights is answered at the metadata address. It tries as that account."""
    child = os.fork()
    if child == 0:
        reached = True
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            reached = answers()
        finally:
            os._exit(1 if reached else 0)
    return os.waitpid(child, 0)[1] != 0


def answers():
    """Whether anything accepts a connection at the metadata address within a second, on whichever interface."""
    places = [(socket.AF_INET, (METADATA, 80))]
    places += [(socket.AF_INET6, (METADATA_6, 80, 0, index)) for index, name in socket.if_nameindex() if name != "lo"]
    doors = []
    for family, place in places[:16]:
        try:
            door = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            continue
        door.setblocking(False)
        state = door.connect_ex(place)
        if state == 0:
            return True
        if state == errno.EINPROGRESS:
            doors.append(door)
    until = time.monotonic() + 1
    while doors and time.monotonic() < until:
        ready = select.select([], doors, [], max(until - time.monotonic(), 0))[1]
        if any(door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 for door in ready):
            return True
        doors = [door for door in doors if door not in ready]
    return False
