//! Who holds what of a stack could not be deleted, and what is left of stacks that are gone.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::ApplyError;
use super::outcome::Stop;
use super::run::Run;
use crate::heat::{Cloud, HeatError, NetworkPort};
use crate::model::heat_type;
use crate::plan::ObservedStack;

/// What stands in the way of deleting a stack's networks, routers and security groups, a sentence each. Nothing where the
/// cloud does not say.
pub(super) async fn holders(cloud: &Cloud, seen: &ObservedStack, ours: &BTreeSet<String>) -> Vec<String> {
    let ids = |of: &str| -> BTreeSet<&str> {
        let there = seen.resources.values().filter(|resource| resource.heat_type == of && resource.exists());
        there.filter_map(|resource| resource.physical_id.as_deref()).collect()
    };
    let (networks, routers) = (ids(heat_type::NET), ids(heat_type::ROUTER));
    let groups = ids(heat_type::SECURITY_GROUP);
    if networks.is_empty() && routers.is_empty() && groups.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for port in cloud.ports().await.unwrap_or_default() {
        // Neutron's own ports, and those of our routers, go with the rest.
        let own = port.device_owner.starts_with("network:") && !port.device_owner.starts_with("network:router");
        if own || ours.contains(&port.id) || routers.contains(port.device_id.as_str()) {
            continue;
        }
        if networks.contains(port.network_id.as_str()) {
            found.push(format!("{} is on the cluster's network", told(&port)));
        } else if port.security_groups.iter().any(|group| groups.contains(group.as_str())) {
            found.push(format!("{} has the cluster's security group", told(&port)));
        }
    }
    for address in cloud.floating_addresses().await.unwrap_or_default() {
        if !ours.contains(&address.id) && address.router_id.as_deref().is_some_and(|router| routers.contains(router)) {
            let (ip, id) = (&address.floating_ip_address, &address.id);
            found.push(format!("floating IP {ip} ({id}) goes through the cluster's router"));
        }
    }
    found
}

/// A port and whose it is.
fn told(port: &NetworkPort) -> String {
    let name = if port.name.is_empty() { String::new() } else { format!("`{}` ", port.name) };
    let device = match (port.device_owner.as_str(), port.device_id.as_str()) {
        (_, "") => String::new(),
        (owner, id) if owner.starts_with("compute:") => format!(" of server {id}"),
        (owner, id) if owner.starts_with("network:router") => format!(" of router {id}"),
        (_, id) => format!(" of {id}"),
    };
    format!("port {name}({}){device}", port.id)
}

/// What a thing of that type is called.
fn kind(of: &str) -> &str {
    match of {
        heat_type::SERVER => "server",
        heat_type::SERVER_GROUP => "server group",
        heat_type::PORT => "port",
        heat_type::FLOATING_IP => "floating IP",
        heat_type::NET => "network",
        heat_type::SUBNET => "subnet",
        heat_type::ROUTER => "router",
        heat_type::SECURITY_GROUP => "security group",
        heat_type::VOLUME => "volume",
        other => other,
    }
}

impl Run<'_> {
    /// Looks for what is left of stacks that Heat says are gone: each kind is listed once, however many nodes there were.
    /// Their records keep what was found.
    pub(super) async fn audit_gone(&self, stacks: &[(String, String)]) -> Result<(), Stop> {
        let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
        {
            let run_state = self.run_state();
            for (cluster, stack) in stacks {
                let known = run_state.state.clusters.get(cluster).and_then(|known| known.stacks.get(stack));
                for resource in known.iter().flat_map(|known| known.resources.values()) {
                    if let Some(id) = &resource.physical_id {
                        ids.entry(resource.heat_type.clone()).or_default().push(id.clone());
                    }
                }
            }
        }
        let failed = |source: HeatError| ApplyError::cloud("check that nothing is left", source);
        let left = self.cloud.left_of(&ids).await.map_err(failed)?;
        if left.is_empty() {
            return Ok(());
        }
        let kept: BTreeSet<&str> = left.iter().map(|(_, thing)| thing.id.as_str()).collect();
        for (cluster, stack) in stacks {
            let mut run_state = self.run_state();
            let known = run_state.cluster(cluster).stacks.get_mut(stack);
            if let Some(known) = known {
                std::sync::Arc::make_mut(&mut known.resources)
                    .retain(|_, resource| resource.physical_id.as_deref().is_some_and(|id| kept.contains(id)));
            }
        }
        self.save().await?;
        let words = left.iter().map(|(of, thing)| match thing.name.as_deref() {
            Some(name) if !name.is_empty() => format!("{} `{name}` ({})", kind(of), thing.id),
            _ => format!("{} {}", kind(of), thing.id),
        });
        let words: Vec<String> = words.collect();
        let names: BTreeSet<&str> = stacks.iter().map(|(_, stack)| stack.as_str()).collect();
        let stack = names.into_iter().collect::<Vec<_>>().join("`, `");
        Err(ApplyError::LeftOver { stack, left: crate::source::listed(&words) }.into())
    }
}
