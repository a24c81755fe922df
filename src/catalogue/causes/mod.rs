//! Which lines of a definition the values on its nodes come from.

mod cause;
mod search;

use std::collections::BTreeSet;

use super::ClusterContext;
use super::prepare::prepare;
use super::view::Prepared;
use crate::source::Span;
pub use cause::{Cause, CauseKind, Part};
use search::Search;

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
