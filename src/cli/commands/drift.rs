//! `disco drift`

use clap::Args;

use crate::apply::{Interrupt, NoObserver};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};
use crate::report;

/// Show what changed outside of DISCO
///
/// Compares the cloud with the state and shows every difference, with what `apply` would do about it: servers that were
/// deleted or stopped, rules that were added, floating IPs that were taken away, stacks that were updated, suspended or
/// deleted. Changes nothing. Exits with 0 for no drift, 1 for a failure, 2 for drift, or where an operation that was
/// interrupted is still under way, so that it cannot be told yet.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Clusters to look at; all if none is named
    #[arg(value_name = "NAME")]
    clusters: Vec<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let session = context.project.open(Operation::Drift).await?;
        context.tell_details(&session);
        let result = Box::pin(async {
            let planned = session.plan(false, Interrupt::never(), &mut NoObserver).await?;
            let drift = planned.drift(&options.clusters)?;
            let serial = planned.plan.base.serial;
            if context.json {
                context.printer.data(&report::drift_json(serial, &drift).to_string())?;
            } else {
                context.printer.data(&context.printer.hints.text(&report::drift(serial, &drift)))?;
            }
            let exit = if drift.is_empty() { Exit::Done } else { Exit::Changes };
            Ok((planned, exit))
        })
        .await;
        let (planned, outcome) = match result {
            Ok((planned, exit)) => (Some(planned), Ok(exit)),
            Err(failure) => (None, Err(failure)),
        };
        session.leave(planned);
        outcome
    })
}
