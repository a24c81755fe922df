//! Operations that a service began and that were cut off: a service that begins again continues them.

use super::super::{Failure, FailureKind, OperationLog, Planned, Project, SavedPlan, Session, saved};
use super::Order;
use crate::apply::Interrupt;
use crate::project::history::{Ending, KEPT};
use crate::report::Message;
use crate::source::Sources;

/// What was cut off.
#[derive(Debug)]
pub struct CutOff {
    /// Its record, in which it goes on.
    pub log: OperationLog,
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// A plan of which nothing was done yet.
    Whole(SavedPlan),
    /// One of which something was.
    Rest(SavedPlan),
    /// An order.
    Order(Order),
    /// Nothing that can be continued; why.
    Lost(Failure),
}

impl Project {
    /// The operations that were cut off after the last one that has an end, the oldest first; of those that a service began
    /// whose keys are `ours`.
    ///
    /// # Errors
    /// A history that cannot be read or written.
    pub fn cut_off(&self, ours: impl Fn(&str) -> bool) -> Result<Vec<CutOff>, Failure> {
        // Most projects have none, and then one file is read of all that are kept.
        if self.history(1)?.first().is_none_or(|newest| newest.ending != Ending::CutOff) {
            return Ok(Vec::new());
        }
        let all = self.history(KEPT)?;
        let cut = all.iter().take_while(|past| past.ending == Ending::CutOff);
        let mut found = Vec::new();
        for past in cut.filter(|past| past.asked.key.as_deref().is_some_and(&ours)) {
            let Some(log) = self.reopen_log(past.number)? else { continue };
            let begun = self.past_operation(past.number)?.is_some_and(|(_, lines)| !lines.is_empty());
            let order = Order::ALL.into_iter().find(|order| past.asked.operation == order.verb());
            let work = match (&past.asked.plan, order) {
                (Some(plan), _) => match self.kept_plan(plan) {
                    Ok(Some(plan)) if begun => Work::Rest(plan),
                    Ok(Some(plan)) => Work::Whole(plan),
                    Ok(None) => Work::Lost(lost("the plan that it was to carry out does not exist any more")),
                    Err(failure) => Work::Lost(failure),
                },
                (None, Some(order)) => Work::Order(order),
                (None, None) => continue,
            };
            found.push(CutOff { log, work });
        }
        found.reverse();
        Ok(found)
    }

    /// Continues it, and says all of it to the project's log, the last word too. Returns whether it came to its end.
    pub async fn carry_on(&self, cut_off: CutOff, interrupt: Interrupt) -> bool {
        match cut_off.work {
            Work::Whole(plan) => self.carry_out(&plan, interrupt).await,
            Work::Order(order) => self.carry_out_order(order, interrupt).await,
            Work::Rest(plan) => {
                let mut log = cut_off.log;
                log.tell(&Message::version());
                let done = Box::pin(self.rest_of(&plan, interrupt, &mut log)).await;
                self.tell_last_word(done, &log)
            }
            Work::Lost(failure) => self.tell_last_word(Err(failure), &cut_off.log),
        }
    }

    /// What is left of a plan: planned anew, with the same definition and no more leave than it had.
    async fn rest_of(&self, plan: &SavedPlan, interrupt: Interrupt, log: &mut OperationLog) -> Result<bool, Failure> {
        let mut session = self.open_plan(plan).await?;
        session.begin_as(plan);
        let done = Box::pin(async {
            let accepts = plan.accepts_data_loss() || plan.destroys();
            let planned = session.plan(accepts, interrupt.clone(), log).await?;
            require_same_files(plan, &planned, &session, self.sources())?;
            self.do_planned(&session, planned, plan.destroys(), interrupt, log).await
        })
        .await;
        session.close();
        done
    }
}

/// Refuses to go on with a plan whose definition was changed meanwhile: nobody has looked at what it comes to now.
fn require_same_files(
    plan: &SavedPlan,
    planned: &Planned,
    session: &Session<'_>,
    sources: &Sources,
) -> Result<(), Failure> {
    let now = saved::document(planned, session.loaded(), plan.destroys(), plan.format(), sources);
    let inputs = now["made_from"]["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let changed = saved::differing(plan.inputs(), inputs, true);
    if changed.is_empty() {
        return Ok(());
    }
    Err(lost(&format!("the definition was changed since: {}", changed.join(", "))))
}

fn lost(why: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("it was cut off and cannot be continued: {why}"))
        .help("make a plan and apply it: it continues from what Heat has")
}
