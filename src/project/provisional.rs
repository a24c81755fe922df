//! Addresses that Neutron has still to choose, where definitions name them: others stand for them until ports tell them, so
//! that everything else can be planned. What names one is planned again before it is sent.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value as Json;

use crate::graph::ParameterValue;
use crate::model::{Address, KNOWN_AFTER_APPLY, Members, ProjectSpec};
use crate::plan::{ChangeKind, Plan, RuleSource, WantedCluster};
use crate::template::Template;

/// Addresses that nobody has: 198.18.0.0/15 is for trials of network devices, and no router of a cloud passes it on. At its
/// beginning are the floating IPs of the embedded Heat; this is the end of it, 198.19.128.0/17.
const NETWORK: u32 = 0xC613_8000;
const PREFIX: u8 = 17;

/// Nodes of one cluster whose addresses Neutron chooses are fewer than two to the power of this.
const NODE_BITS: u32 = 9;

/// What all of them begin with.
const HEAD: &str = "198.19.";

/// Gives every node of a cluster that has no address one that stands for it.
pub(super) fn fill(cluster: &str, members: &mut Members) {
    // Clusters need not differ, but a person who looks for one finds it.
    let own = cluster.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % 64;
    let nodes = members.groups.values_mut().flat_map(|group| group.nodes.values_mut());
    for (number, node) in (1..1 << NODE_BITS).zip(nodes.filter(|node| node.address.is_none())) {
        node.address = Some(Ipv4Addr::from(NETWORK | u32::from(own) << NODE_BITS | number));
    }
}

/// Whether a template names an address that only stands for another.
pub(super) fn is_in(template: &Template) -> bool {
    let mut found = false;
    for resource in template.resources.values() {
        resource.properties.for_each_text(|_, text| found |= first(text).is_some());
    }
    found
        || template.parameters.values().any(|parameter| match &parameter.value {
            ParameterValue::Given(text) => first(&text.value).is_some(),
            ParameterValue::IdOf { .. } | ParameterValue::SecretOf { .. } | ParameterValue::Kept => false,
        })
}

/// Says of a plan's changes that these addresses are not known yet.
pub(super) fn hide_in_plan(plan: &mut Plan, clusters: &BTreeMap<String, WantedCluster>) {
    let is_provisional = |name: &str| clusters.get(name).is_some_and(|cluster| cluster.provisional);
    for change in plan.changes.iter_mut().filter(|change| is_provisional(change.address.cluster())) {
        change.reasons.iter_mut().for_each(hide_in);
        for rule in &mut change.rules {
            if let RuleSource::Network(network) = &mut rule.from {
                hide_in(network);
            }
        }
        for property in change.resources.iter_mut().flat_map(|resource| &mut resource.properties) {
            property.after.iter_mut().for_each(hide_in_json);
        }
    }
}

/// Says of frameworks that come which of their settings and keys are not known yet; where they change, the change says it.
pub(super) fn tell_in_plan(plan: &mut Plan, spec: &ProjectSpec) {
    for change in plan.changes.iter_mut().filter(|change| change.kind == ChangeKind::Create) {
        let Address::Framework(cluster, name) = &change.address else { continue };
        let frameworks = spec.clusters.get(cluster).into_iter().flat_map(|cluster| &cluster.frameworks);
        for framework in frameworks.filter(|framework| framework.name == *name) {
            let settings = framework.later.iter().cloned();
            let keys =
                framework.files.iter().flat_map(|(file, of)| of.later.iter().map(move |key| format!("{file} {key}")));
            change.reasons.extend(settings.chain(keys).map(|what| format!("{what}: {KNOWN_AFTER_APPLY}")));
        }
    }
}

fn hide_in_json(value: &mut Json) {
    match value {
        Json::String(text) => hide_in(text),
        Json::Array(items) => items.iter_mut().for_each(hide_in_json),
        Json::Object(entries) => entries.values_mut().for_each(hide_in_json),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn hide_in(text: &mut String) {
    while let Some((from, to)) = first(text) {
        text.replace_range(from..to, KNOWN_AFTER_APPLY);
    }
}

/// Where the first such address stands in a text, with the length of its network where it has one.
fn first(text: &str) -> Option<(usize, usize)> {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    for (from, _) in text.match_indices(HEAD) {
        if from.checked_sub(1).and_then(|before| text.as_bytes().get(before)).is_some_and(|before| is_part(*before)) {
            continue;
        }
        let rest = &text[from..];
        let length = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        // A full stop after it is a sentence's.
        let address = rest[..length].trim_end_matches('.');
        let stands = |address: Ipv4Addr| u32::from(address) >> (32 - PREFIX) == NETWORK >> (32 - PREFIX);
        if address.parse().is_ok_and(stands) {
            let to = from + address.len();
            let to = if text[to..].starts_with("/32") { to + 3 } else { to };
            return Some((from, to));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GroupMembers, Member};

    #[test]
    fn what_stands_for_an_address_is_told_from_others() {
        let others = "1.198.19.200.0 and 198.19.200 and 198.19.0.1, 198.18.0.10";
        let mut text = format!("a 198.19.128.1, b 198.19.200.2/32 c 198.19.255.3/24 d 198.19.129.4. {others}");
        hide_in(&mut text);
        let words = KNOWN_AFTER_APPLY;
        assert_eq!(text, format!("a {words}, b {words} c {words}/24 d {words}. {others}"));
    }

    #[test]
    fn only_those_without_an_address_get_one() {
        let own = Some(Ipv4Addr::new(10, 1, 0, 4));
        let nodes = [(0, Member { address: own, shard: 0 }), (1, Member { address: None, shard: 0 })];
        let group = GroupMembers { nodes: nodes.into(), blocks: Vec::new() };
        let mut members = Members { groups: [("slaves".to_owned(), group)].into(), ..Members::default() };
        fill("lab", &mut members);
        assert_eq!(members.node("slaves", 0).unwrap().address, own);
        let given = members.node("slaves", 1).unwrap().address.unwrap().to_string();
        assert_eq!(first(&given), Some((0, given.len())));
    }
}
