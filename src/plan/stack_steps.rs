//! The steps of one stack: first fewer nodes, then more, then a few at a time those whose services stop, then
//! everything else.

use std::collections::{BTreeMap, BTreeSet};

use super::disks::DiskChange;
use super::intermediate::IntermediateTemplate;
use super::known::KnownStack;
use super::object::{brief, is_plumbing};
use super::rolling::Batches;
use super::stages::{AtOnce, StackSteps};
use super::{Change, ChangeKind, Step, StepAction, WantedCluster};
use crate::model::{Address, OnFailure, heat_type, is_base_stack};
use crate::template::Template;

/// How much longer than handing over may take its step has, minutes: the agent gives up first, and takes it back.
const SPARE_MINUTES: u32 = 5;

/// What all steps of one stack have in common.
pub(super) struct Composer<'a> {
    pub(super) cluster: &'a str,
    pub(super) stack: &'a str,
    pub(super) wanted: &'a WantedCluster,
    pub(super) template: &'a Template,
    pub(super) tags: Vec<String>,
}

/// What other stacks of the cluster ask of this one's steps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DependencyContext<'d> {
    /// They need something that this one makes or changes.
    pub(super) needs_this_first: bool,
    /// They get nodes that this one's verification asks for.
    pub(super) gets_nodes: bool,
    /// Nodes come, here or there, whose names the nodes of this one do not know yet.
    pub(super) names_first: bool,
    /// Nodes go, here or there, that this one's verification is to take work and data from: their names, and how long that
    /// may take, minutes.
    pub(super) leaving: Option<(&'d BTreeMap<String, Address>, u32)>,
}

impl Composer<'_> {
    pub(super) fn step(&self, title: String, action: StepAction, addresses: Vec<Address>, rollback: bool) -> Step {
        Step {
            title,
            cluster: self.cluster.to_owned(),
            stack: self.stack.to_owned(),
            action,
            stage: 0,
            batch: None,
            unmounts: false,
            addresses,
            timeout_minutes: self.wanted.timeout_minutes,
            deadline_minutes: None,
            lacks_addresses: false,
            rollback: rollback && self.wanted.on_failure == OnFailure::Rollback,
            heal: Vec::new(),
        }
    }

    pub(super) fn update(&self, title: String, template: Template, addresses: Vec<Address>, rollback: bool) -> Step {
        self.step(title, StepAction::Update(template, self.tags.clone()), addresses, rollback)
    }

    /// The one step that makes a stack.
    pub(super) fn create(&self, template: Template, changes: &[Change]) -> Step {
        let addresses = changes.iter().map(|change| change.address.clone()).collect();
        let title = format!("create {}", self.stack);
        self.step(title, StepAction::Create(template, self.tags.clone()), addresses, true)
    }

    /// The steps that change a stack.
    pub(super) fn steps(
        &self,
        known: &KnownStack<'_>,
        changes: &[Change],
        batches: &Batches,
        disks: &BTreeMap<Address, DiskChange>,
        dependents: DependencyContext<'_>,
    ) -> StackSteps {
        let nodes = |kind| {
            let of_kind = changes.iter().filter(move |change| change.kind == kind);
            of_kind.map(|change| &change.address).filter(|address| matches!(address, Address::Node(..)))
        };
        // A node of which there is only a port, which was made for its address, is still to come.
        let there: BTreeSet<&Address> = known
            .resources
            .values()
            .filter(|resource| resource.heat_type != heat_type::PORT)
            .map(|resource| &resource.address)
            .collect();
        let has_nodes = there.iter().any(|address| matches!(address, Address::Node(..)));
        let removed: BTreeSet<&Address> = nodes(ChangeKind::Delete).collect();
        let added: BTreeSet<&Address> = nodes(ChangeKind::Create).filter(|address| !there.contains(address)).collect();
        // Where the network itself is made anew, nothing is gained by going in small steps.
        let stands = !changes.iter().any(|change| change.kind == ChangeKind::Replace && is_network(&change.address));
        let unmounts = disks.values().any(|disks| !disks.release.is_empty());
        let rolls = batches.len() > 1 || unmounts;
        // Ports alone are no cluster: it is made in one go.
        let begins = !has_nodes && !dependents.needs_this_first && !dependents.gets_nodes;
        let failed = known.seen.is_some_and(|seen| seen.status.is_failed());
        if begins && removed.is_empty() {
            let addresses = changes.iter().map(|change| change.address.clone()).collect();
            let step = self.update(format!("create {}", self.stack), self.template.clone(), addresses, !failed);
            return StackSteps { last: Some(step), ..StackSteps::default() };
        }
        let small_steps = !removed.is_empty()
            || !added.is_empty()
            || rolls
            || dependents.needs_this_first
            || dependents.gets_nodes
            || dependents.names_first
            || dependents.leaving.is_some();
        let intermediate = if stands && small_steps { IntermediateTemplate::begin(known, self.template) } else { None };
        // What an update did not reach comes before other stacks get nodes.
        let continues = failed && dependents.gets_nodes;
        let mut builder = StepBuilder {
            composer: self,
            intermediate,
            steps: StackSteps::default(),
            dependents,
            verbs: Verbs::of(changes),
            open: Vec::new(),
            done: BTreeSet::new(),
            carried: Vec::new(),
        };
        builder.begin(known, batches, disks, rolls || !removed.is_empty() || dependents.leaving.is_some());
        if let Some((leaving, minutes)) = dependents.leaving {
            builder.drain(leaving, minutes);
        }
        if !removed.is_empty() {
            builder.shrink(&removed);
        }
        if dependents.needs_this_first || dependents.gets_nodes {
            let none = Batches::default();
            builder.prepare(changes, continues, if rolls { batches } else { &none });
        }
        let rolls_first = rolls && (dependents.names_first || continues);
        if rolls_first {
            builder.steps.rolls_first = true;
            builder.roll(&batches.others, disks, batches.len());
        }
        if dependents.names_first {
            builder.name(changes, &removed, &added);
        }
        if !added.is_empty() {
            builder.grow(&added);
        }
        if rolls && !rolls_first {
            builder.roll(&batches.others, disks, batches.len());
        }
        let mut steps = builder.end(known, changes, &removed, &added);
        // What is planned from the state alone is not carried out.
        let asked = known.seen.is_some();
        if asked && rolls && steps.mend.is_empty() && steps.batches.is_empty() {
            let why = if stands { AtOnce::NotKnown } else { AtOnce::Network };
            steps.at_once = steps.at_once.or(Some(why));
        }
        steps.last_interrupts = steps.mend.is_empty() && steps.batches.is_empty() && batches.len() > 0;
        steps.changes_mounted_volumes = asked && steps.changes_mounted(known, disks);
        steps
    }
}

/// What is done with the nodes that stay, by node.
pub(super) struct Verbs<'c>(BTreeMap<&'c Address, &'static str>);

impl<'c> Verbs<'c> {
    fn of(changes: &'c [Change]) -> Self {
        let verb = |change: &'c Change| match change.kind {
            ChangeKind::Heal => Some((&change.address, "heal")),
            ChangeKind::Replace => Some((&change.address, "replace")),
            ChangeKind::Rebuild => Some((&change.address, "rebuild")),
            ChangeKind::Resize => Some((&change.address, "resize")),
            _ => None,
        };
        Self(changes.iter().filter_map(verb).collect())
    }

    /// Whether one of these is healed.
    pub(super) fn heal(&self, nodes: &[Address]) -> bool {
        nodes.iter().any(|node| self.0.get(node) == Some(&"heal"))
    }

    /// `heal: slaves[1]; reconfigure: master[0], slaves[0]`
    pub(super) fn titled<'n>(&self, nodes: impl Iterator<Item = &'n Address>) -> String {
        let mut by_verb: Vec<(&str, Vec<&Address>)> = Vec::new();
        for node in nodes {
            let verb = self.0.get(node).copied().unwrap_or("reconfigure");
            match by_verb.iter_mut().find(|(known, _)| *known == verb) {
                Some((_, nodes)) => nodes.push(node),
                None => by_verb.push((verb, vec![node])),
            }
        }
        let titles: Vec<String> =
            by_verb.iter().map(|(verb, nodes)| format!("{verb}: {}", brief(nodes.iter().copied()))).collect();
        titles.join("; ")
    }
}

/// Builds the steps of one stack.
pub(super) struct StepBuilder<'c, 'a> {
    pub(super) composer: &'c Composer<'a>,
    /// `None` where the present template is not wholly known: then everything is one step.
    pub(super) intermediate: Option<IntermediateTemplate<'a>>,
    pub(super) steps: StackSteps,
    pub(super) dependents: DependencyContext<'c>,
    pub(super) verbs: Verbs<'c>,
    /// Titles of what is left to the last step.
    pub(super) open: Vec<String>,
    /// Objects whose step is made.
    pub(super) done: BTreeSet<Address>,
    /// Nodes that change with the first step, whatever that is.
    pub(super) carried: Vec<Address>,
}

impl StepBuilder<'_, '_> {
    /// The template reached, if it can be sent and is not yet all that is wanted.
    fn between(&self) -> Option<Template> {
        if self.has_arrived() { None } else { self.intermediate.as_ref()?.template() }
    }

    /// Whether the template reached is all that is wanted. Who has left may come back from then on: the verification says so
    /// when all have gone.
    pub(super) fn has_arrived(&self) -> bool {
        self.intermediate.as_ref().is_some_and(|intermediate| !intermediate.remains())
            && !self.dependents.gets_nodes
            && self.steps.drain.is_none()
    }

    fn drain(&mut self, leaving: &BTreeMap<String, Address>, minutes: u32) {
        let Some(intermediate) = &mut self.intermediate else { return };
        intermediate.drain(&leaving.keys().cloned().collect());
        if let Some(template) = intermediate.template() {
            let title = format!("drain: {}", brief(leaving.values()));
            let step = self.composer.update(title, template, Vec::new(), false);
            let timeout_minutes = step.timeout_minutes.max(minutes.saturating_add(SPARE_MINUTES));
            self.steps.drain = Some(Step { timeout_minutes, ..step });
        }
    }

    fn shrink(&mut self, removed: &BTreeSet<&Address>) {
        let title = format!("shrink: {}", brief(removed.iter().copied()));
        if let Some(intermediate) = &mut self.intermediate {
            intermediate.leave(removed);
        }
        match self.between() {
            Some(smaller) => {
                let addresses = removed.iter().map(|address| (*address).clone()).collect();
                self.steps.shrink = Some(self.composer.update(title, smaller, addresses, false));
                self.done.extend(removed.iter().map(|address| (*address).clone()));
            }
            None => self.open.push(title),
        }
    }

    /// What nodes share; after a failure everything that is there already, except what comes in batches.
    fn prepare(&mut self, changes: &[Change], everything: bool, batches: &Batches) {
        let rolling: BTreeSet<&Address> = batches.nodes().collect();
        let shared = |address: &Address| match address {
            Address::Node(..) => everything && !rolling.contains(address),
            _ => true,
        };
        let prepared: BTreeSet<&Address> = changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Verify && change.kind != ChangeKind::Delete)
            .map(|change| &change.address)
            .filter(|address| shared(address))
            .collect();
        if prepared.is_empty() {
            return;
        }
        let Some(intermediate) = &mut self.intermediate else { return };
        intermediate.reach(|address| prepared.contains(address));
        let Some(template) = intermediate.template() else { return };
        let brief = brief(prepared.iter().copied());
        let title = match (everything, brief.as_str()) {
            (true, _) => "continue".to_owned(),
            (false, "") => "prepare".to_owned(),
            (false, brief) => format!("prepare: {brief}"),
        };
        let addresses = prepared.iter().map(|address| (*address).clone()).collect();
        self.done.extend(prepared.iter().filter(|address| !is_plumbing(address)).map(|address| (*address).clone()));
        let step = self.composer.update(title, template, addresses, everything);
        self.steps.prepare = Some(self.carry(step));
    }

    /// The nodes that stay and whose batch has not come learn the names of those that come.
    fn name(&mut self, changes: &[Change], removed: &BTreeSet<&Address>, added: &BTreeSet<&Address>) {
        let staying: BTreeSet<&Address> = changes
            .iter()
            .map(|change| &change.address)
            .filter(|address| matches!(address, Address::Node(..)))
            .filter(|address| !removed.contains(address) && !added.contains(address) && !self.done.contains(address))
            .collect();
        let Some(intermediate) = self.intermediate.as_mut().filter(|_| self.open.is_empty()) else { return };
        if staying.is_empty() {
            return;
        }
        intermediate.reach(|address| staying.contains(address));
        let Some(template) = self.between() else { return };
        let title = format!("update host names on {}", brief(staying.iter().copied()));
        let addresses: Vec<Address> = staying.into_iter().cloned().collect();
        self.done.extend(addresses.iter().cloned());
        let step = self.composer.update(title, template, addresses, true);
        self.steps.names = Some(self.carry(step));
    }

    fn grow(&mut self, added: &BTreeSet<&Address>) {
        if added.iter().all(|address| self.done.contains(*address)) {
            return;
        }
        let title = format!("grow: {}", brief(added.iter().copied()));
        if !self.open.is_empty() {
            // What goes first goes in the last step.
            self.open.push(title);
            return;
        }
        if let Some(intermediate) = &mut self.intermediate {
            intermediate.reach(|address| added.contains(address));
        }
        match self.between() {
            Some(larger) => {
                let addresses = added.iter().map(|address| (*address).clone()).collect();
                let step = self.composer.update(title, larger, addresses, true);
                self.steps.grow = Some(self.carry(step));
                self.done.extend(added.iter().map(|address| (*address).clone()));
            }
            None => self.open.push(title),
        }
    }

    fn end(
        mut self,
        known: &KnownStack<'_>,
        changes: &[Change],
        removed: &BTreeSet<&Address>,
        added: &BTreeSet<&Address>,
    ) -> StackSteps {
        let rolled = !self.steps.mend.is_empty() || !self.steps.batches.is_empty();
        // What is open is sent with the last step, as new nodes are that come after batches.
        if rolled && self.has_arrived() && self.open.is_empty() {
            return self.steps;
        }
        let rest: Vec<&Change> = changes.iter().filter(|change| !self.done.contains(&change.address)).collect();
        let only_checks = rest.iter().all(|change| change.kind == ChangeKind::Verify);
        let others: Vec<&Address> = rest
            .iter()
            .filter(|change| change.kind != ChangeKind::Verify && !is_plumbing(&change.address))
            .map(|change| &change.address)
            .filter(|address| !removed.contains(address) && !added.contains(address))
            .collect();
        // Nodes that have gone do not come back by going back, what is broken is not mended by it, and where an update has
        // failed before there is nothing to go back to.
        let heals = rest.iter().any(|change| change.kind == ChangeKind::Heal);
        let failed = known.seen.is_some_and(|seen| seen.status.is_failed());
        let shrinks = removed.iter().any(|address| !self.done.contains(*address));
        let reversible = !shrinks && !heals && !only_checks && !failed;
        if !others.is_empty() {
            self.open.push(self.verbs.titled(others.iter().copied()));
        }
        if self.open.is_empty() {
            let title = match (failed && self.done.is_empty(), only_checks) {
                (true, _) => "continue",
                (false, true) => "verify",
                (false, false) => "update",
            };
            self.open.push(title.to_owned());
        }
        let addresses = rest.iter().map(|change| change.address.clone()).collect();
        let only_shrinks = !removed.is_empty() && self.open.len() == 1 && others.is_empty();
        let title = self.open.join("; ");
        let step = self.composer.update(title, self.composer.template.clone(), addresses, reversible);
        if only_shrinks && !is_base_stack(self.composer.stack) {
            // A further stack that only loses nodes has nothing to wait for.
            self.steps.shrink = Some(step);
        } else {
            self.steps.last = Some(step);
        }
        self.steps
    }
}

fn is_network(address: &Address) -> bool {
    matches!(address, Address::Network(_))
}
