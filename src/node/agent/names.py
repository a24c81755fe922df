def host_entries(rules):
    """Addresses and names of the cluster's nodes."""
    for rule in rules:
        first = int.from_bytes(socket.inet_aton(rule["first_address"]), "big")
        for step in range(rule["count"]):
            address = socket.inet_ntoa((first + step).to_bytes(4, "big"))
            yield address, "%s%d" % (rule["prefix"], rule["first_index"] + step)


def apply_hosts(machine, rules):
    """All names of the cluster, in place: containers bind-mount this file."""
    lines = ["%s %s" % entry for entry in host_entries(rules)]
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
