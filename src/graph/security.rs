//! Who may reach what: one security group for all nodes, one more for each group with rules of its own, and every
//! rule a resource of its own, so that a changed rule cuts nobody off.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use super::Property;
use super::draft::Draft;
use crate::catalogue::OpenPort;
use crate::model::{AllowRule, PortRange, Protocol, ResourceName, RuleName, RuleTarget, Service};
use crate::source::{Diagnostic, Span, did_you_mean};

/// On which group's nodes (all without one) something listens, and where.
type Listening<'a> = (Option<&'a str>, Protocol, Option<PortRange>);

/// The security groups of each group's ports.
pub(super) struct SecurityGroups {
    own: BTreeSet<String>,
}

impl SecurityGroups {
    pub(super) fn of(&self, draft: &mut Draft<'_>, group: &str) -> Vec<Property> {
        let mut groups = vec![draft.shared(ResourceName::SecurityGroup)];
        if self.own.contains(group) {
            groups.push(draft.shared(ResourceName::SecurityGroupOf(group)));
        }
        groups
    }
}

/// The cluster's name; Heat keeps `default` for Neutron's own group.
fn cluster_group(cluster: &str) -> String {
    if cluster == "default" { "default-nodes".to_owned() } else { cluster.to_owned() }
}

/// Adds security groups and rules to the base stack.
pub(super) fn add(draft: &mut Draft<'_>) -> SecurityGroups {
    let spec = draft.spec;
    let openings = openings(draft);
    let own: BTreeSet<String> = openings.keys().filter_map(|opening| opening.group.map(str::to_owned)).collect();
    if !draft.is_base() {
        return SecurityGroups { own };
    }
    let security_group = draft
        .resource(ResourceName::SecurityGroup, Some(spec.origin))
        .with("name", cluster_group(&spec.name))
        .with("description", format!("Nodes of cluster {}", spec.name));
    draft.add(security_group);
    for protocol in Protocol::ALL {
        let rule = draft
            .resource(ResourceName::RuleInside(protocol), Some(spec.origin))
            .with("security_group", Property::resource(ResourceName::SecurityGroup))
            .with("remote_group", Property::resource(ResourceName::SecurityGroup))
            .with("protocol", protocol.name())
            .with("direction", "ingress")
            .with("ethertype", "IPv4");
        draft.add(rule);
        if spec.network.ipv6_cidr().is_some() {
            let rule = draft
                .resource(ResourceName::RuleInsideIpv6(protocol), Some(spec.origin))
                .with("security_group", Property::resource(ResourceName::SecurityGroup))
                .with("remote_group", Property::resource(ResourceName::SecurityGroup))
                .with("protocol", protocol.ipv6_name())
                .with("direction", "ingress")
                .with("ethertype", "IPv6");
            draft.add(rule);
        }
    }
    for group in &own {
        let origin = spec.group(group).map_or(spec.origin, |group| group.origin);
        let security_group = draft
            .resource(ResourceName::SecurityGroupOf(group), Some(origin))
            .with("name", format!("{}-{group}", spec.name))
            .with("description", format!("Group {group} of cluster {}", spec.name));
        draft.add(security_group);
    }
    for (opening, origin) in openings {
        let security_group = opening.group.map_or(ResourceName::SecurityGroup, ResourceName::SecurityGroupOf);
        let (protocol, ethertype) = match opening.from {
            IpNet::V4(_) => (opening.protocol.name(), "IPv4"),
            IpNet::V6(_) => (opening.protocol.ipv6_name(), "IPv6"),
        };
        let mut rule = draft
            .resource(ResourceName::Rule(opening), Some(origin))
            .with("security_group", Property::resource(security_group))
            .with("remote_ip_prefix", opening.from.to_string())
            .with("protocol", protocol)
            .with("direction", "ingress")
            .with("ethertype", ethertype);
        if let Some(ports) = opening.ports {
            rule = rule.with("port_range_min", u32::from(ports.first)).with("port_range_max", u32::from(ports.last));
        }
        draft.add(rule);
    }
    SecurityGroups { own }
}

/// What all `allow` blocks open, each with the block that said so first.
fn openings<'a>(draft: &mut Draft<'a>) -> BTreeMap<RuleName<'a>, Span> {
    let spec = draft.spec;
    let mut openings = BTreeMap::new();
    for rule in &spec.security {
        for (group, protocol, ports) in what(draft, rule) {
            for from in &rule.from {
                let opening = RuleName { group, protocol, ports, from: from.value.trunc() };
                openings.entry(opening).or_insert_with(|| from.origin.unwrap_or(rule.origin));
            }
        }
    }
    openings
}

/// Groups, protocols and ports of one `allow` block.
fn what<'a>(draft: &mut Draft<'a>, rule: &'a AllowRule) -> Vec<Listening<'a>> {
    let target = match &rule.to {
        RuleTarget::All => None,
        RuleTarget::Group(group) => Some(group.as_str()),
    };
    match &rule.service {
        Service::Ssh => vec![(target, Protocol::Tcp, Some(PortRange { first: 22, last: 22 }))],
        Service::Custom { protocol, ports } if ports.is_empty() => vec![(target, *protocol, None)],
        Service::Custom { protocol, ports } => ports.iter().map(|&ports| (target, *protocol, Some(ports))).collect(),
        Service::WebUi => {
            let listening = listening(draft, target, |port| port.web_ui.is_some());
            if listening.is_empty() {
                draft.report(nothing_listens(rule, "no web UI", target));
            }
            listening
        }
        Service::Named(name) => {
            let known = draft.configuration.open_ports.iter().map(|port| port.name.as_str());
            if !draft.configuration.open_ports.iter().any(|port| port.name == *name) {
                let help = did_you_mean(name, known.chain(["ssh", "web-ui", "custom"]));
                draft.report(
                    Diagnostic::error(
                        "disco::unknown_service",
                        format!("port `{name}` does not exist in this cluster"),
                    )
                    .at(rule.origin, "not a port of its frameworks")
                    .help_maybe(help),
                );
                return Vec::new();
            }
            let listening = listening(draft, target, |port| port.name == *name);
            if listening.is_empty() {
                draft.report(nothing_listens(rule, &format!("no `{name}`"), target));
            }
            listening
        }
    }
}

/// Ports of the frameworks, on the groups that listen there.
fn listening<'a>(draft: &Draft<'a>, target: Option<&str>, wanted: impl Fn(&OpenPort) -> bool) -> Vec<Listening<'a>> {
    let ports = draft.configuration.open_ports.iter();
    ports
        .filter(|port| wanted(port) && target.is_none_or(|target| target == port.group))
        .map(|port| (Some(port.group.as_str()), port.protocol, Some(port.ports)))
        .collect()
}

fn nothing_listens(rule: &AllowRule, what: &str, target: Option<&str>) -> Diagnostic {
    let place = target.map_or_else(|| "this cluster".to_owned(), |group| format!("group `{group}`"));
    Diagnostic::warning("disco::nothing_to_allow", format!("{place} has {what}, so `{}` opens nothing", rule.label))
        .at(rule.origin, "opens nothing")
}
