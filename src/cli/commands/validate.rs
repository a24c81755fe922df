//! `disco validate`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::report;

/// Check the definitions, offline
///
/// Checks every definition of the project without a cloud: syntax, names, types, sizes, limits. Reports all mistakes
/// in one run.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let sources = context.project.sources();
    let found = context.project.validate();
    if context.json {
        let (diagnostics, failure) = match &found {
            Ok((_, diagnostics)) => (diagnostics, None),
            Err(failure) => {
                let Failure { message, causes, help, diagnostics, .. } = failure;
                let sentence = (message.as_str(), causes.as_slice(), help.as_deref());
                (diagnostics, (!message.is_empty()).then_some(sentence))
            }
        };
        let failed = failure.is_some() || diagnostics.has_errors();
        context.printer.data(&report::validation_json(diagnostics, failure, sources).to_string())?;
        return Ok(if failed { Exit::Failed(FailureKind::Definition) } else { Exit::Done });
    }
    let (_, diagnostics) = found?;
    let failed = diagnostics.has_errors();
    if failed {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
    context.printer.data("Success! The definitions are valid.")?;
    Ok(Exit::Done)
}
