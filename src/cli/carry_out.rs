//! Planning, asking and doing: what `plan`, `apply` and `destroy` share.

use super::context::Context;
use super::exit::Exit;
use super::printer::Printer;
use super::progress::Progress;
use super::stream;
use crate::apply::{Interrupt, Interrupter};
use crate::plan::Summary;
use crate::project::{Applied, Failure, FailureKind, Operation, Planned, SavedPlan};
use crate::report::{self, Message};
use crate::source::{Diagnostics, Severity};

/// What is to be carried out.
pub enum PlanSource<'a> {
    /// What is planned now.
    Fresh {
        /// Without a question.
        approved: bool,
        /// Stored data may be lost.
        accept_data_loss: bool,
    },
    /// A plan from a file.
    Saved(&'a SavedPlan),
}

impl Context {
    /// Runs what takes time.
    ///
    /// # Errors
    /// Whatever the work ends with; also where threads or timers are not to be had.
    pub fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        // The work has this thread, and one more looks after clocks, interrupts and whoever calls.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|fault| {
            Failure::new(FailureKind::Cloud, "this machine gives no threads to work with").because(&fault)
        })?;
        let outcome = runtime.block_on(work);
        runtime.shutdown_background();
        outcome
    }

    /// Says warnings.
    pub fn warn(&self, diagnostics: &Diagnostics) {
        let mut warnings = Diagnostics::new();
        warnings.extend(diagnostics.iter().filter(|found| found.severity == Severity::Warning).cloned());
        if self.streams {
            stream::diagnostics(&warnings, self.project.sources());
        } else if !warnings.is_empty() {
            self.printer.talk(&report::diagnostics(
                &warnings,
                self.project.sources(),
                self.printer.colour,
                self.printer.width,
            ));
        }
    }

    /// Shows a plan.
    pub fn present(&self, planned: &Planned) {
        self.warn(&planned.warnings);
        self.warn(&planned.plan.diagnostics);
        if self.json {
            stream::say(&Message::plan(&planned.plan, self.project.sources()));
            let sentence = report::summary_line(&planned.plan);
            stream::say(&Message::summary("plan", planned.plan.summary(), sentence));
        } else {
            let drawing = report::PlanDrawing { colour: self.printer.colour, width: self.printer.width };
            Printer::data(&report::plan(&planned.plan, self.project.sources(), drawing));
        }
    }

    /// Fails where the plan itself says that it must not be carried out.
    ///
    /// # Errors
    /// The plan's own errors.
    pub fn refuse(planned: &Planned) -> Result<(), Failure> {
        if !planned.plan.diagnostics.has_errors() {
            return Ok(());
        }
        let mut errors = Diagnostics::new();
        errors.extend(planned.plan.diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned());
        Err(Failure::of(FailureKind::Refused, errors))
    }

    /// Plans, asks, and does it. A saved plan was asked for when it was made: it is carried out as it is, or not at all.
    ///
    /// # Errors
    /// Whatever stops it; nothing is lost then, and the same command goes on from there.
    pub fn carry_out(&self, operation: Operation, source: &PlanSource<'_>) -> Result<Exit, Failure> {
        Self::wait(async {
            let interrupt = interrupts(&self.printer);
            let mut session = match source {
                PlanSource::Fresh { .. } => self.project.open(operation).await?,
                PlanSource::Saved(plan) => self.project.open_plan(plan).await?,
            };
            let mut progress = Progress::new(self);
            let result = Box::pin(async {
                let (planned, approved) = match source {
                    PlanSource::Fresh { approved, accept_data_loss } => {
                        let planned = session.plan(*accept_data_loss, interrupt.clone(), &mut progress).await?;
                        self.present(&planned);
                        (planned, *approved)
                    }
                    PlanSource::Saved(plan) => {
                        let planned = session.plan_again(plan, interrupt.clone(), &mut progress).await?;
                        self.warn(&planned.warnings);
                        (planned, true)
                    }
                };
                Self::refuse(&planned)?;
                if !planned.plan.has_changes() {
                    // What only DISCO's own record lacks (outputs, facts) is written without a question.
                    let applied = session.apply(planned, interrupt, &mut progress).await?;
                    self.conclude(operation, &applied, None);
                    return Ok(Exit::Done);
                }
                if !approved && !self.approve(operation)? {
                    return Err(Failure::new(FailureKind::Interrupted, format!("{} cancelled", operation.verb())));
                }
                let summary = planned.plan.summary();
                let applied = session.apply(planned, interrupt, &mut progress).await;
                progress.finish();
                let applied = applied?;
                self.conclude(operation, &applied, Some(summary));
                Ok(if applied.finished { Exit::Done } else { Exit::Failed(FailureKind::Interrupted) })
            })
            .await;
            session.leave(None);
            result
        })
    }

    fn approve(&self, operation: Operation) -> Result<bool, Failure> {
        if self.json {
            return Err(Failure::new(FailureKind::Definition, format!("{} --json cannot ask", operation.verb()))
                .help("say --auto-approve"));
        }
        let question = if operation.destroys() {
            "\nDo you really want to destroy all of this?\n  There is no undo. Only 'yes' is taken for yes.\n\n  Enter a value: "
        } else {
            "\nDo you want to do this?\n  Only 'yes' is taken for yes.\n\n  Enter a value: "
        };
        let answer = Printer::ask(question);
        self.printer.talk("");
        Ok(answer.as_deref() == Some("yes"))
    }

    fn conclude(&self, operation: Operation, applied: &Applied, done: Option<Summary>) {
        if !applied.finished {
            let meanwhile = if applied.goes_on {
                "Heat goes on by itself"
            } else {
                "the embedded Heat goes on with the next command"
            };
            let verb = operation.verb();
            Printer::complain(&format!("Interrupted: {meanwhile}. Run `disco {verb}` again to watch it to its end."));
            return;
        }
        let sentence = done.map(|summary| report::done_line(operation.destroys(), summary, applied.took));
        if self.json {
            let summary = done.unwrap_or_default();
            let sentence = sentence.unwrap_or_else(|| report::done_line(operation.destroys(), summary, applied.took));
            stream::say(&Message::summary(operation.verb(), summary, sentence));
            stream::say(&Message::outputs(&applied.outputs));
            return;
        }
        if let Some(sentence) = sentence {
            Printer::data(&format!("\n{sentence}"));
        }
        if !applied.outputs.is_empty() {
            Printer::data(&format!("\nOutputs:\n\n{}", report::outputs(&applied.outputs)));
        }
    }
}

/// The first interrupt stops watching, the second ends the process at once.
fn interrupts(printer: &Printer) -> Interrupt {
    let (interrupter, interrupt): (Interrupter, Interrupt) = Interrupt::new();
    let printer = printer.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            printer.talk("\nInterrupt: watching stops as soon as the state is right; once more to leave at once.");
            interrupter.interrupt();
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            super::exit::leave_at_once();
        }
    });
    interrupt
}
