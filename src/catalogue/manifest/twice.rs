//! What a manifest must not say twice for the same nodes: a port, a unit, a path.

use super::places::{Places, label, place};
use crate::catalogue::{Framework, Placement};
use crate::model::{PortRange, Protocol};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Body, Expression, ExpressionKind};

/// Something that a node has once.
#[derive(Clone, Copy)]
struct Claim<'a> {
    what: What<'a>,
    /// On which nodes; empty: all.
    on: &'a [Placement],
    /// Under a condition it may be the only one.
    conditional: bool,
    place: Span,
}

/// What is claimed.
#[derive(Clone, Copy)]
enum What<'a> {
    Port(Protocol, PortRange),
    Unit(&'a str),
    Path(&'a str),
}

impl What<'_> {
    /// What both claim, in words. Those who listen on a port of a range look for one that is free, so two ranges may
    /// share some.
    fn shared(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (Self::Port(protocol, one), Self::Port(other_protocol, other)) if protocol == other_protocol => {
                let (first, last) = (one.first.max(other.first), one.last.min(other.last));
                let alone = one.first == one.last || other.first == other.last;
                (first <= last && alone).then(|| format!("port {first} ({})", protocol.name()))
            }
            (Self::Unit(one), Self::Unit(other)) if one == other => Some(format!("the unit `{one}`")),
            (Self::Path(one), Self::Path(other)) if one == other => Some(format!("the path `{one}`")),
            _ => None,
        }
    }
}

/// All of them. What has a condition may be the only one of its kind.
pub(super) fn check(framework: &Framework, body: &Body) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let places = Places(body);
    let claims = [ports(framework, places), units(framework, places), paths(framework, places)].concat();
    for (at, claim) in claims.iter().enumerate().filter(|(_, claim)| !claim.conditional) {
        let mut earlier = claims[..at].iter().filter(|other| !other.conditional && together(other.on, claim.on));
        let clash = earlier.find_map(|first| Some((first, first.what.shared(&claim.what)?)));
        if let Some((first, what)) = clash {
            diagnostics.push(
                Diagnostic::error("disco::manifest_duplicate", format!("{what} is declared twice"))
                    .at(claim.place, "again here")
                    .at(first.place, "first here")
                    .help("change one of them, or use `on` or `when` so that no node has both"),
            );
        }
    }
    diagnostics
}

fn together(one: &[Placement], other: &[Placement]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|one| other.iter().any(|other| one.overlaps(*other)))
}

fn ports<'a>(framework: &'a Framework, places: Places<'_>) -> Vec<Claim<'a>> {
    let mut claims = Vec::new();
    for port in &framework.ports {
        let service = port.service.as_ref().and_then(|name| framework.services.iter().find(|one| one.name == *name));
        let on = if port.on.is_empty() { service.map_or(&[][..], |service| service.on.as_slice()) } else { &port.on };
        let conditional = port.when.is_some() || service.is_some_and(|service| service.when.is_some());
        let place = places.of("port", &port.name, "port").unwrap_or(port.origin);
        claims.extend(port.ports.map(|ports| Claim { what: What::Port(port.protocol, ports), on, conditional, place }));
    }
    claims
}

fn units<'a>(framework: &'a Framework, places: Places<'_>) -> Vec<Claim<'a>> {
    let claim = |service: &'a crate::catalogue::ServiceDeclaration| Claim {
        what: What::Unit(&service.unit),
        on: &service.on,
        conditional: service.when.is_some(),
        place: places.of("service", &service.name, "unit").unwrap_or(service.origin),
    };
    framework.services.iter().map(claim).collect()
}

fn paths<'a>(framework: &'a Framework, places: Places<'_>) -> Vec<Claim<'a>> {
    let mut claims: Vec<Claim<'a>> = Vec::new();
    for file in &framework.files {
        let block = places.blocks("file").find(|block| label(block) == file.name);
        let place = block.map_or(file.origin, |block| place(block, "path"));
        let Some(path) = super::places::text(&file.path) else { continue };
        claims.push(Claim { what: What::Path(path), on: &file.on, conditional: file.when.is_some(), place });
    }
    for directory in &framework.directories {
        for (path, place) in literal_paths(&directory.path) {
            let what = What::Path(path);
            claims.push(Claim { what, on: &directory.on, conditional: directory.when.is_some(), place });
        }
    }
    claims
}

fn literal_paths(path: &Expression) -> Vec<(&str, Span)> {
    let elements = match &path.kind {
        ExpressionKind::Tuple(elements) => elements.as_slice(),
        _ => std::slice::from_ref(path),
    };
    elements.iter().filter_map(|element| Some((super::places::text(element)?, element.span))).collect()
}
