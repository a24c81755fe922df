"""Tests of how the node agent waits for services, probes and steps: what crashes fails at once, with its own words.
systemd is a script here that says what the test wants. Run by `cargo test`."""

import json
import os
import socket
import sys
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

SYSTEMCTL = """#!%s
import json, os, sys
folder = os.path.dirname(os.path.abspath(__file__))
with open(folder + "/commands", "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "show":
    with open(folder + "/states") as file:
        states = json.load(file)
    turn = sum(line.startswith("show") for line in open(folder + "/commands")) - 1
    blocks = []
    for name in sys.argv[4:]:
        turns = states.get(name, [{}])
        state = dict({"Id": name, "ActiveState": "active", "SubState": "running", "Result": "success", "NRestarts": 0,
                      "ExecMainStatus": 0}, **turns[min(turn, len(turns) - 1)])
        blocks.append("\\n".join("%%s=%%s" %% pair for pair in state.items()))
    print("\\n\\n".join(blocks))
""" % sys.executable
JOURNALCTL = """#!/bin/sh
i=1; while [ $i -le 30 ]; do echo "line $i of $3"; i=$((i+1)); done | tail -n "$5"
"""


def unit(name, **more):
    return dict({"name": name, "framework": "h", "description": name, "user": "u", "group": "g", "exec": "/h",
                 "environment": {}, "after": [], "needs_step": None}, **more)


def step(name, action, **more):
    return dict({"framework": "h", "name": name, "action": action, "member_prefixes": [], "timeout_seconds": 5}, **more)


class Page(Answers):
    def do_GET(self):
        self.send_error(404)


class ServicesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.base = self.folder.name
        for name, text in (("systemctl", SYSTEMCTL), ("journalctl", JOURNALCTL)):
            path = os.path.join(self.base, name)
            with open(path, "w") as file:
                file.write(text)
            os.chmod(path, 0o755)
        self.path = os.environ["PATH"]
        os.environ["PATH"] = self.base + ":" + self.path
        agent.HOME = os.path.join(self.base, "home")
        self.machine = agent.Machine()
        self.machine.log = self.machine.lines.append
        self.machine.pause = lambda seconds: (self.machine.look_up(), time.sleep(min(seconds, 0.02)))
        self.services = agent.Services(self.machine)
        self.notes = agent.Notes(os.path.join(agent.HOME, "notes.json"))
        self.states({})

    def tearDown(self):
        os.environ["PATH"] = self.path
        self.folder.cleanup()

    def states(self, states):
        """What systemd says of a unit, turn by turn; the first is when it is started."""
        with open(os.path.join(self.base, "states"), "w") as file:
            json.dump(states, file)

    def closed_port(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    def failure(self, function, *arguments):
        with self.assertRaises(agent.Failure) as caught:
            function(*arguments)
        return str(caught.exception)

    def probe(self, **more):
        probe = dict({"kind": "tcp", "name": "NameNode", "port": self.closed_port(), "timeout_seconds": 300}, **more)
        self.services.watch("n.service")
        return self.failure(agent.apply_probes, self.machine, [probe], self.services)

    def test_a_service_that_crashes_fails_the_probe_that_waits_for_it(self):
        down = {"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code", "ExecMainStatus": 3}
        self.states({"n.service": [{"NRestarts": 7}, dict(down, NRestarts=7), {"NRestarts": 8}, dict(down, NRestarts=8),
                                   dict(down, NRestarts=9)]})
        words = self.probe()
        self.assertRegex(words, r"^n.service does not run: it ended with status 3, 3 times in \d s; "
                                r"the last lines of its journal:\nline 11 of n.service\n")
        self.assertTrue(words.endswith("line 30 of n.service"), words)

    def test_where_java_was_does_not_bury_what_went_wrong(self):
        with open(os.path.join(self.base, "journalctl"), "w") as file:
            file.write("#!/bin/sh\necho 'Caused by: java.net.BindException: Address already in use'\n"
                       "for i in $(seq 40); do printf '\\tat org.example.Some.method(Some.java:%s)\\n' $i; done\n"
                       "printf '\\t... 5 more\\n'; echo Failed at last\n")
        self.assertEqual(self.services.last_lines("n.service"), "; the last lines of its journal:\n"
                         "Caused by: java.net.BindException: Address already in use\nFailed at last")

    def test_a_service_that_cannot_be_started_at_all_fails_at_once(self):
        self.states({"n.service": [{}, {"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code",
                                        "ExecMainStatus": 203}]})
        self.assertIn("n.service does not run: it ended with status 203 after", self.probe())

    def test_a_service_that_was_killed_says_so(self):
        self.states({"n.service": [{}, {"ActiveState": "failed", "SubState": "failed", "Result": "oom-kill"}]})
        self.assertIn("n.service does not run: it ended with oom-kill", self.probe())

    def test_restarts_of_before_do_not_count(self):
        self.states({"n.service": [{"NRestarts": 40}, {"NRestarts": 0}, {"NRestarts": 1}]})
        words = self.probe(timeout_seconds=0.2)
        self.assertRegex(words, r"^no answer from NameNode on port \d+, tried \d+ times in 0 s: Connection refused$")

    def test_a_page_that_is_missing_says_what_was_answered(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        words = self.probe(kind="http", path="/x", port=server.server_port, timeout_seconds=0.1)
        self.assertTrue(words.endswith("HTTP 404 Not Found"), words)
        server.shutdown()
        server.server_close()

    def test_a_port_that_somebody_else_has_taken_is_no_answer(self):
        before, agent.TAKEN = agent.TAKEN, 0.05
        try:
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                port = taken.getsockname()[1]
                down = {"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code"}
                self.states({"n.service": [{}, {}, down]})
                words = self.probe(port=port)
                self.assertRegex(words, r"^NameNode cannot listen: port %d is taken by `python[^`]*` \(process %d\), which "
                                        r"belongs to no service of this node; n.service does not run; the last lines of "
                                        r"its journal:\n" % (port, os.getpid()))
                # It is the service's own.
                with open("/proc/self/cgroup") as file:
                    own = file.read().split("\n")[0].split("/")[0]
                self.services.watch(own)
                probe = {"kind": "tcp", "name": "NameNode", "port": port, "timeout_seconds": 5}
                self.states({})
                agent.apply_probes(self.machine, [probe], self.services)
                self.assertRegex(self.machine.lines[-1], "^NameNode on port %d answers after" % port)
        finally:
            agent.TAKEN = before

    def test_a_service_without_a_probe_may_not_crash_either(self):
        down = {"ActiveState": "activating", "SubState": "auto-restart", "Result": "signal"}
        self.states({"n.service": [{}, dict(down), dict(down, NRestarts=1), dict(down, NRestarts=2)]})
        self.services.watch("n.service")
        words = self.failure(agent.apply_probes, self.machine, [], self.services)
        self.assertIn("n.service does not run: it ended with signal, 3 times in", words)

    def test_a_service_that_recovers_is_waited_for(self):
        down = {"ActiveState": "activating", "SubState": "auto-restart", "Result": "signal"}
        self.states({"n.service": [{}, dict(down), dict(down, NRestarts=1), {"NRestarts": 2}]})
        self.services.watch("n.service")
        agent.apply_probes(self.machine, [], self.services)

    def test_a_command_is_a_probe(self):
        probe = {"kind": "command", "name": "safe mode", "command": ["sh", "-c", "echo $X"], "expect": "^OFF",
                 "environment": {"X": "OFF now"}, "timeout_seconds": 5}
        agent.apply_probes(self.machine, [probe], self.services)
        self.assertRegex(self.machine.lines[-1], "^safe mode answers after")
        probe.update(environment={"X": "ON"}, timeout_seconds=0.1)
        words = self.failure(agent.apply_probes, self.machine, [probe], self.services)
        self.assertRegex(words, r"^no answer from safe mode, tried \d+ times in \d+ s: no `\^OFF` in what it wrote: ON$")

    def test_waiting_ends_when_heat_wants_something_else(self):
        def look_up():
            raise agent.Superseded
        self.machine.look_up = look_up
        probe = {"kind": "tcp", "name": "n", "port": self.closed_port(), "timeout_seconds": 300}
        with self.assertRaises(agent.Superseded):
            agent.apply_probes(self.machine, [probe], self.services)

    # --- units ---

    def units(self, *units, **bundle):
        self.machine.path = lambda path: self.base + "/root" + path if path.startswith("/etc/") else path
        bundle = dict({"units": list(units), "steps": [], "disks": [], "directories": [], "files": []}, **bundle)
        agent.apply_units(self.machine, bundle, self.notes, 0, self.services)

    def commands(self, word):
        with open(os.path.join(self.base, "commands")) as file:
            return [line.split()[-1] for line in file if line.split()[0] == word]

    def text(self, name):
        return self.machine.read("/etc/systemd/system/" + name)

    def test_a_service_waits_for_its_disks_and_their_line_alone_restarts_nothing(self):
        self.units(unit("n.service"), unit("o.service"))
        self.assertEqual(self.commands("restart"), ["n.service", "o.service"])
        folder = {"path": "/data/x", "owner": "u:g"}
        disks = {"disks": [{"volume": "v", "mount": "/data"}], "directories": [folder]}
        self.units(unit("n.service"), unit("o.service", user="other"), **disks)
        self.assertIn('\nRequiresMountsFor="/data"\n\n[Service]', self.text("n.service"))
        self.assertNotIn("RequiresMountsFor", self.text("o.service"))
        self.assertEqual(self.commands("restart"), ["n.service", "o.service", "o.service"], "its user is another one")

    def test_children_of_a_service_may_outlive_it(self):
        self.units(unit("n.service", kill_mode="process"), unit("o.service"))
        self.assertIn("\nKillMode=process\n", self.text("n.service"))
        self.assertNotIn("KillMode", self.text("o.service"))
        with self.assertRaises(agent.Failure):
            agent.check_units([unit("n.service", kill_mode="none\nUser=root")])

    def test_a_service_may_end_cleanly_with_a_status_of_its_own(self):
        self.units(unit("n.service", success_exit_status=143), unit("o.service"))
        self.assertIn("\nSuccessExitStatus=143\n", self.text("n.service"))
        self.assertNotIn("SuccessExitStatus", self.text("o.service"))
        for wrong in ("143\nUser=root", 0, 256):
            with self.assertRaisesRegex(agent.Failure, "is not an exit status of n.service"):
                agent.check_units([unit("n.service", success_exit_status=wrong)])

    # --- steps ---

    def run_step(self, action, **more):
        agent.run_step(self.machine, step("s", action, **more), [], self.notes, self.services)

    def test_a_job_says_what_it_did(self):
        self.run_step({"kind": "job", "commands": [["sh", "-c", "seq 1 30; echo pi is 3"]], "expect": "pi is"})
        self.assertIn("28\n29\n30\npi is 3", "\n".join(self.machine.lines))
        self.assertNotIn("\n20\n", "\n".join(self.machine.lines))
        words = self.failure(self.run_step, {"kind": "job", "commands": [["echo", "no"]], "expect": "pi is"})
        self.assertEqual(words, "step s of h: `echo no`: no `pi is` in what it wrote: no")
        words = self.failure(self.run_step, {"kind": "job", "commands": [["sh", "-c", "echo broken >&2; exit 3"]]})
        self.assertRegex(words, r"^step s of h: `sh -c 'echo broken >&2; exit 3'` ended with 3 after 0.\d s: broken$")

    def test_a_job_ends_with_its_deadline_and_all_that_it_started(self):
        began = time.monotonic()
        words = self.failure(lambda: self.run_step(
            {"kind": "job", "commands": [["sh", "-c", "echo begun; sleep 100 & sleep 100"]]}, timeout_seconds=1))
        self.assertLess(time.monotonic() - began, 5)
        self.assertRegex(words, "did not end within 1 s: begun$")

    def test_a_command_that_is_tried_again_ends_when_a_service_crashes(self):
        self.states({"n.service": [{}, {"ActiveState": "failed", "SubState": "failed", "Result": "exit-code", "ExecMainStatus": 1}]})
        self.services.watch("n.service")
        words = self.failure(lambda: self.run_step({"kind": "command", "commands": [["false"]], "retry": True}, timeout_seconds=300))
        self.assertIn("n.service does not run", words)

    def test_a_command_that_is_tried_in_vain_says_how_often(self):
        words = self.failure(lambda: self.run_step({"kind": "command", "commands": [["false"]], "retry": True}, timeout_seconds=0.2))
        self.assertRegex(words, r"`false` ended with 1 after 0.\d s, without a word; tried \d+ times in 0 s$")

    def test_what_a_framework_has_done_already_is_not_done_again(self):
        said, asked = {"status": None}, []

        class NameNode(Answers):
            def do_GET(self):
                asked.append(self.path)
                self.answer(200, {"beans": [said]})

        server = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mark = os.path.join(self.base, "runs")
        url = "http://{host}:%d/jmx" % server.server_port
        action = {"kind": "command", "title": "HDFS saves its image", "commands": [["sh", "-c", "echo >>%s" % mark]],
                  "active": {"hosts": ["127.0.0.1"], "url": url, "path": ["beans", 0, "state"], "equals": "active"},
                  "unless": {"url": url, "path": ["beans", 0, "status", "saved"], "equals": "true"}}

        def runs(unless=action["unless"]):
            before = os.path.getsize(mark) if os.path.exists(mark) else 0
            self.run_step(dict(action, unless=unless))
            return os.path.getsize(mark) > before if os.path.exists(mark) else False
        self.assertTrue(runs(), "none is active, so nobody says that it has been done")
        said["state"] = "active"
        self.assertTrue(runs(), "there is nothing of it")
        said["status"] = {"saved": False}
        self.assertTrue(runs())
        said["status"] = {"saved": True}
        self.assertFalse(runs())
        self.assertIn("nothing to do: HDFS saves its image", self.machine.lines)
        # What is not there at all is an empty text.
        nothing = {"url": url, "path": ["beans", 0, "status"], "equals": ""}
        self.assertTrue(runs(nothing))
        said["status"] = None
        self.assertFalse(runs(nothing))
        server.shutdown()
        server.server_close()
        self.assertTrue(runs(nothing), "who does not answer says nothing")

    def test_what_ran_once_runs_again_where_a_framework_says_that_it_is_not_so(self):
        said = {"saved": "no"}

        class NameNode(Answers):
            def do_GET(self):
                self.answer(200, said)

        server = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        mark = os.path.join(self.base, "runs")
        action = {"kind": "command", "commands": [["sh", "-c", "echo >>%s" % mark]], "once": True,
                  "unless": {"url": "http://127.0.0.1:%d/" % server.server_port, "path": ["saved"], "equals": "yes"}}
        for answer, runs in (("no", 1), ("yes", 1), ("no", 2)):
            said["saved"] = answer
            self.run_step(action)
            self.assertEqual(os.path.getsize(mark), runs, answer)
        server.shutdown()
        server.server_close()
        self.run_step(action)
        self.assertEqual(os.path.getsize(mark), 2, "it cannot say so, but it ran")

    def test_what_a_framework_may_go_back_to_stays(self):
        machine = agent.Machine(os.path.join(self.base, "root"))
        for version in "123":
            machine.write("/opt/h-%s/.disco-archive" % version, "a digest")
        self.notes.archives = {"/opt/h-1", "/opt/h-2"}
        archive = {"name": "h", "directory": "/opt/h-3"}
        there = lambda: sorted(os.listdir(machine.path("/opt")))
        bundle = {"archives": [archive], "directories": [{"path": "/opt/h-2"}], "files": [], "units": []}
        agent.remove_leftovers(machine, bundle, self.notes)
        self.assertEqual(there(), ["h-2", "h-3"])
        # Until nobody names it any more, which the agent has to know of then.
        notes = agent.Notes(os.path.join(agent.HOME, "notes.json"))
        agent.remove_leftovers(machine, dict(bundle, directories=[]), notes)
        self.assertEqual(there(), ["h-3"])

    def test_where_a_command_fails_another_one_may_do(self):
        mark = os.path.join(self.base, "other")
        action = {"kind": "command", "commands": [["true"], ["false"]], "otherwise": [["touch", mark]]}
        self.run_step(action)
        self.assertTrue(os.path.exists(mark))
        words = self.failure(self.run_step, dict(action, otherwise=[["sh", "-c", "exit 3"]]))
        self.assertRegex(words, r"`false` ended with 1 .*; otherwise: .* ended with 3")

    def test_some_exit_statuses_are_no_failure(self):
        action = {"kind": "command", "commands": [["sh", "-c", "exit 2"]], "exit_statuses": [0, 2]}
        self.run_step(action)
        self.assertIn("ended with 2", self.failure(self.run_step, dict(action, exit_statuses=[0])))

    def test_a_step_that_runs_once_never_runs_again(self):
        made = os.path.join(self.base, "VERSION")
        action = {"kind": "command", "commands": [["sh", "-c", "echo >>%s.runs; touch %s" % (made, made)]], "once": True,
                  "unless_exists": made}
        for _ in range(3):
            self.run_step(action)
            self.notes = agent.Notes(os.path.join(agent.HOME, "notes.json"))
        self.assertEqual(os.path.getsize(made + ".runs"), 1)
        # What it made has gone: it is data that is missing, and formatting would not bring it back.
        os.remove(made)
        words = self.failure(self.run_step, action)
        self.assertIn("it ran before, and %s, which it made, does not exist any more" % made, words)
        self.assertEqual(os.path.getsize(made + ".runs"), 1)
        # On another disk it is another step.
        agent.note_mounts({self.base: {"volume": "v-2", "units": []}})
        self.run_step(action)
        self.assertEqual(os.path.getsize(made + ".runs"), 2)

    def test_a_step_that_ran_before_it_could_be_noted_is_known_by_what_it_made(self):
        made = os.path.join(self.base, "VERSION")
        with open(made, "w"):
            pass
        self.run_step({"kind": "command", "commands": [["false"]], "once": True, "unless_exists": made})
        self.assertEqual(len(agent.Notes(os.path.join(agent.HOME, "notes.json")).ran), 1)

    def test_a_step_without_traces_runs_once_by_the_agents_own_notes(self):
        mark = os.path.join(self.base, "runs")
        action = {"kind": "command", "commands": [["sh", "-c", "echo >>%s" % mark]], "once": True}
        self.run_step(action)
        self.notes = agent.Notes(os.path.join(agent.HOME, "notes.json"))
        self.run_step(action)
        self.assertEqual(os.path.getsize(mark), 1)


if __name__ == "__main__":
    unittest.main()
