//! What a definition refers to and the cloud no longer shows, because it was deleted, disabled or is not for this project any
//! more. Clusters that stand have it all the same: as long as nothing of it is needed that is only a warning.

use super::compile::Made;
use crate::model::{Address, CloudFacts, Found, Identified, Offered};
use crate::plan::{ChangeKind, Plan};
use crate::source::{Diagnostic, Diagnostics, Severity, Span};
use crate::state::State;

/// Something that a cluster has and that new nodes could not have.
#[derive(Debug)]
pub(super) struct Doubt {
    cluster: String,
    /// The group that refers to it; all of them where none is named.
    group: Option<String>,
    /// What is said where a new node needs it.
    error: Diagnostic,
}

/// Adds to the facts what clusters refer to that stand, as it was when the cloud showed it. Returns whether that is
/// anything.
pub(super) fn remember(facts: &mut CloudFacts, state: &State) -> bool {
    let mut any = false;
    for known in state.clusters.values().map(|cluster| &cluster.facts) {
        any |= add(&mut facts.flavors, &known.flavors);
        any |= add(&mut facts.images, &known.images);
        any |= add(&mut facts.external_networks, &known.external_networks);
    }
    any
}

/// Adds what is known by words that mean nothing now.
fn add<T: Identified + Clone + PartialEq>(offered: &mut Offered<T>, known: &Offered<T>) -> bool {
    let missing: Vec<(&str, &T)> = known.iter().filter(|(word, _)| offered.find(word) == Found::Nothing).collect();
    for (word, thing) in &missing {
        offered.add(*word, (*thing).clone());
    }
    !missing.is_empty()
}

impl Doubt {
    /// One of a cluster, or of a group of it.
    pub(super) fn new(cluster: &str, group: Option<&str>, error: Diagnostic) -> Self {
        Self { cluster: cluster.to_owned(), group: group.map(str::to_owned), error }
    }

    /// The mistakes of a definition that are none any more, now that the facts have what is remembered.
    pub(super) fn of(made: &Made, before: &Diagnostics, after: &Diagnostics) -> Vec<Self> {
        let gone = before.iter().filter(|found| !after.iter().any(|left| left == *found)).cloned();
        gone.filter_map(|error| {
            let place = error.span()?;
            let (cluster, group) = whose(made, place)?;
            Some(Self::new(&cluster, group.as_deref(), error))
        })
        .collect()
    }

    /// Whether a plan makes something that needs it.
    fn is_needed(&self, plan: &Plan) -> bool {
        let also = match self.error.code {
            "disco::unknown_flavor" => Some(ChangeKind::Resize),
            "disco::unknown_image" => Some(ChangeKind::Rebuild),
            _ => None,
        };
        plan.changes.iter().any(|change| {
            let theirs = match &change.address {
                Address::Node(cluster, group, _) => {
                    *cluster == self.cluster && self.group.as_ref().is_none_or(|own| own == group)
                }
                _ => false,
            };
            let makes = matches!(change.kind, ChangeKind::Create | ChangeKind::Replace | ChangeKind::Heal);
            theirs && (makes || Some(change.kind) == also)
        })
    }
}

/// Says of each doubt what it comes to: a mistake where the plan needs it, else a warning.
pub(super) fn settle(plan: &mut Plan, doubts: Vec<Doubt>) {
    for doubt in doubts {
        let found = if doubt.is_needed(plan) {
            doubt.error
        } else {
            let Doubt { cluster, error, .. } = doubt;
            let help = format!(
                "cluster `{cluster}` keeps what it has; before nodes of it are created or replaced, name something that exists"
            );
            Diagnostic { severity: Severity::Warning, help: Some(help), ..error }
        };
        plan.diagnostics.push(found);
    }
}

/// The cluster, and the group, whose word stands at a place.
fn whose(made: &Made, place: Span) -> Option<(String, Option<String>)> {
    made.spec().clusters.values().find_map(|cluster| {
        let mut groups = cluster.groups.iter().filter(|group| {
            let words = [&group.flavor, &group.image];
            words.iter().any(|word| word.origin.unwrap_or(group.origin) == place)
        });
        if let Some(group) = groups.next() {
            // What several groups take from their cluster is said once.
            let alone = groups.next().is_none();
            return Some((cluster.name.clone(), alone.then(|| group.name.clone())));
        }
        let external = cluster.network.external_network()?;
        let at = external.origin.unwrap_or(cluster.network.origin());
        (at == place).then(|| (cluster.name.clone(), None))
    })
}
