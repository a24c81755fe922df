//! The tasks of one action on one stack, and which of them wait for which.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::entity::Action;
use super::hot::Parsed;

/// One task of a traversal.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Make or change what a logical name stands for.
    Forward(String),
    /// Delete a row that is no longer wanted.
    Cleanup(u64),
    /// Suspend, resume or check.
    Act(u64),
}

#[derive(Debug)]
pub(crate) struct Node {
    pub task: Task,
    pub waiting: usize,
    pub dependents: Vec<usize>,
}

/// The work of one action on one stack.
#[derive(Debug)]
pub(crate) struct Traversal {
    pub action: Action,
    pub parsed: Arc<Parsed>,
    pub nodes: Vec<Node>,
    pub ready: VecDeque<usize>,
    /// Nodes that wait for a row: its own work, or an earlier action's.
    pub busy: HashMap<u64, (usize, bool)>,
    pub remaining: usize,
    /// Why resources have failed their check, which goes on with the others.
    pub failures: Vec<String>,
    /// Resources of which the version they were made from says that the real thing stays.
    pub retained: HashSet<String>,
}

impl Traversal {
    /// A further task, which waits for nothing yet.
    pub(crate) fn add(&mut self, task: Task) -> usize {
        self.nodes.push(Node { task, waiting: 0, dependents: Vec::new() });
        self.nodes.len() - 1
    }

    /// Has a node wait for another one.
    pub(crate) fn after(&mut self, node: usize, earlier: usize) {
        self.nodes[node].waiting += 1;
        self.nodes[earlier].dependents.push(node);
    }

    /// Gives up a node and all that would come after it.
    pub(crate) fn cancel(&mut self, node: usize) {
        self.remaining -= 1;
        for dependent in std::mem::take(&mut self.nodes[node].dependents) {
            if self.nodes[dependent].waiting < self.nodes.len() {
                // Never reached, whatever else it waits for.
                self.nodes[dependent].waiting = usize::MAX;
                self.cancel(dependent);
            }
        }
    }

    /// A node is done; those that waited for it alone are ready.
    pub(crate) fn done(&mut self, node: usize) {
        self.remaining -= 1;
        for dependent in std::mem::take(&mut self.nodes[node].dependents) {
            self.nodes[dependent].waiting -= 1;
            if self.nodes[dependent].waiting == 0 {
                self.ready.push_back(dependent);
            }
        }
    }
}
