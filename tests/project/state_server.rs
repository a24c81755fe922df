//! A server for states that loses answers, refuses, is slow, gives locks to others.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::support::{LAB, StateServer, TestProject, Trouble};

const PATH: &str = "/lab";

fn with(block: &str) -> TestProject {
    TestProject::with(&format!("disco {{\n  state \"http\" {{\n{block}\n}}\n}}\n{LAB}"))
}

fn lab(server: &StateServer) -> TestProject {
    with(&format!("address = \"{}{PATH}\"", server.url))
}

fn state(server: &StateServer) -> Json {
    serde_json::from_slice(&server.state(PATH).unwrap()).unwrap()
}

#[test]
fn lost_answers_are_read_back() {
    let server = StateServer::start();
    let project = lab(&server);
    for method in ["LOCK", "GET", "POST", "UNLOCK"] {
        server.trouble(method, 0, 1, Trouble::Lose);
    }
    server.trouble("POST", 1, 1, Trouble::Refuse(502));
    server.trouble("GET", 2, 1, Trouble::Slow(Duration::from_millis(300)));
    project.disco("apply -auto-approve").ends_with(0);
    assert_eq!(state(&server)["serial"], 1, "nothing was written twice by itself");
    assert!(server.lock(PATH).is_none());
    server.calm();
    server.take();
    project.disco("plan -detailed-exitcode").ends_with(0);
    assert_eq!(server.take(), ["LOCK /lab", "GET /lab", "UNLOCK /lab"]);
}

#[test]
fn a_state_that_cannot_be_kept_is_not_lost() {
    let server = StateServer::start();
    let project = lab(&server);
    // The intent is written, the end is not.
    server.trouble("POST", 1, usize::MAX, Trouble::Refuse(403));
    let run = project.disco("apply -auto-approve").ends_with(1);
    run.says(&["out of order", "errored.disco.state.json", "disco state push errored.disco.state.json"]);
    assert!(state(&server).to_string().contains("intent"), "what was written last");
    assert!(server.lock(PATH).is_none(), "the lock is given back");
    server.calm();
    project.disco("state push errored.disco.state.json").ends_with(0);
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_lock_that_was_taken_away_ends_the_operation() {
    let server = StateServer::start();
    let project = lab(&server);
    server.trouble("POST", 1, 1, Trouble::Steal);
    let run = project.disco("apply -auto-approve").ends_with(1);
    let run = run.says(&["the lock is lost:", "`OperationTypeApply` of eve@far"]);
    assert!(!run.stderr.contains("could not be given back"), "{}", run.stderr);
    assert_eq!(server.lock(PATH).unwrap()["ID"], "theirs", "it is not given back for them");
    project.disco("plan").ends_with(1).says(&["the state is in use by `OperationTypeApply` of eve@far (lock theirs)"]);
    project.disco("force-unlock theirs --force").ends_with(0);
    project.disco("apply -auto-approve").ends_with(0);
}

#[test]
fn a_lease_ends_with_its_holder() {
    let server = StateServer::start();
    server.leases(2);
    let project = lab(&server);
    let mut command = project.command("apply -auto-approve");
    command.env("DISCO_LOCAL_TIME_SCALE", "0.3").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    let renewed = |server: &StateServer| server.take().iter().filter(|asked| asked.starts_with("LOCK")).count();
    let mut locks = 0;
    while locks < 3 {
        assert!(began.elapsed() < Duration::from_mins(1), "the lease is not renewed");
        std::thread::sleep(Duration::from_millis(20));
        locks += renewed(&server);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lab(&server).disco("plan").ends_with(1).says(&["its lock ends by itself within 2 s"]);
    project.disco("plan --lock-timeout=30s").ends_with(0);
}

#[test]
fn who_signs_in_is_the_environments_or_the_definitions() {
    let server = StateServer::start();
    server.asks_for("lab", "hunter2");
    let project = lab(&server);
    let run = project.disco("plan").ends_with(1);
    run.says(&[" cannot be locked", "401", "DISCO_HTTP_USERNAME"]);
    let mut command = project.command("plan");
    let run = command.env("DISCO_HTTP_USERNAME", "lab").env("DISCO_HTTP_PASSWORD", "hunter2").output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let block = format!("address = \"{}{PATH}\"\nusername = \"lab\"\npassword = var.password", server.url);
    let project = with(&block);
    project.write("password.disco.hcl", "variable \"password\" { sensitive = true }\n");
    project.disco("plan --var password=hunter2").ends_with(0);
}

#[test]
fn a_server_without_locks_is_refused() {
    let server = StateServer::start();
    server.trouble("LOCK", 0, usize::MAX, Trouble::Refuse(405));
    lab(&server).disco("plan").ends_with(1).says(&[" cannot be locked", "405", "lock_method"]);
    let nobody = with("address = \"http://127.0.0.1:9/lab\"");
    nobody.disco("plan").ends_with(1).says(&["cannot be reached", "`address` is right"]);
}

#[test]
fn other_methods_and_addresses_are_possible() {
    let server = StateServer::start();
    let url = &server.url;
    let project = with(&format!(
        "address = \"{url}/states/lab\"\nlock_address = \"{url}/locks/lab\"\nunlock_address = \"{url}/locks/lab\""
    ));
    project.disco("apply -auto-approve").ends_with(0);
    let asked = server.take();
    assert!(
        asked.contains(&"LOCK /locks/lab".to_owned()) && asked.contains(&"POST /states/lab".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn each_workspace_has_a_state_of_its_own_there() {
    let server = StateServer::start();
    let project = lab(&server);
    project.disco("workspace new staging").ends_with(0);
    project.disco("plan").ends_with(1).says(&["disco::state_without_workspace", "{workspace}"]);
    let project = with(&format!("address = \"{}/lab/{{workspace}}\"", server.url));
    project.disco("apply -auto-approve").ends_with(0);
    project.disco("workspace new staging").ends_with(0);
    project.disco("apply -auto-approve").ends_with(0);
    assert!(server.state("/lab/default").is_some() && server.state("/lab/staging").is_some());
    project.disco("workspace select default").ends_with(0);
    project.disco("workspace delete --force staging").ends_with(0);
    assert!(server.state("/lab/staging").is_none());
}
