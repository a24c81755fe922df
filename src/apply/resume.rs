//! An earlier run was cut off: Heat is asked how its last call ended.

use std::collections::BTreeSet;

use super::event::{Event, Observer};
use super::failure::{ApplyError, StepFailure};
use super::journal::{Clock, Journal, Options};
use super::outcome::{Outcome, Stop};
use super::record::keep_unfinished;
use super::run::Run;
use super::watch::Watched;
use crate::heat::{Cloud, HeatError, StackRef, observe_stack};
use crate::plan::{Observation, ObservedResource, ObservedStack, Step, StepAction};
use crate::state::{Intent, Operation, Resolution, State};

/// Resolves open intents from what was observed: what was never accepted is dropped, what has ended is recorded, and
/// what Heat is still working on is waited for where `wait` says so. Stacks of this project that are under way without
/// an intent are waited for too. The outcome's `seen` is the observation, brought up to date.
#[expect(clippy::too_many_arguments, reason = "everything that an operation needs is handed in")]
pub async fn resume(
    cloud: &Cloud,
    state: State,
    observation: Observation,
    wait: bool,
    journal: &mut dyn Journal,
    clock: &dyn Clock,
    observer: &mut dyn Observer,
    options: Options,
) -> Outcome {
    let mut run = Run::new(cloud, state, journal, clock, observer, options);
    run.seen = observation;
    let end = run.resume_all(wait).await;
    super::finish(run, end)
}

impl Run<'_> {
    async fn resume_all(&mut self, wait: bool) -> Result<(), Stop> {
        for (cluster, resolution) in self.state.resolve(&self.seen) {
            let Some(intent) = self.state.clusters.get(&cluster).and_then(|known| known.intent.clone()) else {
                continue;
            };
            match resolution {
                Resolution::NeverAccepted | Resolution::Foreign => self.drop_intent(&cluster)?,
                Resolution::Overtaken { .. } => {
                    // What stands there now is the plan's to compare.
                    if let Some(known) = self.state.clusters.get_mut(&cluster) {
                        known.intent = None;
                    }
                    self.save()?;
                }
                Resolution::Ended { id: None, .. } => self.forget(&cluster, &intent.stack, false)?,
                Resolution::Ended { id: Some(_), succeeded, .. } => {
                    self.ended(&cluster, &intent, succeeded).await?;
                }
                Resolution::InProgress { id } if wait => {
                    let stack = StackRef::new(&intent.stack, id);
                    self.attach(&cluster, stack, Some(&intent)).await?;
                }
                Resolution::Unknown | Resolution::InProgress { .. } => {}
            }
        }
        if wait { self.await_others().await } else { Ok(()) }
    }

    /// Stacks of this project that are under way although no intent is open.
    async fn await_others(&mut self) -> Result<(), Stop> {
        let mut moving = Vec::new();
        for (cluster, known) in &self.state.clusters {
            for (name, record) in &known.stacks {
                let Some(seen) = self.seen.stacks.get(name) else { continue };
                if seen.in_progress() && seen.belongs_to(&self.state.lineage, record.id.as_deref()) {
                    moving.push((cluster.clone(), StackRef::new(name, &seen.id)));
                }
            }
        }
        for (cluster, stack) in moving {
            self.attach(&cluster, stack, None).await?;
        }
        Ok(())
    }

    /// Watches what is under way and keeps its end.
    async fn attach(&mut self, cluster: &str, stack: StackRef, intent: Option<&Intent>) -> Result<(), Stop> {
        let title = intent.map_or_else(|| format!("wait for {}", stack.name), |intent| intent.step.clone());
        let failed = |source| ApplyError::cloud(&title, source);
        let action = self.seen.stacks.get(&stack.name).map(|seen| seen.action.clone()).unwrap_or_default();
        let since = intent.map(|intent| intent.since.clone()).unwrap_or_default();
        self.tell(&Event::Reattached { stack: stack.name.clone(), action: action.clone(), since });
        let marker = self.cloud.last_event(&stack).await.map_err(failed)?.map(|event| event.id);
        let mut watch = self.watch(cluster, stack.clone(), None);
        (watch.marker, watch.begun) = (marker, true);
        if action != "DELETE" {
            // Every node that is known stays: what leaves is the plan's to say.
            watch.names.wanted = self.seen.stacks.get(&stack.name).map(wanted).unwrap_or_default();
        }
        match watch.until_end(self.observer, &mut self.options.interrupt).await.map_err(failed)? {
            Watched::Interrupted => Err(Stop::Detached),
            Watched::Gone => Ok(self.forget(cluster, &stack.name, false)?),
            Watched::Ended(ended) => {
                let Some(seen) = observe_stack(self.cloud, *ended).await.map_err(failed)? else {
                    return Ok(self.forget(cluster, &stack.name, false)?);
                };
                let succeeded = seen.status == "COMPLETE";
                if !succeeded {
                    let step = nameless(cluster, &stack.name, &title);
                    // Told, not returned: the plan that follows knows how to go on.
                    let _: StepFailure = self.failure(&step, None, &seen, &watch).await;
                }
                self.seen.stacks.insert(stack.name.clone(), seen);
                let other = Intent {
                    operation: Operation::Update,
                    stack: stack.name.clone(),
                    template_digest: String::new(),
                    step: title.clone(),
                    since: String::new(),
                };
                self.ended(cluster, intent.unwrap_or(&other), succeeded).await
            }
        }
    }

    /// Records a stack whose action has ended, from what was seen of it.
    async fn ended(&mut self, cluster: &str, intent: &Intent, succeeded: bool) -> Result<(), Stop> {
        let Some(seen) = self.seen.stacks.get(&intent.stack) else { return Ok(()) };
        let stack = StackRef::new(&intent.stack, &seen.id);
        let complete = if succeeded || intent.operation == Operation::Delete {
            BTreeSet::new()
        } else {
            let failed = |source| ApplyError::cloud(&intent.step, source);
            completed(self.cloud, &stack).await.map_err(failed)?
        };
        let known = self.state.clusters.entry(cluster.to_owned()).or_default();
        known.intent = None;
        let record = known.stacks.entry(intent.stack.clone()).or_default();
        record.id = Some(seen.id.clone());
        if intent.operation == Operation::Delete {
            record.resources.retain(|name, _| seen.resources.get(name).is_some_and(ObservedResource::exists));
        } else {
            let before = record.resources.clone();
            record.record_observed(cluster, seen);
            if !succeeded {
                keep_unfinished(record, before, seen, &complete);
            }
        }
        Ok(self.save()?)
    }
}

/// Logical names in the template that Heat has.
fn wanted(seen: &ObservedStack) -> BTreeSet<String> {
    let resources = seen.template.as_ref().and_then(|template| template.get("resources")?.as_object());
    resources.map(|resources| resources.keys().cloned().collect()).unwrap_or_default()
}

/// A step that stands for one whose plan is no longer at hand.
fn nameless(cluster: &str, stack: &str, title: &str) -> Step {
    Step {
        title: title.to_owned(),
        cluster: cluster.to_owned(),
        stack: stack.to_owned(),
        action: StepAction::Delete,
        addresses: Vec::new(),
        timeout_minutes: 0,
        rollback: false,
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
            if event.resource_name == stack.name && event.resource_status.ends_with("_IN_PROGRESS") {
                complete.clear();
            } else if event.resource_status.ends_with("_COMPLETE") {
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
