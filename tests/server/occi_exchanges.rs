//! The exchanges that were recorded from the original's library, byte for byte where they are the same each time.

use disco::model::{Action, Status};
use disco::server::occi::OcciResponse;

use super::occi_memory::{BASE, Memory, TOKEN};
use crate::support::snapshot;

pub(super) const CATEGORY: &str = r#"disco; scheme="http://schemas.cloudcomplab.ch/occi/sm#"; class="kind";"#;
const OCCI: [(&str, &str); 2] = [("Category", CATEGORY), ("Content-type", "text/occi")];
const ONE: &str = "00000000-0000-4000-8000-000000000001";

/// Status, headers and body as they go over the wire.
fn wire(response: &OcciResponse) -> String {
    let headers: Vec<String> = response.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}\n{}\n{}", response.status, headers.concat(), response.body)
}

/// A service with a cluster of two slaves.
fn with_one() -> Memory {
    let service = Memory::new();
    let attributes = r#"icclab.disco.components.heat.masterimage="debian-12",icclab.disco.components.heat.slavecount="2",icclab.disco.dependencies.inject="{'hadoop': '', 'spark': ''}""#;
    let created = service.asked("POST", "/disco/", &[OCCI[0], OCCI[1], ("X-OCCI-Attribute", attributes)], "");
    assert_eq!(created.status, 201, "{}", created.body);
    service
}

#[test]
fn the_kinds() {
    let service = Memory::new();
    let asked = service.asked("GET", "/-/", &[("Accept", "text/occi")], "");
    let kind = asked.header("Category").unwrap();
    let (disco, link) = kind.rsplit_once(", ").unwrap();
    assert_eq!(
        link,
        r#"link; scheme="http://schemas.ogf.org/occi/core#"; class="kind"; location="http://disco.example:8888/link/""#
    );
    let begin = r#"disco; scheme="http://schemas.cloudcomplab.ch/occi/sm#"; class="kind"; title=""#;
    assert!(disco.starts_with(begin), "{disco}");
    let end = r#"; rel="http://schemas.ogf.org/occi/core#resource"; location="http://disco.example:8888/disco/"; attributes="icclab.disco.components.heat.masterimage "#;
    assert!(disco.contains(end), "{disco}");
    assert_eq!((asked.status.as_u16(), asked.body.as_str()), (200, "OK"));
    assert_eq!(asked.header("Content-Type"), Some("text/occi"));
    let known = service.asked("GET", "/.well-known/org/ogf/occi/-/", &[("Accept", "text/occi")], "");
    assert_eq!(known, asked);
    let lines = service.asked("GET", "/-/", &[], "");
    assert_eq!(lines.body, format!("\nCategory: {disco}\nCategory: {link}"));
    let json: serde_json::Value =
        serde_json::from_str(&service.asked("GET", "/-/", &[("Accept", "application/occi+json")], "").body).unwrap();
    assert_eq!(json[0]["attributes"]["icclab.disco.dependencies.inject"], "muttable");
    assert_eq!(json[1]["location"], "/link/");
    assert_eq!(service.asked("GET", "/-/", &[("Accept", "text/uri-list")], "").status, 400);
    assert_eq!(service.asked("POST", "/-/", &OCCI, "").status, 405, "no mixins");
}

#[test]
fn a_creation_answers_with_the_address() {
    let service = Memory::new();
    let attributes = r#"icclab.disco.components.heat.slavecount="2""#;
    let created = service.asked("POST", "/disco/", &[OCCI[0], OCCI[1], ("X-OCCI-Attribute", attributes)], "");
    let expected =
        format!("201 Created\nContent-Type: text/plain\nServer: disco OCCI/1.1\nLocation: {BASE}/disco/{ONE}\n\nOK");
    assert_eq!(wire(&created), expected);
    let body = format!("Category: {CATEGORY}\nX-OCCI-Attribute: {attributes}\n");
    let again = service.asked("POST", "/disco/", &[("Content-Type", "text/plain; charset=utf-8")], &body);
    assert_eq!((again.status.as_u16(), again.body.as_str()), (201, "OK"));
    let (one, two) = (service.kept(ONE).unwrap(), service.kept(&Memory::id(2)).unwrap());
    assert_eq!(one.definition, two.definition, "headers and lines say the same");
}

#[test]
fn header_lines_of_one_name_are_one_list_in_any_case() {
    let service = Memory::new();
    let headers = [
        ("CATEGORY", CATEGORY),
        ("content-TYPE", "TEXT/occi"),
        ("x-occi-attribute", r#"icclab.disco.components.heat.slavecount="3","#),
        ("X-OCCI-Attribute", r#"icclab.disco.components.heat.masterflavor="m1.large", "#),
    ];
    assert_eq!(service.asked("POST", "/disco/", &headers, "").status, 201);
    let text = service.kept(ONE).unwrap().definition.text;
    assert!(text.contains("count  = 3") && text.contains("\"m1.large\""), "{text}");
}

#[test]
fn lists_in_all_formats() {
    let service = with_one();
    service.asked("POST", "/disco/", &OCCI, "");
    let (one, two) = (format!("{BASE}/disco/{ONE}"), format!("{BASE}/disco/{}", Memory::id(2)));
    let list = |format: &str| service.asked("GET", "/disco/", &[("Accept", format)], "");
    let occi = list("text/occi");
    assert_eq!((occi.body.as_str(), occi.header("X-OCCI-Location")), ("OK", Some(&*format!("{one}, {two}"))));
    assert_eq!(list("text/plain").body, format!("\nX-OCCI-Location: {one}\nX-OCCI-Location: {two}"));
    assert_eq!(list("*/*"), list("text/plain"));
    assert_eq!(service.asked("GET", "/disco/", &[], ""), list("text/plain"));
    assert_eq!(list("text/uri-list").body, format!("# uri:/disco/\n{one}\n{two}"));
    let json: serde_json::Value = serde_json::from_str(&list("application/occi+json").body).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(json[1]["attributes"]["occi.core.id"], format!("/disco/{}", Memory::id(2)));
    assert_eq!(list("text/html, application/occi+json;q=0.9"), list("application/occi+json"));
    assert_eq!(list("text/html").status, 406);
    let empty = Memory::new().asked("GET", "/disco/", &[("Accept", "text/occi")], "");
    assert_eq!((empty.body.as_str(), empty.header("X-OCCI-Location")), ("OK", None));
}

#[test]
fn a_list_can_be_filtered() {
    let service = with_one();
    service.asked("POST", "/disco/", &OCCI, "");
    let filtered = |attribute: &str| {
        let headers = [OCCI[1], ("Accept", "text/uri-list"), ("X-OCCI-Attribute", attribute)];
        service.asked("GET", "/disco/", &headers, "").body.lines().count() - 1
    };
    assert_eq!(filtered("icclab.disco.components.heat.slavecount=\"2\""), 1);
    assert_eq!(filtered("mcn.service.state=\"deploy\""), 2);
    assert_eq!(filtered("mcn.service.state=\"deploy\", disco.project=\"x\""), 0);
    let all = service.asked("GET", "/disco/", &[OCCI[0], OCCI[1], ("Accept", "text/uri-list")], "");
    assert_eq!(all.body.lines().count(), 3);
}

#[test]
fn one_cluster_in_all_formats() {
    let service = with_one();
    let path = format!("/disco/{ONE}");
    for (name, format) in [("occi", "text/occi"), ("plain", "text/plain"), ("json", "application/occi+json")] {
        snapshot!(format!("occi-entity-{name}"), wire(&service.asked("GET", &path, &[("Accept", format)], "")));
    }
    assert_eq!(service.asked("GET", &path, &[("Accept", "text/uri-list")], "").status, 400);
    let haas = service.asked("GET", &format!("/haas/{ONE}"), &[("Accept", "text/occi")], "");
    assert!(haas.header("Category").unwrap().starts_with("haas; "));
    assert!(haas.header("X-OCCI-Attribute").unwrap().ends_with(&format!(r#", occi.core.id="/haas/{ONE}""#)));
}

#[test]
fn suspend_and_resume() {
    let service = with_one();
    let path = format!("/disco/{ONE}");
    for (action, state) in [("suspend", "suspended"), ("resume", "running")] {
        // The dashboard leaves a comma at the end.
        let attribute = format!("action=\"{action}\",");
        let headers = [OCCI[0], OCCI[1], ("X-OCCI-Attribute", &attribute), ("Accept", "text/occi")];
        let answer = service.asked("POST", &path, &headers, "");
        assert_eq!(answer.status, 200, "{}", answer.body);
        let attributes = answer.header("X-OCCI-Attribute").unwrap();
        assert!(attributes.contains(&format!("runstate=\"{state}\"")), "{attributes}");
        let seen = service.asked("GET", &path, &[("Accept", "text/occi")], "");
        assert_eq!(seen, answer);
    }
    let sent = |attribute: &str| service.asked("POST", &path, &[OCCI[1], ("X-OCCI-Attribute", attribute)], "");
    let wrong = sent("action=\"supsend\"");
    assert_eq!(
        (wrong.status.as_u16(), wrong.body.as_str()),
        (400, "action `supsend` does not exist; did you mean `suspend`?")
    );
    assert_eq!(sent("action=\"suspend\",icclab.disco.components.heat.slavecount=\"3\"").status, 400);
    assert_eq!(sent("action=\"suspend\",action=\"resume\"").status, 400);
    assert_eq!(sent("").status, 400);
    let query = service.asked("POST", &format!("{path}?action=suspend"), &OCCI, "");
    assert_eq!(query.status, 400);
}

#[test]
fn a_partial_update_is_a_splice_and_data_loss_a_conflict() {
    let service = with_one();
    let path = format!("/disco/{ONE}");
    let before = service.kept(ONE).unwrap().definition.text;
    let sent = |attribute: &str| service.asked("POST", &path, &[OCCI[1], ("X-OCCI-Attribute", attribute)], "");
    let answer = sent("icclab.disco.components.heat.slavecount=\"5\"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("slavecount=\"5\"") && answer.body.contains("mcn.service.state=\"update\""));
    let after = service.kept(ONE).unwrap().definition.text;
    assert_eq!(after, before.replace("count  = 2", "count  = 5"));
    let foreign = sent("x.y=\"1\",icclab.disco.components.heat.slavecount=\"5\"");
    assert!(foreign.body.contains("disco.ignored=\"x.y\""), "nothing is ignored in silence: {}", foreign.body);
    let elsewhere = "icclab.disco.deployer.region=\"RegionTwo\",icclab.disco.components.heat.slavecount=\"5\"";
    assert_eq!(sent(elsewhere).status, 400);
    let lost = sent("icclab.disco.components.heat.slavecount=\"0\"");
    assert_eq!((lost.status.as_u16(), lost.body.as_str()), (409, "data of `slaves` would be lost"));
    let image = sent("icclab.disco.components.heat.masterimage=\"other\"");
    assert_eq!(image.status, 400);
    assert!(image.body.contains("cannot be changed here"), "{}", image.body);
    assert_eq!(sent("icclab.disco.components.heat.slavecount=\"many\"").status, 400);
}

#[test]
fn a_deletion_and_its_quirk() {
    let service = with_one();
    let path = format!("/disco/{ONE}");
    let gone = service.asked("DELETE", &path, &OCCI, "");
    assert_eq!(wire(&gone), "200 OK\nContent-Type: text/plain\nServer: disco OCCI/1.1\n\nOK");
    for id in [ONE, "3850dc24-557b-44c0-b5e1-1fef0b6775f9", "..", "%2e%2e", "x"] {
        let path = format!("/disco/{id}");
        assert_eq!(service.asked("DELETE", &path, &OCCI, "").status, 400, "the dashboard takes its row away on this");
        assert_eq!(service.asked("GET", &path, &[], "").status, 404);
        assert_eq!(service.asked("POST", &path, &[("X-OCCI-Attribute", "action=\"suspend\"")], "").status, 404);
        assert_eq!(service.asked("PUT", &path, &OCCI, "").status, 405);
    }
}

#[test]
fn what_is_not_allowed() {
    let service = with_one();
    let put = service.asked("PUT", &format!("/disco/{ONE}"), &OCCI, "");
    assert_eq!((put.status.as_u16(), put.header("Allow")), (405, Some("GET, HEAD, POST, DELETE")));
    assert_eq!(service.asked("PUT", "/disco/", &OCCI, "").status, 405);
    assert_eq!(service.asked("DELETE", "/disco/", &OCCI, "").status, 405, "nobody destroys everything by one line");
    assert_eq!(service.asked("PATCH", &format!("/disco/{ONE}"), &OCCI, "").status, 405);
    for path in ["/", "/disco", "/disco/a/b", "/link/", "/-"] {
        assert_eq!(service.asked("GET", path, &[], "").status, 404, "{path}");
    }
    for (name, value) in [
        ("Category", r#"compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind""#),
        ("Category", r#"link; scheme="http://schemas.ogf.org/occi/core#"; class="kind""#),
        ("Category", r#"disco; class="kind""#),
        ("X-OCCI-Attribute", "icclab.disco.components.heat.slavecount=\"2\""),
        ("X-OCCI-Attribute", "a=\"b"),
        ("X-OCCI-Attribute", "a"),
    ] {
        let answer = service.asked("POST", "/disco/", &[OCCI[1], (name, value)], "");
        assert_eq!(answer.status, 400, "{name}: {value}");
    }
    let content =
        |kind: &str| service.asked("POST", "/disco/", &[OCCI[0], ("Content-Type", kind)], "{}").status.as_u16();
    assert_eq!((content("application/occi+json"), content("text/uri-list"), content("text/html")), (400, 400, 406));
    let refused = service.asked("POST", "/disco/", &[OCCI[0], OCCI[1], ("Accept", "image/png")], "");
    assert_eq!(refused.status, 406);
    assert!(service.kept(&Memory::id(2)).is_none(), "refused before anything is done");
}

#[test]
fn who_is_let_in() {
    let service = with_one();
    let path = format!("/disco/{ONE}");
    let status = |headers: &[(&str, &str)]| service.sent("GET", &path, headers, "").status.as_u16();
    let (token, tenant) = (("X-Auth-Token", TOKEN), ("X-Tenant-Name", "mesz"));
    assert_eq!(status(&[token, tenant]), 200);
    assert_eq!(status(&[tenant]), 400);
    assert_eq!(status(&[token]), 400);
    assert_eq!(status(&[]), 400);
    assert_eq!(status(&[("X-Auth-Token", "0"), tenant]), 401);
    assert_eq!(status(&[token, ("X-Tenant-Name", "disco")]), 401);
    assert_eq!(status(&[token, ("X-Auth-Token", "0"), tenant]), 400, "two tokens");
    assert_eq!(status(&[token, tenant, ("X-Region-Name", "RegionOne")]), 200);
    assert_eq!(status(&[token, tenant, ("X-Region-Name", "RegionTwo")]), 400);
    let other = [("X-User-Name", "disco"), ("X-Password", super::occi_memory::PASSWORD), ("X-Tenant-Name", "disco")];
    assert_eq!(status(&other), 404, "another tenant's cluster does not exist");
    let theirs = service.sent("GET", "/disco/", &other, "");
    assert_eq!((theirs.status.as_u16(), theirs.body.as_str()), (200, ""));
    assert_eq!(service.sent("DELETE", &path, &other, "").status, 400);
    assert!(service.kept(ONE).is_some());
    let refused = service.sent("GET", "/disco/", &[("X-Auth-Token", "0"), tenant], "");
    assert_eq!(refused.header("WWW-Authenticate"), Some("Keystone"));
}

#[test]
fn complete_means_usable() {
    let mut view = with_one().kept(ONE).unwrap().view;
    let shown = |view: &disco::server::occi::ClusterView| view.attributes()["stack_status"].clone();
    assert_eq!(shown(&view), "CREATE_IN_PROGRESS", "the frameworks do not answer yet");
    view.stack.as_mut().unwrap().usable = true;
    assert_eq!(shown(&view), "CREATE_COMPLETE");
    view.stack.as_mut().unwrap().usable = false;
    view.stack.as_mut().unwrap().status.action = Action::Suspend;
    assert_eq!(shown(&view), "SUSPEND_COMPLETE");
    view.stack.as_mut().unwrap().status.status = Status::Failed;
    assert_eq!(shown(&view), "SUSPEND_FAILED");
    view.external_ip = Some("203.0.113.7".to_owned());
    view.failure = Some("no valid host\nin zone «é»".to_owned());
    let all = view.attributes();
    assert_eq!((all["external_ip"].as_str(), all["externalIP"].as_str()), ("203.0.113.7", "203.0.113.7"));
    view.stack = None;
    assert_eq!(view.attributes()["disco_status"], "nothing here right now");
    assert!(!view.attributes().contains_key("stackid"));
}

#[test]
fn answers_convert_to_http() {
    let service = with_one();
    let answer = service.asked("GET", "/disco/", &[("Accept", "text/occi")], "");
    let response: http::Response<bytes::Bytes> = answer.into();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-occi-location"], format!("{BASE}/disco/{ONE}"));
    assert_eq!(response.body(), "OK");
}
