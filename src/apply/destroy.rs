//! Deleting a stack: convergent, with names for what is in the way and proof at the end.

use std::time::Duration;

use super::event::Event;
use super::failure::{ApplyError, StepFailure};
use super::holders::holders;
use super::outcome::Stop;
use super::run::Run;
use super::watch::Watched;
use crate::heat::{HeatError, StackRef, wire};
use crate::plan::{ObservedResource, ObservedStack, Step};
use crate::state::{Operation, lineage_tag};

/// How often it is looked whether Heat has let go of a deleted stack's name, before that is left to Heat: a minute behind
/// a network.
const BURIAL: u32 = 20;

impl Run<'_> {
    /// Deletes a stack, however often Heat has to be asked, and forgets it once nothing is left.
    pub(super) async fn delete(&self, step: &Step, stays: bool) -> Result<(), Stop> {
        let stack = match self.locate(step).await {
            Ok(stack) => Some(stack),
            Err(Stop::Failed(ApplyError::Gone { .. })) => None,
            Err(other) => return Err(other),
        };
        let Some(stack) = stack else { return self.gone(step, stays).await };
        let intent = self.intent(Operation::Delete, &step.title);
        self.run_state().intend(&step.cluster, &step.stack, intent);
        self.commit().await?;
        let mut attempt = 1;
        while let Some(failed) = self.delete_once(step, &stack).await? {
            attempt += 1;
            let reason = failed.stack_status_reason.clone();
            let (seen, held) = self.left(step, &stack, failed).await?;
            // What somebody holds does not go, however often Heat is asked.
            if !held.is_empty() || attempt > self.options.delete_attempts {
                return Err(self.blocked(step, &stack, seen, held).await?);
            }
            self.tell(&Event::Retried { stack: step.stack.clone(), attempt, reason });
            if self.pause(Duration::ZERO).await {
                return Err(Stop::Detached);
            }
        }
        self.audit(step, &stack).await?;
        self.gone(step, stays).await
    }

    /// A stack is gone. Of a cluster that goes with it the state keeps what there was until it is proved that nothing is
    /// left of it.
    async fn gone(&self, step: &Step, stays: bool) -> Result<(), Stop> {
        if stays {
            return Ok(self.forget(&step.cluster, &step.stack, true).await?);
        }
        {
            let mut run_state = self.run_state();
            run_state.seen.stacks.remove(&step.stack);
            if let Some(record) = run_state.cluster(&step.cluster).stacks.get_mut(&step.stack) {
                record.intent = None;
            }
        }
        Ok(self.save().await?)
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

    /// What a deletion that failed has left, and who holds it.
    async fn left(&self, step: &Step, at: &StackRef, stack: wire::Stack) -> Result<(ObservedStack, Vec<String>), Stop> {
        let failed = |source| ApplyError::cloud(&step.title, source);
        let mut seen = ObservedStack::from(stack);
        seen.resources = super::record::resources(self.cloud.resources(at).await.map_err(failed)?);
        let held = holders(self.cloud, &seen, &self.ids(&step.cluster)).await;
        Ok((seen, held))
    }

    /// Deletion has failed for good: what is in the way stays in the state and is named.
    async fn blocked(
        &self,
        step: &Step,
        at: &StackRef,
        seen: ObservedStack,
        holders: Vec<String>,
    ) -> Result<Stop, Stop> {
        let watch = self.watch(&step.cluster, at.clone(), None);
        let failure = StepFailure { holders, ..self.failure(step, None, &seen, &watch).await };
        {
            let mut run_state = self.run_state();
            if let Some(record) = run_state.cluster(&step.cluster).stacks.get_mut(&step.stack) {
                record.end(&seen);
                std::sync::Arc::make_mut(&mut record.resources)
                    .retain(|name, _| seen.resources.get(name).is_some_and(ObservedResource::exists));
            }
            run_state.seen.stacks.insert(step.stack.clone(), seen);
        }
        self.save().await?;
        Ok(ApplyError::Step(Box::new(failure)).into())
    }

    /// Ids of all that the state knows of a cluster.
    fn ids(&self, cluster: &str) -> std::collections::BTreeSet<String> {
        let run_state = self.run_state();
        let stacks = run_state.state.clusters.get(cluster).into_iter().flat_map(|known| known.stacks.values());
        stacks.flat_map(|stack| stack.resources.values()).filter_map(|resource| resource.physical_id.clone()).collect()
    }

    /// Proof that nothing of the stack is left under its name, which is free again then. What the project's tag finds is
    /// looked at once, at the end.
    async fn audit(&self, step: &Step, stack: &StackRef) -> Result<(), Stop> {
        let failed = |source: HeatError| ApplyError::cloud(&step.title, source);
        for attempt in 0.. {
            match self.cloud.stack_named(&step.stack).await.map_err(failed)? {
                Some(left) if self.is_left(stack, &left) => return Err(left_over(&left)),
                Some(left) if left.id == stack.id && attempt < BURIAL => {
                    if self.pause(Duration::ZERO).await {
                        return Err(Stop::Detached);
                    }
                }
                _ => break,
            }
        }
        self.run_state().deleted.push(stack.clone());
        Ok(())
    }

    /// The same for all stacks that were deleted, of what bears the project's tag.
    pub(super) async fn audit_tagged(&self) -> Result<(), Stop> {
        let deleted = self.run_state().deleted.clone();
        if deleted.is_empty() {
            return Ok(());
        }
        let failed = |source: HeatError| ApplyError::cloud("check that nothing is left", source);
        let tag = lineage_tag(&self.run_state().state.lineage);
        let tagged = self.cloud.stacks_tagged(&tag).await.map_err(failed)?;
        // A later step may have made another one of the same name.
        let is_left =
            |other: &&wire::Stack| !other.status().is_deleted() && deleted.iter().any(|stack| stack.id == other.id);
        let left = tagged.iter().find(is_left);
        left.map_or(Ok(()), |left| Err(left_over(left)))
    }

    /// Whether a stack is one that was deleted, or has its name and is ours.
    fn is_left(&self, deleted: &StackRef, other: &wire::Stack) -> bool {
        let tag = lineage_tag(&self.run_state().state.lineage);
        let ours = other.tags.iter().flatten().any(|other| *other == tag);
        !other.status().is_deleted() && (other.id == deleted.id || (ours && other.stack_name == deleted.name))
    }
}

fn left_over(left: &wire::Stack) -> Stop {
    let words = format!("stack {} is {}", left.id, left.stack_status);
    ApplyError::LeftOver { stack: left.stack_name.clone(), left: words }.into()
}
