#!/usr/bin/python3
"""A server that knows who is there, and workers that tell it: `cluster.py serve|work FILE`, where FILE has lines of key=value.

DISCO fills in `$${…}` in this text; write `$$${` for a `$${` of the program itself.
"""

import http.server
import json
import os
import sys
import threading
import time
import urllib.parse
import urllib.request

# How often a worker tells that it is there, and after how long without a word it counts as lost, seconds.
OFTEN, LOST = 2, 15


def settings(path):
    with open(path) as file:
        pairs = [line.rstrip("\n").partition("=") for line in file if not line.startswith("#")]
    return {key: value for key, _, value in pairs}


class Members:
    """Who has told that it is there, and when; kept in a file, so that a restart forgets nobody."""

    def __init__(self, path):
        self.path, self.seen, self.greetings, self.lock = path, {}, 0, threading.Lock()
        if os.path.exists(path):
            with open(path) as file:
                self.seen = json.load(file)

    def add(self, host):
        with self.lock:
            new = host not in self.seen
            self.seen[host] = time.time()
            if new:
                with open(self.path + ".new", "w") as file:
                    json.dump(self.seen, file)
                os.replace(self.path + ".new", self.path)

    def all(self):
        now = time.time()
        members = [{"host": host, "seconds": int(now - seen), "state": "UP" if now - seen < LOST else "LOST"}
                   for host, seen in sorted(self.seen.items())]
        return {"members": members, "greetings": self.greetings}


def serve(config):
    members = Members(os.path.join(config["folder"], "members.json"))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            address = urllib.parse.urlsplit(self.path)
            words = dict(urllib.parse.parse_qsl(address.query))
            if address.path == "/here":
                members.add(words.get("host", "?"))
                self.answer("text/plain", "welcome\n")
            elif address.path == "/members":
                self.answer("application/json", json.dumps(members.all()))
            else:
                members.greetings += 1
                self.answer("text/plain", "%s, %s: this is %s, with %d workers\n" % (
                    config["greeting"], words.get("name", "you"), config["name"], len(members.seen)))

        def answer(self, kind, text):
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind + "; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("", int(config["port"])), Handler).serve_forever()


def work(config):
    def tell():
        query = urllib.parse.urlencode({"host": config["name"]})
        while True:
            for server in config["servers"].split(","):
                try:
                    urllib.request.urlopen("http://%s/here?%s" % (server, query), timeout=5).close()
                except OSError as error:
                    print("%s: %s" % (server, error), file=sys.stderr, flush=True)
            time.sleep(OFTEN)

    threading.Thread(target=tell, daemon=True).start()
    address = ("", int(config["worker.port"]))
    http.server.ThreadingHTTPServer(address, http.server.BaseHTTPRequestHandler).serve_forever()


if __name__ == "__main__":
    {"serve": serve, "work": work}[sys.argv[1]](settings(sys.argv[2]))
