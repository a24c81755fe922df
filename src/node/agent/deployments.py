def node_index(inputs):
    """This machine's index in its group: the deployment is called GROUP-INDEX-deployment."""
    match = re.search(r"-(\d+)-deployment$", inputs.get("deploy_resource_name", ""))
    return int(match.group(1)) if match else None


def names_of(text):
    """All names of a list such as `c-master-0 c-slaves-[0..2,5]`."""
    names = []
    for word in text.split():
        prefix, bracket, runs = word.rstrip("]").partition("[")
        if not bracket:
            names.append(word)
        for run in runs.split(",") if bracket else []:
            first, _, last = run.partition("..")
            names += [prefix + str(index) for index in range(int(first), int(last or first) + 1)]
    return names


def carry_out(machine, bundle, inputs, timings):
    """Does what a bundle says, phase by phase; how long each took comes into `timings`."""
    if bundle.get("format") != FORMAT:
        raise Failure("this agent does not know bundles of format %r" % bundle.get("format"))
    notes, services = Notes(os.path.join(HOME, "notes.json")), Services(machine)
    if bundle["kind"] == "verify":
        members, leaving = (names_of(inputs.get(name, "")) for name in ("members", "leaving"))
        phases = [(step["name"], lambda step=step: run_step(machine, step, members, notes, services, leaving))
                  for step in bundle["steps"]]
        for unit in sorted(notes.units):
            services.watch(unit)
    elif bundle["kind"] == "node":
        bundle = own_part(bundle, node_index(inputs))
        check_units(bundle["units"])
        notes.will_come(bundle)
        phases = node_phases(machine, bundle, inputs, notes, services)
    else:
        raise Failure("this agent does not know bundles of kind %r" % bundle["kind"])
    for name, phase in phases:
        began = time.monotonic()
        try:
            if phase() is BREAK:
                return
        except Failure as error:
            raise Failure("%s: %s" % (name, error))
        except OSError as error:
            raise Failure("%s: %s" % (name, error_words(error)))
        finally:
            timings[name] = round(time.monotonic() - began, 1)
        machine.log("%s: %.1f s" % (name, timings[name]))


# What a phase returns after which there is nothing more to do for now.
BREAK = object()


def node_phases(machine, bundle, inputs, notes, services):
    index = node_index(inputs)
    first_master = bundle["cluster"] + "-master-0"
    serves = bundle["role"] == "master" and index == 0
    knows = any(rule["prefix"] + "0" == first_master and rule["first_index"] == 0 for rule in bundle["hosts"])
    shelf = "http://%s:%d" % (first_master, SHELF_PORT) if knows and not serves else None

    def finish():
        remove_leftovers(machine, bundle, notes)
        note_disks(bundle, inputs)
        # Written again at each boot.
        keep_json(HOME + "/hosts.json", bundle["hosts"])
    return [
        ("guard", lambda: guard(machine)),
        ("release", lambda: BREAK if let_go(machine, bundle, inputs, notes) else None),
        ("leftovers", lambda: stop_leftovers(machine, bundle, notes)),
        ("names", lambda: apply_hosts(machine, bundle["hosts"])),
        ("keys", lambda: apply_ssh_keys(machine, bundle["ssh_keys"])),
        ("disks", lambda: apply_disks(machine, bundle["disks"], inputs)),
        ("packages", lambda: apply_packages(machine, bundle["packages"])),
        ("machine", lambda: apply_machine(machine, bundle.get("machine", {}))),
        ("users", lambda: apply_users(machine, bundle["users"])),
        ("archives", lambda: apply_archives(machine, bundle["archives"], notes, shelf, serves)),
        ("Python", lambda: apply_pythons(machine, bundle.get("pythons", []), notes, bundle["units"])),
        ("directories", lambda: apply_directories(machine, bundle["directories"])),
        ("files", lambda: apply_files(machine, bundle["files"], inputs, notes)),
        ("services", lambda: apply_units(machine, bundle, notes, index, services)),
        ("probes", lambda: apply_probes(machine, bundle["probes"], services)),
        ("end", finish),
    ]


def perform(machine, deployment, bundle):
    """One deployment's result as Heat wants it. The last line of the log tells how long each phase took, seconds."""
    machine.lines = []
    inputs, timings = inputs_of(deployment), {}
    result = {"status": 0, "stderr": ""}
    try:
        carry_out(machine, bundle, inputs, timings)
    except Failure as error:
        result.update(status=1, stderr=brief(str(error)))
    except (ValueError, TypeError, LookupError, AttributeError, re.error) as error:
        result.update(status=1, stderr="the bundle is not what this agent expects: %s: %s" % (
            type(error).__name__, str(error)[-TAIL:]))
    line = "timings: " + json.dumps(timings)
    result["stdout"] = ("\n".join(machine.lines)[-(TAIL - len(line) - 1):] + "\n" + line).lstrip("\n")
    return result


def brief(text):
    """Begin and end of a text that may be long: what failed, and what was said at last."""
    return text if len(text) <= TAIL else text[:TAIL // 4] + "\n...\n" + text[-(TAIL - TAIL // 4 - 5):]


def inputs_of(deployment):
    return {entry["name"]: entry.get("value") for entry in deployment.get("inputs") or []}
