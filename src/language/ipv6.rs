//! IPv6: the network that a new network has besides, and who may come from one.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::blocks::NetworkAttributes;
use super::cluster::ClusterDraft;
use super::decode::Decoder;
use super::network::without_host_bits;
use super::reported::Decoded;
use crate::model::{IPV6_PREFIX, NetworkSpec, NodeDriver, Provider, Sourced};
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::Block;

/// Reads the IPv6 network of a new network, where it has one.
pub(crate) fn ipv6_cidr(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<Sourced<Ipv6Net>>> {
    let Some(text) = decoder.read(block, &NetworkAttributes::ALL.ipv6_cidr)? else { return Ok(None) };
    let written = text.value.trim();
    let Ok(net) = Ipv6Net::from_str(written) else {
        return Err(decoder.report(not_an_ipv6_network(written).at_maybe(text.origin, "not an IPv6 network")));
    };
    if net.prefix_len() != IPV6_PREFIX {
        return Err(decoder.report(wrong_prefix(net).at_maybe(text.origin, format!("not /{IPV6_PREFIX}"))));
    }
    let net = without_host_bits(IpNet::V6(net), &text, decoder).map(|_| net)?;
    if let Some((reserved, what)) = reserved_ipv6(net) {
        return Err(decoder.report(
            Diagnostic::error(
                "disco::reserved_network",
                format!("`{net}` overlaps `{reserved}`, {what}, which nodes cannot have"),
            )
            .at_maybe(text.origin, "not valid for nodes")
            .help("use a private network inside `fd00::/8`, such as `fd00:20::/64`, or one that is routed to you"),
        ));
    }
    Ok(Some(Sourced::new(net, text.origin)))
}

fn not_an_ipv6_network(written: &str) -> Diagnostic {
    let help = if let Ok(address) = Ipv6Addr::from_str(written) {
        format!("add the prefix length: `{address}/{IPV6_PREFIX}`")
    } else if Ipv4Net::from_str(written).is_ok() || Ipv4Addr::from_str(written).is_ok() {
        "write an IPv6 network, such as `fd00:20::/64`: IPv4 addresses come from `cidr`".to_owned()
    } else {
        "write an address of IPv6 and the prefix length, such as `fd00:20::/64`".to_owned()
    };
    Diagnostic::error("disco::invalid_cidr", format!("`{written}` is not an IPv6 network")).help(help)
}

/// The error for a network of another size than clouds, and what is made of IPv4 addresses, count on.
fn wrong_prefix(net: Ipv6Net) -> Diagnostic {
    let help = if net.prefix_len() < IPV6_PREFIX {
        let bits = IPV6_PREFIX - net.prefix_len();
        format!("write one of the /{IPV6_PREFIX} in it: `cidrsubnet(\"{}\", {bits}, 0)` is the first", net.trunc())
    } else {
        format!("write `{}/{IPV6_PREFIX}`", Ipv6Net::new(net.addr(), IPV6_PREFIX).unwrap_or(net).network())
    };
    Diagnostic::error(
        "disco::ipv6_prefix_length",
        format!("`{net}` has the prefix length {}, the IPv6 network of a cluster has {IPV6_PREFIX}", net.prefix_len()),
    )
    .help(help)
}

/// IPv6 addresses that have a meaning of their own; those within others come first.
const RESERVED_IPV6: [(Ipv6Addr, u8, &str); 6] = [
    (Ipv6Addr::LOCALHOST, 128, "the loopback address"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "IPv4 addresses as IPv6 writes them"),
    (Ipv6Addr::UNSPECIFIED, 8, "addresses that no network has"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "the link-local addresses"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "the site-local addresses, which are no longer routed"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "the multicast addresses"),
];

/// The reserved IPv6 addresses that a network overlaps, and what they are.
pub(crate) fn reserved_ipv6(net: Ipv6Net) -> Option<(Ipv6Net, &'static str)> {
    RESERVED_IPV6.iter().find_map(|(address, length, what)| {
        let reserved = Ipv6Net::new(*address, *length).ok()?.trunc();
        (reserved.contains(&net) || net.contains(&reserved)).then_some((reserved, *what))
    })
}

/// The error for the first network of IPv6 in front of nodes that have no IPv6 addresses.
pub(crate) fn unreached(network: &NetworkSpec, nets: &[Sourced<IpNet>]) -> Option<Diagnostic> {
    let net = nets.iter().find(|net| net.value.addr().is_ipv6()).filter(|_| network.ipv6_cidr().is_none())?;
    let help = match network {
        NetworkSpec::New { .. } => "add `ipv6_cidr` to `network`, such as `\"fd00:20::/64\"`, or list IPv4 networks",
        NetworkSpec::Existing { .. } => "list IPv4 networks: in a network that exists nodes have IPv4 addresses only",
    };
    Some(
        Diagnostic::error(
            "disco::no_ipv6_network",
            format!("`{}` is an IPv6 network, and the nodes have no IPv6 addresses", net.value),
        )
        .at_maybe(net.origin, "reaches no node")
        .at(network.origin(), "has no `ipv6_cidr`")
        .help(help),
    )
}

/// Reports networks with IPv6 where the nodes are containers, which have IPv4 addresses only.
pub(crate) fn containers_without_ipv6(provider: &Provider, clusters: &[ClusterDraft], diagnostics: &mut Diagnostics) {
    let Provider::Local { nodes: NodeDriver::Container, origin: Some(provider), .. } = provider else { return };
    for cluster in clusters {
        let Ok(network) = &cluster.network else { continue };
        let Some(net) = network.ipv6_cidr() else { continue };
        diagnostics.push(
            Diagnostic::error(
                "disco::ipv6_on_containers",
                format!("cluster `{}` has an `ipv6_cidr`, and nodes that are containers speak IPv4 only", cluster.name),
            )
            .at(net.origin.unwrap_or(network.origin()), "no container would have an address of it")
            .at(*provider, "makes the nodes containers")
            .help("remove `ipv6_cidr`, or `nodes = \"container\"`: simulated nodes and those of a cloud have IPv6"),
        );
    }
}
