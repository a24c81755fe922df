//! What happened to stacks and their resources, as Heat tells it.

use super::super::entity::Event;
use super::journal::Key;
use super::{World, uuid};

/// Events kept of a stack.
const MAX_EVENTS: usize = 5_000;

impl World {
    pub fn event(
        &mut self,
        stack: &str,
        resource: &str,
        kind: &str,
        physical: Option<String>,
        status: String,
        reason: &str,
    ) {
        let number = self.number();
        let event = Event {
            number,
            id: uuid(),
            stack: stack.to_owned(),
            time: self.now,
            resource: resource.to_owned(),
            kind: kind.to_owned(),
            physical,
            status,
            reason: reason.to_owned(),
        };
        self.dirty.insert(Key::Event(stack.to_owned(), number));
        self.troubles.told();
        let events = self.events.entry(stack.to_owned()).or_default();
        events.push_back(event);
        if events.len() > MAX_EVENTS
            && let Some(old) = events.pop_front()
        {
            self.dirty.insert(Key::Event(stack.to_owned(), old.number));
        }
    }

    /// Tells of a stack as a whole.
    pub fn stack_event(&mut self, id: &str) {
        let Some(stack) = self.stacks.get(id) else { return };
        let (name, reason) = (stack.name.clone(), stack.reason.clone());
        let status = format!("{}_{}", stack.action, stack.status);
        self.event(id, &name, "OS::Heat::Stack", Some(id.to_owned()), status, &reason);
    }

    /// Tells of a resource.
    pub fn row_event(&mut self, id: u64) {
        let Some(row) = self.rows.get(&id) else { return };
        let (stack, name, kind, reason) = (row.stack.clone(), row.name.clone(), row.kind.clone(), row.reason.clone());
        let (physical, status) = (row.physical.clone(), format!("{}_{}", row.action, row.status));
        self.event(&stack, &name, &kind, physical, status, &reason);
    }
}
