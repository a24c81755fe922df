//! The steps of all stacks of a cluster in order: what has nothing to wait for from each other is of one stage.

use super::Step;
use super::stack_steps::StackSteps;

/// What is to be done with the stacks of one cluster, the base stack first.
#[derive(Debug, Default)]
pub(super) struct Stages {
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
    /// Appends the steps to a plan's. Nodes go before others come, so that there is room for these; who stays knows the
    /// names of who comes before these come; what the further stacks need is made before they are, and what they no
    /// longer need goes after; no two batches run side by side.
    pub(super) fn append_to(self, steps: &mut Vec<Step>) {
        let mut stage = steps.last().map_or(0, |step| step.stage + 1);
        let mut add = |together: Vec<Step>| {
            if together.is_empty() {
                return;
            }
            steps.extend(together.into_iter().map(|step| Step { stage, ..step }));
            stage += 1;
        };
        let Self { create_base, mut base, create, mut others, delete, verify } = self;
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
        add(others.into_iter().filter_map(|steps| steps.last).collect());
        add(base.last.into_iter().chain(verify).collect());
    }
}
