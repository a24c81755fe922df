//! The steps of all stacks of a cluster in order: what has nothing to wait for from each other is of one stage.

use super::Step;
use super::route::Route;

/// What is to be done with the stacks of one cluster, the base stack first.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// The base stack is made, without its verification where further stacks are to come.
    pub(super) create_base: Option<Step>,
    /// The base stack is changed.
    pub(super) base: Route,
    /// Further stacks are made.
    pub(super) create: Vec<Step>,
    /// Further stacks are changed.
    pub(super) others: Vec<Route>,
    /// Stacks that go.
    pub(super) delete: Vec<Step>,
    /// The base stack verifies that all is there.
    pub(super) verify: Option<Step>,
}

impl Stages {
    /// Appends the steps to a plan's. Nodes go before others come, so that there is room for these; what the further
    /// stacks need is made before they are, and what they no longer need goes after; no two batches run side by side.
    pub(super) fn append_to(self, steps: &mut Vec<Step>) {
        let mut stage = steps.last().map_or(0, |step| step.stage + 1);
        let mut add = |together: Vec<Step>| {
            if together.is_empty() {
                return;
            }
            steps.extend(together.into_iter().map(|step| Step { stage, ..step }));
            stage += 1;
        };
        let Self { create_base, base, create, others, delete, verify } = self;
        let mut routes: Vec<Route> = others;
        let mut shrink: Vec<Step> = base.shrink.into_iter().collect();
        shrink.extend(routes.iter_mut().filter_map(|route| route.shrink.take()));
        shrink.extend(delete);
        add(shrink);
        add(create_base.into_iter().chain(base.prepare).collect());
        let mut grow: Vec<Step> = base.grow.into_iter().collect();
        grow.extend(routes.iter_mut().filter_map(|route| route.grow.take()));
        grow.extend(create);
        add(grow);
        for batch in
            base.batches.into_iter().chain(routes.iter_mut().flat_map(|route| std::mem::take(&mut route.batches)))
        {
            add(vec![batch]);
        }
        add(routes.into_iter().filter_map(|route| route.last).collect());
        add(base.last.into_iter().chain(verify).collect());
    }
}
