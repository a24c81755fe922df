//! Frameworks that would be in each other's way on a node: the same file, unit, account or port.

use std::collections::BTreeMap;

use super::view::Prepared;
use super::{ClusterConfiguration, Framework, Placement, PortDeclaration};
use crate::model::{ClusterSpec, PortRange, Protocol};
use crate::source::{Diagnostic, Diagnostics};

impl Framework {
    /// A port that services of both listen on, on the same nodes and without a condition.
    pub fn shared_port(&self, other: &Self) -> Option<u16> {
        let listening = |of: &'_ Self| -> Vec<(Protocol, PortRange, Vec<Placement>)> {
            let ports = of.ports.iter().filter(|port| port.when.is_none());
            let on = |port: &PortDeclaration| {
                let service = of.services.iter().find(|service| port.service.as_ref() == Some(&service.name))?;
                let ports = of.usual_ports(port).filter(|_| service.when.is_none())?;
                Some((port.protocol, ports, service.on.clone()))
            };
            ports.filter_map(on).collect()
        };
        let theirs = listening(other);
        listening(self).into_iter().find_map(|(protocol, ports, on)| {
            theirs.iter().filter(|(of, ..)| *of == protocol).find_map(|(_, others, there)| {
                let first = ports.first.max(others.first);
                let meets = first <= ports.last.min(others.last);
                let together = on.iter().any(|one| there.iter().any(|other| one.overlaps(*other)));
                (meets && together).then_some(first)
            })
        })
    }
}

/// All of them.
pub(super) fn check(
    spec: &ClusterSpec,
    prepared: &[Prepared<'_>],
    configuration: &ClusterConfiguration,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let place = |framework: &str| {
        let asked = spec.frameworks.iter().find(|asked| asked.name == framework);
        asked.map_or(spec.origin, |asked| asked.origin)
    };
    let mut collide = |what: String, one: &str, other: &str| {
        diagnostics.push(
            Diagnostic::error("disco::conflict", format!("{one} and {other} both use {what}"))
                .at(place(one), "one of them")
                .at(place(other), "the other")
                .help("put each into a cluster of its own; where a manifest is yours, change it there"),
        );
    };
    for group in configuration.groups.values() {
        let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
        for file in &group.files {
            if let Some(other) = paths.insert(&file.path, &file.framework).filter(|other| *other != file.framework) {
                collide(format!("the file `{}`", file.path), other, &file.framework);
            }
        }
        let mut units: BTreeMap<&str, &str> = BTreeMap::new();
        for unit in &group.units {
            if let Some(other) = units.insert(&unit.name, &unit.framework).filter(|other| *other != unit.framework) {
                collide(format!("the unit `{}`", unit.name), other, &unit.framework);
            }
        }
    }
    let mut ports: BTreeMap<(&str, Protocol, u16), &str> = BTreeMap::new();
    for (context, views) in prepared {
        let framework = context.chosen.framework;
        for (port, view) in framework.ports.iter().flat_map(|port| views.iter().map(move |view| (port, view))) {
            if !view.listens(framework, port) {
                continue;
            }
            for number in view.range(port).into_iter().flat_map(|ports| ports.first..=ports.last) {
                let key = (view.group.name.as_str(), port.protocol, number);
                if let Some(other) = ports.insert(key, &framework.name).filter(|other| *other != framework.name) {
                    collide(format!("port {number}"), other, &framework.name);
                }
            }
        }
    }
    diagnostics
}
