//! What programs ask.

use std::fs;

use serde_json::json;

use super::Service;
use crate::support::{LAB, TestProject, valid_against};

fn name(project: &TestProject) -> String {
    project.path().file_name().unwrap().to_string_lossy().into_owned()
}

/// Every problem says what it is, in a sentence, and names the way out.
fn valid_problem(problem: &serde_json::Value) {
    for member in ["type", "title", "code", "help"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
    }
}

#[test]
fn a_plan_is_made_and_carried_out_once() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let base = format!("/v1/projects/{}", name(&project));
    let made = service.ask(&format!("POST {base}/plans"), "{}");
    assert_eq!(made.status, 201, "{}", made.body);
    let plan = made.json()["plan"].as_str().unwrap().to_owned();
    valid_against("saved-plan", &made.json()["document"]);
    let kept = service.ask_with(&format!("GET {base}/plans/{plan}"), &[("Accept", "text/plain")], "");
    assert!(kept.body.contains("Plan: ") && kept.header("content-type").unwrap().starts_with("text/plain"));

    let order = json!({"plan": plan}).to_string();
    let keyless = service.ask(&format!("POST {base}/operations"), &order);
    assert_eq!((keyless.status, keyless.json()["code"].as_str()), (400, Some("service::no_key")));
    let order_of = |key: &str, order: &str| {
        service.ask_with(&format!("POST {base}/operations"), &[("Idempotency-Key", key)], order)
    };
    let began = order_of("first", &order);
    assert_eq!((began.status, began.header("retry-after")), (202, Some("1")), "{}", began.body);
    let address = began.header("location").unwrap().to_owned();
    let one = service.ended(&address);
    assert_eq!((&one["state"], &one["plan"]), (&json!("succeeded"), &json!(plan)), "{one}");
    // Asked for again, nothing happens again; the key is for that request alone.
    assert_eq!(order_of("first", &order).json(), began.json());
    let other = order_of("first", &json!({"plan": "another"}).to_string());
    assert_eq!((other.status, other.json()["code"].as_str()), (422, Some("service::key_used")));
    assert_eq!(service.ask(&format!("GET {base}/operations"), "").json()["items"].as_array().unwrap().len(), 1);

    // The command line knows what the service did, and says it in the same words.
    let some = service.ask(&format!("GET {address}/messages?limit=2"), "").json();
    assert_eq!(some["items"].as_array().unwrap().len(), 2);
    let next = some["next"].as_str().unwrap();
    let messages = service.ask(&format!("GET {address}/messages?limit=500"), "").json();
    let third = &service.ask(&format!("GET {next}"), "").json()["items"][0];
    assert_eq!(third, &messages["items"][2]);
    let lines = project.disco("history show 1 --json").ends_with(0).stdout;
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(messages["items"].as_array().unwrap(), &lines);
    for line in &lines {
        valid_against("message", line);
    }
    project.disco("plan --detailed-exitcode").ends_with(0);
    valid_against("show", &service.ask(&format!("GET {base}/clusters"), "").json());
    valid_against("status", &service.ask(&format!("GET {base}/status"), "").json());
    valid_against("outputs", &service.ask(&format!("GET {base}/outputs"), "").json());

    // The plan is stale now, and what a plan was made for is all that it does.
    let stale = order_of("second", &order);
    assert_eq!((stale.status, stale.json()["code"].as_str()), (409, Some("service::refused")), "{}", stale.body);
    assert!(stale.body.contains("the saved plan is stale"), "{}", stale.body);
    let destroy = service.ask(&format!("POST {base}/plans"), "{\"destroy\": true}").json();
    let order = json!({"plan": destroy["plan"]}).to_string();
    assert_eq!(service.ended(order_of("third", &order).header("location").unwrap())["state"], "succeeded");
    let run = project.disco("plan --detailed-exitcode").ends_with(2);
    assert!(run.stdout.contains(" to add, 0 to change, 0 to destroy"), "{}", run.stdout);
}

#[test]
fn events_begin_where_somebody_was() {
    let project = TestProject::applied_lab();
    project.disco("apply --auto-approve --var slaves=2").ends_with(0);
    let number = project.disco("history --json -n 1").ends_with(0).stdout;
    let number = serde_json::from_str::<serde_json::Value>(&number).unwrap()["operations"][0]["number"].clone();
    let service = Service::of(&project);
    let request = format!("GET /v1/events?project={}&operation={number}", name(&project));
    let all = service.ask(&request, "").body;
    let last = all.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
    assert!(all.contains("\"type\":\"version\"") && all.contains("event: bye"), "{all}");
    let (of, at) = last.split_once(':').unwrap();
    let before = format!("{of}:{}", at.parse::<u64>().unwrap() - 1);
    let rest = service.ask_with(&request, &[("Last-Event-ID", &before)], "").body;
    assert_eq!(rest.matches("id: ").count(), 1, "{rest}");
    assert!(rest.contains("\"type\":\"end\""), "{rest}");
}

#[test]
fn definitions_change_only_where_nobody_else_has_changed_them() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    let base = format!("/v1/projects/{}/files", name(&project));
    let read = service.ask(&format!("GET {base}/main.disco.hcl"), "");
    assert_eq!(read.body, project.read("main.disco.hcl"));
    let tag = read.header("etag").unwrap().to_owned();
    let text = format!("# mine\n{}", read.body);
    let put = |headers: &[(&str, &str)], file: &str, text: &str| {
        service.ask_with(&format!("PUT {base}/{file}"), headers, text)
    };
    assert_eq!(put(&[], "main.disco.hcl", &text).status, 428);
    let done = put(&[("If-Match", &tag)], "main.disco.hcl", &text);
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(project.read("main.disco.hcl"), text);
    let late = put(&[("If-Match", &tag)], "main.disco.hcl", "# theirs\n");
    assert_eq!((late.status, late.json()["code"].as_str()), (412, Some("service::other_revision")));
    assert_eq!(project.read("main.disco.hcl"), text);
    assert_eq!(put(&[("If-None-Match", "*")], "more.disco.hcl", "# more\n").status, 204);
    assert_eq!(put(&[("If-None-Match", "*")], "more.disco.hcl", "# again\n").status, 412);
    for wrong in ["..%2Fmain.disco.hcl", "notes.txt", ".hidden.disco.hcl", "%00.disco.hcl"] {
        let refused = put(&[("If-None-Match", "*")], wrong, "# bad\n");
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.body);
    }
    let new = service.ask(&format!("GET {base}"), "");
    let revision = new.header("etag").unwrap().to_owned();
    assert_eq!(new.json()["files"], json!(["main.disco.hcl", "more.disco.hcl"]));
    assert_eq!(service.ask_with(&format!("DELETE {base}/more.disco.hcl"), &[("If-Match", &revision)], "").status, 204);
    assert!(!project.file("more.disco.hcl").exists());

    // What is typed is checked, and not saved.
    let check = format!("POST /v1/projects/{}/check", name(&project));
    let found =
        service.ask(&check, &json!({"files": {"main.disco.hcl": "cluster \"lab\" {\n  flavour = 1\n}\n"}}).to_string());
    valid_against("validation", &found.json());
    assert!(found.body.contains("\"line\":2"), "{}", found.body);
    assert_eq!(project.read("main.disco.hcl"), text);
    let unknown = service.ask(&check, "{\"file\": {}}");
    assert_eq!(unknown.status, 422, "{}", unknown.body);
}

#[test]
fn nobody_enters_without_a_token_and_under_no_other_name() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    for request in ["GET /v1", "GET /v1/projects", "POST /v1/suggestions", "GET /v1/openapi.json"] {
        let answer = service.send(request, &[], "");
        assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some("service::not_signed_in")), "{request}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    assert_eq!(service.send("GET /v1", &[("Authorization", "Bearer guess")], "").status, 401);
    assert_eq!(service.ask_with("GET /v1", &[("Host", "evil.example")], "").status, 421);
    assert_eq!(service.send("GET /healthz", &[], "").status, 200);
    let told = service.ask("GET /v1", "").json();
    let document = service.ask("GET /v1/openapi.json", "").json();
    for answer in told["answers"].as_array().unwrap() {
        let (path, method) = (answer["path"].as_str().unwrap(), answer["method"].as_str().unwrap().to_lowercase());
        assert_eq!(document["paths"][path][method]["operationId"], answer["id"]);
    }
    let missing = service.ask("GET /v1/projects/other", "");
    assert_eq!((missing.status, missing.json()["code"].as_str()), (404, Some("service::not_found")));
    assert_eq!(service.ask("GET /v1/nothing", "").status, 404);
    let wide = project.disco("serve --listen 0.0.0.0:0").ends_with(1);
    assert!(wide.stderr.contains("is not an address of this machine alone"), "{}", wide.stderr);
    let text = "x".repeat(1024 * 1024 + 1);
    let large = service.ask_with(
        &format!("PUT /v1/projects/{}/files/main.disco.hcl", name(&project)),
        &[("If-None-Match", "*")],
        &text,
    );
    assert_eq!((large.status, large.json()["code"].as_str()), (413, Some("service::too_large")), "{}", large.body);
    // Whoever refuses, it is a document.
    let base = format!("/v1/projects/{}", name(&project));
    for (request, body, status) in [
        ("PATCH {}", "", 405),
        ("GET {}/operations/first", "", 400),
        ("GET {}/operations?limit=all", "", 400),
        ("GET {}/operations?most=1", "", 400),
        ("GET /v1/events", "", 400),
        ("POST {}/plans", "{destroy", 400),
        ("POST {}/plans", "{\"destroi\": true}", 422),
        ("POST {}/plans", "7", 422),
        ("POST {}/check", "", 400),
    ] {
        let answer = service.ask(&request.replace("{}", &base), body);
        assert_eq!(answer.status, status, "{request}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{request}");
        valid_problem(&answer.json());
    }
}

#[test]
fn a_service_that_is_killed_leaves_an_operation_that_can_be_gone_on_with() {
    let project = TestProject::with(LAB);
    let mut service = Service::of(&project);
    let base = format!("/v1/projects/{}", name(&project));
    let plan = service.ask(&format!("POST {base}/plans"), "{}").json()["plan"].clone();
    let began = service.ask_with(
        &format!("POST {base}/operations"),
        &[("Idempotency-Key", "k")],
        &json!({"plan": plan}).to_string(),
    );
    assert_eq!(began.status, 202, "{}", began.body);
    service.kill();
    project.disco("apply --auto-approve").ends_with(0);
    project.disco("plan --detailed-exitcode").ends_with(0);
    let service = Service::of(&project);
    let one = service.ask(&format!("GET {base}/operations/1"), "").json();
    assert!(["cut off", "succeeded"].contains(&one["state"].as_str().unwrap()), "{one}");
}

#[test]
fn frameworks_and_suggestions_are_told() {
    let project = TestProject::lab();
    let service = Service::of(&project);
    valid_against("frameworks", &service.ask("GET /v1/frameworks", "").json());
    valid_against("framework", &service.ask("GET /v1/frameworks/hadoop", "").json());
    assert_eq!(service.ask("GET /v1/frameworks/hadop", "").status, 404);
    let told = service.ask("POST /v1/suggestions", "work = [\"stream\"]\n");
    assert_eq!(told.status, 200, "{}", told.body);
    valid_against("suggestions", &told.json());
    assert_eq!(service.ask("POST /v1/suggestions", "work = [\"nothing\"]\n").status, 422);
}

#[test]
fn all_projects_of_a_folder_are_served() {
    let project = TestProject::with("# nothing is defined here\n");
    for name in ["a", "b"] {
        fs::create_dir(project.file(name)).unwrap();
        project.write(&format!("{name}/main.disco.hcl"), LAB);
    }
    let service = Service::start(&project, "--projects .");
    let all = service.ask("GET /v1/projects", "").json();
    let names: Vec<&str> = all["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    let first = service.ask("GET /v1/projects?limit=1", "").json();
    assert_eq!(
        (&first["items"][0]["name"], first["next"].as_str()),
        (&json!("a"), Some("/v1/projects?limit=1&after=a"))
    );
    let rest = service.ask("GET /v1/projects?limit=1&after=a", "").json();
    assert_eq!((&rest["items"][0]["name"], &rest["next"]), (&json!("b"), &json!(null)));
    assert_eq!(service.ask("GET /v1/projects?most=1", "").status, 400);
    assert_eq!(service.ask("GET /v1/projects/a/files", "").json()["files"], json!(["main.disco.hcl"]));
    assert_eq!(service.ask("GET /v1/projects/..%2Fa/files", "").status, 404);
}
