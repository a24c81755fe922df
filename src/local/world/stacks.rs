//! Stacks and their resources.

use super::super::entity::{Action, Millis, Row, Stack, Status, Version};
use super::World;
use super::journal::Key;

/// Deleted stacks that are still remembered.
const MAX_DELETED: usize = 20;

impl World {
    pub(crate) fn stack_mut(&mut self, id: &str) -> Option<&mut Stack> {
        let stack = self.stacks.get_mut(id)?;
        self.dirty.insert(Key::Stack(id.to_owned()));
        Some(stack)
    }

    /// Whether nothing is under way.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.stacks.values().all(|stack| stack.status != Status::InProgress)
    }

    pub(crate) fn add_stack(&mut self, stack: Stack) {
        self.dirty.insert(Key::Stack(stack.id.clone()));
        self.names.insert(stack.name.clone(), stack.id.clone());
        self.stacks.insert(stack.id.clone(), stack);
    }

    /// Keeps a deleted stack's name free and its record for a while.
    pub(crate) fn bury(&mut self, id: &str) {
        let now = self.now;
        if let Some(stack) = self.stack_mut(id) {
            stack.deleted = Some(now);
            stack.previous = None;
            // What its parameters were may be a secret.
            stack.version = Version::of_deleted();
            let name = stack.name.clone();
            if self.names.get(&name).is_some_and(|other| other == id) {
                self.names.remove(&name);
            }
        }
        self.buried = true;
        self.shed = true;
        let mut dead: Vec<(Millis, String)> =
            self.stacks.values().filter_map(|stack| Some((stack.deleted?, stack.id.clone()))).collect();
        if dead.len() > MAX_DELETED {
            dead.sort();
            for (_, id) in dead.drain(..dead.len() - MAX_DELETED) {
                for event in self.events.remove(&id).into_iter().flatten() {
                    self.dirty.insert(Key::Event(id.clone(), event.number));
                }
                self.stacks.remove(&id);
                self.parsed.remove(&id);
                self.dirty.insert(Key::Stack(id));
            }
        }
    }

    pub(crate) fn row_mut(&mut self, id: u64) -> Option<&mut Row> {
        let row = self.rows.get_mut(&id)?;
        self.dirty.insert(Key::Row(id));
        Some(row)
    }

    pub(super) fn index_row(&mut self, row: &Row) {
        self.rows_of.entry(row.stack.clone()).or_default().insert(row.id);
        if row.replaced_by.is_none() {
            self.current.entry(row.stack.clone()).or_default().insert(row.name.clone(), row.id);
        }
    }

    pub(crate) fn add_row(&mut self, row: Row) {
        self.dirty.insert(Key::Row(row.id));
        self.index_row(&row);
        self.rows.insert(row.id, Box::new(row));
    }

    pub(crate) fn drop_row(&mut self, id: u64) {
        let Some(row) = self.rows.remove(&id) else { return };
        self.dirty.insert(Key::Row(id));
        if let Some(rows) = self.rows_of.get_mut(&row.stack) {
            rows.remove(&id);
        }
        if let Some(current) = self.current.get_mut(&row.stack)
            && current.get(&row.name) == Some(&id)
        {
            current.remove(&row.name);
        }
    }

    /// The row that stands for a logical name.
    pub(crate) fn row_named(&self, stack: &str, name: &str) -> Option<&Row> {
        self.rows.get(self.current.get(stack)?.get(name)?).map(|row| &**row)
    }

    /// Sets the state of a resource and tells of it.
    pub(crate) fn set_row(&mut self, id: u64, action: Action, status: Status, reason: &str) {
        let now = self.now;
        if let Some(row) = self.row_mut(id) {
            row.action = action;
            row.status = status;
            reason.clone_into(&mut row.reason);
            row.updated = now;
            if status != Status::InProgress {
                row.due = None;
                row.doom = None;
            }
        }
        self.row_event(id);
    }
}
