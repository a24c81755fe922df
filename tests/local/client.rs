//! The client that speaks with real clouds, speaking with the engine.

#![expect(clippy::unwrap_used, reason = "what a test leans on may end it")]

use std::time::Duration;

use disco::heat::{self, Cloud, CloudConfig, StackRef, Transport, wire};
use disco::local::{Engine, EngineOptions};

use super::driver::cluster;

async fn connect(engine: &Engine) -> Cloud {
    let own = engine.credentials();
    let address = format!("http://disco.local{}", own.auth_path);
    let credentials = CloudConfig::password(address, own.username, own.password, own.project_name);
    Cloud::connect(Transport::in_process(engine.router()), credentials).await.unwrap()
}

#[tokio::test]
async fn a_life_through_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path(), EngineOptions { time_scale: 0.004, ..EngineOptions::default() }).unwrap();
    let cloud = connect(&engine).await;
    let facts = heat::facts(&cloud).await.unwrap();
    assert!(format!("{facts:?}").contains("m1.medium"));
    let create = wire::CreateStack {
        stack_name: "analytics".to_owned(),
        template: cluster(3),
        tags: Some("disco,disco-lineage-x".to_owned()),
        ..wire::CreateStack::default()
    };
    let stack: StackRef = cloud.create_stack(&create).await.unwrap();
    let mut marker: Option<String> = None;
    let mut seen = Vec::new();
    let ended = loop {
        let events = cloud.events_after(&stack, marker.as_deref()).await.unwrap().unwrap();
        if let Some(last) = events.last() {
            marker = Some(last.id.clone());
        }
        seen.extend(events.into_iter().map(|event| event.id));
        let status = cloud.stack_status(&stack).await.unwrap().unwrap().stack_status;
        if !status.ends_with("IN_PROGRESS") {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(ended, "CREATE_COMPLETE");
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
    assert!(count > 40);
    let found = cloud.find_stack("analytics").await.unwrap().unwrap();
    assert_eq!(found.outputs[0].output_value, "198.18.0.10");
    assert_eq!(cloud.stacks_tagged("disco-lineage-x").await.unwrap().len(), 1);
    assert_eq!(serde_json::Value::Object(cloud.template(&stack).await.unwrap().to_map()), cluster(3));
    let resources = cloud.resources(&stack).await.unwrap();
    assert_eq!(resources.len(), 15 + 9);
    let server = resources.iter().find(|it| it.resource_name == "slaves-0-server").unwrap();
    let deployments = cloud.deployments_of(server.physical_resource_id.as_deref().unwrap()).await.unwrap();
    assert_eq!(deployments[0].status, "COMPLETE");
    cloud.delete_stack(&stack).await.unwrap();
    while cloud.find_stack("analytics").await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    engine.shutdown();
}
