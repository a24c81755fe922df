//! A cluster's life.

#![expect(clippy::disallowed_methods, reason = "it looks at files")]

use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, cluster, manual};
use disco::local::EngineOptions;

async fn phases(cloud: &Cloud) -> Vec<Json> {
    let servers = cloud.listed("/compute/v2.1/servers/detail", "servers").await;
    servers.into_iter().map(|server| server["phase"].clone()).collect()
}

#[tokio::test]
async fn a_cluster_is_created_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("analytics", &cluster(3)).await;
    assert_eq!(cloud.status(&stack).await, "CREATE_IN_PROGRESS");
    cloud.pass(10);
    assert_eq!(phases(&cloud).await, ["building"; 4]);
    cloud.pass(22);
    assert_eq!(phases(&cloud).await, ["booting"; 4]);
    cloud.pass(23);
    let deployments = cloud.get("/software_deployments").await;
    assert_eq!(deployments["software_deployments"][0]["status_reason"], "Deploy data available: configuring");
    cloud.pass(80);
    let whole = cloud.get(&stack).await;
    assert_eq!(whole["stack"]["stack_status"], "CREATE_COMPLETE", "{}", whole["stack"]["stack_status_reason"]);
    assert_eq!(whole["stack"]["outputs"][0]["output_value"], "198.18.0.10");
    assert_eq!(whole["stack"]["tags"], json!(["disco", "disco-lineage-1"]));
    let events = cloud.events(&stack).await;
    assert_eq!(events[0], "analytics CREATE_IN_PROGRESS");
    assert_eq!(events.last().unwrap(), "analytics CREATE_COMPLETE");
    let at = |line: &str| events.iter().position(|event| event == line).unwrap();
    assert!(at("network CREATE_COMPLETE") < at("subnet CREATE_IN_PROGRESS"));
    assert!(at("slaves-2-deployment CREATE_COMPLETE") < at("verify-deployment CREATE_IN_PROGRESS"));

    let answer = cloud.heat(Method::DELETE, &stack, None).await;
    assert_eq!(answer.status, 204);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE");
    assert_eq!(cloud.heat(Method::GET, "/stacks/analytics", None).await.status, 404);
    let events = cloud.events(&stack).await;
    let at = |line: &str| events.iter().position(|event| event == line).unwrap();
    assert!(at("slaves-0-server DELETE_COMPLETE") < at("slaves-0-port DELETE_IN_PROGRESS"));
    drop(cloud);
    let log = std::fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
    let mut left = std::collections::BTreeSet::new();
    for line in log.lines() {
        let line: Json = serde_json::from_str(line).unwrap();
        left.extend(line["set"].as_object().into_iter().flatten().map(|(key, _)| key.clone()));
        for gone in line["gone"].as_array().into_iter().flatten() {
            left.remove(gone.as_str().unwrap());
        }
    }
    left.retain(|key| !key.starts_with("event/") && !key.starts_with("stack/") && key != "identity");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_first_failure_is_told_and_the_next_update_repairs_it() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.inject("resource slaves-1-deployment: disk is full");
    let stack = cloud.create("analytics", &cluster(3)).await;
    cloud.pass(200);
    assert_eq!(cloud.status(&stack).await, "CREATE_FAILED");
    assert_eq!(
        cloud.reason(&stack).await,
        "Resource CREATE failed: Error: resources.slaves-1-deployment: disk is full"
    );
    let verify = cloud.get(&format!("{stack}/resources/verify-deployment")).await;
    assert_eq!(verify["resource"]["resource_status"], "INIT_COMPLETE");
    let before = cloud.ids(&stack).await;
    cloud.update(&stack, &cluster(3)).await;
    cloud.pass(200);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let after = cloud.ids(&stack).await;
    assert_eq!(before["slaves-1-server"], after["slaves-1-server"]);
    assert_ne!(before["slaves-1-deployment"], after["slaves-1-deployment"]);
}

#[tokio::test]
async fn a_node_that_never_answers_runs_into_the_stacks_time() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.inject("node c-slaves-1: silent");
    let stack = cloud.create("analytics", &cluster(2)).await;
    cloud.pass(3_000);
    assert_eq!(cloud.status(&stack).await, "CREATE_IN_PROGRESS");
    cloud.pass(700);
    assert_eq!(cloud.reason(&stack).await, "Timed out");
    let events = cloud.events(&stack).await;
    assert_eq!(events[events.len() - 2..], ["slaves-1-deployment CREATE_FAILED", "analytics CREATE_FAILED"]);
    let resource = cloud.get(&format!("{stack}/resources/slaves-1-deployment")).await;
    let id = stack.rsplit('/').next().unwrap();
    assert_eq!(
        resource["resource"]["resource_status_reason"],
        format!(
            "CREATE aborted (Task create from SoftwareDeployment \"slaves-1-deployment\" Stack \"analytics\" [{id}] \
             Timed out)"
        )
    );
    // The machine works again; the failed deployment is replaced.
    cloud.inject("node c-slaves-1: speaks");
    let id = cloud.ids(&stack).await["slaves-1-deployment"].as_str().unwrap().to_owned();
    cloud.update(&stack, &cluster(2)).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_ne!(cloud.ids(&stack).await["slaves-1-deployment"], id);
}

#[tokio::test]
async fn a_node_that_never_answers_can_be_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.inject("node c-slaves-1: silent");
    let stack = cloud.create("analytics", &cluster(2)).await;
    cloud.pass(3_000);
    // As DISCO does at its own deadline.
    let id = cloud.ids(&stack).await["slaves-1-deployment"].as_str().unwrap().to_owned();
    let body = json!({"status": "FAILED", "status_reason": "no answer"});
    let answer = cloud.heat(Method::PUT, &format!("/software_deployments/{id}"), Some(&body)).await;
    assert_eq!(answer.status, 200);
    let resource = cloud.get(&format!("{stack}/resources/slaves-1-deployment")).await;
    assert_eq!(resource["resource"]["resource_status"], "CREATE_FAILED");
    assert_eq!(cloud.status(&stack).await, "CREATE_FAILED");
}

#[tokio::test]
async fn a_machine_that_is_gone_cannot_be_configured() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("analytics", &cluster(2)).await;
    cloud.pass(400);
    cloud.inject("server c-slaves-1: gone");
    let mut changed = cluster(2);
    changed["resources"]["slaves-1-deployment"]["properties"]["input_values"]["generation"] = "2".into();
    cloud.update(&stack, &changed).await;
    cloud.pass(30);
    assert_eq!(cloud.status(&stack).await, "UPDATE_FAILED");
    let reason = cloud.reason(&stack).await;
    assert!(reason.contains("resources.slaves-1-deployment") && reason.contains("could not be found."), "{reason}");
}

#[tokio::test]
async fn an_idle_machine_looks_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = EngineOptions { time_scale: 0.0, ..EngineOptions::default() };
    let cloud = Cloud::open(folder.path(), options.clone()).await;
    cloud.inject("node c-slaves-1: silent");
    let stack = cloud.create("analytics", &cluster(2)).await;
    while !cloud.events(&stack).await.contains(&"slaves-0-deployment CREATE_COMPLETE".to_owned()) {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    cloud.engine.shutdown();
    let cloud = Cloud::open(folder.path(), options).await;
    while cloud.status(&stack).await == "CREATE_IN_PROGRESS" {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");
}

#[tokio::test]
async fn a_member_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let mut template = cluster(1);
    template["resources"]["verify-deployment"]["properties"]["input_values"]["members"] =
        json!(["c-master-0", "c-slaves-7"]);
    let stack = cloud.create("analytics", &template).await;
    cloud.pass(300);
    assert_eq!(
        cloud.reason(&stack).await,
        "Resource CREATE failed: Error: resources.verify-deployment: Deployment to server failed: deploy_status_code : Deployment exited with non-zero status code: 1"
    );
    let id = cloud.ids(&stack).await["verify-deployment"].as_str().unwrap().to_owned();
    let deployment = cloud.get(&format!("/software_deployments/{id}")).await;
    assert_eq!(deployment["software_deployment"]["output_values"]["deploy_stderr"], "not registered: c-slaves-7");
}

#[tokio::test]
async fn a_failed_creation_is_rolled_back_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.inject("resource subnet: no");
    let body = json!({"stack_name": "a", "template": cluster(1), "disable_rollback": false});
    let answer = cloud.heat(Method::POST, "/stacks", Some(&body)).await;
    let stack = format!("/stacks/a/{}", answer.body["stack"]["id"].as_str().unwrap());
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "ROLLBACK_COMPLETE");
    assert!(cloud.ids(&stack).await.is_empty());
}

#[tokio::test]
async fn suspended_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(1)).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE");
    let actions = format!("{stack}/actions");
    assert_eq!(cloud.heat(Method::POST, &actions, Some(&json!({"suspend": null}))).await.status, 200);
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "SUSPEND_COMPLETE");
    let refused = cloud.heat(Method::PUT, &stack, Some(&json!({"template": cluster(1)}))).await;
    assert_eq!(refused.body["error"]["message"], "Updating a stack when it is suspended is not supported.");
    cloud.heat(Method::POST, &actions, Some(&json!({"resume": null}))).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "RESUME_COMPLETE");
    cloud.heat(Method::POST, &actions, Some(&json!({"check": null}))).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "CHECK_COMPLETE");
    let refused = cloud.heat(Method::POST, &actions, Some(&json!({"explode": null}))).await;
    assert_eq!(refused.body["error"]["message"], "Invalid action explode specified");
}
