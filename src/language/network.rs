//! `network`: a new one behind a router, or one that is there.

use std::net::Ipv4Addr;
use std::str::FromStr;

use ipnet::Ipv4Net;

use super::decode::Decoder;
use super::shape::{Decoded, Reported, Shape, attribute, labels};
use crate::model::{NetworkSpec, Sourced};
use crate::source::Diagnostic;
use crate::syntax::tree::Block;

const SHAPE: Shape<'_> = Shape {
    name: "a `network` block",
    attributes: &["cidr", "external_network", "dns_nameservers", "existing", "subnet", "addresses"],
    single: &[],
    several: &[],
};

/// What only a new network has, and what only an existing one has.
const NEW: [&str; 2] = ["cidr", "dns_nameservers"];
const EXISTING: [&str; 3] = ["existing", "subnet", "addresses"];

/// Reads the block.
pub(crate) fn network(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<NetworkSpec> {
    SHAPE.check(&block.body, &mut decoder.diagnostics);
    let _ = labels(block, 0, 0, "network", &mut decoder.diagnostics);
    let new = NEW.iter().find_map(|name| attribute(&block.body, name));
    let existing = EXISTING.iter().find_map(|name| attribute(&block.body, name));
    if let (Some(new), Some(existing)) = (new, existing) {
        return Err(decoder.report(
            Diagnostic::error("disco::conflicting_attributes", "a network is either new or existing, not both")
                .at(block.head, "says both")
                .at(new.name.span, "of a new network")
                .at(existing.name.span, "of an existing one")
                .help("a new network has `cidr`, an existing one has `existing`, `subnet` and `addresses`"),
        ));
    }
    let external_network = decoder.text(&block.body, "external_network");
    if existing.is_some() {
        let network = decoder.required_text(block, "existing", "\"the network's name\"");
        let subnet = decoder.required_text(block, "subnet", "\"the subnet's name\"");
        let addresses = cidr(block, "addresses", "\"192.0.2.64/26\"", decoder);
        return Ok(NetworkSpec::Existing {
            network: network?,
            subnet: subnet?,
            addresses: addresses?,
            external_network: external_network?,
            origin: block.head,
        });
    }
    if new.is_none() {
        return Err(decoder.report(
            Diagnostic::error("disco::missing_attribute", "this `network` block does not say which network")
                .at(block.head, "neither `cidr` nor `existing`")
                .help("add `cidr = \"10.20.0.0/24\"` for a new network, or `existing`, `subnet` and `addresses`"),
        ));
    }
    let cidr = cidr(block, "cidr", "\"10.20.0.0/24\"", decoder);
    let dns_nameservers = nameservers(block, decoder);
    Ok(NetworkSpec::New {
        cidr: cidr?,
        external_network: external_network?,
        dns_nameservers: dns_nameservers?,
        origin: block.head,
    })
}

fn cidr(block: &Block, name: &str, example: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Ipv4Net>> {
    let text = decoder.required_text(block, name, example)?;
    net(&text, decoder)
}

/// Reads an IPv4 network; its host bits must be zero.
pub(crate) fn net(text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<Ipv4Net>> {
    let written = text.value.trim();
    let Ok(net) = Ipv4Net::from_str(written) else {
        return Err(decoder.report(not_a_network(written).at_maybe(text.origin, "not a network")));
    };
    if net.addr() != net.network() {
        return Err(decoder.report(
            Diagnostic::error("disco::cidr_host_bits", format!("`{written}` is an address inside a network"))
                .at_maybe(text.origin, format!("bits are set after the first {}", net.prefix_len()))
                .help(format!("the network is `{}`", net.trunc())),
        ));
    }
    Ok(Sourced::new(net, text.origin))
}

fn not_a_network(written: &str) -> Diagnostic {
    let help = if let Ok(address) = Ipv4Addr::from_str(written) {
        format!("add the length: `{address}/32` is this one address")
    } else if written.contains(':') {
        "only IPv4 networks, such as `10.20.0.0/24`, are in this version".to_owned()
    } else if let Some((address, Ok(length))) =
        written.split_once('/').map(|(address, length)| (address, length.parse::<u32>()))
        && length > 32
    {
        format!("the length after the slash is at most 32: `{address}/24`, for instance")
    } else {
        "four numbers up to 255 and a length up to 32, such as `10.20.0.0/24`".to_owned()
    };
    Diagnostic::error("disco::invalid_cidr", format!("`{written}` is not an IPv4 network")).help(help)
}

fn nameservers(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<Sourced<Ipv4Addr>>> {
    let Some(list) = decoder.texts(&block.body, "dns_nameservers")? else { return Ok(Vec::new()) };
    let mut servers = Vec::new();
    let mut failed = false;
    for text in list.elements {
        if let Ok(address) = Ipv4Addr::from_str(text.value.trim()) {
            servers.push(Sourced::new(address, text.origin));
        } else {
            failed = true;
            decoder.report(
                Diagnostic::error("disco::invalid_address", format!("`{}` is not an IPv4 address", text.value))
                    .at_maybe(text.origin, "not an address")
                    .help("four numbers up to 255, such as `9.9.9.9`"),
            );
        }
    }
    if failed { Err(Reported) } else { Ok(servers) }
}
