# How long a command may take that has no deadline of its own, seconds.
LONGEST = 1800


class Machine:
    """Files and commands of this machine, or a rehearsal of them below a folder."""

    def __init__(self, rehearsal=None):
        self.rehearsal = rehearsal
        self.lines = []
        # Called while something is waited for: it raises `Superseded` once Heat wants something else.
        self.look_up = lambda: None

    def log(self, text):
        """A line of the journal that Heat is told, too."""
        self.lines.append(text)
        say(text)

    def path(self, path):
        return path if self.rehearsal is None else os.path.join(self.rehearsal, path.lstrip("/"))

    def pause(self, seconds):
        self.look_up()
        time.sleep(seconds)

    def run(self, command, timeout=LONGEST, waits=False, fine=(0,), **options):
        """What a command writes, which is given as a list: values are data and never meet a shell. When its time is
        over, it ends with all that it started; one that only waits (`waits`) also when Heat wants something else. `fine`
        are the exit statuses that are no failure."""
        if self.rehearsal is not None:
            with open(os.path.join(self.rehearsal, "commands"), "a") as file:
                file.write(json.dumps(command) + "\n")
            return ""
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True, errors="replace", start_new_session=True, **options)
        try:
            while True:
                left = began + timeout - time.monotonic()
                try:
                    output = process.communicate(timeout=max(min(left, 10), 0))[0]
                    break
                except subprocess.TimeoutExpired:
                    if left <= 10:
                        os.killpg(process.pid, signal.SIGKILL)
                        output = process.communicate()[0]
                        raise Failure("`%s` did not end within %.0f s%s" % (shlex.join(command), timeout, said(output)))
                    if waits:
                        self.look_up()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode not in fine:
            raise Failure("`%s` ended with %d after %.1f s%s" % (
                shlex.join(command), process.returncode, time.monotonic() - began, said(output)))
        return output

    def read(self, path):
        try:
            # What somebody else has put there may be no text.
            with open(self.path(path), newline="", errors="surrogateescape") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, path, text, mode=0o644, owner=None):
        """Writes a file if it differs, aside and then renamed; says whether anything changed."""
        target = self.path(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        changed = self.read(path) != text
        if changed:
            descriptor = os.open(target + ".disco-new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", newline="", errors="surrogateescape") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            self.own(path + ".disco-new", owner)
            os.chmod(target + ".disco-new", mode)
            os.replace(target + ".disco-new", target)
            self.log("wrote %s" % path)
        else:
            self.own(path, owner)
            os.chmod(target, mode)
        return changed

    def own(self, path, owner):
        if owner and self.rehearsal is None:
            user, _, group = (int(part) if part.isdigit() else part for part in owner.partition(":"))
            shutil.chown(path, user, group or None)

    def accounts(self):
        """Accounts of this machine; a rehearsal reads those below its folder."""
        if self.rehearsal is None:
            return pwd.getpwall()
        lines = [line.split(":") for line in (self.read("/etc/passwd") or "").splitlines()]
        return [pwd.struct_passwd((*line[:2], int(line[2]), int(line[3]), *line[4:7])) for line in lines if len(line) == 7]

    def knows_user(self, name):
        return self.rehearsal is None and any(entry.pw_name == name for entry in pwd.getpwall())

    def knows_group(self, name):
        return self.rehearsal is None and any(entry.gr_name == name for entry in grp.getgrall())


def say(text):
    """A line of the journal."""
    print("disco:", text, flush=True)


def said(output):
    """The end of what a command wrote, as part of a sentence."""
    words = tail(output or "", 20)
    return ": " + words if words else ", without a word"


def managed(before, lines):
    """A text with our lines between our marks, everything else as it was."""
    kept, ours = [], False
    for line in (before or "").splitlines():
        if line == BEGIN:
            ours = True
        elif line == END:
            ours = False
        elif not ours:
            kept.append(line)
    return "\n".join(kept + [BEGIN] + lines + [END]) + "\n"
