//! The world as records of the store: read back when it is opened, and told anew when they change.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value as Json;

use super::super::entity::{Row, Server, Stack, Thing, Version};
use super::super::prepared::{furnish, was_there};
use super::super::store::{FRAME, Records};
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

/// A record's value as it is written.
fn text(value: Option<&impl Serialize>) -> Option<Cow<'static, str>> {
    serde_json::to_string(value?).ok().map(Cow::Owned)
}

impl World {
    /// Takes up what the store's records have said.
    pub fn take_up(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        for row in rows.values() {
            self.next = self.next.max(row.id);
            self.now = self.now.max(row.updated);
            if let Some(due) = row.due {
                self.timers.insert((due, Timer::Row(row.id)));
            }
            self.index_row(row);
        }
        self.rows = rows;
        let things = std::mem::take(&mut self.things);
        for thing in things.values() {
            self.index_thing(thing);
        }
        self.things = things;
        let servers = std::mem::take(&mut self.servers);
        for server in servers.values() {
            if let Some(due) = server.due {
                self.timers.insert((due, Timer::Server(server.id.clone())));
            }
            self.index_server(server);
        }
        self.servers = servers;
        let deployments = std::mem::take(&mut self.deployments);
        for deployment in deployments.values() {
            self.next = self.next.max(deployment.number);
            self.index_deployment(deployment);
        }
        self.deployments = deployments;
        for stack in self.stacks.values() {
            if stack.deleted.is_none() {
                self.names.insert(stack.name.clone(), stack.id.clone());
            }
            self.next = self.next.max(stack.traversal);
            self.now = self.now.max(stack.started);
        }
        for last in self.events.values().filter_map(|events| events.back()) {
            self.next = self.next.max(last.number);
            self.now = self.now.max(last.read().map_or(0, |event| event.time));
        }
        if self.identity.project.is_empty() {
            self.identity = Identity { project: hex(), user: hex(), password: hex() };
            self.dirty.insert(Key::Identity);
        }
        furnish(self);
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

    fn keys(&self) -> impl Iterator<Item = Key> {
        std::iter::once(Key::Identity)
            .chain(self.stacks.keys().cloned().map(Key::Stack))
            .chain(self.rows.keys().copied().map(Key::Row))
            .chain(
                self.events
                    .iter()
                    .flat_map(|(stack, events)| events.iter().map(|event| Key::Event(stack.clone(), event.number))),
            )
            .chain(self.things.values().filter(|thing| !was_there(thing)).map(|thing| Key::Thing(thing.id.clone())))
            .chain(self.servers.keys().cloned().map(Key::Server))
            .chain(self.deployments.keys().cloned().map(Key::Deployment))
    }

    fn record(&self, key: &Key) -> Option<Cow<'_, str>> {
        match key {
            Key::Identity => text(Some(&self.identity)),
            Key::Stack(id) => text(self.stacks.get(id)),
            Key::Row(id) => text(self.rows.get(id)),
            Key::Event(stack, number) => self.event_numbered(stack, *number).map(|event| event.text().into()),
            Key::Thing(id) => text(self.things.get(id)),
            Key::Server(id) => text(self.servers.get(id)),
            Key::Deployment(id) => text(self.deployments.get(id)),
        }
    }
}

impl Records for World {
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let (kind, id) = key.split_once('/').unwrap_or((key, ""));
        match kind {
            "identity" => self.identity = map.next_value()?,
            "stack" => {
                self.stacks.insert(id.to_owned(), map.next_value()?);
            }
            "resource" => {
                let row: Row = map.next_value()?;
                self.rows.insert(row.id, row);
            }
            "event" => {
                let event = map.next_value()?;
                if let Some((stack, number)) = event_key(id) {
                    self.take_event(stack, number, event);
                }
            }
            "thing" => {
                self.things.insert(id.to_owned(), map.next_value()?);
            }
            "server" => {
                self.servers.insert(id.to_owned(), map.next_value()?);
            }
            "deployment" => {
                self.deployments.insert(id.to_owned(), map.next_value()?);
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn gone(&mut self, key: &str) {
        match key.split_once('/') {
            Some(("stack", id)) => drop(self.stacks.remove(id)),
            Some(("resource", id)) => drop(id.parse().ok().and_then(|id: u64| self.rows.remove(&id))),
            Some(("event", id)) => {
                if let Some((stack, number)) = event_key(id) {
                    self.forget_event(stack, number);
                }
            }
            Some(("thing", id)) => drop(self.things.remove(id)),
            Some(("server", id)) => drop(self.servers.remove(id)),
            Some(("deployment", id)) => drop(self.deployments.remove(id)),
            _ => {}
        }
    }

    fn weight(&self) -> usize {
        // What the names of the fields and the ids alone come to.
        const FIELDS: usize = 150;
        let version = |version: &Version| version.template.len();
        let stack = |stack: &Stack| version(&stack.version) + stack.previous.as_ref().map_or(0, version);
        let row = |row: &Row| row.properties.len();
        let thing = |thing: &Thing| thing.body.len();
        let server = |server: &Server| server.log.len();
        let count =
            self.stacks.len() + self.rows.len() + self.things.len() + self.servers.len() + self.deployments.len();
        let packed = self.stacks.values().map(stack).sum::<usize>()
            + self.rows.values().map(row).sum::<usize>()
            + self.things.values().map(thing).sum::<usize>()
            + self.servers.values().map(server).sum::<usize>();
        let events = self.events.values().flatten().map(|event| event.text().len() + FRAME).sum::<usize>();
        count * FIELDS + packed + events
    }

    fn each(&self, record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()> {
        for key in self.keys() {
            if let Some(value) = self.record(&key) {
                record(&key.text(), &value)?;
            }
        }
        Ok(())
    }
}

/// The stack and the number that an event's key has.
fn event_key(id: &str) -> Option<(&str, u64)> {
    let (stack, number) = id.split_once('/')?;
    Some((stack, number.parse().ok()?))
}
