//! Creating and updating a stack: the intent first, then the call, never blindly twice.

use super::failure::ApplyError;
use super::journal::Interrupt;
use super::outcome::Stop;
use super::record::{Kept, StepEnd};
use super::run::{Run, Secrets, conclude, standing, widen};
use super::watch::{Watch, Watched};
use jiff::{SignedDuration, Timestamp};

use crate::heat::{Cloud, HeatError, StackRef, StackVerb, wire};
use crate::model::{Action, GIVEN_UP, heat_type, is_base_stack};
use crate::plan::{ObservedStack, Plan, Step};
use crate::source::Span;
use crate::state::{
    Intent, Operation, author_tag, fixed_tag, more_tag, observed_template_digest, salt_tag, template_digest,
};
use crate::template::{Folded, Template};

/// How much longer than its nodes may take Heat lets an action take, minutes. Heat's own end names nobody, leaves what it
/// cuts off locked, and comes where nobody watches.
const LONGER: u32 = 5;
/// How long after their time is up those are given up that have begun only then, minutes.
const AGAIN: u32 = 1;

/// How often a call whose answer was lost is made at most.
pub(super) const ATTEMPTS: u32 = 3;

/// What becomes of a creation.
enum Accepted {
    /// Heat is working on it, or has finished.
    Watch(StackRef),
    /// The stack is there and ours, but is not what it shall be.
    Update(StackRef),
}

impl Run<'_> {
    /// Creates a stack and waits for its end.
    pub(super) async fn create(
        &self,
        plan: &Plan,
        step: &Step,
        template: &Template,
        tags: &[String],
    ) -> Result<(), Stop> {
        let secrets = self.secrets(step, template).await?;
        let parameters = self.run_state().parameters(step, template, &secrets)?;
        self.begin(plan, step, Operation::Create, template_digest(template)).await?;
        let kept = Kept { template, sent: Folded::of(template), parameters };
        match self.ask_for(step, &kept, tags).await? {
            Accepted::Watch(stack) => {
                let mut watch = self.watch(&step.cluster, stack, Some(template));
                watch.begun = true;
                self.accepted(step, &watch.stack).await?;
                self.follow(step, kept, watch).await
            }
            Accepted::Update(stack) => {
                self.accepted(step, &stack).await?;
                self.send_update(step, kept, stack, tags).await
            }
        }
    }

    /// Updates a stack and waits for its end.
    pub(super) async fn update(
        &self,
        plan: &Plan,
        step: &Step,
        template: &Template,
        tags: &[String],
    ) -> Result<(), Stop> {
        let stack = self.locate(step).await?;
        let secrets = self.secrets(step, template).await?;
        let parameters = self.run_state().parameters(step, template, &secrets)?;
        self.begin(plan, step, Operation::Update, template_digest(template)).await?;
        for resource in &step.heal {
            match self.cloud.mark_unhealthy(&stack, resource, "to be replaced by DISCO").await {
                Ok(()) => {}
                // What is not there is made anyway.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(self.refused(step, template, error).await),
            }
        }
        self.send_update(step, Kept { template, sent: Folded::of(template), parameters }, stack, tags).await
    }

    /// The secrets that Heat has made up in other stacks and that this one is told.
    async fn secrets(&self, step: &Step, template: &Template) -> Result<Secrets, Stop> {
        let mut secrets = Secrets::new();
        for (stack, resource) in template.needed_secrets() {
            let Some(id) = self.run_state().known_id(&step.cluster, stack) else { continue };
            let found = self.cloud.random_string(&StackRef::new(stack, id), resource).await;
            if let Some(secret) = found.map_err(|source| cloud(step, template, source))? {
                secrets.entry(stack.to_owned()).or_default().insert(resource.to_owned(), secret);
            }
        }
        Ok(secrets)
    }

    /// Everything that is durable before the call.
    async fn begin(&self, plan: &Plan, step: &Step, operation: Operation, digest: String) -> Result<(), ApplyError> {
        let noted = self.intent(operation, &step.title);
        let intent = Intent { template_digest: digest, deadline_minutes: Some(step.minutes()), ..noted };
        let beside = |other: &&Step| other.cluster == step.cluster && other.stage == step.stage;
        let alone = plan.steps.iter().filter(beside).count() == 1;
        {
            let mut run_state = self.run_state();
            if alone {
                let before = standing(run_state.cluster(&step.cluster));
                run_state.before.insert(step.stack.clone(), before);
            }
            if let Some(planned) = plan.clusters.get(&step.cluster) {
                widen(run_state.cluster(&step.cluster), planned);
            }
            run_state.intend(&step.cluster, &step.stack, intent);
        }
        self.commit().await
    }

    /// Notes durably that Heat has accepted.
    async fn accepted(&self, step: &Step, stack: &StackRef) -> Result<(), ApplyError> {
        {
            let mut run_state = self.run_state();
            let record = run_state.cluster(&step.cluster).stacks.entry(step.stack.clone()).or_default();
            record.id = Some(stack.id.clone());
        }
        self.commit().await
    }

    /// Asks for a new stack. Where the answer is lost or the name is taken, Heat is asked what is there.
    async fn ask_for(&self, step: &Step, kept: &Kept<'_>, tags: &[String]) -> Result<Accepted, Stop> {
        let template = kept.template;
        let body = wire::CreateStack {
            stack_name: step.stack.clone(),
            template: &kept.sent,
            parameters: wire::parameters(&kept.parameters),
            timeout_mins: Some(step.timeout_minutes.saturating_add(LONGER)),
            disable_rollback: Some(!step.rollback),
            tags: Some(self.tags(step, tags)),
        };
        let mut attempt = 1;
        loop {
            let error = match self.cloud.create_stack(&body).await {
                Ok(stack) => return Ok(Accepted::Watch(stack)),
                Err(error) if error.is_conflict() || error.may_have_arrived() => error,
                Err(error) => return Err(self.refused(step, template, error).await),
            };
            let found = self.cloud.find_stack(&step.stack).await.map_err(|source| cloud(step, template, source))?;
            if let Some(found) = found {
                // A stack that fails while its own answer is lost is this one's failure, not an old one's.
                let fresh = !error.is_conflict() || attempt > 1;
                return self.adopt(step, template, found, fresh).await;
            }
            attempt += 1;
            if attempt > ATTEMPTS {
                return Err(self.refused(step, template, error).await);
            }
            self.retried(&step.stack, attempt, &error).await?;
        }
    }

    /// A stack of the wanted name is there: ours, or a stranger's.
    async fn adopt(&self, step: &Step, template: &Template, found: wire::Stack, fresh: bool) -> Result<Accepted, Stop> {
        let stack = StackRef::new(&found.stack_name, &found.id);
        let seen = ObservedStack::from(found);
        if !seen.belongs_to(&self.run_state().state.lineage, None) {
            self.unsent(step).await?;
            let origin = origin(step, template);
            return Err(ApplyError::ForeignStack { stack: stack.name, id: stack.id, origin }.into());
        }
        if seen.status.in_progress() && !fresh {
            // Nothing of ours was answered for: somebody else was faster.
            self.unsent(step).await?;
            return Err(in_use(&step.stack, &seen));
        }
        let same = self.has_template(&stack, template).await.map_err(|source| cloud(step, template, source))?;
        if same
            && (fresh || seen.status.in_progress() || seen.status.is_complete())
            && seen.status.action != Action::Delete
        {
            return Ok(Accepted::Watch(stack));
        }
        Ok(Accepted::Update(stack))
    }

    /// Sends an update. Where the answer is lost, Heat's events say whether it has begun.
    async fn send_update(&self, step: &Step, kept: Kept<'_>, stack: StackRef, tags: &[String]) -> Result<(), Stop> {
        let template = kept.template;
        let body = wire::UpdateStack {
            template: Some(&kept.sent),
            parameters: wire::parameters(&kept.parameters),
            timeout_mins: Some(step.timeout_minutes.saturating_add(LONGER)),
            disable_rollback: Some(!step.rollback),
            tags: Some(self.tags(step, tags)),
        };
        let keeps = template.keeps_parameters();
        let failed = |source| cloud(step, template, source);
        let marker = self.cloud.last_event(&stack).await.map_err(failed)?.map(|event| event.id);
        let (mut attempt, mut may_have_arrived) = (1, false);
        loop {
            let error = match self.cloud.update_stack(&stack, &body, keeps).await {
                Ok(()) => break,
                Err(error) => error,
            };
            if error.is_conflict() {
                let now = self.cloud.stack_status(&stack).await.map_err(failed)?;
                if let Some(now) = now.map(ObservedStack::from).filter(|now| now.status.in_progress()) {
                    if may_have_arrived && self.has_template(&stack, template).await.map_err(failed)? {
                        // The one whose answer was lost is under way.
                        break;
                    }
                    // Somebody else was faster, and what was planned is not what Heat is about to have.
                    self.unsent(step).await?;
                    return Err(in_use(&step.stack, &now));
                }
            } else if error.may_have_arrived() {
                may_have_arrived = true;
                if has_begun(self.cloud, &stack, marker.as_deref()).await.map_err(failed)? {
                    break;
                }
            } else {
                return Err(self.refused(step, template, error).await);
            }
            attempt += 1;
            if attempt > ATTEMPTS {
                return Err(self.refused(step, template, error).await);
            }
            self.retried(&step.stack, attempt, &error).await?;
        }
        let mut watch = self.watch(&step.cluster, stack, Some(template));
        (watch.marker, watch.names.unmounts) = (marker, step.unmounts);
        self.follow(step, kept, watch).await
    }

    /// The tags of a step's stack, with those that no plan tells.
    fn tags(&self, step: &Step, tags: &[String]) -> String {
        let run_state = self.run_state();
        // The base stack stands for its cluster.
        let known = run_state.state.clusters.get(&step.cluster).filter(|_| is_base_stack(&step.stack));
        let fixed = known.into_iter().flat_map(|known| &known.members.fixed);
        let fixed = fixed.filter_map(|(setting, value)| fixed_tag(setting, value));
        let salt = run_state.state.salt.as_deref().map(salt_tag);
        let author = run_state.state.last.as_ref().map(|author| author_tag(&author.user, &author.host));
        let more = (run_state.to_come > 0).then(|| more_tag(run_state.state.serial));
        tags.iter().cloned().chain(salt).chain(author).chain(more).chain(fixed).collect::<Vec<_>>().join(",")
    }

    /// Where the stack of a step is. Somebody else may have begun something there since the plan was made: then nothing is
    /// sent.
    pub(super) async fn locate(&self, step: &Step) -> Result<StackRef, Stop> {
        let known = self.run_state().known_id(&step.cluster, &step.stack);
        let failed = |source| ApplyError::cloud(&step.title, source);
        if let Some(id) = known {
            let stack = StackRef::new(&step.stack, id);
            let found = self.cloud.stack_status(&stack).await.map_err(failed)?.map(ObservedStack::from);
            if let Some(found) = found.filter(|found| !found.status.is_deleted()) {
                return if self.is_moved_by_others(step, &found) {
                    Err(in_use(&step.stack, &found))
                } else {
                    Ok(stack)
                };
            }
            // The state names another one: who bears the name and the tag is ours.
        }
        match self.cloud.find_stack(&step.stack).await.map_err(failed)?.map(ObservedStack::from) {
            Some(found) if !found.belongs_to(&self.run_state().state.lineage, None) => {
                let origin = None;
                Err(ApplyError::ForeignStack { stack: step.stack.clone(), id: found.id, origin }.into())
            }
            Some(found) if self.is_moved_by_others(step, &found) => Err(in_use(&step.stack, &found)),
            Some(found) => Ok(StackRef::new(&step.stack, found.id)),
            None => Err(ApplyError::Gone { stack: step.stack.clone() }.into()),
        }
    }

    /// Whether Heat is at a stack that we have asked nothing of.
    fn is_moved_by_others(&self, step: &Step, found: &ObservedStack) -> bool {
        let run_state = self.run_state();
        let known = run_state.state.clusters.get(&step.cluster).and_then(|known| known.stacks.get(&step.stack));
        found.status.in_progress() && known.is_none_or(|known| known.intent.is_none())
    }

    /// Whether Heat has this template of a stack, be it that it has only begun with it.
    async fn has_template(&self, stack: &StackRef, template: &Template) -> Result<bool, HeatError> {
        let there = self.cloud.template(stack).await?;
        Ok(observed_template_digest(&there) == template_digest(template))
    }

    /// A step has changed nothing: its intent goes, and what was noted for its sake.
    async fn unsent(&self, step: &Step) -> Result<(), ApplyError> {
        {
            let mut run_state = self.run_state();
            if let Some(before) = run_state.before.remove(&step.stack) {
                conclude(run_state.cluster(&step.cluster), &before);
            }
        }
        self.drop_intent(&step.cluster, &step.stack).await
    }

    /// Heat has refused: nothing has changed, the intent goes.
    async fn refused(&self, step: &Step, template: &Template, error: HeatError) -> Stop {
        if !error.may_have_arrived()
            && error.fault().is_some()
            && let Err(fault) = self.unsent(step).await
        {
            return fault.into();
        }
        if error.is_not_found() {
            return ApplyError::Gone { stack: step.stack.clone() }.into();
        }
        cloud(step, template, error).into()
    }

    pub(super) async fn retried(&self, stack: &str, attempt: u32, error: &HeatError) -> Result<(), Stop> {
        self.tell(&super::Event::Retried { stack: stack.to_owned(), attempt, reason: error.sentence() });
        if self.pause(self.cloud.patience_after(error)).await { Err(Stop::Detached) } else { Ok(()) }
    }

    /// Follows the events to the action's end and keeps what came of it.
    async fn follow(&self, step: &Step, kept: Kept<'_>, mut watch: Watch<'_, '_>) -> Result<(), Stop> {
        watch.rollback = step.rollback;
        let minutes = step.minutes();
        watch.deadline = after(self.clock.now(), minutes);
        let failed = |source| cloud(step, kept.template, source);
        let mut cancelled = false;
        let ended = loop {
            match self.until_end(&mut watch, minutes).await.map_err(failed)? {
                Watched::Interrupted if watch.interrupt.cancels() => {
                    self.cancel(step, &watch.stack).await?;
                    // Heat's rollback waits for them, whatever becomes of the nodes.
                    self.give_up_waiting(&watch, "had not answered when the update was cancelled")
                        .await
                        .map_err(failed)?;
                    cancelled = true;
                    // Who does not want to wait for that interrupts again, and leaves at once.
                    watch.interrupt = Interrupt::never();
                    watch.rollback = true;
                }
                other => break other,
            }
        };
        match ended {
            Watched::Interrupted | Watched::Late => Err(Stop::Detached),
            Watched::Gone => {
                self.forget(&step.cluster, &step.stack, true).await?;
                Err(ApplyError::Gone { stack: step.stack.clone() }.into())
            }
            Watched::Ended(stack) => match self.keep(step, kept, *stack, &watch, cancelled).await? {
                StepEnd::Well if cancelled => Err(ApplyError::TooLate { stack: step.stack.clone() }.into()),
                StepEnd::Well => Ok(()),
                StepEnd::Cancelled => Err(ApplyError::Cancelled { stack: step.stack.clone() }.into()),
                StepEnd::Failed(failure) => Err(ApplyError::Step(failure).into()),
            },
        }
    }

    /// Asks Heat to cancel an update and to roll it back. It cancels nothing else, and nothing that has just ended.
    async fn cancel(&self, step: &Step, stack: &StackRef) -> Result<(), Stop> {
        let failed = |source| ApplyError::cloud(&step.title, source);
        match self.cloud.act(stack, StackVerb::CancelUpdate).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_bad_request() => {
                let now = self.cloud.stack_status(stack).await.map_err(failed)?;
                match now.map(|now| now.status()) {
                    Some(status) if status.in_progress() && status.action == Action::Create => {
                        Err(ApplyError::NotCancellable { stack: stack.name.clone() }.into())
                    }
                    _ => Ok(()),
                }
            }
            Err(error) => Err(failed(error).into()),
        }
    }

    /// Follows the events to the action's end. Nodes that have not answered when their time is up are given up, each by
    /// itself, so that Heat ends the action; a rollback that begins then has as much time.
    pub(super) async fn until_end(&self, watch: &mut Watch<'_, '_>, minutes: u32) -> Result<Watched, HeatError> {
        loop {
            match watch.until_end().await? {
                Watched::Late => {
                    let why = format!("{GIVEN_UP} {minutes} min");
                    let given_up = self.give_up_waiting(watch, &why).await?;
                    watch.deadline = after(self.clock.now(), if given_up { minutes } else { AGAIN });
                }
                other => return Ok(other),
            }
        }
    }

    /// Says of every deployment that still waits for its node that it has failed. Returns whether there was one.
    async fn give_up_waiting(&self, watch: &Watch<'_, '_>, why: &str) -> Result<bool, HeatError> {
        let mut given_up = false;
        for resource in self.cloud.resources(&watch.stack).await? {
            let waits = resource.status().in_progress() && resource.resource_type == heat_type::SOFTWARE_DEPLOYMENT;
            let Some(id) = resource.physical_resource_id.filter(|id| waits && !id.is_empty()) else { continue };
            let node = watch.names.address(&resource.resource_name);
            let reason = format!("{node} {why}");
            self.cloud.fail_deployment(&id, &reason).await?;
            given_up = true;
        }
        Ok(given_up)
    }
}

/// So many minutes later.
pub(super) fn after(time: Timestamp, minutes: u32) -> Option<Timestamp> {
    time.checked_add(SignedDuration::from_mins(minutes.into())).ok()
}

/// How long the nodes of an action have to answer that Heat ends after so many minutes, where nobody noted it.
pub(super) fn nodes_minutes(timeout: u32) -> u32 {
    // A stack of an earlier version has no more than its nodes have.
    timeout.saturating_sub(LONGER.min(timeout / 2))
}

fn in_use(stack: &str, seen: &ObservedStack) -> Stop {
    ApplyError::InUse { under_way: seen.under_way(stack) }.into()
}

/// The line that asks for a step: that of the first resource that has one.
pub(super) fn origin(step: &Step, template: &Template) -> Option<Span> {
    let mut wanted = template.resources.values().filter(|resource| step.addresses.contains(&resource.address));
    let first = wanted.find_map(|resource| resource.origin);
    first.or_else(|| template.resources.values().find_map(|resource| resource.origin))
}

fn cloud(step: &Step, template: &Template, source: HeatError) -> ApplyError {
    ApplyError::Cloud { step: step.title.clone(), origin: origin(step, template), source: Box::new(source) }
}

/// Whether a stack has moved since an event.
pub(super) async fn has_begun(cloud: &Cloud, stack: &StackRef, marker: Option<&str>) -> Result<bool, HeatError> {
    let events = cloud.events_after(stack, marker).await?.unwrap_or_default();
    if events.iter().any(|event| event.resource_name == stack.name) {
        return Ok(true);
    }
    let now = cloud.stack_status(stack).await?;
    Ok(now.is_some_and(|now| now.status().in_progress()))
}
