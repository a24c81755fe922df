//! Who may reach what: the rules of the firewall that come or go, as a person reads them.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde_json::Value as Json;

use super::reference::named;
use super::{ChangeKind, Plan};
use crate::catalogue::{OpenPort, Protection};
use crate::model::{PortRange, ResourceName, heat_type};
use crate::review::{can, is_closed, open_to_a_public_network, open_to_everybody};
use crate::source::{Diagnostic, Span};

/// A rule that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// What happens to it.
    pub kind: ChangeKind,
    /// What listens there: `ssh`, or a framework's own name for its port; `None` for ports of one's own.
    pub service: Option<String>,
    /// The frameworks whose ports these are.
    pub frameworks: BTreeSet<String>,
    /// What anybody who is let in can do, each with the name of the port: what goes on after "can".
    pub anybody: Vec<String>,
    /// `tcp`, `udp`, `icmp` or, of IPv6, `ipv6-icmp`.
    pub protocol: String,
    /// Whether it is about IPv6.
    pub is_ipv6: bool,
    /// Ports; `None`: all of the protocol.
    pub ports: Option<PortRange>,
    /// Who may.
    pub from: RuleSource,
    /// On the nodes of which group; `None`: on all.
    pub to: Option<String>,
    /// The line that opens it.
    pub origin: Option<Span>,
}

/// Who may reach what a rule opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleSource {
    /// Whoever has an address in this range, CIDR.
    Network(String),
    /// The cluster's own nodes.
    Nodes,
    /// It is not known who: the rule was changed outside of DISCO.
    Unknown,
}

impl RuleChange {
    /// Reads a rule out of a resource's properties; `None` for a resource of another type.
    pub(super) fn read(
        kind: ChangeKind,
        resource_type: &str,
        property: &dyn Fn(&str) -> Option<Json>,
        origin: Option<Span>,
    ) -> Option<Self> {
        if resource_type != heat_type::SECURITY_GROUP_RULE {
            return None;
        }
        let word = |name: &str| property(name)?.as_str().map(str::to_owned);
        let port = |name: &str| u16::try_from(property(name)?.as_u64()?).ok();
        let ports = port("port_range_min").zip(port("port_range_max"));
        let group = property("security_group").and_then(|group| named(&group).map(str::to_owned));
        let of_group = |name: String| match ResourceName::parse(&name) {
            Some(ResourceName::SecurityGroupOf(group)) => Some(group.to_owned()),
            _ => None,
        };
        let is_ipv6 = word("ethertype").as_deref() == Some("IPv6");
        let from = match property("remote_ip_prefix") {
            Some(Json::String(prefix)) => RuleSource::Network(prefix),
            None | Some(Json::Null) if property("remote_group").is_some() => RuleSource::Nodes,
            None | Some(Json::Null) => RuleSource::Network(if is_ipv6 { "::/0" } else { "0.0.0.0/0" }.to_owned()),
            Some(_) => RuleSource::Unknown,
        };
        Some(Self {
            kind,
            service: None,
            frameworks: BTreeSet::new(),
            anybody: Vec::new(),
            protocol: word("protocol").unwrap_or_else(|| "any".to_owned()),
            is_ipv6,
            ports: ports.map(|(first, last)| PortRange { first, last }),
            from,
            to: group.and_then(of_group),
            origin,
        })
    }

    /// Finds out what listens there.
    pub(super) fn name_service(&mut self, ports: &[OpenPort]) {
        let Some(range) = self.ports.filter(|_| self.from != RuleSource::Nodes) else { return };
        let reached = |port: &&OpenPort| {
            port.ports.overlaps(range)
                && port.protocol.name() == self.protocol
                && self.to.as_ref().is_none_or(|group| *group == port.group)
        };
        let reached: Vec<&OpenPort> = ports.iter().filter(reached).collect();
        self.service = match reached.iter().find(|port| port.ports == range) {
            Some(port) => Some(port.name.clone()),
            None if range.first == 22 && range.last == 22 && self.protocol == "tcp" => Some("ssh".to_owned()),
            None => None,
        };
        self.frameworks = reached.iter().map(|port| port.framework.clone()).collect();
        let can = reached.iter().filter_map(|port| Some(can(port.anybody.as_ref()?, &port.name)));
        self.anybody = can.collect::<BTreeSet<String>>().into_iter().collect();
    }

    /// `tcp 9870`, `tcp 9000-9100`, `all icmp`
    pub fn opening(&self) -> String {
        match self.ports {
            Some(PortRange { first, last }) if first == last => format!("{} {first}", self.protocol),
            Some(PortRange { first, last }) => format!("{} {first}-{last}", self.protocol),
            None => format!("all {}", self.protocol),
        }
    }

    /// Its name: its service, `inside` or `inside-ipv6` between the nodes, `custom` for one that the definition opens by number. Of one
    /// that goes, the definition may no longer tell the service: it is a `rule`.
    pub fn name(&self) -> &str {
        match (&self.service, &self.from) {
            (Some(service), _) => service,
            (None, RuleSource::Nodes) if self.is_ipv6 => "inside-ipv6",
            (None, RuleSource::Nodes) => "inside",
            (None, _) if self.origin.is_some() => "custom",
            (None, _) => "rule",
        }
    }

    /// Whether it comes, and lets somebody in who is no node of the cluster.
    pub fn lets_in(&self) -> bool {
        matches!(self.kind, ChangeKind::Create | ChangeKind::Replace) && matches!(self.from, RuleSource::Network(_))
    }
}

impl Plan {
    /// Names the rules after what listens there; `ports` are those that the definition opens, by cluster.
    pub fn name_services(&mut self, ports: &BTreeMap<String, Vec<OpenPort>>) {
        for change in &mut self.changes {
            let Some(ports) = ports.get(change.address.cluster()) else { continue };
            change.rules.iter_mut().for_each(|rule| rule.name_service(ports));
        }
    }
}

/// A warning for each line that opens more than it should to those outside.
pub(super) fn exposed<'a>(cluster: &str, rules: impl Iterator<Item = &'a RuleChange>) -> Vec<Diagnostic> {
    let mut lines: BTreeMap<Option<Span>, Vec<(&RuleChange, IpNet)>> = BTreeMap::new();
    for rule in rules.filter(|rule| rule.lets_in()) {
        let RuleSource::Network(prefix) = &rule.from else { continue };
        // What is no network lets nobody in.
        let Ok(from) = prefix.parse() else { continue };
        lines.entry(rule.origin).or_default().push((rule, from));
    }
    let can = |rules: &[&(&RuleChange, IpNet)]| -> Vec<String> {
        let all: BTreeSet<&String> = rules.iter().flat_map(|(rule, _)| &rule.anybody).collect();
        all.into_iter().cloned().collect()
    };
    let warning = |(origin, rules): (Option<Span>, Vec<(&RuleChange, IpNet)>)| {
        let world: Vec<_> = rules.iter().filter(|(_, from)| from.prefix_len() == 0).collect();
        if !world.is_empty() {
            let what = |(rule, _): &&(&RuleChange, IpNet)| {
                let to = rule.to.as_deref().map_or_else(|| "all nodes".to_owned(), |group| format!("`{group}`"));
                format!("`{}` ({}) on {to}", rule.name(), rule.opening())
            };
            let whats: Vec<String> = world.iter().map(what).collect();
            return Some(open_to_everybody(&whats, cluster, &can(&world)).at_maybe(origin, "open to everybody"));
        }
        let public = rules.iter().filter(|(rule, from)| !rule.anybody.is_empty() && !is_closed(from));
        let public: Vec<_> = public.collect();
        let networks: BTreeSet<String> = public.iter().map(|(_, from)| from.to_string()).collect();
        let networks: Vec<String> = networks.into_iter().collect();
        let warning = open_to_a_public_network(&networks, cluster, &can(&public));
        (!public.is_empty()).then(|| warning.at_maybe(origin, "a public network"))
    };
    lines.into_iter().filter_map(warning).collect()
}

/// What the frameworks protect whose ports these rules open.
pub(super) fn protections(rules: &[RuleChange], all: &[Protection]) -> Vec<Protection> {
    let opened = |protection: &&Protection| {
        rules.iter().any(|rule| rule.lets_in() && rule.frameworks.contains(&protection.framework))
    };
    all.iter().filter(opened).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(source: &Json) -> RuleChange {
        let property = |name: &str| match name {
            "protocol" => Some(json!("tcp")),
            "port_range_min" | "port_range_max" => Some(json!(9870)),
            "remote_ip_prefix" => Some(source.clone()),
            _ => None,
        };
        RuleChange::read(ChangeKind::Delete, heat_type::SECURITY_GROUP_RULE, &property, None).unwrap()
    }

    #[test]
    fn a_source_that_is_not_known_is_not_the_whole_internet() {
        assert_eq!(rule(&json!("203.0.113.0/24")).from, RuleSource::Network("203.0.113.0/24".to_owned()));
        assert_eq!(rule(&Json::Null).from, RuleSource::Network("0.0.0.0/0".to_owned()));
        for unknown in [json!({ "get_param": "office" }), json!({}), json!(["203.0.113.0/24"])] {
            assert_eq!(rule(&unknown).from, RuleSource::Unknown);
        }
    }

    #[test]
    fn a_rule_that_nothing_names_is_not_called_custom() {
        assert_eq!(rule(&json!("203.0.113.0/24")).name(), "rule");
    }
}
