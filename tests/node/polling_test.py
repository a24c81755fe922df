"""Tests of how the node agent speaks with Heat: how often, by which call, what it does when answers are lost, tokens run
out, machines restart, or Heat wants something else. Run by `cargo test`."""

import json
import os
import re
import signal
import subprocess
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
AGENT = os.path.join(PLACE.name, "agent.py")
agent = joined.load(AGENT)

NODE = {"format": 1, "kind": "node", "cluster": "c", "group": "slaves", "role": "slave", "agent_gzip": "", "hosts": [],
        "ssh_keys": [], "packages": [], "archives": [], "users": [], "directories": [], "disks": [], "files": [],
        "units": [], "steps": [], "probes": []}


class Heat(Answers):
    """Keystone and Heat of one server; paths that were asked for are kept."""

    def do_POST(self):
        world = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v3/auth/tokens":
            world.logins += 1
            catalog = [{"type": "orchestration", "endpoints": [{"interface": "public", "url": world.url}]}]
            return self.answer(201, {"token": {"catalog": catalog}}, X_Subject_Token="token-%d" % world.logins)
        if self.path in world.refused:
            return self.answer(401, {})
        world.signals.append((self.path, json.loads(body)))
        if world.lost_answers:
            # It has arrived, and the connection ends before that is known.
            world.lost_answers -= 1
            self.close_connection = True
            return None
        return self.answer(200, None)

    def do_GET(self):
        world = self.server
        world.asked.append(self.path)
        if self.headers["X-Auth-Token"] in world.expired:
            return self.answer(401, {})
        if self.path == "/software_deployments/metadata/server-1" and not world.old:
            return self.answer(200, {"metadata": world.deployments})
        if self.path == "/stacks/c/1/resources/slaves-0-server/metadata":
            return self.answer(200, {"metadata": {"deployments": world.deployments}})
        return self.answer(404, {})


class PollingTest(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Heat)
        self.server.url = "http://127.0.0.1:%d" % self.server.server_port
        self.server.logins, self.server.lost_answers, self.server.old, self.server.refused = 0, 0, False, set()
        self.server.signals, self.server.asked, self.server.expired, self.server.deployments = [], [], set(), []
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        agent.HOME = self.home = os.path.join(self.folder.name, "home")
        self.credentials = {"auth_url": self.server.url, "user_id": "u", "password": "p", "project_id": "p",
                            "stack_id": "c/1", "resource_name": "slaves-0-server"}
        self.root = os.path.join(self.folder.name, "root")
        os.makedirs(self.root)
        self.machine = agent.Machine(self.root)
        self.heat, self.done = agent.Heat(self.credentials), agent.Done(os.path.join(self.home, "done.json"))
        self.said = []
        agent.say = self.said.append

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def deploy(self, name, **bundle):
        inputs = {"deploy_auth_url": self.server.url, "deploy_user_id": "d", "deploy_password": "p",
                  "deploy_project_id": "p", "deploy_stack_id": "c/1", "deploy_resource_name": "slaves-0-deployment",
                  "deploy_server_id": "server-1"}
        self.server.deployments = [{"id": name, "group": "disco", "config": json.dumps(dict(NODE, **bundle)),
                                    "inputs": [{"name": key, "value": value} for key, value in inputs.items()]}]

    def round(self):
        return agent.one_round(self.heat, self.machine, self.done, False)

    def test_the_cheap_call_is_used_once_the_servers_id_is_known(self):
        self.deploy("d1")
        self.assertTrue(self.round())
        self.assertFalse(self.round())
        self.assertEqual(self.server.asked, ["/stacks/c/1/resources/slaves-0-server/metadata",
                                             "/software_deployments/metadata/server-1"])
        self.assertEqual(self.server.logins, 2, "one for polling, one for the signal")

    def test_a_heat_without_the_cheap_call_is_asked_by_name(self):
        self.server.old = True
        self.deploy("d1")
        self.round()
        self.deploy("d2")
        self.round()
        self.round()
        self.assertEqual([body["deploy_status_code"] for _, body in self.server.signals], [0, 0])
        self.assertEqual(sum("software_deployments" in path for path in self.server.asked), 1, "it is not tried for ever")

    def test_a_token_that_ran_out_is_renewed(self):
        self.deploy("d1")
        self.round()
        self.server.expired.add("token-1")
        self.deploy("d2")
        self.round()
        self.assertEqual(len(self.server.signals), 2)

    def test_a_signal_whose_answer_is_lost_is_sent_again_with_the_same_words(self):
        self.deploy("d1", users=[{"name": "u", "group": "g", "home": "/h"}])
        self.server.lost_answers = 1
        with self.assertRaises((OSError, agent.http.client.HTTPException)):
            self.round()
        # The machine restarts before anything else.
        self.done = agent.Done(os.path.join(self.home, "done.json"))
        self.round()
        self.round()
        self.assertEqual(len(self.server.signals), 2)
        self.assertEqual(self.server.signals[0], self.server.signals[1])
        with open(os.path.join(self.root, "commands")) as file:
            self.assertEqual(len(file.readlines()), 2, "groupadd and useradd, once")

    def test_one_whose_signal_is_refused_does_not_hold_up_the_others(self):
        self.deploy("d1")
        replaced = self.server.deployments
        for entry in replaced[0]["inputs"]:
            if entry["name"] == "deploy_resource_name":
                entry["value"] = "verify-deployment"
        self.server.refused.add("/stacks/c/1/resources/verify-deployment/signal")
        self.deploy("d2")
        self.server.deployments = replaced + self.server.deployments
        for _ in range(2):
            with self.assertRaises(agent.urllib.error.HTTPError):
                self.round()
        self.assertEqual([path for path, _ in self.server.signals], ["/stacks/c/1/resources/slaves-0-deployment/signal"])
        # Once Heat has taken it away, all is quiet.
        self.server.deployments = self.server.deployments[1:]
        self.assertFalse(self.round())

    def test_what_heat_no_longer_wants_is_given_up_and_not_signalled(self):
        self.deploy("d1")
        before = agent.carry_out

        def carry_out(machine, *_):
            self.deploy("d2")
            machine.look_up()
            self.fail("it went on")
        agent.carry_out, agent.WATCH = carry_out, 0
        try:
            self.assertTrue(self.round())
        finally:
            agent.carry_out, agent.WATCH = before, 20
        self.assertEqual(self.server.signals, [], "Heat would take it for the result of what it wants now")
        self.round()
        self.assertEqual(len(self.server.signals), 1)
        self.assertEqual(list(self.done.results), ["d2"])

    def test_while_it_works_an_absent_heat_is_no_reason_to_stop(self):
        self.deploy("d1")
        self.round()
        self.server.expired.update("token-%d" % number for number in range(20))
        agent.WATCH = 0
        try:
            self.heat.watch("d1")
        finally:
            agent.WATCH = 20

    def test_the_journal_tells_what_begins_what_failed_and_that_it_was_signalled(self):
        self.deploy("d1", probes=[{"kind": "smell"}])
        self.round()
        said = self.said
        self.assertEqual(said[0], "deployment slaves-0-deployment (d1): begins")
        self.assertEqual(said[-2:], [
            "deployment slaves-0-deployment (d1): failed: probes: this agent does not know the probe `smell`",
            "deployment slaves-0-deployment (d1): the failure is signalled to Heat"])

    def test_the_time_of_each_phase_is_the_last_line_of_the_log(self):
        self.deploy("d1")
        self.round()
        last = self.server.signals[-1][1]["deploy_stdout"].splitlines()[-1]
        timings = json.loads(re.fullmatch("timings: (.*)", last).group(1))
        self.assertEqual(list(timings)[-4:], ["files", "services", "probes", "end"])
        # However much there is to say.
        self.deploy("d2", directories=[{"path": "/d%d" % at, "owner": "", "mode": "0755"} for at in range(1000)])
        self.round()
        out = self.server.signals[-1][1]["deploy_stdout"]
        self.assertLessEqual(len(out), 4000)
        self.assertTrue(out.splitlines()[-1].startswith("timings: {"))

    def test_a_machine_that_loses_its_power_in_the_middle_begins_again(self):
        """The agent is killed while it waits for a name server; the next one carries the same deployment out."""
        slow = os.path.join(self.folder.name, "bin")
        os.makedirs(slow)
        with open(os.path.join(self.folder.name, "cfn"), "w") as file:
            json.dump({"os-collect-config": {"heat": self.credentials}}, file)
        self.deploy("d1", files=[{"framework": "h", "name": "h", "path": "/etc/h", "owner": "", "mode": "0644",
                                  "content": ["1"], "restarts": [], "keep": False}])
        os.mkfifo(os.path.join(self.root, "commands"))
        self.deploy("d1", users=[{"name": "u", "group": "g", "home": "/h"}])
        environment = dict(os.environ, DISCO_HOME=self.home, DISCO_CREDENTIALS=os.path.join(self.folder.name, "cfn"))
        command = [sys.executable, "-B", AGENT, "--once", "--rehearse", self.root]
        first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        while not self.server.asked:
            time.sleep(0.01)
        time.sleep(0.3)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        self.assertEqual(self.server.signals, [])
        os.remove(os.path.join(self.root, "commands"))
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual([body["deploy_status_code"] for _, body in self.server.signals], [0])

    def test_nothing_that_a_signal_or_a_note_needs_is_open_to_others(self):
        self.deploy("d1")
        self.round()
        for name in os.listdir(self.home):
            self.assertEqual(os.stat(os.path.join(self.home, name)).st_mode & 0o077, 0, name)

    def test_copies_of_the_credentials_become_roots_alone(self):
        paths = ["var/lib/heat-cfntools/cfn-init-data", "var/lib/cloud/data/cfn-init-data",
                 "var/lib/cloud/instances/i-1/user-data.txt", "var/lib/cloud/instances/i-1/user-data.txt.i"]
        for path in paths + ["var/lib/cloud/data/instance-id"]:
            path = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w"):
                pass
            os.chmod(path, 0o644)
        agent.guard(self.machine)
        for path in paths:
            self.assertEqual(os.stat(os.path.join(self.root, path)).st_mode & 0o777, 0o600, path)
        self.assertEqual(os.stat(os.path.join(self.root, "var/lib/cloud/data/instance-id")).st_mode & 0o777, 0o644)


class RhythmTest(unittest.TestCase):
    def polls(self, nodes, since, until):
        """How many polls a node makes between two moments after work."""
        rhythm, now, count = agent.Rhythm(nodes), 0.0, 0
        rhythm.worked = 0.0
        while now < until:
            now += rhythm.pause(now)
            count += since <= now < until
        return count

    def test_a_small_cluster_is_quick_after_work_and_slow_at_rest(self):
        self.assertGreaterEqual(self.polls(10, 0, 20), 9)
        self.assertLessEqual(self.polls(10, 3600, 7200), 240)

    def test_all_nodes_together_weigh_the_same_on_heat_however_many_they_are(self):
        for nodes in (200, 500, 1000):
            self.assertLessEqual(nodes * self.polls(nodes, 3600, 7200) / 3600, 8)
            self.assertLessEqual(nodes * self.polls(nodes, 0, 60) / 60, 50)

    def test_failures_are_answered_with_longer_and_longer_pauses(self):
        rhythm = agent.Rhythm(10)
        pauses = []
        for rhythm.failures in range(1, 12):
            pauses.append(rhythm.pause(time.monotonic()))
        self.assertEqual(pauses[:4], [4, 8, 16, 32])
        self.assertEqual(pauses[-1], 60)

    def test_no_two_nodes_go_in_step(self):
        pauses = {agent.jittered(10) for _ in range(50)}
        self.assertGreater(len(pauses), 40)
        self.assertTrue(all(7.5 <= pause <= 12.5 for pause in pauses))


if __name__ == "__main__":
    unittest.main()
