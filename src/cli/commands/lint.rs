//! `disco lint`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::FindingsFormat;
use crate::project::{Failure, FailureKind};

/// Find what is allowed and probably not meant, offline
///
/// Checks the definitions like `validate`, and for what works and yet should not be: names that nothing uses, ports open to
/// the world, data without protection, keys that no service reads. A comment `# disco:ignore CODE because REASON` before a
/// block or an attribute, or behind it, silences a warning there; `disco { lint { … } }` does for the whole project. Exits
/// with 0 for nothing, 1 for errors, 2 for warnings.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// How to print what is found
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json")]
    format: FindingsFormat,

    /// Draw all findings, not the first 20 only
    #[arg(long)]
    pub(in crate::cli) all: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let found = context.project.lint();
    let waits = |found: &Result<_, Failure>| match found {
        Ok(diagnostics) if crate::source::Diagnostics::is_empty(diagnostics) => Exit::Done,
        _ => Exit::Changes,
    };
    if let Some(format) = context.findings_format(options.format) {
        let failed = context.print_findings(&found, format)?;
        return Ok(if failed { Exit::Failed(FailureKind::Definition) } else { waits(&found) });
    }
    let exit = waits(&found);
    let diagnostics = found?;
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
    context.printer.data(&match diagnostics.len() {
        0 => "Nothing found.".to_owned(),
        1 => "1 warning".to_owned(),
        number => format!("{number} warnings"),
    })?;
    Ok(exit)
}
