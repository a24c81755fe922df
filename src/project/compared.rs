//! `disco diff`: what a project would change if another one, or an earlier version of it, were what runs. No cloud is asked.

use std::collections::BTreeMap;

use super::Project;
use super::compile::{Made, wrong};
use super::definition::Loaded;
use super::failure::Failure;
use super::handover::hand_over;
use super::offline::remembered;
use super::planned::wanted;
use crate::graph::ParameterValue;
use crate::model::{Action, ActionStatus, CloudFacts, CloudIdentity, Provider, Status};
use crate::plan::{self, Observation, ObservedResource, ObservedStack, Plan, PlanOptions, PlannedCluster, Wanted};
use crate::report::Size;
use crate::source::Diagnostics;
use crate::state::{ClusterState, Found, StackState, State, stack_tags};
use crate::template::{Folded, Template};

/// Two projects beside each other.
pub struct Compared {
    /// What the second asks for beyond the first.
    pub plan: Plan,
    /// Warnings about the second.
    pub warnings: Diagnostics,
    /// What the clusters of the first take.
    pub before: Size,
    /// What those of the second take.
    pub after: Size,
}

/// A project as it is written, compiled without a cloud.
struct Written {
    loaded: Loaded,
    made: Made,
    wanted: Wanted,
    facts: CloudFacts,
    warnings: Diagnostics,
    size: Size,
}

impl Project {
    /// What this project would change if `before` were what runs.
    ///
    /// # Errors
    /// Mistakes in one of them.
    pub fn compare(&self, before: &Self) -> Result<Compared, Failure> {
        // What names of secrets are salted with has to be the same on both sides, and nothing else.
        let workspace = self.workspace_name()?.map(str::to_owned);
        let nothing = State { salt: Some("compare".to_owned()), workspace, ..State::new("compare") };
        let (loaded, found) = before.load()?;
        let first = before.written(loaded, found, &nothing)?;
        let (mut state, seen) = running(&first, nothing);
        let (loaded, found) = self.load()?;
        let (state_changes, _) = hand_over(&loaded.handover, &mut state);
        let second = self.written(loaded, found, &state)?;
        let options = PlanOptions { accept_data_loss: true, ..PlanOptions::default() };
        let mut plan = plan::plan(&second.wanted, &state, &seen, &options);
        plan.state_changes = state_changes;
        self.explain_plan(&mut plan, &second.made, &second.facts);
        let warnings = self.heard(&second.loaded, &mut plan, second.warnings);
        // In which steps it would be done depends on what really runs.
        plan.steps.clear();
        Ok(Compared { plan, warnings, before: first.size, after: second.size })
    }

    /// What the definitions come to where that is the state.
    fn written(&self, loaded: Loaded, mut diagnostics: Diagnostics, state: &State) -> Result<Written, Failure> {
        let facts = self.facts_at_hand(&loaded);
        let known = BTreeMap::new();
        let (made, found) = self.compile_loaded(&loaded, &known, &facts, Some(state));
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let (outputs, found) = self.outputs(&loaded, &made, &made.members(), &known);
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let size = size(&made, &facts);
        let wanted = wanted(&loaded, &made, outputs, state);
        Ok(Written { loaded, made, wanted, facts, warnings: diagnostics, size })
    }

    /// What is known of the cloud without asking it: what a state of the project remembers, where there is one.
    pub(super) fn facts_at_hand(&self, loaded: &Loaded) -> CloudFacts {
        let state = self.store(loaded).ok().and_then(|store| store.at_hand());
        remembered(&loaded.settings.provider, &state.unwrap_or_default())
    }
}

/// What would be remembered of a project, and what would be seen of it, had it been applied.
fn running(first: &Written, nothing: State) -> (State, Observation) {
    let planned = plan::plan(&first.wanted, &nothing, &asked(), &PlanOptions::default());
    let mut state = State {
        cloud: match first.loaded.settings.provider {
            Provider::Local { .. } => Some(CloudIdentity::Embedded),
            Provider::OpenStack { .. } => None,
        },
        ..nothing
    };
    let mut seen = asked();
    for (name, cluster) in &first.wanted.clusters {
        let Some(planned) = planned.clusters.get(name) else { continue };
        let mut known = remember(planned);
        for (stack, template) in &cluster.templates {
            let observed = observed(stack, template, &state);
            let mut record = StackState { id: Some(observed.id.clone()), ..StackState::default() };
            record.record(&state.lineage, template, &parameters(template), &observed.resources);
            known.stacks.insert(stack.clone(), record);
            seen.stacks.insert(stack.clone(), observed);
        }
        state.clusters.insert(name.clone(), known);
    }
    for (name, (value, secret)) in &first.wanted.outputs {
        let value = value.clone().filter(|_| !secret);
        state.outputs.extend(value.map(|value| (name.clone(), crate::state::OutputState::Value(value))));
    }
    (state, seen)
}

fn asked() -> Observation {
    Observation { asked: true, ..Observation::default() }
}

fn remember(planned: &PlannedCluster) -> ClusterState {
    let PlannedCluster { members, facts, storage_groups, frameworks, prevent_destroy, refers_to, called } =
        planned.clone();
    let stacks = BTreeMap::new();
    let floating_ips = BTreeMap::new();
    ClusterState {
        stacks,
        members,
        facts,
        prevent_destroy,
        storage_groups,
        frameworks,
        floating_ips,
        refers_to,
        called,
    }
}

/// A stack of which everything is there.
fn observed(name: &str, template: &Template, state: &State) -> ObservedStack {
    let complete = ActionStatus { action: Action::Create, status: Status::Complete };
    let resources = template.resources.iter().map(|(resource, of)| {
        let seen = ObservedResource {
            heat_type: of.heat_type.clone(),
            physical_id: Some(id(name, resource)),
            status: complete.clone(),
            reason: String::new(),
            found: Found::AsHeatSays,
        };
        (resource.clone(), seen)
    });
    ObservedStack {
        id: id(name, ""),
        status: complete.clone(),
        reason: String::new(),
        tags: stack_tags(&state.lineage),
        template: Some(Folded::of(template)),
        resources: resources.collect(),
        outputs: BTreeMap::new(),
        timeout_minutes: None,
        created: None,
        updated: None,
        parameters: BTreeMap::new(),
        foreign_rules: Vec::new(),
    }
}

/// What stands for a physical id.
fn id(stack: &str, resource: &str) -> String {
    format!("{stack}/{resource}")
}

fn parameters(template: &Template) -> BTreeMap<String, String> {
    let value = |value: &ParameterValue| match value {
        ParameterValue::Given(text) => Some(text.value.clone()),
        ParameterValue::IdOf { stack, resource } => Some(id(stack, resource)),
        ParameterValue::SecretOf { .. } | ParameterValue::Kept => None,
    };
    let parameters = template.parameters.iter();
    parameters.filter_map(|(name, parameter)| Some((name.clone(), value(&parameter.value)?))).collect()
}

fn size(made: &Made, facts: &CloudFacts) -> Size {
    let mut size = Size::default();
    for group in made.spec().clusters.values().flat_map(|cluster| &cluster.groups) {
        let count = u64::from(group.count.value);
        size.nodes += count;
        size.disk_gib += count * group.volumes.iter().map(|volume| volume.size_gib.value).sum::<u64>();
        match facts.flavors.get(&group.flavor.value) {
            Some(flavor) => {
                size.cores += count * u64::from(flavor.vcpus);
                size.memory_mib += count * flavor.memory_mib;
                size.disk_gib += count * flavor.disk_gib;
            }
            None => size.unknown += count,
        }
    }
    size
}
