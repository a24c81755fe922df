//! `disco destroy`

use std::num::NonZeroUsize;

use clap::Args;

use crate::apply::{OnInterrupt, PARALLELISM};
use crate::cli::carry_out::PlanSource;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::{InputOptions, PartOptions, at_least_one};
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

    #[command(flatten)]
    part: PartOptions,

    #[command(flatten)]
    input: InputOptions,

    /// Work on at most this many stacks at a time
    #[arg(long, value_name = "N", default_value_t = PARALLELISM, value_parser = at_least_one)]
    parallelism: NonZeroUsize,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let source = PlanSource::Fresh {
        approved: options.auto_approve,
        accept_data_loss: true,
        victims: &[],
        scope: options.part.scope(&[]),
        input: options.input.input,
    };
    context.carry_out(Operation::Destroy, &source, options.parallelism, OnInterrupt::Detach)
}
