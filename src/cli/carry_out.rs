//! Planning, asking and doing: what `plan`, `apply` and `destroy` share.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::context::Context;
use super::exit::Exit;
use super::options::PlanFormat;
use super::printer::{Printer, Verbosity};
use super::progress::Progress;
use super::signals::Signals;
use crate::apply::OnInterrupt;
use crate::plan::Summary;
use crate::project::{Applied, Failure, FailureKind, Meanwhile, Operation, Planned, SavedPlan, ScopeRequest, Session};
use crate::report::{self, Message};
use crate::source::{Diagnostics, Severity};

/// What is to be carried out.
pub(crate) enum PlanSource<'a> {
    /// What is planned now.
    Fresh {
        /// Without a question.
        approved: bool,
        /// Stored data may be lost.
        accept_data_loss: bool,
        /// Who leaves where a group becomes smaller.
        victims: &'a [String],
        /// What is planned, where that is not everything, and what is replaced.
        scope: ScopeRequest,
        /// Whether anybody may be asked.
        input: bool,
    },
    /// A plan from a file.
    Saved(&'a SavedPlan),
}

/// What is said where nobody watches any longer.
pub(super) fn left(why: &str, meanwhile: Meanwhile, verb: &str) -> String {
    let (meanwhile, then) = match meanwhile {
        Meanwhile::HeatContinues => ("Heat continues by itself", "watch it until it ends"),
        Meanwhile::EngineWaits => ("the embedded Heat continues with the next command", "watch it until it ends"),
        Meanwhile::Nothing => ("nothing is under way, more steps are left", "continue"),
    };
    format!("{why}: {meanwhile}. Run `disco {verb}` again to {then}.")
}

/// A question whose line is ended with it, also where a signal ends the waiting.
struct OpenLine<'p>(&'p Printer);

impl Drop for OpenLine<'_> {
    fn drop(&mut self) {
        self.0.talk("");
    }
}

impl Context {
    /// Runs what takes time.
    ///
    /// # Errors
    /// Whatever the work ends with; also where threads or timers are not to be had.
    pub(crate) fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        // The work has this thread, and one more looks after clocks, interrupts and whoever calls.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime =
            runtime.map_err(|fault| Failure::new(FailureKind::Cloud, "no threads could be started").because(&fault))?;
        let outcome = runtime.block_on(work);
        runtime.shutdown_background();
        outcome
    }

    /// Says warnings.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(crate) fn warn(&self, diagnostics: &Diagnostics) -> Result<(), Failure> {
        let diagnostics = self.printer.hints.diagnostics(diagnostics);
        let mut warnings = Diagnostics::new();
        warnings.extend(diagnostics.iter().filter(|found| found.severity == Severity::Warning).cloned());
        if self.streams && !self.is_quiet() {
            return self.stream.diagnostics(&warnings, self.project.sources());
        }
        warnings.iter().for_each(|found| self.stream.keep(&Message::diagnostic(found, self.project.sources())));
        if !warnings.is_empty() {
            let drawing = self.printer.drawing();
            self.printer.talk(&report::diagnostics(&warnings, self.project.sources(), drawing));
        }
        Ok(())
    }

    /// The same in another format than a terminal's.
    ///
    /// # Errors
    /// Like [`Context::present`].
    pub(crate) fn present_as(
        &self,
        planned: &Planned,
        expected: Option<Duration>,
        format: PlanFormat,
    ) -> Result<(), Failure> {
        match format {
            PlanFormat::Text => self.present(planned, expected),
            PlanFormat::Markdown => {
                let sources = self.project.sources();
                let (headline, most) = (report::Headline::PLAN, report::LONGEST_COMMENT);
                self.printer.document(&report::plan_markdown(&planned.plan, &planned.warnings, sources, headline, most))
            }
            _ => {
                let mut found = planned.warnings.clone();
                found.extend(planned.plan.diagnostics.iter().cloned());
                // Errors stop the plan, and are printed then.
                match (found.has_errors(), format.findings()) {
                    (false, Some(format)) => self.print_findings(&Ok(found), format).map(drop),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Shows a plan, and how long it is expected to take.
    ///
    /// # Errors
    /// A stdout that takes no more: nobody has seen the plan then.
    pub(crate) fn present(&self, planned: &Planned, expected: Option<Duration>) -> Result<(), Failure> {
        self.warn(&planned.warnings)?;
        self.warn(&planned.plan.diagnostics)?;
        self.say_plan(planned, expected)?;
        if self.json {
            Ok(())
        } else {
            let drawing = report::PlanDrawing { colour: self.printer.colour, width: self.printer.plan_width() };
            self.printer.data(&report::plan(&planned.plan, self.project.sources(), drawing))?;
            if let Some(expected) = report::progress::expected(expected) {
                self.printer.talk(&expected);
            }
            Ok(())
        }
    }

    /// Tells programs, and the history, what would change.
    fn say_plan(&self, planned: &Planned, expected: Option<Duration>) -> Result<(), Failure> {
        if !self.stream.is_heard() {
            return Ok(());
        }
        self.stream.say(&Message::plan(&planned.plan, self.project.sources()))?;
        let sentence = report::summary_line(&planned.plan);
        self.stream.say(&Message::planned(planned.plan.summary(), sentence, expected))
    }

    /// Fails where the plan itself says that it must not be carried out; where findings are asked for, the failure tells all of
    /// them.
    ///
    /// # Errors
    /// The plan's own errors.
    pub(crate) fn refuse_as(planned: &Planned, format: PlanFormat) -> Result<(), Failure> {
        planned.refuse().map_err(|mut failure| {
            if format.findings().is_some() {
                failure.diagnostics = planned.warnings.clone();
                failure.diagnostics.extend(planned.plan.diagnostics.iter().cloned());
            }
            failure
        })
    }

    /// Plans, asks, and does it. A saved plan was asked for when it was made: it is carried out as it is, or not at all.
    ///
    /// # Errors
    /// Whatever stops it; nothing is lost then, and the same command goes on from there.
    pub(crate) fn carry_out(
        &self,
        operation: Operation,
        source: &PlanSource<'_>,
        parallelism: NonZeroUsize,
        on_interrupt: OnInterrupt,
    ) -> Result<Exit, Failure> {
        Self::wait(async {
            let signals = Signals::listen(&self.printer);
            let opened = signals.unless_come(async {
                match source {
                    PlanSource::Fresh { .. } => self.project.open(operation).await,
                    PlanSource::Saved(plan) => self.project.open_plan(plan).await,
                }
            });
            let mut session = opened.await?;
            session.set_parallelism(parallelism);
            if let PlanSource::Fresh { victims, scope, .. } = source {
                session.set_victims(victims)?;
                session.set_scope(scope);
            }
            self.tell_details(&session);
            let mut progress = Progress::new(self);
            let result = Box::pin(async {
                let (planned, approved) = match source {
                    PlanSource::Fresh { approved, accept_data_loss, .. } => {
                        let plan = session.plan(*accept_data_loss, signals.interrupt.clone(), &mut progress);
                        let planned = signals.unless_come_long_ago(Box::pin(plan)).await?;
                        progress.finish();
                        // Who is asked has to see it; who is not, and wants results only, does not.
                        if !*approved || !self.is_quiet() {
                            self.present(&planned, session.expected(&planned))?;
                        } else {
                            self.stream.keep_plan(&planned.plan, self.project.sources());
                        }
                        (planned, *approved)
                    }
                    PlanSource::Saved(plan) => {
                        let plan = session.plan_again(plan, signals.interrupt.clone(), &mut progress);
                        let planned = signals.unless_come_long_ago(Box::pin(plan)).await?;
                        progress.finish();
                        self.warn(&planned.warnings)?;
                        self.stream.keep_plan(&planned.plan, self.project.sources());
                        (planned, true)
                    }
                };
                planned.refuse()?;
                if !planned.plan.has_changes() {
                    // What only DISCO's own record lacks (outputs, facts) is written without a question.
                    let nothing = report::summary_line(&planned.plan);
                    let applied =
                        session.apply(planned, signals.interrupt.clone().meaning(on_interrupt), &mut progress).await?;
                    if approved && self.is_quiet() && !self.json {
                        self.printer.data(&nothing)?;
                    }
                    self.conclude(operation, &applied, None)?;
                    return Ok(Exit::Done);
                }
                if !approved {
                    let loses_data =
                        operation.destroys() && planned.plan.changes.iter().any(|change| !change.lost.is_empty());
                    if matches!(source, PlanSource::Fresh { input: false, .. }) {
                        let message = format!("`{} --input=false` cannot ask for approval", operation.verb());
                        return Err(Failure::new(FailureKind::Definition, message).help("add --auto-approve"));
                    }
                    signals.unless_come(self.approve(operation, loses_data)).await?;
                    signals.unless_come(session.check_overtaken(&planned)).await?;
                }
                let summary = planned.plan.summary();
                let remainder = report::scope_remainder(&planned.plan.scope);
                signals.watch(on_interrupt);
                let applied =
                    session.apply(planned, signals.interrupt.clone().meaning(on_interrupt), &mut progress).await;
                progress.finish();
                let applied = applied?;
                self.conclude(operation, &applied, Some(summary))?;
                if let Some(remainder) = remainder.filter(|_| !self.json && !self.is_quiet()) {
                    self.printer.talk(&self.printer.hints.text(&format!("\n{remainder}")));
                }
                Ok(if applied.finished { Exit::Done } else { Exit::Failed(FailureKind::Interrupted) })
            })
            .await;
            progress.finish();
            session.leave(None);
            result
        })
    }

    /// Asks, and returns only where the answer is yes.
    async fn approve(&self, operation: Operation, loses_data: bool) -> Result<(), Failure> {
        let verb = operation.verb();
        if self.json {
            return Err(Failure::new(FailureKind::Definition, format!("`{verb} --json` cannot ask for approval"))
                .help("add --auto-approve"));
        }
        let cancelled = || Failure::new(FailureKind::Refused, format!("{verb} cancelled"));
        if !self.printer.is_read() {
            let why = "stdout was closed before the whole plan was printed";
            return Err(Failure { causes: vec![why.to_owned()], ..cancelled() }
                .help("add --auto-approve to continue without approval"));
        }
        let within = self.project.workspace_name()?.map(|name| format!(" in workspace `{name}`")).unwrap_or_default();
        let (asked, then) = if loses_data {
            (
                "really want to destroy all of this, and the data that is stored on it",
                "The plan above names the folders. There is no undo. Only 'yes' is accepted.",
            )
        } else if operation.destroys() {
            ("really want to destroy all of this", "There is no undo. Only 'yes' is accepted.")
        } else {
            ("want to do this", "Only 'yes' is accepted to approve.")
        };
        Printer::question(&format!("\nDo you {asked}{within}?\n  {then}\n\n  Enter a value: "));
        // A thread of its own waits for the line: a signal does not wait for it.
        let line = OpenLine(&self.printer);
        let answer = tokio::task::spawn_blocking(Printer::answer).await.ok().flatten();
        drop(line);
        match answer.as_deref() {
            Some("yes") => Ok(()),
            Some(_) => Err(cancelled()),
            None => Err(cancelled().help("add --auto-approve where nobody can answer")),
        }
    }

    /// Whether results and errors are all that is wanted.
    fn is_quiet(&self) -> bool {
        self.printer.verbosity == Verbosity::Quiet
    }

    fn conclude(&self, operation: Operation, applied: &Applied, done: Option<Summary>) -> Result<(), Failure> {
        let verb = operation.verb();
        if !applied.finished {
            let told = left("Interrupted", applied.meanwhile, verb);
            self.printer.complain(&self.printer.hints.text(&told));
            return Ok(());
        }
        self.warn(&applied.warnings)?;
        self.say_result(operation, applied, done).map_err(|failure| {
            failure
                .help(format!("the {verb} itself is complete: run `disco show` or `disco output` to see its results"))
        })
    }

    fn say_result(&self, operation: Operation, applied: &Applied, done: Option<Summary>) -> Result<(), Failure> {
        let sentence = done.map(|summary| report::done_line(operation.destroys(), summary, applied.took));
        if self.stream.is_heard() {
            let summary = done.unwrap_or_default();
            let line = || report::done_line(operation.destroys(), summary, applied.took);
            if !(applied.timeline.is_empty() || self.json && self.is_quiet()) {
                self.stream.say(&Message::timeline(&applied.timeline))?;
            }
            self.stream.say(&Message::summary(operation.verb(), summary, sentence.clone().unwrap_or_else(line)))?;
            self.stream.say(&Message::outputs(&applied.outputs))?;
        }
        if self.json {
            return Ok(());
        }
        let timeline = report::timeline(&applied.timeline);
        if !timeline.is_empty() {
            self.printer.talk(&format!("\n{}", timeline.trim_end()));
        }
        if let Some(sentence) = sentence {
            // A line apart from the plan, where there is one.
            let apart = if self.is_quiet() { "" } else { "\n" };
            self.printer.data(&format!("{apart}{sentence}"))?;
        }
        if !applied.outputs.is_empty() {
            self.printer.data(&format!("\nOutputs:\n\n{}", report::outputs(&applied.outputs)))?;
        }
        Ok(())
    }

    /// Says where an operation works, to those who asked for more; and to everybody where that may not be the cloud that
    /// the environment names.
    pub(crate) fn tell_details(&self, session: &Session<'_>) {
        if let Some(hint) = session.unused_cloud().filter(|_| !self.is_quiet() && !self.json) {
            self.printer.talk(&self.printer.hints.text(&hint));
        }
        if self.printer.verbosity > Verbosity::Normal {
            session.details().iter().for_each(|line| self.printer.detail(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_is_said_only_where_something_does() {
        let told = |meanwhile| left("Interrupted", meanwhile, "apply");
        assert_eq!(
            told(Meanwhile::Nothing),
            "Interrupted: nothing is under way, more steps are left. Run `disco apply` again to continue."
        );
        assert!(told(Meanwhile::HeatContinues).contains("Heat continues by itself"));
        assert!(told(Meanwhile::EngineWaits).contains("continues with the next command"));
    }
}
