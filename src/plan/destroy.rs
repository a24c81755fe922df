//! Clusters that go.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparison;
use super::guard;
use super::known::KnownStack;
use super::make::{delete_step, known_frameworks, was_made};
use super::object::objects;
use super::output;
use super::{Change, ChangeKind, Plan, PlanBase, PlanOptions, Wanted};
use crate::model::Address;
use crate::source::Diagnostics;
use crate::state::{ClusterState, Observation, StackState, State};
use crate::template::Template;

/// What has to happen so that nothing is left of any cluster. That stored data goes with them is marked, and no
/// surprise: who destroys a cluster by name has said so already.
pub fn destroy(state: &State, observation: &Observation, _options: &PlanOptions) -> Plan {
    let mut plan = Plan {
        base: PlanBase { lineage: state.lineage.clone(), serial: state.serial, definition_digest: String::new() },
        changes: Vec::new(),
        steps: Vec::new(),
        clusters: BTreeMap::new(),
        in_progress: Vec::new(),
        outputs: Vec::new(),
        diagnostics: Diagnostics::new(),
        observed: observation.asked,
    };
    for (name, known) in &state.clusters {
        cluster(&mut plan, name, known, state, observation);
    }
    // A state that was changed by hand may not know of everything that bears its lineage.
    let known = state.clusters.values().flat_map(|cluster| cluster.stacks.keys());
    let known: BTreeSet<String> = known.chain(plan.steps.iter().map(|step| &step.stack)).cloned().collect();
    for (name, seen) in observation.stacks.iter().filter(|(name, _)| !known.contains(*name)) {
        if seen.belongs_to(&state.lineage, None) {
            stack(&mut plan, name, name, None, None, state, observation);
        }
    }
    for change in &mut plan.changes {
        change.reasons.clear();
    }
    plan.outputs = output::changes(&Wanted::default(), state, !plan.steps.is_empty());
    plan.changes.sort_by(|one, other| one.address.cmp(&other.address));
    plan
}

/// All stacks of a cluster, the base last.
pub(super) fn cluster(plan: &mut Plan, name: &str, known: &ClusterState, state: &State, observation: &Observation) {
    if known.prevent_destroy {
        plan.diagnostics.push(guard::prevented(name));
    }
    // An open creation may have left a stack that was never noted.
    let intended = known.intent.iter().map(|intent| intent.stack.as_str());
    let mut stacks: BTreeSet<&str> = known.stacks.keys().map(String::as_str).chain(intended).collect();
    let base = stacks.take(name);
    let before = plan.changes.len();
    for stack_name in stacks.into_iter().chain(base) {
        stack(plan, name, stack_name, known.stacks.get(stack_name), Some(known), state, observation);
    }
    if plan.changes.len() == before {
        // Nothing of it is left on the cloud, or nothing was ever made: the state still has to forget it.
        plan.changes.push(Change {
            address: Address::Cluster(name.to_owned()),
            kind: ChangeKind::Forget,
            reasons: vec!["nothing of it is left on the cloud".to_owned()],
            resources: Vec::new(),
            data_loss: false,
            origin: None,
        });
    }
}

/// One stack.
pub(super) fn stack(
    plan: &mut Plan,
    cluster: &str,
    stack: &str,
    remembered: Option<&StackState>,
    known_cluster: Option<&ClusterState>,
    state: &State,
    observation: &Observation,
) {
    let seen = observation.stacks.get(stack).filter(|_| observation.asked);
    if let Some(seen) = seen
        && !seen.belongs_to(&state.lineage, remembered.and_then(|known| known.id.as_deref()))
    {
        // One that we never made and that is not ours is in nobody's way; one that was ours must not be taken for it.
        if was_made(remembered) {
            plan.diagnostics.push(guard::foreign(stack, seen, None));
        }
        return;
    }
    let Some(known) = KnownStack::of(cluster, remembered, seen, None, observation.asked) else { return };
    if let Some(seen) = seen.filter(|seen| seen.in_progress()) {
        plan.in_progress.push(stack.to_owned());
        plan.diagnostics.push(guard::in_progress(stack, seen));
    }
    let nothing = Template::default();
    let comparison = Comparison::of(&state.lineage, stack, Some(&known), &nothing);
    let none = BTreeMap::new();
    let storage_groups = known_cluster.map_or(&none, |cluster| &cluster.storage_groups);
    let mut changes = objects(Some(&known), &nothing, comparison, storage_groups);
    for name in known_frameworks(&known).into_iter().flat_map(BTreeMap::into_keys) {
        changes.push(Change {
            address: Address::Framework(cluster.to_owned(), name),
            kind: ChangeKind::Delete,
            reasons: Vec::new(),
            resources: Vec::new(),
            data_loss: false,
            origin: None,
        });
    }
    if changes.is_empty() {
        changes.push(Change {
            address: Address::Cluster(cluster.to_owned()),
            kind: ChangeKind::Delete,
            reasons: vec![format!("its stack `{stack}` is empty")],
            resources: Vec::new(),
            data_loss: false,
            origin: None,
        });
    }
    let addresses = changes.iter().map(|change| change.address.clone()).collect();
    plan.steps.push(delete_step(cluster, stack, addresses));
    plan.changes.extend(changes);
}
