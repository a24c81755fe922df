//! An earlier run was cut off: Heat is asked how its last call ended.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;

use super::event::Event;
use super::failure::{ApplyError, StepFailure};
use super::journal::{OperationContext, between};
use super::outcome::{Outcome, Stop};
use super::record::keep_unfinished;
use super::run::Run;
use super::send::{after, nodes_minutes};
use super::watch::Watched;
use crate::heat::{Cloud, HeatError, StackRef, observe_stack};
use crate::model::Action;
use crate::plan::{Observation, ObservedResource, ObservedStack, Step, StepAction, is_suspended};
use crate::state::{Intent, Operation, Resolution, Resolved, State};

/// How many of the longest waits a request may be on its way: nine seconds behind a network, where Heat was seen to take
/// two until a stack that it was asked for could be found.
const IN_FLIGHT: u32 = 3;

/// What of the work that Heat is still at is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitFor {
    /// Nothing.
    Nothing,
    /// Deletions: whatever else is under way ends with the stack's own deletion.
    Deletions,
    /// All of it.
    All,
}

/// Resolves open intents from what was observed: what was never accepted is dropped, what has ended is recorded, and
/// what Heat is still working on is waited for where `wait` says so. Stacks of this project that are under way without
/// an intent are waited for too. The outcome's `seen` is the observation, brought up to date.
pub async fn resume(state: State, observation: Observation, wait: WaitFor, context: OperationContext<'_>) -> Outcome {
    let run = Run::new(state, context);
    run.run_state().seen = observation;
    let end = run.resume_all(wait).await;
    super::finish(run, end)
}

impl Run<'_> {
    async fn resume_all(&self, wait: WaitFor) -> Result<(), Vec<Stop>> {
        if wait != WaitFor::Nothing {
            self.arrivals().await.map_err(|stop| vec![stop])?;
        }
        let open = {
            let run_state = self.run_state();
            run_state.state.resolve(&run_state.seen)
        };
        let mut moving = Vec::new();
        for resolved in open {
            if wait == WaitFor::Nothing && is_unseen(&resolved) {
                continue;
            }
            let under_way = matches!(resolved.resolution, Resolution::InProgress { .. });
            if !under_way {
                self.settle(&resolved).await.map_err(|stop| vec![stop])?;
            } else if wait != WaitFor::Nothing {
                moving.push((resolved.cluster, resolved.stack, Some(resolved.intent)));
            }
        }
        if wait == WaitFor::Nothing {
            return Ok(());
        }
        let others = self.moving_otherwise(&moving);
        moving.extend(others);
        if wait == WaitFor::Deletions {
            moving.retain(|(_, stack, _)| self.is_being_deleted(stack));
        }
        let mut watches: Vec<super::Work<'_>> = Vec::new();
        for (cluster, stack, intent) in &moving {
            watches.push(self.attach(cluster, stack, intent.as_ref()).boxed());
        }
        super::side_by_side(watches, self.options.parallelism.get()).await
    }

    /// A request outlives the process that sent it: what Heat does not show yet is looked at again for a moment.
    async fn arrivals(&self) -> Result<(), Stop> {
        loop {
            let open: Vec<Resolved> = {
                let run_state = self.run_state();
                let open = run_state.state.resolve(&run_state.seen);
                open.into_iter().filter(|resolved| self.may_arrive(resolved)).collect()
            };
            if open.is_empty() {
                return Ok(());
            }
            if self.pause(std::time::Duration::ZERO).await {
                return Err(Stop::Detached);
            }
            for Resolved { stack, intent, .. } in open {
                let failed = |source| ApplyError::cloud(&intent.step, source);
                let Some(found) = self.cloud.find_stack(&stack).await.map_err(failed)? else { continue };
                if let Some(seen) = observe_stack(self.cloud, found).await.map_err(failed)? {
                    self.run_state().seen.stacks.insert(stack, seen);
                }
            }
        }
    }

    /// Whether a call that Heat shows nothing of may still be on its way there.
    fn may_arrive(&self, resolved: &Resolved) -> bool {
        let sent = resolved.intent.since.parse().ok();
        is_unseen(resolved)
            && sent.is_some_and(|sent| {
                let now = self.clock.now();
                now >= sent && between(sent, now) < self.longest_pause() * IN_FLIGHT
            })
    }

    fn is_being_deleted(&self, stack: &str) -> bool {
        self.run_state().seen.stacks.get(stack).is_some_and(|seen| seen.status.action == Action::Delete)
    }

    /// Records how a call ended that is over.
    async fn settle(&self, resolved: &Resolved) -> Result<(), Stop> {
        let Resolved { cluster, stack, intent, resolution } = resolved;
        match resolution {
            Resolution::NeverAccepted | Resolution::Foreign => self.drop_intent(cluster, stack).await?,
            Resolution::Overtaken { .. } => {
                // What stands there now is the plan's to compare.
                if let Some(record) = self.run_state().cluster(cluster).stacks.get_mut(stack) {
                    record.intent = None;
                }
                self.save().await?;
            }
            Resolution::Ended { id: None, .. } => self.forget(cluster, stack, false).await?,
            Resolution::Ended { id: Some(_), succeeded, .. } => {
                self.ended(cluster, stack, Some(intent), *succeeded).await?;
            }
            Resolution::Unknown | Resolution::InProgress { .. } => {}
        }
        Ok(())
    }

    /// Stacks of this project that are under way although no intent is open.
    fn moving_otherwise(&self, known: &[(String, String, Option<Intent>)]) -> Vec<(String, String, Option<Intent>)> {
        let run_state = self.run_state();
        let mut moving = Vec::new();
        for (cluster, name, record) in run_state.state.stacks() {
            let Some(seen) = run_state.seen.stacks.get(name) else { continue };
            if seen.status.in_progress()
                && seen.belongs_to(&run_state.state.lineage, record.id.as_deref())
                && known.iter().all(|(_, stack, _)| stack != name)
            {
                moving.push((cluster.to_owned(), name.to_owned(), None));
            }
        }
        moving
    }

    /// Watches what is under way and keeps its end.
    async fn attach(&self, cluster: &str, stack: &str, intent: Option<&Intent>) -> Result<(), Stop> {
        let title = intent.map_or_else(|| format!("wait for {stack}"), |intent| intent.step.clone());
        let failed = |source| ApplyError::cloud(&title, source);
        let Some(seen) = self.run_state().seen.stacks.get(stack).cloned() else { return Ok(()) };
        let at = StackRef::new(stack, &seen.id);
        let since = intent.map(|intent| intent.since.clone()).unwrap_or_default();
        let began = since.parse().ok();
        self.tell(&Event::Reattached { stack: stack.to_owned(), action: seen.status.action.clone(), since, by: None });
        let marker = self.cloud.last_event(&at).await.map_err(failed)?.map(|event| event.id);
        let mut watch = self.watch(cluster, at, None);
        (watch.marker, watch.begun, watch.since) = (marker, true, began);
        if seen.status.action != Action::Delete {
            // Every node that is known stays: what leaves is the plan's to say.
            watch.names.wanted = wanted(&seen);
        }
        let minutes = minutes(intent, &seen).unwrap_or_default();
        if minutes > 0 {
            // Its nodes have had time since it began, whoever watched. A rollback has as much for itself.
            let heats = seen.since().and_then(|since| since.parse().ok());
            let began = if seen.status.action == Action::Rollback { heats.or(began) } else { began.or(heats) };
            watch.deadline = began.and_then(|began| after(began, minutes));
        }
        match self.until_end(&mut watch, minutes).await.map_err(failed)? {
            Watched::Interrupted | Watched::Late => Err(Stop::Detached),
            Watched::Gone => Ok(self.forget(cluster, stack, false).await?),
            Watched::Ended(ended) => {
                let Some(seen) = observe_stack(self.cloud, *ended).await.map_err(failed)? else {
                    return Ok(self.forget(cluster, stack, false).await?);
                };
                let succeeded = seen.status.is_complete();
                if !succeeded {
                    let step = nameless(cluster, stack, &title);
                    // Told, not returned: the plan that follows knows how to go on.
                    let _: StepFailure = self.failure(&step, None, &seen, &watch).await;
                }
                self.run_state().seen.stacks.insert(stack.to_owned(), seen);
                self.ended(cluster, stack, intent, succeeded).await
            }
        }
    }

    /// Records a stack whose action has ended, from what was seen of it.
    async fn ended(&self, cluster: &str, stack: &str, intent: Option<&Intent>, succeeded: bool) -> Result<(), Stop> {
        let Some(seen) = self.run_state().seen.stacks.get(stack).cloned() else { return Ok(()) };
        let asked = intent.map(|intent| intent.operation);
        if matches!(asked, Some(Operation::Suspend | Operation::Resume)) {
            {
                let mut run_state = self.run_state();
                let record = run_state.cluster(cluster).stacks.entry(stack.to_owned()).or_default();
                record.suspended = is_suspended(&seen.status);
                record.end(&seen);
            }
            return Ok(self.save().await?);
        }
        let deletion = asked == Some(Operation::Delete);
        let complete = if succeeded || deletion {
            BTreeSet::new()
        } else {
            let step = intent.map_or("resume", |intent| intent.step.as_str());
            let failed = |source| ApplyError::cloud(step, source);
            completed(self.cloud, &StackRef::new(stack, &seen.id)).await.map_err(failed)?
        };
        {
            let mut run_state = self.run_state();
            let record = run_state.cluster(cluster).stacks.entry(stack.to_owned()).or_default();
            record.id = Some(seen.id.clone());
            record.end(&seen);
            if deletion {
                std::sync::Arc::make_mut(&mut record.resources)
                    .retain(|name, _| seen.resources.get(name).is_some_and(ObservedResource::exists));
            } else {
                let before = record.resources.clone();
                record.record_observed(cluster, &seen);
                if !succeeded {
                    keep_unfinished(record, before, &seen, &complete);
                }
            }
        }
        Ok(self.save().await?)
    }
}

/// Whether Heat shows nothing of a call. Who only looks leaves it at that: it may still be on its way.
fn is_unseen(resolved: &Resolved) -> bool {
    resolved.resolution == Resolution::NeverAccepted
        && matches!(resolved.intent.operation, Operation::Create | Operation::Update)
}

/// How long the nodes of what is under way have to answer; `None` where none has to, or nobody knows.
fn minutes(intent: Option<&Intent>, seen: &ObservedStack) -> Option<u32> {
    match seen.status.action {
        Action::Create | Action::Update | Action::Rollback => {
            let noted = intent.and_then(|intent| intent.deadline_minutes);
            noted.or_else(|| seen.timeout_minutes.map(nodes_minutes))
        }
        _ => None,
    }
}

/// Logical names in the template that Heat has.
fn wanted(seen: &ObservedStack) -> BTreeSet<String> {
    let resources = seen.template.as_deref().and_then(|template| template.get("resources")?.as_object());
    resources.map(|resources| resources.keys().cloned().collect()).unwrap_or_default()
}

/// A step that stands for one whose plan is no longer at hand.
pub(super) fn nameless(cluster: &str, stack: &str, title: &str) -> Step {
    Step {
        title: title.to_owned(),
        cluster: cluster.to_owned(),
        stack: stack.to_owned(),
        action: StepAction::Delete,
        addresses: Vec::new(),
        timeout_minutes: 0,
        rollback: false,
        stage: 0,
        batch: None,
        unmounts: false,
        deadline_minutes: None,
        lacks_addresses: false,
        heal: Vec::new(),
    }
}

/// Resources that ended well in the stack's latest action.
async fn completed(cloud: &Cloud, stack: &StackRef) -> Result<BTreeSet<String>, HeatError> {
    let mut complete = BTreeSet::new();
    let mut marker: Option<String> = None;
    loop {
        let events = cloud.events_after(stack, marker.as_deref()).await?.unwrap_or_default();
        // Some clouds give shorter pages than they are asked for: only an empty one is the end.
        let more = !events.is_empty();
        for event in events {
            if event.resource_name == stack.name && event.status().in_progress() {
                complete.clear();
            } else if event.status().is_complete() {
                complete.insert(event.resource_name);
            } else {
                complete.remove(&event.resource_name);
            }
            marker = Some(event.id);
        }
        if !more {
            return Ok(complete);
        }
    }
}
