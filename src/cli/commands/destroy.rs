//! `disco destroy`

use clap::Args;

use crate::cli::carry_out::PlanSource;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};

/// Destroy all clusters of the project
///
/// Deletes everything that `apply` created, stored data included, checks that nothing is left, and only then removes
/// it from the state.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Do not ask for approval, and destroy stored data too
    #[arg(long)]
    auto_approve: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.carry_out(Operation::Destroy, &PlanSource::Fresh { approved: options.auto_approve, accept_data_loss: true })
}
