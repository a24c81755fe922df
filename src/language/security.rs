//! `security`: what is reachable from outside; nothing else is.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::blocks::{ALLOW, AllowAttributes, SECURITY};
use super::decode::Decoder;
use super::instances::instances;
use super::ipv6::unreached;
use super::network::source_net;
use super::reported::{Decoded, Reported};
use super::schema::blocks;
use crate::catalogue::{Catalogue, Framework};
use crate::model::{AllowRule, NetworkSpec, PortRange, Protocol, RuleTarget, Service, Sourced};
use crate::source::{Diagnostic, did_you_mean};
use crate::syntax::tree::{Block, Name};

const AT: AllowAttributes = AllowAttributes::ALL;

/// What of the rest of the cluster rules refer to.
pub(crate) struct Surroundings<'a> {
    /// What its groups are called here, and their names on the cloud; `None` if they are not all known.
    pub(crate) groups: Option<Vec<(String, String)>>,
    /// Its frameworks; `None` if they are not all known.
    pub(crate) frameworks: Option<Vec<&'a Framework>>,
    /// Where the nodes live; `None` if that could not be read.
    pub(crate) network: Option<&'a NetworkSpec>,
    /// Where ports of frameworks that were not chosen are found.
    pub(crate) catalogue: &'a Catalogue,
}

/// Reads the block; no rules where there is none.
pub(crate) fn security(
    block: Option<&Block>,
    around: &Surroundings<'_>,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<Vec<AllowRule>> {
    let Some(block) = block else { return Ok(Vec::new()) };
    let _ = SECURITY.open(block, &mut decoder.diagnostics);
    let mut rules: Vec<Decoded<AllowRule>> = Vec::new();
    for block in blocks(&block.body, "allow") {
        match instances(block, None, decoder) {
            Ok(all) => rules.extend(all.iter().map(|one| one.read(decoder, |decoder| allow(block, around, decoder)))),
            Err(Reported) => rules.push(Err(Reported)),
        }
    }
    rules.into_iter().collect()
}

fn allow(block: &Block, around: &Surroundings<'_>, decoder: &mut Decoder<'_, '_>) -> Decoded<AllowRule> {
    let label = ALLOW.open_named(block, &mut decoder.diagnostics);
    let from = from(block, around, decoder);
    let to = target(block, around, decoder);
    let label = label?;
    let service = match &*label.text {
        "custom" => custom(block, decoder),
        other => {
            for attribute in [AT.protocol.written(&block.body), AT.ports.written(&block.body)].into_iter().flatten() {
                let name = &attribute.name.text;
                decoder.report(
                    Diagnostic::error(
                        "disco::conflicting_attributes",
                        format!("`{name}` is only for `allow \"custom\"`, not for `allow \"{other}\"`"),
                    )
                    .at(attribute.name.span, "not valid here")
                    .help(format!("remove `{name}`, or write `allow \"custom\"`")),
                );
            }
            named(label, around, decoder)
        }
    };
    Ok(AllowRule { label: label.text.to_string(), service: service?, from: from?, to: to?, origin: block.head })
}

fn named(label: &Name, around: &Surroundings<'_>, decoder: &mut Decoder<'_, '_>) -> Decoded<Service> {
    let text = &*label.text;
    match text {
        "ssh" => return Ok(Service::Ssh),
        "web-ui" => return Ok(Service::WebUi),
        _ => {}
    }
    let frameworks = around.frameworks.as_ref().ok_or(Reported)?;
    let mut known = vec!["ssh", "web-ui", "custom"];
    known.extend(frameworks.iter().flat_map(|framework| framework.port_names()));
    if known.contains(&text) {
        return Ok(Service::Named(text.to_owned()));
    }
    let owner = around.catalogue.frameworks().find(|framework| framework.port_names().any(|port| port == text));
    let help = match owner {
        Some(owner) => Some(format!("add framework `{}` to the cluster: this is one of its ports", owner.name)),
        None => did_you_mean(text, known),
    };
    Err(decoder.report(
        Diagnostic::error("disco::unknown_port", format!("port `{text}` does not exist in this cluster"))
            .at(label.span, "not a port of its frameworks")
            .help("use `ssh`, `web-ui`, the name of a framework's port, or `custom` with `protocol` and `ports`")
            .help_maybe(help),
    ))
}

fn from(block: &Block, around: &Surroundings<'_>, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<Sourced<IpNet>>> {
    let list = decoder.required(block, &AT.from)?;
    if list.value.is_empty() {
        return Err(decoder.report(
            Diagnostic::error("disco::empty_list", "`from` is empty")
                .at_maybe(list.origin, "no network")
                .help("list the networks that may come in, or remove the `allow` block"),
        ));
    }
    let nets: Vec<Decoded<_>> = list.value.iter().map(|text| source_net(text, decoder)).collect();
    let nets = nets.into_iter().collect::<Decoded<Vec<Sourced<IpNet>>>>()?;
    match around.network.and_then(|network| unreached(network, &nets)) {
        Some(mistake) => Err(decoder.report(mistake)),
        None => Ok(nets),
    }
}

fn target(block: &Block, around: &Surroundings<'_>, decoder: &mut Decoder<'_, '_>) -> Decoded<RuleTarget> {
    let Some(to) = decoder.read(block, &AT.to)? else { return Ok(RuleTarget::All) };
    if to.value == "all" {
        return Ok(RuleTarget::All);
    }
    let groups = around.groups.as_ref().ok_or(Reported)?;
    if let Some((_, name)) = groups.iter().find(|(label, _)| *label == to.value) {
        return Ok(RuleTarget::Group(name.clone()));
    }
    let known = groups.iter().map(|(label, _)| label.as_str()).chain(["all"]);
    let help = did_you_mean(&to.value, known);
    Err(decoder.report(
        Diagnostic::error("disco::unknown_group", format!("group `{}` does not exist in this cluster", to.value))
            .at_maybe(to.origin, "not a group of nodes")
            .help("use `all`, `master`, or the name of a group of slaves")
            .help_maybe(help),
    ))
}

fn custom(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Service> {
    let protocol = decoder.read(block, &AT.protocol);
    let list = decoder.read(block, &AT.ports);
    let protocol = protocol?.map_or(Protocol::Tcp, |protocol| protocol.value);
    let list = list?;
    if protocol == Protocol::Icmp {
        if let Some(list) = list {
            return Err(decoder.report(
                Diagnostic::error("disco::conflicting_attributes", "ICMP has no ports")
                    .at_maybe(list.origin, "not valid with `icmp`")
                    .help("remove `ports`, or use the protocol \"tcp\" or \"udp\""),
            ));
        }
        return Ok(Service::Custom { protocol, ports: Vec::new() });
    }
    let list = list.ok_or_else(|| decoder.lacks(block, &AT.ports))?;
    if list.value.is_empty() {
        return Err(decoder.report(
            Diagnostic::error("disco::empty_list", "`ports` is empty")
                .at_maybe(list.origin, "no port")
                .help("list ports, such as [\"8443\", \"9000-9010\"], or remove the `allow` block"),
        ));
    }
    let mut ranges: Vec<PortRange> = Vec::new();
    let mut seen: BTreeSet<PortRange> = BTreeSet::new();
    let mut failed = false;
    for text in &list.value {
        match ports(text, decoder) {
            Ok(range) if seen.insert(range) => ranges.push(range),
            Ok(_) => {}
            Err(Reported) => failed = true,
        }
    }
    if failed { Err(Reported) } else { Ok(Service::Custom { protocol, ports: ranges }) }
}

/// Reads `8443` or `9000-9010`.
fn ports(text: &Sourced<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<PortRange> {
    let written = text.value.trim();
    let (first, last) = written.split_once('-').unwrap_or((written, written));
    let (Ok(first), Ok(last)) = (first.trim().parse::<i64>(), last.trim().parse::<i64>()) else {
        return Err(decoder.report(
            Diagnostic::error("disco::invalid_port", format!("`{written}` is not a valid port"))
                .at_maybe(text.origin, "neither a port nor a range of ports")
                .help("write a number such as \"8443\" or a range such as \"9000-9010\""),
        ));
    };
    if first > last {
        return Err(decoder.report(
            Diagnostic::error("disco::invalid_port", format!("port range `{written}` ends before it begins"))
                .at_maybe(text.origin, format!("from {first} to {last}"))
                .help(format!("write \"{last}-{first}\"")),
        ));
    }
    let port = |number: i64| u16::try_from(number).ok().filter(|port| *port > 0);
    match (port(first), port(last)) {
        (Some(first), Some(last)) => Ok(PortRange { first, last }),
        (None, _) => Err(decoder.report(out_of_range(first, text))),
        (_, None) => Err(decoder.report(out_of_range(last, text))),
    }
}

fn out_of_range(number: i64, text: &Sourced<String>) -> Diagnostic {
    Diagnostic::error("disco::port_out_of_range", format!("port {number} does not exist"))
        .at_maybe(text.origin, "out of range")
        .help("use a port from 1 to 65535")
}
