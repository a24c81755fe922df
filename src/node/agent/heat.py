class Session:
    """A Keystone user of one project, and that project's Heat."""

    def __init__(self, auth_url, user_id, password, project_id, region=None):
        base = auth_url.rstrip("/")
        self.url = base if base.endswith("/v3") else base + "/v3"
        self.user_id, self.password, self.project_id, self.region = user_id, password, project_id, region
        self.token = self.heat = None

    def login(self):
        headers, answer = send("POST", self.url + "/auth/tokens", None, {"auth": {
            "identity": {"methods": ["password"],
                         "password": {"user": {"id": self.user_id, "password": self.password}}},
            "scope": {"project": {"id": self.project_id}}}})
        found = [endpoint["url"] for service in answer["token"]["catalog"] if service["type"] == "orchestration"
                 for endpoint in service["endpoints"]
                 if endpoint["interface"] == "public" and self.region in (None, "", endpoint.get("region"))]
        if not found:
            raise Failure("the service catalog at %s has no public endpoint of Heat" % self.url)
        self.token, self.heat = headers["X-Subject-Token"], found[0].rstrip("/")

    def call(self, method, path, body=None):
        """Calls Heat; a token that ran out is renewed, once."""
        if self.token is None:
            self.login()
        try:
            return send(method, self.heat + path, self.token, body)[1]
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
        self.login()
        return send(method, self.heat + path, self.token, body)[1]


def send(method, url, token, body):
    data = None if body is None else json.dumps(body).encode()
    # A server before Heat may pack what it sends: most of it is text that repeats.
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", "Accept-Encoding": "gzip"},
                                     method=method)
    if token:
        request.add_header("X-Auth-Token", token)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    try:
        if answer.headers.get("Content-Encoding") == "gzip":
            text = gzip.decompress(text)
        return answer.headers, json.loads(text or b"null")
    except (ValueError, OSError, EOFError):
        return answer.headers, None


def tell_heat(inputs, result):
    """Tells Heat how a deployment went. Telling it twice does no harm: an answer may have been lost."""
    if inputs.get("deploy_signal_transport", "HEAT_SIGNAL") != "HEAT_SIGNAL" or "deploy_auth_url" not in inputs:
        return
    session = Session(inputs["deploy_auth_url"], inputs["deploy_user_id"], inputs["deploy_password"],
                      inputs["deploy_project_id"], inputs.get("deploy_region_name"))
    path = "/stacks/%s/resources/%s/signal" % (inputs["deploy_stack_id"], inputs["deploy_resource_name"])
    session.call("POST", path, {"deploy_status_code": result["status"], "deploy_stdout": result["stdout"],
                                "deploy_stderr": result["stderr"]})
