//! Carrying out a plan: an intent is durable before every call that changes the cloud, its result after it.
//!
//! [`resume()`] first asks Heat how an earlier run ended; [`apply()`] carries out a plan; [`switch()`]
//! suspends and resumes; [`known()`] says what outputs
//! may know afterwards, [`unseen()`] what has to be looked at for that. The state is kept through a [`Journal`], the time
//! comes from a [`Clock`], and an [`Observer`] is told what happens.

mod count;
mod destroy;
mod event;
mod expected;
mod failure;
mod holders;
mod journal;
mod known;
mod lanes;
mod node_log;
mod outcome;
mod record;
mod restore;
mod resume;
mod run;
mod send;
mod switch;
mod timeline;
mod watch;

pub use event::{Event, NoObserver, NodeAction, Observer, Phase};
pub use expected::StepTimes;
pub use failure::{ApplyError, Culprit, StepFailure};
pub use journal::{
    Clock, Interrupt, Interrupter, Journal, JournalFault, Keeping, OnInterrupt, OperationContext, Options, PARALLELISM,
    Pace,
};
pub use known::{known, unseen};
pub use outcome::{End, Outcome};
pub use resume::{WaitFor, resume};
pub use switch::switch;
pub use timeline::{NodeStage, NodeTimes, StageSummary, Straggler, Timeline};

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt as _};

use self::journal::between;
use self::lanes::Ended;
use self::outcome::Stop;
use self::run::{Run, RunState};
use crate::plan::{Plan, Step, StepAction};
use crate::state::State;

/// Carries out a plan. Whatever happens, the outcome's state is the one last kept, and the next run can go on from it.
pub async fn apply(plan: &Plan, state: State, context: OperationContext<'_>) -> Outcome {
    let run = Run::new(state, context);
    let end = run.carry_out(plan).await;
    finish(run, end)
}

/// Something that a step does, or waits for.
type Work<'w> = BoxFuture<'w, Result<(), Stop>>;

/// Does everything to its end, so many at a time; what could not be done in the order in which that came out.
async fn side_by_side(work: Vec<Work<'_>>, parallelism: usize) -> Result<(), Vec<Stop>> {
    let ends: Vec<Result<(), Stop>> = stream::iter(work).buffer_unordered(parallelism).collect().await;
    let stops: Vec<Stop> = ends.into_iter().filter_map(Result::err).collect();
    if stops.is_empty() { Ok(()) } else { Err(stops) }
}

/// What is handed back.
fn finish(run: Run<'_>, end: Result<(), Vec<Stop>>) -> Outcome {
    let stops = end.err().unwrap_or_default();
    let detached = stops.iter().any(|stop| matches!(stop, Stop::Detached));
    let failures: Vec<ApplyError> = stops.into_iter().filter_map(Stop::failure).collect();
    let end = match (failures.is_empty(), detached) {
        (false, _) => End::Failed(failures),
        (true, true) => {
            let stacks = run.run_state().state.open_intents().map(|(_, stack, _)| stack.to_owned()).collect();
            run.tell(&Event::Detached { stacks });
            End::Detached
        }
        (true, false) => End::Done,
    };
    let took = between(run.began, run.clock.now());
    let RunState { state, seen, steps, times, timeline, .. } = run.into_state();
    Outcome { state, end, seen, steps, times, timeline, took }
}

impl Run<'_> {
    async fn carry_out(&self, plan: &Plan) -> Result<(), Vec<Stop>> {
        self.guard(plan).map_err(|error| vec![error.into()])?;
        // What is unfinished is planned further once this is done.
        self.run_state().to_come = plan.steps.len() + usize::from(!plan.unfinished.is_empty());
        let Ended { done, not_begun, mut stops } = self.all_steps(plan).await;
        if stops.is_empty() {
            return self.conclude(plan).await.map_err(|stop| vec![stop]);
        }
        if stops.iter().any(|stop| matches!(stop, Stop::Failed(_))) {
            let owned = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect();
            stops.extend(not_begun.into_iter().map(|(after, clusters)| {
                let (clusters, after) = (owned(&mut clusters.into_iter()), owned(&mut after.into_iter()));
                Stop::from(ApplyError::NotBegun { clusters, after })
            }));
        }
        // Clusters that came to their end have done so, whatever became of others.
        let ended = plan.clusters.iter().filter(|(name, _)| done.contains(name.as_str()));
        let ended = ended.filter(|(name, _)| !plan.unfinished.contains(*name));
        let changed = self.run_state().conclude(ended);
        if changed && let Err(fault) = self.save().await {
            stops.push(fault.into());
        }
        Err(stops)
    }

    /// A plan is applied as it is, to the state it was made from, or not at all.
    fn guard(&self, plan: &Plan) -> Result<(), ApplyError> {
        let run_state = self.run_state();
        // What needs addresses that are not known yet cannot be sent.
        if plan.diagnostics.has_errors() || plan.steps.iter().any(|step| step.lacks_addresses) {
            return Err(ApplyError::RefusedPlan);
        }
        if plan.base.lineage != run_state.state.lineage || plan.base.serial != run_state.state.serial {
            return Err(ApplyError::Stale {
                planned: plan.base.serial,
                found: run_state.state.serial,
                planned_lineage: plan.base.lineage.clone(),
                found_lineage: run_state.state.lineage.clone(),
            });
        }
        // What is deleted need not have ended: Heat ends whatever it is at.
        let deleted = |stack: &str| {
            plan.steps.iter().any(|step| step.stack == stack && matches!(step.action, StepAction::Delete))
        };
        let mut open = run_state.state.open_intents().map(|(_, stack, _)| stack);
        let open = open.find(|stack| !deleted(stack)).map(str::to_owned);
        match open.or_else(|| plan.in_progress.first().cloned()) {
            Some(stack) => Err(ApplyError::OpenIntent { stack }),
            None => Ok(()),
        }
    }

    async fn step(&self, plan: &Plan, number: usize, step: &Step) -> Result<(), Stop> {
        let started = self.clock.now();
        {
            let mut run_state = self.run_state();
            run_state.to_come = run_state.to_come.saturating_sub(1);
        }
        self.tell(&Event::StepStarted {
            number,
            of: plan.steps.len(),
            title: step.title.clone(),
            stack: step.stack.clone(),
            addresses: step.addresses.clone(),
            expected: self.expected(expected::kind(step)),
        });
        match &step.action {
            StepAction::Create(template, tags) => self.create(plan, step, template, tags).await?,
            StepAction::Update(template, tags) => self.update(plan, step, template, tags).await?,
            StepAction::Delete => self.delete(step, plan.clusters.contains_key(&step.cluster)).await?,
            StepAction::Restore(restores) => self.restore(step, restores).await?,
        }
        let took = between(started, self.clock.now());
        self.done(expected::kind(step), took);
        self.tell(&Event::StepEnded { number, title: step.title.clone(), stack: step.stack.clone(), took });
        Ok(())
    }

    /// All steps are done: the state says what the plan says, and everything that was asked for is there.
    async fn conclude(&self, plan: &Plan) -> Result<(), Stop> {
        self.audit_tagged().await?;
        let vanished = self.vanished(plan).await?;
        self.audit_gone(&vanished).await?;
        let finished = || plan.clusters.iter().filter(|(name, _)| !plan.unfinished.contains(*name));
        if self.run_state().settle(finished(), &vanished) {
            self.save().await?;
        }
        let run_state = self.run_state();
        let touched: BTreeSet<&String> = plan.steps.iter().map(|step| &step.cluster).collect();
        let mut missing = Vec::new();
        for (name, planned) in finished().filter(|(name, _)| touched.contains(name)) {
            missing.extend(count::missing(name, planned, run_state.state.clusters.get(name), &run_state.seen));
        }
        if missing.is_empty() { Ok(()) } else { Err(ApplyError::Missing { missing }.into()) }
    }

    /// Stacks of clusters that nobody wants and that are not there any more: they are forgotten.
    async fn vanished(&self, plan: &Plan) -> Result<Vec<(String, String)>, Stop> {
        let (unwanted, deleted): (Vec<(String, String)>, BTreeSet<String>) = {
            let run_state = self.run_state();
            let deleted = run_state.deleted.iter().map(|stack| stack.name.clone()).collect();
            let is_left = |name: &String| plan.clusters.contains_key(name) || plan.scope.untouched.contains(name);
            let clusters = run_state.state.clusters.iter().filter(|(name, _)| !is_left(name));
            let stacks =
                clusters.flat_map(|(name, known)| known.stacks.keys().map(|stack| (name.clone(), stack.clone())));
            (stacks.collect(), deleted)
        };
        let mut vanished = Vec::new();
        for (cluster, stack) in unwanted {
            let failed = |source| ApplyError::cloud(&format!("forget {stack}"), source);
            if deleted.contains(&stack) || self.cloud.find_stack(&stack).await.map_err(failed)?.is_none() {
                vanished.push((cluster, stack));
            }
        }
        Ok(vanished)
    }
}
