"""Runs a command on a terminal of its own, types keys and prints what came.

keys.py KEYS COMMAND…: escapes of Python in KEYS are keys; they are typed one by one, each once the command has nothing more
to say. The last line is the exit code. Carriage returns are left out of what is printed.
"""
import os
import pty
import select
import signal
import sys
import time


def read(terminal, quiet):
    raw = b""
    while select.select([terminal], [], [], quiet)[0]:
        try:
            some = os.read(terminal, 65536)
        except OSError:
            break
        if not some:
            break
        raw += some
    return raw


def main():
    keys, words = sys.argv[1].encode().decode("unicode_escape"), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvp(words[0], words)
    raw, end = b"", time.time() + 20
    while not raw.endswith(b"> \x1b[K\r\x1b[2C") and time.time() < end:
        raw += read(terminal, 0.1)
    for key in keys.encode():
        os.write(terminal, bytes([key]))
        if key in b"\r\t\x03":
            raw += read(terminal, 0.3)
    raw += read(terminal, 1)
    _, status = os.waitpid(child, 0)
    print(raw.decode(errors="replace").replace("\r", ""))
    print(f"exit code {os.waitstatus_to_exitcode(status)}")


main()
