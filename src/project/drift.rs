//! What has changed outside of DISCO, and what apply takes into the state of it.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::nodes::no_such_cluster;
use super::planned::Planned;
use super::{Operation, Project};
use crate::apply::{Interrupt, NoObserver};
use crate::plan::{Drift, DriftKind, Observation, Plan, StepAction};
use crate::state::State;

impl Project {
    /// Asks the cloud for everything and compares it with the state. Returns the state's serial, and what has changed outside of
    /// DISCO.
    ///
    /// # Errors
    /// Another operation is under way; a cloud that does not answer; a cluster that does not exist.
    pub async fn look_for_drift(&self, clusters: &[String]) -> Result<(u64, Vec<Drift>), Failure> {
        let session = self.open(Operation::Drift).await?;
        let planned = Box::pin(session.plan(false, Interrupt::never(), &mut NoObserver)).await;
        let found = planned.and_then(|planned| Ok((planned.plan.base.serial, planned.drift(clusters)?)));
        session.close();
        found
    }
}

impl Planned {
    /// What has changed of some clusters, or of all where none is named.
    ///
    /// # Errors
    /// A cluster that neither the definition nor the state knows.
    pub fn drift(&self, clusters: &[String]) -> Result<Vec<Drift>, Failure> {
        let known: BTreeSet<&str> =
            self.state.clusters.keys().chain(self.plan.clusters.keys()).map(String::as_str).collect();
        let asked: Vec<String> = clusters.iter().map(|name| self.state.name_of(name)).collect();
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
        if let Some(name) = asked.difference(&known).next() {
            return Err(no_such_cluster(name, known.iter().copied()));
        }
        let drift = self.plan.drift.iter().filter(|one| asked.is_empty() || asked.contains(one.address.cluster()));
        Ok(drift.cloned().collect())
    }
}

/// Takes into the state what somebody else changed and what no step changes back, because it is as the definition wants
/// it. Returns whether that is anything.
pub(super) fn take_over(state: &mut State, plan: &Plan, seen: &Observation) -> bool {
    let updates = plan.steps.iter().filter(|step| !matches!(step.action, StepAction::Restore(_)));
    let touched: BTreeSet<&str> = updates.map(|step| step.stack.as_str()).collect();
    let mut taken: BTreeSet<(&str, &str)> = BTreeSet::new();
    for one in plan.drift.iter().filter(|one| matches!(one.kind, DriftKind::Added | DriftKind::Changed)) {
        let cluster = one.address.cluster();
        if !touched.contains(one.stack.as_str()) && plan.clusters.contains_key(cluster) {
            taken.insert((cluster, &one.stack));
        }
    }
    let mut changed = false;
    // Of what has failed, somebody else may have made something that is well.
    for (name, stack) in state.clusters.values_mut().flat_map(|cluster| &mut cluster.stacks) {
        changed |= seen.stacks.get(name).is_some_and(|seen| stack.note_end(seen));
    }
    for (cluster, stack) in taken {
        let Some(now) = seen.stacks.get(stack) else { continue };
        let known = state.clusters.entry(cluster.to_owned()).or_default().stacks.entry(stack.to_owned()).or_default();
        let before = known.clone();
        known.record_observed(cluster, now);
        changed |= *known != before;
    }
    changed
}
