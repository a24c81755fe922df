//! What happened to stacks and their resources, as Heat tells it.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;

use serde_json::value::{RawValue, to_raw_value};

use super::super::entity::Event;
use super::super::ids::uuid;
use super::super::store::Left;
use super::World;
use super::journal::Key;

/// Events kept of a stack.
const MAX_EVENTS: usize = 5_000;

/// An event that was told, as the text that the store has of it.
#[derive(Debug)]
pub(crate) struct Told {
    pub number: u64,
    text: Text,
}

/// Where the text of an event is.
#[derive(Debug)]
pub(super) enum Text {
    Here(Box<RawValue>),
    /// Most events were told by an earlier process, and nobody asks for them any more.
    InLog(Left),
}

impl Told {
    pub(crate) fn text(&self) -> io::Result<Cow<'_, str>> {
        match &self.text {
            Text::Here(text) => Ok(Cow::Borrowed(text.get())),
            Text::InLog(left) => left.read().map(Cow::Owned),
        }
    }

    /// Bytes of its text.
    pub(crate) fn len(&self) -> usize {
        match &self.text {
            Text::Here(text) => text.get().len(),
            Text::InLog(left) => left.len(),
        }
    }

    /// The event.
    ///
    /// # Errors
    /// A log that can no longer be read where its text is.
    pub(crate) fn read(&self) -> io::Result<Event> {
        Ok(serde_json::from_str(&self.text()?)?)
    }
}

impl World {
    pub(crate) fn event(
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
        events.push_back(Told { number, text: Text::Here(text) });
        if events.len() > MAX_EVENTS
            && let Some(old) = events.pop_front()
        {
            self.dirty.insert(Key::Event(stack.to_owned(), old.number));
        }
    }

    /// Takes an event from the store, which tells of most of them in the order of their numbers.
    /// Gives back the one whose place it takes.
    pub(super) fn take_event(&mut self, stack: &str, number: u64, text: Text) -> Option<Told> {
        if !self.events.contains_key(stack) {
            self.events.insert(stack.to_owned(), VecDeque::new());
        }
        let events = self.events.get_mut(stack)?;
        let told = Told { number, text };
        if events.back().is_none_or(|last| last.number < number) {
            events.push_back(told);
            return None;
        }
        match events.binary_search_by_key(&number, |event| event.number) {
            Ok(at) => Some(std::mem::replace(&mut events[at], told)),
            Err(at) => {
                events.insert(at, told);
                None
            }
        }
    }

    pub(super) fn forget_event(&mut self, stack: &str, number: u64) -> Option<Told> {
        let events = self.events.get_mut(stack)?;
        let at = events.binary_search_by_key(&number, |event| event.number).ok();
        let forgotten = at.and_then(|at| events.remove(at));
        if events.is_empty() {
            self.events.remove(stack);
        }
        forgotten
    }

    pub(super) fn event_numbered(&self, stack: &str, number: u64) -> Option<&Told> {
        let events = self.events.get(stack)?;
        events.get(events.binary_search_by_key(&number, |event| event.number).ok()?)
    }

    /// Tells of a stack as a whole.
    pub(crate) fn stack_event(&mut self, id: &str) {
        let Some(stack) = self.stacks.get(id) else { return };
        let (name, reason) = (stack.name.clone(), stack.reason.clone());
        let status = format!("{}_{}", stack.action, stack.status);
        self.event(id, &name, "OS::Heat::Stack", Some(id.to_owned()), status, &reason);
    }

    /// Tells of a resource.
    pub(crate) fn row_event(&mut self, id: u64) {
        let Some(row) = self.rows.get(&id) else { return };
        let (stack, name, kind, reason) = (row.stack.clone(), row.name.clone(), row.kind.clone(), row.reason.clone());
        let (physical, status) = (row.physical.clone(), format!("{}_{}", row.action, row.status));
        self.event(&stack, &name, &kind, physical, status, &reason);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::store::Records as _;
    use super::{Text, World};

    #[test]
    fn what_a_store_tells_of_events_in_whatever_order_comes_out_in_theirs_and_once() {
        let mut world = World::default();
        let raw = |text: &str| Text::Here(serde_json::value::RawValue::from_string(text.to_owned()).unwrap());
        for (number, text) in [(5, "5"), (9, "9"), (7, "\"old\""), (7, "7"), (2, "2")] {
            world.take_event("s", number, raw(text));
        }
        world.gone("event/s/000000000005");
        let told: Vec<_> = world.events["s"].iter().map(|event| (event.number, event.text().unwrap())).collect();
        assert_eq!(told, [(2, "2".into()), (7, "7".into()), (9, "9".into())]);
        for key in ["event/s/2", "event/s/7", "event/s/9", "event/s/nonsense"] {
            world.gone(key);
        }
        assert!(world.events.is_empty());
    }
}
