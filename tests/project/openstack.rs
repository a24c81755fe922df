//! `provider "openstack"`: over the network, with the settings of every OpenStack tool. A served engine stands for the
//! cloud; `tests/openstack` says how a real one is used.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value as Json, json};

use crate::support::{CountingProxy, Run, Served, TestProject};

/// A cloud that is served from a folder of its own, and a project that means it.
pub(crate) struct Cloud {
    pub(super) project: TestProject,
    engine: TestProject,
    /// Serves as long as it is held.
    served: Served,
}

impl Cloud {
    pub(crate) fn serve() -> Self {
        Self::serve_at("0.002")
    }

    /// One whose time passes at another pace: real seconds for each of its own.
    pub(crate) fn serve_at(pace: &str) -> Self {
        Self::serve_with(pace, "")
    }

    /// One with faults.
    pub(super) fn serve_faulty(faults: &str) -> Self {
        Self::serve_with("0.002", faults)
    }

    fn serve_with(pace: &str, faults: &str) -> Self {
        let engine = TestProject::with("");
        engine.write("faults", faults);
        let mut serve = engine.command("local serve --listen 127.0.0.1:0");
        serve.env("DISCO_LOCAL_TIME_SCALE", pace).env("DISCO_LOCAL_FAULTS", engine.file("faults"));
        let served = Served::start(serve);
        let project = TestProject::lab();
        project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
        let cloud = Self { project, engine, served };
        cloud.project.write("clouds.yaml", &cloud.settings("north", ""));
        cloud
    }

    /// A `clouds.yaml` with one entry.
    fn settings(&self, entry: &str, more: &str) -> String {
        let holder: Json = serde_json::from_str(&self.engine.read(".disco/engine/holder.json")).unwrap();
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let known = &holder["credentials"];
        let auth_url = text(&holder["url"]) + &text(&known["auth_path"]);
        let (user, password) = (text(&known["username"]), text(&known["password"]));
        let project = text(&known["project_name"]);
        format!(
            "clouds:\n  {entry}:\n    auth: {{auth_url: '{auth_url}', username: '{user}', password: '{password}', project_name: '{project}'}}\n{more}"
        )
    }

    /// Where it listens: `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.served.address
    }

    /// How to sign in, as the engine has written it down.
    pub(crate) fn credentials(&self) -> Json {
        let holder: Json = serde_json::from_str(&self.engine.read(".disco/engine/holder.json")).unwrap();
        holder["credentials"].clone()
    }

    /// Deletes a server as another tool would, behind Heat's back.
    pub(super) fn delete_server(&self, id: &str) {
        self.by_hand("DELETE", &format!("/compute/v2.1/servers/{id}"), "");
    }

    /// Asks the cloud as another tool would; gives what it answers.
    pub(crate) fn by_hand(&self, method: &str, path: &str, body: &str) -> Json {
        let token = format!("X-Auth-Token: {}\r\n", self.token());
        let answer = self.ask(method, path, &token, body);
        assert!(answer.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Takes a token back, as its owner would.
    pub(crate) fn revoke(&self, token: &str) {
        let path = format!("{}/auth/tokens", self.credentials()["auth_path"].as_str().unwrap());
        let headers = format!("X-Auth-Token: {token}\r\nX-Subject-Token: {token}\r\n");
        assert!(self.ask("DELETE", &path, &headers, "").starts_with("HTTP/1.1 204"));
    }

    /// The id of its user.
    pub(crate) fn user(&self) -> String {
        let path = format!("{}/auth/tokens", self.credentials()["auth_path"].as_str().unwrap());
        let token = self.token();
        let answer = self.ask("GET", &path, &format!("X-Auth-Token: {token}\r\nX-Subject-Token: {token}\r\n"), "");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let told: Json = serde_json::from_str(body).unwrap();
        told["token"]["user"]["id"].as_str().unwrap().to_owned()
    }

    /// A new token of its user.
    pub(crate) fn token(&self) -> String {
        let known = self.credentials();
        let signed_in = self.ask(
            "POST",
            &format!("{}/auth/tokens", known["auth_path"].as_str().unwrap()),
            "",
            &json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": {
                    "name": known["username"], "domain": {"id": "default"}, "password": known["password"],
                }}},
                "scope": {"project": {"name": known["project_name"], "domain": {"id": "default"}}},
            }})
            .to_string(),
        );
        let header = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("x-subject-token").then(|| value.to_owned())
        };
        signed_in.lines().find_map(header).unwrap()
    }

    /// The id of a resource of the cluster's base stack.
    pub(super) fn id(&self, resource: &str) -> String {
        let id = &self.project.state()["clusters"]["lab"]["stacks"]["lab"]["resources"][resource]["id"];
        id.as_str().unwrap_or_else(|| panic!("{resource} has no id")).to_owned()
    }

    /// Asks the cloud something; gives the whole answer.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.served.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(super) fn disco(&self, words: &str) -> Run {
        self.project.disco(words)
    }

    /// The same with variables of the environment.
    pub(super) fn disco_with(&self, words: &str, environment: &[(&str, &str)]) -> Run {
        Run::of(&self.project.command(words).envs(environment.iter().copied()).output().unwrap())
    }
}

#[test]
fn a_whole_life_over_the_network() {
    let cloud = Cloud::serve();
    let planned = cloud.disco("plan -v").ends_with(0);
    let place = format!("cloud: `north`, the OpenStack at http://{}", cloud.served.address);
    assert!(planned.stderr.contains(&place), "{}", planned.stderr);
    let applied = cloud.disco("apply -auto-approve").ends_with(0);
    assert!(applied.stdout.contains("Apply complete!"), "{}", applied.stdout);
    assert!(!cloud.project.file(".disco/engine/log.jsonl").exists(), "nothing was made on the embedded engine");
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.disco("apply -auto-approve --var slaves=3").ends_with(0);
    cloud.disco("plan -detailed-exitcode --var slaves=3").ends_with(0);
    cloud.disco("destroy -auto-approve").ends_with(0);
    let stacks = cloud.disco("show --json").ends_with(0);
    assert!(!stacks.stdout.contains("\"lab\":"), "{}", stacks.stdout);
}

#[test]
fn clusters_stay_with_their_cloud() {
    let cloud = Cloud::serve();
    cloud.disco("apply -auto-approve").ends_with(0);
    let state = cloud.project.state();
    assert_eq!(state["cloud"]["provider"], "openstack");
    assert_eq!(state["cloud"]["project_name"], "disco", "{}", state["cloud"]);

    assert_eq!(state["cloud"]["region"], "local", "the region that was found is kept: {}", state["cloud"]);
    // A state that names no cloud is of the embedded engine.
    let mut old = state.clone();
    old.as_object_mut().unwrap().remove("cloud");
    cloud.project.write("disco.state.json", &old.to_string());
    cloud.disco("plan").ends_with(1).says(&["disco::another_cloud", "is on the embedded Heat"]);
    cloud.project.write("disco.state.json", &state.to_string());

    // Another cloud under the same definition.
    let stranger = TestProject::with("");
    let served = stranger.serve();
    let other = Cloud { project: TestProject::with(""), engine: stranger, served };
    cloud.project.write("clouds.yaml", &other.settings("south", ""));
    let refused = cloud.disco("plan").ends_with(1);
    assert!(refused.stderr.contains("disco::another_cloud"), "{}", refused.stderr);
    assert!(refused.stderr.matches("the OpenStack at http").count() == 2, "{}", refused.stderr);
    cloud.disco("destroy -auto-approve").ends_with(1).says(&["disco::another_cloud"]);

    // No definition at all: the state knows which cloud, the machine how to sign in.
    cloud.project.write("clouds.yaml", &cloud.settings("north", ""));
    for file in ["main.disco.hcl", "cloud.disco.hcl"] {
        std::fs::remove_file(cloud.project.file(file)).unwrap();
    }
    cloud.disco("destroy -auto-approve").ends_with(0);
}

#[test]
fn what_the_cloud_offers_is_asked_of_it() {
    let cloud = Cloud::serve();
    for (words, offered) in [("flavors", "m1.medium"), ("images", "debian-12")] {
        let listed = cloud.disco(words).ends_with(0);
        assert!(listed.stdout.contains(offered), "{}", listed.stdout);
    }
    cloud.project.write("cloud.disco.hcl", "provider \"openstack\" { region = \"moon\" }\n");
    cloud.disco("flavors").ends_with(1).says(&["no service of type `compute` in region `moon`"]);
}

#[test]
fn settings_are_found_where_every_tool_finds_them() {
    let cloud = Cloud::serve();
    let nothing = "clouds:\n  elsewhere: {auth: {auth_url: 'http://127.0.0.1:1/v3', username: u, password: p, project_name: x}}\n";
    std::fs::remove_file(cloud.project.file("clouds.yaml")).unwrap();
    let refused = cloud.disco("plan").ends_with(1);
    let looked = refused.stderr.split_whitespace().collect::<String>();
    for place in ["lookedfor:clouds.yaml,", "/.config/openstack/clouds.yaml,", "/etc/openstack/clouds.yaml"] {
        assert!(looked.contains(place), "{}", refused.stderr);
    }

    cloud.project.write(".config/openstack/clouds.yml", &cloud.settings("north", ""));
    cloud.disco("plan").ends_with(0);
    let refused = cloud.disco_with("plan", &[("OS_CLIENT_CONFIG_FILE", "~/nowhere.yaml")]).ends_with(1);
    for word in ["nowhere.yaml", "OS_CLIENT_CONFIG_FILE names it"] {
        assert!(refused.stderr.contains(word), "{}", refused.stderr);
    }
    // What the environment names counts before the folders; `~` is the user's home.
    cloud.project.write("other.yaml", &cloud.settings("south", ""));
    let other = [("OS_CLIENT_CONFIG_FILE", "~/other.yaml"), ("OS_CLOUD", "south")];
    let planned = cloud.disco_with("plan -v", &other).ends_with(0);
    assert!(planned.stderr.contains("`south`, the OpenStack at"), "{}", planned.stderr);
    // The project's folder counts before the user's.
    cloud.project.write("clouds.yaml", nothing);
    cloud
        .disco_with("plan", &[("OS_CLOUD", "north")])
        .ends_with(1)
        .says(&["cloud `north` does not exist in clouds.yaml"]);

    cloud.project.write("clouds.yaml", "clouds: {}\n");
    let holder: Json = serde_json::from_str(&cloud.engine.read(".disco/engine/holder.json")).unwrap();
    let text = |value: &Json| value.as_str().unwrap().to_owned();
    let known = &holder["credentials"];
    let url = text(&holder["url"]) + &text(&known["auth_path"]);
    let (user, password, project) = (text(&known["username"]), text(&known["password"]), text(&known["project_name"]));
    let mut variables = vec![
        ("OS_AUTH_URL", &*url),
        ("OS_USERNAME", &*user),
        ("OS_PASSWORD", &*password),
        ("OS_PROJECT_NAME", &*project),
    ];
    let planned = cloud.disco_with("plan -v", &variables).ends_with(0);
    assert!(!format!("{}{}", planned.stdout, planned.stderr).contains(&password), "a secret was shown");
    variables[2].1 = "wrong-password";
    let refused = cloud.disco_with("plan", &variables).ends_with(1);
    assert!(!refused.stderr.contains("wrong-password"), "{}", refused.stderr);
    assert!(refused.stderr.contains("401"), "{}", refused.stderr);
}

#[test]
fn a_saved_plan_is_for_the_cloud_that_it_was_made_for() {
    let cloud = Cloud::serve();
    let engine = TestProject::with("");
    let served = engine.serve();
    let other = Cloud { project: TestProject::with(""), engine, served };
    cloud.disco("plan --out a.plan").ends_with(0);
    cloud.project.write("clouds.yaml", &other.settings("north", ""));
    let refused = cloud.disco("apply a.plan").ends_with(1);
    assert!(refused.stderr.contains("the saved plan is stale: it is for the OpenStack at"), "{}", refused.stderr);
    cloud.project.write("cloud.disco.hcl", "");
    cloud.disco("apply a.plan").ends_with(1).says(&["this is the embedded Heat"]);
    cloud.project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
    cloud.project.write("clouds.yaml", &cloud.settings("north", ""));
    cloud.disco("apply a.plan").ends_with(0);
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let cloud = Cloud::serve();
    let with = |more: &str| cloud.project.write("clouds.yaml", &cloud.settings("north", more));
    with("    cacert: ~/nowhere.pem\n");
    cloud.disco("plan").ends_with(1).says(&["cannot read", "nowhere.pem"]);
    cloud.project.write("ca.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    with("    cacert: ca.pem\n");
    cloud.disco("plan").ends_with(1).says(&["the HTTP client cannot be created", "PEM"]);
    with("    verify: false\n");
    cloud.disco("plan").ends_with(0);
}

#[test]
fn a_server_that_somebody_deletes_is_created_again() {
    let cloud = Cloud::serve();
    cloud.disco("apply -auto-approve").ends_with(0);
    let id = cloud.id("slaves-0-server");
    cloud.delete_server(&id);
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(2);
    for line in ["-/+ cluster.lab.slaves[0]", "server was deleted outside of DISCO and is created again"] {
        assert!(planned.stdout.contains(line), "{}", planned.stdout);
    }
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    assert_ne!(cloud.id("slaves-0-server"), id);
}

/// How much a plan without changes asks of the cloud, sign-in and discovery included: so much, and so much more for each
/// stack (it, its template and its resources).
const CALLS: usize = 15;
const CALLS_OF_A_STACK: usize = 3;

#[test]
fn a_plan_asks_no_more_for_more_nodes() {
    let cloud = Cloud::serve();
    let proxy = CountingProxy::start();
    let environment = [("http_proxy", proxy.url.as_str())];
    let planned = |words: &str| {
        cloud.disco(&format!("apply --auto-approve {words}")).ends_with(0);
        cloud.disco_with(&format!("plan --detailed-exitcode {words}"), &environment).ends_with(0);
        let mut asked = proxy.take();
        asked.sort();
        asked
    };
    let few = planned("--var slaves=3");
    assert!(!few.is_empty() && few.len() <= CALLS, "{few:#?}");
    let more = planned("--var slaves=30");
    assert_eq!(few.len(), more.len(), "{few:#?}\n{more:#?}");
    // Those that are many together have one more stack.
    let many = planned("--var slaves=150");
    assert!(many.len() <= few.len() + CALLS_OF_A_STACK, "{few:#?}\n{many:#?}");
    let more: String = (1..4u32).map(|number| LAB_CLUSTER.replace("NUMBER", &number.to_string())).collect();
    cloud.project.write("more.disco.hcl", &more);
    let clusters = planned("--var slaves=150");
    assert!(clusters.len() <= many.len() + 3 * CALLS_OF_A_STACK, "{many:#?}\n{clusters:#?}");
}

const LAB_CLUSTER: &str = r#"
cluster "moreNUMBER" {
  image = "debian-12"
  network { cidr = "10.10NUMBER.0.0/24" }
  master { flavor = "m1.small" }
}
"#;
