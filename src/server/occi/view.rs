//! A cluster as the interface shows it.

use std::collections::BTreeMap;

use crate::model::{Action, ActionStatus, Status};

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterView {
    /// A UUID.
    pub id: String,
    /// The project of the service that it is.
    pub project: String,
    /// How far it is.
    pub state: ServiceState,
    /// Its stack, as soon as there is one.
    pub stack: Option<StackView>,
    /// The floating address of its master, as soon as it is known.
    pub external_ip: Option<String>,
    /// The key pair that may log in.
    pub key_pair: Option<String>,
    /// Whether it runs; nothing where it was never suspended.
    pub run_state: Option<RunState>,
    /// Why its last operation failed.
    pub failure: Option<String>,
    /// Its last operation.
    pub operation: Option<String>,
    /// The plan that was made of it, where it is planned only.
    pub plan: Option<String>,
    /// Attributes that were accepted and have no effect.
    pub ignored: Vec<String>,
    /// What was asked for, by attribute: [`ClusterRequest::given`](super::ClusterRequest), with the changes since.
    pub given: BTreeMap<String, String>,
}

/// How far a service is, in the original's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// It is about to be planned.
    Initialise,
    /// It is planned.
    Activate,
    /// It is being created.
    Deploy,
    /// It is ready.
    Provision,
    /// It is being changed.
    Update,
    /// It is being destroyed.
    Destroy,
    /// Its last operation failed.
    Fail,
}

impl ServiceState {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initialise => "initialise",
            Self::Activate => "activate",
            Self::Deploy => "deploy",
            Self::Provision => "provision",
            Self::Update => "update",
            Self::Destroy => "destroy",
            Self::Fail => "fail",
        }
    }
}

/// Whether a cluster runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It does.
    Running,
    /// It does not, and keeps its disks.
    Suspended,
}

impl RunState {
    /// The original's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended => "suspended",
        }
    }
}

/// A cluster's stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackView {
    /// Heat's id of it.
    pub id: String,
    /// What Heat says.
    pub status: ActionStatus,
    /// Whether the frameworks answer.
    pub usable: bool,
    /// The first failing resource, its own reason, and the line that asked for it.
    pub reason: Option<String>,
}

impl StackView {
    /// What the interface says. The original's clients take "complete" for "usable", so a stack whose frameworks do not
    /// answer yet is still in progress.
    pub fn shown(&self) -> ActionStatus {
        let at_rest = matches!(self.status.action, Action::Suspend | Action::Delete);
        match self.status.status {
            Status::Complete if !self.usable && !at_rest => {
                ActionStatus { action: self.status.action.clone(), status: Status::InProgress }
            }
            _ => self.status.clone(),
        }
    }
}

impl ClusterView {
    /// Its attributes but for its identifier, by name.
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let mut all = self.given.clone();
        let mut say = |name: &str, value: &str| {
            all.insert(name.to_owned(), value.to_owned());
        };
        say("mcn.service.state", self.state.name());
        match &self.stack {
            Some(stack) => {
                say("stackid", &stack.id);
                say("stack_status", &stack.shown().to_string());
                if let Some(reason) = &stack.reason {
                    say("stack_status_reason", reason);
                }
            }
            None => say("disco_status", "nothing here right now"),
        }
        // Of this release and of 0.1.
        for name in ["external_ip", "externalIP"] {
            say(name, self.external_ip.as_deref().unwrap_or("none"));
        }
        let failure = self.failure.as_ref().map(|failure| format!("deployment didn't work out because: {failure}"));
        for (name, value) in [
            ("ssh_key_name", self.key_pair.as_deref()),
            ("runstate", self.run_state.map(RunState::name)),
            ("status", failure.as_deref()),
            ("disco.project", Some(&*self.project)),
            ("disco.operation", self.operation.as_deref()),
            ("disco.plan", self.plan.as_deref()),
        ] {
            if let Some(value) = value {
                say(name, value);
            }
        }
        if !self.ignored.is_empty() {
            say("disco.ignored", &self.ignored.join(" "));
        }
        all
    }
}
