def run_step(machine, step, members, notes, services):
    action, began = step["action"], time.monotonic()
    words = "step %s of %s" % (step["name"], step["framework"])
    machine.log("%s, at most %d s" % (words, step["timeout_seconds"]))
    deadline = began + step["timeout_seconds"]
    try:
        if action["kind"] in ("command", "job"):
            run_commands(machine, step, action, deadline, notes, services)
        elif action["kind"] == "members":
            prefixes = tuple(step["member_prefixes"])
            wanted = {name for name in members if not prefixes or name.startswith(prefixes)}
            wait_for_members(machine, step, action, wanted, deadline, services)
        else:
            raise Failure("this agent does not know how to do `%s`" % action["kind"])
    except Failure as error:
        raise Failure("%s: %s" % (words, error))
    machine.log("%s: %.1f s" % (words, time.monotonic() - began))


def run_commands(machine, step, action, deadline, notes, services):
    """Commands in order. Those of a `job` say what they did; those with `once` are never run again, also where power
    failed before that could be noted, if they leave what `unless_exists` names."""
    made = action.get("unless_exists")
    key = once_key(machine, step, action) if action.get("once") else None
    is_there = made and os.path.exists(machine.path(made))
    if key in notes.ran and made and not is_there:
        raise Failure("it ran before, and %s, which it made, does not exist any more; it is not run again, because that "
                      "could delete data" % made)
    if not is_there and key not in notes.ran:
        for command in action["commands"]:
            run_command(machine, action, command, deadline, services)
    if key is not None and key not in notes.ran:
        notes.ran.add(key)
        notes.save()


def once_key(machine, step, action):
    """What a step is about: the same step on another disk is another one."""
    made = action.get("unless_exists") or ""
    volumes = [known["volume"] for mount, known in sorted(known_mounts(machine).items())
               if made.startswith(mount.rstrip("/") + "/")]
    about = [step["framework"], step["name"], made or action["commands"], volumes]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def run_command(machine, action, command, deadline, services):
    retries, tries, began = action.get("retry"), 0, time.monotonic()
    while True:
        tries += 1
        try:
            output = machine.run(as_user(action.get("user"), command), timeout=max(deadline - time.monotonic(), 1),
                                 env=dict(os.environ, **action.get("environment", {})),
                                 waits=bool(retries) or action["kind"] == "job")
            reason = None if machine.rehearsal else unexpected(output, action.get("expect"))
            if reason is not None:
                raise Failure("`%s`: %s" % (shlex.join(command), reason))
            break
        except Failure as error:
            services.check()
            if not retries or time.monotonic() > deadline:
                raise Failure(str(error) if tries == 1 else "%s; tried %d times in %.0f s" % (
                    error, tries, time.monotonic() - began))
        machine.pause(3)
    if action["kind"] == "job":
        machine.log("%s: done in %.1f s" % (shlex.join(command), time.monotonic() - began))
        if output.strip():
            machine.log(tail(output, 10))


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


def wait_for_members(machine, step, action, wanted, deadline, services):
    """By name, never by count: after a shrink the old ones may still show."""
    if machine.rehearsal is not None:
        machine.run(["members", step["name"]] + sorted(wanted))
        return
    title, began, tries = action.get("title", step["name"]), time.monotonic(), 0
    while True:
        tries += 1
        try:
            missing = sorted(wanted - registered(action))
            if not missing:
                machine.log("%s: all %d" % (title, len(wanted)))
                return
            more = " and %d more" % (len(missing) - 20) if len(missing) > 20 else ""
            reason = "missing: %s%s" % (", ".join(missing[:20]), more)
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = "%s: %s" % (action["url"], error_words(error))
        except (LookupError, TypeError, AttributeError):
            reason = "%s: the answer has no %s" % (action["url"], ".".join(map(str, action["path"])))
        services.check()
        if time.monotonic() > deadline:
            raise Failure("%s: not within %d s, asked %d times, %s" % (title, time.monotonic() - began, tries, reason))
        machine.pause(3)
