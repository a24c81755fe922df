//! `disco apply`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::apply::{OnInterrupt, PARALLELISM};
use crate::cli::carry_out::PlanSource;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::{InputOptions, PartOptions, at_least_one};
use crate::project::{Failure, FailureKind, Operation};

/// Create, update or delete stacks to match the definitions
///
/// Plans, asks for approval, and applies the plan. With a FILE written by `plan --out` it applies exactly that plan
/// without asking, or refuses if something has changed since.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Saved plan to apply
    file: Option<PathBuf>,

    /// Do not ask for approval
    #[arg(long)]
    auto_approve: bool,

    /// Apply steps that lose stored data instead of refusing them
    #[arg(long, conflicts_with = "file")]
    accept_data_loss: bool,

    /// Nodes that leave where their group becomes smaller, instead of those with the highest indices: `slaves[1]`
    #[arg(long, value_name = "NODE", value_delimiter = ',', conflicts_with = "file")]
    victims: Vec<String>,

    #[command(flatten)]
    part: PartOptions,

    /// Replace the server of this node, `cluster.NAME.GROUP[INDEX]`, or of all nodes of this group, although nothing
    /// differs; can be repeated
    #[arg(long, value_name = "ADDRESS", conflicts_with = "file")]
    replace: Vec<String>,

    #[command(flatten)]
    input: InputOptions,

    /// Work on at most this many stacks at a time
    #[arg(long, value_name = "N", default_value_t = PARALLELISM, value_parser = at_least_one)]
    parallelism: NonZeroUsize,

    /// When interrupted, have Heat cancel the update that is in progress and roll it back, instead of leaving it to Heat
    #[arg(long)]
    cancel_on_interrupt: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let on_interrupt = if options.cancel_on_interrupt { OnInterrupt::Cancel } else { OnInterrupt::Detach };
    let Some(file) = &options.file else {
        let source = PlanSource::Fresh {
            approved: options.auto_approve,
            accept_data_loss: options.accept_data_loss,
            victims: &options.victims,
            scope: options.part.scope(&options.replace),
            input: options.input.input,
        };
        return context.carry_out(Operation::Apply, &source, options.parallelism, on_interrupt);
    };
    if !options.part.is_all() {
        let message =
            "a saved plan is applied as it was made: --target and --exclude belong to `disco plan --out FILE`";
        return Err(Failure::new(FailureKind::Definition, message).help("plan again with them, or leave them out"));
    }
    let saved = context.project.saved_plan(file)?;
    let operation = if saved.destroys() { Operation::Destroy } else { Operation::Apply };
    context.carry_out(operation, &PlanSource::Saved(&saved), options.parallelism, on_interrupt)
}
