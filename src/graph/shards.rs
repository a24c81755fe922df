//! Which stack a node lives in: the base stack as long as it has room, further ones after it.

use std::collections::BTreeMap;

use crate::model::{AddressBlock, ClusterSpec, GroupMembers, GroupSpec};

/// Resources of a stack that are kept free of nodes: network, security rules, configurations old and new.
const RESERVED: u32 = 64;

/// Heat resources of one node: port, server, deployment; two more a volume, two more for a floating IP.
pub(crate) fn resources_of_node(group: &GroupSpec) -> u32 {
    let volumes = u32::try_from(group.volumes.len()).unwrap_or(u32::MAX / 4);
    3 + 2 * volumes + if group.floating_ip.value { 2 } else { 0 }
}

/// How full each stack is.
pub(crate) struct Shards {
    capacity: u32,
    used: BTreeMap<u32, u32>,
}

impl Shards {
    pub(crate) fn new(spec: &ClusterSpec, groups: &BTreeMap<String, GroupMembers>, max_resources: u32) -> Self {
        let mut used = BTreeMap::new();
        for group in &spec.groups {
            let cost = resources_of_node(group);
            for member in groups.get(&group.name).into_iter().flat_map(|members| members.nodes.values()) {
                *used.entry(member.shard).or_insert(0) += cost;
            }
        }
        Self { capacity: max_resources - RESERVED.min(max_resources / 4), used }
    }

    /// Decides where a new node lives, and cuts its block in two where that is another stack than the block's.
    pub(crate) fn place(&mut self, group: &GroupSpec, members: &mut GroupMembers, index: u32) -> u32 {
        let holds = |block: &AddressBlock| index >= block.first_index && index - block.first_index < block.count;
        let Some(at) = members.blocks.iter().position(holds) else { return 0 };
        let block = members.blocks[at];
        let cost = resources_of_node(group);
        let mut shard = block.shard;
        // A stack without nodes takes one in any case, so this ends.
        while self.used.get(&shard).is_some_and(|used| used + cost > self.capacity) {
            shard += 1;
        }
        *self.used.entry(shard).or_insert(0) += cost;
        if shard != block.shard {
            let later = members.nodes.range(index..block.first_index + block.count).next().is_some();
            let parts = cut(block, index, shard, later);
            members.blocks.splice(at..=at, parts);
        }
        shard
    }
}

/// The block's parts when `index` moves to another stack: alone if nodes behind it stay, else with all behind it.
fn cut(block: AddressBlock, index: u32, shard: u32, alone: bool) -> Vec<AddressBlock> {
    let part = |first: u32, end: u32, shard: u32| AddressBlock {
        first_index: first,
        first_address: (u32::from(block.first_address) + (first - block.first_index)).into(),
        count: end - first,
        shard,
    };
    let end = block.first_index + block.count;
    let cut_end = if alone { index + 1 } else { end };
    [part(block.first_index, index, block.shard), part(index, cut_end, shard), part(cut_end, end, block.shard)]
        .into_iter()
        .filter(|part| part.count > 0)
        .collect()
}
