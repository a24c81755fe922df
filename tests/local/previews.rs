//! Previews, against what a real Heat answered to the same questions.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value as Json, json};

use super::driver::{Cloud, manual};

/// The template that was previewed on a real Heat, but for a group of resources.
fn template() -> Json {
    json!({
        "heat_template_version": "2018-08-31",
        "parameters": {"v": {"type": "string", "default": "1"}},
        "resources": {
            "net": {"type": "OS::Neutron::Net"},
            "subnet": {
                "type": "OS::Neutron::Subnet",
                "properties": {"network": {"get_resource": "net"}, "cidr": "10.30.0.0/24"},
            },
            "port": {
                "type": "OS::Neutron::Port",
                "properties": {
                    "network": {"get_resource": "net"},
                    "fixed_ips": [{"subnet": {"get_resource": "subnet"}}],
                },
            },
            "server": {
                "type": "OS::Nova::Server",
                "properties": {
                    "image": "debian-12", "flavor": "m1.small", "networks": [{"port": {"get_resource": "port"}}],
                    "metadata": {"v": {"get_param": "v"}},
                },
            },
            "val": {"type": "OS::Heat::Value", "properties": {"value": {"get_param": "v"}}},
        },
    })
}

/// Names of the resources by what would happen to them, as `unchanged net val; updated server`.
fn told(answer: &Json) -> String {
    let changes: BTreeMap<String, Vec<Json>> =
        serde_json::from_value(answer["resource_changes"].clone()).unwrap_or_default();
    let mut words = Vec::new();
    for change in ["unchanged", "updated", "replaced", "added", "deleted"] {
        let mut names: Vec<&str> = changes[change].iter().filter_map(|it| it["resource_name"].as_str()).collect();
        names.sort_unstable();
        words.push(format!("{change} {}", names.join(" ")));
    }
    words.join("; ")
}

#[tokio::test]
async fn an_update_is_previewed_as_pessimistically_as_heat_does() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("prev2", &template()).await;
    cloud.pass(120);
    let preview = format!("{stack}/preview");

    let same = cloud.heat(Method::PUT, &preview, Some(&json!({"template": template()}))).await;
    assert_eq!(same.status, 200);
    // Nothing would happen to the subnet and the port: they are named because they refer to the network.
    assert_eq!(told(&same.body), "unchanged net val; updated server; replaced port subnet; added ; deleted ");

    let value = json!({"parameters": {"v": "2"}});
    let patched = cloud.heat(Method::PATCH, &preview, Some(&value)).await;
    assert_eq!(told(&patched.body), "unchanged net; updated server val; replaced port subnet; added ; deleted ");

    let mut other = template();
    other["resources"]["subnet"]["properties"]["cidr"] = json!("10.31.0.0/24");
    other["resources"]["val2"] = json!({"type": "OS::Heat::Value", "properties": {"value": 1}});
    other["resources"].as_object_mut().unwrap().remove("val");
    let answer = cloud.heat(Method::PUT, &preview, Some(&json!({"template": other}))).await;
    assert_eq!(told(&answer.body), "unchanged net; updated server; replaced port subnet; added val2; deleted val");

    // Of what is updated or deleted the resource as it is, of the rest one that is not made.
    let changes = &answer.body["resource_changes"];
    let (server, gone) = (&changes["updated"][0], &changes["deleted"][0]);
    assert_eq!(
        (server["resource_action"].as_str(), server["resource_status"].as_str()),
        (Some("CREATE"), Some("COMPLETE"))
    );
    assert_eq!(server["attributes"]["status"], "ACTIVE");
    assert_eq!(server["stack_identity"]["stack_name"], "prev2");
    assert_eq!(server["resource_identity"]["path"], "/resources/server");
    assert!(!gone["physical_resource_id"].as_str().unwrap().is_empty());
    let net = &changes["unchanged"][0];
    assert_eq!((net["resource_action"].as_str(), net["physical_resource_id"].as_str()), (Some("INIT"), Some("")));
    assert_eq!(net["required_by"], json!(["port", "subnet"]));
    assert_eq!((&net["creation_time"], &net["attributes"]["mtu"]), (&Json::Null, &Json::Null));
    assert!(net["attributes"].as_object().unwrap().contains_key("mtu"));

    // It was only asked.
    let now = cloud.heat(Method::GET, &stack, None).await;
    assert_eq!(now.body["stack"]["stack_status"], "CREATE_COMPLETE");
}

#[tokio::test]
async fn a_preview_knows_what_is_marked_and_what_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let stack = cloud.create("prev2", &template()).await;
    cloud.pass(120);
    let preview = format!("{stack}/preview");
    let mark = json!({"mark_unhealthy": true});
    cloud.heat(Method::PATCH, &format!("{stack}/resources/val"), Some(&mark)).await;
    let same = cloud.heat(Method::PUT, &preview, Some(&json!({"template": template()}))).await;
    assert_eq!(told(&same.body), "unchanged net; updated server; replaced port subnet val; added ; deleted ");

    let unknown = json!({"heat_template_version": "2018-08-31", "resources": {"a": {"type": "OS::Nope::Nope"}}});
    let refused = cloud.heat(Method::PUT, &preview, Some(&json!({"template": unknown}))).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["message"], "The Resource Type (OS::Nope::Nope) could not be found.");
    let missing = cloud.heat(Method::PUT, "/stacks/none/1/preview", Some(&json!({"template": template()}))).await;
    assert_eq!(missing.body["error"]["message"], "The Stack (none) could not be found.");
}

#[tokio::test]
async fn a_creation_is_previewed_with_its_properties() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::open(folder.path(), manual()).await;
    let body = json!({"stack_name": "rec1", "template": template(), "parameters": {"v": "7"}});
    let answer = cloud.heat(Method::POST, "/stacks/preview", Some(&body)).await;
    assert_eq!(answer.status, 200);
    let stack = &answer.body["stack"];
    assert_eq!((stack["id"].as_str(), stack["parameters"]["v"].as_str()), (Some("None"), Some("7")));
    let resources = stack["resources"].as_array().unwrap();
    let value = resources.iter().find(|it| it["resource_name"] == "val").unwrap();
    assert_eq!((&value["properties"]["value"], &value["attributes"]["value"]), (&json!("7"), &json!("7")));
    let subnet = resources.iter().find(|it| it["resource_name"] == "subnet").unwrap();
    assert_eq!(subnet["properties"]["enable_dhcp"], true);
    assert_eq!(cloud.heat(Method::GET, "/stacks", None).await.body["stacks"], json!([]));
}
