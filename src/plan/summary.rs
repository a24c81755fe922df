//! How much a plan changes, in the user's objects.

use std::collections::BTreeSet;

use super::object::is_plumbing;
use super::{Change, ChangeKind, Plan, Summary};
use crate::model::Address;

impl Plan {
    /// Nothing to do and nothing to say about it: wanted, known and seen are one.
    pub fn is_empty(&self) -> bool {
        !self.has_changes()
    }

    /// Whether applying it would do anything, be it only to the outputs.
    pub fn has_changes(&self) -> bool {
        !self.changes.is_empty() || !self.steps.is_empty() || !self.outputs.is_empty() || !self.state_changes.is_empty()
    }

    /// Whether the cloud is not, or may not yet be, as the definition wants it.
    pub fn is_open(&self) -> bool {
        self.has_changes() || !self.in_progress.is_empty()
    }

    /// Nodes, networks, frameworks and rules; never Heat's plumbing, unless nothing but plumbing changes. What is made
    /// anew counts as one that goes and one that comes.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.changes)
    }
}

impl Summary {
    /// The same of some changes, all those of a cluster.
    pub fn of<'a>(changes: impl IntoIterator<Item = &'a Change> + Clone) -> Self {
        let mut summary = Self::default();
        let faces: BTreeSet<&str> = changes
            .clone()
            .into_iter()
            .filter(|change| !is_plumbing(&change.address))
            .map(|change| change.address.cluster())
            .collect();
        for change in changes {
            match &change.address {
                Address::Security(_) => {
                    for rule in &change.rules {
                        summary.count(rule.kind);
                    }
                    if change.rules.is_empty() {
                        summary.count(change.kind);
                    }
                }
                address if is_plumbing(address) && faces.contains(address.cluster()) => {}
                Address::Cluster(_) | Address::Group(..) if change.kind != ChangeKind::Update => {}
                _ => summary.count(change.kind),
            }
        }
        summary
    }

    fn count(&mut self, kind: ChangeKind) {
        match kind {
            ChangeKind::Create => self.add += 1,
            ChangeKind::Delete => self.destroy += 1,
            ChangeKind::Replace => {
                self.add += 1;
                self.destroy += 1;
            }
            ChangeKind::Update | ChangeKind::Resize | ChangeKind::Rebuild | ChangeKind::Heal => self.change += 1,
            ChangeKind::NoChange | ChangeKind::Verify | ChangeKind::Forget | ChangeKind::Drain => {}
        }
    }
}
