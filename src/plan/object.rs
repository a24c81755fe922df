//! Heat's resources as the user's objects: one change an address, of the gravest kind that the object itself suffers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::compare::{Comparison, is_verification};
use super::known::{KnownStack, Standing};
use super::loss::Losses;
use super::reason;
use super::{Change, ChangeKind, ResourceChange, RuleChange, ServiceChanges};
use crate::model::{Action, Address, Status, heat_type};
use crate::source::Span;
use crate::template::Template;

/// What is to be known about an address beside its changing resources.
#[derive(Default)]
struct Object {
    /// Whether something of it is there already.
    known: bool,
    /// Whether something of it shall be there.
    wanted: bool,
    origin: Option<Span>,
    rules: Vec<RuleChange>,
    resources: Vec<ResourceChange>,
}

/// Groups the changes of one stack by address.
pub(super) fn objects(
    known: Option<&KnownStack<'_>>,
    wanted: &Template,
    comparison: Comparison<'_>,
    storage_groups: &BTreeMap<String, Vec<String>>,
) -> Vec<Change> {
    let Comparison { changes, takeovers, missing, .. } = comparison;
    if changes.is_empty() && takeovers.is_empty() {
        return Vec::new();
    }
    let mut objects: BTreeMap<Address, Object> = BTreeMap::new();
    let takeovers = takeovers.into_iter().map(|change| (change.name.clone(), change));
    for (name, change) in changes.into_iter().chain(takeovers) {
        let wanted = wanted.resources.get(&name);
        let before = known.and_then(|known| known.resources.get(name.as_str()));
        let Some(address) = wanted.map(|wanted| &wanted.address).or(before.map(|before| &before.address)) else {
            continue;
        };
        let object = match objects.get_mut(address) {
            Some(object) => object,
            None => objects.entry(address.clone()).or_default(),
        };
        object.origin = object.origin.or(wanted.and_then(|wanted| wanted.origin));
        let property = |name: &str| match wanted {
            Some(wanted) => wanted.properties.get(name).cloned(),
            // One of which only the digest is known is there, and is nothing that can be read.
            None => before
                .and_then(|before| before.properties.get(name))
                .map(|value| value.whole().map_or_else(|| Json::Object(serde_json::Map::new()), Cow::into_owned)),
        };
        let rule_origin = wanted.and_then(|wanted| wanted.origin);
        object.rules.extend(RuleChange::read(change.kind, &change.heat_type, &property, rule_origin));
        object.resources.push(change);
    }
    for resource in wanted.resources.values() {
        if let Some(object) = objects.get_mut(&resource.address) {
            object.wanted = true;
        }
    }
    for resource in known.iter().flat_map(|known| known.resources.values()).filter(|resource| resource.exists()) {
        if let Some(object) = objects.get_mut(&resource.address) {
            object.known = true;
        }
    }
    let broken: BTreeMap<&str, Standing<'_>> = known
        .iter()
        .flat_map(|known| &known.resources)
        .filter(|(_, resource)| {
            matches!(resource.standing, Standing::Failed(_) | Standing::Vanished | Standing::Unwanted)
        })
        .map(|(name, resource)| (*name, resource.standing))
        .collect();
    // What failed while it was made never held anything, and what has vanished took it along already.
    let holds_nothing = |name: &str| match broken.get(name) {
        Some(Standing::Failed(seen)) => seen.status.is(&Action::Create, &Status::Failed),
        Some(Standing::Vanished) => true,
        _ => false,
    };
    let mut losses = Losses::new(known, wanted, storage_groups);
    let changes = objects.into_iter().map(|(address, object)| {
        let kind = kind_of(&address, &object);
        let was_there = |name: &str| !missing.contains(name) && !holds_nothing(name);
        let (lost, idle) = losses.of(&address, kind, &object.resources, &was_there);
        let mut reasons = reason::reasons(&address, kind, &object.resources, &broken);
        if !idle.is_empty() && kind != ChangeKind::Delete {
            reasons.push(format!("data in {} is kept, but nothing uses it any more", idle.join(", ")));
        }
        let Object { rules, resources, origin, .. } = object;
        Change {
            address,
            kind,
            reasons,
            services: ServiceChanges::default(),
            rules,
            protections: Vec::new(),
            resources,
            lost,
            drained: false,
            undrained: None,
            origin,
        }
    });
    changes.filter(|change| change.kind != ChangeKind::NoChange).collect()
}

/// What an object suffers. Its server, its network are the object; what merely hangs on it is not.
fn kind_of(address: &Address, object: &Object) -> ChangeKind {
    if !object.wanted {
        return ChangeKind::Delete;
    }
    if !object.known {
        return ChangeKind::Create;
    }
    if object.resources.iter().all(|change| is_verification(&change.name)) {
        return ChangeKind::Verify;
    }
    let itself = |change: &&ResourceChange| match address {
        Address::Node(..) => change.heat_type == heat_type::SERVER,
        Address::Network(_) => matches!(change.heat_type.as_str(), heat_type::NET | heat_type::SUBNET),
        _ => false,
    };
    let gravest = object.resources.iter().filter(itself).map(|change| change.kind).max();
    match gravest {
        // A part of a network that was never made is a network to be mended; a server is the node itself.
        Some(ChangeKind::Create | ChangeKind::Delete) if !matches!(address, Address::Node(..)) => ChangeKind::Update,
        Some(kind) => kind.max(ChangeKind::Create),
        None => ChangeKind::Update,
    }
}

/// What has no face of its own: what a group's nodes share, and the cluster's verification.
pub(super) fn is_plumbing(address: &Address) -> bool {
    matches!(address, Address::Group(..) | Address::Cluster(_))
}

/// One change an address: what nodes share may change in several stacks.
pub(super) fn merged(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: BTreeMap<Address, Change> = BTreeMap::new();
    for change in changes {
        let Some(known) = merged.get_mut(&change.address) else {
            merged.insert(change.address.clone(), change);
            continue;
        };
        known.kind = together(known.kind, change.kind);
        known
            .reasons
            .extend(change.reasons.into_iter().filter(|reason| !known.reasons.contains(reason)).collect::<Vec<_>>());
        known.rules.extend(change.rules);
        known.resources.extend(change.resources);
        known.lost.extend(change.lost);
        known.drained |= change.drained;
        known.origin = known.origin.or(change.origin);
    }
    merged.into_values().collect()
}

/// What happens to a thing to which one thing happens here and another there: where a part of it comes or goes, it is
/// changed by what happens to the rest.
fn together(one: ChangeKind, other: ChangeKind) -> ChangeKind {
    match (one, other) {
        _ if one == other => one,
        (ChangeKind::Create | ChangeKind::Delete, ChangeKind::Create | ChangeKind::Delete) => ChangeKind::Update,
        (ChangeKind::Create | ChangeKind::Delete, kind) | (kind, ChangeKind::Create | ChangeKind::Delete) => kind,
        _ => one.max(other),
    }
}

/// `0..2, 5` for the indices 0, 1, 2 and 5.
pub(crate) fn ranges(indices: impl IntoIterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for index in indices {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(index) => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let texts: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}..{last}") })
        .collect();
    texts.join(", ")
}

/// Addresses in short: `slaves[0..2]`, `network`; nodes of a group together.
pub(crate) fn brief<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> String {
    let mut others: Vec<String> = Vec::new();
    let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for address in addresses {
        match address {
            Address::Node(_, group, index) => groups.entry(group).or_default().push(*index),
            Address::Network(_) => others.push("network".to_owned()),
            Address::Security(_) => others.push("security".to_owned()),
            Address::Framework(_, name) => others.push(name.clone()),
            Address::Group(_, _) | Address::Cluster(_) => {}
        }
    }
    // Masters come first, as they do in batches.
    let mut groups: Vec<(&str, Vec<u32>)> = groups.into_iter().collect();
    groups.sort_by_key(|(group, _)| *group != "master");
    let nodes = groups.into_iter().map(|(group, mut indices)| {
        indices.sort_unstable();
        format!("{group}[{}]", ranges(indices))
    });
    others.into_iter().chain(nodes).collect::<Vec<_>>().join(", ")
}

/// A value in a sentence.
pub(super) fn words(value: Option<&Json>) -> String {
    let text = match value {
        None => return "nothing".to_owned(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => match other.get("get_resource").or_else(|| other.get("get_param")).and_then(Json::as_str) {
            Some(name) => name.to_owned(),
            None => other.to_string(),
        },
    };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_indices_are_joined() {
        assert_eq!(ranges([0, 1, 2, 5, 7, 8]), "0..2, 5, 7..8");
        assert_eq!(ranges([]), "");
        let node = |index| Address::Node("a".to_owned(), "slaves".to_owned(), index);
        assert_eq!(brief(&[node(4), Address::Network("a".to_owned()), node(3)]), "network, slaves[3..4]");
    }
}
