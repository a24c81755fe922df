//! Why something changes: a sentence an attribute.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::known::Standing;
use super::object::words;
use super::{ChangeKind, PropertyChange, ResourceChange};
use crate::model::{Address, NodePart, ResourceName, heat_type, plain_reason};
use crate::node::{RELEASE_INPUT, is_volume_input};
use crate::source::listed;

/// The reasons of one object's change.
pub(super) fn reasons(
    address: &Address,
    kind: ChangeKind,
    resources: &[ResourceChange],
    broken: &BTreeMap<&str, Standing<'_>>,
) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    let mut say = |reason: String| {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    };
    match kind {
        ChangeKind::Create => return reasons,
        ChangeKind::Delete => {
            say("not in the definition any more".to_owned());
            return reasons;
        }
        _ => {}
    }
    let server_changes = resources.iter().any(|change| {
        change.heat_type == heat_type::SERVER && matches!(change.kind, ChangeKind::Resize | ChangeKind::Rebuild)
    });
    let volumes_change = resources.iter().any(|change| change.heat_type == heat_type::VOLUME);
    let mut gravest_first: Vec<&ResourceChange> = resources.iter().collect();
    gravest_first.sort_by_key(|change| std::cmp::Reverse(change.kind));
    for change in gravest_first {
        let part = part(address, &change.name);
        match broken.get(change.name.as_str()) {
            Some(Standing::Failed(seen)) => {
                let why = plain_reason(&seen.reason, &change.name);
                let why = if seen.reason.is_empty() { String::new() } else { format!(": {why}") };
                let then = if change.kind == ChangeKind::Heal { "is replaced" } else { "is tried again" };
                say(format!("{part} failed and {then}{why}"));
            }
            Some(Standing::Unwanted) => say(format!("{part} is replaced because --replace names the node")),
            Some(Standing::Vanished) => say(format!("{part} was deleted outside of DISCO and is created again")),
            _ => {}
        }
        match change.kind {
            _ if change.replaces.is_some() => {
                let names: Vec<&str> = change.properties.iter().map(|property| property.name.as_str()).collect();
                say(format!("configuration: {}", names.join(", ")));
            }
            ChangeKind::Create => say(format!("{part} is created")),
            ChangeKind::Delete if change.heat_type == heat_type::SOFTWARE_CONFIG => {}
            ChangeKind::Delete if change.heat_type == heat_type::VOLUME => {
                say(format!("{part} is deleted, with everything on it"));
            }
            ChangeKind::Delete => say(format!("{part} is deleted")),
            _ => {
                let moves = change
                    .properties
                    .iter()
                    .any(|property| property.name == "config" && property.before.is_some() && property.after.is_some());
                for property in &change.properties {
                    if server_changes && property.name == "input_values.generation" {
                        continue;
                    }
                    // Which secrets it gets follows from the configuration, whose differences are told file by file.
                    if moves && property.secret && property.name.starts_with("input_values.") {
                        continue;
                    }
                    // Which volume it is told of follows from the volumes, which speak for themselves.
                    if volumes_change && property.name.strip_prefix("input_values.").is_some_and(is_volume_input) {
                        continue;
                    }
                    // An apply that did not finish has left its volumes unmounted.
                    if let Some(volumes) = released(property) {
                        say(format!(
                            "volume {volumes} was unmounted by an apply that did not finish; it is mounted again"
                        ));
                        continue;
                    }
                    // That a part follows another part of the same object is no reason of its own.
                    let follows = property.after.is_none()
                        && property.before.as_ref().and_then(target).is_some_and(|target| {
                            resources.iter().any(|other| other.name == target && other.name != change.name)
                        });
                    if !follows {
                        say(sentence(&part, change, property));
                    }
                }
            }
        }
    }
    reasons
}

/// What a person calls the part of an object that a resource is.
pub(super) fn part(address: &Address, name: &str) -> String {
    if let Address::Node(_, group, index) = address
        && let Some(part) = NodePart::of(name, group, *index)
    {
        return match part {
            NodePart::Port => "port".to_owned(),
            NodePart::Server => "server".to_owned(),
            NodePart::Volume(volume) => format!("volume {volume}"),
            NodePart::Attachment(volume) => format!("attachment of volume {volume}"),
            NodePart::Deployment => "configuration".to_owned(),
            NodePart::FloatingIp => "floating IP".to_owned(),
            NodePart::FloatingIpAssociation => "association of the floating IP".to_owned(),
        };
    }
    match ResourceName::parse(name) {
        Some(ResourceName::Rule(rule)) => format!("rule {rule}"),
        Some(ResourceName::RuleInside(protocol)) => format!("rule inside-{}", protocol.name()),
        Some(ResourceName::RuleInsideIpv6(protocol)) => format!("rule inside-ipv6-{}", protocol.name()),
        Some(ResourceName::Ipv6Subnet) => "IPv6 subnet".to_owned(),
        Some(ResourceName::Ipv6RouterInterface) => "IPv6 router interface".to_owned(),
        _ => name.replace('-', " "),
    }
}

fn sentence(part: &str, change: &ResourceChange, property: &PropertyChange) -> String {
    let name = property.name.as_str();
    let fate = match change.kind {
        ChangeKind::Resize if name == "flavor" => "; the node restarts",
        ChangeKind::Rebuild | ChangeKind::Replace if name == "image" && !property.forces => {
            "; the node's root disk is wiped"
        }
        ChangeKind::Replace if property.forces && change.heat_type == heat_type::SERVER => "; the node is replaced",
        ChangeKind::Replace if property.forces && change.heat_type == heat_type::VOLUME => {
            "; the volume is replaced, with everything on it"
        }
        ChangeKind::Replace if property.forces => "; replaced",
        _ => "",
    };
    if property.secret && name.starts_with("input_values.") {
        return "a secret in the configuration differs".to_owned();
    }
    if property.secret {
        return format!("{part}: secret {name} differs{fate}");
    }
    if property.after.is_none()
        && let Some(before) = &property.before
        && let Some(target) = target(before)
    {
        return format!("{part}: {name} refers to {target}, which is replaced{fate}");
    }
    match (change.heat_type.as_str(), name) {
        (heat_type::SOFTWARE_DEPLOYMENT, "config") => "configuration differs".to_owned(),
        (heat_type::SERVER, "flavor" | "image") => {
            format!("{name}: {} → {}{fate}", words(property.before.as_ref()), words(property.after.as_ref()))
        }
        (heat_type::VOLUME, "size") if change.kind == ChangeKind::Update => {
            let (before, after) = (words(property.before.as_ref()), words(property.after.as_ref()));
            format!("{part}: {before} GiB → {after} GiB; it is unmounted and detached from the node meanwhile")
        }
        (heat_type::PORT, "fixed_ips") => {
            let address =
                |value: Option<&Json>| words(value.and_then(|value| value.get(0)?.get("ip_address")).or(value));
            format!("address: {} → {}", address(property.before.as_ref()), address(property.after.as_ref()))
        }
        (heat_type::PORT, "security_groups") => {
            format!("firewall: {} → {}", groups(property.before.as_ref()), groups(property.after.as_ref()))
        }
        _ if property.before.is_none() && property.after.is_none() => format!("{part}: {name} differs{fate}"),
        _ if [&property.before, &property.after].into_iter().flatten().any(is_long) => {
            format!("{part}: {name} differs{fate}")
        }
        _ if property.before.is_none() => format!("{part}: {name} is set{fate}"),
        _ if property.after.is_none() => format!("{part}: {name} is no longer set{fate}"),
        _ => {
            let (before, after) = (words(property.before.as_ref()), words(property.after.as_ref()));
            format!("{part}: {name}: {before} → {after}{fate}")
        }
    }
}

/// The volumes that a node has unmounted and shall mount again, as a list.
fn released(property: &PropertyChange) -> Option<String> {
    let names =
        property.before.as_ref().filter(|_| property.name.strip_prefix("input_values.") == Some(RELEASE_INPUT))?;
    let names: Vec<String> = names.as_str()?.split_whitespace().map(str::to_owned).collect();
    (!names.is_empty()).then(|| listed(&names))
}

/// The security groups of a port, by the names of their resources.
fn groups(value: Option<&Json>) -> String {
    let all = value.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> = all.iter().map(|group| target(group).unwrap_or_else(|| words(Some(group)))).collect();
    if names.is_empty() { "no security group".to_owned() } else { names.join(" and ") }
}

/// Whether a value is no word for a sentence.
fn is_long(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.contains('\n'))
}

/// The resource that a value refers to.
fn target(value: &Json) -> Option<String> {
    let mut target = None;
    super::reference::references(value, &mut |reference| {
        if let super::reference::Reference::Resource(name) = reference {
            target.get_or_insert_with(|| name.to_owned());
        }
    });
    target
}
