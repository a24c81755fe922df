//! IPv6: which networks a cluster can have, who may come from one, and what expressions say of it.

use std::collections::BTreeMap;

use disco::expression::to_json;
use disco::graph::allocate;
use disco::model::ipv6_address;

use super::project::Project;

/// A cluster with what stands in its network, and a source of a rule.
fn lab(network: &str, from: &str) -> String {
    format!(
        "cluster \"lab\" {{\n  image = \"debian-12\"\n  network {{\n{network}\n  }}\n  security {{\n    \
         allow \"ssh\" {{ from = [\"{from}\"] }}\n  }}\n  master {{ flavor = \"m1.medium\" }}\n}}\n"
    )
}

/// Codes, lines and help of all that is wrong.
fn found(text: &str) -> Vec<(String, usize, String)> {
    let project = Project::of(text);
    let found = project.evaluate().1;
    let line = |one: &disco::source::Diagnostic| one.span().map_or(0, |span| project.sources.locate(span).1.line);
    let told = found.iter().map(|one| {
        (one.code.trim_start_matches("disco::").to_owned(), line(one), one.help.clone().unwrap_or_default())
    });
    told.collect()
}

fn of_net(cidr: &str) -> Vec<(String, usize, String)> {
    found(&lab(&format!("    cidr = \"10.20.0.0/24\"\n    ipv6_cidr = \"{cidr}\""), "203.0.113.0/24"))
}

/// What is wrong with a source, where the network has IPv6.
fn of_source(from: &str) -> Vec<(String, usize, String)> {
    found(&lab("    cidr = \"10.20.0.0/24\"\n    ipv6_cidr = \"fd00:20::/64\"", from))
}

#[test]
fn the_network_is_a_64_that_machines_can_live_in() {
    for cidr in ["fd00:20::/64", "2001:db8:0:7::/64", "2a01:4f8:1:2::/64", "fc00::/64"] {
        assert_eq!(of_net(cidr), [], "{cidr}");
    }
    for (cidr, code, help) in [
        ("fd00:20::/48", "ipv6_prefix_length", "`cidrsubnet(\"fd00:20::/48\", 16, 0)`"),
        ("fd00:20::/80", "ipv6_prefix_length", "write `fd00:20::/64`"),
        ("fd00:20::5/128", "ipv6_prefix_length", "write `fd00:20::/64`"),
        ("fd00:20::5/64", "cidr_host_bits", "write `fd00:20::/64`"),
        ("fd00:20::5", "invalid_cidr", "`fd00:20::5/64`"),
        ("fd00:20::/129", "invalid_cidr", "such as `fd00:20::/64`"),
        ("10.21.0.0/24", "invalid_cidr", "IPv4 addresses come from `cidr`"),
        ("internal", "invalid_cidr", "such as `fd00:20::/64`"),
        ("fe80::/64", "reserved_network", "inside `fd00::/8`"),
        ("fec0::/64", "reserved_network", "inside `fd00::/8`"),
        ("ff02::/64", "reserved_network", "inside `fd00::/8`"),
        ("::/64", "reserved_network", "inside `fd00::/8`"),
        ("64:ff9b::/64", "reserved_network", "inside `fd00::/8`"),
    ] {
        let found = of_net(cidr);
        let [(told, line, way_out)] = found.as_slice() else { panic!("{cidr}: {found:?}") };
        assert_eq!((told.as_str(), *line), (code, 5), "{cidr}");
        assert!(way_out.contains(help), "{cidr}: {way_out}");
    }
    let mapped = of_net("::ffff:0:0/96");
    assert_eq!(mapped[0].0, "ipv6_prefix_length");
}

#[test]
fn it_stands_beside_the_network_of_ipv4() {
    let alone = found(&lab("    ipv6_cidr = \"fd00:20::/64\"", "203.0.113.0/24"));
    assert_eq!(alone.iter().map(|(code, ..)| code.as_str()).collect::<Vec<_>>(), ["missing_attribute"]);
    let existing = "    existing = \"a\"\n    subnet = \"b\"\n    ipv6_cidr = \"fd00:20::/64\"";
    let both = found(&lab(existing, "203.0.113.0/24"));
    assert_eq!(both.iter().map(|(code, ..)| code.as_str()).collect::<Vec<_>>(), ["conflicting_attributes"]);
    let swapped = found(&lab("    cidr = \"fd00:20::/64\"", "203.0.113.0/24"));
    assert_eq!(swapped[0].0, "invalid_cidr");
    assert!(swapped[0].2.contains("`ipv6_cidr`"), "{swapped:?}");
}

#[test]
fn people_come_from_networks_of_both_kinds_where_nodes_have_both() {
    for from in ["::/0", "2001:db8::/32", "2001:db8::7/128", "fd00::/8", "0.0.0.0/0", "203.0.113.0/24"] {
        assert_eq!(of_source(from), [], "{from}");
    }
    for (from, code, help) in [
        ("2001:db8::7", "invalid_cidr", "`2001:db8::7/128` is this one address"),
        ("2001:db8::/129", "invalid_cidr", "a prefix length up to 128"),
        ("2001:db8::7/32", "cidr_host_bits", "write `2001:db8::/32`"),
        ("fe80::/10", "reserved_network", "`::/0` for everybody"),
        ("ff02::/16", "reserved_network", "`::/0` for everybody"),
        ("::1/128", "reserved_network", "`::/0` for everybody"),
        ("::ffff:10.0.0.0/104", "reserved_network", "`::/0` for everybody"),
        ("127.0.0.0/8", "reserved_network", "`0.0.0.0/0` for everybody"),
    ] {
        let found = of_source(from);
        let [(told, line, way_out)] = found.as_slice() else { panic!("{from}: {found:?}") };
        assert_eq!((told.as_str(), *line), (code, 8), "{from}");
        assert!(way_out.contains(help), "{from}: {way_out}");
    }
    let without = found(&lab("    cidr = \"10.20.0.0/24\"", "2001:db8::/32"));
    let [(code, line, help)] = without.as_slice() else { panic!("{without:?}") };
    assert_eq!((code.as_str(), *line), ("no_ipv6_network", 7));
    assert!(help.contains("add `ipv6_cidr` to `network`"), "{help}");
    let existing = found(&lab("    existing = \"a\"\n    subnet = \"b\"", "::/0"));
    assert_eq!(existing[0].0, "no_ipv6_network");
    assert!(existing[0].2.contains("list IPv4 networks"), "{existing:?}");
    // What is wrong with the network is told, and nothing of rules that may be right.
    let unread = found(&lab("    cidr = \"10.20.0.0\"", "2001:db8::/32"));
    assert_eq!(unread.iter().map(|(code, ..)| code.as_str()).collect::<Vec<_>>(), ["invalid_cidr"]);
}

#[test]
fn clusters_do_not_share_one() {
    let cluster = |name: &str, third: u8, ipv6: &str| {
        lab(&format!("    cidr = \"10.{third}.0.0/24\"\n    ipv6_cidr = \"{ipv6}\""), "203.0.113.0/24")
            .replace("\"lab\"", &format!("\"{name}\""))
    };
    let apart = cluster("one", 1, "fd00:1::/64") + &cluster("two", 2, "fd00:2::/64");
    assert_eq!(found(&apart), []);
    let same = cluster("one", 1, "fd00:1::/64") + &cluster("two", 2, "fd00:1::/64");
    let [(code, line, help)] = &found(&same)[..] else { panic!("{:?}", found(&same)) };
    assert_eq!((code.as_str(), *line), ("overlapping_networks", 16));
    assert!(help.contains("an `ipv6_cidr` other than `fd00:1::/64`"), "{help}");
}

#[test]
fn containers_have_none() {
    let ipv6 = lab("    cidr = \"10.20.0.0/24\"\n    ipv6_cidr = \"fd00:20::/64\"", "::/0");
    let containers = format!("{ipv6}provider \"local\" {{ nodes = \"container\" }}\n");
    let [(code, line, _)] = &found(&containers)[..] else { panic!("{:?}", found(&containers)) };
    assert_eq!((code.as_str(), *line), ("ipv6_on_containers", 5));
    assert_eq!(found(&format!("{ipv6}provider \"local\" {{ nodes = \"simulated\" }}\n")), []);
}

#[test]
fn the_address_of_a_node_ends_with_its_ipv4_address() {
    let net = "2001:db8:0:7::/64".parse().unwrap();
    let address = ipv6_address(net, "10.20.0.16".parse().unwrap());
    assert_eq!(address.to_string(), "2001:db8:0:7::a14:10");
    assert_eq!(address, "2001:db8:0:7::10.20.0.16".parse::<std::net::Ipv6Addr>().unwrap());
}

#[test]
fn expressions_say_the_addresses() {
    let outputs = "output \"net\" { value = cluster.lab.network.ipv6_cidr }\n\
                   output \"node\" { value = cluster.lab.master[0].ipv6_address }\n";
    for (network, expected) in [
        ("    cidr = \"10.20.0.0/24\"\n    ipv6_cidr = \"fd00:20::/64\"", ["\"fd00:20::/64\"", "\"fd00:20::a14:10\""]),
        ("    cidr = \"10.20.0.0/24\"", ["null", "null"]),
    ] {
        let project = Project::of(&(lab(network, "203.0.113.0/24") + outputs));
        let spec = project.sound();
        let members = BTreeMap::from([("lab".to_owned(), allocate(&spec.clusters["lab"], None, 1_000).0)]);
        let none = BTreeMap::new();
        let (outputs, found) =
            project.definition.outputs(&spec, &members, &BTreeMap::new(), &none, &project.sources, &project.files);
        assert!(found.is_empty(), "{}", project.drawn(&found));
        let said: Vec<String> = outputs.iter().map(|output| to_json(&output.value).unwrap().to_string()).collect();
        assert_eq!(said, expected);
    }
}
