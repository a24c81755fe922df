//! `network`: a new one behind a router, or one that is there.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

use super::blocks::{NETWORK, NetworkAttributes};
use super::decode::Decoder;
use super::ipv6::{ipv6_cidr, reserved_ipv6};
use super::reported::{Decoded, Reported};
use super::schema::Attribute;
use crate::model::{NetworkSpec, Sourced};
use crate::source::Diagnostic;
use crate::syntax::tree::Block;

const AT: NetworkAttributes = NetworkAttributes::ALL;

/// Reads the block.
pub(crate) fn network(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<NetworkSpec> {
    let _ = NETWORK.open(block, &mut decoder.diagnostics);
    let body = &block.body;
    let new = AT.cidr.written(body).or(AT.ipv6_cidr.written(body)).or(AT.name.written(body));
    let new = new.or(AT.dns_nameservers.written(body));
    let existing = AT.existing.written(body).or(AT.subnet.written(body)).or(AT.addresses.written(body));
    if let (Some(new), Some(existing)) = (new, existing) {
        return Err(decoder.report(
            Diagnostic::error("disco::conflicting_attributes", "`network` is both new and existing")
                .at(block.head, "has both")
                .at(new.name.span, "for a new network")
                .at(existing.name.span, "for an existing one")
                .help("keep `cidr` for a new network, or `existing` and `subnet` for an existing one"),
        ));
    }
    let external_network = decoder.read(block, &AT.external_network);
    if existing.is_some() {
        let network = decoder.required(block, &AT.existing);
        let subnet = decoder.required(block, &AT.subnet);
        let addresses = match decoder.read(block, &AT.addresses)? {
            Some(text) => Some(node_net(&text, decoder)?),
            None => None,
        };
        return Ok(NetworkSpec::Existing {
            network: network?,
            subnet: subnet?,
            addresses,
            external_network: external_network?,
            origin: block.head,
        });
    }
    if new.is_none() && !block.body.is_whole() {
        return Err(Reported);
    }
    if new.is_none() {
        return Err(decoder.report(
            Diagnostic::error("disco::missing_attribute", "`network` has neither `cidr` nor `existing`")
                .at(block.head, "neither `cidr` nor `existing`")
                .help("add `cidr = \"10.20.0.0/24\"` for a new network, or `existing` and `subnet`"),
        ));
    }
    let cidr = cidr(block, &AT.cidr, decoder);
    let ipv6_cidr = ipv6_cidr(block, decoder);
    let name = decoder.read(block, &AT.name);
    let dns_nameservers = nameservers(block, decoder);
    Ok(NetworkSpec::New {
        cidr: cidr?,
        ipv6_cidr: ipv6_cidr?,
        name: name?,
        external_network: external_network?,
        dns_nameservers: dns_nameservers?,
        origin: block.head,
    })
}

fn cidr(block: &Block, attribute: &Attribute<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Ipv4Net>> {
    let text = decoder.required(block, attribute)?;
    node_net(&text, decoder)
}

/// Reads a network whose addresses nodes can have.
fn node_net(text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Ipv4Net>> {
    let net = net(text, decoder)?;
    match reserved(net.value) {
        Some((reserved, what)) => Err(decoder.report(
            Diagnostic::error(
                "disco::reserved_network",
                format!("`{}` overlaps `{reserved}`, {what}, which nodes cannot have", net.value),
            )
            .at_maybe(net.origin, "not valid for nodes")
            .help(
                "use a private network inside `10.0.0.0/8`, `172.16.0.0/12` or `192.168.0.0/16`, \
                 such as `10.20.0.0/24`",
            ),
        )),
        None => Ok(net),
    }
}

/// The reserved addresses that all addresses of a network are, and what they are.
fn all_reserved(net: IpNet) -> Option<(IpNet, &'static str)> {
    let (reserved, what) = match net {
        IpNet::V4(net) => reserved(net).map(|(reserved, what)| (IpNet::V4(reserved), what)),
        IpNet::V6(net) => reserved_ipv6(net).map(|(reserved, what)| (IpNet::V6(reserved), what)),
    }?;
    reserved.contains(&net).then_some((reserved, what))
}

/// Addresses that have a meaning of their own.
const RESERVED: [(Ipv4Addr, u8, &str); 5] = [
    (Ipv4Addr::UNSPECIFIED, 8, "the addresses of \"this network\""),
    (Ipv4Addr::LOCALHOST, 8, "the loopback addresses"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "the link-local addresses"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "the multicast addresses"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "the reserved addresses"),
];

/// The reserved addresses that a network overlaps, and what they are.
fn reserved(net: Ipv4Net) -> Option<(Ipv4Net, &'static str)> {
    RESERVED.iter().find_map(|(address, length, what)| {
        let reserved = Ipv4Net::new(*address, *length).ok()?.trunc();
        (reserved.contains(&net) || net.contains(&reserved)).then_some((reserved, *what))
    })
}

/// Reads a network that people come from: all of them, or some that can be an address of theirs.
pub(crate) fn source_net(text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<IpNet>> {
    let written = text.value.trim();
    let net = match IpNet::from_str(written) {
        Ok(net) => without_host_bits(net, text, decoder)?,
        Err(_) => return Err(decoder.report(not_a_source(written).at_maybe(text.origin, "not a network"))),
    };
    match all_reserved(net) {
        Some((reserved, what)) => {
            let everybody = if net.addr().is_ipv4() { "0.0.0.0/0" } else { "::/0" };
            Err(decoder.report(
                Diagnostic::error(
                    "disco::reserved_network",
                    format!("`{net}` lies in `{reserved}`, {what}, which are no valid source"),
                )
                .at_maybe(text.origin, "matches nobody")
                .help(format!("write the network that people come from, or `{everybody}` for everybody")),
            ))
        }
        None => Ok(Sourced::new(net, text.origin)),
    }
}

/// Reads an IPv4 network; its host bits must be zero.
fn net(text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Ipv4Net>> {
    let written = text.value.trim();
    let Ok(net) = Ipv4Net::from_str(written) else {
        return Err(decoder.report(not_a_network(written).at_maybe(text.origin, "not a network")));
    };
    without_host_bits(IpNet::V4(net), text, decoder)?;
    Ok(Sourced::new(net, text.origin))
}

/// The network, whose host bits must be zero.
pub(crate) fn without_host_bits(net: IpNet, text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<IpNet> {
    if net.addr() == net.network() {
        return Ok(net);
    }
    let written = text.value.trim();
    Err(decoder.report(
        Diagnostic::error("disco::cidr_host_bits", format!("`{written}` is an address, expected a network"))
            .at_maybe(text.origin, format!("not zero after the first {} bits", net.prefix_len()))
            .help(format!("write `{}`", net.trunc())),
    ))
}

/// The error for what is no network that people can come from.
fn not_a_source(written: &str) -> Diagnostic {
    if !written.contains(':') {
        return not_a_network(written);
    }
    let help = match IpAddr::from_str(written) {
        Ok(address) => format!("add the prefix length: `{address}/128` is this one address"),
        Err(_) => "write an address of IPv6 and a prefix length up to 128, such as `2001:db8::/32`".to_owned(),
    };
    Diagnostic::error("disco::invalid_cidr", format!("`{written}` is not an IPv6 network")).help(help)
}

fn not_a_network(written: &str) -> Diagnostic {
    let help = if let Ok(address) = Ipv4Addr::from_str(written) {
        format!("add the prefix length: `{address}/32` is this one address")
    } else if written.contains(':') {
        "use an IPv4 network, such as `10.20.0.0/24`; a new network has `ipv6_cidr` for IPv6 beside it".to_owned()
    } else if let Some((address, Ok(length))) =
        written.split_once('/').map(|(address, length)| (address, length.parse::<u32>()))
        && length > 32
    {
        format!("write a prefix length of at most 32, for instance `{address}/24`")
    } else {
        "write four numbers up to 255 and a prefix length up to 32, such as `10.20.0.0/24`".to_owned()
    };
    Diagnostic::error("disco::invalid_cidr", format!("`{written}` is not an IPv4 network")).help(help)
}

fn nameservers(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<Sourced<Ipv4Addr>>> {
    let Some(list) = decoder.read(block, &AT.dns_nameservers)? else { return Ok(Vec::new()) };
    let mut servers = Vec::new();
    let mut failed = false;
    for text in list.value {
        if let Ok(address) = Ipv4Addr::from_str(text.value.trim()) {
            match of_no_server(address, &servers) {
                Some(mistake) => {
                    failed = true;
                    decoder.report(mistake.at_maybe(text.origin, "not a valid name server"));
                }
                None => servers.push(Sourced::new(address, text.origin)),
            }
        } else {
            failed = true;
            decoder.report(
                Diagnostic::error("disco::invalid_address", format!("`{}` is not an IPv4 address", text.value))
                    .at_maybe(text.origin, "not an address")
                    .help("write four numbers up to 255, such as `9.9.9.9`"),
            );
        }
    }
    if failed { Err(Reported) } else { Ok(servers) }
}

/// What is wrong with a name server's address, after those before it.
fn of_no_server(address: Ipv4Addr, before: &[Sourced<Ipv4Addr>]) -> Option<Diagnostic> {
    if before.iter().any(|other| other.value == address) {
        return Some(
            Diagnostic::error("disco::duplicate_address", format!("name server `{address}` is listed twice"))
                .help("list it once"),
        );
    }
    let (reserved, what) = reserved(Ipv4Net::from(address))?;
    // Clouds answer for names at a link-local address.
    (!address.is_link_local()).then(|| {
        Diagnostic::error(
            "disco::reserved_network",
            format!("`{address}` lies in `{reserved}`, {what}, and cannot be a name server"),
        )
        .help("use a server that the nodes can reach, such as `9.9.9.9`, or remove `dns_nameservers`")
    })
}
