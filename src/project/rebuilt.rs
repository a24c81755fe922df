//! A cluster as its stacks tell it, where its state was lost.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value as Json;

use crate::graph::allocate;
use crate::model::{
    Address, AddressBlock, AddressRun, ClusterSpec, GroupMembers, Member, Members, heat_type, is_base_stack, shard_of,
    workspace_of,
};
use crate::node::{BundleFile, NodeFile};
use crate::plan::{Observation, ObservedStack, WantedCluster};
use crate::state::{ClusterState, Recorded, StackState, fixed_of, salted_digest};

/// A cluster as its stacks tell it.
pub(super) fn rebuilt(cluster: &str, lineage: &str, seen: &Observation) -> ClusterState {
    let mut known = ClusterState::default();
    for (name, seen) in &seen.stacks {
        let mut stack = StackState::default();
        stack.record_observed(cluster, seen);
        let shown = seen.parameters.iter().filter(|(name, _)| is_shown(seen, name));
        stack.parameters = shown.map(|(name, value)| (name.clone(), salted_digest(lineage, name, value))).collect();
        let shard = shard_of(name);
        known.members.workspace = workspace_of(name).map(str::to_owned);
        for resource in stack.resources.values().filter(|resource| resource.heat_type == heat_type::PORT) {
            let Address::Node(_, group, index) = &resource.address else { continue };
            let Some(fixed_ips) = resource.properties.get("fixed_ips").and_then(Recorded::value) else { continue };
            let group = known.members.groups.entry(group.clone()).or_default();
            group.nodes.insert(*index, Member { address: first_address(&fixed_ips), shard });
        }
        known.stacks.insert(name.clone(), stack);
    }
    if let Some(base) = seen.stacks.iter().find_map(|(name, seen)| is_base_stack(name).then_some(seen)) {
        known.members.fixed = fixed_of(&base.tags);
    }
    known
}

/// Whether a parameter is one of the template's, and no secret. Heat has some of its own.
fn is_shown(seen: &ObservedStack, name: &str) -> bool {
    let parameter = seen.template.as_ref().and_then(|template| template.get("parameters")?.get(name));
    parameter.is_some_and(|parameter| parameter.get("hidden").is_none_or(|hidden| hidden != true))
}

/// The address of a port as its template sets it; none where Neutron has chosen it.
fn first_address(fixed_ips: &Json) -> Option<Ipv4Addr> {
    fixed_ips.get(0)?.get("ip_address")?.as_str()?.parse().ok()
}

/// The blocks of addresses that the nodes are in: those that the definition would reserve where they have all nodes at
/// their addresses and the nodes were told the same, else those that the nodes were told, else those that they have.
pub(super) fn reserve(spec: &ClusterSpec, most: u32, members: &mut Members, seen: &Observation) {
    let (fresh, _) = allocate(spec, None, most);
    let told = told_blocks(&spec.name, members, seen);
    let of_fresh = |group: &str| fresh.groups.get(group).map(|group| group.blocks.as_slice()).unwrap_or_default();
    let of_told = |group: &str| told.as_ref().and_then(|told| told.get(group)).map(Vec::as_slice);
    let fits = members.groups.iter().all(|(name, group)| {
        let blocks = of_fresh(name);
        holds(blocks, group) && of_told(name).is_none_or(|told| AddressRun::of(told) == AddressRun::of(blocks))
    });
    for (name, group) in &mut members.groups {
        group.blocks = match of_told(name).filter(|told| holds(told, group)) {
            _ if fits => of_fresh(name).to_vec(),
            Some(told) => told.to_vec(),
            None => group.runs(),
        };
    }
}

/// Whether the blocks have all nodes at their addresses.
fn holds(blocks: &[AddressBlock], group: &GroupMembers) -> bool {
    group.nodes.iter().all(|(index, node)| blocks.iter().find_map(|block| block.address(*index)) == node.address)
}

/// The blocks that the nodes' configurations tell, by group; `None` where they tell none, or not all the same.
fn told_blocks(cluster: &str, members: &Members, seen: &Observation) -> Option<BTreeMap<String, Vec<AddressBlock>>> {
    let templates = seen.stacks.values().filter_map(|seen| seen.template.as_ref()?.get("resources")?.as_object());
    let texts = templates.flat_map(|resources| resources.values().filter_map(configuration));
    let mut nodes = texts.filter_map(|text| match BundleFile::read(text) {
        Ok(BundleFile::Node(node)) => Some(node),
        _ => None,
    });
    let NodeFile { hosts, .. } = *nodes.next()?;
    if nodes.any(|other| other.hosts != hosts) {
        return None;
    }
    let mut blocks: BTreeMap<String, Vec<AddressBlock>> = BTreeMap::new();
    for host in hosts {
        let group = host.prefix.strip_prefix(cluster)?.strip_prefix('-')?.strip_suffix('-')?;
        let first: Ipv4Addr = host.first_address.parse().ok()?;
        let nodes = members.groups.get(group).map(|members| &members.nodes);
        let known = blocks.entry(group.to_owned()).or_default();
        let mut shard = None;
        for offset in 0..host.count {
            let index = host.first_index + offset;
            let of = nodes.and_then(|nodes| nodes.get(&index)).map(|node| node.shard);
            // A block is of one stack; one that no node has yet is of the one before.
            match known.last_mut().filter(|_| offset > 0 && (of.is_none() || of == shard || shard.is_none())) {
                Some(block) => block.count += 1,
                None => known.push(AddressBlock {
                    first_index: index,
                    first_address: Ipv4Addr::from(u32::from(first) + offset),
                    count: 1,
                    shard: 0,
                }),
            }
            shard = of.or(shard);
            if let Some(block) = known.last_mut() {
                block.shard = shard.unwrap_or_default();
            }
        }
    }
    Some(blocks)
}

/// The text of a configuration; nothing of other resources.
fn configuration(resource: &Json) -> Option<&str> {
    let is_configuration = resource.get("type")?.as_str()? == heat_type::SOFTWARE_CONFIG;
    resource.get("properties")?.get("config")?.as_str().filter(|_| is_configuration)
}

/// The value of a setting that stands in the configurations of the stacks, where it is a part of a line that differs between
/// configurations with its value `now` and with an `other` one; `None` where it cannot be told.
pub(super) fn fixed_value(
    now: &str,
    with_now: &WantedCluster,
    other: &str,
    with_other: &WantedCluster,
    seen: &Observation,
) -> Option<String> {
    let texts = |cluster: &WantedCluster| -> Vec<(String, Vec<String>)> {
        let resources = cluster.templates.values().flat_map(|template| template.resources.values());
        let texts = resources.filter_map(|resource| Some(resource.properties.get("config")?.as_str()?.to_owned()));
        texts.filter_map(|text| lines(&text)).collect()
    };
    let templates = seen.stacks.values().filter_map(|seen| seen.template.as_ref()?.get("resources")?.as_object());
    let there = templates.flat_map(|resources| resources.values().filter_map(configuration));
    let there: Vec<(String, Vec<String>)> = there.filter_map(lines).collect();
    let with_other = texts(with_other);
    let mut values: BTreeSet<String> = BTreeSet::new();
    for (group, lines) in texts(with_now) {
        let others =
            with_other.iter().filter(|(other, _)| *other == group).find(|(_, other)| other.len() == lines.len());
        let Some((_, others)) = others else { continue };
        for (number, line) in lines.iter().enumerate().filter(|(number, line)| others[*number] != **line) {
            let before = number.checked_sub(1).map(|before| lines[before].as_str());
            let told = there.iter().filter(|(other, _)| *other == group);
            values.extend(told.filter_map(|(_, told)| told_value((before, line), now, (&others[number], other), told)));
        }
    }
    // Told in two ways it is not told.
    let only = values.pop_first()?;
    values.is_empty().then_some(only)
}

/// What stands in the place of a value: the line has `now` there, and another configuration's line `other`. Of lines that are
/// alike it is the one after the same line.
fn told_value(
    (before, line): (Option<&str>, &str),
    now: &str,
    (others, other): (&str, &str),
    told: &[String],
) -> Option<String> {
    let (at, _) = line.match_indices(now).find(|(at, _)| {
        let (head, tail) = (&line[..*at], &line[at + now.len()..]);
        *others == format!("{head}{other}{tail}")
    })?;
    let (head, tail) = (&line[..at], &line[at + now.len()..]);
    let alike = told.iter().enumerate().filter_map(|(number, line)| {
        let value = line.strip_prefix(head)?.strip_suffix(tail)?;
        let after = number.checked_sub(1).map(|before| told[before].as_str()) == before;
        value
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| (after, value.to_owned()))
            .filter(|(_, value)| !value.is_empty())
    });
    let alike: Vec<(bool, String)> = alike.collect();
    let mut after = alike.iter().filter(|(after, _)| *after || alike.len() == 1);
    after.next().filter(|_| after.next().is_none()).map(|(_, value)| value.clone())
}

/// A node's configuration line by line, with the group that it is for.
fn lines(text: &str) -> Option<(String, Vec<String>)> {
    let Ok(BundleFile::Node(node)) = BundleFile::read(text) else { return None };
    let whole = serde_json::from_str::<Json>(text).ok()?;
    let pretty = serde_json::to_string_pretty(&whole).ok()?.replace("\\n", "\n");
    Some((node.group, pretty.lines().map(str::to_owned).collect()))
}
