//! `disco validate`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::cli::stream;
use crate::project::{Failure, FailureKind};

/// Check the definitions, offline
///
/// Checks every definition of the project without asking a cloud: syntax, names, types, sizes, limits. All mistakes
/// are reported in one run.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (_, diagnostics) = context.project.validate()?;
    let failed = diagnostics.has_errors();
    if context.json {
        Printer::data(&stream::validation(&diagnostics, context.project.sources()));
        return Ok(if failed { Exit::Failed(FailureKind::Definition) } else { Exit::Done });
    }
    if failed {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics);
    Printer::data("Success! The definitions are valid.");
    Ok(Exit::Done)
}
