//! What people see: by links and forms alone, as a browser without script has them.

use super::{Answer, Service};
use crate::support::TestProject;

/// A browser without script: it keeps its cookie.
pub(super) struct Browser<'s> {
    service: &'s Service,
    cookie: String,
}

impl<'s> Browser<'s> {
    pub(super) fn let_in(service: &'s Service) -> Self {
        let answer = service.send(&format!("GET {}", service.sign_in), &[], "");
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite"), "{cookie}");
        Self { service, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    pub(super) fn get(&self, address: &str) -> Answer {
        self.service.send(&format!("GET {address}"), &[("Cookie", &self.cookie)], "")
    }

    pub(super) fn post(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let headers = [
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        self.service.send(&format!("POST {address}"), &headers, &body.join("&"))
    }
}

/// The value of a hidden field.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    page.split(&field).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

#[test]
fn a_cluster_is_made_and_destroyed_with_forms_alone() {
    let project = TestProject::lab();
    let name = project.path().file_name().unwrap().to_string_lossy().into_owned();
    let service = Service::of(&project);
    let browser = Browser::let_in(&service);
    let home = browser.get("/");
    assert!(home.body.contains(&format!("<a href=\"/projects/{name}\">")), "{}", home.body);
    let policy = home.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !home.body.contains("<style") && !home.body.contains(" style="));
    let planned = browser.post(&format!("/projects/{name}/plans"), &[]);
    assert_eq!(planned.status, 303, "{}", planned.body);
    let address = planned.header("location").unwrap().to_owned();
    let page = browser.get(&address).body;
    assert!(page.contains("Apply this plan") && page.contains("cluster.lab.master[0]"), "{page}");
    let key = hidden(&page, "key");
    let applied = browser.post(&address, &[("key", &key)]);
    assert_eq!(applied.status, 303, "{}", applied.body);
    let operation = applied.header("location").unwrap().to_owned();
    // Pressed twice, it is done once.
    assert_eq!(browser.post(&address, &[("key", &key)]).header("location"), Some(operation.as_str()));
    let ended = service.ended(&format!("/v1{operation}"));
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let page = browser.get(&operation).body;
    assert!(page.contains("succeeded") && page.contains("Apply complete!"), "{page}");
    let page = browser.get(&format!("/projects/{name}")).body;
    assert!(page.contains("lab-master-0") && page.contains(&operation), "{page}");
    let cluster = browser.get(&format!("/projects/{name}/clusters/lab")).body;
    assert!(cluster.contains("✓ All is well.") && cluster.contains("lab-slaves-0"), "{cluster}");
    assert!(cluster.contains("<dt>Cores</dt><dd>") && !cluster.contains("<dd>0</dd>"), "{cluster}");
    assert_eq!(browser.get(&format!("/projects/{name}/clusters/other")).status, 404);
    let drift = browser.post(&format!("/projects/{name}/drift"), &[]);
    assert!(drift.status == 200 && drift.body.contains("No drift"), "{}", drift.body);
    let explained = browser.get(&format!("/projects/{name}/explain?address=lab.slaves")).body;
    assert!(explained.contains("cluster.lab:") && !explained.contains("role=\"alert\""), "{explained}");
    let wrong = browser.get(&format!("/projects/{name}/explain?address=nothing.here")).body;
    assert!(wrong.contains("role=\"alert\""), "{wrong}");

    let planned = browser.post(&format!("/projects/{name}/plans"), &[("destroy", "true")]);
    let address = planned.header("location").unwrap().to_owned();
    let page = browser.get(&address).body;
    let key = hidden(&page, "key");
    let unsure = browser.post(&address, &[("key", &key), ("typed", "lap")]);
    assert!(unsure.status == 409 && unsure.body.contains("Nothing was destroyed."), "{}", unsure.body);
    let sure = browser.post(&address, &[("key", &key), ("typed", &name)]);
    assert_eq!(service.ended(&format!("/v1{}", sure.header("location").unwrap()))["state"], "succeeded");
}

#[test]
fn a_definition_is_edited_and_nobodys_text_is_lost() {
    let project = TestProject::lab();
    let name = project.path().file_name().unwrap().to_string_lossy().into_owned();
    let service = Service::of(&project);
    let browser = Browser::let_in(&service);
    let address = format!("/projects/{name}/files/main.disco.hcl");
    let page = browser.get(&address).body;
    assert!(page.contains("Nothing is wrong with it."), "{page}");
    let revision = hidden(&page, "revision");
    let before = project.read("main.disco.hcl");
    let wrong = browser.post(
        &address,
        &[("revision", &revision), ("text", "cluster \"lab\" {\r\n  flavour = 1\r\n}\r\n"), ("then", "check")],
    );
    assert!(wrong.status == 200 && wrong.body.contains("Error: ") && wrong.body.contains("line 2"), "{}", wrong.body);
    assert_eq!(project.read("main.disco.hcl"), before);
    let text = format!("# <script>alert(1)</script>\n{before}");
    let saved =
        browser.post(&address, &[("revision", &revision), ("text", &text.replace('\n', "\r\n")), ("then", "save")]);
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(project.read("main.disco.hcl"), text);
    assert!(!browser.get(&address).body.contains("<script>alert"));
    let late = browser.post(&address, &[("revision", &revision), ("text", "# mine\n"), ("then", "save")]);
    assert!(late.status == 409 && late.body.contains("# mine") && late.body.contains("was not saved"), "{}", late.body);
    assert_eq!(project.read("main.disco.hcl"), text);
}

#[test]
fn strangers_and_strangers_pages_stay_outside() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let outside = service.send("GET /", &[], "");
    assert_eq!((outside.status, outside.header("location")), (303, Some("/sign-in")));
    let browser = Browser::let_in(&service);
    let again = service.send(&format!("GET {}", service.sign_in), &[], "");
    assert!(again.status == 403 && again.body.contains("it works once"), "{}", again.body);
    let wrong = service.send("POST /sign-in", &[("Content-Type", "application/x-www-form-urlencoded")], "token=guess");
    assert_eq!(wrong.status, 403);
    let name = project.path().file_name().unwrap().to_string_lossy().into_owned();
    let foreign =
        [("Cookie", browser.cookie.as_str()), ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(service.send(&format!("POST /projects/{name}/plans"), &foreign, "").status, 403);
    assert_eq!(browser.get("/frameworks").status, 200);
    assert!(browser.get("/frameworks/hadoop").body.contains("HDFS"));
    assert!(browser.get("/problems/unknown_flavor").body.contains("disco::unknown_flavor"));
    assert_eq!(browser.get("/nothing").status, 404);
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert_eq!(browser.get("/").status, 303);
}
