//! The steps of all stacks of a cluster in order: what has nothing to wait for from each other is of one stage.

use std::collections::{BTreeMap, BTreeSet};

use super::disks::DiskChange;
use super::known::KnownStack;
use super::{Step, StepAction};
use crate::model::Address;

/// The steps of one stack, by what they are for, in this order.
#[derive(Debug, Default)]
pub(super) struct StackSteps {
    /// Nodes whose configuration failed get the mended one, before anything else has Heat repeat the old one.
    pub(super) mend: Vec<Step>,
    /// Nodes that go hand over work and data.
    pub(super) drain: Option<Step>,
    /// Nodes go.
    pub(super) shrink: Option<Step>,
    /// What other stacks need is made.
    pub(super) prepare: Option<Step>,
    /// Nodes come.
    pub(super) grow: Option<Step>,
    /// Nodes whose services stop for a while, some at a time.
    pub(super) batches: Vec<Step>,
    /// All other nodes that stay learn the names of those that come.
    pub(super) names: Option<Step>,
    /// Whether batches come before names and new nodes do.
    pub(super) rolls_first: bool,
    /// Everything else.
    pub(super) last: Option<Step>,
    /// Whether services of nodes stop with the last step.
    pub(super) last_interrupts: bool,
    /// Why there are no batches although they were wanted.
    pub(super) at_once: Option<AtOnce>,
    /// Whether volumes change that no step before has unmounted.
    pub(super) changes_mounted_volumes: bool,
}

/// Why nodes whose services stop are changed all at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtOnce {
    /// Templates on the way would be too large.
    TooLarge,
    /// The present template is not wholly known, so that nothing can be left as it is.
    NotKnown,
    /// The network is made anew.
    Network,
}

impl StackSteps {
    /// The steps in the order in which they are carried out.
    fn in_order(&self) -> impl Iterator<Item = &Step> {
        let Self { mend, drain, shrink, prepare, grow, batches, names, last, .. } = self;
        let (early, late): (&[Step], &[Step]) = if self.rolls_first { (batches, &[]) } else { (&[], batches) };
        let first = mend.iter().chain(drain).chain(shrink).chain(prepare);
        first.chain(early).chain(names).chain(grow).chain(late).chain(last)
    }

    /// Whether a step changes a volume, or the machine that it hangs on, and none before has unmounted it.
    pub(super) fn changes_mounted(&self, known: &KnownStack<'_>, disks: &BTreeMap<Address, DiskChange>) -> bool {
        disks.iter().filter(|(_, disks)| !disks.release.is_empty()).any(|(address, disks)| {
            let parts = disks.parts(address, known);
            let changes = |step: &&Step| match &step.action {
                StepAction::Create(template, _) | StepAction::Update(template, _) => parts
                    .iter()
                    .any(|(name, known)| template.resources.get(*name).is_none_or(|part| known.differs(part))),
                StepAction::Delete => true,
                StepAction::Restore(_) => false,
            };
            let unmounts = |step: &&Step| step.unmounts && step.addresses.contains(address);
            self.in_order()
                .find(|step| unmounts(step) || changes(step))
                .is_some_and(|step| !unmounts(&step) || changes(&step))
        })
    }
}

/// What is to be done with the stacks of one cluster, the base stack first.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// Ports of new nodes are made in the base stack, so that Neutron gives them addresses.
    pub(super) ports_of_base: Option<Step>,
    /// The same in further stacks.
    pub(super) ports: Vec<Step>,
    /// Whether everything else needs addresses that only these ports will have.
    pub(super) lacks_addresses: bool,
    /// What was taken away behind Heat's back is put back: nodes that do not run answer nothing.
    pub(super) restore: Vec<Step>,
    /// The same for what can only be put back when the router has been: floating IPs.
    pub(super) reconnect: Vec<Step>,
    /// The base stack is made, without its verification where further stacks are to come.
    pub(super) create_base: Option<Step>,
    /// The base stack is changed.
    pub(super) base: StackSteps,
    /// Further stacks are made.
    pub(super) create: Vec<Step>,
    /// Further stacks are changed.
    pub(super) others: Vec<StackSteps>,
    /// Stacks that go.
    pub(super) delete: Vec<Step>,
    /// The base stack verifies that all is there.
    pub(super) verify: Option<Step>,
}

impl Stages {
    /// Appends the steps to a plan's, from the stage `first` on. Nodes go before others come, so that there is room for
    /// these; who stays knows the names of who comes before these come; what the further stacks need is made before they
    /// are, and what they no longer need goes after; no two batches run side by side.
    pub(super) fn append_to(self, steps: &mut Vec<Step>, first: u32) {
        let Self { ports_of_base, ports, lacks_addresses, .. } = self;
        let begun: BTreeSet<String> = ports_of_base.iter().chain(&ports).map(|step| step.stack.clone()).collect();
        let mut stage = first;
        let mut add = |together: Vec<Step>, lacks_addresses: bool| {
            if together.is_empty() {
                return;
            }
            steps.extend(together.into_iter().map(|step| {
                let action = match step.action {
                    StepAction::Create(template, tags) if lacks_addresses && begun.contains(&step.stack) => {
                        StepAction::Update(template, tags)
                    }
                    action => action,
                };
                Step { action, stage, lacks_addresses, ..step }
            }));
            stage += 1;
        };
        add(ports_of_base.into_iter().collect(), false);
        add(ports, false);
        let mut add = |together: Vec<Step>| add(together, lacks_addresses);
        let Self { restore, reconnect, create_base, mut base, create, mut others, delete, verify, .. } = self;
        add(restore);
        for steps in std::iter::once(&mut base).chain(&mut others) {
            for step in std::mem::take(&mut steps.mend) {
                add(vec![step]);
            }
        }
        add(base.drain.take().into_iter().collect());
        let mut shrink: Vec<Step> = base.shrink.take().into_iter().collect();
        shrink.extend(others.iter_mut().filter_map(|steps| steps.shrink.take()));
        shrink.extend(delete);
        add(shrink);
        add(create_base.into_iter().chain(base.prepare.take()).collect());
        let mut all: Vec<&mut StackSteps> = std::iter::once(&mut base).chain(&mut others).collect();
        for steps in all.iter_mut().filter(|steps| steps.rolls_first) {
            for batch in std::mem::take(&mut steps.batches) {
                add(vec![batch]);
            }
        }
        add(all.iter_mut().filter_map(|steps| steps.names.take()).collect());
        let mut grow: Vec<Step> = base.grow.take().into_iter().collect();
        grow.extend(others.iter_mut().filter_map(|steps| steps.grow.take()));
        grow.extend(create);
        add(grow);
        for batch in
            base.batches.into_iter().chain(others.iter_mut().flat_map(|steps| std::mem::take(&mut steps.batches)))
        {
            add(vec![batch]);
        }
        // A stack with one batch alone has it as its last step.
        let (interrupting, quiet): (Vec<_>, Vec<_>) = others.into_iter().partition(|steps| steps.last_interrupts);
        add(quiet.into_iter().filter_map(|steps| steps.last).collect());
        for step in interrupting.into_iter().filter_map(|steps| steps.last) {
            add(vec![step]);
        }
        add(base.last.into_iter().chain(verify).collect());
        add(reconnect);
    }
}
