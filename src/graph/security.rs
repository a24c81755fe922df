//! Who may reach what: one security group for all nodes, one more for each group with rules of its own, and every
//! rule a resource of its own, so that a changed rule cuts nobody off.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::draft::Draft;
use super::{Property, Resource};
use crate::catalogue::OpenPort;
use crate::model::{Address, AllowRule, PortRange, Protocol, RuleTarget, Service};
use crate::source::{Diagnostic, Span, did_you_mean};

const CLUSTER_GROUP: &str = "security-group";

/// One opening: on which group's nodes (`None`: all), what, from where. Two `allow` blocks that say the same are one
/// rule, because Neutron refuses a rule that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    group: Option<String>,
    protocol: Protocol,
    ports: Option<PortRange>,
    from: Ipv4Net,
}

impl Opening {
    /// `rule-master-tcp-9870-from-203-0-113-0-24`: what it says is its name, so that the order of blocks is free.
    fn name(&self) -> String {
        let group = self.group.as_deref().map(|group| format!("-{group}")).unwrap_or_default();
        let ports = match self.ports {
            Some(ports) if ports.first == ports.last => format!("-{}", ports.first),
            Some(ports) => format!("-{}-{}", ports.first, ports.last),
            None => String::new(),
        };
        let protocol = self.protocol.name();
        let [a, b, c, d] = self.from.network().octets();
        format!("rule{group}-{protocol}{ports}-from-{a}-{b}-{c}-{d}-{}", self.from.prefix_len())
    }
}

/// The security groups of each group's ports.
pub(super) struct SecurityGroups {
    own: BTreeSet<String>,
}

impl SecurityGroups {
    pub(super) fn of(&self, draft: &mut Draft<'_>, group: &str) -> Vec<Property> {
        let mut groups = vec![draft.shared(CLUSTER_GROUP)];
        if self.own.contains(group) {
            groups.push(draft.shared(&group_name(group)));
        }
        groups
    }
}

/// The cluster's name; Heat keeps `default` for Neutron's own group.
fn cluster_group(cluster: &str) -> String {
    if cluster == "default" { "default-nodes".to_owned() } else { cluster.to_owned() }
}

fn group_name(group: &str) -> String {
    format!("{group}-security-group")
}

/// Adds security groups and rules to the base stack.
pub(super) fn add(draft: &mut Draft<'_>) -> SecurityGroups {
    let spec = draft.spec;
    let openings = openings(draft);
    let own: BTreeSet<String> = openings.keys().filter_map(|opening| opening.group.clone()).collect();
    if !draft.is_base() {
        return SecurityGroups { own };
    }
    let address = || Address::Security(spec.name.clone());
    draft.add(
        Resource::new(CLUSTER_GROUP, "OS::Neutron::SecurityGroup", address(), Some(spec.origin))
            .with("name", cluster_group(&spec.name))
            .with("description", format!("Nodes of cluster {}", spec.name)),
    );
    for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp] {
        let name = format!("rule-inside-{}", protocol.name());
        draft.add(
            Resource::new(name, "OS::Neutron::SecurityGroupRule", address(), Some(spec.origin))
                .with("security_group", Property::resource(CLUSTER_GROUP))
                .with("remote_group", Property::resource(CLUSTER_GROUP))
                .with("protocol", protocol.name())
                .with("direction", "ingress")
                .with("ethertype", "IPv4"),
        );
    }
    for group in &own {
        let origin = spec.group(group).map_or(spec.origin, |group| group.origin);
        draft.add(
            Resource::new(group_name(group), "OS::Neutron::SecurityGroup", address(), Some(origin))
                .with("name", format!("{}-{group}", spec.name))
                .with("description", format!("Group {group} of cluster {}", spec.name)),
        );
    }
    for (opening, origin) in openings {
        let security_group = opening.group.as_deref().map_or_else(|| CLUSTER_GROUP.to_owned(), group_name);
        let mut rule = Resource::new(opening.name(), "OS::Neutron::SecurityGroupRule", address(), Some(origin))
            .with("security_group", Property::resource(security_group))
            .with("remote_ip_prefix", opening.from.to_string())
            .with("protocol", opening.protocol.name())
            .with("direction", "ingress")
            .with("ethertype", "IPv4");
        if let Some(ports) = opening.ports {
            rule = rule.with("port_range_min", u32::from(ports.first)).with("port_range_max", u32::from(ports.last));
        }
        draft.add(rule);
    }
    SecurityGroups { own }
}

/// What all `allow` blocks open, each with the block that said so first.
fn openings(draft: &mut Draft<'_>) -> BTreeMap<Opening, Span> {
    let spec = draft.spec;
    let mut openings = BTreeMap::new();
    for rule in &spec.security {
        for (group, protocol, ports) in what(draft, rule) {
            for from in &rule.from {
                let opening = Opening { group: group.clone(), protocol, ports, from: from.value.trunc() };
                openings.entry(opening).or_insert(rule.origin);
            }
        }
    }
    openings
}

/// Groups, protocols and ports of one `allow` block.
fn what(draft: &mut Draft<'_>, rule: &AllowRule) -> Vec<(Option<String>, Protocol, Option<PortRange>)> {
    let target = match &rule.to {
        RuleTarget::All => None,
        RuleTarget::Group(group) => Some(group.clone()),
    };
    match &rule.service {
        Service::Ssh => vec![(target, Protocol::Tcp, Some(PortRange { first: 22, last: 22 }))],
        Service::Custom { protocol, ports } if ports.is_empty() => vec![(target, *protocol, None)],
        Service::Custom { protocol, ports } => {
            ports.iter().map(|&ports| (target.clone(), *protocol, Some(ports))).collect()
        }
        Service::WebUi => {
            let listening = listening(draft, target.as_ref(), |port| port.web_ui.is_some());
            if listening.is_empty() {
                draft.report(nothing_listens(rule, "no web UI", target.as_deref()));
            }
            listening
        }
        Service::Named(name) => {
            let known = draft.configuration.open_ports.iter().map(|port| port.name.as_str());
            if !draft.configuration.open_ports.iter().any(|port| port.name == *name) {
                let help = did_you_mean(name, known.chain(["ssh", "web-ui", "custom"]));
                draft.report(
                    Diagnostic::error("disco::unknown_service", format!("no framework of the cluster has `{name}`"))
                        .at(rule.origin, "not a service of this cluster")
                        .help_maybe(help),
                );
                return Vec::new();
            }
            let listening = listening(draft, target.as_ref(), |port| port.name == *name);
            if listening.is_empty() {
                draft.report(nothing_listens(rule, &format!("no `{name}`"), target.as_deref()));
            }
            listening
        }
    }
}

/// Ports of the frameworks, on the groups that listen there.
fn listening(
    draft: &Draft<'_>,
    target: Option<&String>,
    wanted: impl Fn(&OpenPort) -> bool,
) -> Vec<(Option<String>, Protocol, Option<PortRange>)> {
    let ports = draft.configuration.open_ports.iter();
    ports
        .filter(|port| wanted(port) && target.is_none_or(|target| *target == port.group))
        .map(|port| (Some(port.group.clone()), port.protocol, Some(port.ports)))
        .collect()
}

fn nothing_listens(rule: &AllowRule, what: &str, target: Option<&str>) -> Diagnostic {
    let place = target.map_or_else(|| "this cluster".to_owned(), |group| format!("group `{group}`"));
    Diagnostic::warning("disco::nothing_to_allow", format!("{what} is on {place}, so `{}` opens nothing", rule.label))
        .at(rule.origin, "opens nothing")
}
