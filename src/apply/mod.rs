//! Carrying out a plan: an intent is durable before every call that changes the cloud, its result after it.
//!
//! [`resume()`] first asks Heat how an earlier run ended; [`apply()`] carries out a plan; [`known()`] says what outputs
//! may know afterwards. The state is kept through a [`Journal`], the time comes from a [`Clock`], and an [`Observer`]
//! is told what happens.

mod count;
mod destroy;
mod event;
mod failure;
mod journal;
mod known;
mod outcome;
mod record;
mod resume;
mod run;
mod send;
mod watch;

pub use event::{Event, NoObserver, Observer, Phase};
pub use failure::{ApplyError, Culprit, StepFailure};
pub use journal::{Clock, Interrupt, Interrupter, Journal, JournalFault, Options, Pace};
pub use known::known;
pub use outcome::{End, Outcome};
pub use resume::resume;

use std::collections::BTreeSet;

use self::journal::between;
use self::outcome::Stop;
use self::run::Run;
use crate::heat::Cloud;
use crate::plan::{Plan, Step, StepAction};
use crate::state::State;

/// Carries out a plan. Whatever happens, the outcome's state is the one last kept, and the next run can go on from it.
pub async fn apply(
    plan: &Plan,
    cloud: &Cloud,
    state: State,
    journal: &mut dyn Journal,
    clock: &dyn Clock,
    observer: &mut dyn Observer,
    options: Options,
) -> Outcome {
    let mut run = Run::new(cloud, state, journal, clock, observer, options);
    let end = run.carry_out(plan).await;
    finish(run, end)
}

/// What is handed back.
fn finish(mut run: Run<'_>, end: Result<(), Stop>) -> Outcome {
    let end = match end {
        Ok(()) => End::Done,
        Err(Stop::Failed(error)) => End::Failed(error),
        Err(Stop::Detached) => {
            let open = run.state.clusters.values().find_map(|known| known.intent.as_ref());
            let stack = open.map(|intent| intent.stack.clone());
            run.tell(&Event::Detached { stack });
            End::Detached
        }
    };
    let took = between(run.began, run.clock.now());
    Outcome { state: run.state, end, seen: run.seen, steps: run.steps, took }
}

impl Run<'_> {
    async fn carry_out(&mut self, plan: &Plan) -> Result<(), Stop> {
        self.guard(plan)?;
        for (index, step) in plan.steps.iter().enumerate() {
            if self.options.interrupt.wished() {
                return Err(Stop::Detached);
            }
            self.step(plan, index, step).await?;
            self.steps += 1;
        }
        self.conclude(plan).await
    }

    /// A plan is applied as it is, to the state it was made from, or not at all.
    fn guard(&self, plan: &Plan) -> Result<(), ApplyError> {
        if plan.diagnostics.has_errors() {
            return Err(ApplyError::RefusedPlan);
        }
        if plan.base.lineage != self.state.lineage || plan.base.serial != self.state.serial {
            return Err(ApplyError::Stale {
                planned: plan.base.serial,
                found: self.state.serial,
                planned_lineage: plan.base.lineage.clone(),
                found_lineage: self.state.lineage.clone(),
            });
        }
        let open = self.state.clusters.values().find_map(|known| known.intent.as_ref());
        match open.map(|intent| &intent.stack).or_else(|| plan.in_progress.first()) {
            Some(stack) => Err(ApplyError::OpenIntent { stack: stack.clone() }),
            None => Ok(()),
        }
    }

    async fn step(&mut self, plan: &Plan, index: usize, step: &Step) -> Result<(), Stop> {
        let started = self.clock.now();
        let number = index + 1;
        self.tell(&Event::StepStarted {
            number,
            of: plan.steps.len(),
            title: step.title.clone(),
            stack: step.stack.clone(),
            addresses: step.addresses.clone(),
        });
        match &step.action {
            StepAction::Create(template, tags) => self.create(plan, step, template, tags).await?,
            StepAction::Update(template, tags) => self.update(plan, step, template, tags).await?,
            StepAction::Delete => self.delete(step, plan.clusters.contains_key(&step.cluster)).await?,
        }
        let took = between(started, self.clock.now());
        self.tell(&Event::StepEnded { number, title: step.title.clone(), stack: step.stack.clone(), took });
        Ok(())
    }

    /// All steps are done: the state says what the plan says, and everything that was asked for is there.
    async fn conclude(&mut self, plan: &Plan) -> Result<(), Stop> {
        let mut changed = false;
        for (name, planned) in &plan.clusters {
            if let Some(known) = self.state.clusters.get_mut(name) {
                changed |= run::conclude(known, planned);
            }
        }
        changed |= self.forget_vanished(plan).await?;
        if changed {
            self.save()?;
        }
        let touched: BTreeSet<&String> = plan.steps.iter().map(|step| &step.cluster).collect();
        let mut missing = Vec::new();
        for (name, planned) in plan.clusters.iter().filter(|(name, _)| touched.contains(name)) {
            missing.extend(count::missing(name, planned, self.state.clusters.get(name), &self.seen));
        }
        if missing.is_empty() { Ok(()) } else { Err(ApplyError::Missing { missing }.into()) }
    }

    /// Clusters that nobody wants and that nothing is left of are forgotten.
    async fn forget_vanished(&mut self, plan: &Plan) -> Result<bool, Stop> {
        let mut vanished = Vec::new();
        for (name, known) in self.state.clusters.iter().filter(|(name, _)| !plan.clusters.contains_key(*name)) {
            for stack in known.stacks.keys() {
                let failed = |source| ApplyError::cloud(&format!("forget {stack}"), source);
                if self.cloud.find_stack(stack).await.map_err(failed)?.is_none() {
                    vanished.push((name.clone(), stack.clone()));
                }
            }
        }
        for (name, stack) in &vanished {
            if let Some(known) = self.state.clusters.get_mut(name) {
                known.stacks.remove(stack);
                if known.stacks.is_empty() {
                    self.state.clusters.remove(name);
                }
            }
        }
        Ok(!vanished.is_empty())
    }
}
