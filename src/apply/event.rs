//! What happens while a plan is carried out.

use std::time::Duration;

use crate::model::{Action, ActionStatus, Address, NodePart, Status};

/// Is told what happens. Words and bars are made from it elsewhere.
pub trait Observer: Send {
    /// `at` is the time since the operation began.
    fn on(&mut self, at: Duration, event: &Event);
}

/// Looks away.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn on(&mut self, _at: Duration, _event: &Event) {}
}

/// Remembers everything; for tests, and for faces that show it later.
impl Observer for Vec<(Duration, Event)> {
    fn on(&mut self, at: Duration, event: &Event) {
        self.push((at, event.clone()));
    }
}

/// Something happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step begins. `number` counts from 1.
    StepStarted {
        /// Which.
        number: usize,
        /// Of how many.
        of: usize,
        /// For people.
        title: String,
        /// Stack.
        stack: String,
        /// What it is about.
        addresses: Vec<Address>,
        /// How long such a step took before on this cloud, where that is known.
        expected: Option<Duration>,
    },
    /// An operation that was under way already is watched again.
    Reattached {
        /// Stack.
        stack: String,
        /// What Heat does with it.
        action: Action,
        /// When it was asked for, RFC 3339.
        since: String,
        /// On whose behalf, where somebody else asked for it and that is known.
        by: Option<String>,
    },
    /// A node is in another phase of its life.
    NodePhase {
        /// Which.
        address: Address,
        /// Which phase.
        phase: Phase,
        /// What is done with the node in this step.
        action: NodeAction,
        /// Whether it is the first phase seen of it in this step.
        first: bool,
        /// Time since the first phase seen of it in this step.
        after: Duration,
    },
    /// Heat says that one of its resources has another status.
    ResourceStatus {
        /// Whose it is.
        address: Address,
        /// Stack.
        stack: String,
        /// Logical name.
        resource: String,
        /// What Heat does with it, and how far it is.
        status: ActionStatus,
        /// Heat's words.
        reason: String,
    },
    /// A request is made again, or a deletion that failed.
    Retried {
        /// Stack.
        stack: String,
        /// Which attempt comes now, from 2.
        attempt: u32,
        /// Why.
        reason: String,
    },
    /// A step has ended well.
    StepEnded {
        /// Which, from 1.
        number: usize,
        /// For people.
        title: String,
        /// Stack.
        stack: String,
        /// How long it took.
        took: Duration,
    },
    /// The first thing that failed; the operation ends with it.
    Failed {
        /// Stack.
        stack: String,
        /// Whose it is, where one resource is to blame.
        address: Option<Address>,
        /// Its logical name.
        resource: Option<String>,
        /// What was done with it, where it is a node.
        action: Option<NodeAction>,
        /// Why.
        reason: String,
        /// The last lines of the node's own log.
        log: Vec<String>,
    },
    /// Nobody watches any longer; Heat goes on.
    Detached {
        /// Stacks that are still under way; none between two steps.
        stacks: Vec<String>,
    },
}

impl Event {
    /// Whether it is about one of Heat's resources that no user knows by name, and all is well with it.
    pub fn is_plumbing(&self) -> bool {
        matches!(self, Self::ResourceStatus { status, .. } if !status.is_failed())
    }
}

/// What a step does with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum NodeAction {
    Create,
    Update,
    Delete,
    Suspend,
    Resume,
}

impl NodeAction {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::Suspend, Self::Resume];

    /// One word, Terraform's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }

    /// What is done with a node whose first phase is this one; `leaving` where it is not wanted any longer.
    pub fn read(first: Phase, leaving: bool) -> Self {
        match first {
            _ if leaving => Self::Delete,
            Phase::Building | Phase::Booting => Self::Create,
            Phase::Suspending | Phase::Suspended => Self::Suspend,
            Phase::Resuming | Phase::Resumed => Self::Resume,
            _ => Self::Update,
        }
    }
}

/// The life of a node as Heat's events show it. The order is that of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Its port, volumes and server are being made.
    Building,
    /// Its server is being changed: another size or image.
    Changing,
    /// The server runs; the node starts.
    Booting,
    /// Its configuration is being applied.
    Configuring,
    /// It has unmounted the volumes that change next.
    Unmounted,
    /// It has said that all is well.
    Ready,
    /// Its server is being suspended.
    Suspending,
    /// Its server is suspended.
    Suspended,
    /// Its server is being resumed.
    Resuming,
    /// Its server runs again.
    Resumed,
    /// It is going away.
    Deleting,
    /// It is gone.
    Deleted,
    /// Something of it failed.
    Failed,
}

impl Phase {
    /// All, in order.
    pub const ALL: [Self; 13] = [
        Self::Building,
        Self::Changing,
        Self::Booting,
        Self::Configuring,
        Self::Unmounted,
        Self::Ready,
        Self::Suspending,
        Self::Suspended,
        Self::Resuming,
        Self::Resumed,
        Self::Deleting,
        Self::Deleted,
        Self::Failed,
    ];

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Changing => "changing",
            Self::Booting => "booting",
            Self::Configuring => "configuring",
            Self::Unmounted => "unmounted",
            Self::Ready => "ready",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
            Self::Resuming => "resuming",
            Self::Resumed => "resumed",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more is expected of the node in this step.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Unmounted | Self::Ready | Self::Suspended | Self::Resumed | Self::Deleted | Self::Failed)
    }

    /// Where a node in this phase is going, where what it goes through ends well; `leaving` where it is not wanted any longer.
    #[must_use]
    pub fn end(self, leaving: bool) -> Self {
        match self {
            Self::Suspending => Self::Suspended,
            Self::Resuming => Self::Resumed,
            _ if leaving => Self::Deleted,
            _ => Self::Ready,
        }
    }

    /// What the status of one of a node's resources says about the node; `leaving` where it is not wanted any longer.
    pub fn read(part: NodePart<'_>, status: &ActionStatus, leaving: bool) -> Option<Self> {
        let ActionStatus { action, status } = status;
        if *status == Status::Failed {
            return Some(Self::Failed);
        }
        if matches!(action, Action::Suspend | Action::Resume) {
            return match (part, action, status) {
                (NodePart::Server, Action::Suspend, Status::InProgress) => Some(Self::Suspending),
                (NodePart::Server, Action::Suspend, _) => Some(Self::Suspended),
                (NodePart::Server, _, Status::InProgress) => Some(Self::Resuming),
                (NodePart::Server, ..) => Some(Self::Resumed),
                _ => None,
            };
        }
        if leaving {
            return match (action, status) {
                (Action::Delete, Status::Complete) if part == NodePart::Server => Some(Self::Deleted),
                (Action::Delete, Status::InProgress) => Some(Self::Deleting),
                _ => None,
            };
        }
        match (part, action, status) {
            (NodePart::Server, Action::Create, Status::Complete) => Some(Self::Booting),
            (NodePart::Server, Action::Update, Status::InProgress) => Some(Self::Changing),
            (NodePart::Deployment, Action::Create | Action::Update, Status::InProgress) => Some(Self::Configuring),
            (NodePart::Deployment, Action::Create | Action::Update, Status::Complete) => Some(Self::Ready),
            (NodePart::Server | NodePart::Port, Action::Create, Status::InProgress) => Some(Self::Building),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionStatus, NodePart, Phase};

    #[test]
    fn a_life() {
        let read = |part, status| Phase::read(part, &ActionStatus::parse(status), false);
        let leaving = |part, status| Phase::read(part, &ActionStatus::parse(status), true);
        assert_eq!(read(NodePart::Port, "CREATE_IN_PROGRESS"), Some(Phase::Building));
        assert_eq!(read(NodePart::Port, "CREATE_COMPLETE"), None);
        assert_eq!(read(NodePart::Server, "CREATE_COMPLETE"), Some(Phase::Booting));
        assert_eq!(read(NodePart::Deployment, "CREATE_IN_PROGRESS"), Some(Phase::Configuring));
        assert_eq!(read(NodePart::Deployment, "UPDATE_COMPLETE"), Some(Phase::Ready));
        assert_eq!(read(NodePart::FloatingIp, "CREATE_IN_PROGRESS"), None);
        assert_eq!(read(NodePart::Deployment, "DELETE_IN_PROGRESS"), None);
        assert_eq!(read(NodePart::Volume("deployment"), "CREATE_COMPLETE"), None);
        assert_eq!(read(NodePart::Server, "SUSPEND_IN_PROGRESS"), Some(Phase::Suspending));
        assert_eq!(read(NodePart::Deployment, "SUSPEND_COMPLETE"), None);
        assert_eq!(read(NodePart::Server, "RESUME_COMPLETE"), Some(Phase::Resumed));
        assert_eq!(leaving(NodePart::Deployment, "DELETE_IN_PROGRESS"), Some(Phase::Deleting));
        assert_eq!(leaving(NodePart::Server, "DELETE_COMPLETE"), Some(Phase::Deleted));
        assert_eq!(leaving(NodePart::Server, "DELETE_FAILED"), Some(Phase::Failed));
    }
}
