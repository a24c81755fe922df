"""Asks Trino's coordinator as `admin`.

    trino_nodes.py query SQL     # its rows, a line each
    trino_nodes.py list          # workers that take tasks or still have some
    trino_nodes.py drain NAME    # the worker takes no tasks any more, and ends when it has none
    trino_nodes.py account       # writes the account's password, hashed, where the coordinator reads it
"""

import base64
import hashlib
import json
import os
import ssl
import sys
import urllib.request

COORDINATOR = "https://127.0.0.1:${port.trino}"
PASSWORDS = "/var/lib/trino/password.db"


def account():
    with open("/etc/trino/account") as file:
        name, _, password = file.read().strip().partition(":")
    return name, password


def ask(url, data=None):
    name, password = account()
    said = {"X-Trino-User": name, "Authorization": "Basic " + base64.b64encode(("%s:%s" % (name, password)).encode()).decode()}
    trusted = ssl.create_default_context(cafile="/etc/trino/trino.crt")
    with urllib.request.urlopen(urllib.request.Request(url, data, said), timeout=60, context=trusted) as answer:
        return json.load(answer)


def query(sql):
    answer = ask(COORDINATOR + "/v1/statement", sql.encode())
    while True:
        if "error" in answer:
            raise SystemExit(answer["error"]["message"])
        yield from answer.get("data", [])
        if "nextUri" not in answer:
            return
        answer = ask(answer["nextUri"])


def workers():
    return list(query("SELECT node_id, http_uri FROM system.runtime.nodes WHERE NOT coordinator AND state <> 'drained'"))


def drain(name):
    for node, uri in workers():
        if node == name:
            asked = urllib.request.Request(uri + "/v1/info/state", b'"SHUTTING_DOWN"', method="PUT")
            asked.add_header("X-Trino-User", account()[0])
            asked.add_header("Content-Type", "application/json")
            urllib.request.urlopen(asked, timeout=60).close()


def write_account():
    """PBKDF2 as Trino's file of passwords has it; other accounts stay."""
    name, password = account()
    salt = os.urandom(16)
    hashed = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 100000, 64)
    lines = []
    if os.path.exists(PASSWORDS):
        with open(PASSWORDS) as file:
            lines = [line for line in file if not line.startswith(name + ":")]
    with open(os.open(PASSWORDS + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(["%s:100000:%s:%s\n" % (name, salt.hex(), hashed.hex()), *lines])
    os.replace(PASSWORDS + ".new", PASSWORDS)


def main():
    what, *more = sys.argv[1:]
    if what == "query":
        for row in query(more[0]):
            print("\t".join(str(value) for value in row))
    elif what == "list":
        for node, _ in workers():
            print("worker", node)
    elif what == "drain":
        drain(more[0])
    else:
        write_account()


if __name__ == "__main__":
    main()
