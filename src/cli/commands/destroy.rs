//! `disco destroy`

use clap::Args;

use crate::cli::carry_out::PlanSource;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};

/// Remove everything that was made
///
/// Removes everything that `apply` made, the data stored on it included, proves that nothing is left, and only then
/// forgets it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Do not ask, and destroy stored data too
    #[arg(long)]
    auto_approve: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.carry_out(Operation::Destroy, &PlanSource::Fresh { approved: options.auto_approve, accept_data_loss: true })
}
