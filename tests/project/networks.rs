//! Networks that are not ours: what Neutron would refuse there is said when it is planned.

use serde_json::{Value as Json, json};

use super::openstack::Cloud;

/// A cluster in 10.9.0.0/24, with what is said of its network and of its master.
fn definition(network: &str, more: &str) -> String {
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n    {network}\n  }}\n  master {{\n    flavor = \
         \"m1.small\"\n    {more}\n  }}\n}}\n"
    )
}

const EXISTING: &str = "existing = \"uni\"\n    subnet = \"uni-4\"\n    addresses = \"10.9.0.64/26\"";

impl Cloud {
    /// A network named `uni` with a subnet `uni-4`; gives their ids.
    fn uni(&self, network: &Json, subnet: &Json) -> (String, String) {
        let with = |mut body: Json, more: &Json| {
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let asked = json!({ "network": with(json!({ "name": "uni" }), network) });
        let made = self.by_hand("POST", "/network/v2.0/networks", &asked.to_string());
        let id = made["network"]["id"].as_str().unwrap().to_owned();
        let subnet = self.subnet(&with(json!({ "network_id": id, "name": "uni-4", "cidr": "10.9.0.0/24" }), subnet));
        (id, subnet)
    }

    fn subnet(&self, subnet: &Json) -> String {
        let made = self.by_hand("POST", "/network/v2.0/subnets", &json!({ "subnet": subnet }).to_string());
        made["subnet"]["id"].as_str().unwrap().to_owned()
    }

    fn set(&self, path: &str, body: &Json) {
        self.by_hand("PUT", &format!("/network/v2.0/{path}"), &body.to_string());
    }

    /// Both commands refuse it with these words, and nothing is created.
    fn refuses(&self, words: &[&str]) {
        for command in ["plan", "apply -auto-approve"] {
            self.disco(command).ends_with(1).says(words).says(&["main.disco.hcl:", "help: "]);
        }
        assert!(!self.project.file("disco.state.json").exists(), "nothing is created");
    }
}

#[test]
fn addresses_in_the_network_of_another_project_are_refused() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    cloud.project.write("main.disco.hcl", &definition(EXISTING, ""));
    cloud.refuses(&[
        "disco::foreign_network",
        "network `uni` belongs to another project, which alone may choose addresses in it",
        "main.disco.hcl:4:16",
    ]);
}

#[test]
fn port_security_that_is_off_is_refused_until_it_is_turned_on() {
    let cloud = Cloud::serve();
    let (network, _) = cloud.uni(&json!({ "port_security_enabled": false }), &json!({}));
    cloud.project.write("main.disco.hcl", &definition(EXISTING, ""));
    cloud.refuses(&[
        "disco::no_port_security",
        "network `uni` has port security off, so its ports take no security groups",
        "openstack network set --enable-port-security uni",
    ]);
    let network = format!("networks/{network}");
    cloud.set(&network, &json!({ "network": { "port_security_enabled": true } }));
    cloud.disco("apply -auto-approve").ends_with(0);
    // What stands is not refused for what was done to its network later; a new node is.
    cloud.set(&network, &json!({ "network": { "port_security_enabled": false } }));
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    let slaves = "  slaves {\n    count = 1\n    flavor = \"m1.small\"\n  }\n}\n";
    let grown = definition(EXISTING, "").trim_end().trim_end_matches('}').to_owned() + slaves;
    cloud.project.write("main.disco.hcl", &grown);
    cloud.disco("plan").ends_with(1).says(&["disco::no_port_security"]);
}

#[test]
fn of_two_kinds_of_addresses_nodes_have_those_of_ipv4() {
    let cloud = Cloud::serve();
    let (network, id) = cloud.uni(&json!({}), &json!({}));
    cloud.subnet(&json!({ "network_id": network, "name": "uni-6", "cidr": "fd00:9::/64" }));
    cloud.project.write("main.disco.hcl", &definition(&EXISTING.replace("uni-4", "uni-6"), ""));
    cloud.refuses(&[
        "disco::ipv6_subnet",
        "subnet `uni-6` has IPv6 addresses, nodes have IPv4",
        "help: name a subnet with IPv4 addresses: `uni-4`",
        "main.disco.hcl:5:14",
    ]);
    // The same name twice, one of each kind: Heat would take any of the two.
    cloud.subnet(&json!({ "network_id": network, "name": "uni-4", "cidr": "fd00:10::/64" }));
    cloud.project.write("main.disco.hcl", &definition(EXISTING, ""));
    cloud.refuses(&["several subnets with the name `uni-4`", "write the id of the one that has IPv4 addresses: `"]);
    cloud.project.write("main.disco.hcl", &definition(&EXISTING.replace("uni-4", &id), ""));
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_subnet_without_dhcp_is_warned_of_as_long_as_nodes_come() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({}), &json!({ "enable_dhcp": false }));
    cloud.project.write("main.disco.hcl", &definition(EXISTING, ""));
    let words = ["disco::no_dhcp", "subnet `uni-4` has no DHCP", "openstack subnet set --dhcp uni-4"];
    cloud.disco("plan").ends_with(0).says(&words);
    cloud.disco("apply -auto-approve").ends_with(0).says(&words);
    let after = cloud.disco("plan -detailed-exitcode").ends_with(0);
    assert!(!after.stderr.contains("DHCP"), "{}", after.stderr);
}

/// A provider network: nodes are reached at their own addresses, and floating IPs have no router to come through.
#[test]
fn a_network_without_a_router_works_without_floating_ips() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({}), &json!({}));
    let floating = EXISTING.to_owned() + "\n    external_network = \"public\"";
    cloud.project.write("main.disco.hcl", &definition(&floating, "floating_ip = true"));
    cloud.refuses(&[
        "disco::unrouted_subnet",
        "`floating_ip` is set, but no router has a port in subnet `uni-4`",
        "remove `floating_ip` where the nodes' own addresses can be reached",
    ]);
    cloud.project.write("main.disco.hcl", &definition(EXISTING, ""));
    let applied = cloud.disco("apply -auto-approve").ends_with(0);
    assert!(!applied.stderr.contains("no_way_out"), "{}", applied.stderr);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn a_new_network_without_a_way_out_is_warned_of_on_a_cloud() {
    let cloud = Cloud::serve();
    cloud.project.write("main.disco.hcl", &definition("cidr = \"10.9.0.0/24\"", ""));
    let words = [
        "disco::no_way_out",
        "network of `cluster.lab` has no `external_network`, nodes may not reach Heat",
        "main.disco.hcl:3:",
        "help: add `external_network = \"public\"`",
    ];
    cloud.disco("plan").ends_with(0).says(&words);
    cloud.project.write("main.disco.hcl", &definition("cidr = \"10.9.0.0/24\"\n    external_network = \"public\"", ""));
    let plan = cloud.disco("plan").ends_with(0);
    assert!(!plan.stderr.contains("no_way_out"), "{}", plan.stderr);
}
