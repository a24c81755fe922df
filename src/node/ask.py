"""Asks what runs on this machine how it is, and prints the answers as JSON. `disco status` sends this text through
standard input; it changes nothing and is kept nowhere."""

import concurrent.futures
import http.client
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

# No framework says more than this of a thousand nodes, bytes.
LONGEST = 16 << 20
UNIT = ("Id", "LoadState", "ActiveState", "SubState", "Result", "ExecMainStatus", "NRestarts", "StateChangeTimestamp")


def words(error):
    if isinstance(error, urllib.error.HTTPError):
        return "HTTP %d %s" % (error.code, error.reason)
    if isinstance(error, urllib.error.URLError):
        return words(error.reason) if isinstance(error.reason, Exception) else str(error.reason)
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "timed out"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def page(url, patience):
    """What is at an address: the value, or why there is none."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:
            pieces, size = [], 0
            while True:
                piece = answer.read1(1 << 16)
                if not piece:
                    return {"value": json.loads(b"".join(pieces))}
                pieces.append(piece)
                size += len(piece)
                if size > LONGEST:
                    return {"error": "its answer is longer than %d MiB" % (LONGEST >> 20)}
                if time.monotonic() - began > patience:
                    return {"error": "timed out"}
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {"error": words(error)}


def told(asked, patience):
    """What a command writes: JSON, or a list of what the named groups of its pattern are, or why there is nothing."""
    command = asked["command"]
    if asked["user"]:
        before = ["runuser", "-u"] if os.geteuid() == 0 else ["sudo", "-n", "-u"]
        command = [*before, asked["user"], "--", *command]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=patience, check=False, cwd="/")
        text = done.stdout.decode(errors="replace")
        if done.returncode:
            last = (done.stderr.decode(errors="replace").strip() or text.strip()).splitlines()[-1:]
            return {"error": ": ".join(["it ended with %d" % done.returncode, *last])}
        if asked["pattern"] is None:
            return {"value": json.loads(text)}
        return {"value": [found.groupdict() for found in re.finditer(asked["pattern"], text)]}
    except subprocess.TimeoutExpired:
        return {"error": "timed out"}
    except (OSError, ValueError, re.error) as error:
        return {"error": words(error)}


def units(names, patience):
    """What systemd says of units."""
    if not names:
        return []
    command = ["systemctl", "show", "--no-pager", "--property=" + ",".join(UNIT), "--", *names]
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=patience, check=False).stdout.decode(errors="replace")
    except (OSError, subprocess.SubprocessError):
        return []
    return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
            for block in said.split("\n\n") if block.strip()]


def ask(question):
    patience = question["patience"]
    # No proxy of this machine stands between it and itself.
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        pages = {url: pool.submit(page, url, patience) for url in question["urls"]}
        pages.update({asked["key"]: pool.submit(told, asked, question["command_patience"])
                      for asked in question["commands"]})
        known = pool.submit(units, question["units"], patience)
        return {"pages": {key: found.result() for key, found in pages.items()},
                "units": known.result()}
