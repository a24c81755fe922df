//! Which clusters wait for which: those that go leave room for the others, and the others need nothing of each other.

use std::collections::BTreeSet;

use super::{ClusterOrder, Plan};

impl Plan {
    /// The first stage that a cluster's further steps may have.
    pub(super) fn next_stage(&self, cluster: &str) -> u32 {
        let before = self.after.get(cluster);
        let waits_for = |other: &str| other == cluster || before.is_some_and(|before| before.contains(other));
        let stages = self.steps.iter().filter(|step| waits_for(&step.cluster)).map(|step| step.stage + 1);
        stages.max().unwrap_or(0)
    }

    /// Clusters that have steps so far come before the named ones.
    pub(super) fn leave_room<'c>(&mut self, others: impl Iterator<Item = &'c String>) {
        let going: BTreeSet<String> = self.steps.iter().map(|step| step.cluster.clone()).collect();
        if going.is_empty() {
            return;
        }
        let waits = |cluster: &'c String| {
            let before = going.iter().filter(|other| *other != cluster).cloned();
            (cluster.clone(), before.collect::<BTreeSet<String>>())
        };
        let order: ClusterOrder = others.map(waits).filter(|(_, before)| !before.is_empty()).collect();
        self.after.extend(order);
    }
}
