//! Clusters that go.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparison;
use super::frameworks::known_frameworks;
use super::guard;
use super::known::KnownStack;
use super::make::{delete_step, was_made};
use super::object::{merged, objects};
use super::order::Order;
use super::output;
use super::{Change, ChangeKind, Plan, PlanBase, ServiceChanges, Step, Wanted};
use crate::model::{Address, cluster_of, is_base_stack};
use crate::source::Diagnostics;
use crate::state::{ClusterState, Observation, StackState, State};
use crate::template::Template;

/// What has to happen so that nothing is left of any cluster. The stored data that goes with them is named, and not
/// refused: whoever says `destroy` accepts that.
pub fn destroy(state: &State, observation: &Observation) -> Plan {
    let mut plan = Plan {
        base: PlanBase {
            lineage: state.lineage.clone(),
            serial: state.serial,
            definition_digest: String::new(),
            workspace: state.workspace.clone(),
        },
        state_changes: Vec::new(),
        changes: Vec::new(),
        steps: Vec::new(),
        after: BTreeMap::new(),
        unfinished: BTreeSet::new(),
        clusters: BTreeMap::new(),
        in_progress: Vec::new(),
        drift: Vec::new(),
        suspended: BTreeSet::new(),
        scope: super::Scope::default(),
        outputs: Vec::new(),
        causes: BTreeMap::new(),
        diagnostics: Diagnostics::new(),
        cloud: state.cloud.clone(),
        observed: observation.asked,
    };
    let nothing = Wanted::default();
    let order = Order::of(&nothing, state);
    clusters(&mut plan, &order, &order.leaving, state, observation);
    strays(&mut plan, &BTreeSet::new(), state, observation);
    for change in &mut plan.changes {
        change.reasons.clear();
    }
    // Heat deletes a stack whatever it is at, and ends that: a node that never answers holds nothing up.
    plan.in_progress.clear();
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(plan.diagnostics.iter().filter(|found| found.code != guard::IN_PROGRESS).cloned());
    plan.diagnostics = diagnostics;
    plan.outputs = output::changes(&nothing, state, !plan.steps.is_empty());
    plan.changes.sort_by(|one, other| one.address.cmp(&other.address));
    guard::data_loss(&mut plan, true);
    plan
}

/// Stacks that bear the state's lineage although it does not know of them, because it was changed by hand, and that are
/// not `wanted` either: they go, further stacks before base stacks.
pub(super) fn strays(plan: &mut Plan, wanted: &BTreeSet<&str>, state: &State, observation: &Observation) {
    let known: BTreeSet<&str> = state.stacks().map(|(_, stack, _)| stack).collect();
    let released = |name: &str| state.released.contains_key(cluster_of(name));
    let stray = |name: &&String| {
        let name = name.as_str();
        !known.contains(name) && !wanted.contains(name) && !released(name)
    };
    let names: Vec<&String> = observation
        .stacks
        .iter()
        .filter(|(_, seen)| observation.asked && seen.belongs_to(&state.lineage, None))
        .map(|(name, _)| name)
        .filter(stray)
        .collect();
    for of_base in [false, true] {
        let (mut steps, mut changes) = (Vec::new(), Vec::new());
        for name in names.iter().filter(|name| is_base_stack(name) == of_base) {
            if let Some((step, found)) = stack(plan, cluster_of(name), name, None, None, state, observation) {
                steps.push(Step { stage: plan.next_stage(&step.cluster), ..step });
                changes.extend(found);
            }
        }
        plan.steps.extend(steps);
        plan.changes.extend(merged(changes));
    }
}

/// Clusters that go, each after those that it waits for.
pub(super) fn clusters(plan: &mut Plan, order: &Order<'_>, names: &[&str], state: &State, observation: &Observation) {
    for name in names {
        if let Some(known) = state.clusters.get(*name) {
            plan.comes_after(name, order.waits_for(name));
            cluster(plan, name, known, state, observation);
        }
    }
}

/// All stacks of a cluster: the base stack goes last, the others before it side by side.
fn cluster(plan: &mut Plan, name: &str, known: &ClusterState, state: &State, observation: &Observation) {
    if known.prevent_destroy {
        plan.diagnostics.push(guard::prevented(name));
    }
    let mut changes = Vec::new();
    let mut frameworks = BTreeSet::new();
    let first = plan.next_stage(name);
    let (mut base, mut others) = (None, Vec::new());
    for (stack_name, remembered) in &known.stacks {
        frameworks.extend(frameworks_of(name, stack_name, remembered, observation));
        let fate = stack(plan, name, stack_name, Some(remembered), Some(known), state, observation);
        let Some((step, found)) = fate else { continue };
        changes.extend(found);
        if is_base_stack(stack_name) { base = Some(step) } else { others.push(Step { stage: first, ..step }) }
    }
    let after = first + u32::from(!others.is_empty());
    plan.steps.extend(others);
    plan.steps.extend(base.map(|step| Step { stage: after, ..step }));
    if changes.is_empty() {
        // Nothing of it is left on the cloud, or nothing was ever made: the state still has to forget it.
        changes.push(whole(name, ChangeKind::Forget, "nothing of it is left on the cloud".to_owned()));
    } else {
        changes.extend(frameworks.into_iter().map(|framework| Change {
            address: Address::Framework(name.to_owned(), framework),
            reasons: Vec::new(),
            ..whole(name, ChangeKind::Delete, String::new())
        }));
    }
    plan.changes.extend(merged(changes));
}

/// A change of a cluster as a whole.
fn whole(cluster: &str, kind: ChangeKind, reason: String) -> Change {
    Change {
        address: Address::Cluster(cluster.to_owned()),
        kind,
        reasons: vec![reason],
        services: ServiceChanges::default(),
        rules: Vec::new(),
        protections: Vec::new(),
        resources: Vec::new(),
        lost: Vec::new(),
        drained: false,
        undrained: None,
        origin: None,
    }
}

/// Frameworks that a stack's configurations hold, as far as that is known.
fn frameworks_of(cluster: &str, stack: &str, remembered: &StackState, observation: &Observation) -> Vec<String> {
    let seen = observation.stacks.get(stack).filter(|_| observation.asked);
    let known = KnownStack::of(cluster, Some(remembered), seen, None, observation.asked);
    known.as_ref().and_then(known_frameworks).into_iter().flat_map(BTreeMap::into_keys).collect()
}

/// One stack: the step that deletes it, and what goes with it.
pub(super) fn stack(
    plan: &mut Plan,
    cluster: &str,
    stack: &str,
    remembered: Option<&StackState>,
    known_cluster: Option<&ClusterState>,
    state: &State,
    observation: &Observation,
) -> Option<(Step, Vec<Change>)> {
    let seen = observation.stacks.get(stack).filter(|_| observation.asked);
    if let Some(seen) = seen
        && !seen.belongs_to(&state.lineage, remembered.and_then(|known| known.id.as_deref()))
    {
        // One that we never made and that is not ours is in nobody's way; one that was ours must not be taken for it.
        if was_made(remembered) {
            plan.diagnostics.push(guard::foreign(stack, seen, None));
        }
        return None;
    }
    let known = KnownStack::of(cluster, remembered, seen, None, observation.asked)?;
    if let Some(seen) = seen.filter(|seen| seen.status.in_progress()) {
        plan.in_progress.push(stack.to_owned());
        plan.diagnostics.push(guard::under_way(stack, seen, remembered));
    }
    let nothing = Template::default();
    let comparison = Comparison::of(&state.lineage, stack, Some(&known), &nothing, &|_, _| None);
    let none = BTreeMap::new();
    let storage_groups = known_cluster.map_or(&none, |cluster| &cluster.storage_groups);
    let mut changes = objects(Some(&known), &nothing, comparison, storage_groups);
    for rule in changes.iter_mut().flat_map(|change| &mut change.rules) {
        rule.name_service(&[]);
    }
    if changes.is_empty() {
        changes.push(whole(cluster, ChangeKind::Delete, format!("its stack `{stack}` is empty")));
    }
    let addresses = changes.iter().map(|change| change.address.clone()).collect();
    Some((delete_step(cluster, stack, addresses), changes))
}
