//! Networks that are not ours: what Neutron would refuse there is said when it is planned.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;

use serde_json::{Value as Json, json};

use super::openstack::Cloud;
use crate::support::Run;

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
        "help: remove `addresses`: Neutron then gives each node a free address of the subnet",
    ]);
}

/// A cluster with slaves in a network where Neutron chooses the addresses.
fn chosen(slaves: u32) -> String {
    let network = "existing = \"uni\"\n    subnet = \"uni-4\"";
    let slaves = format!("  slaves {{\n    count = {slaves}\n    flavor = \"m1.small\"\n  }}\n}}\n");
    definition(network, "").trim_end().trim_end_matches('}').to_owned() + &slaves
}

impl Cloud {
    /// Somebody else's port, which takes the next free address.
    fn strange_port(&self, network: &str) {
        self.by_hand("POST", "/network/v2.0/ports", &json!({ "port": { "network_id": network } }).to_string());
    }

    /// The addresses that the state has of the cluster's nodes: they are those of the ports.
    fn addresses(&self) -> BTreeMap<String, String> {
        let state = self.project.state();
        let ports = self.by_hand("GET", "/network/v2.0/ports", "");
        let mut found = BTreeMap::new();
        for (group, members) in state["clusters"]["lab"]["groups"].as_object().unwrap() {
            for (index, node) in members["nodes"].as_object().unwrap() {
                let id = self.id(&format!("{group}-{index}-port"));
                let port = ports["ports"].as_array().unwrap().iter().find(|port| port["id"] == id.as_str()).unwrap();
                assert_eq!(node["address"], port["fixed_ips"][0]["ip_address"], "{group}[{index}]");
                found.insert(format!("lab-{group}-{index}"), node["address"].as_str().unwrap().to_owned());
            }
        }
        found
    }

    /// Every node's configuration names all nodes with their addresses.
    fn nodes_know_each_other(&self) {
        let template: Json = serde_json::from_str(&self.disco("template --json").ends_with(0).stdout).unwrap();
        let resources = template["resources"].as_object().unwrap();
        let configurations = resources.values().filter_map(|resource| resource["properties"]["config"].as_str());
        let told: Vec<BTreeMap<String, String>> = configurations.filter_map(hosts).collect();
        assert_eq!(told.len(), 2, "one for each group");
        for told in told {
            assert_eq!(told, self.addresses());
        }
    }
}

/// Names and addresses in a node's configuration; nothing in other texts.
fn hosts(text: &str) -> Option<BTreeMap<String, String>> {
    let configuration: Json = serde_json::from_str(text).ok()?;
    let mut hosts = BTreeMap::new();
    for rule in configuration["hosts"].as_array()? {
        let first: Ipv4Addr = rule["first_address"].as_str()?.parse().ok()?;
        for offset in 0..u32::try_from(rule["count"].as_u64()?).ok()? {
            let name = format!("{}{}", rule["prefix"].as_str()?, rule["first_index"].as_u64()? + u64::from(offset));
            hosts.insert(name, Ipv4Addr::from(u32::from(first) + offset).to_string());
        }
    }
    Some(hosts)
}

fn shows(run: &Run, words: &[&str]) {
    for words in words {
        assert!(run.stdout.contains(words), "nothing of `{words}` in:\n{}", run.stdout);
    }
}

#[test]
fn in_the_network_of_another_project_neutron_chooses_the_addresses() {
    let cloud = Cloud::serve();
    let (network, _) = cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    cloud.strange_port(&network);
    cloud.project.write("main.disco.hcl", &chosen(1));
    let refused =
        "cluster `lab` cannot be written as templates: Neutron chooses addresses of nodes when it makes their ports";
    cloud.disco("template").ends_with(1).says(&[refused, "help: run `disco apply`"]);
    let planned = cloud.disco("plan -out=first.plan").ends_with(0);
    shows(
        &planned,
        &[
            "1. lab: create ports: master[0], slaves[0]",
            "2. lab: create lab",
            "Plan: 5 to add, 0 to change, 0 to destroy.",
        ],
    );
    cloud
        .disco("template --plan first.plan --out steps")
        .ends_with(1)
        .says(&["`first.plan` cannot be written as templates"]);
    let applied = cloud.disco("apply first.plan").ends_with(0);
    shows(&applied, &["Apply complete! Resources: 5 added, 0 changed, 0 destroyed."]);
    applied.says(&["step 1 of 2: create ports: master[0], slaves[0]", "step 2 of 2: create lab"]);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    let first = cloud.addresses();
    assert_eq!(first.len(), 2);

    // Others take addresses between.
    for count in [2, 3] {
        cloud.strange_port(&network);
        cloud.project.write("main.disco.hcl", &chosen(count));
        let grown = cloud.disco("apply -auto-approve").ends_with(0);
        let new = format!("create ports: slaves[{}]", count - 1);
        shows(&grown, &[&new, "update host names on master[0], slaves[0", "grow: slaves["]);
        cloud.disco("plan -detailed-exitcode").ends_with(0);
    }
    cloud.nodes_know_each_other();
    let grown = cloud.addresses();
    assert!(first.iter().all(|(name, address)| grown[name] == *address), "{first:?} {grown:?}");

    // Who leaves changes nothing for those who stay; who comes again has another address.
    cloud.project.write("main.disco.hcl", &chosen(2));
    let shrunk = cloud.disco("apply -auto-approve").ends_with(0);
    shows(&shrunk, &["Resources: 0 added, 0 changed, 1 destroyed."]);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.strange_port(&network);
    cloud.project.write("main.disco.hcl", &chosen(3));
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    assert_ne!(cloud.addresses()["lab-slaves-2"], grown["lab-slaves-2"]);

    // Nodes that restart some at a time come before those that are new, which come all the same.
    cloud.strange_port(&network);
    let larger = chosen(4).replace("m1.small", "m1.medium");
    cloud.project.write("main.disco.hcl", &larger);
    let resized = cloud.disco("apply -auto-approve").ends_with(0);
    shows(&resized, &["create ports: slaves[3]", "in 4 batches of one node", "grow: slaves[3]"]);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.nodes_know_each_other();
    cloud.disco("template --out elsewhere").ends_with(1).says(&[refused]);

    // A state that was lost is rebuilt, with the addresses of the ports.
    let before = cloud.addresses();
    fs::remove_file(cloud.project.file("disco.state.json")).unwrap();
    let _ = fs::remove_dir_all(cloud.project.file(".disco/states"));
    cloud.disco("import cluster.lab lab").ends_with(0);
    assert_eq!(cloud.addresses(), before);
    cloud.disco("plan -detailed-exitcode").ends_with(0);

    // Addresses of one's own are another thing, and not for nodes that live.
    let given = "subnet = \"uni-4\"\n    addresses = \"10.9.0.64/26\"";
    cloud.project.write("main.disco.hcl", &larger.replace("subnet = \"uni-4\"", given));
    cloud.disco("plan").ends_with(1).says(&["disco::addresses_are_fixed"]);
    cloud.project.write("main.disco.hcl", &larger);
    cloud.disco("destroy -auto-approve").ends_with(0);
    let left = cloud.by_hand("GET", &format!("/network/v2.0/ports?network_id={network}"), "");
    assert_eq!(left["ports"].as_array().unwrap().len(), 5, "those of others: {left}");
}

/// Who has left is still named in the configurations of those who stay, and that is known again after an import.
#[test]
fn a_cluster_that_has_shrunk_is_imported_as_it_is() {
    let cloud = Cloud::serve();
    let (network, _) = cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    for count in [1, 3] {
        cloud.strange_port(&network);
        cloud.project.write("main.disco.hcl", &chosen(count));
        cloud.disco("apply -auto-approve").ends_with(0);
    }
    cloud.project.write("main.disco.hcl", &chosen(2));
    cloud.disco("apply -auto-approve").ends_with(0);
    let before = cloud.project.state()["clusters"]["lab"]["groups"].clone();
    fs::remove_file(cloud.project.file("disco.state.json")).unwrap();
    let _ = fs::remove_dir_all(cloud.project.file(".disco/states"));
    cloud.disco("import cluster.lab lab").ends_with(0);
    assert_eq!(cloud.project.state()["clusters"]["lab"]["groups"], before);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
}

/// Where a port is made anew, Neutron gives it another address: that of the old one is nobody's any more.
#[test]
fn a_port_that_is_made_anew_has_an_address_of_its_own() {
    let cloud = Cloud::serve();
    let (network, _) = cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    cloud.project.write("main.disco.hcl", &chosen(1));
    cloud.disco("apply -auto-approve").ends_with(0);
    let first = cloud.addresses();
    let is_well = |before: &BTreeMap<String, String>, name: &str| {
        cloud.disco("plan -detailed-exitcode").ends_with(0);
        cloud.nodes_know_each_other();
        assert_ne!(cloud.addresses()[name], before[name]);
    };

    cloud.by_hand("DELETE", &format!("/network/v2.0/ports/{}", cloud.id("slaves-0-port")), "");
    cloud.strange_port(&network);
    let mended = cloud.disco("apply -auto-approve").ends_with(0);
    shows(&mended, &["create ports: slaves[0]"]);
    is_well(&first, "lab-slaves-0");

    let before = cloud.addresses();
    let stack = cloud.project.state()["clusters"]["lab"]["stacks"]["lab"]["id"].as_str().unwrap().to_owned();
    let project = cloud.project.state()["cloud"]["project_id"].as_str().unwrap().to_owned();
    cloud.by_hand("DELETE", &format!("/heat/v1/{project}/stacks/lab/{stack}"), "");
    while cloud.by_hand("GET", &format!("/heat/v1/{project}/stacks"), "")["stacks"] != json!([]) {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for _ in 0..4 {
        cloud.strange_port(&network);
    }
    let again = cloud.disco("apply -auto-approve").ends_with(0);
    shows(&again, &["create ports: master[0], slaves[0]"]);
    is_well(&before, "lab-master-0");
}

/// What was planned before the ports is known: a definition may give them addresses as long as there are none.
#[test]
fn addresses_may_be_written_as_long_as_there_are_no_ports() {
    // What ports need is not made, so that there are none.
    let cloud = Cloud::serve_faulty("resource security-group, CREATE: Conflict: no groups today\n");
    cloud.uni(&json!({}), &json!({}));
    cloud.project.write("main.disco.hcl", &chosen(1));
    cloud.disco("apply -auto-approve").ends_with(1).says(&["no groups today"]);
    let nodes = cloud.project.state()["clusters"]["lab"]["groups"]["master"]["nodes"].clone();
    assert_eq!(nodes["0"]["address"], Json::Null, "the node is known, and has no address: {nodes}");
    let given = chosen(1).replace("subnet = \"uni-4\"", "subnet = \"uni-4\"\n    addresses = \"10.9.0.64/26\"");
    cloud.project.write("main.disco.hcl", &given);
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    assert!(cloud.addresses()["lab-master-0"].starts_with("10.9.0.6"), "{:?}", cloud.addresses());
}

#[test]
fn a_subnet_that_is_too_small_is_said_before_ports_are_made() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    cloud.project.write("main.disco.hcl", &chosen(260));
    cloud.refuses(&[
        "disco::subnet_too_small",
        "subnet `uni-4` has 253 free addresses at most, cluster `lab` needs 261 more",
    ]);
}

/// Clusters that name each other's addresses, which Neutron has still to choose, come about in one apply.
#[test]
fn clusters_that_name_each_others_addresses_need_one_apply() {
    let cloud = Cloud::serve();
    let (network, _) = cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    let lets_in = |own: &str, other: &str| {
        let rule = format!(
            "  security {{\n    allow \"ssh\" {{ from = [\"${{cluster.{other}.master[0].address}}/32\"] }}\n  }}\n  master {{"
        );
        chosen(1).replace("\"lab\"", &format!("\"{own}\"")).replace("  master {", &rule)
    };
    // A third one, in a network of its own, names one of them.
    let third = "cluster \"desk\" {\n  image = \"debian-12\"\n  network {\n    cidr = \"10.8.0.0/24\"\n    external_network = \
                 \"public\"\n  }\n  security {\n    allow \"ssh\" { from = [\"${cluster.lab.slaves[0].address}/32\"] }\n  }\n  \
                 master { flavor = \"m1.small\" }\n}\n";
    cloud.project.write("main.disco.hcl", &[&lets_in("lab", "loft"), &lets_in("loft", "lab"), third].concat());
    cloud.disco("validate").ends_with(0);
    cloud.disco("template").ends_with(1).says(&["cannot be written as templates: Neutron chooses addresses"]);
    let planned = cloud.disco("plan --out first.plan").ends_with(0);
    shows(&planned, &["lab: create ports: master[0], slaves[0]", "loft: create ports: master[0], slaves[0]"]);
    shows(&planned, &["from (known after apply)"]);
    assert!(!planned.stdout.contains("198.19"), "{}", planned.stdout);
    cloud.disco("apply first.plan").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    let state = cloud.project.state();
    let address =
        |cluster: &str, group: &str| state["clusters"][cluster]["groups"][group]["nodes"]["0"]["address"].clone();
    let rules = cloud.by_hand("GET", "/network/v2.0/security-group-rules", "");
    let rules: Vec<&Json> =
        rules["security_group_rules"].as_array().unwrap().iter().map(|rule| &rule["remote_ip_prefix"]).collect();
    for (cluster, group) in [("lab", "master"), ("loft", "master"), ("lab", "slaves")] {
        let prefix = json!(format!("{}/32", address(cluster, group).as_str().unwrap()));
        assert!(rules.contains(&&prefix), "{prefix}: {rules:?}");
    }
    // A port that is made anew has another address, and who names it learns that in the same apply.
    let stack = state["clusters"]["loft"]["stacks"]["loft"]["resources"]["master-0-port"]["id"].clone();
    cloud.by_hand("DELETE", &format!("/network/v2.0/ports/{}", stack.as_str().unwrap()), "");
    cloud.strange_port(&network);
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.disco("destroy -auto-approve").ends_with(0);
}

/// Clusters that share a subnet are counted together.
#[test]
fn a_subnet_that_is_too_small_for_two_clusters_is_said_of_both() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({ "shared": true, "project_id": "d0b1" }), &json!({}));
    let two = |lab: u32, loft: u32| chosen(lab) + &chosen(loft).replace("\"lab\"", "\"loft\"");
    cloud.project.write("main.disco.hcl", &two(150, 150));
    cloud.refuses(&[
        "disco::subnet_too_small",
        "subnet `uni-4` has 253 free addresses at most, clusters `lab` and `loft` need 302 more",
    ]);
    cloud.project.write("main.disco.hcl", &two(1, 2));
    cloud.disco("apply -auto-approve").ends_with(0);
    // Who has an address already needs none.
    cloud.project.write("main.disco.hcl", &two(1, 260));
    cloud.disco("plan").ends_with(1).says(&["248 free addresses at most, cluster `loft` needs 258 more"]);
}

/// The stacks of a large cluster all have their ports before any of them names an address.
#[test]
fn ports_of_all_stacks_come_first() {
    let cloud = Cloud::serve();
    cloud.uni(&json!({}), &json!({}));
    cloud.project.write("cloud.disco.hcl", "provider \"openstack\" {\n  max_resources_per_stack = 100\n}\n");
    cloud.project.write("main.disco.hcl", &chosen(20));
    let planned = cloud.disco("plan").ends_with(0);
    shows(&planned, &["1. lab: create ports: master[0], slaves[0..", "2. lab.shard-1: create ports: slaves["]);
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.project.write("main.disco.hcl", &chosen(30));
    cloud.disco("apply -auto-approve").ends_with(0);
    cloud.disco("plan -detailed-exitcode").ends_with(0);
    cloud.disco("destroy -auto-approve").ends_with(0);
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
    cloud.subnet(&json!({ "network_id": network, "name": "uni-6", "ip_version": 6, "cidr": "fd00:9::/64" }));
    cloud.project.write("main.disco.hcl", &definition(&EXISTING.replace("uni-4", "uni-6"), ""));
    cloud.refuses(&[
        "disco::ipv6_subnet",
        "subnet `uni-6` has IPv6 addresses, nodes have IPv4",
        "help: name a subnet with IPv4 addresses: `uni-4`",
        "main.disco.hcl:5:14",
    ]);
    // The same name twice, one of each kind: Heat would take any of the two.
    cloud.subnet(&json!({ "network_id": network, "name": "uni-4", "ip_version": 6, "cidr": "fd00:10::/64" }));
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
