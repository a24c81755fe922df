def run_step(machine, step, members, notes, services, leaving=()):
    action, began = step["action"], time.monotonic()
    words = "step %s of %s" % (step["name"], step["framework"])
    machine.log("%s, at most %d s" % (words, step["timeout_seconds"]))
    deadline = began + step["timeout_seconds"]
    try:
        if action["kind"] in ("command", "job"):
            run_commands(machine, step, action, deadline, notes, services)
        elif action["kind"] == "http":
            send_requests(machine, action, deadline, services)
        elif action["kind"] in ("members", "command_members"):
            wanted = about(step, members) if step["member_prefixes"] else set(action.get("expected", members))
            wait_for_members(machine, step, action, wanted, deadline, services)
        elif action["kind"] == "answer":
            wait_for_answer(machine, step, action, deadline, services)
        elif action["kind"] == "decommission":
            decommission(machine, step, action, about(step, leaving), set(members), deadline, services)
        else:
            raise Failure("this agent does not know how to do `%s`" % action["kind"])
    except Failure as error:
        raise Failure("%s: %s" % (words, error))
    machine.log("%s: %.1f s" % (words, time.monotonic() - began))


def about(step, names):
    """The nodes of those groups that a step is about: a group's prefix and an index, for `c-slaves-big-0` is none of
    `c-slaves-`."""
    prefixes = "|".join(map(re.escape, step["member_prefixes"]))
    return {name for name in names if re.fullmatch("(%s)[0-9]+" % prefixes, name)}


def run_commands(machine, step, action, deadline, notes, services):
    """Commands in order. Those of a `job` say what they did; those with `once` are never run again, also where power
    failed before that could be noted, if they leave what `unless_exists` names."""
    done = is_so(action) if action.get("unless") and machine.rehearsal is None else None
    if done:
        machine.log("nothing to do: %s" % action.get("title", step["name"]))
        return
    made = action.get("unless_exists")
    key = once_key(machine, step, action) if action.get("once") else None
    ran = key in notes.ran and done is not False
    is_there = made and os.path.exists(machine.path(made))
    if ran and made and not is_there and machine.rehearsal is None:
        raise Failure("it ran before, and %s, which it made, does not exist any more; it is not run again, because that "
                      "could delete data" % made)
    if not is_there and not ran and action.get("otherwise"):
        with_retries(machine, action, deadline, services, lambda: run_either(machine, action, deadline, services))
    elif not is_there and not ran:
        written = ""
        for command in action["commands"]:
            # What a job is to write may be said by any of its commands: the last one tells whether it was.
            expects = action["kind"] != "job" or command is action["commands"][-1]
            written += run_command(machine, action, command, deadline, services, written, expects)
    if key is not None and key not in notes.ran:
        notes.ran.add(key)
        notes.save()


def is_so(action):
    """Whether a framework says already what an action is to bring about; `None` where it does not answer: then what ran
    once counts as done."""
    try:
        said = answered(dict(action["unless"], active=action.get("active")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, Failure, http.client.HTTPException):
        return None
    words = "" if said is None else said if isinstance(said, str) else json.dumps(said)
    return words == action["unless"]["equals"]


def run_either(machine, action, deadline, services):
    """Commands, or others where one of them fails."""
    once = dict(action, retry=False)
    try:
        for command in action["commands"]:
            run_command(machine, once, command, deadline, services)
    except Failure as error:
        machine.log("%s; trying the other way" % error)
        try:
            for command in action["otherwise"]:
                run_command(machine, once, command, deadline, services)
        except Failure as other:
            raise Failure("%s; otherwise: %s" % (error, other))


def once_key(machine, step, action):
    """What a step is about: the same step on another disk is another one."""
    made = action.get("unless_exists") or ""
    volumes = [known["volume"] for mount, known in sorted(known_mounts(machine).items())
               if made.startswith(mount.rstrip("/") + "/")]
    about = [step["framework"], step["name"], made or action["commands"], volumes]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def run_command(machine, action, command, deadline, services, before="", expects=True):
    """What a command writes; with what was written `before`, it has to be what the action expects."""
    began = time.monotonic()

    def once():
        output = machine.run(as_user(action.get("user"), command), timeout=max(deadline - time.monotonic(), 1),
                             env=dict(os.environ, **action.get("environment", {})),
                             waits=bool(action.get("retry")) or action["kind"] == "job",
                             fine=action.get("exit_statuses", [0]))
        reason = unexpected(before + output, action.get("expect")) if expects and machine.rehearsal is None else None
        if reason is not None:
            raise Failure("`%s`: %s" % (shlex.join(command), reason))
        return output

    output = with_retries(machine, action, deadline, services, once)
    if action["kind"] == "job":
        machine.log("%s: done in %.1f s" % (shlex.join(command), time.monotonic() - began))
        if output.strip():
            machine.log(tail(output, 10))
    return output


def with_retries(machine, action, deadline, services, once):
    """What one try gives. Where the action says so it is tried until time is up."""
    tries, began = 0, time.monotonic()
    while True:
        tries += 1
        try:
            return once()
        except Failure as error:
            services.check()
            if not action.get("retry") or time.monotonic() > deadline:
                raise Failure(str(error) if tries == 1 else "%s; tried %d times in %.0f s" % (
                    error, tries, time.monotonic() - began))
        machine.pause(3)


def send_requests(machine, action, deadline, services):
    """Asks a framework for something, in order: it takes milliseconds, where a command that starts a JVM takes seconds."""
    for request in action["requests"]:
        if machine.rehearsal is None:
            with_retries(machine, action, deadline, services, lambda: send_request(request, active_host(action)))
        else:
            machine.run([request["method"], request["url"]])


def active_host(action):
    """Of several hosts the one that says to be active, which is asked then; nothing where there is no choice."""
    active, said = action.get("active"), []
    for host in active["hosts"] if active else []:
        try:
            found = value_at(active["url"].replace("{host}", host), active["path"], ACTIVE_PATIENCE)
        except (OSError, ValueError, http.client.HTTPException) as error:
            said.append("%s: %s" % (host, error_words(error)))
        except (LookupError, TypeError, AttributeError):
            said.append("%s does not say what it is" % host)
        else:
            if str(found) == active["equals"]:
                return host
            said.append("%s is %s" % (host, found))
    if active:
        raise Failure("none is %s: %s" % (active["equals"], ", ".join(said)))
    return None


# How long a host may take to say whether it is the active one, seconds: another one may be.
ACTIVE_PATIENCE = 10


def at(host, url):
    """An address on the host that is asked."""
    return url.replace("{host}", host) if host else url


def send_request(request, host=None):
    """One request; what is not done is a failure in the framework's own words."""
    url = at(host, request["url"])
    what = "%s %s" % (request["method"], url)
    try:
        asked = urllib.request.Request(url, method=request["method"])
        with urllib.request.urlopen(asked, timeout=30):
            pass
    except urllib.error.HTTPError as error:
        said = error.read(TAIL).decode(errors="replace").strip()
        raise Failure("%s: %s%s" % (what, error_words(error), ", " + tail(said, 5) if said else ""))
    except (OSError, http.client.HTTPException) as error:
        raise Failure("%s: %s" % (what, error_words(error)))


def answered(action):
    """What a framework says at the place that the action names; nothing where a part of the way there is null."""
    return value_at(at(active_host(action), action["url"]), action["path"], 30)


def value_at(url, path, patience):
    """What is at a place of the JSON at an address."""
    with urllib.request.urlopen(url, timeout=patience) as answer:
        value = json.load(answer)
    for part in path:
        value = json.loads(value) if isinstance(value, str) else value
        if value is None:
            return None
        value = value[part]
    return value


def listed(machine, action):
    """The nodes that a framework knows: host name, and what it says of it."""
    if action.get("command"):
        return [(name, {}) for name in found_names(machine, action)]
    value = answered(action)
    value = json.loads(value) if isinstance(value, str) else value
    if action["names"] == "keys":
        nodes = (value or {}).items()
    else:
        nodes = [(entry[action["names"]], entry) for entry in value or []]
    return [(name.split(":")[0].split(".")[0], entry) for name, entry in nodes]


def found_names(machine, action):
    """The nodes that are named in what a command writes, by name or by address."""
    output = machine.run(as_user(action.get("user"), action["command"]), timeout=60, waits=True,
                         env=dict(os.environ, **action.get("environment", {})))
    words = set(re.findall(action["pattern"], output, re.MULTILINE))
    names = known_addresses()
    return sorted(names.get(word, word.split(":")[0].split(".")[0]) for word in words if word)


def known_addresses():
    """Names of the cluster's nodes by their addresses."""
    return dict(host_entries(kept_json(HOME + "/hosts.json", [])))


def registered(action, nodes):
    """Host names of the nodes that a framework lists as it is wanted."""
    wanted = action.get("where", {}).items()
    return {name for name, entry in nodes if all(entry.get(key) == text for key, text in wanted)}


def ask_until(machine, action, deadline, services, still_open):
    """Asks a framework for its nodes until nothing of them is `still_open`: None then. When time is up, how often it was
    asked, and what is open."""
    tries = 0
    while True:
        tries += 1
        try:
            reason = still_open()
            if not reason:
                return None
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = "%s: %s" % (action.get("url"), error_words(error))
        except Failure as error:
            reason = str(error)
        except (LookupError, TypeError, AttributeError):
            reason = "%s: the answer has no %s" % (action["url"], ".".join(map(str, action["path"])))
        services.check()
        if time.monotonic() > deadline:
            return tries, reason
        machine.pause(3)


def wait_until(machine, step, action, deadline, services, still_open):
    """The same, which is a failure when time is up."""
    began = time.monotonic()
    late = ask_until(machine, action, deadline, services, still_open)
    if late:
        raise Failure("%s: not within %d s, asked %d times, %s" % (
            action.get("title", step["name"]), time.monotonic() - began, *late))


def decommission(machine, step, action, leaving, members, deadline, services):
    """Has a framework move what nodes have that are to leave, and waits until it has. Those of before may come back when
    they are members again; where the framework would believe for a while that those who have gone are still there, they
    stay written down until then. Who is not among the living has nothing to move any longer."""
    gone = excluded(machine, action) - members if action.get("keep") else set()
    if action.get("file"):
        exclude(machine, action, leaving | gone, deadline, services)
    tell_each(machine, action, leaving, deadline, services)
    if not leaving or machine.rehearsal is not None:
        return
    title, began, said = action.get("title", step["name"]), time.monotonic(), set()

    def still_moving():
        found = listed(machine, action)
        states = {name: str(entry[action["state"]]) if action.get("state") else "still there"
                  for name, entry in found if name in leaving}
        moving = sorted(name for name, state in states.items() if state not in action.get("done", []))
        reason = ", ".join("%s is %s" % (name, states[name]) for name in moving)
        if reason and reason not in said:
            said.add(reason)
            machine.log("%s: %s" % (title, reason))
        return reason

    late = ask_until(machine, action, deadline, services, still_moving)
    if late:
        if action.get("file"):
            exclude(machine, action, gone - leaving, time.monotonic() + 60, services)
        tell_each(machine, dict(action, each=action.get("back", [])), leaving, time.monotonic() + 60, services)
        raise Failure("%s: not within %d s, %s; all nodes stay" % (title, time.monotonic() - began, late[1]))
    machine.log("%s: %s" % (title, " ".join(sorted(leaving))))


def tell_each(machine, action, leaving, deadline, services):
    """Runs commands for each node that leaves."""
    addresses = {name: address for address, name in known_addresses().items()}
    for name in sorted(leaving):
        values = {"{name}": name, "{address}": addresses.get(name, name)}
        for command in action.get("each", []):
            for mark, value in values.items():
                command = [word.replace(mark, value) for word in command]
            run_command(machine, action, command, deadline, services)


def excluded(machine, action):
    """Who is written down as leaving."""
    return set((machine.read(action["file"]) or "").split())


def exclude(machine, action, leaving, deadline, services):
    """Writes down who leaves, and has the framework read it where that is news."""
    before = machine.read(action["file"]) or ""
    after = "".join(name + "\n" for name in sorted(leaving))
    if before == after:
        return
    machine.write(action["file"], after)
    try:
        for command in action.get("commands", []):
            run_command(machine, action, command, deadline, services)
    except Failure:
        # It is told again, and until then the file says what the framework was told last.
        machine.write(action["file"], before)
        raise


def wait_for_members(machine, step, action, wanted, deadline, services):
    """By name, never by count: after a shrink the old ones may still show."""
    if machine.rehearsal is not None:
        machine.run(["members", step["name"]] + sorted(wanted))
        return
    title, ill = action.get("title", step["name"]), {}

    def missing():
        found = listed(machine, action)
        nodes, names = dict(found), sorted(wanted - registered(action, found))
        words = {name: what_is(action, nodes[name]) for name in names if name in nodes and action.get("state")}
        now = time.monotonic()
        for name in set(ill) - set(words):
            del ill[name]
        for name in words:
            ill.setdefault(name, now)
        for name in sorted(words):
            if now - ill[name] > PATIENCE:
                raise Failure("%s: %s is %s, for %d s" % (title, name, words[name], now - ill[name]))
        more = " and %d more" % (len(names) - 20) if len(names) > 20 else ""
        told = [name + (" (%s)" % words[name] if name in words else "") for name in names[:20]]
        return names and "missing: %s%s" % (", ".join(told), more)

    wait_until(machine, step, action, deadline, services, missing)
    machine.log("%s: all %d" % (title, len(wanted)))


# How long a member may say of itself that it is ill before that is a failure, seconds: it does not get well by itself.
PATIENCE = 45


def what_is(action, entry):
    """What a framework says of a member that is not as it should be."""
    why = str(entry.get(action.get("why")) or "").strip()
    return "%s%s" % (entry.get(action["state"]), ": " + why if why else "")


def wait_for_answer(machine, step, action, deadline, services):
    """Waits until a framework says what it shall."""
    if machine.rehearsal is not None:
        machine.run(["answer", step["name"], str(action["equals"])])
        return

    def otherwise():
        said = answered(action)
        words = said if said is None or isinstance(said, str) else json.dumps(said)
        return words != action["equals"] and (str(words).strip() or "it says nothing")

    title = action.get("title", step["name"])
    if not action.get("lenient"):
        wait_until(machine, step, action, deadline, services, otherwise)
        machine.log(title)
        return
    late = ask_until(machine, action, deadline, services, otherwise)
    machine.log("%s: not yet, %s; it goes on" % (title, late[1]) if late else title)
