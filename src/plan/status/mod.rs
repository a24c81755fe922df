//! How clusters are: what Heat says of their stacks and servers, and what their frameworks answer.

mod answers;
mod heat;

use serde_json::Value as Json;

pub use answers::{Answers, UnitAnswer};
pub use heat::seen_by_heat;

use crate::catalogue::FactUnit;
use crate::model::Address;

/// How a cluster is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterStatus {
    /// The cluster.
    pub name: String,
    /// Its stacks, the base stack first.
    pub stacks: Vec<StackStatus>,
    /// Its nodes, in their order.
    pub nodes: Vec<NodeStatus>,
    /// What its frameworks say, part by part.
    pub frameworks: Vec<FrameworkStatus>,
    /// Why the frameworks were not asked.
    pub not_asked: Option<String>,
    /// What is not as it should be; empty: all is well.
    pub troubles: Vec<Trouble>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Of what.
    pub address: Address,
    /// What, for people.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A stack as Heat sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackStatus {
    /// Its name.
    pub name: String,
    /// `CREATE_COMPLETE`; `None` where it does not exist.
    pub status: Option<String>,
    /// What is under way, for people.
    pub under_way: Option<String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStatus {
    /// Its address.
    pub address: Address,
    /// Its host name.
    pub name: String,
    /// What its server does.
    pub server: ServerState,
    /// Its services that do not run, as far as it was asked.
    pub units: Vec<UnitAnswer>,
}

/// What a server does, as Heat and Nova say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It runs.
    Running,
    /// Nova's status: `SHUTOFF`.
    NotRunning(String),
    /// It was deleted outside of DISCO.
    Deleted,
    /// It does not exist, or Heat has failed with it: Heat's status.
    Failed(String),
    /// Heat works on it: its status.
    InProgress(String),
    /// There is none.
    Missing,
}

impl ServerState {
    /// A word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Running => "running",
            Self::NotRunning(status) | Self::Failed(status) | Self::InProgress(status) => status,
            Self::Deleted => "deleted",
            Self::Missing => "missing",
        }
    }
}

/// What a part of a framework says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameworkStatus {
    /// Framework.
    pub framework: String,
    /// Its part (`hdfs`).
    pub name: String,
    /// For people (`HDFS`).
    pub title: String,
    /// Why it did not answer.
    pub no_answer: Option<String>,
    /// Its members.
    pub members: Option<MembersStatus>,
    /// What else it says.
    pub facts: Vec<Fact>,
}

/// The members of a part of a framework: every node that is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MembersStatus {
    /// What they are, for people (`DataNodes`).
    pub title: String,
    /// Each of them.
    pub each: Vec<MemberStatus>,
}

impl MembersStatus {
    /// How many are well.
    pub fn well(&self) -> usize {
        self.each.iter().filter(|member| member.trouble.is_none()).count()
    }
}

/// A member.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberStatus {
    /// Host name.
    pub name: String,
    /// What the framework says it does; `None` where it does not know it, or says nothing.
    pub state: Option<String>,
    /// What is wrong with it.
    pub trouble: Option<String>,
    /// What else it says of it.
    pub facts: Vec<Fact>,
}

/// Something that a framework says.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// For programs.
    pub name: String,
    /// For people.
    pub title: String,
    /// The value.
    pub value: Json,
    /// The amount that it is a part of.
    pub total: Option<Json>,
    /// What a number counts.
    pub unit: Option<FactUnit>,
    /// What is wrong with it.
    pub trouble: Option<String>,
}
