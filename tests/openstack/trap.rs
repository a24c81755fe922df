//! A deletion that somebody else's port holds up: Heat fails it, DISCO asks again, and it goes when the port has gone.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use disco::heat::Service;
use http::Method;
use serde_json::json;

use crate::support::{Inventory, LAB, TestCloud, TestProject, in_its_words};

const CLUSTER: &str = "trapped";

#[test]
fn a_deletion_that_fails_twice_goes_in_the_end() {
    let cloud = TestCloud::chosen(CLUSTER);
    if !cloud.is_real() {
        // The embedded engine's fault script does the same in `deletion_that_fails_twice`.
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

    let mut child =
        project.command("destroy -auto-approve").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        said += &line;
        said.push('\n');
        if line.contains("attempt 3") {
            cloud.eyes.ask(&Method::DELETE, Service::Network, &format!("/ports/{id}"), None);
        }
    }
    let code = child.wait().unwrap().code();
    cloud.eyes.ask(&Method::DELETE, Service::Network, &format!("/ports/{id}"), None);
    if code != Some(0) {
        // It gave up before the port had gone, and said what holds it; the next one succeeds.
        assert!(said.contains("attempt 2"), "{said}");
        project.disco("destroy -auto-approve").ends_with(0);
    }
    assert_eq!(Inventory::take(&cloud.eyes, CLUSTER).beyond(&before), [""; 0], "{said}");
}
