//! Volumes and what they are attached to.

use disco::local::{EngineOptions, Limits};
use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, manual};

/// A server with one volume of that size, in that zone.
pub(super) fn template(size: &Json, zone: &str) -> Json {
    json!({"heat_template_version": "2021-04-16", "resources": {
        "server": {"type": "OS::Nova::Server", "properties": {"name": "s", "flavor": "m1.small", "image": "debian-12"}},
        "volume": {"type": "OS::Cinder::Volume", "properties": {"size": size, "availability_zone": zone}},
        "attachment": {"type": "OS::Cinder::VolumeAttachment", "properties": {
            "volume_id": {"get_resource": "volume"}, "instance_uuid": {"get_resource": "server"},
        }},
    }})
}

async fn volumes(cloud: &Cloud) -> Vec<Json> {
    cloud.listed("/volume/v3/any/volumes/detail", "volumes").await
}

#[tokio::test]
async fn a_volume_is_attached_grown_and_gone() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &template(&json!(10), "nova")).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "CREATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let ids = cloud.ids(&stack).await;
    let [volume] = volumes(&cloud).await.try_into().unwrap();
    assert_eq!((&volume["id"], &volume["size"], &volume["status"]), (&ids["volume"], &json!(10), &json!("in-use")));
    assert_eq!(volume["attachments_list"], json!([{"server_id": ids["server"], "volume_id": ids["volume"]}]));

    // It grows where it is; a size in words is the same size.
    cloud.update(&stack, &template(&json!("20"), "nova")).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(cloud.ids(&stack).await, ids);
    let [volume] = volumes(&cloud).await.try_into().unwrap();
    assert_eq!((&volume["size"], &volume["status"]), (&json!(20), &json!("in-use")));
    let count = cloud.events(&stack).await.len();
    cloud.update(&stack, &template(&json!(20), "nova")).await;
    cloud.pass(60);
    assert_eq!(cloud.events(&stack).await[count..], ["a UPDATE_IN_PROGRESS", "a UPDATE_COMPLETE"]);

    cloud.heat(Method::DELETE, &stack, None).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE", "{}", cloud.reason(&stack).await);
    let events = cloud.events(&stack).await;
    let at = |line: &str| events.iter().position(|event| event == line).unwrap();
    assert!(at("attachment DELETE_COMPLETE") < at("volume DELETE_IN_PROGRESS"));
    assert!(at("attachment DELETE_COMPLETE") < at("server DELETE_IN_PROGRESS"));
    assert!(volumes(&cloud).await.is_empty());
}

#[tokio::test]
async fn a_volume_does_not_shrink_nor_grow_beyond_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { gigabytes: 30, ..Limits::default() };
    let cloud = Cloud::open(folder.path(), EngineOptions { limits, ..manual() }).await;
    let stack = cloud.create("a", &template(&json!(20), "nova")).await;
    cloud.pass(60);
    cloud.update(&stack, &template(&json!(5), "nova")).await;
    cloud.pass(60);
    assert_eq!(
        cloud.reason(&stack).await,
        "Resource UPDATE failed: NotSupported: resources.volume: Shrinking volume is not supported."
    );
    cloud.update(&stack, &template(&json!(31), "nova")).await;
    cloud.pass(60);
    let id = cloud.ids(&stack).await["volume"].as_str().unwrap().to_owned();
    let expected = format!(
        "Resource UPDATE failed: Error: resources.volume: Failed to extend volume {id} - VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 11G, quota is 30G and 20G has been consumed. (HTTP 413)"
    );
    let reason = cloud.reason(&stack).await;
    assert!(reason.starts_with(&expected), "{reason}");
    cloud.update(&stack, &template(&json!(30), "nova")).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(volumes(&cloud).await[0]["size"], 30);
}

#[tokio::test]
async fn a_replaced_volume_is_attached_before_the_old_one_goes() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &template(&json!(10), "nova")).await;
    cloud.pass(60);
    let before = cloud.ids(&stack).await;
    let count = cloud.events(&stack).await.len();
    cloud.update(&stack, &template(&json!(10), "other")).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(
        cloud.events(&stack).await[count..],
        [
            "a UPDATE_IN_PROGRESS",
            "volume UPDATE_IN_PROGRESS",
            "volume UPDATE_COMPLETE",
            "volume CREATE_IN_PROGRESS",
            "volume CREATE_COMPLETE",
            "attachment UPDATE_IN_PROGRESS",
            "attachment UPDATE_COMPLETE",
            "volume DELETE_IN_PROGRESS",
            "volume DELETE_COMPLETE",
            "a UPDATE_COMPLETE",
        ]
    );
    let after = cloud.ids(&stack).await;
    assert_eq!(before["server"], after["server"]);
    assert_ne!(before["volume"], after["volume"]);
    let [volume] = volumes(&cloud).await.try_into().unwrap();
    assert_eq!(volume["id"], after["volume"]);
    assert_eq!(volume["attachments_list"][0]["server_id"], after["server"]);
}

#[tokio::test]
async fn a_replaced_server_takes_the_volume_over() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let mut wanted = template(&json!(10), "nova");
    let stack = cloud.create("a", &wanted).await;
    cloud.pass(60);
    let before = cloud.ids(&stack).await;
    wanted["resources"]["server"]["properties"]["image"] = "debian-13".into();
    wanted["resources"]["server"]["properties"]["image_update_policy"] = "REPLACE".into();
    cloud.update(&stack, &wanted).await;
    cloud.pass(120);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let after = cloud.ids(&stack).await;
    assert_ne!(before["server"], after["server"]);
    assert_eq!(before["volume"], after["volume"]);
    let [volume] = volumes(&cloud).await.try_into().unwrap();
    assert_eq!((&volume["status"], &volume["attachments_list"][0]["server_id"]), (&json!("in-use"), &after["server"]));
}

#[tokio::test]
async fn a_volume_has_one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &template(&json!(10), "nova")).await;
    cloud.pass(60);
    let ids = cloud.ids(&stack).await;
    let second = json!({"heat_template_version": "2021-04-16", "resources": {
        "x": {"type": "OS::Cinder::VolumeAttachment", "properties": {
            "volume_id": ids["volume"], "instance_uuid": ids["server"],
        }},
    }});
    let second = cloud.create("b", &second).await;
    cloud.pass(10);
    let volume = ids["volume"].as_str().unwrap();
    let expected = format!(
        "Resource CREATE failed: BadRequest: resources.x: Invalid volume: volume {volume} status must be available or downloading to reserve, but the current status is in-use. (HTTP 400)"
    );
    let reason = cloud.reason(&second).await;
    assert!(reason.starts_with(&expected), "{reason}");
}

#[tokio::test]
async fn what_is_to_be_retained_outlives_its_stack() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let mut wanted = template(&json!(10), "nova");
    wanted["resources"]["volume"]["deletion_policy"] = "retain".into();
    let stack = cloud.create("a", &wanted).await;
    cloud.pass(60);
    // A replaced volume stays too: the policy is the one it was made with.
    wanted["resources"]["volume"]["properties"]["availability_zone"] = "other".into();
    cloud.update(&stack, &wanted).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(volumes(&cloud).await.len(), 2);
    cloud.heat(Method::DELETE, &stack, None).await;
    cloud.pass(60);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE", "{}", cloud.reason(&stack).await);
    let left = volumes(&cloud).await;
    assert_eq!(left.iter().map(|it| &it["status"]).collect::<Vec<_>>(), ["available", "available"]);
    assert!(cloud.listed("/compute/v2.1/servers", "servers").await.is_empty());

    // One that the engine cannot carry out is refused by its name.
    wanted["resources"]["volume"]["deletion_policy"] = "Snapshot".into();
    let answer = cloud.heat(Method::POST, "/stacks", Some(&json!({"stack_name": "b", "template": wanted}))).await;
    assert_eq!((answer.status, &answer.body["error"]["type"]), (400, &json!("StackValidationFailed")));
    assert_eq!(answer.body["error"]["message"], "The embedded engine does not know the deletion policy: Snapshot");
}

/// A server whose agent has a volume of that size mounted, or has let go of it.
fn mounted(size: u64, released: bool) -> Json {
    let mut wanted = template(&json!(size), "nova");
    let config = json!({"kind": "node", "disks": [{"volume": "data", "mount": "/data"}]}).to_string();
    wanted["resources"]["config"] =
        json!({"type": "OS::Heat::SoftwareConfig", "properties": {"group": "disco", "config": config}});
    let mut inputs = json!({"volume-data": {"get_resource": "volume"}});
    if released {
        inputs["release"] = "data".into();
    }
    wanted["resources"]["deployment"] = json!({"type": "OS::Heat::SoftwareDeployment", "depends_on": "attachment",
        "properties": {"config": {"get_resource": "config"}, "server": {"get_resource": "server"},
            "signal_transport": "HEAT_SIGNAL", "input_values": inputs}});
    wanted
}

#[tokio::test]
async fn a_machine_notices_a_disk_that_is_taken_while_it_is_mounted() {
    for careful in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(folder.path(), manual()).await;
        let stack = cloud.create("a", &mounted(10, false)).await;
        cloud.pass(200);
        for step in if careful { vec![mounted(10, true), mounted(20, false)] } else { vec![mounted(20, false)] } {
            cloud.update(&stack, &step).await;
            cloud.pass(200);
            assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
        }
        let ids = cloud.ids(&stack).await;
        let path = format!("/compute/v2.1/servers/{}/action", ids["server"].as_str().unwrap());
        let answer = cloud.call(Method::POST, &path, Some(&json!({"os-getConsoleOutput": {}}))).await;
        let console = answer.body["output"].as_str().unwrap();
        let said = format!("kernel: volume {} is gone while it is mounted", ids["volume"].as_str().unwrap());
        assert_eq!(console.contains(&said), !careful, "{console}");
        assert_eq!(volumes(&cloud).await[0]["size"], 20);
    }
}
