//! `disco validate`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::FindingsFormat;
use crate::project::{Failure, FailureKind};

/// Check the definitions, offline
///
/// Checks every definition of the project without a cloud: syntax, names, types, sizes, limits. Reports all mistakes
/// in one run.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: FindingsFormat,

    /// Draw all mistakes, not the first 20 only
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let found = context.project.validate().map(|(_, diagnostics)| diagnostics);
    if let Some(format) = context.findings_format(options.format) {
        let failed = context.print_findings(&found, format)?;
        return Ok(if failed { Exit::Failed(FailureKind::Definition) } else { Exit::Done });
    }
    let diagnostics = found?;
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
    context.printer.data("Success! The definitions are valid.")?;
    Ok(Exit::Done)
}
