//! The world as records of the store: read back when it is opened, and told anew when they change.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::super::entity::{Deployment, Event, Row, Server, Stack, Thing};
use super::super::prepared::{furnish, was_there};
use super::super::store::Entries;
use super::{Identity, Timer, World, hex};

/// A record of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Identity,
    Stack(String),
    Row(u64),
    Event(String, u64),
    Thing(String),
    Server(String),
    Deployment(String),
}

impl Key {
    fn text(&self) -> String {
        match self {
            Self::Identity => "identity".to_owned(),
            Self::Stack(id) => format!("stack/{id}"),
            Self::Row(id) => format!("resource/{id}"),
            Self::Event(stack, number) => format!("event/{stack}/{number:012}"),
            Self::Thing(id) => format!("thing/{id}"),
            Self::Server(id) => format!("server/{id}"),
            Self::Deployment(id) => format!("deployment/{id}"),
        }
    }
}

fn value<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

impl World {
    /// Rebuilds everything from the store's records. A record that is none comes with its key.
    pub fn restore(&mut self, entries: &Entries) -> Result<(), (String, serde_json::Error)> {
        for (key, text) in entries {
            self.restore_one(key, text).map_err(|error| (key.clone(), error))?;
        }
        if self.identity.project.is_empty() {
            self.identity = Identity { project: hex(), user: hex(), password: hex() };
            self.dirty.insert(Key::Identity);
        }
        furnish(self);
        Ok(())
    }

    fn restore_one(&mut self, key: &str, text: &str) -> Result<(), serde_json::Error> {
        match key.split_once('/') {
            None => self.identity = value(text)?,
            Some(("stack", _)) => {
                let stack: Stack = value(text)?;
                if stack.deleted.is_none() {
                    self.names.insert(stack.name.clone(), stack.id.clone());
                }
                self.next = self.next.max(stack.traversal);
                self.now = self.now.max(stack.started);
                self.stacks.insert(stack.id.clone(), stack);
            }
            Some(("resource", _)) => {
                let row: Row = value(text)?;
                self.next = self.next.max(row.id);
                self.now = self.now.max(row.updated);
                if let Some(due) = row.due {
                    self.timers.insert((due, Timer::Row(row.id)));
                }
                self.index_row(&row);
                self.rows.insert(row.id, row);
            }
            Some(("event", _)) => {
                let event: Event = value(text)?;
                self.next = self.next.max(event.number);
                self.now = self.now.max(event.time);
                self.events.entry(event.stack.clone()).or_default().push_back(event);
            }
            Some(("thing", _)) => {
                let thing: Thing = value(text)?;
                self.index_thing(&thing);
                self.things.insert(thing.id.clone(), thing);
            }
            Some(("server", _)) => {
                let server: Server = value(text)?;
                if let Some(due) = server.due {
                    self.timers.insert((due, Timer::Server(server.id.clone())));
                }
                self.index_server(&server);
                self.servers.insert(server.id.clone(), server);
            }
            Some(("deployment", _)) => {
                let deployment: Deployment = value(text)?;
                self.next = self.next.max(deployment.number);
                self.index_deployment(&deployment);
                self.deployments.insert(deployment.id.clone(), deployment);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// One line of the log with everything that changed, if anything did.
    pub fn take_transaction(&mut self) -> Option<String> {
        if self.dirty.is_empty() {
            return None;
        }
        let (mut set, mut gone) = (String::new(), String::new());
        for key in std::mem::take(&mut self.dirty) {
            let name = Json::from(key.text()).to_string();
            let (list, value) = match self.record(&key) {
                Some(value) => (&mut set, Some(value)),
                None => (&mut gone, None),
            };
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&name);
            if let Some(value) = value {
                list.push(':');
                list.push_str(&value);
            }
        }
        Some(format!("{{\"set\":{{{set}}},\"gone\":[{gone}]}}\n"))
    }

    /// All records, for rewriting the log.
    pub fn entries(&self) -> Entries {
        let keys = std::iter::once(Key::Identity)
            .chain(self.stacks.keys().cloned().map(Key::Stack))
            .chain(self.rows.keys().copied().map(Key::Row))
            .chain(
                self.events
                    .iter()
                    .flat_map(|(stack, events)| events.iter().map(|event| Key::Event(stack.clone(), event.number))),
            )
            .chain(self.things.values().filter(|thing| !was_there(thing)).map(|thing| Key::Thing(thing.id.clone())))
            .chain(self.servers.keys().cloned().map(Key::Server))
            .chain(self.deployments.keys().cloned().map(Key::Deployment));
        keys.filter_map(|key| Some((key.text(), self.record(&key)?))).collect()
    }

    fn record(&self, key: &Key) -> Option<String> {
        match key {
            Key::Identity => serde_json::to_string(&self.identity).ok(),
            Key::Stack(id) => self.stacks.get(id).and_then(|it| serde_json::to_string(it).ok()),
            Key::Row(id) => self.rows.get(id).and_then(|it| serde_json::to_string(it).ok()),
            Key::Event(stack, number) => {
                let events = self.events.get(stack)?;
                let at = events.binary_search_by_key(number, |event| event.number).ok()?;
                serde_json::to_string(events.get(at)?).ok()
            }
            Key::Thing(id) => self.things.get(id).and_then(|it| serde_json::to_string(it).ok()),
            Key::Server(id) => self.servers.get(id).and_then(|it| serde_json::to_string(it).ok()),
            Key::Deployment(id) => self.deployments.get(id).and_then(|it| serde_json::to_string(it).ok()),
        }
    }
}
