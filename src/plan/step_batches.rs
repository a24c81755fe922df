//! The steps of one stack that change nodes whose services stop for a while, and before all others those whose configuration
//! failed.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use super::disks::DiskChange;
use super::intermediate::IntermediateTemplate;
use super::known::KnownStack;
use super::object::brief;
use super::rolling::{Batch, Batches};
use super::stack_steps::StepBuilder;
use super::stages::AtOnce;
use crate::model::Address;

/// How long the nodes of a batch may take to answer, minutes: a node restarts in less, and a package is fetched.
const BATCH_MINUTES: u32 = 20;

impl StepBuilder<'_, '_> {
    /// Nodes whose configuration failed: those that are mended change first, in a step of their own where `alone`, else
    /// with the first step; the others are left out until their turn.
    pub(super) fn begin(
        &mut self,
        known: &KnownStack<'_>,
        batches: &Batches,
        disks: &BTreeMap<Address, DiskChange>,
        alone: bool,
    ) {
        let Some(intermediate) = &mut self.intermediate else { return };
        let mended: BTreeSet<&Address> = batches.failed.iter().collect();
        let unmounts = |address: &Address| disks.get(address).is_some_and(|disks| !disks.release.is_empty());
        let stays =
            |address: &Address| self.composer.template.resources.values().any(|resource| resource.address == *address);
        let changes = |address: &Address| batches.nodes().any(|node| node == address) || !stays(address);
        let mut waiting = known.failed_nodes();
        waiting.retain(|address| !mended.contains(address) && !unmounts(address) && changes(address));
        if !waiting.is_empty() {
            intermediate.leave_out(&waiting);
        }
        if mended.is_empty() {
            return;
        }
        // What does not wait for its volumes to be unmounted comes with whatever is sent first.
        if !alone || mended.iter().any(|address| unmounts(address)) {
            let first: Vec<Address> = batches.failed.iter().filter(|node| !alone || !unmounts(node)).cloned().collect();
            intermediate.reach(|address| first.contains(address));
            self.carried = first;
        }
        if !alone {
            return;
        }
        if let Some(steps) = self.batch(&batches.failed, 1, batches.len(), disks) {
            self.steps.mend = steps;
            self.done.extend(batches.failed.iter().cloned());
        }
    }

    /// A step that also changes the nodes that change with the first one.
    pub(super) fn carry(&mut self, step: Step) -> Step {
        let nodes: Vec<Address> = std::mem::take(&mut self.carried);
        let nodes: Vec<Address> = nodes.into_iter().filter(|node| !step.addresses.contains(node)).collect();
        if nodes.is_empty() {
            return step;
        }
        let title = format!("{}; {}", step.title, self.verbs.titled(nodes.iter()));
        self.done.extend(nodes.iter().cloned());
        let addresses = step.addresses.into_iter().chain(nodes).collect();
        Step { title, addresses, ..step }
    }

    /// Batch by batch, `of` so many with those before. The last one is left to the last step where nothing else is.
    pub(super) fn roll(&mut self, batches: &[Batch], disks: &BTreeMap<Address, DiskChange>, of: usize) {
        if self.intermediate.is_none() || !self.open.is_empty() {
            return;
        }
        let mut steps = Vec::new();
        for (number, batch) in (of + 1 - batches.len()..).zip(batches) {
            let Some(batch) = self.batch(batch, number, of, disks) else { return };
            steps.extend(batch);
        }
        self.steps.batches = steps;
        self.done.extend(batches.iter().flatten().cloned());
    }

    /// The steps of one batch.
    fn batch(
        &mut self,
        batch: &Batch,
        number: usize,
        of: usize,
        disks: &BTreeMap<Address, DiskChange>,
    ) -> Option<Vec<Step>> {
        let intermediate = self.intermediate.as_mut()?;
        let mut steps = Vec::new();
        let change = |address: &'_ Address| disks.get_key_value(address);
        let unmounting: Vec<(&Address, &DiskChange)> =
            batch.iter().filter_map(change).filter(|(_, disks)| !disks.release.is_empty()).collect();
        if !unmounting.is_empty() {
            let Some(template) = intermediate.unmounting(&unmounting) else {
                return self.give_up(AtOnce::NotKnown);
            };
            if !template.fits() {
                return self.give_up(AtOnce::TooLarge);
            }
            let nodes: Vec<Address> = unmounting.iter().map(|(address, _)| (*address).clone()).collect();
            let title = of_batches(format!("unmount volumes: {}", brief(&nodes)), number, of);
            let step = self.composer.update(title, template, nodes, false);
            let step = self.carry(Step { unmounts: true, ..step });
            steps.push(of_batch(step, number, of));
        }
        let intermediate = self.intermediate.as_mut()?;
        intermediate.reach(|address| batch.contains(address));
        let finished = number == of && self.has_arrived();
        let reached = || self.intermediate.as_ref().and_then(IntermediateTemplate::template);
        let template = if finished { Some(self.composer.template.clone()) } else { reached() };
        let Some(template) = template else { return self.give_up(AtOnce::NotKnown) };
        // Old and new configurations stand side by side on the way.
        if !finished && !template.fits() {
            return self.give_up(AtOnce::TooLarge);
        }
        let title = of_batches(self.verbs.titled(batch.iter()), number, of);
        // Where volumes were unmounted, going back would be going back to that.
        let reversible = unmounting.is_empty() && !self.verbs.heal(batch);
        let step = self.composer.update(title, template, batch.clone(), reversible);
        steps.push(of_batch(step, number, of));
        Some(steps)
    }

    /// There are no batches: what is not sent yet is left to the last step.
    fn give_up<T>(&mut self, why: AtOnce) -> Option<T> {
        self.steps.at_once = Some(why);
        self.intermediate = None;
        None
    }
}

fn of_batches(title: String, number: usize, of: usize) -> String {
    if of == 1 { title } else { format!("{title}, batch {number} of {of}") }
}

fn of_batch(step: Step, number: usize, of: usize) -> Step {
    let deadline_minutes = Some(BATCH_MINUTES.min(step.timeout_minutes));
    Step { batch: Some((number, of)), deadline_minutes, ..step }
}
