//! Suspending and resuming: what `suspend` and `resume` share.

use clap::Args;

use super::carry_out::left;
use super::context::Context;
use super::exit::Exit;
use super::progress::Progress;
use super::signals::Signals;
use crate::apply::OnInterrupt;
use crate::plan::{Summary, Switch};
use crate::project::{Failure, FailureKind, Operation, Switched};
use crate::report::{self, Message};

/// Which clusters, and whether their end is waited for.
#[derive(Debug, Args)]
pub(super) struct SwitchOptions {
    /// Names of clusters; all of the project where none is given
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Ask Heat and do not wait; the next command finds out how it ended
    #[arg(long)]
    no_wait: bool,
}

impl Context {
    /// Suspends or resumes clusters.
    ///
    /// # Errors
    /// Whatever stops it; nothing is lost then, and the same command goes on from there.
    pub(super) fn switch(&self, switch: Switch, options: &SwitchOptions) -> Result<Exit, Failure> {
        let operation = match switch {
            Switch::Suspend => Operation::Suspend,
            Switch::Resume => Operation::Resume,
        };
        let (names, waits) = (&options.names, !options.no_wait);
        Self::wait(async {
            let signals = Signals::listen(&self.printer);
            let session = signals.unless_come(self.project.open(operation)).await?;
            self.tell_details(&session);
            let mut progress = Progress::new(self).watching(waits);
            let result = Box::pin(async {
                let plan = session.plan_switch(switch, names, signals.interrupt.clone(), &mut progress);
                let planned = signals.unless_come_long_ago(Box::pin(plan)).await?;
                signals.watch(OnInterrupt::Detach);
                let switched = session.switch(planned, waits, signals.interrupt.clone(), &mut progress).await;
                progress.finish();
                self.say_switched(switch, &switched?, waits)
            })
            .await;
            progress.finish();
            session.leave(None);
            result
        })
    }

    fn say_switched(&self, switch: Switch, switched: &Switched, waits: bool) -> Result<Exit, Failure> {
        if !switched.finished {
            let why = if waits { "Interrupted" } else { "Not waiting" };
            let told = left(why, switched.meanwhile, switch.verb());
            let told = self.printer.hints.text(&told);
            if waits {
                self.printer.complain(&told);
            } else {
                self.printer.talk(&told);
            }
            return Ok(if waits { Exit::Failed(FailureKind::Interrupted) } else { Exit::Done });
        }
        let sentence = report::switched_line(switch, &switched.clusters, switched.steps > 0, switched.took);
        self.stream.say(&Message::summary(switch.verb(), Summary::default(), sentence.clone()))?;
        if !self.json {
            self.printer.data(&sentence)?;
        }
        Ok(Exit::Done)
    }
}
