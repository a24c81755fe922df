//! Everything the engine knows, in memory, and what of it changed since the last transaction.

#![expect(clippy::disallowed_methods, reason = "ids of the engine's own cloud are made here")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::cloud::{self, Limits};
use super::entity::{Action, Deployment, Event, Millis, Row, Server, Stack, Status, Thing};
use super::hot::{self, Hot};
use super::refusal::Refusal;
use super::store::Entries;
use super::walk::Walk;

/// Events kept of a stack.
const MAX_EVENTS: usize = 5_000;
/// Deleted stacks that are still remembered.
const MAX_DELETED: usize = 20;

/// Identity of the engine's cloud.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub project: String,
    pub user: String,
    pub password: String,
}

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

/// Something that happens by itself at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Row(u64),
    Server(String),
    Stack(String, u64),
}

/// A fault that a test asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next action on the resource of that logical name fails with that reason.
    FailOnce {
        /// Logical name.
        resource: String,
        /// `Error: …` without the resource's name.
        reason: String,
    },
    /// The machine of that name carries out no deployment any more.
    Mute {
        /// The server's name.
        server: String,
    },
    /// The machine of that name works again.
    Unmute {
        /// The server's name.
        server: String,
    },
}

/// A template that has been read, with the values of its parameters.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub hot: Hot,
    pub values: BTreeMap<String, Json>,
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub now: Millis,
    pub scale: f64,
    pub limits: Limits,
    pub identity: Identity,
    pub stacks: BTreeMap<String, Stack>,
    pub names: HashMap<String, String>,
    pub rows: BTreeMap<u64, Row>,
    /// Rows of a stack, replaced ones too.
    pub rows_of: HashMap<String, BTreeSet<u64>>,
    /// The row that stands for a logical name now.
    pub current: HashMap<String, BTreeMap<String, u64>>,
    pub events: HashMap<String, VecDeque<Event>>,
    pub things: HashMap<String, Thing>,
    pub servers: BTreeMap<String, Server>,
    pub deployments: BTreeMap<String, Deployment>,
    pub deployments_of: HashMap<String, BTreeSet<(u64, String)>>,
    pub server_names: HashMap<String, BTreeSet<String>>,
    pub addresses: HashMap<String, BTreeMap<IpAddr, String>>,
    pub users: HashMap<String, usize>,
    pub counts: HashMap<String, usize>,
    /// Servers in a server group.
    pub members: HashMap<String, u64>,
    /// Cores and MiB of memory in use.
    pub used: (u64, u64),
    pub timers: BTreeSet<(Millis, Timer)>,
    pub walks: HashMap<String, Walk>,
    pub failing: Vec<(String, String)>,
    pub muted: HashSet<String>,
    parsed: HashMap<String, (u64, Arc<Parsed>)>,
    dirty: BTreeSet<Key>,
    next: u64,
}

fn value<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_str(text)
}

impl World {
    /// An empty world at that time.
    pub fn new(now: Millis, scale: f64, limits: Limits) -> Self {
        Self { now, scale, limits, ..Self::default() }
    }

    /// Rebuilds everything from the store's records.
    pub fn restore(&mut self, entries: &Entries) -> Result<(), serde_json::Error> {
        for (key, text) in entries {
            match key.split_once('/') {
                None => self.identity = value(text)?,
                Some(("stack", _)) => {
                    let stack: Stack = value(text)?;
                    if stack.deleted.is_none() {
                        self.names.insert(stack.name.clone(), stack.id.clone());
                    }
                    self.next = self.next.max(stack.traversal);
                    self.stacks.insert(stack.id.clone(), stack);
                }
                Some(("resource", _)) => {
                    let row: Row = value(text)?;
                    self.next = self.next.max(row.id);
                    if let Some(due) = row.due {
                        self.timers.insert((due, Timer::Row(row.id)));
                    }
                    self.index_row(&row);
                    self.rows.insert(row.id, row);
                }
                Some(("event", _)) => {
                    let event: Event = value(text)?;
                    self.next = self.next.max(event.number);
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
        }
        if self.identity.project.is_empty() {
            self.identity = Identity { project: hex(), user: hex(), password: hex() };
            self.dirty.insert(Key::Identity);
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
            .chain(self.things.keys().cloned().map(Key::Thing))
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

    /// A number never given before.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A span of the simulated cloud's time, as it passes here.
    pub fn scaled(&self, seconds: f64) -> Millis {
        let millis = (seconds * self.scale * 1_000.0).clamp(0.0, 1e12);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
        let millis = millis as Millis;
        millis
    }

    pub fn stack_mut(&mut self, id: &str) -> Option<&mut Stack> {
        let stack = self.stacks.get_mut(id)?;
        self.dirty.insert(Key::Stack(id.to_owned()));
        Some(stack)
    }

    pub fn add_stack(&mut self, stack: Stack) {
        self.dirty.insert(Key::Stack(stack.id.clone()));
        self.names.insert(stack.name.clone(), stack.id.clone());
        self.stacks.insert(stack.id.clone(), stack);
    }

    /// Keeps a deleted stack's name free and its record for a while.
    pub fn bury(&mut self, id: &str) {
        let now = self.now;
        if let Some(stack) = self.stack_mut(id) {
            stack.deleted = Some(now);
            stack.previous = None;
            let name = stack.name.clone();
            if self.names.get(&name).is_some_and(|other| other == id) {
                self.names.remove(&name);
            }
        }
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

    pub fn row_mut(&mut self, id: u64) -> Option<&mut Row> {
        let row = self.rows.get_mut(&id)?;
        self.dirty.insert(Key::Row(id));
        Some(row)
    }

    fn index_row(&mut self, row: &Row) {
        self.rows_of.entry(row.stack.clone()).or_default().insert(row.id);
        if row.replaced_by.is_none() {
            self.current.entry(row.stack.clone()).or_default().insert(row.name.clone(), row.id);
        }
    }

    pub fn add_row(&mut self, row: Row) {
        self.dirty.insert(Key::Row(row.id));
        self.index_row(&row);
        self.rows.insert(row.id, row);
    }

    pub fn drop_row(&mut self, id: u64) {
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
    pub fn row_named(&self, stack: &str, name: &str) -> Option<&Row> {
        self.rows.get(self.current.get(stack)?.get(name)?)
    }

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

    fn index_thing(&mut self, thing: &Thing) {
        for used in &thing.uses {
            *self.users.entry(used.clone()).or_default() += 1;
        }
        for (subnet, address) in &thing.addresses {
            self.addresses.entry(subnet.clone()).or_default().insert(*address, thing.id.clone());
        }
        *self.counts.entry(thing.kind.clone()).or_default() += 1;
    }

    fn unindex_thing(&mut self, thing: &Thing) {
        for used in &thing.uses {
            if let Some(count) = self.users.get_mut(used) {
                *count = count.saturating_sub(1);
            }
        }
        for (subnet, address) in &thing.addresses {
            if let Some(taken) = self.addresses.get_mut(subnet)
                && taken.get(address) == Some(&thing.id)
            {
                taken.remove(address);
            }
        }
        if let Some(count) = self.counts.get_mut(&thing.kind) {
            *count = count.saturating_sub(1);
        }
    }

    /// Adds a thing or puts a changed one in its place.
    pub fn put(&mut self, thing: Thing) {
        if let Some(old) = self.things.remove(&thing.id) {
            self.unindex_thing(&old);
        }
        self.index_thing(&thing);
        self.dirty.insert(Key::Thing(thing.id.clone()));
        self.things.insert(thing.id.clone(), thing);
    }

    pub fn take(&mut self, id: &str) -> Option<Thing> {
        let thing = self.things.remove(id)?;
        self.unindex_thing(&thing);
        self.dirty.insert(Key::Thing(id.to_owned()));
        Some(thing)
    }

    pub fn thing(&self, id: &str, kind: &str) -> Option<&Thing> {
        self.things.get(id).filter(|thing| thing.kind == kind)
    }

    pub fn count(&self, kind: &str) -> u64 {
        self.counts.get(kind).map_or(0, |count| *count as u64)
    }

    pub fn server_mut(&mut self, id: &str) -> Option<&mut Server> {
        let server = self.servers.get_mut(id)?;
        self.dirty.insert(Key::Server(id.to_owned()));
        Some(server)
    }

    pub fn add_server(&mut self, server: Server) {
        self.dirty.insert(Key::Server(server.id.clone()));
        self.index_server(&server);
        self.servers.insert(server.id.clone(), server);
    }

    fn index_server(&mut self, server: &Server) {
        self.server_names.entry(server.name.clone()).or_default().insert(server.id.clone());
        for group in &server.groups {
            *self.members.entry(group.clone()).or_default() += 1;
        }
        if let Some(flavor) = cloud::flavor(&server.flavor) {
            self.used.0 += flavor.vcpus;
            self.used.1 += flavor.ram;
        }
    }

    pub fn drop_server(&mut self, id: &str) -> Option<Server> {
        let server = self.servers.remove(id)?;
        self.dirty.insert(Key::Server(id.to_owned()));
        if let Some(ids) = self.server_names.get_mut(&server.name) {
            ids.remove(id);
        }
        for group in &server.groups {
            if let Some(count) = self.members.get_mut(group) {
                *count = count.saturating_sub(1);
            }
        }
        if let Some(flavor) = cloud::flavor(&server.flavor) {
            self.used.0 = self.used.0.saturating_sub(flavor.vcpus);
            self.used.1 = self.used.1.saturating_sub(flavor.ram);
        }
        Some(server)
    }

    /// Sets when the server's phase ends.
    pub fn server_due(&mut self, id: &str, due: Option<Millis>) {
        if let Some(server) = self.server_mut(id) {
            server.due = due;
        }
        if let Some(due) = due {
            self.timers.insert((due, Timer::Server(id.to_owned())));
        }
    }

    fn index_deployment(&mut self, deployment: &Deployment) {
        let entry = (deployment.number, deployment.id.clone());
        self.deployments_of.entry(deployment.server.clone()).or_default().insert(entry);
    }

    /// Adds a deployment or puts a changed one in its place.
    pub fn put_deployment(&mut self, deployment: Deployment) {
        self.drop_deployment(&deployment.id);
        self.index_deployment(&deployment);
        self.dirty.insert(Key::Deployment(deployment.id.clone()));
        self.deployments.insert(deployment.id.clone(), deployment);
    }

    pub fn drop_deployment(&mut self, id: &str) -> Option<Deployment> {
        let old = self.deployments.remove(id)?;
        self.dirty.insert(Key::Deployment(id.to_owned()));
        if let Some(known) = self.deployments_of.get_mut(&old.server) {
            known.remove(&(old.number, old.id.clone()));
        }
        Some(old)
    }

    /// The stack's template, read once an action.
    pub fn parsed(&mut self, id: &str) -> Result<Arc<Parsed>, Refusal> {
        let Some(stack) = self.stacks.get(id) else { return Err(Refusal::no_stack(id)) };
        if let Some((traversal, parsed)) = self.parsed.get(id)
            && *traversal == stack.traversal
        {
            return Ok(Arc::clone(parsed));
        }
        let hot = hot::read(&stack.version.template)?;
        let values = hot::parameter_values(&hot, &stack.version.parameters)?;
        let parsed = Arc::new(Parsed { hot, values });
        self.parsed.insert(id.to_owned(), (stack.traversal, Arc::clone(&parsed)));
        Ok(parsed)
    }

    /// Remembers a reading that has just been made.
    pub fn remember(&mut self, id: &str, traversal: u64, parsed: Arc<Parsed>) {
        self.parsed.insert(id.to_owned(), (traversal, parsed));
    }

    /// Sets the state of a resource and tells of it.
    pub fn set_row(&mut self, id: u64, action: Action, status: Status, reason: &str) {
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

/// A new id as OpenStack writes it.
pub(crate) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A new id as Keystone writes it.
pub(crate) fn hex() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
