//! The world as records of the store: read back when it is opened, and told anew when they change.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::super::entity::{Deployment, Row, Server, Stack, Thing, Version};
use super::super::ids::hex;
use super::super::prepared::{furnish, was_there};
use super::super::store::{FRAME, Place, Records};
use super::events::Text;
use super::{Identity, Timer, Told, World};

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
fn text(value: Option<&impl Serialize>) -> io::Result<Option<Cow<'static, str>>> {
    Ok(value.map(serde_json::to_string).transpose()?.map(Cow::Owned))
}

impl World {
    /// Takes up what the store's records have said.
    pub(crate) fn take_up(&mut self) {
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
            let (project, user, password) = (hex(), hex(), hex());
            self.identity = Identity { project, user, password, ..Identity::default() };
            self.dirty.insert(Key::Identity);
        }
        for thing in furnish(&self.identity.project) {
            self.put(thing);
        }
    }

    /// One line of the log with everything that changed, if anything did.
    pub(crate) fn take_transaction(&mut self) -> io::Result<Option<String>> {
        if self.dirty.is_empty() {
            return Ok(None);
        }
        let (mut set, mut gone) = (String::new(), String::new());
        let mut shed = false;
        for key in std::mem::take(&mut self.dirty) {
            let name = Json::from(key.text()).to_string();
            let (list, value) = match self.record(&key)? {
                Some(value) => (&mut set, Some(value)),
                None => (&mut gone, None),
            };
            shed |= value.is_none() && !matches!(key, Key::Event(..));
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(&name);
            if let Some(value) = value {
                list.push(':');
                list.push_str(&value);
            }
        }
        self.shed |= shed;
        Ok(Some(format!("{{\"set\":{{{set}}},\"gone\":[{gone}]}}\n")))
    }

    /// Changes what is kept of the engine itself.
    pub(crate) fn change_identity(&mut self, change: impl FnOnce(&mut Identity)) {
        change(&mut self.identity);
        self.dirty.insert(Key::Identity);
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

    fn record(&self, key: &Key) -> io::Result<Option<Cow<'_, str>>> {
        match key {
            Key::Identity => text(Some(&self.identity)),
            Key::Stack(id) => text(self.stacks.get(id)),
            Key::Row(id) => text(self.rows.get(id)),
            Key::Event(stack, number) => self.event_numbered(stack, *number).map(Told::text).transpose(),
            Key::Thing(id) => text(self.things.get(id)),
            Key::Server(id) => text(self.servers.get(id)),
            Key::Deployment(id) => text(self.deployments.get(id)),
        }
    }
}

impl Records for World {
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, place: Place<'_>) -> Result<usize, A::Error> {
        let (kind, id) = key.split_once('/').unwrap_or((key, ""));
        let history = match kind {
            "identity" => {
                self.identity = map.next_value()?;
                0
            }
            "stack" => weight(self.stacks.insert(id.to_owned(), map.next_value()?)),
            "resource" => {
                let row: Box<Row> = map.next_value()?;
                weight(self.rows.insert(row.id, row).map(|row| *row))
            }
            "event" => {
                let event = Text::InLog(place.leave(map.next_value::<&RawValue>()?.get()));
                event_key(id)
                    .and_then(|(stack, number)| self.take_event(stack, number, event))
                    .map_or(0, |old| told(&old))
            }
            "thing" => weight(self.things.insert(id.to_owned(), map.next_value()?)),
            "server" => weight(self.servers.insert(id.to_owned(), map.next_value()?)),
            "deployment" => weight(self.deployments.insert(id.to_owned(), map.next_value()?)),
            _ => {
                map.next_value::<IgnoredAny>()?;
                0
            }
        };
        Ok(history)
    }

    fn gone(&mut self, key: &str) -> usize {
        self.shed |= !key.starts_with("event/");
        match key.split_once('/') {
            Some(("stack", id)) => weight(self.stacks.remove(id)),
            Some(("resource", id)) => weight(id.parse().ok().and_then(|id: u64| self.rows.remove(&id)).map(|row| *row)),
            Some(("event", id)) => {
                event_key(id).and_then(|(stack, number)| self.forget_event(stack, number)).map_or(0, |old| told(&old))
            }
            Some(("thing", id)) => weight(self.things.remove(id)),
            Some(("server", id)) => weight(self.servers.remove(id)),
            Some(("deployment", id)) => weight(self.deployments.remove(id)),
            _ => 0,
        }
    }

    fn each(&self, record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()> {
        for key in self.keys() {
            if let Some(value) = self.record(&key)? {
                record(&key.text(), &value)?;
            }
        }
        Ok(())
    }
}

/// Bytes of a record, about; nothing of none.
fn weight<T: Weigh>(old: Option<T>) -> usize {
    old.map_or(0, |old| T::FIELDS + FRAME + old.packed())
}

/// Bytes of an event's line.
fn told(event: &Told) -> usize {
    event.len() + FRAME
}

/// What a record takes in the store.
trait Weigh {
    /// Bytes of a usual one without what is packed.
    const FIELDS: usize;
    /// Bytes of what is packed.
    fn packed(&self) -> usize;
}

impl Weigh for Stack {
    const FIELDS: usize = 500;

    fn packed(&self) -> usize {
        let version = |version: &Version| version.template.len();
        version(&self.version) + self.previous.as_ref().map_or(0, version)
    }
}

impl Weigh for Row {
    const FIELDS: usize = 400;

    fn packed(&self) -> usize {
        self.properties.len()
    }
}

impl Weigh for Thing {
    const FIELDS: usize = 250;

    fn packed(&self) -> usize {
        self.body.len()
    }
}

impl Weigh for Server {
    const FIELDS: usize = 400;

    fn packed(&self) -> usize {
        self.log.len()
    }
}

impl Weigh for Deployment {
    const FIELDS: usize = 450;

    fn packed(&self) -> usize {
        self.inputs.len() + self.outputs.len()
    }
}

/// The stack and the number that an event's key has.
fn event_key(id: &str) -> Option<(&str, u64)> {
    let (stack, number) = id.split_once('/')?;
    Some((stack, number.parse().ok()?))
}
