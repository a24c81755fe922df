//! The actions of steps, as the node agent knows them.

/// What an action says.
pub(super) struct ActionKind {
    /// Its `kind`.
    pub(super) name: &'static str,
    /// Fields that it must have.
    pub(super) required: &'static [&'static str],
    /// Fields that it may have.
    pub(super) optional: &'static [&'static str],
    /// Fields that it must have together, of which there are several ways: one of each is enough.
    pub(super) either: &'static [&'static [&'static [&'static str]]],
    /// Whether it waits for members.
    pub(super) counts_members: bool,
}

impl ActionKind {
    /// What is missing where there are several ways to say something, and none is there as a whole.
    pub(super) fn lacks(&self, has: impl Fn(&str) -> bool) -> Option<String> {
        let whole = |way: &&&[&str]| way.iter().all(|name| has(name));
        let open = self.either.iter().find(|ways| !ways.iter().any(|way| whole(&way)))?;
        let ways = open.iter().map(|way| format!("`{}`", way.join("`, `")));
        Some(ways.collect::<Vec<_>>().join(", and no "))
    }
}

/// The actions that the node agent knows.
pub(super) const KINDS: [ActionKind; 7] = [
    ActionKind {
        name: "command",
        required: &["commands"],
        optional: &[
            "user",
            "environment",
            "unless_exists",
            "unless",
            "active",
            "retry",
            "once",
            "otherwise",
            "exit_statuses",
            "title",
        ],
        either: &[],
        counts_members: false,
    },
    // As a command, whose output is told: it shows whether the cluster works.
    ActionKind {
        name: "job",
        required: &["commands"],
        optional: &["user", "environment", "unless_exists", "unless", "active", "retry", "once", "expect", "title"],
        either: &[],
        counts_members: false,
    },
    ActionKind {
        name: "http",
        required: &["requests"],
        optional: &["retry", "active"],
        either: &[],
        counts_members: false,
    },
    ActionKind {
        name: "members",
        required: &["url", "path", "names"],
        optional: &["title", "where", "state", "why", "expected", "active"],
        either: &[],
        counts_members: true,
    },
    // Members whose names are found in what a command writes.
    ActionKind {
        name: "command_members",
        required: &["command", "pattern"],
        optional: &["title", "user", "environment", "expected"],
        either: &[],
        counts_members: true,
    },
    ActionKind {
        name: "answer",
        required: &["url", "path", "equals"],
        optional: &["title", "active", "lenient"],
        either: &[],
        counts_members: false,
    },
    ActionKind {
        name: "decommission",
        required: &[],
        optional: &[
            "file",
            "commands",
            "each",
            "back",
            "active",
            "url",
            "path",
            "names",
            "state",
            "command",
            "pattern",
            "title",
            "user",
            "environment",
            "done",
            "minimum",
            "advice",
            "keep",
        ],
        either: &[&[&["file", "commands"], &["each"]], &[&["url", "path", "names", "state"], &["command", "pattern"]]],
        counts_members: true,
    },
];
