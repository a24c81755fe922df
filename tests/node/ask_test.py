"""Tests of what `disco status` asks a node. Run by `cargo test`."""

import importlib.util
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = importlib.util.spec_from_file_location("ask", os.path.join(HERE, "..", "..", "src", "node", "ask.py"))
ask = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(ask)


def answer(command, pattern=None):
    asked = {"key": "k", "command": command, "user": None, "pattern": pattern}
    question = {"urls": [], "commands": [asked], "units": [], "patience": 1, "command_patience": 1}
    return ask.ask(question)["pages"]["k"]


class Commands(unittest.TestCase):
    def test_what_a_pattern_finds_is_a_list(self):
        found = answer(["printf", "a idle\nb down not responding\n"], r"(?m)^(?P<name>\S+) (?P<state>\S+)(?: (?P<why>.*))?$")
        self.assertEqual(found, {"value": [{"name": "a", "state": "idle", "why": None},
                                           {"name": "b", "state": "down", "why": "not responding"}]})

    def test_without_one_it_is_json(self):
        self.assertEqual(answer(["printf", "[1]"]), {"value": [1]})
        self.assertIn("error", answer(["printf", "[1"]))

    def test_what_fails_says_why(self):
        self.assertEqual(answer(["sh", "-c", "echo no quorum >&2; exit 3"]), {"error": "it ended with 3: no quorum"})
        self.assertEqual(answer(["sleep", "5"]), {"error": "timed out"})
        self.assertEqual(answer(["/nowhere/x"]), {"error": "No such file or directory"})
        self.assertIn("error", answer(["true"], "(?P<"))


if __name__ == "__main__":
    unittest.main()
