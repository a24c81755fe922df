//! Somebody else at the same stacks: with a copy of the state, from another machine, where no lock is shared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind};
use super::{Operation, Planned, Session};
use crate::apply::{Event, Observer};
use crate::heat::StackRef;
use crate::plan::{Observation, ObservedStack};
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{State, lineage_tag};

/// How often a stack that somebody else has Heat work on is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// So many stacks are named.
const NAMED: usize = 3;

/// When Heat began with what it is at, or was at last, by stack.
pub(super) fn moved(seen: &Observation) -> BTreeMap<String, Option<String>> {
    seen.stacks.iter().map(|(name, seen)| (name.clone(), seen.since().map(str::to_owned))).collect()
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
        if !changes || !self.goes_on() || state.moved_by_others(&seen).is_empty() {
            return Ok(seen);
        }
        let patience = self.project.request.lock_timeout;
        let (mut seen, mut waited) = (seen, Duration::ZERO);
        loop {
            let others = state.moved_by_others(&seen);
            if others.is_empty() {
                return Ok(seen);
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
