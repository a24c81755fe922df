//! Growing, shrinking, changing, healing.

use http::Method;
use serde_json::json;

use super::driver::{Cloud, cluster, manual};

#[tokio::test]
async fn growing_and_shrinking_touch_only_what_they_must() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(2)).await;
    cloud.pass(300);
    let before = cloud.ids(&stack).await;
    cloud.update(&stack, &cluster(2)).await;
    cloud.pass(1);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE");
    assert_eq!(cloud.ids(&stack).await, before);

    cloud.update(&stack, &cluster(3)).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let grown = cloud.ids(&stack).await;
    assert_eq!(grown.len(), before.len() + 3);
    assert!(before.iter().all(|(name, id)| grown[name] == *id));

    let count = cloud.events(&stack).await.len();
    cloud.update(&stack, &cluster(2)).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(
        cloud.events(&stack).await[count..],
        [
            "a UPDATE_IN_PROGRESS",
            "verify-deployment UPDATE_IN_PROGRESS",
            "verify-deployment SIGNAL_COMPLETE",
            "verify-deployment UPDATE_COMPLETE",
            "slaves-2-deployment DELETE_IN_PROGRESS",
            "slaves-2-deployment DELETE_COMPLETE",
            "slaves-2-server DELETE_IN_PROGRESS",
            "slaves-2-server DELETE_COMPLETE",
            "slaves-2-port DELETE_IN_PROGRESS",
            "slaves-2-port DELETE_COMPLETE",
            "a UPDATE_COMPLETE",
        ]
    );
}

#[tokio::test]
async fn a_replaced_subnet_takes_nothing_with_it_before_its_successor_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let template = |cidr: &str| {
        json!({"heat_template_version": "2021-04-16", "resources": {
            "n": {"type": "OS::Neutron::Net"},
            "s": {"type": "OS::Neutron::Subnet", "properties": {"network": {"get_resource": "n"}, "cidr": cidr}},
        }})
    };
    let stack = cloud.create("a", &template("10.0.0.0/24")).await;
    cloud.pass(30);
    let before = cloud.ids(&stack).await;
    cloud.update(&stack, &template("10.1.0.0/24")).await;
    cloud.pass(30);
    let after = cloud.ids(&stack).await;
    assert_eq!(before["n"], after["n"]);
    assert_ne!(before["s"], after["s"]);
    let events = cloud.events(&stack).await;
    assert_eq!(
        events[events.len() - 8..],
        [
            "a UPDATE_IN_PROGRESS",
            "s UPDATE_IN_PROGRESS",
            "s UPDATE_COMPLETE",
            "s CREATE_IN_PROGRESS",
            "s CREATE_COMPLETE",
            "s DELETE_IN_PROGRESS",
            "s DELETE_COMPLETE",
            "a UPDATE_COMPLETE",
        ]
    );
    let listed = cloud.get(&format!("{stack}/events?sort_dir=asc")).await;
    let listed = listed["events"].as_array().unwrap();
    let note = &listed[listed.len() - 6];
    assert_eq!(note["resource_status_reason"], "The Resource s requires replacement.");
    assert_eq!(note["physical_resource_id"], before["s"]);
    let subnets = cloud.call(Method::GET, "/network/v2.0/subnets", None).await.body;
    let own = subnets["subnets"].as_array().unwrap().iter().filter(|subnet| subnet["name"] != "lab-subnet");
    assert_eq!(own.count(), 1);
}

#[tokio::test]
async fn an_unhealthy_server_is_replaced_with_its_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(2)).await;
    cloud.pass(300);
    let before = cloud.ids(&stack).await;
    let body = json!({"mark_unhealthy": true, "resource_status_reason": "its host burned"});
    let answer = cloud.heat(Method::PATCH, &format!("{stack}/resources/slaves-1-server"), Some(&body)).await;
    assert_eq!(answer.status, 200);
    let server = cloud.get(&format!("{stack}/resources/slaves-1-server")).await;
    assert_eq!(server["resource"]["resource_status"], "CHECK_FAILED");
    let server = before["slaves-1-server"].as_str().unwrap();
    assert_eq!(cloud.call(Method::DELETE, &format!("/compute/v2.1/servers/{server}"), None).await.status, 204);
    cloud.update(&stack, &cluster(2)).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    let events = cloud.events(&stack).await;
    assert!(!events.iter().any(|event| event.starts_with("slaves-1-server UPDATE_")), "{events:?}");
    let after = cloud.ids(&stack).await;
    let changed: Vec<&str> = before.keys().filter(|name| before[*name] != after[*name]).map(String::as_str).collect();
    assert_eq!(changed, ["slaves-1-deployment", "slaves-1-server"]);
    let servers = cloud.call(Method::GET, "/compute/v2.1/servers", None).await.body;
    assert_eq!(servers["servers"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_resize_keeps_the_machine_and_a_cancelled_one_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(1)).await;
    cloud.pass(300);
    let before = cloud.ids(&stack).await;
    let mut larger = cluster(1);
    larger["resources"]["slaves-0-server"]["properties"]["flavor"] = "m1.large".into();
    larger["resources"]["slaves-0-deployment"]["properties"]["input_values"]["generation"] =
        "debian-12/m1.large".into();
    cloud.update(&stack, &larger).await;
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "UPDATE_COMPLETE", "{}", cloud.reason(&stack).await);
    assert_eq!(cloud.ids(&stack).await, before);
    let id = before["slaves-0-server"].as_str().unwrap();
    let server = cloud.call(Method::GET, &format!("/compute/v2.1/servers/{id}"), None).await.body;
    assert_eq!(server["server"]["flavor"]["original_name"], "m1.large");
    assert_eq!(server["server"]["phase"], "ready");

    cloud.update(&stack, &cluster(1)).await;
    cloud.pass(1);
    let answer = cloud.heat(Method::POST, &format!("{stack}/actions"), Some(&json!({"cancel_update": null}))).await;
    assert_eq!(answer.status, 202);
    cloud.pass(300);
    assert_eq!(cloud.status(&stack).await, "ROLLBACK_COMPLETE", "{}", cloud.reason(&stack).await);
    let server = cloud.call(Method::GET, &format!("/compute/v2.1/servers/{id}"), None).await.body;
    assert_eq!(server["server"]["flavor"]["original_name"], "m1.large");
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused_and_so_is_a_group_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("a", &cluster(1)).await;
    cloud.pass(300);
    let ids = cloud.ids(&stack).await;
    let port = json!({"heat_template_version": "2021-04-16", "resources": {"p": {"type": "OS::Neutron::Port", "properties": {
        "network": ids["network"], "security_groups": [ids["security-group"]],
        "fixed_ips": [{"subnet": ids["subnet"], "ip_address": "10.20.0.10"}],
    }}}});
    let second = cloud.create("b", &port).await;
    cloud.pass(5);
    let reason = cloud.reason(&second).await;
    assert!(
        reason.starts_with("Resource CREATE failed: IpAddressAlreadyAllocatedClient: resources.p: IP address 10.20.0.10 already allocated in subnet"),
        "{reason}"
    );
    let mut other = port.clone();
    other["resources"]["p"]["properties"]["fixed_ips"][0]["ip_address"] = "10.20.0.99".into();
    cloud.update(&second, &other).await;
    cloud.pass(5);
    assert_eq!(cloud.status(&second).await, "UPDATE_COMPLETE");
    cloud.heat(Method::DELETE, &stack, None).await;
    cloud.pass(100);
    assert_eq!(cloud.status(&stack).await, "DELETE_FAILED");
    cloud.heat(Method::DELETE, &second, None).await;
    cloud.pass(5);
    cloud.heat(Method::DELETE, &stack, None).await;
    cloud.pass(100);
    assert_eq!(cloud.status(&stack).await, "DELETE_COMPLETE");
}
