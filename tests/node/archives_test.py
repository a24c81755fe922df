"""Tests of how the node agent fetches archives: from mirrors that answer, fail, stall or lie. Run by `cargo test`."""

import hashlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
from http.server import ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402
from answers import Answers  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
agent = joined.load(os.path.join(PLACE.name, "agent.py"))


def tarball(text=b"hello" * 50_000):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo("h-1/bin/h")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return file.getvalue()


GOOD = tarball()
DIGEST = hashlib.sha512(GOOD).hexdigest()


class Mirror(Answers):
    """Paths say how it behaves."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        number = sum(path == self.path for path, _ in self.server.asked)
        how = self.path.strip("/").split("/")[0]
        body, start = GOOD, 0
        if how == "absent":
            return self.send_error(404)
        if how == "busy" and number <= 2:
            return self.send_error(503)
        if how == "silent":
            self.server.end.wait(30)
            return None
        if how == "other":
            body = tarball(b"other")
        if how == "resumes" and self.headers.get("Range"):
            start = int(self.headers["Range"][len("bytes="):-1])
        if how == "digest":
            body = (DIGEST + "  h-1.tar.gz\n").encode()
        if how == "short":
            body = (hashlib.sha256(GOOD).hexdigest() + "  h-1.tar.gz\n").encode()
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if how in ("breaks", "resumes") and number <= 1:
            self.wfile.write(body[:100_000])
            self.close_connection = True
            return None
        if how == "stalls":
            self.wfile.write(body[:100_000])
            self.server.end.wait(30)
            self.close_connection = True
            return None
        self.wfile.write(body[start:])
        return None


class ArchivesTest(unittest.TestCase):
    def setUp(self):
        self.mirror = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
        self.mirror.asked, self.mirror.end = [], threading.Event()
        threading.Thread(target=self.mirror.serve_forever, args=[0.02], daemon=True).start()
        self.root = "http://127.0.0.1:%d" % self.mirror.server_port
        self.folder = tempfile.TemporaryDirectory()
        agent.CACHE = os.path.join(self.folder.name, "cache")
        agent.SHELF = agent.CACHE + "/served"
        agent.ALL_ATTEMPTS, agent.LEAST_ATTEMPT = 45, 3
        self.target = os.path.join(self.folder.name, "h")
        self.machine, self.pauses = agent.Machine(), []
        self.machine.log = self.machine.lines.append
        self.machine.pause = self.pauses.append
        self.machine.run = lambda command, **_: self.commands.append(command)
        self.commands = []

    def tearDown(self):
        self.mirror.end.set()
        self.mirror.shutdown()
        self.mirror.server_close()
        self.folder.cleanup()

    def archive(self, *paths, **more):
        urls = [path if "://" in path else "%s/%s" % (self.root, path) for path in paths]
        return dict({"name": "h", "version": "1", "urls": urls, "sha512": DIGEST, "directory": self.target}, **more)

    def fetch(self, *paths, shelf=None, serves=False, **more):
        agent.apply_archive(self.machine, self.archive(*paths, **more), None, shelf, serves)
        self.assertEqual(os.path.getsize(os.path.join(self.target, "bin/h")), 250_000)

    def failure(self, *paths, **more):
        with self.assertRaises(agent.Failure) as caught:
            agent.apply_archive(self.machine, self.archive(*paths, **more), None, None, False)
        self.assertFalse(os.path.exists(more.get("directory", self.target) + "/bin"))
        return str(caught.exception)

    def test_what_is_there_is_not_fetched_again(self):
        self.fetch("good")
        self.fetch("good")
        self.assertEqual(len(self.mirror.asked), 1)
        self.assertEqual(os.listdir(agent.CACHE), [])

    def test_an_archive_of_a_prepared_image_is_unpacked_without_asking_anybody(self):
        os.makedirs(agent.CACHE)
        with open(agent.CACHE + "/h-1", "wb") as file:
            file.write(GOOD)
        self.fetch("absent")
        self.assertEqual(self.mirror.asked, [])

    def test_mirrors_are_tried_in_order_and_a_busy_one_again(self):
        self.fetch("absent", "busy")
        self.assertEqual([path for path, _ in self.mirror.asked], ["/absent", "/busy", "/busy", "/busy"])

    def test_a_publisher_may_serve_a_shorter_digest(self):
        self.fetch("good", sha512=None, sha256_url=self.root + "/short")
        self.assertEqual(agent.Machine().read(self.target + "/.disco-archive").split("\n")[1], hashlib.sha256(GOOD).hexdigest())
        self.assertEqual(agent.published_digest("x = %s\n" % ("a" * 64), 64), "a" * 64)
        with self.assertRaisesRegex(agent.Failure, "no SHA-256 in what the publisher says"):
            agent.published_digest("a" * 63, 64)

    def test_the_publishers_digest_is_fetched_with_the_same_patience(self):
        self.fetch("good", sha512=None, sha512_url=self.root + "/digest")
        words = self.failure("good", sha512=None, sha512_url=self.root + "/absent", directory=self.target + "2")
        self.assertRegex(words, r"^the digest of h 1 cannot be fetched, given up after 0 s: http.*/absent: HTTP 404 Not Found$")

    def test_a_wrong_checksum_is_named_at_once(self):
        words = self.failure("other")
        self.assertRegex(words, r"^h 1 cannot be fetched, given up after 0 s: http://.*/other: its SHA-512 is [0-9a-f]{12}…, expected [0-9a-f]{12}…$")
        self.assertEqual(len(self.mirror.asked), 1)

    def test_an_absent_mirror_is_given_up_after_three_attempts(self):
        words = self.failure("http://127.0.0.1:1/h", "absent")
        self.assertIn("http://127.0.0.1:1/h: Connection refused, tried 3 times", words)
        self.assertIn("/absent: HTTP 404 Not Found", words)
        self.assertNotIn("/absent: HTTP 404 Not Found, tried", words)

    def test_a_mirror_that_says_nothing_has_a_deadline_for_each_attempt(self):
        agent.ALL_ATTEMPTS, agent.LEAST_ATTEMPT = 1.5, 0.5
        began = time.monotonic()
        words = self.failure("silent")
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.pauses, [1, 2])
        self.assertRegex(words, r"silent: (timed out|no answer within 0.5 s), tried 3 times$")

    def test_a_name_that_is_not_resolved_does_not_hold_up_the_node(self):
        agent.ALL_ATTEMPTS, agent.LEAST_ATTEMPT = 1.5, 0.5
        before = socket.getaddrinfo

        def resolver(host, *rest, **named):
            if host == "mirror.example":
                self.mirror.end.wait(60)
            return before(host, *rest, **named)
        socket.getaddrinfo = resolver
        try:
            began = time.monotonic()
            words = self.failure("http://mirror.example/h")
        finally:
            socket.getaddrinfo = before
        self.assertLess(time.monotonic() - began, 5)
        self.assertTrue(words.endswith("http://mirror.example/h: no answer within 0.5 s, tried 3 times"), words)

    def test_three_attempts_of_two_silent_mirrors_take_less_than_a_minute(self):
        seconds = agent.ALL_ATTEMPTS / (agent.ATTEMPTS * 2)
        self.assertLess(max(seconds, agent.LEAST_ATTEMPT) * agent.ATTEMPTS * 2 + 1 + 2, 60)

    def test_a_broken_transfer_goes_on_where_it_ended(self):
        self.fetch("resumes")
        self.assertEqual([said for _, said in self.mirror.asked], [None, "bytes=100000-"])

    def test_a_mirror_that_cannot_go_on_begins_again(self):
        self.fetch("breaks")
        self.assertEqual(len(self.mirror.asked), 2)

    def test_a_stalled_transfer_ends(self):
        agent.ALL_ATTEMPTS, agent.LEAST_ATTEMPT = 1.5, 0.5
        words = self.failure("stalls")
        self.assertIn("timed out, tried 3 times", words)

    def test_passwords_of_addresses_are_not_told(self):
        self.assertEqual(agent.shown("https://me:secret@m.example/a"), "https://m.example/a")

    @unittest.skipUnless(os.geteuid() == 0, "only root mounts a small file system")
    def test_a_full_disk_is_named_with_what_is_free(self):
        os.makedirs(agent.CACHE)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", agent.CACHE]).returncode:
            self.skipTest("nothing can be mounted here")
        try:
            words = self.failure("good", "good")
        finally:
            subprocess.run(["umount", agent.CACHE], check=True)
        self.assertRegex(words, r"^no room for h 1 in .*/cache: it has 0.2 MiB, and 0.0 MiB free$")
        self.assertEqual(len(self.mirror.asked), 1, "no other mirror mends it")

    @unittest.skipUnless(os.geteuid() == 0, "only root mounts a small file system")
    def test_an_archive_that_has_no_room_unpacked_leaves_nothing(self):
        folder = os.path.join(self.folder.name, "opt")
        os.makedirs(folder)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder]).returncode:
            self.skipTest("nothing can be mounted here")
        try:
            words = self.failure("good", directory=folder + "/h")
            self.assertEqual(os.listdir(folder), [])
        finally:
            subprocess.run(["umount", folder], check=True)
        self.assertRegex(words, r"^no room for h 1 in .*/opt: ")

    def test_the_first_master_keeps_and_serves_what_it_fetched(self):
        written = []
        self.machine.write = lambda path, text: written.append(path) or True
        self.fetch("good", serves=True)
        self.assertEqual(os.listdir(agent.SHELF), [DIGEST])
        agent.serve_archives(self.machine, [self.archive()])
        self.assertEqual(written, ["/etc/systemd/system/disco-archives.service"])
        self.assertIn(["systemctl", "enable", "--quiet", "--now", "disco-archives.service"], self.commands)
        agent.serve_archives(self.machine, [])
        self.assertEqual(os.listdir(agent.SHELF), [], "what no framework has any more goes")

    def test_other_nodes_fetch_from_the_master_and_fall_back_at_once(self):
        self.fetch("absent", shelf=self.root + "/good")
        self.assertEqual([path for path, _ in self.mirror.asked], ["/good/" + DIGEST])
        for shelf in ("http://127.0.0.1:1", self.root + "/other", self.root + "/absent"):
            shutil.rmtree(self.target)
            began = time.monotonic()
            self.fetch("good", shelf=shelf)
            self.assertLess(time.monotonic() - began, 1)

    def test_the_masters_shelf_is_a_plain_web_server(self):
        os.makedirs(agent.SHELF)
        with open(os.path.join(agent.SHELF, DIGEST), "wb") as file:
            file.write(GOOD)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [line for line in agent.SHELF_TEXT.splitlines() if line.startswith("ExecStart=")][0].split()
        self.assertEqual(command[1:3] + command[5:], ["-m", "http.server", str(agent.SHELF_PORT)])
        server = subprocess.Popen([sys.executable, *command[1:4], agent.SHELF, str(port)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                if agent.refusal(port) is None:
                    break
                time.sleep(0.1)
            self.fetch("absent", shelf="http://127.0.0.1:%d" % port)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    unittest.main()
