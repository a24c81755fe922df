//! The service of a team: people of an OpenStack sign in, and what they begin goes on when their tokens have run out.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{Answer, Service, as_documented};
use crate::project::openstack::Cloud;
use crate::support::{LAB, TestProject};

/// A service whose people are those of these clouds, by name.
pub(super) struct Team<'c> {
    pub(super) folder: TestProject,
    pub(super) service: Service,
    clouds: Vec<(&'c str, &'c Cloud)>,
}

/// The configuration of a service for these clouds.
fn configuration(clouds: &[(&str, &Cloud)], service: &str, more: &str) -> String {
    let block = |(name, cloud): &(&str, &Cloud)| {
        let auth_url = format!("http://{}{}", cloud.address(), cloud.credentials()["auth_path"].as_str().unwrap());
        format!("cloud \"{name}\" {{\n  auth_url = \"{auth_url}\"\n  region = \"local\"\n{more}\n}}\n")
    };
    let blocks: String = clouds.iter().map(block).collect();
    format!("service {{\n  projects = \"tenants\"\n  listen = \"127.0.0.1:0\"\n{service}\n}}\n{blocks}")
}

impl<'c> Team<'c> {
    pub(super) fn of(clouds: &[(&'c str, &'c Cloud)]) -> Self {
        Self::with(clouds, "", "", "")
    }

    /// The same with more in `service`, in each `cloud`, and after them.
    pub(super) fn with(clouds: &[(&'c str, &'c Cloud)], service: &str, cloud: &str, more: &str) -> Self {
        let folder = TestProject::with("");
        folder.write("disco-service.hcl", &(configuration(clouds, service, cloud) + more));
        let service = Service::run(folder.command("serve --json --config disco-service.hcl"));
        Self { folder, service, clouds: clouds.to_vec() }
    }

    /// A service that died begins again.
    pub(super) fn again(&mut self) {
        self.service.kill();
        self.service = Service::run(self.folder.command("serve --json --config disco-service.hcl"));
    }

    /// Somebody with a token of one of the clouds asks.
    pub(super) fn asks(&self, cloud: usize, token: &str, request: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let mut headers = vec![("X-Auth-Token", token), ("Content-Type", "application/json")];
        if self.clouds.len() > 1 {
            headers.push(("X-Disco-Cloud", self.clouds[cloud].0));
        }
        headers.extend(more);
        let answer = self.service.send(request, &headers, body);
        as_documented(request, &answer);
        answer
    }

    /// Makes a project with the lab's definition in it.
    pub(super) fn makes_lab(&self, cloud: usize, token: &str, name: &str) {
        let wanted = json!({"name": name}).to_string();
        let made = self.asks(cloud, token, "POST /v1/projects", &[], &wanted);
        assert_eq!(made.status, 201, "{}", made.body);
        let file = format!("/v1/projects/{name}/files/{name}.disco.hcl");
        let text = format!("provider \"openstack\" {{\n  cloud = \"{}\"\n}}\n\n{LAB}", self.clouds[cloud].0);
        let put = self.asks(cloud, token, &format!("PUT {file}"), &[("If-Match", "*")], &text);
        assert_eq!(put.status, 204, "{}", put.body);
    }

    /// Has everything applied or destroyed, and returns the address of the operation.
    pub(super) fn begins(&self, cloud: usize, token: &str, project: &str, wish: &Json) -> String {
        let plan = self.asks(cloud, token, &format!("POST /v1/projects/{project}/plans"), &[], &wish.to_string());
        assert_eq!(plan.status, 201, "{}", plan.body);
        let plan = plan.json()["plan"].as_str().unwrap().to_owned();
        let operation = format!("POST /v1/projects/{project}/operations");
        let order = json!({"plan": plan}).to_string();
        let began = self.asks(cloud, token, &operation, &[("Idempotency-Key", &plan)], &order);
        assert_eq!(began.status, 202, "{}", began.body);
        began.header("location").unwrap().to_owned()
    }

    /// Waits for an operation to end.
    pub(super) fn ended(&self, cloud: usize, token: &str, address: &str) -> Json {
        let begun = Instant::now();
        loop {
            let one = self.asks(cloud, token, &format!("GET {address}"), &[], "").json();
            if !["queued", "running"].contains(&one["state"].as_str().unwrap_or_default()) {
                return one;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "{one}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The credentials that a cloud has made for its user.
fn credentials(cloud: &Cloud) -> Vec<Json> {
    let path = format!("/identity/v3/users/{}/application_credentials", cloud.user());
    let all = cloud.by_hand("GET", &path, "");
    all["application_credentials"].as_array().unwrap().clone()
}

#[test]
fn a_member_creates_watches_and_destroys_and_the_token_may_go() {
    let cloud = Cloud::serve();
    let team = Team::of(&[("lab", &cloud)]);
    let token = cloud.token();
    let me = team.asks(0, &token, "GET /v1", &[], "").json();
    assert_eq!((me["user"].as_str(), me["may"].as_str()), (Some("disco"), Some("work")), "{me}");
    assert_eq!(me["tenant"]["cloud"], "lab");
    team.makes_lab(0, &token, "one");
    let address = team.begins(0, &token, "one", &json!({}));
    // Whoever asked is gone; what they asked for goes on.
    cloud.revoke(&token);
    let later = cloud.token();
    let one = team.ended(0, &later, &address);
    assert_eq!((&one["state"], &one["user"]), (&json!("succeeded"), &json!("disco")), "{one}");
    let made = credentials(&cloud);
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(made[0]["name"].as_str().unwrap().starts_with("disco-one-") && made[0]["unrestricted"] == true);
    // It is kept encrypted, for its owner alone; neither it nor a token is anywhere else.
    let project = team.folder.file(&format!("tenants/lab/{}/one", me["tenant"]["id"].as_str().unwrap()));
    let note = project.join(".disco/credential.json");
    assert_eq!(std::fs::metadata(&note).unwrap().permissions().mode() & 0o777, 0o600);
    let id = made[0]["id"].as_str().unwrap();
    for file in walk(&team.folder.file("")) {
        let bytes = std::fs::read(&file).unwrap();
        let has = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!has(id) && !has(&token) && !has(&later), "{}", file.display());
    }
    let destroyed = team.begins(0, &later, "one", &json!({"destroy": true}));
    assert_eq!(team.ended(0, &later, &destroyed)["state"], "succeeded");
    assert!(credentials(&cloud).len() == 1, "the same one again");
    let stacks = cloud.by_hand("GET", &format!("/heat/v1/{}/stacks", me["tenant"]["id"].as_str().unwrap()), "");
    assert_eq!(stacks["stacks"], json!([]));
}

/// All files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(walk(&path)) } else { all.push(path) }
    }
    all
}

/// What a client of the Service Manager sends with every request.
pub(super) fn headers(token: &str) -> Vec<(&str, &str)> {
    vec![("X-Auth-Token", token), ("X-Tenant-Name", "disco")]
}

#[test]
fn what_was_cut_off_goes_on_without_anybody() {
    let cloud = Cloud::serve_at("0.02");
    let mut team = Team::of(&[("lab", &cloud)]);
    let token = cloud.token();
    let category = super::occi_exchanges::CATEGORY;
    let attributes = "icclab.disco.components.heat.slavecount=\"2\",icclab.disco.components.heat.masterimage=\"debian-12\",\
                      icclab.disco.components.heat.slaveimage=\"debian-12\",icclab.disco.components.heat.masterflavor=\"m1.large\",\
                      icclab.disco.components.heat.slaveflavor=\"m1.large\",icclab.disco.components.heat.externalnetworkname=\"public\"";
    let mut creating = headers(&token);
    creating.extend([("Category", category), ("Content-type", "text/occi"), ("X-OCCI-Attribute", attributes)]);
    let created = team.service.send("POST /disco/", &creating, "");
    assert_eq!(created.status, 201, "{}", created.body);
    let path = created.header("location").unwrap().split_once("/disco/").unwrap().1.to_owned();
    let state = |team: &Team<'_>, token: &str| {
        let mut asking = headers(token);
        asking.push(("Accept", "text/occi"));
        let seen = team.service.send(&format!("GET /disco/{path}"), &asking, "");
        assert_eq!(seen.status, 200, "{}", seen.body);
        let attributes = seen.header("x-occi-attribute").unwrap().to_owned();
        let found = attributes.split("mcn.service.state=\"").nth(1).unwrap();
        found.split('"').next().unwrap().to_owned()
    };
    let begun = Instant::now();
    while state(&team, &token) != "deploy" {
        assert!(begun.elapsed() < Duration::from_mins(1), "{}", state(&team, &token));
        std::thread::sleep(Duration::from_millis(50));
    }
    cloud.revoke(&token);
    team.again();
    let token = cloud.token();
    let begun = Instant::now();
    while state(&team, &token) != "provision" {
        assert!(begun.elapsed() < Duration::from_mins(2), "{}", state(&team, &token));
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(credentials(&cloud).len(), 1);
    let gone = team.service.send(&format!("DELETE /disco/{path}"), &headers(&token), "");
    assert_eq!(gone.status, 200, "{}", gone.body);
    let begun = Instant::now();
    // With the project goes its credential.
    while !credentials(&cloud).is_empty() {
        assert!(begun.elapsed() < Duration::from_mins(2));
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn people_sign_in_by_the_page_and_leave() {
    let cloud = Cloud::serve();
    let team = Team::of(&[("lab", &cloud)]);
    let door = team.service.send("GET /", &[], "");
    assert_eq!((door.status, door.header("location")), (303, Some("/sign-in")));
    let page = team.service.send("GET /sign-in", &[], "");
    assert!(page.body.contains("Sign in as at your cloud") && page.body.contains("name=\"password\""), "{}", page.body);
    let known = cloud.credentials();
    let form = |password: &str| format!("user=disco&password={password}&project=disco&domain=Default");
    let post = |body: &str| {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin")];
        team.service.send("POST /sign-in", &headers, body)
    };
    let wrong = post(&form("guess"));
    assert_eq!(wrong.status, 403);
    assert!(wrong.body.contains("Keystone does not know this"), "{}", wrong.body);
    assert!(post("user=disco").body.contains("For which project"));
    let right = post(&form(known["password"].as_str().unwrap()));
    assert_eq!(right.status, 303, "{}", right.body);
    let cookie = right.header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("disco_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = team.service.send("GET /", &[("Cookie", &cookie)], "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("disco") && page.body.contains("New project"), "{}", page.body);
    let leave = [("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(team.service.send("POST /sign-out", &leave, "").status, 303);
    assert_eq!(team.service.send("GET /", &[("Cookie", &cookie)], "").status, 303);
    // Other ways of the form.
    let token = cloud.token();
    assert_eq!(post(&format!("token={token}")).status, 303);
    assert_eq!(post("credential=nobody&secret=x").status, 403);
}

#[test]
fn guesses_are_slowed_down() {
    let cloud = Cloud::serve();
    let team = Team::with(&[("lab", &cloud)], "", "", "limits {\n  failed_sign_ins = 3\n}\n");
    for _ in 0..3 {
        assert_eq!(team.asks(0, "guess", "GET /v1", &[], "").status, 401);
    }
    let slowed = team.asks(0, "guess", "GET /v1", &[], "");
    assert_eq!((slowed.status, slowed.json()["code"].as_str()), (429, Some("service::too_many_sign_ins")));
}

#[test]
fn one_caller_asks_no_more_than_may_be() {
    let cloud = Cloud::serve();
    let team = Team::with(&[("lab", &cloud)], "", "", "limits {\n  requests = 1\n  burst = 5\n}\n");
    let token = cloud.token();
    let answers: Vec<u16> = (0..12).map(|_| team.asks(0, &token, "GET /v1", &[], "").status).collect();
    let first = answers.iter().take_while(|status| **status == 200).count();
    assert!((5..=8).contains(&first) && answers.contains(&429), "{answers:?}");
    let refused = team.asks(0, &token, "GET /v1", &[], "");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")), "{}", refused.body);
    assert_eq!(refused.json()["code"], "service::too_many_requests");
    let long = "x".repeat(70_000);
    let large = team.service.send("GET /v1", &[("X-Auth-Token", &token), ("X-Long", &long)], "");
    assert_eq!(large.status, 431, "{}", large.body);
}

#[test]
fn one_caller_listens_to_no_more_than_may_be() {
    let cloud = Cloud::serve_at("0.02");
    let team = Team::with(&[("lab", &cloud)], "", "", "limits {\n  streams = 1\n}\n");
    let token = cloud.token();
    team.makes_lab(0, &token, "one");
    let address = team.begins(0, &token, "one", &json!({}));
    let events = "GET /v1/events?project=one&operation=1";
    let mut line = TcpStream::connect(&team.service.host).unwrap();
    let host = &team.service.host;
    write!(line, "{events} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {token}\r\n\r\n").unwrap();
    let mut head = [0; 12];
    line.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let refused = team.asks(0, &token, events, &[], "");
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("service::too_many_streams")));
    drop(line);
    assert_eq!(team.ended(0, &token, &address)["state"], "succeeded");
    let begun = Instant::now();
    // The service notices that the first one has gone.
    while team.asks(0, &token, events, &[], "").status != 200 {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_service_of_a_team_is_not_opened_to_the_network_in_the_clear() {
    let cloud = Cloud::serve();
    let folder = TestProject::with("");
    let open = |service: &str| {
        let text = configuration(&[("lab", &cloud)], service, "").replace("  listen = \"127.0.0.1:0\"\n", "");
        folder.write("disco-service.hcl", &text);
        folder.disco("serve --config disco-service.hcl")
    };
    open("  listen = \"0.0.0.0:0\"").ends_with(1).says(&[
        "invalid_service",
        "in the clear",
        "public_url",
        "disco-service.hcl:",
    ]);
    open("  public_url = \"http://lab.example.org\"").ends_with(1).says(&["people cannot reach the service"]);
    open("  projcts = \"x\"").ends_with(1).says(&["did you mean `projects`"]);
    folder.write("disco-service.hcl", "service {\n  projects = \"tenants\"\n}\n");
    folder.disco("serve --config disco-service.hcl").ends_with(1).says(&["nobody could sign in", "auth_url"]);
    folder.disco("serve --config nowhere.hcl").ends_with(1).says(&["cannot read the configuration `nowhere.hcl`"]);
    folder.disco("serve --config disco-service.hcl --projects x").ends_with(1).says(&["cannot be used together"]);
    // A key that others read is none.
    folder.write("disco.key", &"1".repeat(64));
    std::fs::set_permissions(folder.file("disco.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    open("  listen = \"127.0.0.1:0\"\n  key_file = \"disco.key\"").ends_with(1).says(&["chmod 600"]);
    open("  listen = \"127.0.0.1:0\"\n  key_file = \"lost.key\"").ends_with(1).says(&["head -c 32 /dev/urandom"]);
}
