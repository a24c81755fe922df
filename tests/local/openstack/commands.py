"""Runs commands of python-openstackclient in one process, which signs in once.

Standard input has a command a line; standard output gets an object of JSON a command: the command, its exit code, what it
printed, and what it complained of.
"""

import io
import json
import shlex
import sys
import time

from openstackclient import shell


class Current(io.TextIOBase):
    """A stream to whatever is listening now."""

    def __init__(self):
        self.text = io.StringIO()

    def write(self, text):
        return self.text.write(text)

    def taken(self):
        text, self.text = self.text.getvalue(), io.StringIO()
        return text


def done(run, command):
    """The exit code of a command."""
    try:
        return run(command)
    except SystemExit as end:
        return end.code
    except Exception as error:  # what a person would see as a traceback
        sys.stderr.write(repr(error))
        return 99


def main():
    answers = sys.stdout
    sys.stdout, sys.stderr = Current(), Current()
    openstack = shell.OpenStackShell()
    run = openstack.run
    for line in sys.stdin:
        command = shlex.split(line)
        if not command:
            continue
        began = time.time()
        code = done(run, command)
        run = openstack.run_subcommand
        if code and "Connection aborted" in sys.stderr.text.getvalue():
            # An idle connection was closed just when it was used again: a person asks once more.
            sys.stdout.taken(), sys.stderr.taken()
            code = done(run, command)
        answer = {
            "command": line.strip(),
            "code": code,
            "out": sys.stdout.taken(),
            "err": sys.stderr.taken(),
            "seconds": round(time.time() - began, 2),
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


main()
