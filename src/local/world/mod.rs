//! Everything the engine knows, in memory, and what of it changed since the last transaction.

mod events;
mod inventory;
mod journal;
mod machines;
mod stacks;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use self::journal::Key;
use super::cloud::Limits;
use super::entity::{Deployment, Millis, NodeDriver, Order, Row, Server, Stack, Thing};
use super::fault::Troubles;
use super::hot::{self, Hot, Parsed};
use super::packed::Packed;
use super::refusal::Refusal;
use super::tasks::Traversal;

pub(crate) use self::events::Told;

/// Identity of the engine's cloud.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub project: String,
    pub user: String,
    pub password: String,
    /// What stands for its user when tokens have run out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<ApplicationCredential>,
    /// What its machines are.
    #[serde(default)]
    pub nodes: NodeDriver,
    /// The port that machines know it by, once it has listened for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// An application credential of the engine's user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ApplicationCredential {
    pub id: String,
    pub name: String,
    pub secret: String,
    #[serde(default)]
    pub description: String,
    /// When it ends, as it was said.
    #[serde(default)]
    pub expires_at: Option<String>,
    #[serde(default)]
    pub unrestricted: bool,
}

/// Something that happens by itself at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Row(u64),
    Server(String),
    Stack(String, u64),
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub now: Millis,
    /// How far that is ahead of the clock, because somebody has set the clock back.
    ahead: Millis,
    pub scale: f64,
    pub limits: Limits,
    pub identity: Identity,
    pub stacks: BTreeMap<String, Stack>,
    pub names: HashMap<String, String>,
    pub rows: BTreeMap<u64, Box<Row>>,
    /// Rows of a stack, replaced ones too.
    pub rows_of: HashMap<String, BTreeSet<u64>>,
    /// The row that stands for a logical name now.
    pub current: HashMap<String, BTreeMap<String, u64>>,
    pub events: HashMap<String, VecDeque<Told>>,
    /// In the order of their ids, in which Neutron lists them.
    pub things: BTreeMap<String, Thing>,
    pub servers: HashMap<String, Server>,
    /// Servers in the order in which Nova lists them: the newest first.
    pub newest: BTreeSet<(Reverse<Millis>, String)>,
    pub deployments: HashMap<String, Deployment>,
    /// In the order of their arrival.
    pub deployments_of: HashMap<String, Vec<(u64, String)>>,
    pub server_names: HashMap<String, Vec<String>>,
    pub addresses: HashMap<String, BTreeMap<IpAddr, String>>,
    pub users: HashMap<String, usize>,
    pub counts: HashMap<String, usize>,
    /// Rules that came with security groups.
    pub default_rules: usize,
    /// Servers in a server group.
    pub members: HashMap<String, u64>,
    /// Cores and MiB of memory in use.
    pub used: (u64, u64),
    /// Size of all volumes in GiB.
    pub gigabytes: u64,
    /// Volumes that a server has.
    pub attached: HashMap<String, BTreeSet<String>>,
    pub timers: BTreeSet<(Millis, Timer)>,
    /// What drivers of machines are to do, and have not taken up yet.
    pub orders: Vec<Order>,
    pub traversals: HashMap<String, Traversal>,
    pub troubles: Troubles,
    /// Templates that are being carried out.
    parsed: HashMap<String, Arc<Parsed>>,
    dirty: BTreeSet<Key>,
    /// Whether something has gone of which the log still tells.
    pub shed: bool,
    /// Whether a stack was among that.
    pub buried: bool,
    next: u64,
}

impl World {
    /// An empty world at that time.
    pub(crate) fn new(now: Millis, scale: f64, limits: Limits) -> Self {
        Self { now, scale, limits, ..Self::default() }
    }

    /// Lets time go on to what the clock says. A clock that was set back does not stop it.
    pub(crate) fn keep_time(&mut self, clock: Millis) {
        let now = clock.saturating_add(self.ahead);
        self.ahead += self.now.saturating_sub(now);
        self.now = self.now.max(now);
    }

    /// When the next thing happens by itself, as the clock will show it.
    pub(crate) fn next_on_clock(&self) -> Option<Millis> {
        self.timers.first().map(|(due, _)| due.saturating_sub(self.ahead))
    }

    /// A number never given before.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A span of the simulated cloud's time, as it passes here.
    pub(crate) fn scaled(&self, seconds: f64) -> Millis {
        passing(seconds * self.scale)
    }

    /// How long an action may take that is given so many minutes: where machines are real, so is their time.
    pub(crate) fn allowed(&self, minutes: f64) -> Millis {
        let scale = if self.identity.nodes.is_real() { 1.0 } else { self.scale };
        passing(minutes * 60.0 * scale)
    }

    /// Has a row's action end by itself after so many seconds of the simulated cloud's time.
    pub(crate) fn row_ends(&mut self, row: u64, seconds: f64) {
        let due = self.now + self.scaled(seconds);
        if let Some(row) = self.row_mut(row) {
            row.due = Some(due);
        }
        self.timers.insert((due, Timer::Row(row)));
    }

    /// The stack's template, read once an action.
    pub(crate) fn parsed(&mut self, id: &str) -> Result<Arc<Parsed>, Refusal> {
        if let Some(parsed) = self.parsed.get(id) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(self.read(id, |template| hot::read(&template.read()))?);
        self.parsed.insert(id.to_owned(), Arc::clone(&parsed));
        Ok(parsed)
    }

    /// The stack's template without its resources: what is shown of it.
    pub(crate) fn outline(&self, id: &str) -> Result<Arc<Parsed>, Refusal> {
        match self.parsed.get(id) {
            Some(parsed) => Ok(Arc::clone(parsed)),
            None => self.read(id, hot::outline).map(Arc::new),
        }
    }

    fn read(&self, id: &str, reading: impl FnOnce(&Packed<Json>) -> Result<Hot, Refusal>) -> Result<Parsed, Refusal> {
        let Some(stack) = self.stacks.get(id) else { return Err(Refusal::no_stack(id)) };
        let hot = reading(&stack.version.template)?;
        let values = hot::parameter_values(&hot, &stack.version.parameters)?;
        Ok(Parsed { hot, values })
    }

    /// Remembers the reading of a version that is about to be carried out.
    pub(crate) fn remember(&mut self, id: &str, parsed: Parsed) {
        self.parsed.insert(id.to_owned(), Arc::new(parsed));
    }

    /// Forgets the reading of a version that has been carried out, or given up.
    pub(crate) fn forget(&mut self, id: &str) {
        self.parsed.remove(id);
    }
}

/// Seconds as they pass here.
fn passing(seconds: f64) -> Millis {
    let millis = (seconds * 1_000.0).clamp(0.0, 1e12);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
    let millis = millis as Millis;
    millis
}
