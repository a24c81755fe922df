# How often an address is tried; within how many seconds all tries of all addresses are over that get no answer, and how
# many each has at least.
ATTEMPTS, ALL_ATTEMPTS, LEAST_ATTEMPT = 3, 45, 3
# A server that sends less than this in so many seconds does not answer either.
SLOW_BYTES, SLOW_SECONDS = 64 << 10, 20
CACHE = "/var/cache/disco"
# Where the first master serves the archives that it has fetched, each by its digest. Nothing is trusted there: whoever
# fetches compares the digest.
SHELF, SHELF_PORT, SHELF_UNIT = CACHE + "/served", 8479, "disco-archives.service"
SHELF_TEXT = """\
[Unit]
Description=Archives for the other nodes of this cluster
After=network-online.target
Wants=network-online.target

[Service]
User=nobody
ExecStart=/usr/bin/python3 -m http.server --directory %s %d
Restart=on-failure
RestartSec=5
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
StandardOutput=null
StandardError=null

[Install]
WantedBy=multi-user.target
""" % (SHELF, SHELF_PORT)


class Refused(Exception):
    """An address that will not do, however often it is tried."""


def within(seconds, function, *arguments, **named):
    """What a function returns, if it does in time: a name that cannot be resolved takes as long as it likes."""
    result = []

    def call():
        try:
            result.append((function(*arguments, **named), None))
        except Exception as error:  # handed on below
            result.append((None, error))
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if not result:
        raise TimeoutError("no answer within %g s" % seconds)
    value, error = result[0]
    if error is not None:
        raise error
    return value


def opened(url, seconds, offset=0):
    request = urllib.request.Request(url, headers={"Range": "bytes=%d-" % offset} if offset else {})
    try:
        return within(seconds, urllib.request.urlopen, request, timeout=seconds)
    except urllib.error.HTTPError as error:
        if 400 <= error.code < 500 and error.code not in (408, 416, 429):
            raise Refused(error_words(error))
        raise


def shown(url):
    """An address without the password that may be in it."""
    return re.sub(r"//[^/@]*@", "//", url)


def fetch(machine, what, urls, take):
    """What `take` makes of the first address that will do; each is tried in turn, ATTEMPTS times."""
    began = time.monotonic()
    seconds = max(LEAST_ATTEMPT, ALL_ATTEMPTS / (ATTEMPTS * max(len(urls), 1)))
    tries, words, left = dict.fromkeys(urls, 0), {}, list(urls)
    for attempt in range(ATTEMPTS):
        if attempt and left:
            machine.pause(attempt)
        for url in list(left):
            machine.look_up()
            tries[url] += 1
            try:
                return take(url, seconds)
            except Refused as error:
                words[url] = str(error)
                left.remove(url)
            except (OSError, ValueError, http.client.HTTPException) as error:
                words[url] = error_words(error)
            say("%s: %s: %s, attempt %d of %d" % (what, shown(url), words[url], tries[url], ATTEMPTS))
    told = ["%s: %s%s" % (shown(url), words[url], ", tried %d times" % tries[url] if tries[url] > 1 else "")
            for url in urls]
    raise Failure("%s cannot be fetched, given up after %.0f s: %s" % (what, time.monotonic() - began, "; ".join(told)))


def published_digest(text, digits=128):
    """The SHA-512 in a publisher's file, or the SHA-256 of 64 digits, in any of three layouts: BSD, coreutils, GPG."""
    whole = re.search(r"(?<![0-9a-fA-F])[0-9a-fA-F]{%d}(?![0-9a-fA-F])" % digits, text)
    if whole:
        return whole.group(0).lower()
    spread = re.sub(r"[^0-9a-fA-F]", "", text.rpartition(":")[2])
    if len(spread) == digits:
        return spread.lower()
    raise Failure("no SHA-%d in what the publisher says: %r" % (digits * 4, text[:200]))


def sha_for(digest):
    """What computes a digest of as many digits."""
    return hashlib.sha256() if len(digest) == 64 else hashlib.sha512()


def digest_of(path, like):
    """The digest of a file, of the kind of another one."""
    sha = sha_for(like)
    with open(path, "rb") as file:
        while True:
            part = file.read(1 << 20)
            if not part:
                return sha.hexdigest()
            sha.update(part)


class Download:
    """An archive on its way into a file; what has come is kept when an attempt breaks off."""

    def __init__(self, machine, what, digest, path):
        self.machine, self.what, self.digest, self.path = machine, what, digest, path
        self.begin_again()

    def begin_again(self):
        self.sha, self.size = sha_for(self.digest), 0

    def take(self, url, seconds):
        with opened(url, seconds, self.size) as source:
            if source.status != 206:
                self.begin_again()
            length = source.headers.get("Content-Length")
            whole = None if length is None else self.size + int(length)
            self.machine.log("fetching %s%s from %s" % (self.what, "" if whole is None else " (%s)" % mebibytes(whole), shown(url)))
            self.copy(source, whole)
        if whole is not None and self.size < whole:
            raise OSError("the connection ended after %s of %s" % (mebibytes(self.size), mebibytes(whole)))
        if self.sha.hexdigest() != self.digest:
            found = self.sha.hexdigest()
            self.begin_again()
            raise Refused("its SHA-%d is %s…, expected %s…" % (len(found) * 4, found[:12], self.digest[:12]))

    def copy(self, source, whole):
        mark, until = self.size, time.monotonic() + SLOW_SECONDS
        with open(self.path, "ab" if self.size else "wb") as file:
            file.truncate(self.size)
            while True:
                part = source.read1(1 << 20)
                if not part:
                    return
                try:
                    file.write(part)
                    file.flush()
                except OSError as error:
                    raise no_room(error, self.what, os.path.dirname(self.path), whole) from None
                self.sha.update(part)
                self.size += len(part)
                if time.monotonic() > until:
                    if self.size - mark < SLOW_BYTES:
                        raise TimeoutError("less than %d KiB in %d s" % (SLOW_BYTES >> 10, SLOW_SECONDS))
                    mark, until = self.size, time.monotonic() + SLOW_SECONDS
                    self.machine.look_up()


def mebibytes(size):
    return "%.1f MiB" % (size / (1 << 20))


def no_room(error, what, folder, needed=None):
    """A full disk in words; no other mirror mends it."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return Failure("%s cannot be written to %s: %s" % (what, folder, error_words(error)))
    left = os.statvfs(folder)
    return Failure("no room for %s in %s: %s%s free" % (
        what, folder, "it has %s, and " % mebibytes(needed) if needed else "", mebibytes(left.f_bavail * left.f_frsize)))


def unpack(path, folder, strip=1):
    """Unpacks without the first parts of each path, and nothing outside the folder."""
    def inner(name):
        name = "/".join(name.removeprefix("./").split("/")[strip:])
        return None if ".." in name.split("/") or name.startswith("/") else name
    found = False
    with tarfile.open(path) as archive:
        for member in archive:
            name = inner(member.name)
            if not name:
                continue
            if member.islnk():
                member.linkname = inner(member.linkname) or name
            elif member.issym():
                target = os.path.normpath(os.path.join(os.path.dirname(name), member.linkname))
                if os.path.isabs(member.linkname) or target.startswith(".."):
                    continue
            member.name = name
            member.uid = member.gid = 0
            member.uname = member.gname = "root"
            archive.extract(member, folder)
            found = True
    if not found:
        raise Failure("the archive has nothing below a first folder, which is what would be unpacked")


def apply_archives(machine, archives, notes=None, shelf=None, serves=False):
    """Software from mirrors. `shelf` is where a node of the cluster may have it already; `serves`: this one is that. Units
    that have to restart for it are noted before anything changes."""
    for archive in archives:
        if machine.rehearsal is not None:
            machine.run(["fetch", archive["name"], archive["version"], archive.get("file") or archive["directory"]])
        else:
            apply_archive(machine, archive, notes, shelf, serves)
    if machine.rehearsal is None:
        serve_archives(machine, archives)


def apply_archive(machine, archive, notes, shelf, serves):
    digest, what, folder = archive.get("sha512"), "%s %s" % (archive["name"], archive["version"]), archive["directory"]
    single = archive.get("file")
    found = (machine.read(os.path.join(folder, ".disco-archive")) or "").split("\n")
    if single:
        if os.path.isfile(single) and digest_of(single, digest) == digest:
            return
    elif found[0] == what and (not digest or found[1:2] == [digest]):
        return
    if archive.get("restarts"):
        notes.will_restart(archive["restarts"])
    if not digest:
        def text(url, seconds):
            with opened(url, seconds) as answer:
                return answer.read(1 << 16).decode("utf-8", "replace")
        url = archive.get("sha512_url")
        said = fetch(machine, "the digest of %s" % what, [url or archive["sha256_url"]], text)
        digest = published_digest(said, 128 if url else 64)
    os.makedirs(CACHE, exist_ok=True)
    path = os.path.join(CACHE, "%s-%s" % (archive["name"].replace(" ", "-"), archive["version"]))
    began = time.monotonic()
    if os.path.exists(path) and digest_of(path, digest) == digest:
        machine.log("%s is in %s already" % (what, CACHE))
    else:
        download(machine, what, archive["urls"], digest, path, shelf)
        machine.log("fetched %s in %.1f s" % (what, time.monotonic() - began))
    if single:
        place_file(what, path, single)
    else:
        place_folder(what, digest, path, folder, archive.get("strip", 1))
    if serves and shutil.disk_usage(CACHE).free > 4 * os.path.getsize(path):
        os.makedirs(SHELF, exist_ok=True)
        os.chmod(path, 0o644)
        os.replace(path, os.path.join(SHELF, digest))
    else:
        os.remove(path)
    machine.log("%s to %s" % ("put " + what if single else "unpacked " + what, single or folder))


def place_file(what, path, target):
    """A file that is not unpacked, whole or not at all."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        shutil.copyfile(path, target + ".disco-new")
    except OSError as error:
        raise no_room(error, what, os.path.dirname(target)) from None
    os.chmod(target + ".disco-new", 0o644)
    os.replace(target + ".disco-new", target)


def place_folder(what, digest, path, folder, strip):
    """A folder of its own, whole or not at all."""
    fresh = folder.rstrip("/") + ".disco-new"
    shutil.rmtree(fresh, ignore_errors=True)
    os.makedirs(fresh)
    try:
        unpack(path, fresh, strip)
        with open(os.path.join(fresh, ".disco-archive"), "w") as file:
            file.write("%s\n%s\n" % (what, digest))
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise no_room(error, what, os.path.dirname(fresh)) from None
    except (tarfile.TarError, EOFError) as error:
        raise Failure("%s cannot be unpacked: %s" % (what, error_words(error)))
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(fresh, folder)


def download(machine, what, urls, digest, path, shelf):
    """From the cluster's own shelf if it is there, else from the mirrors. A shelf that does not answer costs nothing
    to speak of, one that is slow is left, and what it has sent is kept."""
    job = Download(machine, what, digest, path)
    if shelf:
        try:
            return job.take("%s/%s" % (shelf, digest), 2)
        except (OSError, ValueError, http.client.HTTPException, Refused) as error:
            say("%s: %s: %s" % (what, shelf, error_words(error)))
    fetch(machine, what, urls, job.take)


def serve_archives(machine, archives):
    """Serves what is on the shelf, as an account without rights; what no framework has any more goes."""
    marks = [machine.read(os.path.join(archive["directory"], ".disco-archive")) or "" for archive in archives]
    wanted = {digest for mark in marks for digest in mark.split("\n")[1:2]}
    wanted |= {archive["sha512"] for archive in archives if archive.get("file")}
    there = os.listdir(SHELF) if os.path.isdir(SHELF) else []
    for digest in there:
        if digest not in wanted:
            os.remove(os.path.join(SHELF, digest))
    if wanted & set(there):
        if machine.write("/etc/systemd/system/" + SHELF_UNIT, SHELF_TEXT):
            machine.run(["systemctl", "daemon-reload"])
        machine.run(["systemctl", "enable", "--quiet", "--now", SHELF_UNIT])
    elif there:
        machine.run(["systemctl", "disable", "--quiet", "--now", SHELF_UNIT])
