"""Tests of the node agent and its loader against a small Heat on this machine. Run by `cargo test`."""

import base64
import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import joined  # noqa: E402
from answers import Answers  # noqa: E402

PLACE = tempfile.TemporaryDirectory()
AGENT = os.path.join(PLACE.name, "agent.py")
LOADER = os.path.join(joined.ROOM, "loader.py")
joined.write(AGENT)


def bundle(**items):
    whole = {"format": 1, "kind": "node", "cluster": "c", "group": "slaves", "role": "slave", "agent_gzip": "",
             "hosts": [], "ssh_keys": [], "packages": [], "archives": [], "users": [], "directories": [],
             "disks": [], "files": [], "units": [], "steps": [], "probes": []}
    whole.update(items)
    return whole


class Heat(Answers):
    """Keystone's tokens and the two calls of Heat that an agent makes."""

    def do_POST(self):
        world = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v3/auth/tokens":
            user = body["auth"]["identity"]["password"]["user"]
            if user["password"] != "right":
                return self.answer(401, {})
            world.logins += 1
            catalog = [{"type": "orchestration", "endpoints": [
                {"interface": "internal", "region": "R", "url": "http://127.0.0.1:1/"},
                {"interface": "public", "region": "R", "url": world.url + "/heat/v1/p"}]}]
            return self.answer(201, {"token": {"catalog": catalog}}, X_Subject_Token="token-%d" % world.logins)
        if self.path.endswith("/signal"):
            if world.refuse_signals:
                world.refuse_signals -= 1
                return self.answer(503, {})
            world.signals.append((self.path, body))
            return self.answer(200, None)
        return self.answer(404, {})

    def do_GET(self):
        world = self.server
        if self.path == "/members":
            return self.answer(200, {"beans": [{"LiveNodes": json.dumps({name + ":9866": {} for name in world.live})}]})
        if self.headers["X-Auth-Token"] in world.expired:
            return self.answer(401, {})
        if self.path == "/heat/v1/p/stacks/c/1/resources/slaves-0-server/metadata":
            return self.answer(200, {"metadata": {"deployments": world.deployments}})
        return self.answer(404, {})


class AgentTest(unittest.TestCase):
    def setUp(self):
        self.heat = ThreadingHTTPServer(("127.0.0.1", 0), Heat)
        self.heat.url = "http://127.0.0.1:%d" % self.heat.server_port
        self.heat.logins, self.heat.refuse_signals = 0, 0
        self.heat.signals, self.heat.deployments, self.heat.expired, self.heat.live = [], [], set(), []
        threading.Thread(target=self.heat.serve_forever, args=[0.02], daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        self.root = os.path.join(self.folder.name, "root")
        self.home = os.path.join(self.folder.name, "home")
        os.makedirs(self.root)
        os.makedirs(self.home)
        self.credentials = os.path.join(self.folder.name, "cfn-init-data")
        with open(self.credentials, "w") as file:
            json.dump({"os-collect-config": {"heat": {
                "auth_url": self.heat.url + "/v3/", "user_id": "u", "password": "right", "project_id": "p",
                "stack_id": "c/1", "resource_name": "slaves-0-server", "region_name": "R"}}}, file)

    def tearDown(self):
        self.heat.shutdown()
        self.heat.server_close()
        self.folder.cleanup()

    def deploy(self, name, config, group="disco", **inputs):
        inputs = dict({"deploy_signal_transport": "HEAT_SIGNAL", "deploy_auth_url": self.heat.url, "deploy_user_id": "d",
                       "deploy_password": "right", "deploy_project_id": "p", "deploy_stack_id": "c/1",
                       "deploy_resource_name": "slaves-0-deployment", "deploy_action": "CREATE"}, **inputs)
        self.heat.deployments.append({
            "id": name, "group": group, "name": "x", "config": config if isinstance(config, str) else json.dumps(config),
            "inputs": [{"name": key, "value": value, "type": "String"} for key, value in inputs.items()]})

    def run_agent(self, expected=0):
        environment = dict(os.environ, DISCO_CREDENTIALS=self.credentials, DISCO_HOME=self.home)
        done = subprocess.run([sys.executable, "-B", AGENT, "--once", "--rehearse", self.root], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, expected, done.stderr)

    def text(self, path):
        with open(os.path.join(self.root, path)) as file:
            return file.read()

    def commands(self):
        try:
            return [json.loads(line) for line in self.text("commands").splitlines()]
        except FileNotFoundError:
            return []

    def last_signal(self):
        return self.heat.signals[-1][1]

    def test_each_deployment_is_carried_out_and_signalled_once(self):
        self.deploy("d0", "#!/bin/sh", group="script")
        self.deploy("d1", bundle())
        self.run_agent()
        self.run_agent()
        self.assertEqual([path for path, _ in self.heat.signals],
                         ["/heat/v1/p/stacks/c/1/resources/slaves-0-deployment/signal"])
        self.assertEqual(self.last_signal()["deploy_status_code"], 0)
        self.assertIn("files: 0.0 s", self.last_signal()["deploy_stdout"])
        self.heat.deployments.clear()
        self.deploy("d2", bundle())
        self.run_agent()
        self.assertEqual(len(self.heat.signals), 2)

    def test_a_lost_signal_is_sent_again_without_doing_the_work_again(self):
        self.deploy("d1", bundle(users=[{"name": "u", "group": "g", "home": "/h"}]))
        self.heat.refuse_signals = 1
        self.run_agent(expected=1)
        self.assertEqual(self.heat.signals, [])
        before = self.commands()
        self.run_agent()
        self.assertEqual(len(self.heat.signals), 1)
        self.assertEqual(self.commands(), before)

    def test_wrong_credentials_are_an_error_not_the_end(self):
        with open(self.credentials, "w") as file:
            json.dump({"os-collect-config": {"heat": {
                "auth_url": self.heat.url, "user_id": "u", "password": "wrong", "project_id": "p",
                "stack_id": "c/1", "resource_name": "slaves-0-server"}}}, file)
        self.run_agent(expected=1)

    def test_files_carry_secrets_and_restart_their_units(self):
        unit = {"name": "h.service", "framework": "h", "description": "100% h", "user": "u", "group": "g", "exec": "/opt/h --a=$b",
                "environment": {"K": "a \"b\""}, "after": ["x.service"], "needs_step": None}
        def files(value):
            return bundle(units=[unit], files=[{
                "framework": "h", "name": "h.conf", "path": "/etc/h/h.conf", "owner": "root:root", "mode": "0640",
                "content": ["a=%s\nkey=" % value, {"secret": "secret-1"}, "\n"], "restarts": ["h.service"], "keep": False}, {
                "framework": "h", "name": "k", "path": "/etc/h/k", "owner": "root:root", "mode": "0644",
                "content": [str(value)], "restarts": ["h.service"], "keep": True}])
        self.deploy("d1", files(1), **{"secret-1": "hunter2"})
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_stderr"], "")
        self.assertEqual(self.text("etc/h/h.conf"), "a=1\nkey=hunter2\n")
        self.assertEqual(os.stat(os.path.join(self.root, "etc/h/h.conf")).st_mode & 0o777, 0o640)
        self.assertNotIn("hunter2", json.dumps(self.heat.signals))
        written = self.text("etc/systemd/system/h.service")
        self.assertIn("Description=100%% h\n", written)
        self.assertIn("After=network-online.target x.service\n", written)
        self.assertIn('Environment="K=a \\"b\\""\n', written)
        self.assertIn("ExecStart=/opt/h --a=$$b\n", written)
        restart = ["systemctl", "restart", "h.service"]
        self.assertEqual(self.commands().count(restart), 1)
        # The same again: nothing restarts. Another value: it does.
        self.deploy("d2", files(1), **{"secret-1": "hunter2"})
        self.run_agent()
        self.assertEqual(self.commands().count(restart), 1)
        self.deploy("d3", files(2), **{"secret-1": "hunter2"})
        self.run_agent()
        self.assertEqual(self.commands().count(restart), 2)
        # What a later step owns is left alone.
        self.assertEqual(self.text("etc/h/k"), "1")

    def test_secrets_of_a_unit_are_in_a_file_for_root_alone(self):
        unit = {"name": "w.service", "framework": "w", "description": "w", "user": "u", "group": "g", "exec": "/w",
                "environment": {"A": "b"}, "environment_file": "/etc/disco/w.env", "after": [], "needs_step": None}
        file = {"framework": "w", "name": "w.env", "path": "/etc/disco/w.env", "owner": "root:root", "mode": "0600",
                "content": ["P=", {"secret": "s-1"}, "\n"], "restarts": ["w.service"], "keep": False}
        self.deploy("d1", bundle(units=[unit], files=[file]), **{"s-1": '"word"'})
        self.run_agent()
        self.assertIn('Environment="A=b"\nEnvironmentFile=/etc/disco/w.env\nExecStart=/w\n',
                      self.text("etc/systemd/system/w.service"))
        self.assertEqual(self.text("etc/disco/w.env"), 'P="word"\n')
        self.assertEqual(os.stat(os.path.join(self.root, "etc/disco/w.env")).st_mode & 0o777, 0o600)

    def test_no_value_becomes_a_line_of_a_unit(self):
        good = {"name": "w.service", "framework": "w", "description": "w", "user": "u", "group": "g", "exec": "/w",
                "environment": {"A": "b"}, "after": [], "needs_step": None}
        bad = [{"exec": "/w\nExecStartPre=/evil"}, {"description": "w\rUser=root"}, {"user": "u\nExecStartPre=/evil"},
               {"group": "g h"}, {"after": ["x.service\nUser=root"]}, {"name": "../w.service"},
               {"environment": {"A": "b\u0085c"}}, {"environment": {"A=1\nB": "c"}}, {"environment_file": "/x\ny"}]
        for at, change in enumerate(bad):
            self.deploy("d%d" % at, bundle(units=[dict(good, **change)]))
            self.run_agent()
            self.assertEqual(self.last_signal()["deploy_status_code"], 1, change)
        self.assertFalse(os.path.exists(os.path.join(self.root, "etc/systemd")))

    def test_what_a_machine_no_longer_has_is_stopped_and_removed(self):
        unit = {"name": "h.service", "framework": "h", "description": "h", "user": "u", "group": "g", "exec": "/opt/h",
                "environment": {}, "after": [], "needs_step": None}
        item = {"framework": "h", "name": "h", "path": "/etc/h/h.conf", "owner": "root:root", "mode": "0644",
                "content": ["1"], "restarts": ["h.service"], "keep": False}
        other = dict(item, path="/etc/h/other")
        archive = {"name": "h", "version": "1", "directory": "/opt/h-1", "urls": [], "sha512": "0" * 128}
        for folder in ("opt/h-1", "opt/mine"):
            os.makedirs(os.path.join(self.root, folder))
        with open(os.path.join(self.root, "opt/h-1/.disco-archive"), "w") as file:
            file.write("h 1")
        self.deploy("d1", bundle(units=[unit, dict(unit, name="i.service")], files=[item, other],
                                 archives=[archive, dict(archive, directory="/opt/mine")]))
        self.run_agent()
        self.deploy("d2", bundle(units=[dict(unit, name="i.service")], files=[item]))
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_stderr"], "")
        stop = ["systemctl", "disable", "--quiet", "--now", "h.service"]
        self.assertEqual(self.commands().count(stop), 1)
        self.assertFalse(os.path.exists(os.path.join(self.root, "etc/systemd/system/h.service")))
        self.assertFalse(os.path.exists(os.path.join(self.root, "etc/h/other")))
        self.assertEqual(self.text("etc/h/h.conf"), "1")
        self.assertTrue(os.path.exists(os.path.join(self.root, "etc/systemd/system/i.service")))
        self.assertFalse(os.path.exists(os.path.join(self.root, "opt/h-1")))
        self.assertTrue(os.path.exists(os.path.join(self.root, "opt/mine")), "a folder that the agent did not unpack")
        # Nothing is left to stop.
        self.deploy("d3", bundle(units=[dict(unit, name="i.service")], files=[item]))
        self.run_agent()
        self.assertEqual(self.commands().count(stop), 1)

    def test_a_restart_that_a_failure_prevented_is_made_up_for(self):
        unit = {"name": "h.service", "framework": "h", "description": "h", "user": "u", "group": "g", "exec": "/opt/h",
                "environment": {}, "after": [], "needs_step": None}
        def files(value, secret):
            content = [value] + ([{"secret": "secret-1"}] if secret else [])
            return [{"framework": "h", "name": "h", "path": "/etc/h/h.conf", "owner": "root:root", "mode": "0644",
                     "content": [value], "restarts": ["h.service"], "keep": False},
                    {"framework": "h", "name": "i", "path": "/etc/h/i.conf", "owner": "root:root", "mode": "0644",
                     "content": content, "restarts": [], "keep": False}]
        restart = ["systemctl", "restart", "h.service"]
        self.deploy("d1", bundle(units=[unit], files=files("1", False)))
        self.run_agent()
        # The first file is written, the second cannot be: the service goes on with what it read.
        self.deploy("d2", bundle(units=[unit], files=files("2", True)))
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_status_code"], 1)
        self.assertEqual(self.text("etc/h/h.conf"), "2")
        self.assertEqual(self.commands().count(restart), 1)
        self.deploy("d3", bundle(units=[unit], files=files("2", False)))
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_status_code"], 0)
        self.assertEqual(self.commands().count(restart), 2)

    def test_a_missing_secret_fails_with_its_file(self):
        self.deploy("d1", bundle(files=[{
            "framework": "h", "name": "h", "path": "/etc/h", "owner": "root:root", "mode": "0600",
            "content": [{"secret": "secret-1"}], "restarts": [], "keep": False}]))
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_status_code"], 1)
        self.assertEqual(self.last_signal()["deploy_stderr"], "files: Heat did not give the secret of /etc/h")

    def test_names_of_the_whole_block_are_written_and_strangers_lines_stay(self):
        os.makedirs(os.path.join(self.root, "etc"))
        with open(os.path.join(self.root, "etc/hosts"), "w") as file:
            file.write("127.0.0.1 localhost\n127.0.1.1 c-slaves-0\n192.0.2.9 printer\n")
        rule = {"prefix": "c-slaves-", "first_index": 0, "first_address": "10.0.0.254", "count": 3}
        self.deploy("d1", bundle(hosts=[rule]))
        self.run_agent()
        expected = ("127.0.0.1 localhost\n192.0.2.9 printer\n# DISCO begins\n10.0.0.254 c-slaves-0\n"
                    "10.0.0.255 c-slaves-1\n10.0.1.0 c-slaves-2\n# DISCO ends\n")
        self.assertEqual(self.text("etc/hosts"), expected)
        self.deploy("d2", bundle(hosts=[rule]))
        self.run_agent()
        self.assertEqual(self.text("etc/hosts"), expected)

    def people(self, *lines):
        os.makedirs(os.path.join(self.root, "etc"), exist_ok=True)
        with open(os.path.join(self.root, "etc", "passwd"), "w") as file:
            file.write("root:x:0:0:root:/root:/bin/bash\n" + "".join(line + "\n" for line in lines))

    def test_keys_of_the_definition_are_put_beside_those_that_are_there(self):
        self.people("someone:x:1000:1000::/home/someone:/bin/bash", "debian:x:1001:1001:Debian,,:/home/debian:/bin/bash")
        keys = os.path.join(self.root, "home", "debian", ".ssh", "authorized_keys")
        os.makedirs(os.path.dirname(keys), mode=0o700)
        with open(keys, "w") as file:
            file.write("ssh-rsa BBBB cloud-init\n")
        self.deploy("d1", bundle(ssh_keys=["ssh-ed25519 AAAA me", "ssh-ed25519 CCCC you"]))
        self.run_agent()
        expected = ("ssh-rsa BBBB cloud-init\n# DISCO begins\nssh-ed25519 AAAA me\nssh-ed25519 CCCC you\n# DISCO ends\n")
        self.assertEqual(self.text("home/debian/.ssh/authorized_keys"), expected)
        self.assertEqual(os.stat(keys).st_mode & 0o777, 0o600)
        self.assertFalse(os.path.exists(os.path.join(self.root, "home", "someone")))
        before = os.stat(keys).st_mtime_ns
        self.deploy("d2", bundle(ssh_keys=["ssh-ed25519 AAAA me", "ssh-ed25519 CCCC you"]))
        self.run_agent()
        self.assertEqual(os.stat(keys).st_mtime_ns, before)
        self.assertNotIn("authorized_keys", self.last_signal()["deploy_stdout"])
        self.deploy("d3", bundle(ssh_keys=["ssh-ed25519 CCCC you"]))
        self.run_agent()
        self.assertEqual(self.text("home/debian/.ssh/authorized_keys"),
                         "ssh-rsa BBBB cloud-init\n# DISCO begins\nssh-ed25519 CCCC you\n# DISCO ends\n")

    def test_keys_go_to_the_first_person_where_the_image_has_no_account_of_its_own(self):
        self.people("someone:x:1000:1000::/home/someone:/bin/bash")
        self.deploy("d1", bundle(ssh_keys=["ssh-ed25519 AAAA me"]))
        self.run_agent()
        self.assertIn("ssh-ed25519 AAAA me\n", self.text("home/someone/.ssh/authorized_keys"))
        self.assertEqual(os.stat(os.path.join(self.root, "home/someone/.ssh")).st_mode & 0o777, 0o700)

    def test_without_a_person_no_account_is_made(self):
        self.people()
        self.deploy("d1", bundle(ssh_keys=["ssh-ed25519 AAAA me"]))
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_status_code"], 0)
        self.assertIn("SSH keys are not written", self.last_signal()["deploy_stdout"])
        self.assertFalse(os.path.exists(os.path.join(self.root, "home")))
        self.assertEqual(self.commands(), [])

    def test_other_items(self):
        self.deploy("d1", bundle(
            packages=["jre"],
            archives=[{"name": "h", "version": "1", "urls": ["https://m/h"], "directory": "/opt/h", "sha512": "0" * 128}],
            directories=[{"path": "/data/x/y", "owner": "u:g", "mode": "0700"}],
            disks=[{"volume": "data", "mount": "/data"}]), **{"volume-data": "v-1"})
        self.run_agent()
        self.assertEqual(self.last_signal()["deploy_stderr"], "")
        self.assertTrue(os.path.isdir(os.path.join(self.root, "data/x/y")))
        commands = [[word for word in command if "::" not in word and word != "-o"] for command in self.commands()]
        self.assertEqual(commands, [
            ["mount", "v-1", "/data"], ["apt-get", "-q", "update"],
            ["apt-get", "-q", "-y", "install", "--no-install-recommends", "jre"], ["fetch", "h", "1", "/opt/h"]])

    def disks(self, *pairs):
        """Volumes by mount point, a service that runs as the owner of a folder there, and one that has none."""
        unit = {"name": "", "framework": "h", "description": "n", "user": "", "group": "g", "exec": "/n",
                "environment": {}, "after": [], "needs_step": None}
        return bundle(
            disks=[{"volume": volume, "mount": mount} for mount, volume in pairs],
            directories=[{"path": mount + "/x", "owner": "owner:g", "mode": "0755"} for mount, _ in pairs],
            units=[dict(unit, name="a.service", user="other"), dict(unit, name="b.service", user="owner"),
                   dict(unit, name="c.service", user="other", environment={"DIR": "file:%s/y,/z" % pairs[0][0]})])

    def test_a_volume_that_is_released_is_unmounted_and_nothing_else_happens(self):
        self.deploy("d1", self.disks(("/data", "a"), ("/more", "b")), **{"volume-a": "v-1", "volume-b": "v-2"})
        self.run_agent()
        before = len(self.commands())
        changed = self.disks(("/data", "a"), ("/more", "b"))
        changed["packages"] = ["later"]
        self.deploy("d2", changed, release="a", **{"volume-a": "v-1", "volume-b": "v-2"})
        self.run_agent()
        quiet = ["systemctl", "disable", "--quiet"]
        self.assertEqual(self.commands()[before:], [
            quiet + ["c.service"], ["systemctl", "stop", "c.service"], quiet + ["b.service"],
            ["systemctl", "stop", "b.service"], ["umount", "/data"]])
        self.assertIn("stopped b.service before its disk is detached", self.last_signal()["deploy_stdout"])
        before = len(self.commands())
        self.deploy("d3", changed, **{"volume-a": "v-1", "volume-b": "v-2"})
        self.run_agent()
        after = self.commands()[before:]
        self.assertEqual([command[2] for command in after if command[0] == "mount"], ["/data", "/more"])
        self.assertEqual([command[2] for command in after if command[1] == "restart"], ["b.service", "c.service"])
        self.assertEqual([command for command in after if command[0] == "umount"], [])

    def test_a_volume_that_moves_or_is_another_one_is_unmounted_first(self):
        self.deploy("d1", self.disks(("/data", "a")), **{"volume-a": "v-1"})
        self.deploy("d2", self.disks(("/moved", "a")), **{"volume-a": "v-1"})
        self.deploy("d3", self.disks(("/moved", "renamed")), **{"volume-renamed": "v-2"})
        self.deploy("d4", self.disks(("/moved", "renamed")), **{"volume-renamed": "v-2"})
        self.run_agent()
        words = [command for command in self.commands() if command[0] in ("mount", "umount")]
        self.assertEqual(words, [
            ["mount", "v-1", "/data"], ["umount", "/data"], ["mount", "v-1", "/moved"], ["umount", "/moved"],
            ["mount", "v-2", "/moved"], ["mount", "v-2", "/moved"]])
        stops = [command for command in self.commands() if command[:2] == ["systemctl", "stop"]]
        self.assertEqual(len(stops), 4)

    def test_steps_run_on_the_first_node_before_the_unit_that_needs_them(self):
        unit = {"name": "n.service", "framework": "h", "description": "n", "user": "u", "group": "g", "exec": "/n", "environment": {},
                "after": [], "needs_step": "format"}
        step = {"framework": "h", "name": "format", "member_prefixes": [], "timeout_seconds": 5, "action": {
            "kind": "command", "user": "u", "commands": [["n", "-format"]], "unless_exists": "/formatted"}}
        self.deploy("d1", bundle(units=[unit], steps=[step]), deploy_resource_name="master-0-deployment")
        self.run_agent()
        format_command = ["runuser", "-u", "u", "--", "n", "-format"]
        commands = self.commands()
        self.assertLess(commands.index(format_command), commands.index(["systemctl", "restart", "n.service"]))
        with open(os.path.join(self.root, "formatted"), "w"):
            pass
        self.deploy("d2", bundle(units=[unit], steps=[step]), deploy_resource_name="master-0-deployment")
        self.deploy("d3", bundle(units=[unit], steps=[step]), deploy_resource_name="master-1-deployment")
        self.run_agent()
        self.assertEqual(self.commands().count(format_command), 1)

    def test_what_the_agent_does_not_know_is_a_failure(self):
        step = {"framework": "h", "name": "fly", "member_prefixes": [], "timeout_seconds": 5, "action": {"kind": "fly"}}
        self.deploy("d1", {"format": 1, "kind": "verify", "cluster": "c", "steps": [step]})
        self.deploy("d2", {"format": 2})
        self.deploy("d3", "not json")
        self.run_agent()
        self.assertEqual([body["deploy_status_code"] for _, body in self.heat.signals], [1, 1, 1])
        self.assertIn("`fly`", self.heat.signals[0][1]["deploy_stderr"])
        self.assertIn("format 2", self.heat.signals[1][1]["deploy_stderr"])


class PartsTest(unittest.TestCase):
    """Parts of the agent that need no Heat."""

    def setUp(self):
        self.agent = joined.load(AGENT)

    def test_three_layouts_of_published_digests(self):
        digest = "0123456789abcdef" * 8
        spread = " ".join(digest.upper()[at:at + 8] for at in range(0, 128, 8))
        for text in ["SHA512 (h-3.5.0.tar.gz) = " + digest, digest + "  h-3.5.0.tar.gz\n",
                     "h-3.5.0.tar.gz: " + spread[:70] + "\n       " + spread[70:] + "\n"]:
            self.assertEqual(self.agent.published_digest(text), digest)
        with self.assertRaises(self.agent.Failure):
            self.agent.published_digest("<html>not here</html>")

    def test_archives_lose_their_first_part_and_stay_inside(self):
        import io
        import tarfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.tar.gz")
            with tarfile.open(path, "w:gz") as archive:
                for name in ["h-1/bin/h", "h-1/../../outside", "top"]:
                    member = tarfile.TarInfo(name)
                    member.size = 2
                    archive.addfile(member, io.BytesIO(b"hi"))
                for name, target in [("h-1/link", "bin/h"), ("h-1/bad", "../../etc/passwd")]:
                    link = tarfile.TarInfo(name)
                    link.type, link.linkname = tarfile.SYMTYPE, target
                    archive.addfile(link)
            target = os.path.join(folder, "out")
            os.makedirs(target)
            try:
                self.agent.unpack(path, target)
            except PermissionError:
                self.skipTest("owners cannot be set here")
            found = sorted(os.path.relpath(os.path.join(base, name), target)
                           for base, _, names in os.walk(target) for name in names)
            self.assertEqual(found, ["bin/h", "link"])
            self.assertFalse(os.path.exists(os.path.join(folder, "outside")))

    def test_members_are_told_by_name(self):
        heat = ThreadingHTTPServer(("127.0.0.1", 0), Heat)
        threading.Thread(target=heat.serve_forever, daemon=True).start()
        heat.live = ["c-slaves-0", "c-slaves-9.example"]
        action = {"kind": "members", "title": "DataNodes live", "names": "keys", "path": ["beans", 0, "LiveNodes"],
                  "url": "http://127.0.0.1:%d/members" % heat.server_port}
        self.assertEqual(self.agent.registered(action, self.agent.listed(self.agent.Machine(), action)), {"c-slaves-0", "c-slaves-9"})
        step = {"framework": "h", "name": "m", "action": action, "member_prefixes": ["c-slaves-"], "timeout_seconds": 0}
        machine = self.agent.Machine()
        machine.log = machine.lines.append
        rest = (self.agent.Notes(os.path.join(PLACE.name, "notes.json")), self.agent.Services(machine))
        self.agent.run_step(machine, step, ["c-slaves-0", "c-master-0"], *rest)
        with self.assertRaisesRegex(self.agent.Failure, "step m of h: DataNodes live: .* missing: c-slaves-1"):
            self.agent.run_step(machine, step, ["c-slaves-0", "c-slaves-1"], *rest)
        heat.live += ["c-slaves-big-0"]
        self.agent.run_step(machine, step, ["c-slaves-0", "c-slaves-big-1"], *rest)
        more = dict(step, member_prefixes=["c-slaves-", "c-slaves-big-"])
        with self.assertRaisesRegex(self.agent.Failure, "missing: c-slaves-big-1$"):
            self.agent.run_step(machine, more, ["c-slaves-0", "c-slaves-big-0", "c-slaves-big-1"], *rest)
        heat.shutdown()
        heat.server_close()

    def test_a_member_that_is_ill_says_why(self):
        nodes = [{"nodeHostName": "c-slaves-0", "state": "RUNNING", "healthReport": ""},
                 {"nodeHostName": "c-slaves-1", "state": "UNHEALTHY", "healthReport": "1/1 local-dirs usable space is below"}]

        class ResourceManager(Answers):
            def do_GET(self):
                self.answer(200, {"nodes": {"node": nodes}})

        manager = ThreadingHTTPServer(("127.0.0.1", 0), ResourceManager)
        threading.Thread(target=manager.serve_forever, args=[0.02], daemon=True).start()
        action = {"kind": "members", "title": "NodeManagers running", "names": "nodeHostName", "path": ["nodes", "node"],
                  "where": {"state": "RUNNING"}, "state": "state", "why": "healthReport",
                  "url": "http://127.0.0.1:%d/nodes" % manager.server_port}
        step = {"framework": "h", "name": "m", "action": action, "member_prefixes": ["c-slaves-"], "timeout_seconds": 0}
        machine = self.agent.Machine()
        machine.log, machine.pause = machine.lines.append, lambda _: None
        rest = (self.agent.Notes(os.path.join(PLACE.name, "notes.json")), self.agent.Services(machine))
        patience = self.agent.PATIENCE
        try:
            with self.assertRaisesRegex(self.agent.Failure, "missing: c-slaves-1 .UNHEALTHY: 1/1 local-dirs usable.*, c-slaves-2"):
                self.agent.run_step(machine, step, ["c-slaves-0", "c-slaves-1", "c-slaves-2"], *rest)
            self.agent.PATIENCE = 0.05
            with self.assertRaisesRegex(self.agent.Failure, "NodeManagers running: c-slaves-1 is UNHEALTHY: 1/1 local"):
                self.agent.run_step(machine, dict(step, timeout_seconds=60), ["c-slaves-0", "c-slaves-1"], *rest)
            del nodes[1]["healthReport"]
            nodes[1]["state"] = "RUNNING"
            self.agent.run_step(machine, step, ["c-slaves-0", "c-slaves-1"], *rest)
        finally:
            self.agent.PATIENCE = patience
            manager.shutdown()
            manager.server_close()

    def test_waits_for_what_a_framework_says(self):
        """A NameNode that leaves its safe mode when it was asked three times."""
        asked = []

        class NameNode(Answers):
            def do_GET(self):
                asked.append(self.path)
                self.answer(200, {"beans": [{"Safemode": "Safe mode is ON." if len(asked) < 3 or stuck else ""}]})

        stuck = False
        server = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        action = {"kind": "answer", "title": "HDFS is writable", "path": ["beans", 0, "Safemode"], "equals": "",
                  "url": "http://127.0.0.1:%d/jmx" % server.server_port}
        step = {"framework": "h", "name": "s", "action": action, "timeout_seconds": 60}
        machine = self.agent.Machine()
        machine.log, machine.pause = machine.lines.append, lambda _: None
        rest = ([], self.agent.Notes(os.path.join(PLACE.name, "notes.json")), self.agent.Services(machine))
        self.agent.run_step(machine, step, *rest)
        self.assertEqual(len(asked), 3)
        self.assertIn("HDFS is writable", machine.lines)
        stuck = True
        with self.assertRaisesRegex(self.agent.Failure, "step s of h: HDFS is writable: not within .* Safe mode is ON"):
            self.agent.run_step(machine, dict(step, timeout_seconds=0), *rest)
        server.shutdown()
        server.server_close()
        with self.assertRaisesRegex(self.agent.Failure, "127.0.0.1:.*refused"):
            self.agent.run_step(machine, dict(step, timeout_seconds=0), *rest)

    def test_asks_a_framework_for_what_it_needs(self):
        """A NameNode in safe mode refuses to make a folder, at first; what it says is told."""
        asked = []

        class NameNode(Answers):
            def do_PUT(self):
                asked.append(self.path)
                if len(asked) < 3 or stuck:
                    return self.answer(403, {"RemoteException": {"message": "Cannot create directory /tmp. It is in safe mode."}})
                self.answer(200, {"boolean": True})

        stuck = False
        server = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = "http://127.0.0.1:%d/webhdfs/v1" % server.server_port
        requests = [{"method": "PUT", "url": root + path} for path in ("/tmp?op=MKDIRS", "/user?op=MKDIRS")]
        action = {"kind": "http", "retry": True, "requests": requests}
        step = {"framework": "h", "name": "f", "action": action, "timeout_seconds": 60}
        machine = self.agent.Machine()
        machine.log, machine.pause = machine.lines.append, lambda _: None
        rest = ([], self.agent.Notes(os.path.join(PLACE.name, "notes.json")), self.agent.Services(machine))
        self.agent.run_step(machine, step, *rest)
        self.assertEqual(asked, ["/webhdfs/v1/tmp?op=MKDIRS"] * 3 + ["/webhdfs/v1/user?op=MKDIRS"])
        stuck = True
        with self.assertRaisesRegex(self.agent.Failure, "step f of h: PUT http://.*/tmp.*: HTTP 403.*It is in safe mode.*tried"):
            self.agent.run_step(machine, dict(step, timeout_seconds=0.1), *rest)
        with self.assertRaisesRegex(self.agent.Failure, "HTTP 403[^;]*$"):
            self.agent.run_step(machine, dict(step, action=dict(action, retry=False)), *rest)
        server.shutdown()
        server.server_close()
        with self.assertRaisesRegex(self.agent.Failure, "PUT http://127.0.0.1.*refused"):
            self.agent.run_step(machine, dict(step, timeout_seconds=0), *rest)

    def test_who_leaves_hands_over_first(self):
        """A framework whose nodes move their data as soon as its list of leavers is read, unless it is stuck."""
        told = os.path.join(PLACE.name, "told")
        exclude = os.path.join(PLACE.name, "dfs.exclude")
        states = {"c-slaves-%d:9866" % index: {"adminState": "In Service"} for index in range(3)}

        class NameNode(Answers):
            def do_GET(self):
                with open(exclude) as file:
                    leavers = file.read().split()
                for name, state in states.items():
                    moving = name.split(":")[0] in leavers and state["adminState"] != "In Service"
                    done = "Decommission In Progress" if stuck or not moving else "Decommissioned"
                    state["adminState"] = done if name.split(":")[0] in leavers else "In Service"
                self.answer(200, {"beans": [{"LiveNodes": json.dumps(states)}]})

        namenode = ThreadingHTTPServer(("127.0.0.1", 0), NameNode)
        threading.Thread(target=namenode.serve_forever, args=[0.02], daemon=True).start()
        action = {"kind": "decommission", "title": "DataNodes drained", "file": exclude, "names": "keys",
                  "commands": [["cp", exclude, told]], "path": ["beans", 0, "LiveNodes"], "state": "adminState",
                  "done": ["Decommissioned"], "url": "http://127.0.0.1:%d/jmx" % namenode.server_port}
        step = {"framework": "h", "name": "drain", "action": action, "member_prefixes": ["c-slaves-"],
                "timeout_seconds": 60}
        machine = self.agent.Machine()
        machine.log = machine.lines.append
        machine.pause = lambda _: None
        rest = (self.agent.Notes(os.path.join(PLACE.name, "notes.json")), self.agent.Services(machine))
        try:
            stuck = False
            # One that is dead already is not waited for, and a master is nobody's DataNode.
            self.agent.run_step(machine, step, [], *rest, ["c-slaves-1", "c-slaves-9", "c-master-0", "c-slaves-big-1"])
            with open(told) as file:
                self.assertEqual(file.read(), "c-slaves-1\nc-slaves-9\n")
            self.assertIn("DataNodes drained: c-slaves-1 is Decommission In Progress", machine.lines)
            # When they have gone their names are free again.
            self.agent.run_step(machine, step, [], *rest, [])
            with open(told) as file:
                self.assertEqual(file.read(), "")
            os.remove(told)
            self.agent.run_step(machine, step, [], *rest, [])
            self.assertFalse(os.path.exists(told), "there was nothing to tell")
            # Where the framework would believe for a while that they are still there, not before they come back.
            keeping = dict(step, action=dict(action, keep=True))
            for members, leaving, written in (["c-slaves-0"], ["c-slaves-1"], "c-slaves-1\n"), (
                    ["c-slaves-0"], [], "c-slaves-1\n"), ([], ["c-slaves-0"], "c-slaves-0\nc-slaves-1\n"), (
                    ["c-slaves-0", "c-slaves-1"], [], ""):
                self.agent.run_step(machine, keeping, members, *rest, leaving)
                with open(exclude) as file:
                    self.assertEqual(file.read(), written)
            stuck = True
            with self.assertRaisesRegex(self.agent.Failure, "not within 0 s, c-slaves-2 is .*; all nodes stay"):
                self.agent.run_step(machine, dict(step, timeout_seconds=0), [], *rest, ["c-slaves-2"])
            with open(told) as file:
                self.assertEqual(file.read(), "", "nobody leaves after all")
            with self.assertRaisesRegex(self.agent.Failure, "all nodes stay"):
                self.agent.run_step(machine, dict(keeping, timeout_seconds=0), ["c-slaves-2"], *rest, ["c-slaves-2"])
            with open(told) as file:
                self.assertEqual(file.read(), "")
            # What the framework was not told it is told again.
            broken = dict(step, action=dict(action, commands=[["false"]]))
            with self.assertRaisesRegex(self.agent.Failure, "ended with 1"):
                self.agent.run_step(machine, broken, [], *rest, ["c-slaves-2"])
            with open(exclude) as file:
                self.assertEqual(file.read(), "")
        finally:
            namenode.shutdown()
            namenode.server_close()


class LoaderTest(AgentTest):
    """The loader takes the agent from a bundle and runs it; inherited tests are the agent's own."""

    def test_the_loader_fetches_and_runs_the_agent(self):
        mark = os.path.join(self.folder.name, "ran")
        agent = "import os\nopen(%r, 'a').write('x')\nos.kill(os.getppid(), 15)\n" % mark
        self.deploy("d1", bundle(agent_gzip=base64.b64encode(gzip.compress(agent.encode())).decode()))
        environment = dict(os.environ, DISCO_CREDENTIALS=self.credentials, DISCO_HOME=self.home)
        subprocess.run([sys.executable, "-B", LOADER], env=environment, timeout=60)
        with open(mark) as file:
            self.assertEqual(file.read(), "x")
        with open(os.path.join(self.home, "agent.py")) as file:
            self.assertEqual(file.read(), agent)


del AgentTest
if __name__ == "__main__":
    unittest.main()
