//! What is known of a cluster at the moment: from its project's state and its last operation, without asking the cloud.

use super::view::{RunState, StackView};
use crate::model::{Action, ActionStatus, NodeId, Status};
use crate::state::ClusterState;

/// What is known of a cluster at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its last operation.
    pub operation: Option<SeenOperation>,
    /// Its first stack.
    pub stack: Option<StackView>,
    /// The floating address of its master.
    pub external_ip: Option<String>,
    /// Whether it runs.
    pub run_state: Option<RunState>,
}

/// An operation of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenOperation {
    /// How the service calls it.
    pub id: String,
    /// What it does.
    pub verb: Verb,
    /// How far it is.
    pub progress: Progress,
}

/// What an operation does to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Its first apply.
    Create,
    /// A later one.
    Change,
    /// Its servers stop.
    Suspend,
    /// They go on.
    Resume,
    /// Its end.
    Destroy,
}

/// How far an operation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for another one.
    Queued,
    /// It is under way.
    Running,
    /// It succeeded.
    Done,
    /// It did not, and why.
    Failed(String),
}

impl Seen {
    /// What the state of a project says of its cluster, and its last operation. An operation that succeeded ended when the
    /// frameworks answered, so what is complete then is usable.
    pub fn remembered(name: &str, cluster: Option<&ClusterState>, operation: Option<SeenOperation>) -> Self {
        let Some(cluster) = cluster else { return Self { operation, ..Self::default() } };
        let suspended = cluster.stacks.values().any(|stack| stack.suspended);
        let failed = cluster.stacks.values().find_map(|stack| stack.failed.clone());
        let id = cluster.stacks.get(name).and_then(|stack| stack.id.clone());
        let stack = id.map(|id| {
            let (action, status) = match &operation {
                // Heat refuses changes meanwhile.
                Some(SeenOperation { verb: Verb::Create | Verb::Change, .. }) | None if suspended => {
                    (Action::Suspend, Status::Complete)
                }
                None => (Action::Create, Status::Complete),
                Some(last) => (last.verb.action(), last.progress.status()),
            };
            let status = if failed.is_some() && status == Status::Complete { Status::Failed } else { status };
            let usable = status == Status::Complete && action != Action::Suspend;
            StackView { id, status: ActionStatus { action, status }, usable, reason: failed.clone() }
        });
        let first = cluster.floating_ips.iter().find(|(node, _)| **node == NodeId::new("master", 0));
        let address = first.or_else(|| cluster.floating_ips.iter().next()).map(|(_, address)| address.to_string());
        let run_state = match &operation {
            // What was asked for last is what it is to be.
            Some(SeenOperation { verb: Verb::Suspend, progress, .. }) if !progress.has_failed() => {
                Some(RunState::Suspended)
            }
            Some(SeenOperation { verb: Verb::Resume, progress, .. }) if !progress.has_failed() => {
                Some(RunState::Running)
            }
            _ => suspended.then_some(RunState::Suspended),
        };
        Self { operation, stack, external_ip: address, run_state }
    }
}

impl Verb {
    /// What Heat does for it.
    fn action(self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Change => Action::Update,
            Self::Destroy => Action::Delete,
            Self::Suspend => Action::Suspend,
            Self::Resume => Action::Resume,
        }
    }
}

impl Progress {
    fn has_failed(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn status(&self) -> Status {
        match self {
            Self::Queued | Self::Running => Status::InProgress,
            Self::Done => Status::Complete,
            Self::Failed(_) => Status::Failed,
        }
    }
}
