//! A deletion that somebody else's port holds up: DISCO names it, and the next deletion goes through when it has gone.

use disco::heat::Service;
use http::Method;
use serde_json::json;

use crate::support::{Inventory, LAB, TestCloud, TestProject, in_its_words};

const CLUSTER: &str = "trapped";

#[test]
fn a_deletion_that_a_port_holds_up_names_it() {
    let cloud = TestCloud::chosen(CLUSTER);
    if !cloud.is_real() {
        // The embedded engine's fault script does the same in `deletion_that_is_blocked`.
        return;
    }
    let before = Inventory::take(&cloud.eyes, CLUSTER);
    let project = TestProject::lab();
    project.write("main.disco.hcl", &in_its_words(LAB).replace("cluster \"lab\"", &format!("cluster \"{CLUSTER}\"")));
    project.write("cloud.disco.hcl", "provider \"openstack\" {}\n");
    project.write("clouds.yaml", &cloud.settings());
    project.disco("apply -auto-approve").ends_with(0);
    let state = project.state();
    let resources = &state["clusters"][CLUSTER]["stacks"][CLUSTER]["resources"];
    let port = json!({ "port": { "name": "somebody-elses", "network_id": resources["network"]["id"] } });
    let (status, made) = cloud.eyes.ask(&Method::POST, Service::Network, "/ports", Some(&port));
    assert!(status.is_success(), "{status} {made}");
    let id = made["port"]["id"].as_str().unwrap().to_owned();

    // What somebody else holds does not go, however often Heat is asked: it is named at once.
    let refused = project.disco("destroy -auto-approve");
    cloud.eyes.ask(&Method::DELETE, Service::Network, &format!("/ports/{id}"), None);
    refused.ends_with(1).says(&["somebody-elses"]);
    project.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(Inventory::take(&cloud.eyes, CLUSTER).beyond(&before), [""; 0]);
}
