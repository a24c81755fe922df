#!/usr/bin/python3
"""DISCO's loader: fetches the node agent and keeps it running.

Frozen: this text is user-data, so it stays on a machine as it was on its first day. All it does is to poll Heat for
a deployment of group `disco` whose configuration carries an agent, to write that agent down, and to run it. The
agent does the work, and renews itself; it ends with RENEWED when it has.
"""

import base64
import gzip
import json
import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request

CREDENTIALS = os.environ.get("DISCO_CREDENTIALS", "/var/lib/heat-cfntools/cfn-init-data")
HOME = os.environ.get("DISCO_HOME", "/var/lib/disco")
RENEWED = 10


def call(method, url, token=None, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    if token:
        request.add_header("X-Auth-Token", token)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers, json.loads(answer.read() or b"null")


def deployments(heat):
    """What Heat wants of this machine."""
    base = heat["auth_url"].rstrip("/")
    base = base if base.endswith("/v3") else base + "/v3"
    headers, answer = call("POST", base + "/auth/tokens", body={"auth": {
        "identity": {"methods": ["password"],
                     "password": {"user": {"id": heat["user_id"], "password": heat["password"]}}},
        "scope": {"project": {"id": heat["project_id"]}}}})
    region = heat.get("region_name")
    found = [endpoint["url"] for service in answer["token"]["catalog"] if service["type"] == "orchestration"
             for endpoint in service["endpoints"]
             if endpoint["interface"] == "public" and region in (None, "", endpoint.get("region"))]
    url = "%s/stacks/%s/resources/%s/metadata" % (found[0].rstrip("/"), heat["stack_id"], heat["resource_name"])
    return call("GET", url, headers["X-Subject-Token"])[1]["metadata"].get("deployments") or []


def fetch(path):
    """Writes down the agent of the newest bundle; says whether there is one."""
    with open(CREDENTIALS) as file:
        heat = json.load(file)["os-collect-config"]["heat"]
    for deployment in reversed(deployments(heat)):
        config = deployment.get("config")
        if deployment.get("group") == "disco" and config:
            agent = (json.loads(config) if isinstance(config, str) else config).get("agent_gzip")
            if agent:
                os.makedirs(HOME, mode=0o700, exist_ok=True)
                with open(path + ".new", "wb") as file:
                    file.write(gzip.decompress(base64.b64decode(agent)))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(path + ".new", path)
                return True
    return False


def main():
    path = os.path.join(HOME, "agent.py")
    pause = 2.0
    ready = os.path.exists(path)
    while True:
        try:
            ready = ready or fetch(path)
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            print("disco: no bundle from Heat:", error, file=sys.stderr, flush=True)
            ready = os.path.exists(path)
        if ready:
            started = time.monotonic()
            code = subprocess.call([sys.executable, path])
            if code == RENEWED:
                continue
            print("disco: the agent ended with", code, file=sys.stderr, flush=True)
            pause = 2.0 if time.monotonic() - started > 300 else pause
            # Perhaps there is a better one by now.
            ready = False
        time.sleep(pause * random.uniform(0.8, 1.2))
        pause = min(pause * 1.5, 60.0)


if __name__ == "__main__":
    main()
