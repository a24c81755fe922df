//! What a cluster with IPv6 is made of.

use disco::graph::compile;
use disco::model::{ClusterSpec, NetworkSpec, Protocol, RuleTarget, Service};
use disco::template::Template;
use serde_json::json;

use super::cluster::{LINEAGE, Places, configuration, facts, graph, members, spec};
use crate::support::snapshot;

/// The cluster of the other tests with addresses of both kinds, and rules for both.
fn both(slaves: u32) -> ClusterSpec {
    let places = Places::new();
    let mut spec = spec(&places, slaves);
    if let NetworkSpec::New { ipv6_cidr, .. } = &mut spec.network {
        *ipv6_cidr = Some(places.sourced("fd00:20::/64".parse().unwrap(), "cidr"));
    }
    let mut rule = spec.security[0].clone();
    rule.from = vec![places.sourced("2001:db8::/32".parse().unwrap(), "allow")];
    spec.security.push(rule.clone());
    rule.service = Service::Custom { protocol: Protocol::Icmp, ports: Vec::new() };
    rule.from =
        vec![places.sourced("::/0".parse().unwrap(), "allow"), places.sourced("0.0.0.0/0".parse().unwrap(), "allow")];
    rule.to = RuleTarget::Group("master".to_owned());
    spec.security.push(rule);
    spec
}

fn template(spec: &ClusterSpec) -> Template {
    Template::from_graph(&graph(spec, &configuration("128m", None), &members(spec, None)))
}

#[test]
fn a_cluster_with_addresses_of_both_kinds() {
    let template = template(&both(1));
    let is_told = |name: &str| {
        ["subnet", "router", "rule", "port"].iter().any(|word| name.contains(word)) || name == "slaves-0-server"
    };
    let told = template.resources.iter().filter(|(name, _)| is_told(name));
    let told: Vec<String> = told.map(|(name, resource)| format!("{name}: {}", resource.canonical())).collect();
    snapshot!("resources-with-ipv6", told.join("\n"));
}

/// What a cluster without it has is not touched by it.
#[test]
fn it_comes_beside_what_is_there() {
    let places = Places::new();
    let without = template(&spec(&places, 2));
    let with = template(&both(2));
    let mut new: Vec<&str> = Vec::new();
    let mut other: Vec<&str> = Vec::new();
    for (name, resource) in &with.resources {
        match without.resources.get(name) {
            None => new.push(name),
            Some(before) if before.canonical() != resource.canonical() => other.push(name),
            Some(_) => {}
        }
    }
    let rules = [
        "rule-inside-ipv6-icmp",
        "rule-inside-ipv6-tcp",
        "rule-inside-ipv6-udp",
        "rule-master-icmp-from-0-0-0-0-0",
        "rule-master-icmp-from-ipv6-0-0-0-0-0-0-0-0-0",
        "rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-0-32",
    ];
    let network = ["ipv6-router-interface", "ipv6-subnet"];
    assert_eq!(new, network.into_iter().chain(rules).collect::<Vec<_>>());
    let ports = ["master-0", "slaves-0", "slaves-1"].map(|node| [format!("{node}-port"), format!("{node}-server")]);
    assert_eq!(other, ports.concat());
}

/// Further stacks are told the id of the second subnet as they are that of the first.
#[test]
fn nodes_of_further_stacks_have_both() {
    let spec = both(40);
    let (graphs, diagnostics) = compile(&spec, &configuration("128m", None), &facts(), &members(&spec, None), LINEAGE);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(graphs.len() > 1, "the slaves live in a stack of their own");
    let further = Template::from_graph(&graphs["analytics.shard-1"]);
    assert!(further.parameters.contains_key("ipv6-subnet"));
    assert!(!further.resources.contains_key("ipv6-subnet"));
    let fixed_ips = &further.resources["slaves-0-port"].properties.to_map()["fixed_ips"];
    let subnets = [&fixed_ips[0]["subnet"], &fixed_ips[1]["subnet"]];
    assert_eq!(subnets, [&json!({"get_param": "subnet"}), &json!({"get_param": "ipv6-subnet"})]);
}
