//! `disco apply`

use std::path::PathBuf;

use clap::Args;

use crate::cli::carry_out::PlanSource;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};

/// Make it so
///
/// Plans, asks, and makes the clusters what the definitions say. With a FILE that `plan --out` wrote it carries out that
/// plan without asking, exactly as it is, or refuses because something has changed since.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// A saved plan
    file: Option<PathBuf>,

    /// Do not ask
    #[arg(long)]
    auto_approve: bool,

    /// Carry out steps that lose stored data
    #[arg(long, conflicts_with = "file")]
    accept_data_loss: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let Some(file) = &options.file else {
        let source = PlanSource::Fresh { approved: options.auto_approve, accept_data_loss: options.accept_data_loss };
        return context.carry_out(Operation::Apply, &source);
    };
    let saved = context.project.saved_plan(file)?;
    let operation = if saved.destroys() { Operation::Destroy } else { Operation::Apply };
    context.carry_out(operation, &PlanSource::Saved(&saved))
}
