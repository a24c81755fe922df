//! `disco plan`

use clap::Args;

use crate::apply::{Interrupt, NoObserver};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};

/// Show what would change
///
/// Shows what `apply` would change, step by step, and changes nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Plan to remove everything
    #[arg(long)]
    destroy: bool,

    /// End with 0 if nothing would change, 1 on failure, 2 if changes are waiting
    #[arg(long)]
    detailed_exitcode: bool,

    /// Plan steps that lose stored data instead of refusing them
    #[arg(long)]
    accept_data_loss: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let operation = if options.destroy { Operation::PlanDestroy } else { Operation::Plan };
    Context::wait(async {
        let session = context.project.open(operation).await?;
        let planned = session.plan(options.accept_data_loss, Interrupt::never(), &mut NoObserver).await;
        session.close();
        let planned = planned?;
        context.present(&planned);
        Context::refuse(&planned)?;
        let changes = options.detailed_exitcode && planned.plan.has_changes();
        Ok(if changes { Exit::Changes } else { Exit::Done })
    })
}
