//! What another `depends_on` does: Heat sees another definition in it, and updates the resource where it is.

#![expect(clippy::disallowed_methods, reason = "it looks at files")]

use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, cluster, manual};

/// A secret text, and two things that it may be made after.
fn secret(depends_on: &Json) -> Json {
    let mut template = json!({"heat_template_version": "2021-04-16", "resources": {
        "a": {"type": "OS::Neutron::Net"},
        "b": {"type": "OS::Neutron::Net"},
        "r": {"type": "OS::Heat::RandomString", "properties": {"length": 12}},
    }});
    if !depends_on.is_null() {
        template["resources"]["r"]["depends_on"] = depends_on.clone();
    }
    template
}

/// What happened since the stack's latest action began, without the stack's own events.
async fn latest(cloud: &Cloud, stack: &str) -> Vec<String> {
    let events = cloud.events(stack).await;
    let began = events.iter().rposition(|event| event == "s UPDATE_IN_PROGRESS").unwrap();
    events[began + 1..].iter().filter(|event| !event.starts_with("s ")).cloned().collect()
}

async fn value(cloud: &Cloud, stack: &str) -> Json {
    cloud.get(&format!("{stack}/resources/r")).await["resource"]["attributes"]["value"].clone()
}

#[tokio::test]
async fn another_dependency_updates_in_place_and_leaves_the_thing_alone() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("s", &secret(&json!(["a"]))).await;
    cloud.pass(30);
    let (ids, text) = (cloud.ids(&stack).await, value(&cloud, &stack).await);
    assert_eq!(text.as_str().unwrap().len(), 12);
    let updated = ["r UPDATE_IN_PROGRESS", "r UPDATE_COMPLETE"];
    let rounds: [(Json, &[&str]); 7] = [
        (json!(["a", "b"]), &updated),
        (json!(["b", "a"]), &[]),
        (json!(["b"]), &updated),
        (json!("b"), &[]),
        (json!(null), &updated),
        (json!([]), &[]),
        (json!("a"), &updated),
    ];
    for (depends_on, expected) in rounds {
        cloud.update(&stack, &secret(&depends_on)).await;
        cloud.pass(30);
        assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{depends_on}");
        assert_eq!(latest(&cloud, &stack).await, expected, "{depends_on}");
    }
    assert_eq!(cloud.ids(&stack).await, ids);
    assert_eq!(value(&cloud, &stack).await, text);
}

#[tokio::test]
async fn a_deployment_is_carried_out_again_by_its_node() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("s", &cluster(2)).await;
    cloud.pass(300);
    let ids = cloud.ids(&stack).await;
    let mut template = cluster(2);
    template["resources"]["slaves-1-deployment"]["depends_on"] = json!(["slaves-0-deployment"]);
    let (begun, signal, done) = (
        "slaves-1-deployment UPDATE_IN_PROGRESS",
        "slaves-1-deployment SIGNAL_COMPLETE",
        "slaves-1-deployment UPDATE_COMPLETE",
    );
    cloud.update(&stack, &template).await;
    cloud.pass(1);
    assert_eq!(latest(&cloud, &stack).await, [begun]);
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(latest(&cloud, &stack).await, [begun, signal, done]);
    assert_eq!(cloud.ids(&stack).await, ids);
    cloud.update(&stack, &template).await;
    cloud.pass(1);
    assert_eq!(latest(&cloud, &stack).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_update_that_fails_or_is_cut_short_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let template = |depends_on: Json| {
        json!({"heat_template_version": "2021-04-16", "resources": {
            "a": {"type": "OS::Neutron::Net"},
            "n": {"type": "OS::Neutron::Net", "depends_on": depends_on},
        }})
    };
    let stack = cloud.create("s", &template(json!([]))).await;
    cloud.pass(30);
    let ids = cloud.ids(&stack).await;
    cloud.inject("resource n: no");
    cloud.update(&stack, &template(json!(["a"]))).await;
    cloud.pass(30);
    assert_eq!(cloud.status(&stack).await, "UPDATE_FAILED");
    assert_eq!(latest(&cloud, &stack).await, ["n UPDATE_IN_PROGRESS", "n UPDATE_FAILED"]);
    cloud.update(&stack, &template(json!(["a"]))).await;
    // Closed with the update under way; the new clock begins a minute back.
    drop(cloud);
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(latest(&cloud, &stack).await, ["n UPDATE_IN_PROGRESS", "n UPDATE_COMPLETE"]);
    cloud.update(&stack, &template(json!(["a"]))).await;
    cloud.pass(30);
    assert_eq!(latest(&cloud, &stack).await, Vec::<String>::new());
    assert_eq!(cloud.ids(&stack).await, ids);
}

#[tokio::test]
async fn a_store_that_does_not_know_dependencies_opens_and_learns_them() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("s", &secret(&json!(["a"]))).await;
    cloud.pass(30);
    drop(cloud);
    let path = folder.path().join("log.jsonl");
    let mut log = String::new();
    let mut forgotten = 0;
    for line in std::fs::read_to_string(&path).unwrap().lines() {
        let mut transaction: Json = serde_json::from_str(line).unwrap();
        for (key, record) in transaction["set"].as_object_mut().into_iter().flatten() {
            if key.starts_with("resource/") && record.as_object_mut().unwrap().remove("depends_on").is_some() {
                forgotten += 1;
            }
        }
        log.push_str(&transaction.to_string());
        log.push('\n');
    }
    assert!(forgotten > 0);
    std::fs::write(&path, log).unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    cloud.update(&stack, &secret(&json!(["b"]))).await;
    cloud.pass(30);
    assert_eq!(latest(&cloud, &stack).await, Vec::<String>::new());
    cloud.update(&stack, &secret(&json!(["a", "b"]))).await;
    cloud.pass(30);
    assert_eq!(latest(&cloud, &stack).await, ["r UPDATE_IN_PROGRESS", "r UPDATE_COMPLETE"]);
    assert_eq!(cloud.heat(Method::DELETE, &stack, None).await.status, 204);
    cloud.pass(30);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE");
}
