//! Whether subnets that exist have an address for each node that Neutron is to choose one for, of all clusters together.

use std::collections::BTreeMap;

use super::existing::find_network;
use crate::model::{ClusterSpec, ExistingParts, ExistingSubnet, Members, NetworkSpec, Sourced};
use crate::source::{Diagnostic, Diagnostics, listed};

/// A cluster whose nodes need addresses of a subnet.
struct Need<'a> {
    cluster: &'a ClusterSpec,
    subnet: &'a Sourced<String>,
    /// How many nodes have none yet.
    nodes: u64,
    /// Whether Neutron chooses them.
    chosen: bool,
}

/// Checks the subnets that clusters share, as far as one sees their ports.
pub fn check_room<'a>(
    clusters: impl IntoIterator<Item = (&'a ClusterSpec, &'a Members)>,
    parts: &ExistingParts,
) -> Diagnostics {
    let mut subnets: BTreeMap<&str, (&ExistingSubnet, Vec<Need<'_>>)> = BTreeMap::new();
    for (cluster, members) in clusters {
        let NetworkSpec::Existing { network, subnet, addresses, origin, .. } = &cluster.network else { continue };
        // What is not found has been said.
        let Ok((_, found)) = find_network(network, subnet, *origin, parts) else { continue };
        let nodes = members.groups.values().flat_map(|group| group.nodes.values());
        // Who writes addresses takes those of them that nobody has yet.
        let waiting = nodes.filter(|node| node.address.is_none_or(|address| !found.taken.contains_key(&address)));
        let need = Need { cluster, subnet, nodes: waiting.count() as u64, chosen: addresses.is_none() };
        if need.nodes > 0 {
            subnets.entry(&found.id).or_insert_with(|| (found, Vec::new())).1.push(need);
        }
    }
    let shared = subnets.into_values().filter(|(_, needs)| needs.iter().any(|need| need.chosen));
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(shared.filter_map(|(subnet, needs)| too_small(subnet, &needs)));
    diagnostics
}

fn too_small(subnet: &ExistingSubnet, needs: &[Need<'_>]) -> Option<Diagnostic> {
    let wanted: u64 = needs.iter().map(|need| need.nodes).sum();
    let size = 1_u64 << (32 - subnet.cidr.prefix_len());
    // Its first and last addresses are nobody's, and one is the gateway's, which has no port that one sees.
    let gateway = subnet.gateway.filter(|gateway| !subnet.taken.contains_key(gateway));
    let free = size.saturating_sub(2 + subnet.taken.len() as u64 + u64::from(gateway.is_some()));
    let first = needs.first().filter(|_| wanted > free)?;
    let has = match free {
        0 => "no free addresses".to_owned(),
        1 => "1 free address at most".to_owned(),
        _ => format!("{free} free addresses at most"),
    };
    let names: Vec<String> = needs.iter().map(|need| format!("`{}`", need.cluster.name)).collect();
    let who = if names.len() == 1 { "cluster" } else { "clusters" };
    let need = if names.len() == 1 { "needs" } else { "need" };
    let message = format!("subnet `{}` has {has}, {who} {} {need} {wanted} more", first.subnet.value, listed(&names));
    let place = |need: &Need<'_>| need.subnet.origin.unwrap_or(need.cluster.origin);
    let mut diagnostic = Diagnostic::error("disco::subnet_too_small", message)
        .at(place(first), format!("{} has {size} addresses, others have some of them", subnet.cidr));
    for other in &needs[1..] {
        diagnostic = diagnostic.at(place(other), format!("{} more", other.nodes));
    }
    Some(diagnostic.help("use fewer nodes, or name another subnet"))
}
