class Done:
    """Deployments that were carried out, with what was or has to be signalled; survives a restart."""

    def __init__(self, path):
        self.path, self.results = path, kept_json(path, {})

    def keep(self, wanted):
        self.results = {name: result for name, result in self.results.items() if name in wanted}

    def save(self):
        keep_json(self.path, self.results)


class Rhythm:
    """How long to wait between two polls: short after work, then longer and longer, and never so short that all nodes
    of a cluster together weigh on Heat."""

    # Polls a second of all nodes together, while there is work and at rest.
    BUSY, RESTING = 50, 7
    # What one node waits at least, and at rest; at most; and after failures, seconds.
    SHORTEST, REST, LONGEST, AGAIN = 2, 15, 150, 60

    def __init__(self, nodes):
        self.nodes, self.failures, self.worked = nodes, 0, time.monotonic()

    def pause(self, now):
        """Seconds until the next poll, before chance has its part: a tenth of the time since the last work, so that
        what follows it soon is noticed soon."""
        shortest = max(self.SHORTEST, self.nodes / self.BUSY)
        rest = min(max(self.REST, self.nodes / self.RESTING), self.LONGEST)
        if self.failures:
            return min(shortest * 2.0 ** min(self.failures, 9), max(self.AGAIN, rest))
        return min(max((now - self.worked) / 10, shortest), max(rest, shortest))


def jittered(pause):
    """Nodes that started together do not go on together."""
    return pause * random.uniform(0.75, 1.25)


def renewed(bundle):
    """Whether the bundle brings another agent than this one; it is written down if so."""
    if not bundle.get("agent_gzip"):
        return False
    text = gzip.decompress(base64.b64decode(bundle["agent_gzip"])).decode()
    with open(os.path.abspath(__file__)) as file:
        if text == file.read():
            return False
    path = os.path.join(HOME, "agent.py")
    with open(path + ".new", "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    return True


class Heat:
    """The deployments of this machine's server resource, as Heat has them."""

    def __init__(self, credentials):
        self.session = Session(credentials["auth_url"], credentials["user_id"], credentials["password"],
                               credentials["project_id"], credentials.get("region_name"))
        self.path = "/stacks/%s/resources/%s/metadata" % (credentials["stack_id"], credentials["resource_name"])
        self.server, self.knows_servers, self.asked = None, True, 0.0

    def deployments(self):
        """Those of group `disco`. By the server's id they cost Heat less than half: it need not load the stack. A
        machine that does not know its id yet, and a Heat that does not answer that, are asked by the resource's name."""
        found = None
        if self.server and self.knows_servers:
            try:
                found = self.session.call("GET", "/software_deployments/metadata/%s" % self.server)["metadata"]
            except urllib.error.HTTPError as error:
                if error.code not in (400, 403, 404, 405):
                    raise
                self.knows_servers = False
        if found is None:
            found = self.session.call("GET", self.path)["metadata"].get("deployments")
        self.asked = time.monotonic()
        found = [entry for entry in found or [] if entry.get("group") == "disco"]
        return found

    def learn_server(self, inputs):
        self.server = inputs.get("deploy_server_id")

    def watch(self, wanted):
        """Raises `Superseded` once a deployment is no longer wanted; asks Heat now and then only, and not being told is
        no reason to stop."""
        if time.monotonic() - self.asked < WATCH:
            return
        try:
            found = self.deployments()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Failure, http.client.HTTPException):
            self.asked = time.monotonic()
            return
        if not any(entry["id"] == wanted for entry in found):
            raise Superseded()


# How often Heat is asked while something is waited for whether that is still wanted, seconds.
WATCH = 20


def one_round(heat, machine, done, may_renew):
    """Polls once and does what is new; says whether there was anything."""
    deployments = heat.deployments()
    done.keep({entry["id"] for entry in deployments})
    worked, refused = False, None
    for deployment in deployments:
        inputs, name = inputs_of(deployment), deployment["id"]
        what = "deployment %s (%s)" % (inputs.get("deploy_resource_name", "?"), name)
        heat.learn_server(inputs)
        result = done.results.get(name)
        if result is None:
            config = deployment.get("config") or "{}"
            try:
                bundle = json.loads(config) if isinstance(config, str) else config
            except ValueError:
                bundle = {}
            if may_renew and renewed(bundle):
                raise SystemExit(RENEWED)
            say("%s: begins" % what)
            machine.look_up = lambda name=name: heat.watch(name)
            try:
                result = perform(machine, deployment, bundle)
            except Superseded:
                # It is not signalled: Heat would take that for the result of what it wants now.
                say("%s: given up, because Heat does not want it any more" % what)
                return True
            finally:
                machine.look_up = lambda: None
            say("%s: %s" % (what, "failed: " + result["stderr"] if result["status"] else "done"))
            result["signalled"] = False
            done.results[name] = result
            done.save()
        if not result["signalled"]:
            try:
                tell_heat(inputs, result)
            except urllib.error.HTTPError as error:
                if error.code not in (401, 403, 404):
                    raise
                # Heat has another one in its place, which may be among those that follow: they must not wait for it.
                refused = error
                continue
            say("%s: %s is signalled to Heat" % (what, "the failure" if result["status"] else "success"))
            result["signalled"] = worked = True
            done.save()
    if refused:
        raise refused
    return worked


def cluster_size(rules):
    """How many nodes there may be, at most, by the names that are reserved for them."""
    return sum(rule["count"] for rule in rules)


def credentials():
    with open(CREDENTIALS) as file:
        return json.load(file)["os-collect-config"]["heat"]


def main():
    options = argparse.ArgumentParser(description="DISCO's node agent")
    options.add_argument("--once", action="store_true", help="one round, then end")
    options.add_argument("--guard", action="store_true", help="keep accounts from the metadata address, then end")
    options.add_argument("--rehearse", metavar="FOLDER", help="change only what is below this folder")
    options = options.parse_args()
    machine = Machine(options.rehearse)
    try:
        guard(machine)
    except (OSError, Failure) as error:
        # A deployment fails for the same reason, where a person sees it.
        say("guard: %s" % (error_words(error)))
    if options.guard:
        return
    done = Done(os.path.join(HOME, "done.json"))
    rules = kept_json(HOME + "/hosts.json", [])
    if machine.rehearsal is None and rules:
        apply_hosts(machine, rules)
    rhythm, heat = Rhythm(cluster_size(rules)), None
    while True:
        try:
            heat = heat or Heat(credentials())
            if one_round(heat, machine, done, not options.once):
                rhythm = Rhythm(cluster_size(kept_json(HOME + "/hosts.json", [])))
            rhythm.failures = 0
        except (OSError, ValueError, KeyError, TypeError, AttributeError, Failure, http.client.HTTPException) as error:
            # No DISCO, no Heat, no network: it may all come back.
            heat, rhythm.failures = None, rhythm.failures + 1
            pause = rhythm.pause(time.monotonic())
            print("disco: Heat: %s; again in about %.0f s" % (error_words(error), pause), file=sys.stderr, flush=True)
            if options.once:
                raise SystemExit(1)
        if options.once:
            return
        time.sleep(jittered(rhythm.pause(time.monotonic())))


if __name__ == "__main__":
    main()
