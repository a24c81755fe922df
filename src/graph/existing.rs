//! Whether what a cluster takes for granted is there: its key pair, its existing network, and free addresses in it.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::model::{ClusterSpec, ExistingNetwork, ExistingParts, ExistingSubnet, Members, NetworkSpec, Sourced};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean, either, nearest};
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
    let is_new = |group: &str, index: u32| known.and_then(|known| known.node(group, index)).is_none();
    let has_new = members.groups.iter().any(|(group, nodes)| nodes.nodes.keys().any(|index| is_new(group, *index)));
    let NetworkSpec::Existing { network, subnet, addresses, origin, .. } = &cluster.network else {
        return diagnostics;
    };
    let (bearer, found) = match find_network(network, subnet, *origin, parts) {
        Ok(found) => found,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return diagnostics;
        }
    };
    if has_new {
        diagnostics.extend(check_network(network, addresses.as_ref(), bearer, *origin));
        diagnostics.extend(check_subnet(cluster, subnet, bearer, found, *origin));
    }
    let Some(addresses) = addresses else { return diagnostics };
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
pub(super) fn find_network<'p>(
    network: &Sourced<String>,
    subnet: &Sourced<String>,
    block: Span,
    parts: &'p ExistingParts,
) -> Result<(&'p ExistingNetwork, &'p ExistingSubnet), Box<Diagnostic>> {
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
        // Heat looks for the name, too, and takes any of the two.
        (Some(only), None) if only.id != *word && network.ipv6_subnets.iter().any(|(name, _)| name == word) => {
            let message = format!("network `{name}` has several subnets with the name `{word}`");
            let diagnostic = Diagnostic::error("disco::unknown_subnet", message)
                .at(subnet.origin.unwrap_or(block), "more than one has this name")
                .help(format!("write the id of the one that has IPv4 addresses: `{}`", only.id));
            Err(Box::new(diagnostic))
        }
        (Some(only), None) => Ok((network, only)),
        (None, _) if network.ipv6_subnets.iter().any(|(name, id)| name == word || id == word) => {
            let message = format!("subnet `{word}` has IPv6 addresses, nodes have IPv4");
            let names = network.subnets.iter().map(|known| if known.name.is_empty() { &known.id } else { &known.name });
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            let help = match names.as_slice() {
                [] => "name a network that has a subnet with IPv4 addresses".to_owned(),
                names => format!("name a subnet with IPv4 addresses: {}", either(names)),
            };
            let diagnostic = Diagnostic::error("disco::ipv6_subnet", message)
                .at(subnet.origin.unwrap_or(block), "a subnet of IPv6")
                .help(help);
            Err(Box::new(diagnostic))
        }
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

/// Whether the network takes the ports of nodes: with addresses that are chosen, and with security groups.
fn check_network(
    network: &Sourced<String>,
    addresses: Option<&Sourced<Ipv4Net>>,
    found: &ExistingNetwork,
    block: Span,
) -> Diagnostics {
    let name = &network.value;
    let mut diagnostics = Diagnostics::new();
    if let Some(addresses) = addresses.filter(|_| found.is_foreign) {
        let message = format!("network `{name}` belongs to another project, which alone may choose addresses in it");
        diagnostics.push(
            Diagnostic::error("disco::foreign_network", message)
                .at(network.origin.unwrap_or(block), "another project's network")
                .at_maybe(addresses.origin, "these addresses would be refused")
                .help("remove `addresses`: Neutron then gives each node a free address of the subnet"),
        );
    }
    if !found.port_security {
        let message = format!("network `{name}` has port security off, so its ports take no security groups");
        diagnostics.push(
            Diagnostic::error("disco::no_port_security", message)
                .at(network.origin.unwrap_or(block), "nothing would guard the nodes")
                .help(format!(
                    "turn it on, `openstack network set --enable-port-security {name}`, or use another network"
                )),
        );
    }
    diagnostics
}

/// Whether nodes learn their addresses in the subnet, and floating IPs reach them there.
fn check_subnet(
    cluster: &ClusterSpec,
    subnet: &Sourced<String>,
    network: &ExistingNetwork,
    found: &ExistingSubnet,
    block: Span,
) -> Diagnostics {
    let name = &subnet.value;
    let mut diagnostics = Diagnostics::new();
    if !found.dhcp {
        let message = format!("subnet `{name}` has no DHCP, so nodes learn their addresses from a config drive only");
        diagnostics.push(
            Diagnostic::warning("disco::no_dhcp", message).at(subnet.origin.unwrap_or(block), "DHCP is off").help(
                format!("run `openstack subnet set --dhcp {name}`, unless the cloud gives every server a config drive"),
            ),
        );
    }
    // Ports of other people's routers are not shown in networks of theirs.
    let floating = cluster.groups.iter().find(|group| group.floating_ip.value);
    if let Some(group) = floating.filter(|_| !found.routed && !network.is_foreign) {
        let message = format!("`floating_ip` is set, but no router has a port in subnet `{name}`");
        diagnostics.push(
            Diagnostic::error("disco::unrouted_subnet", message)
                .at(group.floating_ip.origin.unwrap_or(group.origin), "would be refused")
                .at(subnet.origin.unwrap_or(block), "has no router")
                .help(format!(
                    "remove `floating_ip` where the nodes' own addresses can be reached, or run `openstack router add \
                     subnet ROUTER {name}` with a router of the external network"
                )),
        );
    }
    diagnostics
}

/// The warning for a new network that has no gateway, on a cloud whose Heat the nodes have to reach.
pub fn without_way_out(cluster: &ClusterSpec) -> Option<Diagnostic> {
    let NetworkSpec::New { external_network: None, origin, .. } = &cluster.network else { return None };
    let message = format!("network of `cluster.{}` has no `external_network`, nodes may not reach Heat", cluster.name);
    Some(
        Diagnostic::warning("disco::no_way_out", message)
            .at(*origin, "its router has no gateway")
            .help("add `external_network = \"public\"` with the name of the cloud's external network, or use a network that exists"),
    )
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
            let Some(address) = member.address else { continue };
            if let Some(port) = subnet.taken.get(&address).filter(|port| !own.contains(port.as_str())) {
                taken.push((format!("cluster.{}.{group}[{index}]", cluster.name), address, port));
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
