//! Which lines of a definition the values on its nodes come from.

mod search;

use std::collections::BTreeSet;

use super::ClusterContext;
use super::prepare::prepare;
use super::view::Prepared;
use crate::source::Span;
use search::Search;

/// A line that a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// What the line says.
    pub kind: CauseKind,
    /// Where; nothing where the definition leaves it to a default.
    pub place: Option<Span>,
}

/// What a line of a definition says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseKind {
    /// A key in the `set` of a `config` block.
    Key {
        /// Framework.
        framework: String,
        /// File, as the block calls it.
        file: String,
        /// Key.
        key: String,
    },
    /// All of a file: the `content` of a `config` block.
    Content {
        /// Framework.
        framework: String,
        /// File, as the block calls it.
        file: String,
    },
    /// A setting of a `framework` block.
    Setting {
        /// Framework.
        framework: String,
        /// Setting.
        name: String,
    },
    /// The flavor of a group.
    Flavor {
        /// Group.
        group: String,
    },
    /// The image of a group.
    Image {
        /// Group.
        group: String,
    },
    /// A volume of a group.
    Volume {
        /// Group.
        group: String,
        /// Volume.
        name: String,
    },
    /// How many nodes a group has.
    Count {
        /// Group.
        group: String,
    },
    /// A group as such: that it is there, and whether it stores data.
    Group {
        /// Group.
        group: String,
    },
    /// The version of a framework.
    Version {
        /// Framework.
        framework: String,
    },
    /// That a framework is there.
    Framework {
        /// Framework.
        framework: String,
    },
}

/// A part of what a group's nodes get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// A key of a file; the file by its name or its path.
    Key(&'a str, &'a str),
    /// A file, by its name or its path: what its text is made of, beside and with its keys.
    File(&'a str),
    /// A service, by its unit's name, with or without `.service`.
    Unit(&'a str),
    /// A folder, by its path.
    Directory(&'a str),
    /// The archive of a framework.
    Archive(&'a str),
    /// A setting of a framework.
    Setting(&'a str, &'a str),
}

/// The settings that a definition gives and from which the memory of a framework's services on a group comes.
pub(super) fn memory_settings(all: &[Prepared<'_>], framework: &str, group: &str) -> Vec<(String, Span)> {
    let mut search = Search::new(all);
    for (context, views) in all.iter().filter(|(context, _)| context.chosen.framework.name == framework) {
        for view in views.iter().filter(|view| view.group.name == group) {
            search.memory(context, view);
        }
    }
    let given = search.found.into_iter().filter_map(|cause| match (cause.kind, cause.place) {
        (CauseKind::Setting { name, .. }, Some(place)) => Some((name, place)),
        _ => None,
    });
    given.collect()
}

/// The frameworks of a cluster, ready to be asked where what they write comes from. Making it costs about as much as
/// configuring the cluster, so it is made where something differs.
pub struct Causes<'a> {
    prepared: Vec<Prepared<'a>>,
}

impl<'a> Causes<'a> {
    /// Of one cluster.
    pub fn new(of: ClusterContext<'a>) -> Self {
        Self { prepared: prepare(of).0 }
    }

    /// The lines that a part of a group's nodes comes from, the nearest first: the line that gives it, or those that
    /// its formula leads to, each once. Empty where nothing in the definition has a say.
    pub fn of(&self, group: &str, part: Part<'_>) -> Vec<Cause> {
        let mut found = Vec::new();
        for (context, views) in &self.prepared {
            for view in views.iter().filter(|view| view.group.name == group) {
                let mut search = Search::new(&self.prepared);
                search.part(context, view, part);
                view.scope.take_diagnostics();
                found.extend(search.found);
            }
        }
        let mut seen = BTreeSet::new();
        found.retain(|cause: &Cause| seen.insert(cause.clone()));
        found
    }
}
