//! Somebody else at the same stacks: with a copy of the state, from another machine, where no lock is shared.

#![expect(clippy::disallowed_methods, reason = "how long ago others have ended a step goes by the host's clock")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind};
use super::{Operation, Planned, Session};
use crate::apply::{Event, Observer};
use crate::heat::StackRef;
use crate::plan::{Observation, ObservedStack};
use crate::source::{Diagnostic, Diagnostics, Severity};
use crate::state::{State, lineage_tag};

/// How often a stack that somebody else has Heat work on is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// So many stacks are named.
const NAMED: usize = 3;

/// So long after the end of a step its operation is expected to go on with the next one: longer than a client needs in
/// between, and not so long that an operation whose client was killed keeps others waiting.
const BETWEEN_STEPS: SignedDuration = SignedDuration::from_mins(2);

/// When Heat began with what it is at, or was at last, by stack.
pub(super) fn moved(seen: &Observation) -> BTreeMap<String, Option<String>> {
    seen.stacks.iter().map(|(name, seen)| (name.clone(), seen.since().map(str::to_owned))).collect()
}

/// The time between two steps of somebody else's operation.
pub(super) struct BetweenSteps {
    /// What was asked last.
    stack: String,
    seen: ObservedStack,
    /// When that has ended.
    ended: Timestamp,
}

impl BetweenSteps {
    fn diagnostic(&self, severity: Severity) -> Diagnostic {
        let Self { stack, seen, ended } = self;
        let by = seen.by().map(|by| format!(" by {by}")).unwrap_or_default();
        let ended = ended.strftime("%Y-%m-%dT%H:%M:%SZ");
        let message = format!(
            "an operation{by} is between two steps: stack `{stack}` is {} since {ended}, and more follows",
            seen.status
        );
        let help = "wait for it to end, or add --lock-timeout=30m to wait in this command; if it was killed, this is \
                    allowed 2 minutes after its last step";
        let code = "disco::stack_in_use";
        match severity {
            Severity::Warning => Diagnostic::warning(code, message)
                .help("wait for it to end before you apply, or add --lock-timeout=30m to `disco apply`"),
            Severity::Error => Diagnostic::error(code, message).help(help),
        }
    }

    /// That it is waited for.
    fn event(&self) -> Event {
        let since = self.seen.since().unwrap_or_default().to_owned();
        Event::Reattached {
            stack: self.stack.clone(),
            action: self.seen.status.action.clone(),
            since,
            by: self.seen.by(),
        }
    }
}

impl Session<'_> {
    /// Nothing is changed while Heat works on a stack for somebody else: that is refused, or waited for as long as the user
    /// said. A plan is made all the same. Returns what is seen then.
    pub(super) async fn until_others_end(
        &self,
        state: &State,
        seen: Observation,
        observer: &mut dyn Observer,
    ) -> Result<Observation, Failure> {
        let changes = match self.operation {
            Operation::Apply | Operation::Destroy | Operation::Suspend | Operation::Resume => true,
            Operation::Plan | Operation::PlanDestroy | Operation::Drift | Operation::Import => false,
        };
        // An engine in this process has nobody else, and goes on only while we wait for it.
        if !changes || !self.goes_on() {
            return Ok(seen);
        }
        let patience = self.project.request.lock_timeout;
        let (mut seen, mut waited) = (seen, Duration::ZERO);
        loop {
            let others = state.moved_by_others(&seen);
            if others.is_empty() {
                let Some(pause) = self.between_steps(state, &seen).await? else { return Ok(seen) };
                if waited >= patience {
                    return Err(Failure::of(FailureKind::Locked, pause.diagnostic(Severity::Error).into()));
                }
                if waited.is_zero() {
                    observer.on(Duration::ZERO, &pause.event());
                }
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
                seen = self.look(state).await?;
                continue;
            }
            if waited >= patience {
                let mut refusals = Diagnostics::new();
                refusals.extend(others.iter().take(NAMED).map(|(name, seen)| {
                    Diagnostic::error("disco::stack_in_use", seen.under_way(name))
                        .help("wait for it to end, or add --lock-timeout=30m to wait in this command")
                }));
                return Err(Failure::of(FailureKind::Locked, refusals));
            }
            let mut moving: Vec<StackRef> = Vec::new();
            for (name, seen) in others {
                if waited.is_zero() {
                    let since = seen.since().unwrap_or_default().to_owned();
                    let (stack, action, by) = (name.to_owned(), seen.status.action.clone(), seen.by());
                    observer.on(Duration::ZERO, &Event::Reattached { stack, action, since, by });
                }
                moving.push(StackRef::new(name, &seen.id));
            }
            loop {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
                if waited >= patience || !self.moves(&moving).await? {
                    break;
                }
            }
            // Whatever they have made of it is planned from.
            seen = self.look(state).await?;
        }
    }

    /// Whether somebody else's operation is between two of its steps: the stack that was asked last says that there is more
    /// to come, of an operation that this state does not know, and has ended only now.
    pub(super) async fn between_steps(
        &self,
        state: &State,
        seen: &Observation,
    ) -> Result<Option<BetweenSteps>, Failure> {
        let began = |seen: &ObservedStack| seen.since().and_then(|since| since.parse::<Timestamp>().ok());
        let ours = seen.stacks.iter().filter(|(name, seen)| {
            let known = state.stacks().find(|(_, stack, _)| stack == name);
            seen.belongs_to(&state.lineage, known.and_then(|(.., known)| known.id.as_deref()))
        });
        let ours: Vec<(&String, &ObservedStack)> = ours.collect();
        let latest = ours.iter().filter_map(|(_, seen)| began(seen)).max();
        let last: Vec<_> = ours.into_iter().filter(|(_, seen)| latest.is_some() && began(seen) == latest).collect();
        // Heat's times are whole seconds: of what was asked in the same one, one that says no more was the last.
        let goes_on = |seen: &ObservedStack| seen.continues().is_some_and(|serial| serial > state.serial);
        if !last.iter().all(|(_, seen)| goes_on(seen)) {
            return Ok(None);
        }
        for (name, seen) in last.into_iter().take(NAMED) {
            let event = self.client().last_event(&StackRef::new(name, &seen.id)).await;
            let event = event.map_err(|fault| heat_failure(&fault))?;
            let ended = event.and_then(|event| event.event_time.parse::<Timestamp>().ok());
            let Some(ended) = ended.filter(|ended| Timestamp::now().duration_since(*ended) < BETWEEN_STEPS) else {
                continue;
            };
            return Ok(Some(BetweenSteps { stack: name.clone(), seen: seen.clone(), ended }));
        }
        Ok(None)
    }

    /// Refuses a plan that somebody else has overtaken while its owner thought about it.
    ///
    /// # Errors
    /// A stack that the plan changes and that has changed since.
    pub async fn check_overtaken(&self, planned: &Planned) -> Result<(), Failure> {
        let tagged = self.client().stacks_tagged(&lineage_tag(&planned.state.lineage)).await;
        let tagged = tagged.map_err(|fault| heat_failure(&fault))?;
        let stacks: BTreeMap<String, ObservedStack> =
            tagged.into_iter().map(|stack| (stack.stack_name.clone(), ObservedStack::from(stack))).collect();
        let names: BTreeSet<&String> = planned.plan.steps.iter().map(|step| &step.stack).collect();
        let mut refusals = Diagnostics::new();
        for name in names {
            let now = stacks.get(name);
            let then = planned.moved.get(name);
            let what = match now {
                // Stacks from before there were tags are not listed.
                None => continue,
                Some(now) if then.is_some_and(|then| then.as_deref() == now.since()) => continue,
                Some(now) if now.status.in_progress() => now.under_way(name),
                Some(now) => {
                    let by = now.by().map(|by| format!(" by {by}")).unwrap_or_default();
                    format!("stack `{name}` was changed{by} after this plan was made: it is {}", now.status)
                }
            };
            refusals
                .push(Diagnostic::error("disco::stack_in_use", what).help("run the same command again: it plans anew"));
        }
        if refusals.has_errors() { Err(Failure::of(FailureKind::Locked, refusals)) } else { Ok(()) }
    }

    /// What a plan, which nobody is kept from making, says where somebody else is about to go on.
    pub(super) async fn others_pause(&self, state: &State, seen: &Observation) -> Result<Option<Diagnostic>, Failure> {
        let looks = matches!(self.operation, Operation::Plan | Operation::PlanDestroy);
        if !looks || !self.goes_on() || seen.stacks.values().any(|seen| seen.status.in_progress()) {
            return Ok(None);
        }
        Ok(self.between_steps(state, seen).await?.map(|pause| pause.diagnostic(Severity::Warning)))
    }

    /// Whether Heat works on one of these.
    async fn moves(&self, stacks: &[StackRef]) -> Result<bool, Failure> {
        for stack in stacks {
            let now = self.client().stack_status(stack).await.map_err(|fault| heat_failure(&fault))?;
            if now.is_some_and(|now| now.status().in_progress()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
