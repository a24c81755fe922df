//! Somebody else at the same stacks: with a copy of the state, from another machine, where no lock is shared.

use std::time::Duration;

use super::failure::{Failure, FailureKind};
use super::{Operation, Session};
use crate::apply::{Event, Observer};
use crate::heat::StackRef;
use crate::plan::Observation;
use crate::source::{Diagnostic, Diagnostics};
use crate::state::State;

/// How often a stack that somebody else has Heat work on is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// So many stacks are named.
const NAMED: usize = 3;

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
            while waited < patience && self.moves(&moving).await? {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            // Whatever they have made of it is planned from.
            seen = self.look(state).await?;
            waited = waited.max(PAUSE);
        }
    }

    /// Whether Heat works on one of these.
    async fn moves(&self, stacks: &[StackRef]) -> Result<bool, Failure> {
        for stack in stacks {
            let now = self.client().stack_status(stack).await.map_err(|fault| super::cloud::heat_failure(&fault))?;
            if now.is_some_and(|now| now.status().in_progress()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
