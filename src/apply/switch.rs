//! Suspending and resuming: a stack's own actions, journaled as every other call.

use futures_util::FutureExt as _;

use super::event::Event;
use super::failure::ApplyError;
use super::journal::{OperationContext, between};
use super::outcome::{Outcome, Stop};
use super::record::resources;
use super::resume::nameless;
use super::run::Run;
use super::send::{ATTEMPTS, has_begun};
use super::watch::{Watch, Watched};
use super::{Work, side_by_side};
use crate::heat::{HeatError, StackRef, StackVerb, wire};
use crate::model::{Action, Address};
use crate::plan::{ObservedStack, Switch, SwitchStep, is_suspended};
use crate::state::{Operation, State};

/// Suspends or resumes stacks in their order. Where nobody wants to wait, Heat is only asked, and the next command finds
/// out how it ended. Whatever happens, the outcome's state is the one last kept.
pub async fn switch(steps: &[SwitchStep], waits: bool, state: State, context: OperationContext<'_>) -> Outcome {
    let run = Run::new(state, context);
    let end = run.switch_all(steps, waits).await;
    super::finish(run, end)
}

impl Run<'_> {
    async fn switch_all(&self, steps: &[SwitchStep], waits: bool) -> Result<(), Vec<Stop>> {
        let numbered: Vec<(usize, &SwitchStep)> = (1..).zip(steps).collect();
        let mut unwatched = false;
        for together in numbered.chunk_by(|(_, one), (_, other)| one.stage == other.stage) {
            if self.options.interrupt.requested() {
                return Err(vec![Stop::Detached]);
            }
            let mut work: Vec<Work<'_>> = Vec::new();
            for (number, step) in together {
                // What comes after on the same stack needs the end of this.
                let waits = waits || steps[*number..].iter().any(|later| later.stack == step.stack);
                unwatched |= !waits;
                work.push(self.switch_one(step, *number, steps.len(), waits).boxed());
            }
            side_by_side(work, self.options.parallelism.get()).await?;
        }
        if unwatched { Err(vec![Stop::Detached]) } else { Ok(()) }
    }

    async fn switch_one(&self, step: &SwitchStep, number: usize, of: usize, waits: bool) -> Result<(), Stop> {
        let started = self.clock.now();
        let title = format!("{} {}", step.switch.verb(), step.stack);
        let Some(id) = self.run_state().known_id(&step.cluster, &step.stack) else {
            return Err(ApplyError::Gone { stack: step.stack.clone() }.into());
        };
        let stack = StackRef::new(&step.stack, id);
        let addresses = self.nodes_of(step);
        let stack_name = step.stack.clone();
        let kind = (step.switch.verb(), addresses.len());
        let expected = self.expected(kind);
        self.tell(&Event::StepStarted {
            number,
            of,
            title: title.clone(),
            stack: stack_name.clone(),
            addresses,
            expected,
        });
        let marker = self.ask_to_switch(step, &title, &stack).await?;
        if !waits {
            return Ok(());
        }
        let mut watch = self.watch(&step.cluster, stack, None);
        // No node leaves.
        watch.names.wanted = watch.names.addresses.keys().cloned().collect();
        watch.marker = marker;
        let failed = |source| ApplyError::cloud(&title, source);
        match watch.until_end().await.map_err(failed)? {
            Watched::Interrupted | Watched::Late => Err(Stop::Detached),
            Watched::Gone => {
                self.forget(&step.cluster, &step.stack, true).await?;
                Err(ApplyError::Gone { stack: step.stack.clone() }.into())
            }
            Watched::Ended(ended) => {
                self.switched(step, &title, *ended, &watch).await?;
                let took = between(started, self.clock.now());
                self.done(kind, took);
                self.tell(&Event::StepEnded { number, title, stack: stack_name, took });
                Ok(())
            }
        }
    }

    /// The nodes that a stack has.
    fn nodes_of(&self, step: &SwitchStep) -> Vec<Address> {
        let run_state = self.run_state();
        let known = run_state.state.clusters.get(&step.cluster).and_then(|known| known.stacks.get(&step.stack));
        let resources = known.iter().flat_map(|known| known.resources.values());
        let mut nodes: Vec<Address> = resources
            .map(|resource| &resource.address)
            .filter(|address| matches!(address, Address::Node(..)))
            .cloned()
            .collect();
        nodes.sort();
        nodes.dedup();
        nodes
    }

    /// The intent first, then the call, never blindly twice. Returns the last event before it.
    async fn ask_to_switch(&self, step: &SwitchStep, title: &str, stack: &StackRef) -> Result<Option<String>, Stop> {
        let failed = |source: HeatError| Stop::from(ApplyError::cloud(title, source));
        let (operation, verb) = match step.switch {
            Switch::Suspend => (Operation::Suspend, StackVerb::Suspend),
            Switch::Resume => (Operation::Resume, StackVerb::Resume),
        };
        let intent = self.intent(operation, title);
        self.run_state().intend(&step.cluster, &step.stack, intent);
        self.commit().await?;
        let mut attempt = 1;
        loop {
            let marker = self.cloud.last_event(stack).await.map_err(failed)?.map(|event| event.id);
            let error = match self.cloud.act(stack, verb).await {
                Ok(()) => return Ok(marker),
                Err(error) => error,
            };
            if error.may_have_arrived() {
                if has_begun(self.cloud, stack, marker.as_deref()).await.map_err(failed)? {
                    return Ok(marker);
                }
            } else {
                if error.fault().is_some() {
                    self.drop_intent(&step.cluster, &step.stack).await?;
                }
                return Err(failed(error));
            }
            attempt += 1;
            if attempt > ATTEMPTS {
                return Err(failed(error));
            }
            self.retried(&step.stack, attempt, &error).await?;
        }
    }

    /// Keeps how it ended.
    async fn switched(
        &self,
        step: &SwitchStep,
        title: &str,
        ended: wire::Stack,
        watch: &Watch<'_, '_>,
    ) -> Result<(), Stop> {
        let mut seen = ObservedStack::from(ended);
        let wanted = match step.switch {
            Switch::Suspend => Action::Suspend,
            Switch::Resume => Action::Resume,
        };
        let well = seen.status.is_complete() && seen.status.action == wanted;
        let failure = if well {
            None
        } else {
            let listed = self.cloud.resources(&watch.stack).await;
            seen.resources = resources(listed.map_err(|source| ApplyError::cloud(title, source))?);
            Some(self.failure(&nameless(&step.cluster, &step.stack, title), None, &seen, watch).await)
        };
        {
            let mut run_state = self.run_state();
            if let Some(record) = run_state.cluster(&step.cluster).stacks.get_mut(&step.stack) {
                record.suspended = is_suspended(&seen.status);
                record.end(&seen);
            }
        }
        self.commit().await?;
        match failure {
            None => Ok(()),
            Some(failure) => Err(ApplyError::Step(Box::new(failure)).into()),
        }
    }
}
