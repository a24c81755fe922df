//! The actions of steps, as the node agent knows them.

/// What an action says.
pub(super) struct ActionKind {
    /// Its `kind`.
    pub(super) name: &'static str,
    /// Fields that it must have.
    pub(super) required: &'static [&'static str],
    /// Fields that it may have.
    pub(super) optional: &'static [&'static str],
    /// Whether it waits for members.
    pub(super) counts_members: bool,
}

/// The actions that the node agent knows.
pub(super) const KINDS: [ActionKind; 6] = [
    ActionKind {
        name: "command",
        required: &["commands"],
        optional: &["user", "environment", "unless_exists", "retry", "once"],
        counts_members: false,
    },
    // As a command, whose output is told: it shows whether the cluster works.
    ActionKind {
        name: "job",
        required: &["commands"],
        optional: &["user", "environment", "unless_exists", "retry", "once", "expect"],
        counts_members: false,
    },
    ActionKind { name: "http", required: &["requests"], optional: &["retry"], counts_members: false },
    ActionKind {
        name: "members",
        required: &["url", "path", "names"],
        optional: &["title", "where", "state", "why"],
        counts_members: true,
    },
    ActionKind { name: "answer", required: &["url", "path", "equals"], optional: &["title"], counts_members: false },
    ActionKind {
        name: "decommission",
        required: &["file", "commands", "url", "path", "names", "state"],
        optional: &["title", "user", "environment", "done", "minimum", "keep"],
        counts_members: true,
    },
];
