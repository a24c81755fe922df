//! Operations that go on in the next service, requests that are sent again, and what is done without a plan.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::Service;
use crate::support::TestProject;

fn base(project: &TestProject) -> String {
    format!("/v1/projects/{}", project.path().file_name().unwrap().to_string_lossy())
}

/// Has a plan carried out; gives the address of the operation.
fn begins(service: &Service, base: &str, wish: &Json, key: &str) -> String {
    let made = service.ask(&format!("POST {base}/plans"), &wish.to_string());
    assert_eq!(made.status, 201, "{}", made.body);
    ordered(service, base, &json!({"plan": made.json()["plan"]}), key)
}

fn ordered(service: &Service, base: &str, order: &Json, key: &str) -> String {
    let operations = format!("POST {base}/operations");
    let began = service.ask_with(&operations, &[("Idempotency-Key", key)], &order.to_string());
    assert_eq!(began.status, 202, "{}", began.body);
    began.header("location").unwrap().to_owned()
}

/// Waits until an operation says something of that kind.
fn says(service: &Service, address: &str, kind: &str) {
    let begun = Instant::now();
    loop {
        let messages = service.ask(&format!("GET {address}/messages?limit=500"), "").json();
        if messages["items"].as_array().unwrap().iter().any(|message| message["type"] == kind) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "{messages}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One whose cloud takes a while.
fn slow() -> TestProject {
    TestProject::lab().in_time("0.02")
}

#[test]
fn an_apply_and_a_destroy_that_were_killed_go_on_in_the_next_service() {
    let project = slow();
    let base = base(&project);
    for (wish, key, clusters) in [(json!({}), "a", 1), (json!({"destroy": true}), "b", 0)] {
        let mut service = Service::of(&project);
        let address = begins(&service, &base, &wish, key);
        says(&service, &address, "step_start");
        service.kill();
        let service = Service::of(&project);
        let one = service.ended(&address);
        assert_eq!(one["state"], "succeeded", "{one}");
        // The same one: whoever asks with its key again gets no other.
        let operations = service.ask(&format!("GET {base}/operations"), "").json();
        assert_eq!(operations["items"][0]["number"], one["number"]);
        assert_eq!(project.state()["clusters"].as_object().unwrap().len(), clusters);
    }
}

#[test]
fn what_waits_behind_one_that_was_killed_goes_on_too() {
    let project = slow();
    let base = base(&project);
    let mut service = Service::of(&project);
    let first = begins(&service, &base, &json!({}), "a");
    says(&service, &first, "step_start");
    let second = ordered(&service, &base, &json!({"kind": "suspend"}), "b");
    assert_eq!(service.ask(&format!("GET {second}"), "").json()["state"], "queued");
    service.kill();
    let service = Service::of(&project);
    assert_eq!(service.ended(&first)["state"], "succeeded");
    let suspended = service.ended(&second);
    assert_eq!((&suspended["state"], &suspended["operation"]), (&json!("succeeded"), &json!("suspend")), "{suspended}");
    let again = ordered(&service, &base, &json!({"kind": "suspend"}), "b");
    assert_eq!(again, second);
    let resumed = ordered(&service, &base, &json!({"kind": "resume"}), "c");
    assert_eq!(service.ended(&resumed)["state"], "succeeded");
    for (body, code) in [("{}", "service::bad_body"), ("{\"plan\": \"x\", \"kind\": \"suspend\"}", "service::bad_body")]
    {
        let operations = format!("POST {base}/operations");
        let refused = service.ask_with(&operations, &[("Idempotency-Key", "d")], body);
        assert_eq!((refused.status, refused.json()["code"].as_str()), (422, Some(code)), "{}", refused.body);
    }
}

#[test]
fn nobody_has_approved_a_definition_that_was_changed_meanwhile() {
    let project = slow();
    let base = base(&project);
    let mut service = Service::of(&project);
    let address = begins(&service, &base, &json!({}), "a");
    says(&service, &address, "step_start");
    service.kill();
    let text = project.read("main.disco.hcl");
    project.write("main.disco.hcl", &text.replace("default = 1\n", "default = 3\n"));
    let service = Service::of(&project);
    let one = service.ended(&address);
    assert_eq!(one["state"], "failed", "{one}");
    let message = one["message"].as_str().unwrap();
    assert!(message.contains("the definition was changed since: main.disco.hcl"), "{message}");
    let address = begins(&service, &base, &json!({}), "b");
    assert_eq!(service.ended(&address)["state"], "succeeded");
}

#[test]
fn requests_with_a_key_are_answered_once() {
    let project = TestProject::lab();
    std::fs::create_dir(project.file("all")).unwrap();
    let service = Service::start(&project, "--projects all");
    let make = |key: &str, name: &str| {
        let body = json!({"name": name}).to_string();
        service.ask_with("POST /v1/projects", &[("Idempotency-Key", key)], &body)
    };
    let first = make("a", "one");
    assert_eq!(first.status, 201, "{}", first.body);
    let again = make("a", "one");
    assert_eq!((again.status, again.body.as_str()), (201, first.body.as_str()));
    assert_eq!(again.header("location"), first.header("location"));
    let other = make("a", "two");
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("service::key_used")));
    // What was refused may be right the next time.
    assert_eq!(make("b", "one").status, 409);
    assert_eq!(make("b", "three").status, 201);

    let plan =
        |key: &str, body: &str| service.ask_with("POST /v1/projects/one/plans", &[("Idempotency-Key", key)], body);
    let first = plan("p", "{}").json();
    assert_eq!(plan("p", "{}").json()["plan"], first["plan"]);
    assert_ne!(plan("q", "{}").json()["plan"], first["plan"]);
    assert_eq!(plan("p", "{\"destroy\": true}").status, 422);
}

#[test]
fn a_project_is_removed_once_nothing_of_it_exists() {
    let project = TestProject::lab();
    std::fs::create_dir(project.file("all")).unwrap();
    let service = Service::start(&project, "--projects all");
    assert_eq!(service.ask("POST /v1/projects", "{\"name\": \"one\"}").status, 201);
    let base = "/v1/projects/one";
    let applied = begins(&service, base, &json!({}), "a");
    assert_eq!(service.ended(&applied)["state"], "succeeded");
    let drift = service.ask(&format!("POST {base}/drift"), "{}");
    assert_eq!((drift.status, &drift.json()["drift"]), (200, &json!(false)), "{}", drift.body);
    let refused = service.ask(&format!("DELETE {base}"), "");
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("still has clusters"), "{}", refused.body);
    let destroyed = begins(&service, base, &json!({"destroy": true}), "b");
    assert_eq!(service.ended(&destroyed)["state"], "succeeded");
    assert_eq!(service.ask(&format!("DELETE {base}"), "").status, 204);
    assert_eq!(service.ask(&format!("GET {base}"), "").status, 404);
    assert!(!project.file("all/one").exists());
    let alone = Service::of(&project);
    let refused = alone.ask(&format!("DELETE {}", self::base(&project)), "");
    assert_eq!(refused.status, 409, "{}", refused.body);
}
