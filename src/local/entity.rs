//! What the engine keeps: stacks, their resources and events, and the things of its own little cloud.
//!
//! These are the records of the store; see the room's page for the file format. Actions and statuses have words of their
//! own here, beside those of `model`, which `local` may not use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::packed::Packed;

/// Milliseconds since 1970.
pub(crate) type Millis = u64;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What is being done to a stack or a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Action {
    Init,
    Create,
    Update,
    Delete,
    Rollback,
    Suspend,
    Resume,
    Check,
    Signal,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Init => "INIT",
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Rollback => "ROLLBACK",
            Self::Suspend => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Check => "CHECK",
            Self::Signal => "SIGNAL",
        })
    }
}

/// How far an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    InProgress,
    Complete,
    Failed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
        })
    }
}

/// A template with the parameters it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub template: Packed<Json>,
    pub parameters: BTreeMap<String, Json>,
}

impl Version {
    /// What is kept of the version of a stack that was deleted.
    pub(crate) fn of_deleted() -> Self {
        let template = serde_json::json!({ "heat_template_version": "2021-04-16" });
        Self { template: Packed::of(&template), parameters: BTreeMap::new() }
    }
}

/// A stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stack {
    pub id: String,
    pub name: String,
    pub action: Action,
    pub status: Status,
    pub reason: String,
    pub version: Version,
    /// The version before the running update, for a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Version>,
    pub tags: Vec<String>,
    pub timeout_mins: Option<u32>,
    pub disable_rollback: bool,
    pub created: Millis,
    pub updated: Option<Millis>,
    pub deleted: Option<Millis>,
    /// When the running action began.
    pub started: Millis,
    /// Numbers the actions; a timer of an older one is void.
    pub traversal: u64,
    /// The project that Keystone has for the users of its agents, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_project: Option<String>,
}

/// A resource of a stack. A replaced resource stands beside its successor until it is deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub id: u64,
    pub stack: String,
    pub name: String,
    pub kind: String,
    pub action: Action,
    pub status: Status,
    pub reason: String,
    pub physical: Option<String>,
    /// Properties as they were resolved when last applied.
    pub properties: Packed<BTreeMap<String, Json>>,
    /// Properties being applied by a running update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Packed<BTreeMap<String, Json>>>,
    /// The template's `depends_on` as it was when last applied; not known of what older stores hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<BTreeSet<String>>,
    /// The `depends_on` being applied by a running update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_depends_on: Option<BTreeSet<String>>,
    /// Rows this one was made from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<u64>,
    /// The stack's action that last began something here.
    #[serde(default)]
    pub traversal: u64,
    pub created: Millis,
    pub updated: Millis,
    /// When the running action ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Millis>,
    /// A failure that shows only at the end of the running action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doom: Option<String>,
}

impl Row {
    /// Whether it stands for a machine.
    pub(crate) fn is_server(&self) -> bool {
        self.kind == "OS::Nova::Server"
    }

    /// A running update has been carried out.
    pub(crate) fn take_pending(&mut self) {
        if let Some(properties) = self.pending.take() {
            self.properties = properties;
        }
        if let Some(depends_on) = self.pending_depends_on.take() {
            self.depends_on = Some(depends_on);
        }
    }

    /// A running update has failed: the resource counts as it was.
    pub(crate) fn forget_pending(&mut self) {
        self.pending = None;
        self.pending_depends_on = None;
    }
}

/// An event of a stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub number: u64,
    pub id: String,
    pub stack: String,
    pub time: Millis,
    pub resource: String,
    pub kind: String,
    pub physical: Option<String>,
    pub status: String,
    pub reason: String,
}

/// A network, port, volume, software configuration …: whatever needs no behaviour of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Thing {
    pub id: String,
    /// `network`, `subnet`, `port`, …
    pub kind: String,
    pub name: String,
    /// Things that cannot be deleted while this one exists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
    /// Addresses taken: subnet and address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<(String, std::net::IpAddr)>,
    pub body: Packed<Map<String, Json>>,
}

/// How far a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Building,
    Booting,
    Configuring,
    Ready,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Building => "building",
            Self::Booting => "booting",
            Self::Configuring => "configuring",
            Self::Ready => "ready",
        })
    }
}

/// What is to become of a machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// It runs.
    #[default]
    Running,
    /// It stands still and keeps its memory. What cannot do that stops.
    Paused,
    /// It is shut down and keeps its disk.
    Stopped,
    /// Nothing is left of it; volumes are no part of it.
    Gone,
}

/// What makes the machines of the engine's servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeDriver {
    /// Nothing runs; machines behave as real ones would, sooner.
    #[default]
    Simulated,
    /// Each machine is a container.
    Container,
    /// Whoever has the engine, for tests.
    Outside,
}

impl fmt::Display for NodeDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simulated => "simulated",
            Self::Container => "container",
            Self::Outside => "outside",
        })
    }
}

impl NodeDriver {
    /// Whether machines are more than what the world says of them.
    pub(crate) fn is_real(self) -> bool {
        self != Self::Simulated
    }
}

/// Something that a machine's driver is to do; it takes it up at the end of the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub server: String,
    /// The resource that waits for it.
    pub row: Option<u64>,
    pub work: Work,
}

/// What a driver is to do. What the machine should be then stands with the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Build,
    /// It is another one from now on.
    Change {
        resized: bool,
        rebuilt: bool,
        replugged: bool,
    },
    Suspend,
    Resume,
    Delete,
    /// It has been built, or started again, and boots.
    Boot,
    /// There is something for its agent.
    Deployment,
    /// A volume is taken off it.
    Detach(String),
}

/// A user of Keystone's that only an agent has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StackUser {
    pub id: String,
    pub password: String,
    /// Name of the resource that it is for.
    pub resource: String,
}

/// A machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Server {
    pub id: String,
    pub name: String,
    pub flavor: String,
    pub image: String,
    /// `BUILD`, `ACTIVE`, `SUSPENDED`, …
    pub status: String,
    pub phase: Phase,
    #[serde(default, skip_serializing_if = "is_default")]
    pub wanted: Wanted,
    /// The number of the last request to make it something.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ordered: u64,
    /// How often its disk was to be written anew.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rebuilds: u64,
    /// How often it was to boot again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reboots: u64,
    /// What it carries out at its first boot, where machines are real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Whom its agent asks as, where Heat has made somebody for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<StackUser>,
    /// When the phase, or the deployment being carried out, ends.
    pub due: Option<Millis>,
    /// The deployment being carried out.
    pub job: Option<String>,
    pub ports: Vec<String>,
    pub groups: Vec<String>,
    /// Ids of the volumes that its agent has mounted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub mounted: BTreeSet<String>,
    pub metadata: Packed<Json>,
    pub key_name: Option<String>,
    pub stack: String,
    pub created: Millis,
    pub updated: Millis,
    /// The last lines of its console.
    pub log: Packed<Vec<String>>,
}

/// A software deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    pub id: String,
    /// Its own copy of the configuration has a new id whenever anything in it changes.
    pub derived: String,
    pub name: String,
    pub server: String,
    pub config: String,
    pub action: Action,
    pub status: Status,
    pub reason: String,
    pub inputs: Packed<Map<String, Json>>,
    pub outputs: Packed<Json>,
    pub row: u64,
    /// Whom its result is signalled as, where Heat has made somebody for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<StackUser>,
    /// Order of arrival at the node.
    pub number: u64,
    pub created: Millis,
    pub updated: Millis,
}
