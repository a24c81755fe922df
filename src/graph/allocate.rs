//! Which nodes there are: index, address and stack of each, decided once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::Ipv4Addr;

use super::layout::{self, Range};
use super::shards::Shards;
use crate::model::{AddressBlock, ClusterSpec, GroupMembers, GroupSpec, Member, Members, NetworkSpec, Role};
use crate::source::{Diagnostic, Diagnostics};

/// More nodes than any cluster has; beyond it a count is a slip of the keyboard.
const MOST_NODES: u64 = 100_000;

/// More nodes than configurations can name one by one, as they have to where addresses come in any order.
const MOST_WITH_NAMES_EACH: u64 = 500;

/// Gives every node of the definition its place and keeps the places of those that have one.
///
/// Growing takes the lowest free index, shrinking gives up the highest ones. Addresses of every group are reserved
/// in blocks with room to grow; where Neutron chooses them, new nodes have none yet. `max_resources_per_stack` decides
/// which nodes do not fit the base stack.
pub fn allocate(
    spec: &ClusterSpec,
    previous: Option<&Members>,
    max_resources_per_stack: u32,
) -> (Members, Diagnostics) {
    let wanted: u64 = spec.groups.iter().map(|group| u64::from(group.count.value)).sum();
    let chosen = spec.network.addresses().is_none();
    let most = if chosen { MOST_WITH_NAMES_EACH } else { MOST_NODES };
    if wanted > most {
        return (previous.cloned().unwrap_or_default(), too_many(spec, wanted, most).into());
    }
    if chosen {
        return (without_addresses(spec, previous, max_resources_per_stack), Diagnostics::new());
    }
    let Some(range) = layout::node_range(&spec.network) else {
        return (Members::default(), too_small(spec, 0, wanted).into());
    };
    let Members { fixed, workspace, .. } = kept_beside(previous);
    let previous = previous.filter(|previous| lies_in(previous, range));
    let mut kept = kept_groups(spec, previous);
    // Those that Neutron was to choose, and has not, are chosen here.
    for members in kept.values_mut() {
        members.nodes.retain(|_, node| node.address.is_some());
    }
    // Addresses of groups that go away are used again only where nothing else is left: their ports still hold them
    // while the new ones are made.
    let all_taken = previous.map(blocks_of).unwrap_or_default();
    let kept_taken = kept.values().flat_map(|group| &group.blocks).map(range_of).collect();
    let free = layout::free_ranges(range, all_taken);
    let mut groups = kept.clone();
    if !reserve(spec, range, free, &mut groups) {
        groups = kept;
        reserve(spec, range, layout::free_ranges(range, kept_taken), &mut groups);
    }
    place(spec, &mut groups, max_resources_per_stack);
    let members = Members { groups, fixed, workspace };
    let mut diagnostics = Diagnostics::new();
    let placed = members.count() as u64;
    if placed < wanted {
        diagnostics.push(too_small(spec, placed, wanted));
    }
    (members, diagnostics)
}

/// The nodes of a cluster whose addresses Neutron chooses. The blocks, from which nodes learn each other's names, stay as
/// long as they tell the truth of all nodes: who leaves changes nothing for those who stay.
fn without_addresses(spec: &ClusterSpec, previous: Option<&Members>, max_resources_per_stack: u32) -> Members {
    let mut groups = kept_groups(spec, previous);
    let mut shards = Shards::new(spec, &groups, max_resources_per_stack);
    for group in &spec.groups {
        let members = groups.entry(group.name.clone()).or_default();
        let (mut index, mut shard) = (0, 0);
        while members.nodes.len() < group.count.value as usize {
            if let Entry::Vacant(place) = members.nodes.entry(index) {
                shard = shards.first_with_room(group, shard);
                place.insert(Member { address: None, shard });
            }
            index += 1;
        }
    }
    let is_told = |members: &GroupMembers, index: u32, node: &Member| {
        members.blocks.iter().find_map(|block| block.address(index)) == node.address
    };
    for members in groups.values_mut() {
        if !members.nodes.iter().all(|(index, node)| is_told(members, *index, node)) {
            members.blocks = members.runs();
        }
    }
    Members { groups, ..kept_beside(previous) }
}

/// What stays of those there were beside the nodes.
fn kept_beside(previous: Option<&Members>) -> Members {
    let kept = |previous: &Members| {
        let (fixed, workspace) = (previous.fixed.clone(), previous.workspace.clone());
        Members { groups: BTreeMap::new(), fixed, workspace }
    };
    previous.map(kept).unwrap_or_default()
}

fn range_of(block: &AddressBlock) -> Range {
    let first = u32::from(block.first_address);
    Range { first, last: first + block.count.saturating_sub(1) }
}

fn blocks_of(members: &Members) -> Vec<Range> {
    members.groups.values().flat_map(|group| &group.blocks).map(range_of).collect()
}

/// Whether the network still has all addresses; if not, it is another network and everything is placed anew.
fn lies_in(members: &Members, range: Range) -> bool {
    blocks_of(members).iter().all(|block| block.first >= range.first && block.last <= range.last)
}

/// Groups that were there, with the nodes that stay.
fn kept_groups(spec: &ClusterSpec, previous: Option<&Members>) -> BTreeMap<String, GroupMembers> {
    let Some(previous) = previous else { return BTreeMap::new() };
    let mut kept = BTreeMap::new();
    for group in &spec.groups {
        let Some(members) = previous.groups.get(&group.name) else { continue };
        let mut members = members.clone();
        while members.nodes.len() > group.count.value as usize {
            members.nodes.pop_last();
        }
        kept.insert(group.name.clone(), members);
    }
    kept
}

/// How many indices a group's blocks must reach: holes are filled first.
fn reach(group: &GroupSpec, members: &GroupMembers) -> u32 {
    let highest = members.nodes.last_key_value().map_or(0, |(index, _)| index + 1);
    highest.max(group.count.value)
}

fn covered(members: &GroupMembers) -> u32 {
    members.blocks.iter().map(|block| block.first_index + block.count).max().unwrap_or(0)
}

/// Reserves the blocks that are missing; false where there are not enough addresses.
fn reserve(
    spec: &ClusterSpec,
    range: Range,
    mut free: Vec<Range>,
    groups: &mut BTreeMap<String, GroupMembers>,
) -> bool {
    let mut needs: Vec<(&GroupSpec, u32)> = Vec::new();
    for group in &spec.groups {
        let members = groups.entry(group.name.clone()).or_default();
        let need = reach(group, members).saturating_sub(covered(members));
        if need > 0 || members.blocks.is_empty() {
            needs.push((group, need));
        }
    }
    let mut still_needed: u32 = needs.iter().map(|(_, need)| need).sum();
    let mut slaves_left =
        u32::try_from(needs.iter().filter(|(group, _)| group.role == Role::Slave).count()).unwrap_or(1);
    let mut enough = true;
    for (group, need) in needs {
        still_needed -= need;
        let room: u32 = free.iter().map(|range| range.len()).sum();
        let available = room.saturating_sub(still_needed);
        let members = groups.entry(group.name.clone()).or_default();
        let mut share = match group.role {
            Role::Master => layout::master_share(range, need),
            Role::Slave => layout::slave_share(available, slaves_left, need),
        };
        if !members.blocks.is_empty() {
            // A block that was too small once: as much again as there is.
            share = covered(members).max(need).next_power_of_two().min(share.max(need));
        }
        if group.role == Role::Slave {
            slaves_left -= 1;
        }
        let mut index = covered(members);
        let mut missing = need;
        for block in layout::take(&mut free, share.min(available), need) {
            members.blocks.push(AddressBlock {
                first_index: index,
                first_address: Ipv4Addr::from(block.first),
                count: block.len(),
                shard: 0,
            });
            index += block.len();
            missing = missing.saturating_sub(block.len());
        }
        enough &= missing == 0;
    }
    enough
}

/// Gives the nodes that are missing their index, address and stack.
fn place(spec: &ClusterSpec, groups: &mut BTreeMap<String, GroupMembers>, max_resources_per_stack: u32) {
    let mut shards = Shards::new(spec, groups, max_resources_per_stack);
    for group in &spec.groups {
        let Some(members) = groups.get_mut(&group.name) else { continue };
        let end = covered(members);
        let mut index = 0;
        while members.nodes.len() < group.count.value as usize && index < end {
            if !members.nodes.contains_key(&index) {
                let shard = shards.place(group, members, index);
                let address = members.blocks.iter().find_map(|block| block.address(index));
                if address.is_some() {
                    members.nodes.insert(index, Member { address, shard });
                }
            }
            index += 1;
        }
    }
}

fn too_many(spec: &ClusterSpec, wanted: u64, most: u64) -> Diagnostic {
    let (place, other) = match most {
        MOST_WITH_NAMES_EACH => {
            (" where Neutron chooses addresses", ", or write `addresses` where the project owns the network")
        }
        _ => ("", ""),
    };
    let largest = spec.groups.iter().max_by_key(|group| group.count.value);
    Diagnostic::error(
        "disco::too_many_nodes",
        format!("cluster `{}` has {wanted} nodes, at most {most} are possible{place}", spec.name),
    )
    .at_maybe(largest.map(|group| group.count.origin.unwrap_or(group.origin)), "most of them are here")
    .help(format!("use at most {most} nodes{other}"))
}

fn too_small(spec: &ClusterSpec, fit: u64, wanted: u64) -> Diagnostic {
    let nodes = |count: u64| if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
    let addresses = spec.network.addresses();
    let range = addresses.map(|addresses| addresses.value.to_string()).unwrap_or_default();
    let message = format!("`{range}` has room for {}, cluster `{}` has {wanted}", nodes(fit), spec.name);
    let help = large_enough(&spec.network, wanted)
        .map_or_else(|| "fewer nodes".to_owned(), |prefix| format!("fewer nodes, or a network of /{prefix}"));
    Diagnostic::error("disco::subnet_too_small", message)
        .at(addresses.and_then(|addresses| addresses.origin).unwrap_or(spec.network.origin()), "too small")
        .help(help)
}

/// The smallest network that holds that many nodes.
fn large_enough(network: &NetworkSpec, wanted: u64) -> Option<u8> {
    (1..=32).rev().find(|&prefix| {
        let Ok(net) = ipnet::Ipv4Net::new(Ipv4Addr::UNSPECIFIED, prefix) else { return false };
        let mut network = network.clone();
        match &mut network {
            NetworkSpec::New { cidr, .. } => cidr.value = net,
            NetworkSpec::Existing { addresses, .. } => addresses.iter_mut().for_each(|addresses| addresses.value = net),
        }
        network.node_capacity().is_some_and(|room| room >= wanted)
    })
}
