//! Which nodes there are. Decided once, kept in state, never computed anew.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// The nodes of one cluster, and what was fixed when they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Groups by name.
    pub groups: BTreeMap<String, GroupMembers>,
    /// Values that depended on how many nodes there were at creation (a default replication, handler counts), by
    /// `framework.setting`. Growing never changes them.
    pub fixed: BTreeMap<String, String>,
}

impl Members {
    /// The node, if it exists.
    pub fn node(&self, group: &str, index: u32) -> Option<&Member> {
        self.groups.get(group)?.nodes.get(&index)
    }

    /// In which stacks nodes live, and the base stack, in order.
    pub fn shards(&self) -> BTreeSet<u32> {
        let nodes = self.groups.values().flat_map(|group| group.nodes.values());
        std::iter::once(0).chain(nodes.map(|node| node.shard)).collect()
    }

    /// How many nodes there are.
    pub fn count(&self) -> usize {
        self.groups.values().map(|group| group.nodes.len()).sum()
    }
}

/// A node of a cluster: its group and its index there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// Group.
    pub group: String,
    /// Index.
    pub index: u32,
}

impl NodeId {
    /// The node of a group with that index.
    pub fn new(group: impl Into<String>, index: u32) -> Self {
        Self { group: group.into(), index }
    }
}

/// Name of a node's server on the cloud and its host name: `analytics-slaves-3`.
pub fn node_name(cluster: &str, group: &str, index: u32) -> String {
    format!("{cluster}-{group}-{index}")
}

/// Name of a cluster's stack: that of the base stack (shard 0) is the cluster's own; those of the others are none that a
/// cluster can have.
pub fn stack_name(cluster: &str, shard: u32) -> String {
    if shard == 0 { cluster.to_owned() } else { format!("{cluster}.shard-{shard}") }
}

/// The name of a cluster that somebody types: `analytics`, or its address `cluster.analytics`.
pub fn cluster_name(word: &str) -> &str {
    word.strip_prefix("cluster.").unwrap_or(word)
}

/// The cluster that the name of one of its stacks tells: names of clusters have no dot.
pub fn cluster_of(stack: &str) -> &str {
    stack.split('.').next().unwrap_or(stack)
}

/// Which of its cluster's stacks the one with this name is; the base stack is 0.
pub fn shard_of(stack: &str) -> u32 {
    stack.rsplit_once(".shard-").and_then(|(_, number)| number.parse().ok()).unwrap_or(0)
}

/// The nodes of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMembers {
    /// Nodes by index; there may be holes.
    pub nodes: BTreeMap<u32, Member>,
    /// Reserved addresses: node `index` has the address of the block that holds its index.
    pub blocks: Vec<AddressBlock>,
}

/// One node's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its private address.
    pub address: Ipv4Addr,
    /// Which stack it lives in: 0 is the base stack.
    pub shard: u32,
}

/// Addresses `first_address + (index - first_index)` for `count` indices of one group, all in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressBlock {
    /// First index.
    pub first_index: u32,
    /// Address of the first index.
    pub first_address: Ipv4Addr,
    /// How many.
    pub count: u32,
    /// Stack.
    pub shard: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_stack_tells_its_cluster_and_its_shard() {
        for shard in [0, 1, 12] {
            let name = stack_name("analytics", shard);
            assert_eq!((cluster_of(&name), shard_of(&name)), ("analytics", shard));
        }
        assert_eq!((cluster_name("cluster.lab"), cluster_name("lab")), ("lab", "lab"));
    }
}
