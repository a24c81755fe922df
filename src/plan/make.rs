//! Wanted, known and seen in; a plan out.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{CONFIG, Comparison};
use super::compose::{Composer, is_plumbing};
use super::configuration::frameworks;
use super::known::{KnownStack, KnownValue};
use super::object::objects;
use super::{Change, ChangeKind, Plan, PlanBase, PlanOptions, PlannedCluster, Step, StepAction, Wanted, WantedCluster};
use super::{destroy, guard, output};
use crate::model::Address;
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{ClusterState, Observation, ObservedStack, StackState, State, stack_tags};
use crate::template::Template;

/// What has to happen so that the clusters are as the definition wants them.
pub fn plan(wanted: &Wanted, state: &State, observation: &Observation, options: &PlanOptions) -> Plan {
    let mut plan = Plan {
        base: PlanBase {
            lineage: state.lineage.clone(),
            serial: state.serial,
            definition_digest: wanted.definition_digest.clone(),
        },
        changes: Vec::new(),
        steps: Vec::new(),
        clusters: wanted.clusters.iter().map(|(name, cluster)| (name.clone(), planned(cluster))).collect(),
        in_progress: Vec::new(),
        outputs: Vec::new(),
        diagnostics: Diagnostics::new(),
        observed: observation.asked,
    };
    for (name, known) in &state.clusters {
        if !wanted.clusters.contains_key(name) {
            destroy::cluster(&mut plan, name, known, state, observation);
        }
    }
    for (name, cluster) in &wanted.clusters {
        Draft { name, wanted: cluster, remembered: state.clusters.get(name), state, observation }.into_plan(&mut plan);
    }
    plan.outputs = output::changes(wanted, state, !plan.steps.is_empty());
    for (stage, step) in (0..).zip(&mut plan.steps) {
        step.stage = stage;
    }
    plan.changes.sort_by(|one, other| one.address.cmp(&other.address));
    guard::data_loss(&mut plan, options);
    plan
}

fn planned(cluster: &WantedCluster) -> PlannedCluster {
    PlannedCluster {
        members: cluster.members.clone(),
        facts: cluster.facts.clone(),
        storage_groups: cluster.storage_groups.clone(),
        prevent_destroy: cluster.prevent_destroy,
    }
}

/// The planning of one wanted cluster.
struct Draft<'a> {
    name: &'a str,
    wanted: &'a WantedCluster,
    remembered: Option<&'a ClusterState>,
    state: &'a State,
    observation: &'a Observation,
}

impl Draft<'_> {
    fn into_plan(self, plan: &mut Plan) {
        let mut changes: Vec<Change> = Vec::new();
        // The base stack bears the cluster's name and comes first: the others take ids from it.
        let mut stacks: Vec<(&String, &Template)> = self.wanted.templates.iter().collect();
        stacks.sort_by_key(|(stack, _)| stack.as_str() != self.name);
        for (stack, template) in stacks {
            self.stack(plan, &mut changes, stack, template);
        }
        for (stack, remembered) in self.remembered.iter().flat_map(|cluster| &cluster.stacks) {
            if !self.wanted.templates.contains_key(stack) {
                destroy::stack(plan, self.name, stack, Some(remembered), self.remembered, self.state, self.observation);
            }
        }
        let lifted = self.remembered.filter(|known| known.prevent_destroy != self.wanted.prevent_destroy);
        // A new cluster has its protection from the start; that is no change of its own.
        if let Some(known) = lifted.filter(|known| !known.stacks.is_empty()) {
            let reason = format!("prevent_destroy: {} → {}", known.prevent_destroy, self.wanted.prevent_destroy);
            changes.push(self.cluster_change(ChangeKind::Update, reason));
        }
        plan.changes.extend(changes);
    }

    fn cluster_change(&self, kind: ChangeKind, reason: String) -> Change {
        Change {
            address: Address::Cluster(self.name.to_owned()),
            kind,
            reasons: vec![reason],
            resources: Vec::new(),
            data_loss: false,
            origin: self.wanted.origin,
        }
    }

    fn stack(&self, plan: &mut Plan, changes: &mut Vec<Change>, stack: &str, template: &Template) {
        let remembered = self.remembered.and_then(|cluster| cluster.stacks.get(stack));
        let seen = self.observation.stacks.get(stack).filter(|_| self.observation.asked);
        let ours = |seen: &ObservedStack| {
            seen.belongs_to(&self.state.lineage, remembered.and_then(|known| known.id.as_deref()))
        };
        if let Some(seen) = seen.filter(|seen| !ours(seen)) {
            plan.diagnostics.push(guard::foreign(stack, seen, self.wanted.origin));
            return;
        }
        let asked = self.observation.asked;
        let mut known = KnownStack::of(self.name, remembered, seen, Some(template), asked);
        let composer = Composer {
            cluster: self.name,
            stack,
            wanted: self.wanted,
            template,
            tags: stack_tags(&self.state.lineage),
        };
        let deleting = seen.is_some_and(|seen| seen.action == "DELETE");
        if let Some(seen) = seen.filter(|seen| seen.in_progress()) {
            plan.in_progress.push(stack.to_owned());
            plan.diagnostics.push(guard::in_progress(stack, seen));
        }
        if deleting {
            // An interrupted destroy has to end before anything can be made under the same name.
            if known.is_some() && seen.is_some_and(|seen| !seen.in_progress()) {
                destroy::stack(plan, self.name, stack, remembered, self.remembered, self.state, self.observation);
                plan.changes.retain(|change| change.address.cluster() != self.name || change.data_loss);
            }
            known = None;
        }
        let mut storage_groups = self.wanted.storage_groups.clone();
        for (group, frameworks) in self.remembered.iter().flat_map(|cluster| &cluster.storage_groups) {
            storage_groups.entry(group.clone()).or_insert_with(|| frameworks.clone());
        }
        let comparison = Comparison::of(&self.state.lineage, stack, known.as_ref(), template);
        guard::refused_by_heat(&mut plan.diagnostics, &comparison.changes, template);
        let mut own = objects(known.as_ref(), template, comparison, &storage_groups);
        own.extend(self.frameworks(known.as_ref(), template));
        let Some(known) = &known else {
            let gone = !deleting && asked && remembered.is_some_and(|known| known.id.is_some());
            if gone {
                plan.diagnostics.push(gone_warning(stack));
                for change in &mut own {
                    change.reasons.push("deleted outside of DISCO".to_owned());
                }
            }
            plan.steps.push(composer.create(&own));
            changes.extend(own);
            return;
        };
        let failed = known.seen.filter(|seen| seen.status == "FAILED");
        if own.is_empty() && failed.is_none() {
            return;
        }
        if let Some(seen) = failed {
            let silent = own.iter().all(|change| is_plumbing(&change.address) || change.kind == ChangeKind::Verify);
            if silent {
                let reason = format!("its stack is {}: {}; apply continues", seen.full_status(), seen.reason);
                own.retain(|change| !matches!(change.address, Address::Cluster(_)));
                own.push(self.cluster_change(ChangeKind::Update, reason));
            }
        }
        if let Some(seen) = known.seen.filter(|seen| seen.action == "SUSPEND") {
            plan.diagnostics.push(guard::suspended(stack, seen, self.wanted.origin));
        }
        plan.steps.extend(composer.update(known, &own));
        changes.extend(own);
    }

    /// Frameworks have no resource of their own: they are what the configurations hold.
    fn frameworks(&self, known: Option<&KnownStack<'_>>, template: &Template) -> Vec<Change> {
        let wanted = template.resources.values().filter(|resource| resource.heat_type == CONFIG);
        let wanted: BTreeMap<String, Option<String>> =
            wanted.filter_map(|resource| resource.properties.get("config")).flat_map(frameworks).collect();
        let change = |name: &str, kind: ChangeKind, reason: Option<String>| Change {
            address: Address::Framework(self.name.to_owned(), name.to_owned()),
            kind,
            reasons: reason.into_iter().collect(),
            resources: Vec::new(),
            data_loss: false,
            origin: self.wanted.origin,
        };
        let version = |version: &Option<String>| version.as_ref().map(|version| format!("version {version}"));
        let Some(known) = known else {
            let made = wanted.iter().map(|(name, number)| change(name, ChangeKind::Create, version(number)));
            return made.collect();
        };
        let Some(before) = known_frameworks(known) else { return Vec::new() };
        let names: BTreeSet<&String> = before.keys().chain(wanted.keys()).collect();
        let changes = names.into_iter().filter_map(|name| match (before.get(name), wanted.get(name)) {
            (None, Some(number)) => Some(change(name, ChangeKind::Create, version(number))),
            (Some(_), None) => Some(change(name, ChangeKind::Delete, None)),
            (Some(old), Some(new)) if old != new => {
                let word = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
                let reason = format!("version: {} → {}", word(old), word(new));
                Some(change(name, ChangeKind::Update, Some(reason)))
            }
            _ => None,
        });
        changes.collect()
    }
}

/// Frameworks of a stack as it is; `None` where its configurations are known only by digest.
pub(super) fn known_frameworks(known: &KnownStack<'_>) -> Option<BTreeMap<String, Option<String>>> {
    let mut found = BTreeMap::new();
    for resource in known.resources.values().filter(|resource| resource.heat_type == CONFIG && resource.exists()) {
        match resource.properties.get("config") {
            Some(KnownValue::Value(config)) => found.extend(frameworks(config)),
            Some(KnownValue::Digest(_)) => return None,
            None => {}
        }
    }
    Some(found)
}

fn gone_warning(stack: &str) -> Diagnostic {
    Diagnostic::warning("disco::stack_gone", format!("stack `{stack}` was deleted outside of DISCO"))
        .help("apply creates it anew; what was stored in it is lost already")
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
        heal: Vec::new(),
    }
}

/// What is remembered of a stack, if anything.
pub(super) fn was_made(remembered: Option<&StackState>) -> bool {
    remembered.is_some_and(|stack| stack.id.is_some() || !stack.resources.is_empty())
}
