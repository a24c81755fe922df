"""Runs a command on a terminal of its own and answers its questions.

answers.py ANSWERS COMMAND…: the answers stand between commas; each is typed once the command waits after `]: `. Prints what
came, and the exit code.
"""
import os
import pty
import select
import sys
import time


def main():
    answers, words = sys.argv[1].split(","), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(words[0], words)
    raw, seen, end = b"", 0, time.time() + 60
    while time.time() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                some = os.read(terminal, 65536)
            except OSError:
                break
            if not some:
                break
            raw += some
        elif raw[seen:].rstrip(b" ").endswith(b"]:") and answers:
            seen = len(raw)
            os.write(terminal, answers.pop(0).encode() + b"\n")
    _, status = os.waitpid(child, 0)
    print(raw.decode(errors="replace").replace("\r", ""))
    print(f"exit code {os.waitstatus_to_exitcode(status)}")


main()
