//! What happened to stacks and their resources, as Heat tells it.

use std::collections::VecDeque;

use serde_json::value::{RawValue, to_raw_value};

use super::super::entity::Event;
use super::journal::Key;
use super::{World, uuid};

/// Events kept of a stack.
const MAX_EVENTS: usize = 5_000;

/// An event that was told, as the text that the store has of it.
#[derive(Debug)]
pub(crate) struct Told {
    pub number: u64,
    text: Box<RawValue>,
}

impl Told {
    pub fn text(&self) -> &str {
        self.text.get()
    }

    pub fn read(&self) -> Option<Event> {
        serde_json::from_str(self.text.get()).ok()
    }
}

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
        let Ok(text) = to_raw_value(&event) else { return };
        let events = self.events.entry(stack.to_owned()).or_default();
        events.push_back(Told { number, text });
        if events.len() > MAX_EVENTS
            && let Some(old) = events.pop_front()
        {
            self.dirty.insert(Key::Event(stack.to_owned(), old.number));
        }
    }

    /// Takes an event from the store, which tells of most of them in the order of their numbers.
    pub(super) fn take_event(&mut self, stack: &str, number: u64, text: Box<RawValue>) {
        if !self.events.contains_key(stack) {
            self.events.insert(stack.to_owned(), VecDeque::new());
        }
        let Some(events) = self.events.get_mut(stack) else { return };
        let told = Told { number, text };
        if events.back().is_none_or(|last| last.number < number) {
            events.push_back(told);
            return;
        }
        match events.binary_search_by_key(&number, |event| event.number) {
            Ok(at) => events[at] = told,
            Err(at) => events.insert(at, told),
        }
    }

    pub(super) fn forget_event(&mut self, stack: &str, number: u64) {
        let Some(events) = self.events.get_mut(stack) else { return };
        if let Ok(at) = events.binary_search_by_key(&number, |event| event.number) {
            events.remove(at);
        }
        if events.is_empty() {
            self.events.remove(stack);
        }
    }

    pub(super) fn event_numbered(&self, stack: &str, number: u64) -> Option<&Told> {
        let events = self.events.get(stack)?;
        events.get(events.binary_search_by_key(&number, |event| event.number).ok()?)
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

#[cfg(test)]
mod tests {
    use super::super::super::store::Records as _;
    use super::World;

    #[test]
    fn what_a_store_tells_of_events_in_whatever_order_comes_out_in_theirs_and_once() {
        let mut world = World::default();
        let raw = |text: &str| serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
        for (number, text) in [(5, "5"), (9, "9"), (7, "\"old\""), (7, "7"), (2, "2")] {
            world.take_event("s", number, raw(text));
        }
        world.gone("event/s/000000000005");
        let told: Vec<_> = world.events["s"].iter().map(|event| (event.number, event.text())).collect();
        assert_eq!(told, [(2, "2"), (7, "7"), (9, "9")]);
        for key in ["event/s/2", "event/s/7", "event/s/9", "event/s/nonsense"] {
            world.gone(key);
        }
        assert!(world.events.is_empty());
    }
}
