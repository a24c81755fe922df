//! Which nodes there are: decided once.

use std::collections::BTreeSet;

use disco::graph::allocate;
use disco::model::{AddressBlock, ClusterSpec, GroupSpec, Members, NetworkSpec, Role};
use disco::node::{self, Hosts};
use disco::template::TEMPLATE_LIMIT;
use proptest::prelude::*;

use super::cluster::{LINEAGE, Places, configuration, group, members, spec, volume};

fn indices(members: &Members, group: &str) -> Vec<u32> {
    members.groups[group].nodes.keys().copied().collect()
}

/// Every node has the address that the rule of its block says, in the stack of its block, and no two share one.
fn assert_rule(members: &Members) {
    let mut seen = BTreeSet::new();
    for (name, group) in &members.groups {
        for (&index, member) in &group.nodes {
            let block = group
                .blocks
                .iter()
                .find(|block| index >= block.first_index && index - block.first_index < block.count)
                .unwrap_or_else(|| panic!("{name}[{index}] is in no block"));
            let by_rule = u32::from(block.first_address) + index - block.first_index;
            assert_eq!(u32::from(member.address.unwrap()), by_rule, "{name}[{index}]");
            assert_eq!(member.shard, block.shard, "{name}[{index}]");
        }
        for block in &group.blocks {
            for address in 0..block.count {
                assert!(seen.insert(u32::from(block.first_address) + address), "an address in two blocks: {members:?}");
            }
        }
    }
}

#[test]
fn a_new_network_is_laid_out_with_room_to_grow() {
    let members = members(&spec(&Places::new(), 3), None);
    let block = |first: [u8; 4], count| AddressBlock { first_index: 0, first_address: first.into(), count, shard: 0 };
    assert_eq!(members.groups["master"].blocks, [block([10, 20, 0, 16], 16)]);
    assert_eq!(members.groups["slaves"].blocks, [block([10, 20, 0, 32], 128)]);
    assert_eq!(indices(&members, "slaves"), [0, 1, 2]);
    assert_rule(&members);
}

#[test]
fn growing_takes_the_lowest_free_index_and_shrinking_the_highest() {
    let places = Places::new();
    let three = members(&spec(&places, 3), None);
    let mut holed = three.clone();
    holed.groups.get_mut("slaves").unwrap().nodes.remove(&1);
    let four = members(&spec(&places, 4), Some(&holed));
    assert_eq!(indices(&four, "slaves"), [0, 1, 2, 3]);
    let two = members(&spec(&places, 2), Some(&holed));
    assert_eq!(indices(&two, "slaves"), [0, 2]);
    assert_eq!(two.groups["slaves"].blocks, three.groups["slaves"].blocks);
    assert_eq!(members(&spec(&places, 3), Some(&three)), three);
}

#[test]
fn what_was_fixed_at_creation_stays() {
    let places = Places::new();
    let mut before = members(&spec(&places, 3), None);
    before.fixed.insert("hadoop.replication".to_owned(), "3".to_owned());
    assert_eq!(members(&spec(&places, 5), Some(&before)).fixed, before.fixed);
}

#[test]
fn a_full_block_gets_another_one_behind_it() {
    let places = Places::new();
    let before = members(&spec(&places, 3), None);
    let grown = members(&spec(&places, 200), Some(&before));
    let (after, before) = (&grown.groups["slaves"], &before.groups["slaves"].blocks[0]);
    assert!((0..before.count).all(|index| after.nodes[&index].address == before.address(index)));
    assert_eq!(grown.groups["slaves"].blocks.last().unwrap().first_index, 128);
    assert_rule(&grown);
}

#[test]
fn a_renamed_group_gets_other_addresses_while_there_are_any() {
    let places = Places::new();
    let before = members(&spec(&places, 3), None);
    let mut renamed = spec(&places, 3);
    renamed.groups[1] = group(&places, "workers", Role::Slave, 3);
    let after = members(&renamed, Some(&before));
    assert!(!after.groups.contains_key("slaves"));
    let old = &before.groups["slaves"].blocks[0];
    for member in after.groups["workers"].nodes.values() {
        assert!(u32::from(member.address.unwrap()) >= u32::from(old.first_address) + old.count);
    }
    renamed.groups[1].count.value = 200;
    assert_rule(&members(&renamed, Some(&before)));
}

#[test]
fn another_network_places_everything_anew() {
    let places = Places::new();
    let before = members(&spec(&places, 3), None);
    let mut moved = spec(&places, 3);
    if let NetworkSpec::New { cidr, .. } = &mut moved.network {
        cidr.value = "192.168.7.0/24".parse().unwrap();
    }
    let after = members(&moved, Some(&before));
    assert_eq!(after.groups["master"].nodes[&0].address, "192.168.7.16".parse().ok());
}

/// Nodes that Neutron was to choose addresses for, and never did, are given some where the definition now says which.
#[test]
fn who_has_no_address_yet_is_given_one() {
    let places = Places::new();
    let three = members(&spec(&places, 3), None);
    let mut waiting = three.clone();
    for group in waiting.groups.values_mut() {
        group.blocks.clear();
        group.nodes.values_mut().for_each(|node| node.address = None);
    }
    assert_eq!(members(&spec(&places, 3), Some(&waiting)), three);
}

#[test]
fn a_network_that_is_there_gives_only_its_part() {
    let places = Places::new();
    let mut spec = spec(&places, 3);
    let sourced = |text: &str| disco::model::Sourced::default_of(text.to_owned());
    spec.network = NetworkSpec::Existing {
        network: sourced("lab-net"),
        subnet: sourced("lab-subnet"),
        addresses: Some(disco::model::Sourced::new("192.0.2.64/28".parse().unwrap(), Some(places.at("cidr")))),
        external_network: None,
        origin: places.at("network"),
    };
    let few = members(&spec, None);
    assert_eq!(few.groups["master"].nodes[&0].address, "192.0.2.65".parse().ok());
    assert_rule(&few);
    spec.groups[1].count.value = 14;
    let (most, diagnostics) = allocate(&spec, None, 1000);
    assert_eq!(most.count(), 14);
    let complaint = diagnostics.iter().next().unwrap();
    assert_eq!(complaint.message, "`192.0.2.64/28` has room for 14 nodes, cluster `analytics` has 15");
    assert_eq!(complaint.help.as_deref(), Some("fewer nodes, or a network of /27"));
}

#[test]
fn a_network_that_is_too_small_is_reported_at_its_addresses() {
    let places = Places::new();
    for (cidr, slaves, fit, help) in [
        ("10.20.0.0/29", 3, Some("3 nodes"), Some("/28")),
        ("10.20.0.0/30", 3, Some("0 nodes"), Some("/28")),
        ("10.20.0.0/32", 1, Some("0 nodes"), Some("/29")),
        ("10.20.0.0/28", 10, None, None),
        ("10.20.0.0/28", 11, Some("11 nodes"), Some("/27")),
        ("10.20.0.0/24", 238, None, None),
        ("10.20.0.0/24", 239, Some("239 nodes"), Some("/23")),
    ] {
        let mut spec = spec(&places, slaves);
        if let NetworkSpec::New { cidr: written, .. } = &mut spec.network {
            written.value = cidr.parse().unwrap();
        }
        let (members, diagnostics) = allocate(&spec, None, 10_000);
        assert!(members.count() as u64 <= spec.network.node_capacity().unwrap());
        assert_rule(&members);
        match fit {
            None => assert!(diagnostics.is_empty(), "{cidr} {slaves}: {diagnostics:?}"),
            Some(fit) => {
                assert_eq!(places.words(&diagnostics), [("disco::subnet_too_small", "cidr".to_owned())]);
                let complaint = diagnostics.iter().next().unwrap();
                assert!(complaint.message.contains(fit), "{}", complaint.message);
                assert!(complaint.help.as_ref().unwrap().ends_with(help.unwrap()), "{:?}", complaint.help);
            }
        }
    }
}

#[test]
fn absurd_counts_are_refused_at_once() {
    let places = Places::new();
    let (members, diagnostics) = allocate(&spec(&places, u32::MAX), None, 1000);
    assert_eq!(members.count(), 0);
    assert_eq!(places.words(&diagnostics), [("disco::too_many_nodes", "count".to_owned())]);
}

/// How many slaves each stack has.
fn spread(members: &Members) -> Vec<usize> {
    let in_shard = |shard: &u32| members.groups["slaves"].nodes.values().filter(|node| node.shard == *shard).count();
    members.shards().iter().map(in_shard).collect()
}

fn in_a_large_network(places: &Places, slaves: u32) -> ClusterSpec {
    let mut large = spec(places, slaves);
    if let NetworkSpec::New { cidr, .. } = &mut large.network {
        cidr.value = "10.0.0.0/16".parse().unwrap();
    }
    large
}

#[test]
fn nodes_beyond_a_stack_live_in_the_next_one() {
    let places = Places::new();
    let mut large = in_a_large_network(&places, 500);
    let members = members(&large, None);
    assert_rule(&members);
    let sizes = |limit| spread(&allocate(&large, None, limit).0);
    assert_eq!(sizes(1000), [0, 226, 226, 48], "a template's bytes are the limit");
    assert_eq!(sizes(500), [0, 145, 145, 145, 65], "a stack's resources are the limit");
    // A volume more for each later: nobody moves.
    large.groups[1].volumes.push(volume(&places, "hdfs"));
    let (after, _) = allocate(&large, Some(&members), 1000);
    assert_eq!(after, members);
}

#[test]
fn many_slaves_are_spread_over_stacks_beside_the_masters() {
    let places = Places::new();
    let next = |previous: Option<&Members>, slaves: u32| {
        let (members, complaints) = allocate(&in_a_large_network(&places, slaves), previous, 1000);
        assert!(complaints.is_empty(), "{complaints:?}");
        assert_rule(&members);
        members
    };
    for (slaves, expected) in [(1, vec![1]), (32, vec![32]), (33, vec![0, 33]), (100, vec![0, 100])] {
        assert_eq!(spread(&next(None, slaves)), expected, "{slaves} slaves");
    }
    // Who is there stays, and those who come leave large stacks alone.
    let mut members = next(None, 20);
    for (slaves, expected) in [
        (32, vec![32]),
        (40, vec![32, 8]),
        (60, vec![32, 28]),
        (70, vec![32, 32, 6]),
        (170, vec![32, 32, 100, 6]),
        (172, vec![32, 32, 100, 8]),
        (25, vec![25]),
        (33, vec![25, 8]),
    ] {
        members = next(Some(&members), slaves);
        assert_eq!(spread(&members), expected, "{slaves} slaves");
    }
    // By and by stacks are filled up to a sixteenth of all.
    for slaves in (40..=1_600).step_by(10) {
        members = next(Some(&members), slaves);
    }
    assert!(members.shards().len() <= 32, "{:?}", spread(&members));
}

/// Each group's configuration names all groups, so more groups mean fewer of them in a stack.
#[test]
fn configurations_that_name_hundreds_of_groups_fit_into_their_stacks() {
    let places = Places::new();
    let mut wide = spec(&places, 1);
    if let NetworkSpec::New { cidr, .. } = &mut wide.network {
        cidr.value = "10.0.0.0/16".parse().unwrap();
    }
    wide.groups.extend((0..400).map(|at| group(&places, &format!("group-{at}"), Role::Slave, 1)));
    let members = members(&wide, None);
    let (configuration, hosts) = (configuration("128m", None), Hosts::of(&wide, &members));
    let size = |group: &GroupSpec| {
        let bundle = node::bundle(&wide, group, &configuration, &hosts, LINEAGE);
        serde_json::to_string(bundle.to_json()).unwrap().len()
    };
    for shard in members.shards() {
        let here = |group: &&GroupSpec| members.groups[&group.name].nodes.values().any(|node| node.shard == shard);
        let configurations: usize = wide.groups.iter().filter(here).map(size).sum();
        assert!(
            2 * configurations < TEMPLATE_LIMIT,
            "stack {shard}: {configurations} bytes, and as many while they change"
        );
    }
}

proptest! {
    #[test]
    fn whoever_stays_keeps_its_place(steps in prop::collection::vec((0_u32..60, 0_u32..60, 0_u32..4), 1..8), limit in 40_u32..400) {
        let places = Places::new();
        let mut before: Option<Members> = None;
        for (slaves, burst, hole) in steps {
            let mut spec = spec(&places, slaves);
            if burst > 0 {
                spec.groups.push(group(&places, "burst", Role::Slave, burst));
            }
            let (after, diagnostics) = allocate(&spec, before.as_ref(), limit);
            prop_assert!(diagnostics.is_empty());
            assert_rule(&after);
            for group in &spec.groups {
                prop_assert_eq!(after.groups[&group.name].nodes.len(), group.count.value as usize);
            }
            for (name, old) in before.iter().flat_map(|before| &before.groups) {
                for (index, member) in &old.nodes {
                    if let Some(now) = after.node(name, *index) {
                        prop_assert_eq!(now, member);
                    }
                }
            }
            let again = allocate(&spec, Some(&after), limit).0;
            prop_assert_eq!(&again, &after);
            let mut holed = after;
            holed.groups.get_mut("slaves").map(|slaves| slaves.nodes.remove(&hole));
            before = Some(holed);
        }
    }
}
