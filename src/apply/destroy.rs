//! Deleting a stack: convergent, with names for what is in the way and proof at the end.

use super::event::Event;
use super::failure::ApplyError;
use super::outcome::Stop;
use super::run::Run;
use super::watch::Watched;
use crate::heat::{HeatError, StackRef, wire};
use crate::plan::{ObservedResource, ObservedStack, Step};
use crate::state::{Intent, Operation, lineage_tag};

impl Run<'_> {
    /// Deletes a stack, however often Heat has to be asked, and forgets it once nothing is left.
    pub(super) async fn delete(&self, step: &Step, stays: bool) -> Result<(), Stop> {
        let stack = match self.locate(step).await {
            Ok(stack) => Some(stack),
            Err(Stop::Failed(ApplyError::Gone { .. })) => None,
            Err(other) => return Err(other),
        };
        let Some(stack) = stack else { return Ok(self.run_state().forget(&step.cluster, &step.stack, stays)?) };
        let intent = Intent {
            operation: Operation::Delete,
            template_digest: String::new(),
            step: step.title.clone(),
            since: self.clock.now().to_string(),
        };
        self.run_state().intend(&step.cluster, &step.stack, intent);
        self.commit().await?;
        let mut attempt = 1;
        while let Some(failed) = self.delete_once(step, &stack).await? {
            attempt += 1;
            if attempt > self.options.delete_attempts {
                return Err(self.blocked(step, &stack, failed).await?);
            }
            let reason = failed.stack_status_reason.clone();
            self.tell(&Event::Retried { stack: step.stack.clone(), attempt, reason });
            if self.pause(std::time::Duration::ZERO).await {
                return Err(Stop::Detached);
            }
        }
        self.audit(step, &stack).await?;
        Ok(self.run_state().forget(&step.cluster, &step.stack, stays)?)
    }

    /// One request and its end. `Some`: the stack is still there.
    async fn delete_once(&self, step: &Step, stack: &StackRef) -> Result<Option<wire::Stack>, Stop> {
        let failed = |source| ApplyError::cloud(&step.title, source);
        let marker = self.cloud.last_event(stack).await.map_err(failed)?.map(|event| event.id);
        self.cloud.delete_stack(stack).await.map_err(failed)?;
        let mut watch = self.watch(&step.cluster, stack.clone(), None);
        watch.marker = marker;
        match watch.until_end().await.map_err(failed)? {
            Watched::Gone => Ok(None),
            Watched::Ended(stack) => Ok(Some(*stack)),
            Watched::Interrupted | Watched::Late => Err(Stop::Detached),
        }
    }

    /// Deletion has failed for good: what is in the way stays in the state and is named.
    async fn blocked(&self, step: &Step, at: &StackRef, stack: wire::Stack) -> Result<Stop, Stop> {
        let failed = |source| ApplyError::cloud(&step.title, source);
        let mut seen = ObservedStack::from(stack);
        seen.resources = super::record::resources(self.cloud.resources(at).await.map_err(failed)?);
        let watch = self.watch(&step.cluster, at.clone(), None);
        let failure = self.failure(step, None, &seen, &watch).await;
        let mut run_state = self.run_state();
        if let Some(record) = run_state.cluster(&step.cluster).stacks.get_mut(&step.stack) {
            record.intent = None;
            std::sync::Arc::make_mut(&mut record.resources)
                .retain(|name, _| seen.resources.get(name).is_some_and(ObservedResource::exists));
        }
        run_state.seen.stacks.insert(step.stack.clone(), seen);
        run_state.save()?;
        Ok(ApplyError::Step(Box::new(failure)).into())
    }

    /// Proof that nothing of the stack is left: neither under its name nor under the project's tag.
    async fn audit(&self, step: &Step, stack: &StackRef) -> Result<(), Stop> {
        let failed = |source: HeatError| ApplyError::cloud(&step.title, source);
        let tag = lineage_tag(&self.run_state().state.lineage);
        let named = self.cloud.find_stack(&step.stack).await.map_err(failed)?;
        let tagged = self.cloud.stacks_tagged(&tag).await.map_err(failed)?;
        let left = named.into_iter().chain(tagged).filter(|other| !other.status().is_deleted()).find(|other| {
            let ours = other.tags.iter().flatten().any(|other| *other == tag);
            other.id == stack.id || (ours && other.stack_name == stack.name)
        });
        match left {
            None => Ok(()),
            Some(left) => {
                let left = format!("stack {} is {}", left.id, left.stack_status);
                Err(ApplyError::LeftOver { stack: step.stack.clone(), left }.into())
            }
        }
    }
}
