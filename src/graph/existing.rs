//! Whether what a cluster takes for granted is there: its key pair, its existing network, and free addresses in it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::model::{ClusterSpec, ExistingNetwork, ExistingParts, ExistingSubnet, Members, NetworkSpec, Sourced};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean, nearest};
use ipnet::Ipv4Net;

/// Checks a cluster against what its cloud has. Addresses are checked of nodes that are not among the `known` ones, and
/// may be taken by ports of one's `own`, which are given by their ids.
pub fn check_existing(
    cluster: &ClusterSpec,
    members: &Members,
    known: Option<&Members>,
    own: &BTreeSet<&str>,
    parts: &ExistingParts,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(key_pair) = &cluster.ssh.key_pair
        && !parts.key_pairs.contains(&key_pair.value)
    {
        diagnostics.push(unknown_key_pair(key_pair, cluster.origin, &parts.key_pairs));
    }
    let NetworkSpec::Existing { network, subnet, addresses, origin, .. } = &cluster.network else {
        return diagnostics;
    };
    let found = match find_network(network, subnet, *origin, parts) {
        Ok(found) => found,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return diagnostics;
        }
    };
    match check_range(addresses, found, *origin) {
        Some(diagnostic) => diagnostics.push(diagnostic),
        None => diagnostics.extend(check_taken(cluster, members, known, own, found, addresses)),
    }
    diagnostics
}

fn unknown_key_pair(key_pair: &Sourced<String>, cluster: Span, known: &[String]) -> Diagnostic {
    let name = &key_pair.value;
    let help = nearest(name, known.iter().map(String::as_str)).unwrap_or_else(|| {
        format!(
            "create it with `disco local key-pair {name}` on the embedded Heat, `openstack keypair create --public-key \
             ~/.ssh/id_ed25519.pub {name}` on an OpenStack, or set `ssh_keys` instead"
        )
    });
    Diagnostic::error("disco::unknown_key_pair", format!("key pair `{name}` does not exist in the cloud"))
        .at(key_pair.origin.unwrap_or(cluster), "not among the cloud's key pairs")
        .help(help)
}

/// The subnet that is meant.
fn find_network<'p>(
    network: &Sourced<String>,
    subnet: &Sourced<String>,
    block: Span,
    parts: &'p ExistingParts,
) -> Result<&'p ExistingSubnet, Box<Diagnostic>> {
    let name = &network.value;
    let found: &'p [ExistingNetwork] = parts.networks.get(name).map(Vec::as_slice).unwrap_or_default();
    let at = network.origin.unwrap_or(block);
    let network = match found {
        [network] => network,
        [] => {
            let diagnostic =
                Diagnostic::error("disco::unknown_network", format!("network `{name}` does not exist in the cloud"))
                    .at(at, "not among the cloud's networks")
                    .help_maybe(did_you_mean(name, parts.network_names.iter().map(String::as_str)));
            return Err(Box::new(diagnostic));
        }
        several => {
            let ids: Vec<String> = several.iter().map(|network| format!("`{}`", network.id)).collect();
            let message = format!("the cloud has {} networks with the name `{name}`", several.len());
            let diagnostic = Diagnostic::error("disco::unknown_network", message)
                .at(at, "more than one has this name")
                .help(format!("write the id of one of them: {}", ids.join(", ")));
            return Err(Box::new(diagnostic));
        }
    };
    let word = &subnet.value;
    let mut bearing = network.subnets.iter().filter(|known| known.id == *word || known.name == *word);
    match (bearing.next(), bearing.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => {
            let names = network.subnets.iter().map(|known| if known.name.is_empty() { &known.id } else { &known.name });
            let message = format!("network `{name}` has no subnet `{word}`");
            let diagnostic = Diagnostic::error("disco::unknown_subnet", message)
                .at(subnet.origin.unwrap_or(block), "not among the subnets of the network")
                .help_maybe(did_you_mean(word, names.map(String::as_str)));
            Err(Box::new(diagnostic))
        }
        (Some(_), Some(_)) => {
            let message = format!("network `{name}` has several subnets with the name `{word}`");
            let diagnostic = Diagnostic::error("disco::unknown_subnet", message)
                .at(subnet.origin.unwrap_or(block), "more than one has this name")
                .help("write the id of one of them");
            Err(Box::new(diagnostic))
        }
    }
}

/// Whether nodes can have addresses of that range at all.
fn check_range(addresses: &Sourced<Ipv4Net>, subnet: &ExistingSubnet, block: Span) -> Option<Diagnostic> {
    let (range, cidr) = (addresses.value, subnet.cidr);
    let at = addresses.origin.unwrap_or(block);
    if !cidr.contains(&range) {
        let message = format!("`addresses` is {range}, which is not within the subnet's {cidr}");
        return Some(
            Diagnostic::error("disco::addresses_outside_subnet", message)
                .at(at, format!("the subnet has {} to {}", cidr.network(), cidr.broadcast()))
                .help(format!("write a part of {cidr} that nobody else uses")),
        );
    }
    let gateway = subnet.gateway.filter(|gateway| range.contains(gateway))?;
    Some(
        Diagnostic::error(
            "disco::addresses_hold_gateway",
            format!("`addresses` is {range}, which contains the gateway {gateway}"),
        )
        .at(at, "a node would get the gateway's address")
        .help(match halves_without(range, gateway) {
            Some(half) => format!("write a range without it, as `addresses = \"{half}\"`"),
            None => "write a range without it".to_owned(),
        }),
    )
}

/// The half of a range that an address is not in.
fn halves_without(range: Ipv4Net, address: Ipv4Addr) -> Option<Ipv4Net> {
    range.subnets(range.prefix_len() + 1).ok()?.find(|half| !half.contains(&address))
}

/// New nodes whose address a port has that is not one's own.
fn check_taken(
    cluster: &ClusterSpec,
    members: &Members,
    known: Option<&Members>,
    own: &BTreeSet<&str>,
    subnet: &ExistingSubnet,
    addresses: &Sourced<Ipv4Net>,
) -> Option<Diagnostic> {
    let mut taken = Vec::new();
    for (group, nodes) in &members.groups {
        let new = nodes.nodes.iter().filter(|(index, _)| known.and_then(|known| known.node(group, **index)).is_none());
        for (index, member) in new {
            if let Some(port) = subnet.taken.get(&member.address).filter(|port| !own.contains(port.as_str())) {
                taken.push((format!("cluster.{}.{group}[{index}]", cluster.name), member.address, port));
            }
        }
    }
    let (node, address, port) = taken.first()?;
    let more =
        if taken.len() > 1 { format!(", and {} more addresses are in use", taken.len() - 1) } else { String::new() };
    Some(
        Diagnostic::error("disco::address_taken", format!("{address} of `{node}` is in use by port `{port}`{more}"))
            .at(addresses.origin.unwrap_or(cluster.origin), "nodes get their addresses from here, in order")
            .help("write a range that nobody else uses, or delete the port if nobody needs it"),
    )
}
