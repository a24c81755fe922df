"""Tests of what a node makes its own of a group's configuration: ensembles, values of the node itself, Python environments,
units of packages. Run by `cargo test`."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock
from http.server import ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402
from answers import Answers  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
agent = joined.load(os.path.join(PLACE.name, "agent.py"))


def bundle(**items):
    whole = {"cluster": "c", "group": "slaves", "ensembles": {"zk.servers": ["c-master-0", "c-slaves-0", "c-slaves-2"]},
             "hosts": [{"prefix": "c-slaves-", "first_index": 0, "first_address": "10.0.1.254", "count": 4}],
             "users": [], "directories": [], "files": [], "units": [], "steps": [], "probes": []}
    whole.update(items)
    return whole


def file(text, **more):
    return dict({"path": "/f", "content": [text, {"secret": "s"}], "restarts": []}, **more)


class Own(unittest.TestCase):
    def test_only_members_have_what_is_theirs(self):
        unit = {"name": "zk.service", "only": "zk.servers", "exec": "/zk", "environment": {}, "options": {}}
        all_of_it = bundle(units=[unit, {"name": "other.service", "exec": "/o"}], probes=[{"name": "p", "only": "zk.servers"}])
        for index, names in [(0, ["zk.service", "other.service"]), (1, ["other.service"]), (2, ["zk.service", "other.service"])]:
            own = agent.own_part(all_of_it, index)
            self.assertEqual([unit["name"] for unit in own["units"]], names)
            self.assertEqual(len(own["probes"]), len(names) - 1)

    def test_marks_become_the_values_of_the_node(self):
        marks = "@@node.name@@ @@node.index@@ @@node.address@@ @@node.number@@ @@node.place@@"
        own = agent.own_part(bundle(files=[file(marks, only="zk.servers", fills_in=True)]), 2)
        # 10.0.2.0 is the third address from 10.0.1.254 on.
        self.assertEqual(own["files"][0]["content"], ["c-slaves-2 2 10.0.2.0 512 3", {"secret": "s"}])
        units = [{"name": "u", "exec": "/u --id @@node.number@@", "environment": {"NAME": "@@node.name@@:1"}}]
        steps = [{"name": "s", "action": {"kind": "command", "commands": [["/x", "@@node.address@@"]]}}]
        own = agent.own_part(bundle(units=units, steps=steps), 0)
        self.assertEqual((own["units"][0]["exec"], own["units"][0]["environment"]), ("/u --id 510", {"NAME": "c-slaves-0:1"}))
        self.assertEqual(own["steps"][0]["action"]["commands"], [["/x", "10.0.1.254"]])

    def test_marks_beside_secrets_are_filled_in_too(self):
        with tempfile.TemporaryDirectory() as folder:
            machine, notes = agent.Machine(folder), agent.Notes(os.path.join(folder, "notes.json"))
            own = agent.own_part(bundle(files=[file("", fills_in=True, keep=False, mode="0600", owner="root:root")]), 2)
            agent.apply_files(machine, own["files"], {"s": "me=@@node.name@@ word=hush"}, notes)
            self.assertEqual(machine.read("/f"), "me=c-slaves-2 word=hush")

    def test_bytes_that_somebody_gave_stay_as_they_are(self):
        given = file("@@node.name@@ is not for us")
        self.assertEqual(agent.own_part(bundle(files=[given]), 0)["files"], [given])


class Machine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.machine = agent.Machine(self.folder.name)

    def commands(self):
        with open(os.path.join(self.folder.name, "commands")) as lines:
            return [agent.json.loads(line) for line in lines]

    def test_an_environment_is_made_once_and_again_when_its_list_changes(self):
        environment = {"name": "dask", "version": "1", "directory": "/opt/dask-1", "index": "https://pypi.org/simple",
                       "requirements": "a==1 --hash=sha256:00\n"}
        for _ in range(2):
            agent.apply_pythons(self.machine, [environment], None, [])
        made = self.commands()
        self.assertEqual([command[-1] for command in made], ["/opt/dask-1", "/opt/dask-1/requirements.txt"])
        self.assertIn("--require-hashes", made[1])
        agent.apply_pythons(self.machine, [dict(environment, requirements="a==2 --hash=sha256:11\n")], None, [])
        self.assertEqual(len(self.commands()), 4)
        self.assertEqual(self.machine.read("/opt/dask-1/requirements.txt"), "a==2 --hash=sha256:11\n")

    def test_a_unit_of_a_package_is_added_to(self):
        unit = {"name": "munge.service", "packaged": True, "description": "M", "user": "root", "group": "root", "exec": "",
                "environment": {"A": "b"}, "after": ["x.service"], "options": {"TasksMax": "infinity"}}
        self.assertEqual(agent.unit_path(unit), "/etc/systemd/system/munge.service.d/disco.conf")
        self.assertEqual(agent.unit_text(unit), "[Unit]\nAfter=network-online.target x.service\n\n[Service]\n"
                                                'Environment="A=b"\nTasksMax=infinity\n')
        agent.check_units([unit])
        with self.assertRaises(agent.Failure):
            agent.check_units([dict(unit, options={"TasksMax\nExecStart": "1"})])

    def test_options_take_the_place_of_what_is_written_otherwise(self):
        unit = {"name": "a.service", "description": "A", "user": "a", "group": "a", "exec": "/a", "environment": {}, "after": [],
                "options": {"LimitNOFILE": "9", "Restart": "always"}}
        lines = agent.unit_text(unit).splitlines()
        self.assertEqual([line for line in lines if line.startswith(("Limit", "Restart"))],
                         ["RestartSec=5", "LimitNOFILE=9", "Restart=always"])


class Words(unittest.TestCase):
    def test_what_a_port_answers(self):
        door = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(door.close)

        def serve():
            for answer in (b"Mode: follower\n", b"This ZooKeeper instance is not currently serving requests\n"):
                connection, _ = door.accept()
                with connection:
                    connection.recv(100)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        port = door.getsockname()[1]
        self.assertIsNone(agent.wrong_words(port, "srvr\n", "Mode: (leader|follower)"))
        self.assertIn("not currently serving", agent.wrong_words(port, "srvr\n", "Mode: (leader|follower)"))


class Found(unittest.TestCase):
    def test_members_are_found_in_words(self):
        home = agent.HOME
        agent.HOME = tempfile.mkdtemp()
        self.addCleanup(setattr, agent, "HOME", home)
        agent.keep_json(agent.HOME + "/hosts.json", bundle()["hosts"])
        action = {"command": ["printf", "c-slaves-0 idle\n10.0.1.255 down\nc-slaves-9.local:1 idle\n"], "pattern": r"^(\S+) (?:idle|down)$"}
        self.assertEqual(agent.found_names(agent.Machine(), action), ["c-slaves-0", "c-slaves-1", "c-slaves-9"])


class Roles(Answers):
    """Two hosts, of which one is active; the port says which."""

    def do_GET(self):
        if self.path == "/state":
            return self.answer(200, {"state": self.server.state})
        self.server.asked.append(self.path)
        return self.answer(200, {"copies": 0})

    do_PUT = do_GET


class Active(unittest.TestCase):
    def setUp(self):
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), Roles) for _ in range(2)]
        for server, state in zip(self.servers, ("standby", "active")):
            server.state, server.asked = state, []
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
        hosts = ["127.0.0.1:1"] + ["127.0.0.1:%d" % server.server_port for server in self.servers]
        self.active = {"hosts": hosts, "url": "http://{host}/state", "path": ["state"], "equals": "active"}

    def test_the_one_that_is_active_is_asked(self):
        action = {"url": "http://{host}/copies", "path": ["copies"], "active": self.active}
        self.assertEqual(agent.answered(action), 0)
        agent.send_request({"method": "PUT", "url": "http://{host}/folder"}, agent.active_host(action))
        self.assertEqual([server.asked for server in self.servers], [[], ["/copies", "/folder"]])
        # Another one takes over.
        self.servers[0].state, self.servers[1].state = "active", "standby"
        agent.answered(action)
        self.assertEqual(self.servers[0].asked, ["/copies"])

    def test_where_none_is_active_all_are_told(self):
        self.servers[1].state = "standby"
        with self.assertRaises(agent.Failure) as caught:
            agent.active_host({"active": self.active})
        self.assertRegex(str(caught.exception), r"none is active: 127.0.0.1:1: .*refused, \S+ is standby, \S+ is standby$")
        self.assertIsNone(agent.active_host({}))

    def test_what_takes_longer_may_be_left(self):
        machine, services = agent.Machine(), unittest.mock.Mock()
        action = {"kind": "answer", "url": "http://{host}/copies", "path": ["copies"], "active": self.active, "equals": "7"}
        step = {"name": "copies", "framework": "f", "timeout_seconds": 0, "member_prefixes": [], "action": action}
        with self.assertRaises(agent.Failure):
            agent.run_step(machine, step, [], None, services)
        action["lenient"] = True
        agent.run_step(machine, step, [], None, services)
        self.assertIn("copies: not yet, 0; it goes on", machine.lines)
        action["equals"] = "0"
        agent.run_step(machine, step, [], None, services)


class Folders(unittest.TestCase):
    def test_what_work_runs_from_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertFalse(agent.is_in_use(agent.Machine(), folder))
            process = subprocess.Popen(["sleep", "60", ], env={"X": "y"}, executable=shutil.copy(shutil.which("sleep"), folder))
            self.addCleanup(process.wait)
            self.addCleanup(process.kill)
            self.assertTrue(agent.is_in_use(agent.Machine(), folder))


if __name__ == "__main__":
    unittest.main()
