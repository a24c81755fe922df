//! The logical names of resources: what is written is what is read.

use disco::model::{Address, NodePart, PortRange, Protocol, ResourceName, Role, RuleName};
use ipnet::IpNet;
use proptest::prelude::*;
use std::net::IpAddr;

#[test]
fn names_say_what_a_resource_is() {
    let node = |group, index, part| ResourceName::Node(group, index, part);
    let rule = RuleName {
        group: Some("master"),
        protocol: Protocol::Tcp,
        ports: Some(PortRange { first: 9870, last: 9870 }),
        from: "203.0.113.0/24".parse().unwrap(),
    };
    let port = PortRange { first: 22, last: 22 };
    let of_ipv6 = RuleName { group: None, ports: Some(port), from: "2001:db8::/32".parse().unwrap(), ..rule };
    let everybody = RuleName { protocol: Protocol::Icmp, ports: None, from: "::/0".parse().unwrap(), ..of_ipv6 };
    for (text, name) in [
        ("slaves-3-server", node("slaves", 3, NodePart::Server)),
        ("gpu-2-12-floating-ip-association", node("gpu-2", 12, NodePart::FloatingIpAssociation)),
        ("slaves-0-volume-data", node("slaves", 0, NodePart::Volume("data"))),
        ("slaves-0-volume-deployment", node("slaves", 0, NodePart::Volume("deployment"))),
        ("slaves-0-attachment-x-3-server", node("slaves", 0, NodePart::Attachment("x-3-server"))),
        ("slaves-0-volume-security-group", node("slaves", 0, NodePart::Volume("security-group"))),
        ("config-a-0-volume-0123456789", node("config-a", 0, NodePart::Volume("0123456789"))),
        ("verify-spark-0-deployment", node("verify-spark", 0, NodePart::Deployment)),
        ("rule-makers-1-port", node("rule-makers", 1, NodePart::Port)),
        ("config-slaves-0123456789", ResourceName::Configuration("slaves", "0123456789")),
        ("verify-0123456789", ResourceName::VerificationConfiguration("0123456789")),
        ("verify-deployment", ResourceName::Verification),
        ("slaves-server-group", ResourceName::ServerGroup("slaves")),
        ("verify-it-server-group", ResourceName::ServerGroup("verify-it")),
        ("rule-it-security-group", ResourceName::SecurityGroupOf("rule-it")),
        ("security-group", ResourceName::SecurityGroup),
        ("router-interface", ResourceName::RouterInterface),
        ("rule-inside-icmp", ResourceName::RuleInside(Protocol::Icmp)),
        ("rule-inside-ipv6-icmp", ResourceName::RuleInsideIpv6(Protocol::Icmp)),
        ("ipv6-subnet", ResourceName::Ipv6Subnet),
        ("ipv6-router-interface", ResourceName::Ipv6RouterInterface),
        ("rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-0-32", ResourceName::Rule(of_ipv6)),
        ("rule-icmp-from-ipv6-0-0-0-0-0-0-0-0-0", ResourceName::Rule(everybody)),
        ("rule-master-tcp-9870-from-203-0-113-0-24", ResourceName::Rule(rule)),
        ("user-data-slave", ResourceName::UserData(Role::Slave)),
    ] {
        assert_eq!(ResourceName::parse(text), Some(name));
        assert_eq!(name.to_string(), text);
    }
    let strange =
        ["slaves-03-server", "slaves-3-disk", "slaves-3-volume-", "-3-server", "config-slaves-01234", "other"];
    let rules = [
        "rule-tcp-22-from-10-0-0-1-8",
        "rule-tcp-9-3-from-10-0-0-0-8",
        "rule-ssh",
        "rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-1-32",
        "rule-tcp-22-from-ipv6-2001-0db8-0-0-0-0-0-0-32",
        "rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-0-129",
        "rule-tcp-22-from-ipv6-2001-db8-0-0-0-0-0-32",
    ];
    for text in strange.into_iter().chain(rules) {
        assert_eq!(ResourceName::parse(text), None, "{text}");
    }
}

#[test]
fn names_say_whose_a_resource_is() {
    let address = |name: &str| Address::of_resource("c", name).to_string();
    assert_eq!(address("slaves-3-volume-server"), "cluster.c.slaves[3]");
    assert_eq!(address("verify-spark-0-port"), "cluster.c.verify-spark[0]");
    assert_eq!(address("config-slaves-0123456789"), "cluster.c.slaves");
    assert_eq!(address("subnet"), "cluster.c.network");
    assert_eq!(address("rule-inside-tcp"), "cluster.c.security");
    assert_eq!(address("verify-deployment"), "cluster.c");
    assert_eq!(address("somebody-elses"), "cluster.c");
}

#[test]
fn where_one_side_is_known_the_other_is_read_whatever_it_is_called() {
    let group = "a-0-volume-b";
    for part in [NodePart::Server, NodePart::Volume("c-1-port"), NodePart::FloatingIp, NodePart::Deployment] {
        let name = ResourceName::Node(group, 3, part).to_string();
        assert_eq!(NodePart::of(&name, group, 3), Some(part));
        assert_eq!(part.owner(&name), Some((group, 3)));
        assert_eq!((NodePart::of(&name, group, 2), NodePart::of(&name, "b", 3)), (None, None));
    }
    assert_eq!(NodePart::FloatingIp.owner("slaves-03-floating-ip"), None);
}

/// Names as the definition takes them, with the words that names are made of; none that looks like a node's volume.
fn name() -> impl Strategy<Value = String> {
    let words = "(config|rule|verify|user-data|inside|tcp|icmp|server|security|group|from|volume|attachment|port|x)";
    let word = prop_oneof![words, "[0-9]{1,3}", "[a-f0-9]{10}"];
    prop::collection::vec(word, 0..5)
        .prop_map(|words| ["a".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join("-"))
}

fn group() -> impl Strategy<Value = String> {
    name().prop_filter("looks like a node's volume", |name| {
        let words: Vec<&str> = name.split('-').collect();
        let digits = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        !words.windows(2).any(|pair| digits(pair[0]) && ["volume", "attachment"].contains(&pair[1]))
    })
}

fn protocol() -> impl Strategy<Value = Protocol> {
    prop::sample::select(vec![Protocol::Tcp, Protocol::Udp, Protocol::Icmp])
}

fn ports() -> impl Strategy<Value = Option<PortRange>> {
    prop::option::of(
        (1..=u16::MAX, 0..9u16).prop_map(|(first, more)| PortRange { first, last: first.saturating_add(more) }),
    )
}

fn from() -> impl Strategy<Value = IpNet> {
    let net = |(address, length)| IpNet::new(address, length).unwrap().trunc();
    let of_ipv4 = (any::<std::net::Ipv4Addr>().prop_map(IpAddr::V4), 0..=32u8).prop_map(net);
    of_ipv4.boxed().prop_union((any::<std::net::Ipv6Addr>().prop_map(IpAddr::V6), 0..=128u8).prop_map(net).boxed())
}

proptest! {
    #[test]
    fn reading_undoes_writing(
        group in group(),
        volume in name(),
        index in any::<u32>(),
        digest in "[0-9a-f]{10}",
        protocol in protocol(),
        ports in ports(),
        from in from(),
    ) {
        let (group, volume) = (group.as_str(), volume.as_str());
        let parts = [
            NodePart::Port,
            NodePart::Server,
            NodePart::Volume(volume),
            NodePart::Attachment(volume),
            NodePart::Deployment,
            NodePart::FloatingIp,
            NodePart::FloatingIpAssociation,
        ];
        let rule = |group| ResourceName::Rule(RuleName { group, protocol, ports, from });
        let others = [
            ResourceName::Network,
            ResourceName::Subnet,
            ResourceName::Router,
            ResourceName::RouterInterface,
            ResourceName::SecurityGroup,
            ResourceName::SecurityGroupOf(group),
            ResourceName::RuleInside(protocol),
            ResourceName::RuleInsideIpv6(protocol),
            ResourceName::Ipv6Subnet,
            ResourceName::Ipv6RouterInterface,
            rule(None),
            rule(Some(group)),
            ResourceName::UserData(Role::Master),
            ResourceName::UserData(Role::Slave),
            ResourceName::ServerGroup(group),
            ResourceName::Configuration(group, &digest),
            ResourceName::VerificationConfiguration(&digest),
            ResourceName::Verification,
        ];
        for name in parts.map(|part| ResourceName::Node(group, index, part)).into_iter().chain(others) {
            let text = name.to_string();
            prop_assert_eq!(ResourceName::parse(&text), Some(name));
        }
    }

    #[test]
    fn writing_undoes_reading(text in "(rule-|config-|verify-|user-data-)?[a-c-]{0,3}(-[0-9]{1,2}){0,6}(-(port|tcp|from|volume-x|server-group))?(-[0-9]{1,3}){0,5}") {
        if let Some(name) = ResourceName::parse(&text) {
            prop_assert_eq!(name.to_string(), text);
        }
    }
}
