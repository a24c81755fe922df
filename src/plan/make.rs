//! Wanted, known and seen in; a plan out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::compare::Comparison;
use super::disks::Disks;
use super::drain::Drainage;
use super::drawn::Drawn;
use super::frameworks::{framework_changes, wanted_frameworks};
use super::intermediate::unverified;
use super::known::{KnownStack, Unchanged};
use super::object::{is_plumbing, merged, objects};
use super::order::Order;
use super::renewal::renewed;
use super::rolling::{Batches, Takeovers};
use super::stack_steps::{Composer, DependencyContext};
use super::stages::Stages;
use super::suspension::is_suspended;
use super::wording::Wordings;
use super::{
    Change, ChangeKind, Plan, PlanBase, PlanOptions, PlannedCluster, ResourceChange, ServiceChanges, Step, StepAction,
};
use super::{Wanted, WantedCluster, destroy, drift, guard, output, ports, restore, rule};
use crate::graph::ParameterValue;
use crate::model::{Action, Address, is_base_stack};
use crate::source::Diagnostics;
use crate::state::{ClusterState, Observation, ObservedStack, StackState, State, stack_tags};
use crate::template::Template;

/// What has to happen so that the clusters are as the definition wants them.
pub fn plan(wanted: &Wanted, state: &State, observation: &Observation, options: &PlanOptions) -> Plan {
    let told = observation;
    let as_told = Unchanged::of(wanted, told);
    let (reworded, wordings) = Wordings::of(told, wanted, &as_told);
    let in_plain_words = matches!(reworded, Cow::Owned(_)).then(|| Unchanged::of(wanted, &reworded));
    let unchanged = in_plain_words.as_ref().unwrap_or(&as_told);
    let observation = reworded.as_ref();
    let mut plan = Plan {
        base: PlanBase {
            lineage: state.lineage.clone(),
            serial: state.serial,
            definition_digest: wanted.definition_digest.clone(),
            workspace: state.workspace.clone(),
        },
        state_changes: Vec::new(),
        changes: Vec::new(),
        steps: Vec::new(),
        after: BTreeMap::new(),
        unfinished: BTreeSet::new(),
        clusters: wanted.clusters.iter().map(|(name, cluster)| (name.clone(), planned(cluster))).collect(),
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
    let order = Order::of(wanted, state);
    destroy::clusters(&mut plan, &order, &order.leaving, state, observation);
    let names = wanted.clusters.values().flat_map(|cluster| cluster.templates.keys().map(String::as_str));
    destroy::strays(&mut plan, &names.collect(), state, observation);
    plan.leave_room(wanted.clusters.keys());
    for name in &order.wanted {
        plan.comes_after(name, order.waits_for(name));
        let (Some(cluster), remembered) = (wanted.clusters.get(*name), state.clusters.get(*name)) else { continue };
        let cluster = renewed(name, cluster, remembered, observation, unchanged);
        let replace = &options.replace;
        Draft { name, wanted: &cluster, remembered, state, observation, unchanged, replace }.into_plan(&mut plan);
    }
    destroy::clusters(&mut plan, &order, &order.last, state, observation);
    plan.outputs = output::changes(wanted, state, !plan.steps.is_empty());
    plan.changes.sort_by(|one, other| one.address.cmp(&other.address));
    guard::suspended(&mut plan, wanted);
    guard::data_loss(&mut plan, options.accept_data_loss);
    guard::smaller_root_disks(&mut plan, wanted, state);
    plan.steps.iter_mut().for_each(|step| wordings.put_back(step));
    plan.drift = drift::drift(&plan, wanted, state, told, (!options.whole_drift).then_some(&as_told));
    plan
}

fn planned(cluster: &WantedCluster) -> PlannedCluster {
    PlannedCluster {
        members: cluster.members.clone(),
        facts: cluster.facts.clone(),
        storage_groups: cluster.storage_groups.clone(),
        frameworks: wanted_frameworks(cluster.templates.values()),
        prevent_destroy: cluster.prevent_destroy,
        refers_to: cluster.refers_to.clone(),
        called: cluster.called.clone(),
    }
}

/// The planning of one wanted cluster.
struct Draft<'a> {
    name: &'a str,
    wanted: &'a WantedCluster,
    remembered: Option<&'a ClusterState>,
    state: &'a State,
    observation: &'a Observation,
    unchanged: &'a Unchanged<'a>,
    replace: &'a BTreeSet<Address>,
}

impl<'a> Draft<'a> {
    fn into_plan(self, plan: &mut Plan) {
        let (mut drawn, sound) = self.draw(plan);
        let mut stages = Stages::default();
        let mut gone = Vec::new();
        for (stack, remembered) in self.remembered.iter().flat_map(|cluster| &cluster.stacks) {
            if !self.wanted.templates.contains_key(stack) {
                let fate = destroy::stack(
                    plan,
                    self.name,
                    stack,
                    Some(remembered),
                    self.remembered,
                    self.state,
                    self.observation,
                );
                if let Some((step, changes)) = fate {
                    stages.delete.push(step);
                    gone.extend(changes);
                }
            }
        }
        let mut put_back = Vec::new();
        for drawn in &drawn {
            let Some(known) = &drawn.known else { continue };
            let restores = restore::restores(known, drawn.template, &drawn.changes);
            if !restores.is_empty() {
                put_back.extend(restore::changes(&restores, drawn.template, known));
                let (late, early) = restore::late(restores, &drawn.changes);
                for (stage, restores) in [(&mut stages.restore, early), (&mut stages.reconnect, late)] {
                    if !restores.is_empty() {
                        stage.push(restore::step(&self.composer(drawn, &drawn.in_its_order()), restores));
                    }
                }
            }
        }
        let base = drawn.iter().find(|drawn| drawn.is_base()).and_then(|base| base.known.as_ref());
        let drainage = Drainage::of(self.name, base, &self.wanted.members, self.observation.asked);
        let leavers = || drawn.iter().flat_map(|drawn| &drawn.changes).chain(&gone);
        let leaving = drainage.leaving(leavers());
        let leaving = (!leaving.is_empty()).then_some((&leaving, drainage.minutes()));
        let stacks = || drawn.iter().map(|drawn| (drawn.template, drawn.known.as_ref()));
        let mut changes = framework_changes(self.name, self.wanted.origin, stacks);
        self.compose(plan, &drawn, &changes, leaving, &mut stages);
        let base = drawn.iter().find(|drawn| drawn.is_base());
        if let Some(base) = base.filter(|_| stages.restore.iter().any(restore::starts)) {
            restore::verify_again(base.known.as_ref(), &self.composer(base, &base.in_its_order()), &mut stages);
        }
        if stages.base.drain.is_some() {
            drawn
                .iter_mut()
                .flat_map(|drawn| &mut drawn.changes)
                .chain(&mut gone)
                .for_each(|change| drainage.spare(change));
        }
        drawn
            .iter_mut()
            .flat_map(|drawn| &mut drawn.changes)
            .chain(&mut gone)
            .for_each(|change| drainage.explain(change));
        self.ports_first(plan, &drawn, &mut stages);
        let vanished: Vec<_> = drawn.iter().flat_map(Drawn::vanished).collect();
        changes.extend(put_back);
        changes.extend(drawn.into_iter().flat_map(|drawn| drawn.changes));
        changes.extend(gone);
        let lifted = self.remembered.filter(|known| known.prevent_destroy != self.wanted.prevent_destroy);
        // A new cluster has its protection from the start; that is no change of its own.
        if let Some(known) = lifted.filter(|known| !known.stacks.is_empty()) {
            let reason = format!("prevent_destroy: {} → {}", known.prevent_destroy, self.wanted.prevent_destroy);
            changes.push(self.cluster_change(ChangeKind::Update, reason));
        }
        plan.changes.extend(merged(changes));
        if sound {
            let first = plan.next_stage(self.name);
            stages.append_to(&mut plan.steps, first);
            // Heat is told of what it does not know to be gone before the first step that is about it.
            for (stack, name, address) in vanished {
                let about = |step: &&mut Step| step.stack == stack && step.addresses.contains(&address);
                if let Some(step) = plan.steps.iter_mut().find(about) {
                    step.heal.push(name);
                    // What is broken is not mended by going back.
                    step.rollback = false;
                }
            }
        }
    }

    fn cluster_change(&self, kind: ChangeKind, reason: String) -> Change {
        Change {
            address: Address::Cluster(self.name.to_owned()),
            kind,
            reasons: vec![reason],
            services: ServiceChanges::default(),
            rules: Vec::new(),
            protections: Vec::new(),
            resources: Vec::new(),
            lost: Vec::new(),
            drained: false,
            undrained: None,
            origin: self.wanted.origin,
        }
    }

    /// Compares every wanted stack with what is there, the base stack first: it bears the cluster's name, and the others
    /// take ids from it. Returns too whether none of them is a stranger's.
    fn draw(&self, plan: &mut Plan) -> (Vec<Drawn<'a>>, bool) {
        let mut stacks: Vec<(&String, &Template)> = self.wanted.templates.iter().collect();
        stacks.sort_by_key(|(stack, _)| !is_base_stack(stack));
        let mut drawn: Vec<Drawn<'a>> = Vec::new();
        let mut anew: BTreeSet<String> = BTreeSet::new();
        let mut sound = true;
        for (stack, template) in stacks {
            let Some(known) = self.known(plan, stack, template) else {
                sound = false;
                continue;
            };
            let id_of = |stack: &str, resource: &str| {
                if anew.contains(resource) { None } else { self.id_of(stack, resource) }
            };
            let comparison = Comparison::of(&self.state.lineage, stack, known.as_ref(), template, &id_of);
            guard::refused_by_heat(&mut plan.diagnostics, &comparison.changes, template);
            if is_base_stack(stack) {
                let is_new = |change: &&ResourceChange| {
                    matches!(change.kind, ChangeKind::Create | ChangeKind::Replace | ChangeKind::Heal)
                };
                anew.extend(comparison.changes.values().filter(is_new).map(|change| change.name.clone()));
            }
            let changes = self.objects(plan, stack, known.as_ref(), template, comparison);
            drawn.push(Drawn { stack, template, known, changes });
        }
        (drawn, sound)
    }

    /// Id of a resource, as far as something stands behind it.
    fn id_of(&self, stack: &str, resource: &str) -> Option<String> {
        match self.observation.stacks.get(stack).filter(|_| self.observation.asked) {
            Some(seen) => seen.resources.get(resource).filter(|seen| seen.exists())?.physical_id.clone(),
            None => self.remembered?.stacks.get(stack)?.resources.get(resource)?.physical_id.clone(),
        }
    }

    /// What is known of a stack: `Some(None)` where it is to be made, `None` where it is a stranger's.
    #[expect(clippy::option_option, reason = "a stranger's stack and none are different things")]
    fn known(&self, plan: &mut Plan, stack: &'a str, template: &'a Template) -> Option<Option<KnownStack<'a>>> {
        let remembered = self.remembered.and_then(|cluster| cluster.stacks.get(stack));
        let seen = self.observation.stacks.get(stack).filter(|_| self.observation.asked);
        let ours = |seen: &ObservedStack| {
            seen.belongs_to(&self.state.lineage, remembered.and_then(|known| known.id.as_deref()))
        };
        if let Some(seen) = seen.filter(|seen| !ours(seen)) {
            plan.diagnostics.push(guard::foreign(stack, seen, self.wanted.origin));
            return None;
        }
        let compared = self.unchanged.compared(stack, template, seen);
        let known = KnownStack::of(self.name, remembered, seen, Some(compared), self.observation.asked);
        let known = known.map(|known| known.replacing(self.replace));
        if let Some(seen) = seen.filter(|seen| seen.status.in_progress()) {
            plan.in_progress.push(stack.to_owned());
            plan.diagnostics.push(guard::under_way(stack, seen, remembered));
        }
        if seen.is_none_or(|seen| seen.status.action != Action::Delete) {
            return Some(known);
        }
        // An interrupted destroy has to end before anything can be made under the same name.
        if known.is_some()
            && seen.is_some_and(|seen| !seen.status.in_progress())
            && let Some((step, changes)) =
                destroy::stack(plan, self.name, stack, remembered, self.remembered, self.state, self.observation)
        {
            let stage = plan.next_stage(self.name);
            plan.steps.push(Step { stage, ..step });
            plan.changes.extend(changes.into_iter().filter(|change| !change.lost.is_empty()));
        }
        Some(None)
    }

    /// The changes of a stack's objects.
    fn objects(
        &self,
        plan: &mut Plan,
        stack: &str,
        known: Option<&KnownStack<'_>>,
        template: &Template,
        comparison: Comparison<'_>,
    ) -> Vec<Change> {
        let mut storage_groups = self.wanted.storage_groups.clone();
        for (group, frameworks) in self.remembered.iter().flat_map(|cluster| &cluster.storage_groups) {
            storage_groups.entry(group.clone()).or_insert_with(|| frameworks.clone());
        }
        let mut changes = objects(known, template, comparison, &storage_groups);
        for change in &mut changes {
            change.rules.iter_mut().for_each(|rule| rule.name_service(&self.wanted.open_ports));
            change.protections = rule::protections(&change.rules, &self.wanted.protections);
        }
        let rules = changes.iter().flat_map(|change| &change.rules);
        plan.diagnostics.extend(rule::exposed(self.name, rules));
        let remembered = self.remembered.and_then(|cluster| cluster.stacks.get(stack));
        let seen = self.observation.stacks.get(stack).filter(|_| self.observation.asked);
        let Some(known) = known else {
            let deleting = seen.is_some_and(|seen| seen.status.action == Action::Delete);
            let gone = !deleting && self.observation.asked && remembered.is_some_and(|known| known.id.is_some());
            if gone {
                plan.diagnostics.push(guard::gone(stack));
                for change in &mut changes {
                    change.reasons.push("deleted outside of DISCO".to_owned());
                }
            }
            return changes;
        };
        if changes.is_empty() && !known.seen.is_some_and(|seen| seen.status.is_failed() || is_suspended(&seen.status)) {
            return changes;
        }
        let disks = Disks::new(known, template).changes(&changes);
        let takeovers = Takeovers::of(&changes, Some(known), template);
        for change in changes.iter_mut().filter(|change| matches!(change.address, Address::Node(..))) {
            if change.kind != ChangeKind::Create && change.kind != ChangeKind::Delete {
                let takeover = takeovers.takeover(change).unwrap_or_default();
                change.reasons.extend(takeover.sentences());
                change.services = takeover.services.clone();
                if let Some(disks) = disks.get(&change.address) {
                    disks.add_to(&mut change.services);
                    change.resources.extend(disks.deployment(change, stack));
                }
            }
        }
        if let Some(seen) = known.seen.filter(|seen| seen.status.is_failed() && !is_suspended(&seen.status)) {
            let silent = changes.iter().all(|change| is_plumbing(&change.address) || change.kind == ChangeKind::Verify);
            if silent {
                let reason = format!("its stack is {}: {}; apply continues", seen.status, seen.reason);
                changes.retain(|change| !matches!(change.address, Address::Cluster(_)));
                changes.push(self.cluster_change(ChangeKind::Update, reason));
            }
        }
        if known.seen.is_some_and(|seen| is_suspended(&seen.status)) {
            plan.suspended.insert(self.name.to_owned());
        }
        changes
    }

    fn composer<'d>(&'d self, drawn: &'d Drawn<'a>, template: &'d Template) -> Composer<'d> {
        Composer {
            cluster: self.name,
            stack: drawn.stack,
            wanted: self.wanted,
            template,
            tags: stack_tags(&self.state.lineage),
        }
    }

    /// Ports of nodes that have no address yet.
    fn ports_first(&self, plan: &mut Plan, drawn: &[Drawn<'a>], stages: &mut Stages) {
        stages.lacks_addresses = self.wanted.provisional || self.wanted.members.lack_addresses();
        for drawn in drawn.iter().filter(|_| stages.lacks_addresses) {
            let template = drawn.in_its_order();
            let step = ports::step(&self.composer(drawn, &template), drawn.known.as_ref());
            let step = step.unwrap_or_else(|refusal| {
                plan.diagnostics.push(refusal);
                None
            });
            if drawn.is_base() {
                stages.ports_of_base = step;
            } else {
                stages.ports.extend(step);
            }
        }
    }

    /// The steps of all stacks.
    fn compose(
        &self,
        plan: &mut Plan,
        drawn: &[Drawn<'a>],
        frameworks: &[Change],
        leaving: Option<(&BTreeMap<String, Address>, u32)>,
        stages: &mut Stages,
    ) {
        let gets_nodes = drawn.iter().any(|drawn| !drawn.is_base() && drawn.grows());
        let comes = gets_nodes || drawn.iter().any(Drawn::grows);
        let base = drawn.iter().find(|drawn| drawn.is_base());
        // Something of the base stack that others are told of is not there yet, or not as it shall be.
        let changing: BTreeSet<&str> = base
            .iter()
            .flat_map(|base| &base.changes)
            .flat_map(|change| &change.resources)
            .filter(|change| !matches!(change.kind, ChangeKind::NoChange | ChangeKind::Delete))
            .map(|change| change.name.as_str())
            .collect();
        let others = || drawn.iter().filter(|drawn| !drawn.is_base());
        let told = others().flat_map(|drawn| drawn.template.parameters.values());
        let needs_this_first = told.into_iter().any(|parameter| match &parameter.value {
            ParameterValue::IdOf { resource, .. } | ParameterValue::SecretOf { resource, .. } => {
                changing.contains(resource.as_str())
            }
            ParameterValue::Given(_) | ParameterValue::Kept => false,
        });
        for drawn in drawn {
            let is_base = drawn.is_base();
            let mut changes = drawn.changes.clone();
            if is_base {
                changes.extend(frameworks.iter().cloned());
            }
            if drawn.known.is_some() && changes.is_empty() && drawn.failed().is_none() {
                continue;
            }
            let in_order = drawn.in_its_order();
            let composer = self.composer(drawn, &in_order);
            let Some(known) = &drawn.known else {
                let waits = is_base && gets_nodes;
                let template = if waits { unverified(drawn.template) } else { drawn.template.clone() };
                let step = composer.create(template, &changes);
                if is_base {
                    stages.create_base = Some(step);
                } else {
                    stages.create.push(step);
                }
                if waits {
                    stages.verify =
                        Some(composer.update("verify".to_owned(), drawn.template.clone(), Vec::new(), false));
                }
                continue;
            };
            let takeovers = Takeovers::of(&changes, Some(known), drawn.template);
            let names_first = comes && takeovers.bring_names();
            let dependents = if is_base {
                DependencyContext { needs_this_first, gets_nodes, names_first, leaving }
            } else {
                DependencyContext { names_first, ..DependencyContext::default() }
            };
            let disks = Disks::new(known, drawn.template).changes(&changes);
            let batches = Batches::of(known, &changes, &takeovers, &disks, &self.wanted.batch_sizes);
            let steps = composer.steps(known, &changes, &batches, &disks, dependents);
            if steps.changes_mounted_volumes {
                plan.diagnostics.push(guard::mounted_volumes(drawn.stack, steps.at_once, self.wanted.origin));
            } else if let Some(why) = steps.at_once {
                plan.diagnostics.push(guard::not_in_batches(drawn.stack, why, self.wanted.origin));
            }
            if is_base {
                stages.base = steps;
            } else {
                stages.others.push(steps);
            }
        }
    }
}

/// A deletion as a step.
pub(super) fn delete_step(cluster: &str, stack: &str, addresses: Vec<Address>) -> Step {
    Step {
        title: format!("delete {stack}"),
        cluster: cluster.to_owned(),
        stack: stack.to_owned(),
        action: StepAction::Delete,
        addresses,
        timeout_minutes: 60,
        rollback: false,
        stage: 0,
        batch: None,
        unmounts: false,
        deadline_minutes: None,
        lacks_addresses: false,
        heal: Vec::new(),
    }
}

/// What is remembered of a stack, if anything.
pub(super) fn was_made(remembered: Option<&StackState>) -> bool {
    remembered.is_some_and(|stack| stack.id.is_some() || !stack.resources.is_empty())
}
