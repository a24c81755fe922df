//! What changes outside of DISCO: it is told, healed where it is ours, and gone after the apply.

use serde_json::{Value as Json, json};

use super::openstack::Cloud;

impl Cloud {
    /// Sentences of what differs, with what apply does about it.
    fn drift(&self) -> Vec<(String, String)> {
        let told = self.disco("drift --json").ends_with(2);
        let told: Json = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(told["drift"], true);
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let all = told["clusters"].as_object().unwrap().values().flat_map(|all| all.as_array().unwrap().clone());
        all.map(|one| (format!("{}: {}", text(&one["address"]), text(&one["what"])), text(&one["apply"]))).collect()
    }

    /// Applied, nothing differs, and nothing is left to do.
    fn heals(&self) {
        self.disco("apply -auto-approve --accept-data-loss").ends_with(0);
        let left = self.disco("drift").ends_with(0);
        assert!(left.stdout.starts_with("No drift."), "{}", left.stdout);
        self.disco("plan -detailed-exitcode").ends_with(0);
    }

    fn act(&self, server: &str, action: &str) {
        self.by_hand(
            "POST",
            &format!("/compute/v2.1/servers/{}/action", self.id(server)),
            &json!({ action: null }).to_string(),
        );
    }

    fn status(&self, server: &str) -> String {
        let server = self.by_hand("GET", &format!("/compute/v2.1/servers/{}", self.id(server)), "");
        server["server"]["status"].as_str().unwrap().to_owned()
    }
}

fn applied() -> Cloud {
    let cloud = Cloud::serve();
    let lab = cloud.project.read("main.disco.hcl");
    let lab = lab.replace(
        "network { cidr = \"10.1.0.0/24\" }",
        "network {\n    cidr = \"10.1.0.0/24\"\n    external_network = \"public\"\n  }",
    );
    let lab = lab.replace(
        "master { flavor = \"m1.small\" }",
        "master {\n    flavor = \"m1.small\"\n    floating_ip = true\n  }",
    );
    cloud.project.write("main.disco.hcl", &lab.replace("default = 1", "default = 2"));
    cloud.disco("apply -auto-approve").ends_with(0);
    let none = cloud.disco("drift").ends_with(0);
    assert_eq!(none.stdout, "No drift. The cloud is as the state (serial 1) says.\n");
    cloud
}

fn said(what: &str, apply: &str) -> (String, String) {
    (what.to_owned(), apply.to_owned())
}

#[test]
fn servers_that_do_not_run_are_brought_back_without_losing_their_disks() {
    let cloud = applied();
    let before = cloud.id("slaves-0-server");
    cloud.act("slaves-0-server", "os-stop");
    cloud.act("slaves-1-server", "suspend");
    cloud.act("master-0-server", "pause");
    assert_eq!(
        cloud.drift(),
        [
            said("cluster.lab.master[0]: server is PAUSED", "unpauses it"),
            said("cluster.lab.slaves[0]: server is SHUTOFF", "starts it"),
            said("cluster.lab.slaves[1]: server is SUSPENDED", "resumes it"),
        ]
    );
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(2);
    for line in [
        "Objects have changed outside of DISCO since the last apply:",
        "server is SHUTOFF and is started",
        "Plan: 0 to add, 3 to change, 0 to destroy.",
    ] {
        assert!(planned.stdout.contains(line), "{}", planned.stdout);
    }
    cloud.heals();
    for server in ["slaves-0-server", "slaves-1-server", "master-0-server"] {
        assert_eq!(cloud.status(server), "ACTIVE");
    }
    assert_eq!(cloud.id("slaves-0-server"), before, "the same server, with its disk");
}

/// Frameworks come up by themselves when their server is started: apply ends when they have.
#[test]
fn what_was_started_is_verified_before_apply_ends() {
    let cloud = Cloud::serve();
    let lab =
        cloud.project.read("main.disco.hcl").replace("m1.small", "m1.medium").replace("default = 1", "default = 2");
    let (before, end) = lab.rsplit_once('}').unwrap();
    cloud.project.write("main.disco.hcl", &format!("{before}  framework \"hadoop\" {{ replication = 2 }}\n}}{end}"));
    cloud.disco("apply -auto-approve").ends_with(0);
    let verified = cloud.id("verify-deployment");
    cloud.act("slaves-0-server", "os-stop");
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(2).stdout;
    assert!(planned.contains("  1. lab: start slaves[0]\n  2. lab: verify\n"), "{planned}");
    cloud.heals();
    let again = cloud.id("verify-deployment");
    assert_ne!(again, verified, "the deployment was made anew, so it was carried out");
    cloud.by_hand("DELETE", &format!("/network/v2.0/security-group-rules/{}", cloud.id("rule-inside-icmp")), "");
    cloud.heals();
    assert_eq!(cloud.id("verify-deployment"), again, "where nothing was started nothing is verified");
}

#[test]
fn a_saved_plan_that_starts_servers_is_carried_out() {
    let cloud = applied();
    cloud.act("slaves-0-server", "os-stop");
    cloud.disco("plan --out a.plan").ends_with(0);
    cloud.disco("apply a.plan").ends_with(0);
    assert_eq!(cloud.status("slaves-0-server"), "ACTIVE");
    cloud.act("slaves-0-server", "os-stop");
    cloud.disco("plan --out b.plan").ends_with(0);
    cloud.act("slaves-1-server", "os-stop");
    cloud.disco("apply b.plan").ends_with(1).says(&["stale"]);
}

#[test]
fn nodes_that_alike_differ_are_one_line() {
    let cloud = applied();
    cloud.act("slaves-0-server", "os-stop");
    cloud.act("slaves-1-server", "os-stop");
    let told = cloud.disco("drift lab").ends_with(2);
    assert_eq!(
        told.stdout,
        "Compared the cloud with the state (serial 1). Changed outside of DISCO:\n\n\
         cluster.lab\n\
         \x20 slaves[0..1]  server is SHUTOFF\n\
         \x20               apply starts it\n\n\
         Drift: 2 differences.\n"
    );
    cloud.disco("drift lob").ends_with(1).says(&["cluster `lob` does not exist", "did you mean `lab`?"]);
}

#[test]
fn rules_added_by_hand_are_told_and_left_and_our_own_come_back() {
    let cloud = applied();
    let group = cloud.id("security-group");
    let added = cloud.by_hand(
        "POST",
        "/network/v2.0/security-group-rules",
        &json!({"security_group_rule": {
            "security_group_id": group, "protocol": "tcp", "port_range_min": 9999, "port_range_max": 9999,
            "remote_ip_prefix": "198.51.100.0/24",
        }})
        .to_string(),
    );
    let added = added["security_group_rule"]["id"].as_str().unwrap();
    let own = cloud.id("rule-inside-icmp");
    cloud.by_hand("DELETE", &format!("/network/v2.0/security-group-rules/{own}"), "");
    let left = said(
        "cluster.lab.security: rule tcp 9999 from 198.51.100.0/24 was added",
        &format!("leaves it: `openstack security group rule delete {added}` removes it"),
    );
    let ours = said("cluster.lab.security: rule inside-icmp was deleted", "creates it again");
    assert_eq!(cloud.drift(), [ours, left.clone()]);
    cloud.disco("apply -auto-approve").ends_with(0);
    assert_eq!(cloud.drift(), [left], "DISCO removes only what it made");
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.by_hand("DELETE", &format!("/network/v2.0/security-group-rules/{added}"), "");
    cloud.disco("drift").ends_with(0);
}

#[test]
fn a_floating_ip_that_was_taken_away_comes_back_to_its_node() {
    let cloud = applied();
    let floating = cloud.id("master-0-floating-ip");
    let address = format!("/network/v2.0/floatingips/{floating}");
    cloud.by_hand("PUT", &address, &json!({"floatingip": {"port_id": null}}).to_string());
    let told = "cluster.lab.master[0]: floating IP was taken from its port";
    assert_eq!(cloud.drift(), [said(told, "connects it again")]);
    cloud.heals();
    let port = cloud.by_hand("GET", &address, "")["floatingip"]["port_id"].clone();
    assert_eq!(port.as_str(), Some(cloud.id("master-0-port").as_str()));

    // Deleted altogether: another one takes its place.
    cloud.by_hand("DELETE", &address, "");
    assert_eq!(cloud.drift(), [said("cluster.lab.master[0]: floating IP was deleted", "creates it again")]);
    cloud.heals();
    assert_ne!(cloud.id("master-0-floating-ip"), floating);
}

#[test]
fn a_router_that_was_disconnected_is_connected_again() {
    let cloud = applied();
    let (router, subnet) = (cloud.id("router"), cloud.id("subnet"));
    let floating = format!("/network/v2.0/floatingips/{}", cloud.id("master-0-floating-ip"));
    cloud.by_hand("PUT", &floating, &json!({"floatingip": {"port_id": null}}).to_string());
    cloud.by_hand(
        "PUT",
        &format!("/network/v2.0/routers/{router}/remove_router_interface"),
        &json!({ "subnet_id": subnet }).to_string(),
    );
    let told = cloud.drift();
    assert!(
        told.contains(&said("cluster.lab.network: router was disconnected from the subnet", "connects it again")),
        "{told:?}"
    );
    cloud.heals();
}

#[test]
fn ports_that_were_deleted_come_back() {
    let cloud = applied();
    let port = cloud.id("slaves-0-port");
    cloud.by_hand("DELETE", &format!("/network/v2.0/ports/{port}"), "");
    let told = cloud.drift();
    assert!(told.contains(&said("cluster.lab.slaves[0]: port was deleted", "creates it again")), "{told:?}");
    cloud.heals();
    assert_ne!(cloud.id("slaves-0-port"), port);
}

#[test]
fn a_stack_that_was_deleted_is_created_again() {
    let cloud = applied();
    let stack = cloud.project.state()["clusters"]["lab"]["stacks"]["lab"]["id"].as_str().unwrap().to_owned();
    let project = cloud.project.state()["cloud"]["project_id"].as_str().unwrap().to_owned();
    cloud.by_hand("DELETE", &format!("/heat/v1/{project}/stacks/lab/{stack}"), "");
    loop {
        let told = cloud.drift();
        if told[0].0 == "cluster.lab: stack `lab` was deleted" {
            assert_eq!(told[0].1, "creates it again: what was stored in it is lost");
            break;
        }
    }
    cloud.heals();
}

impl Cloud {
    fn delete(&self, collection: &str, id: &str) {
        self.by_hand("DELETE", &format!("/network/v2.0/{collection}/{id}"), "");
    }

    /// Takes the floating IP from its port, and the router from its subnet.
    fn cut_off(&self) {
        let floating = format!("/network/v2.0/floatingips/{}", self.id("master-0-floating-ip"));
        self.by_hand("PUT", &floating, &json!({"floatingip": {"port_id": null}}).to_string());
        let path = format!("/network/v2.0/routers/{}/remove_router_interface", self.id("router"));
        self.by_hand("PUT", &path, &json!({ "subnet_id": self.id("subnet") }).to_string());
    }
}

#[test]
fn a_router_that_was_deleted_comes_back() {
    let cloud = applied();
    let (router, server) = (cloud.id("router"), cloud.id("slaves-0-server"));
    cloud.cut_off();
    cloud.delete("routers", &router);
    let told = cloud.drift();
    assert!(told.contains(&said("cluster.lab.network: router was deleted", "creates it again")), "{told:?}");
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(2);
    assert!(planned.stdout.contains("router was deleted outside of DISCO and is created again"), "{}", planned.stdout);
    cloud.heals();
    assert_ne!(cloud.id("router"), router);
    assert_eq!(cloud.id("slaves-0-server"), server, "the nodes stay");
    let floating = format!("/network/v2.0/floatingips/{}", cloud.id("master-0-floating-ip"));
    let port = cloud.by_hand("GET", &floating, "")["floatingip"]["port_id"].clone();
    assert_eq!(port.as_str(), Some(cloud.id("master-0-port").as_str()), "and can be reached again");
}

#[test]
fn a_network_that_was_deleted_comes_back_with_all_that_was_in_it() {
    let cloud = applied();
    let network = cloud.id("network");
    cloud.cut_off();
    for node in ["master-0", "slaves-0", "slaves-1"] {
        cloud.delete("ports", &cloud.id(&format!("{node}-port")));
    }
    cloud.delete("subnets", &cloud.id("subnet"));
    cloud.delete("networks", &network);
    let told = cloud.drift();
    assert!(told.contains(&said("cluster.lab.network: network was deleted", "creates it again")), "{told:?}");
    // What was in it is named in the network that is new.
    for what in ["network: subnet", "master[0]: port", "slaves[0]: port", "slaves[1]: port"] {
        let what = format!("cluster.lab.{what} was deleted");
        assert!(told.contains(&said(&what, "replaces it")), "{told:?}");
    }
    cloud.heals();
    assert_ne!(cloud.id("network"), network);
    let addresses = |node: &str| {
        let server = cloud.by_hand("GET", &format!("/compute/v2.1/servers/{}", cloud.id(node)), "");
        assert_eq!(server["server"]["status"], "ACTIVE");
        server["server"]["addresses"].to_string()
    };
    assert!(addresses("slaves-1-server").contains("10.1.0."), "{}", addresses("slaves-1-server"));
}

impl Cloud {
    /// The stack's path, with its id.
    fn stack(&self) -> String {
        let state = self.project.state();
        let id = state["clusters"]["lab"]["stacks"]["lab"]["id"].as_str().unwrap();
        format!("/heat/v1/{}/stacks/lab/{id}", state["cloud"]["project_id"].as_str().unwrap())
    }

    fn until_rest(&self) {
        let status = || self.by_hand("GET", &self.stack(), "")["stack"]["stack_status"].as_str().unwrap().to_owned();
        while status().ends_with("_IN_PROGRESS") {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

/// Heat replaces whatever its check has found to be broken, be it a server that only was stopped: the plan says so before.
#[test]
fn what_a_check_has_found_is_replaced_as_the_plan_says() {
    let cloud = applied();
    let before = (cloud.id("slaves-0-server"), cloud.id("slaves-1-server"));
    cloud.act("slaves-0-server", "os-stop");
    cloud.by_hand("POST", &format!("{}/actions", cloud.stack()), r#"{"check": null}"#);
    cloud.until_rest();
    let planned = cloud.disco("plan -detailed-exitcode").ends_with(2).stdout;
    assert!(planned.contains("-/+ cluster.lab.slaves[0]  1 node  replaced, because it is broken"), "{planned}");
    assert!(planned.contains("server failed and is replaced: 'status': expected 'ACTIVE', got 'SHUTOFF'"), "{planned}");
    assert!(planned.ends_with("Plan: 0 to add, 1 to change, 0 to destroy.\n"), "{planned}");
    cloud.heals();
    assert_ne!(cloud.id("slaves-0-server"), before.0);
    assert_eq!(cloud.id("slaves-1-server"), before.1);
}
