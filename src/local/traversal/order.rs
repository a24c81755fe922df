//! Which task of a traversal comes after which.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::entity::Action;
use super::super::tasks::{Task, Traversal};
use super::super::world::World;

impl World {
    pub(super) fn plan_converge(&mut self, id: &str, traversal: &mut Traversal) {
        let parsed = Arc::clone(&traversal.parsed);
        for (name, definition) in &parsed.hot.resources {
            // Heat lists what it has not begun yet, too.
            if self.row_named(id, name).is_none() {
                self.new_row(id, name, definition, &BTreeMap::new(), Vec::new(), None);
            }
        }
        let mut forward: HashMap<&str, usize> = HashMap::with_capacity(parsed.hot.resources.len());
        for name in parsed.hot.resources.keys() {
            forward.insert(name, traversal.add(Task::Forward(name.clone())));
        }
        for (name, definition) in &parsed.hot.resources {
            for required in &definition.requires {
                if let (Some(node), Some(earlier)) = (forward.get(name.as_str()), forward.get(required.as_str())) {
                    traversal.after(*node, *earlier);
                }
            }
        }
        let mut cleanup: HashMap<u64, usize> = HashMap::new();
        for row in self.rows_of.get(id).into_iter().flatten() {
            cleanup.insert(*row, traversal.add(Task::Cleanup(*row)));
        }
        for (row, node) in &cleanup {
            let Some(row) = self.rows.get(row) else { continue };
            if let Some(earlier) = forward.get(row.name.as_str()) {
                traversal.after(*node, *earlier);
            }
            for required in &row.requires {
                if let Some(later) = cleanup.get(required) {
                    traversal.after(*later, *node);
                }
            }
        }
    }

    pub(super) fn plan_act(&self, id: &str, traversal: &mut Traversal) {
        let mut nodes: BTreeMap<u64, usize> = BTreeMap::new();
        for row in self.current.get(id).into_iter().flat_map(BTreeMap::values) {
            nodes.insert(*row, traversal.add(Task::Act(*row)));
        }
        for (row, node) in &nodes {
            for required in self.rows.get(row).into_iter().flat_map(|row| &row.requires) {
                if let Some(other) = nodes.get(required) {
                    // Suspend goes backward, resume and check go forward.
                    let (later, earlier) =
                        if traversal.action == Action::Suspend { (other, node) } else { (node, other) };
                    traversal.after(*later, *earlier);
                }
            }
        }
    }
}
