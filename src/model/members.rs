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
    /// The workspace, whose name the stacks have before the cluster's; `None` in the default one.
    pub workspace: Option<String>,
}

impl Members {
    /// Name of one of the stacks that they live in.
    pub fn stack_name(&self, cluster: &str, shard: u32) -> String {
        stack_name(self.workspace.as_deref(), cluster, shard)
    }

    /// The node, if it exists.
    pub fn node(&self, group: &str, index: u32) -> Option<&Member> {
        self.groups.get(group)?.nodes.get(&index)
    }

    /// In which stacks nodes live, and the base stack, in order.
    pub fn shards(&self) -> BTreeSet<u32> {
        let nodes = self.groups.values().flat_map(|group| group.nodes.values());
        std::iter::once(0).chain(nodes.map(|node| node.shard)).collect()
    }

    /// The nodes whose addresses Neutron is still to choose: group and index.
    pub fn without_address(&self) -> impl Iterator<Item = (&str, u32)> {
        self.groups.iter().flat_map(|(group, members)| {
            let waiting = members.nodes.iter().filter(|(_, node)| node.address.is_none());
            waiting.map(move |(index, _)| (group.as_str(), *index))
        })
    }

    /// Whether Neutron is still to choose addresses.
    pub fn lack_addresses(&self) -> bool {
        self.without_address().next().is_some()
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

/// What stands between the name of a workspace and that of a cluster, neither of which can have it: so no stack of one
/// workspace has the name of a stack of another.
const AFTER_WORKSPACE: char = '_';

/// Name of a cluster's stack: that of the base stack (shard 0) is the cluster's own, in another workspace than the default
/// one after the workspace's; those of the others are none that a cluster can have.
pub fn stack_name(workspace: Option<&str>, cluster: &str, shard: u32) -> String {
    let base = workspace.map_or_else(|| cluster.to_owned(), |of| format!("{of}{AFTER_WORKSPACE}{cluster}"));
    if shard == 0 { base } else { format!("{base}.shard-{shard}") }
}

/// The cluster that the name of one of its stacks tells: names of clusters have no dot.
pub fn cluster_of(stack: &str) -> &str {
    let base = base_of(stack);
    base.rsplit_once(AFTER_WORKSPACE).map_or(base, |(_, cluster)| cluster)
}

/// The workspace that the name of a stack tells; `None` is the default one.
pub fn workspace_of(stack: &str) -> Option<&str> {
    base_of(stack).rsplit_once(AFTER_WORKSPACE).map(|(workspace, _)| workspace)
}

/// The base stack of the cluster that a stack is of.
pub fn base_of(stack: &str) -> &str {
    stack.split('.').next().unwrap_or(stack)
}

/// Whether a stack is the base stack of its cluster.
pub fn is_base_stack(stack: &str) -> bool {
    base_of(stack) == stack
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

impl GroupMembers {
    /// Runs of nodes of one stack whose indices and addresses follow each other, as blocks.
    pub fn runs(&self) -> Vec<AddressBlock> {
        let mut blocks: Vec<AddressBlock> = Vec::new();
        let mut goes_on = true;
        for (index, node) in &self.nodes {
            let Some(address) = node.address else {
                goes_on = false;
                continue;
            };
            match blocks.last_mut().filter(|_| std::mem::replace(&mut goes_on, true)) {
                Some(block)
                    if block.shard == node.shard
                        && u32::from(address).checked_sub(u32::from(block.first_address))
                            == index.checked_sub(block.first_index) =>
                {
                    block.count = index - block.first_index + 1;
                }
                _ => blocks.push(AddressBlock {
                    first_index: *index,
                    first_address: address,
                    count: 1,
                    shard: node.shard,
                }),
            }
        }
        blocks
    }
}

/// Nodes whose indices and addresses follow each other, whichever stacks they live in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRun {
    /// First index.
    pub first_index: u32,
    /// Address of the first index.
    pub first_address: Ipv4Addr,
    /// How many.
    pub count: u32,
}

impl AddressRun {
    /// Blocks in the order of their indices, those that join each other as one.
    pub fn of(blocks: &[AddressBlock]) -> Vec<Self> {
        let mut blocks = blocks.to_vec();
        blocks.sort_by_key(|block| block.first_index);
        let mut runs: Vec<Self> = Vec::new();
        for AddressBlock { first_index, first_address, count, .. } in blocks {
            let joins = runs.last_mut().filter(|run| {
                run.first_index + run.count == first_index
                    && u32::from(run.first_address) + run.count == u32::from(first_address)
            });
            match joins {
                Some(run) => run.count += count,
                None => runs.push(Self { first_index, first_address, count }),
            }
        }
        runs
    }
}

impl AddressBlock {
    /// The address of the node with that index, if the block has one.
    pub fn address(&self, index: u32) -> Option<Ipv4Addr> {
        let offset = index.checked_sub(self.first_index).filter(|offset| *offset < self.count)?;
        Some(Ipv4Addr::from(u32::from(self.first_address) + offset))
    }
}

/// One node's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its private address; `None` where Neutron chooses it and its port is still to be made.
    pub address: Option<Ipv4Addr>,
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
    fn blocks_are_runs_of_nodes_in_one_stack() {
        let told = |nodes: Vec<(u32, Option<u8>, u32)>| {
            let nodes = nodes.into_iter().map(|(index, last, shard)| {
                (index, Member { address: last.map(|last| Ipv4Addr::new(10, 0, 0, last)), shard })
            });
            let blocks = GroupMembers { nodes: nodes.collect(), blocks: Vec::new() }.runs().into_iter();
            let told =
                blocks.map(|block| (block.first_index, block.first_address.octets()[3], block.count, block.shard));
            told.collect::<Vec<_>>()
        };
        let nodes = vec![(0, Some(20), 0), (1, Some(21), 0), (2, Some(22), 1), (4, Some(24), 1), (5, Some(40), 1)];
        assert_eq!(told(nodes), [(0, 20, 2, 0), (2, 22, 3, 1), (5, 40, 1, 1)]);
        // A node that has no address yet will not have the one that is left free.
        let nodes = vec![(0, Some(20), 0), (1, None, 0), (2, Some(22), 0), (3, Some(23), 0)];
        assert_eq!(told(nodes), [(0, 20, 1, 0), (2, 22, 2, 0)]);
    }

    #[test]
    fn the_name_of_a_stack_tells_its_cluster_and_its_shard() {
        for shard in [0, 1, 12] {
            for workspace in [None, Some("staging")] {
                let name = stack_name(workspace, "analytics", shard);
                assert_eq!((cluster_of(&name), shard_of(&name)), ("analytics", shard));
                assert_eq!((workspace_of(&name), is_base_stack(&name)), (workspace, shard == 0));
            }
        }
        assert_eq!(stack_name(None, "analytics", 0), "analytics");
        assert_eq!(stack_name(Some("staging"), "analytics", 2), "staging_analytics.shard-2");
    }
}
