//! Who may reach what: the rules of the firewall that come or go, as a person reads them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::ChangeKind;
use super::reference::named;
use crate::catalogue::OpenPort;
use crate::model::{PortRange, ResourceName, heat_type};
use crate::source::{Diagnostic, Span, listed};

/// A rule that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChange {
    /// What happens to it.
    pub kind: ChangeKind,
    /// What listens there: `ssh`, or a framework's own name for its port; `None` for ports of one's own.
    pub service: Option<String>,
    /// `tcp`, `udp` or `icmp`.
    pub protocol: String,
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
        let from = match word("remote_ip_prefix") {
            Some(prefix) => RuleSource::Network(prefix),
            None if property("remote_group").is_some() => RuleSource::Nodes,
            None => RuleSource::Network("0.0.0.0/0".to_owned()),
        };
        Some(Self {
            kind,
            service: None,
            protocol: word("protocol").unwrap_or_else(|| "any".to_owned()),
            ports: ports.map(|(first, last)| PortRange { first, last }),
            from,
            to: group.and_then(of_group),
            origin,
        })
    }

    /// Finds out what listens there.
    pub(super) fn name_service(&mut self, ports: &[OpenPort]) {
        let Some(range) = self.ports.filter(|_| self.from != RuleSource::Nodes) else { return };
        let listens = |port: &&OpenPort| {
            port.ports == range
                && port.protocol.name() == self.protocol
                && self.to.as_ref().is_none_or(|group| *group == port.group)
        };
        self.service = match ports.iter().find(listens) {
            Some(port) => Some(port.name.clone()),
            None if range.first == 22 && range.last == 22 && self.protocol == "tcp" => Some("ssh".to_owned()),
            None => None,
        };
    }

    /// `tcp 9870`, `tcp 9000-9100`, `all icmp`
    pub fn opening(&self) -> String {
        match self.ports {
            Some(PortRange { first, last }) if first == last => format!("{} {first}", self.protocol),
            Some(PortRange { first, last }) => format!("{} {first}-{last}", self.protocol),
            None => format!("all {}", self.protocol),
        }
    }

    /// What it is called: its service, or what kind of rule it is.
    pub fn name(&self) -> &str {
        match (&self.service, &self.from) {
            (Some(service), _) => service,
            (None, RuleSource::Nodes) => "inside",
            (None, RuleSource::Network(_)) => "custom",
        }
    }

    fn lets_everybody_in(&self) -> bool {
        let opened = matches!(self.kind, ChangeKind::Create | ChangeKind::Replace);
        opened && matches!(&self.from, RuleSource::Network(prefix) if prefix.ends_with("/0"))
    }
}

/// A warning for each line that opens ports to everybody.
pub(super) fn open_to_the_world<'a>(cluster: &str, rules: impl Iterator<Item = &'a RuleChange>) -> Vec<Diagnostic> {
    let mut lines: BTreeMap<Option<Span>, Vec<String>> = BTreeMap::new();
    for rule in rules.filter(|rule| rule.lets_everybody_in()) {
        let to = rule.to.as_deref().map_or_else(|| "all nodes".to_owned(), |group| format!("`{group}`"));
        lines.entry(rule.origin).or_default().push(format!("`{}` ({}) on {to}", rule.name(), rule.opening()));
    }
    let warnings = lines.into_iter().map(|(origin, openings)| {
        let verb = if openings.len() > 1 { "are" } else { "is" };
        let what = listed(&openings);
        Diagnostic::warning(
            "disco::open_to_the_world",
            format!("{what} of cluster `{cluster}` {verb} open to every address on the internet"),
        )
        .at_maybe(origin, "lets everybody in")
        .help("name the networks that need it, for example `from = [\"203.0.113.0/24\"]`")
    });
    warnings.collect()
}
