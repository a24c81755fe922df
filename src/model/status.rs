//! What Heat does to stacks and resources, and how far it is: `CREATE_IN_PROGRESS`, `RESUME_COMPLETE`, …

use std::fmt;

/// What Heat does, or did last.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Heat's own words")]
pub enum Action {
    Init,
    Create,
    Update,
    Delete,
    Rollback,
    Suspend,
    Resume,
    Check,
    Snapshot,
    Restore,
    Adopt,
    Signal,
    /// One that we do not know.
    Other(String),
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Heat's own words")]
pub enum Status {
    InProgress,
    Complete,
    Failed,
    /// One that we do not know.
    Other(String),
}

/// An action and how far it is, as Heat writes the two of a stack, a resource or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionStatus {
    /// What Heat does, or did last.
    pub action: Action,
    /// How far it is.
    pub status: Status,
}

const ACTIONS: [Action; 12] = [
    Action::Init,
    Action::Create,
    Action::Update,
    Action::Delete,
    Action::Rollback,
    Action::Suspend,
    Action::Resume,
    Action::Check,
    Action::Snapshot,
    Action::Restore,
    Action::Adopt,
    Action::Signal,
];

const STATUSES: [Status; 3] = [Status::InProgress, Status::Complete, Status::Failed];

impl Action {
    /// The action that Heat calls so.
    pub fn parse(text: &str) -> Self {
        ACTIONS.into_iter().find(|action| action.name() == text).unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// Heat's word.
    pub fn name(&self) -> &str {
        match self {
            Self::Init => "INIT",
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Rollback => "ROLLBACK",
            Self::Suspend => "SUSPEND",
            Self::Resume => "RESUME",
            Self::Check => "CHECK",
            Self::Snapshot => "SNAPSHOT",
            Self::Restore => "RESTORE",
            Self::Adopt => "ADOPT",
            Self::Signal => "SIGNAL",
            Self::Other(text) => text,
        }
    }

    /// What happens to a stack while Heat does it: `being updated`.
    pub fn ongoing(&self) -> &'static str {
        match self {
            Self::Create => "being created",
            Self::Update => "being updated",
            Self::Delete => "being deleted",
            Self::Rollback => "being rolled back",
            Self::Suspend => "being suspended",
            Self::Resume => "being resumed",
            Self::Check => "being checked",
            _ => "in progress",
        }
    }
}

impl Status {
    /// The status that Heat calls so.
    pub fn parse(text: &str) -> Self {
        STATUSES.into_iter().find(|status| status.name() == text).unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// Heat's word.
    pub fn name(&self) -> &str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
            Self::Other(text) => text,
        }
    }
}

impl ActionStatus {
    /// `CREATE_IN_PROGRESS` in its two parts; what has no second one is an action without a status.
    pub fn parse(text: &str) -> Self {
        let (action, status) = text.split_once('_').filter(|(_, status)| !status.is_empty()).unwrap_or((text, ""));
        Self { action: Action::parse(action), status: Status::parse(status) }
    }

    /// Whether Heat has given up.
    pub fn is_failed(&self) -> bool {
        self.status == Status::Failed
    }

    /// Whether Heat has done it.
    pub fn is_complete(&self) -> bool {
        self.status == Status::Complete
    }

    /// Whether Heat is still working on it.
    pub fn in_progress(&self) -> bool {
        self.status == Status::InProgress
    }

    /// Whether Heat has deleted it.
    pub fn is_deleted(&self) -> bool {
        self.is(&Action::Delete, &Status::Complete)
    }

    /// Whether something may stand behind a resource: it was begun (`INIT_COMPLETE` says that it was not), and it is not
    /// deleted.
    pub fn exists(&self) -> bool {
        self.action != Action::Init && !self.is_deleted()
    }

    /// Whether it is this action that is in this status.
    pub fn is(&self, action: &Action, status: &Status) -> bool {
        self.action == *action && self.status == *status
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ActionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (action, status) = (self.action.name(), self.status.name());
        if status.is_empty() { f.write_str(action) } else { write!(f, "{action}_{status}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_heat_sends_is_read_and_written_back() {
        let actions = ACTIONS.iter().map(Action::name).chain(["MIGRATE"]);
        for action in actions {
            for status in STATUSES.iter().map(Status::name).chain(["UNKNOWN_YET"]) {
                let text = format!("{action}_{status}");
                let read = ActionStatus::parse(&text);
                assert_eq!(read.to_string(), text);
                assert_eq!(read.is_failed(), status == "FAILED", "{text}");
                assert_eq!(read.in_progress(), status == "IN_PROGRESS", "{text}");
                assert_eq!(read.exists(), action != "INIT" && text != "DELETE_COMPLETE", "{text}");
            }
        }
        for text in ["", "CREATE", "_", "_COMPLETE", "CREATE_", "complete"] {
            assert_eq!(ActionStatus::parse(text).to_string(), text);
        }
    }
}
