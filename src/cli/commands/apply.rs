//! `disco apply`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};

/// Make it so
///
/// Plans, asks, and makes the clusters what the definitions say.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Carry out steps that lose stored data
    #[arg(long)]
    accept_data_loss: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.carry_out(Operation::Apply, options.auto_approve, options.accept_data_loss)
}
