//! The Service Manager's interface of `disco serve`: the recorded exchanges through the real router, and clusters on the embedded
//! engine from their creation until they are gone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use disco::server::occi::rendering::escaped;
use serde_json::Value as Json;

use super::occi_commands::release_2;
use super::occi_exchanges::CATEGORY;
use super::occi_inject::PROGRAMS;
use super::occi_memory::{BASE, Memory};
use super::{Answer, Service};
use crate::support::TestProject;

const HAAS: &str = r#"haas; scheme="http://schemas.cloudcomplab.ch/occi/sm#"; class="kind";"#;
const COUNT: &str = "icclab.disco.components.heat.slavecount";
const INJECT: &str = "icclab.disco.dependencies.inject";

/// Method, path and headers of a request.
type Asked<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

/// A folder of projects; so many real seconds pass for each of the simulated cloud.
fn folder(time: &'static str) -> TestProject {
    let project = TestProject::lab().in_time(time);
    fs::create_dir(project.file("clusters")).unwrap();
    project
}

fn serve(project: &TestProject) -> Service {
    Service::start(project, "--projects clusters")
}

/// A caller of a tenant.
struct Caller<'s> {
    service: &'s Service,
    tenant: &'static str,
}

impl Caller<'_> {
    fn sends(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("X-Auth-Token", self.service.token.as_str()), ("X-Tenant-Name", self.tenant)];
        all.extend(headers);
        self.service.send(request, &all, body)
    }

    /// Creates a cluster with these attributes, and returns its path.
    #[track_caller]
    fn creates(&self, kind: &str, attributes: &str) -> String {
        let category = if kind == "haas" { HAAS } else { CATEGORY };
        let headers = [
            ("Category", category),
            ("Content-type", "text/occi"),
            ("X-OCCI-Attribute", attributes),
            ("Accept", "*/*"),
        ];
        let answer = self.sends(&format!("POST /{kind}/"), &headers, "");
        assert_eq!((answer.status, answer.body.as_str()), (201, "OK"), "{}", answer.body);
        let location = answer.header("location").unwrap();
        let path = location.strip_prefix(&format!("http://{}", self.service.host)).unwrap();
        assert!(path.starts_with(&format!("/{kind}/")), "{location}");
        path.to_owned()
    }

    /// Its attributes.
    fn sees(&self, path: &str) -> Json {
        let answer = self.sends(&format!("GET {path}"), &[("Accept", "application/occi+json")], "");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["attributes"].clone()
    }

    /// Waits until it is in that state.
    #[track_caller]
    fn waits(&self, path: &str, state: &str) -> Json {
        let begun = Instant::now();
        loop {
            let seen = self.sees(path);
            if seen["mcn.service.state"] == state {
                return seen;
            }
            assert!(seen["mcn.service.state"] != "fail" && begun.elapsed() < Duration::from_mins(2), "{seen:#}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn posts(&self, path: &str, attribute: &str) -> Answer {
        let headers = [
            ("Category", CATEGORY),
            ("Content-Type", "text/occi"),
            ("X-Occi-Attribute", attribute),
            ("Accept", "application/occi+json"),
        ];
        self.sends(&format!("POST {path}"), &headers, "")
    }

    fn deletes(&self, path: &str) -> Answer {
        self.sends(&format!("DELETE {path}"), &[("Category", CATEGORY), ("Content-type", "text/occi")], "")
    }

    /// Waits until it is not there any more.
    fn waits_for_its_end(&self, path: &str) {
        let begun = Instant::now();
        while self.sends(&format!("GET {path}"), &[], "").status != 404 {
            assert!(begun.elapsed() < Duration::from_mins(2), "{:#}", self.sees(path));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn text(json: &Json, name: &str) -> String {
    json[name].as_str().unwrap_or_default().to_owned()
}

/// The folder of a cluster's project.
fn place(project: &TestProject, seen: &Json) -> PathBuf {
    project.file("clusters").join(text(seen, "disco.project"))
}

/// All files below a folder but those of the embedded cloud, which has to know what its servers get.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("engine") {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// What the library said, byte for byte, but for the name of the service.
#[test]
fn the_recorded_exchanges_over_the_wire() {
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    let recorded = Memory::new();
    let unknown = format!("/disco/{}", Memory::id(7));
    let mut requests: Vec<Asked<'_>> = Vec::new();
    for format in ["text/occi", "text/plain", "text/uri-list", "application/occi+json", "*/*", "image/png"] {
        for path in ["/-/", "/.well-known/org/ogf/occi/-/", "/disco/", "/haas/"] {
            requests.push(("GET", path, vec![("Accept", format)]));
        }
    }
    requests.extend([
        ("GET", &*unknown, vec![]),
        ("DELETE", &*unknown, vec![("Category", CATEGORY)]),
        ("PUT", &*unknown, vec![("Category", CATEGORY)]),
        ("PATCH", "/disco/", vec![]),
        ("DELETE", "/disco/", vec![]),
        ("POST", "/-/", vec![]),
        ("GET", "/disco/a/b", vec![]),
        ("GET", "/disco/..%2f..%2fetc", vec![]),
        ("POST", "/disco/", vec![]),
        ("POST", "/disco/", vec![("Category", r#"disco; class="kind""#), ("Content-Type", "text/occi")]),
        ("POST", "/disco/", vec![("Category", CATEGORY), ("X-OCCI-Attribute", "icclab.disco.deployer.path=\"/etc\"")]),
        ("POST", "/disco/", vec![("Category", CATEGORY), ("X-OCCI-Attribute", "icclab.disco.slavecound=\"2\"")]),
        ("POST", "/disco/", vec![("Category", CATEGORY), ("Content-Type", "text/html")]),
        ("GET", "/disco/", vec![("X-Auth-Token", "another")]),
    ]);
    for (method, path, headers) in requests {
        let over_the_wire = caller.sends(&format!("{method} {path}"), &headers, "");
        let expected = recorded.asked(method, path, &headers, "");
        let own = |text: &str| text.replace(BASE, &format!("http://{}", service.host));
        assert_eq!(over_the_wire.status, expected.status.as_u16(), "{method} {path} {headers:?}");
        assert_eq!(over_the_wire.body, own(&expected.body), "{method} {path} {headers:?}");
        for (name, value) in &expected.headers {
            assert_eq!(over_the_wire.header(name), Some(&*own(value)), "{name} of {method} {path} {headers:?}");
        }
    }
    assert_eq!(fs::read_dir(project.file("clusters")).unwrap().count(), 1, "nothing was made");
}

#[test]
fn who_is_let_in() {
    let project = folder("0.0005");
    let service = serve(&project);
    let token = ("X-Auth-Token", service.token.as_str());
    let tenant = ("X-Tenant-Name", "mesz");
    let status = |headers: &[(&str, &str)]| service.send("GET /disco/", headers, "").status;
    assert_eq!(status(&[token, tenant]), 200);
    assert_eq!((status(&[]), status(&[token]), status(&[tenant])), (400, 400, 400));
    assert_eq!(status(&[("X-Auth-Token", "guess"), tenant]), 401);
    // There is no Keystone that would know a password; what opens `/v1` opens nothing here.
    assert_eq!(status(&[("X-User-Name", "disco"), ("X-Password", &service.token), tenant]), 401);
    let bearer = format!("Bearer {}", service.token);
    assert_eq!(status(&[("Authorization", &bearer), tenant]), 400);
    // The doors of the service hold here, too.
    assert_eq!(status(&[token, tenant, ("Host", "evil.example")]), 421);
    let site = service.send("POST /disco/", &[token, tenant, ("Sec-Fetch-Site", "cross-site")], "");
    assert_eq!(site.status, 403);
    let caller = Caller { service: &service, tenant: "mesz" };
    let large = "x".repeat(1024 * 1024 + 1);
    assert_eq!(caller.sends("POST /disco/", &[("Category", CATEGORY)], &large).status, 413);
    // Another tenant's cluster does not exist; addresses are those of the service, whoever asks by which name.
    let path = caller.creates("disco", "icclab.disco.deployer.type=\"FileDeployer\"");
    let other = Caller { service: &service, tenant: "disco" };
    assert_eq!(other.sends(&format!("GET {path}"), &[], "").status, 404);
    assert_eq!(other.posts(&path, "action=\"suspend\"").status, 404);
    assert_eq!(other.deletes(&path).status, 400);
    assert_eq!(other.sends("GET /disco/", &[], "").body, "");
    let port = service.host.split_once(':').unwrap().1;
    let named = caller.sends("GET /disco/", &[("Host", &format!("localhost:{port}"))], "");
    assert_eq!((named.status, named.body), (200, format!("\nX-OCCI-Location: http://{}{path}", service.host)));
}

#[test]
fn a_service_of_one_project_says_what_is_missing() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    for request in ["GET /-/", "GET /disco/", "POST /haas/", "DELETE /disco/x"] {
        let answer = service.send(request, &[], "");
        assert_eq!(answer.status, 404);
        assert!(answer.body.contains("disco serve --projects FOLDER"), "{}", answer.body);
    }
}

/// The README of release 2 with its commands repaired, from the kinds until everything is gone.
#[test]
fn the_readme_of_release_2() {
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    let attributes = release_2("debian-12", "m1.large");
    let path = caller.creates("disco", &attributes);
    let seen = caller.sees(&path);
    assert!(["activate", "deploy"].contains(&seen["mcn.service.state"].as_str().unwrap()), "{seen:#}");
    assert_eq!((text(&seen, "external_ip"), text(&seen, "externalIP")), ("none".to_owned(), "none".to_owned()));
    let made = caller.waits(&path, "provision");
    assert_eq!((text(&made, "stack_status"), text(&made, "disco.operation")), ("CREATE_COMPLETE".into(), "1".into()));
    assert!(made["external_ip"].as_str().unwrap().parse::<std::net::Ipv4Addr>().is_ok(), "{made:#}");
    assert_eq!(made["external_ip"], made["externalIP"]);

    // It is a project like any other: readable, and at rest.
    let place = place(&project, &made);
    let definition = fs::read_to_string(place.join("main.disco.hcl")).unwrap();
    assert!(definition.contains("framework \"spark\" {}"), "{definition}");
    let of = format!("-C clusters/{}", text(&made, "disco.project"));
    project.disco(&format!("{of} plan --detailed-exitcode")).ends_with(0);
    let known = service.ask(&format!("GET /v1/projects/{}", text(&made, "disco.project")), "").json();
    assert_eq!((&known["nodes"], &known["last_operation"]["state"]), (&5.into(), &"succeeded".into()));

    // Another number of slaves.
    let answer = caller.posts(&path, &format!("{COUNT}=\"6\""));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["attributes"]["mcn.service.state"], "update");
    let grown = caller.waits(&path, "provision");
    assert_eq!((text(&grown, "stack_status"), text(&grown, COUNT)), ("UPDATE_COMPLETE".into(), "6".into()));
    let after = fs::read_to_string(place.join("main.disco.hcl")).unwrap();
    assert_eq!(after, definition.replace("count  = 4", "count  = 6"));
    project.disco(&format!("{of} plan --detailed-exitcode")).ends_with(0);

    // What would lose data is not done, in the words of the plan, and leaves no trace.
    let lost = caller.posts(&path, &format!("{COUNT}=\"1\""));
    assert_eq!(lost.status, 409, "{}", lost.body);
    assert!(lost.body.starts_with("stored data of `cluster.disco.slaves[1..5]` is lost"), "{}", lost.body);
    let wrong = caller.posts(&path, "icclab.disco.components.heat.slaveflavor=\"m1.lage\"");
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("did you mean `m1.large`?"), "{}", wrong.body);
    assert_eq!(fs::read_to_string(place.join("main.disco.hcl")).unwrap(), after);
    assert_eq!(caller.sees(&path), grown);

    // Suspended and resumed; the history is that of the command line.
    for (action, run_state, status) in
        [("suspend", "suspended", "SUSPEND_COMPLETE"), ("resume", "running", "RESUME_COMPLETE")]
    {
        let answer = caller.posts(&path, &format!("action=\"{action}\","));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["attributes"]["runstate"], run_state);
        let seen = caller.waits(&path, "provision");
        assert_eq!((text(&seen, "runstate"), text(&seen, "stack_status")), (run_state.into(), status.into()));
        if action == "suspend" {
            let refused = caller.posts(&path, &format!("{COUNT}=\"7\""));
            assert_eq!(refused.status, 409, "{}", refused.body);
        }
    }
    let history = |words: &str| {
        let shown = project.disco(&format!("{of} {words} --json")).ends_with(0).stdout;
        let types = shown.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        types.map(|message| text(&message, "type")).collect::<Vec<String>>()
    };
    let ours = history("history show 3");
    project.disco(&format!("{of} suspend")).ends_with(0);
    assert_eq!(ours, history("history show 5"));
    project.disco(&format!("{of} resume")).ends_with(0);

    // Gone: the stacks, the folder, the address.
    let gone = caller.deletes(&path);
    assert_eq!((gone.status, gone.body.as_str()), (200, "OK"));
    caller.waits_for_its_end(&path);
    assert!(!place.exists());
    let again = caller.deletes(&path);
    assert_eq!((again.status, again.body.contains("does not exist")), (400, true));
    let begun = Instant::now();
    while fs::read_dir(project.file("clusters/.disco/service")).unwrap().any(|entry| entry.unwrap().path().is_dir()) {
        assert!(begun.elapsed() < Duration::from_secs(30), "something of it stays");
    }
}

/// The README of release 0.1: one attribute, and all else usual; without Keystone, the token is the service's. The embedded cloud
/// has no key pairs, which is found when it is asked; the other way of that release to log in is a key.
#[test]
fn the_readme_of_release_0_1() {
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0Ff9S6J6dVv4q3vYtCwKx0tQ9mQ1yq3Q2mZ1yqk3aB ada@lab";
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "disco" };
    assert_eq!(caller.sends("GET /-/", &[("Accept", "text/occi")], "").status, 200);
    let path = caller.creates("haas", r#"icclab.haas.master.sshkeyname="my-key""#);
    let begun = Instant::now();
    while caller.sees(&path)["mcn.service.state"] != "fail" {
        assert!(begun.elapsed() < Duration::from_mins(1));
    }
    let failed = caller.sees(&path);
    let definition = fs::read_to_string(place(&project, &failed).join("main.disco.hcl")).unwrap();
    assert!(
        definition.contains("key_pair = \"my-key\"") && definition.contains("framework \"hadoop\""),
        "{definition}"
    );
    let why = "deployment didn't work out because: key pair `my-key` does not exist in the cloud";
    assert_eq!((text(&failed, "ssh_key_name"), text(&failed, "status")), ("my-key".into(), why.into()));
    let list = caller.sends("GET /haas/", &[("Accept", "text/occi")], "");
    assert_eq!(list.header("x-occi-location"), Some(&*format!("http://{}{path}", service.host)));
    let delete = |path: &str| {
        let headers = [("Category", HAAS), ("content-type", "text/occi"), ("X-Region-Name", "RegionOne")];
        caller.sends(&format!("DELETE {path}"), &headers, "").status
    };
    assert_eq!((delete(&path), delete(&path)), (200, 400), "nothing of it existed");
    let path = caller.creates("haas", &format!("icclab.haas.master.publickey=\"{KEY}\""));
    caller.waits(&path, "provision");
    assert_eq!(delete(&path), 200);
    caller.waits_for_its_end(&path);
}

/// What the dashboard's code sends, with a password for the notebooks, which nothing shows.
#[test]
fn the_dashboard_and_its_password() {
    const SECRET: &str = "op3n ${s}esame; 'it' %{is} \\u00e9";
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    let attributes = format!(
        "icclab.disco.components.heat.masterimage=\"debian-12\",icclab.disco.components.heat.slaveimage=\"debian-12\",\
         icclab.disco.components.heat.masterflavor=\"m1.large\",icclab.disco.components.heat.slaveflavor=\"m1.large\",\
         {COUNT}=\"2\",icclab.disco.deployer.username=\"somebody\",icclab.disco.deployer.region=\"RegionOne\",\
         icclab.disco.deployer.password=\"a-password\",icclab.disco.components.heat.networkname=\"disconetwork-ABCDEFGH\",\
         icclab.disco.components.heat.externalnetworkname=\"public\",\
         icclab.disco.components.jupyter.password=\"{}\",{INJECT}=\"{{'hadoop': '','spark': '','jupyter': ''}}\"",
        escaped(SECRET)
    );
    let path = caller.creates("disco", &attributes);
    let made = caller.waits(&path, "provision");
    let place = place(&project, &made);
    let kept = place.join("secrets.auto.vars.hcl");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    for file in files(&project.file("clusters")) {
        let bytes = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.contains("esame; 'it'"), file == kept, "{}", file.display());
        assert!(!text.contains("a-password"), "{}", file.display());
    }
    let name = text(&made, "disco.project");
    let mut said = vec![caller.sends(&format!("GET {path}"), &[("Accept", "text/occi")], "").head];
    for path in
        ["", "/clusters", "/outputs", "/files", "/files/main.disco.hcl", "/operations", "/operations/1/messages"]
    {
        said.push(service.ask(&format!("GET /v1/projects/{name}{path}"), "").body);
    }
    assert_eq!(service.ask(&format!("GET /v1/projects/{name}/files/secrets.auto.vars.hcl"), "").status, 404);
    assert!(said.iter().all(|text| !text.contains("esame") && !text.contains("a-password")), "{said:#?}");
    // The variable is what was sent, so nothing is to be changed; a change by the dashboard finds it, too.
    project.disco(&format!("-C clusters/{name} plan --detailed-exitcode")).ends_with(0);
    let answer = caller.posts(&path, &format!("{COUNT}=\"3\""));
    assert_eq!(answer.status, 200, "{}", answer.body);
    caller.waits(&path, "provision");
    for _ in 0..3 {
        // Its row goes when that is a bad request.
        assert!([200, 400].contains(&caller.deletes(&path).status));
    }
    caller.waits_for_its_end(&path);
    assert!(!place.exists());
}

/// The value of `inject` is never a program.
#[test]
fn programs_are_a_bad_request() {
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    for program in PROGRAMS {
        let body = format!("Category: {CATEGORY}\nX-OCCI-Attribute: {INJECT}=\"{}\"\n", escaped(program));
        let answer = caller.sends("POST /disco/", &[("Content-Type", "text/plain")], &body);
        assert_eq!(answer.status, 400, "{program}: {}", answer.body);
        assert!(answer.body.starts_with(&format!("`{INJECT}`: ")), "{program}: {}", answer.body);
    }
    assert_eq!(fs::read_dir(project.file("clusters")).unwrap().count(), 1, "nothing was made");
}

/// What is wrong with a definition is said at once, and nothing is left of it.
#[test]
fn mistakes_are_said_at_once() {
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    for (attributes, words) in [
        ("icclab.disco.components.heat.slaveflavor=\"m1.lage\"", "did you mean `m1.large`?"),
        ("icclab.disco.components.heat.masterimage=\"debain-12\"", "did you mean `debian-12`?"),
        ("icclab.disco.components.heat.externalnetworkname=\"publik\"", "publik"),
        ("icclab.haas.network.subnet.cidr=\"10.0.0.0/30\"", "10.0.0.0/30"),
        ("icclab.disco.components.heat.slavecount=\"4000000000\"", "4000000000"),
        ("icclab.disco.dependencies.inject=\"{'hadop': ''}\"", "did you mean `hadoop`?"),
    ] {
        let headers = [("Category", CATEGORY), ("Content-Type", "text/occi"), ("X-OCCI-Attribute", attributes)];
        let answer = caller.sends("POST /disco/", &headers, "");
        assert_eq!(answer.status, 400, "{attributes}: {}", answer.body);
        assert!(answer.body.contains(words), "{attributes}: {}", answer.body);
    }
    assert_eq!(fs::read_dir(project.file("clusters")).unwrap().count(), 1, "nothing was made");
}

/// Planned and not created: the plan is read through `/v1`.
#[test]
fn a_file_deployer_plans() {
    let project = folder("0.0005");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    let path = caller.creates("disco", &format!("icclab.disco.deployer.type=\"FileDeployer\",{COUNT}=\"3\""));
    let seen = caller.sees(&path);
    assert_eq!((text(&seen, "mcn.service.state"), text(&seen, "disco_status").is_empty()), ("activate".into(), false));
    let plans = format!("GET /v1/projects/{}/plans", text(&seen, "disco.project"));
    let plan = service.ask(&format!("{plans}/{}", text(&seen, "disco.plan")), "");
    assert!(plan.body.contains("heat_template_version"), "{}", plan.body);
    let answer = caller.posts(&path, &format!("{COUNT}=\"4\""));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let changed = answer.json()["attributes"].clone();
    assert!(changed["disco.plan"] != seen["disco.plan"] && changed["mcn.service.state"] == "activate", "{changed:#}");
    assert_eq!(caller.posts(&path, "action=\"suspend\"").status, 409, "nothing runs");
    // Nothing exists of it, so its end is at once.
    assert_eq!(caller.deletes(&path).status, 200);
    assert_eq!(caller.sends(&format!("GET {path}"), &[], "").status, 404);
    assert!(!place(&project, &seen).exists());
}

/// A deletion ends a creation that is under way.
#[test]
fn a_creation_is_given_up() {
    let project = folder("0.02");
    let service = serve(&project);
    let caller = Caller { service: &service, tenant: "mesz" };
    let path = caller.creates("disco", &format!("{COUNT}=\"3\",{INJECT}=\"{{'hadoop': ''}}\""));
    let seen = caller.waits(&path, "deploy");
    let refused = caller.posts(&path, "action=\"suspend\"");
    assert_eq!((refused.status, refused.body.contains("apply 1")), (409, true), "{}", refused.body);
    assert_eq!(caller.deletes(&path).status, 200);
    assert_eq!(caller.deletes(&path).status, 200);
    caller.waits_for_its_end(&path);
    assert!(!place(&project, &seen).exists());
}

/// A service that is killed while it creates, and while it destroys: the next one goes on, and nothing is there twice.
#[test]
fn a_killed_service_loses_nothing() {
    let project = folder("0.02");
    let mut service = serve(&project);
    let path = Caller { service: &service, tenant: "mesz" }
        .creates("disco", &format!("{COUNT}=\"2\",{INJECT}=\"{{'hadoop': ''}}\""));
    let seen = Caller { service: &service, tenant: "mesz" }.waits(&path, "deploy");
    service.kill();
    // What it had not made yet is cleared away.
    fs::create_dir_all(project.file("clusters/.disco/service/new-1/.disco")).unwrap();

    let mut service = serve(&project);
    let again = Caller { service: &service, tenant: "mesz" };
    let listed = again.sends("GET /disco/", &[("Accept", "text/uri-list")], "").body;
    assert!(listed.ends_with(&path) && listed.lines().count() == 2, "{listed}");
    let goes_on = again.sees(&path);
    assert!(["activate", "deploy", "provision"].contains(&&*text(&goes_on, "mcn.service.state")), "{goes_on:#}");
    let made = again.waits(&path, "provision");
    assert_eq!(text(&made, "stack_status"), "CREATE_COMPLETE");
    let place = place(&project, &seen);
    let name = text(&seen, "disco.project");
    project.disco(&format!("-C clusters/{name} plan --detailed-exitcode")).ends_with(0);
    let history = project.disco(&format!("-C clusters/{name} history --json")).ends_with(0).stdout;
    let history: Json = serde_json::from_str(&history).unwrap();
    assert_eq!(history["operations"].as_array().unwrap().len(), 2, "{history:#}");
    assert!(!project.file("clusters/.disco/service/new-1").exists());

    assert_eq!(again.deletes(&path).status, 200);
    while again.sends(&format!("GET {path}"), &[], "").body.contains("DELETE_IN_PROGRESS") {
        if fs::read_dir(place.join(".disco/operations")).unwrap().count() == 3 {
            break;
        }
    }
    service.kill();
    assert!(place.join("main.disco.hcl").exists() && place.join("disco.state.json").exists());
    let service = serve(&project);
    let last = Caller { service: &service, tenant: "mesz" };
    // It can be asked again; somebody else was quicker where it is gone already.
    assert!([200, 400].contains(&last.deletes(&path).status));
    last.waits_for_its_end(&path);
    assert!(!place.exists());
}
