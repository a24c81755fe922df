//! `disco local doctor`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::local::container::is_ready;
use crate::project::{Failure, FailureKind};
use crate::report;

/// Check whether this host can run nodes as containers, and say what is missing
///
/// Checks everything that `provider "local" { nodes = "container" }` needs, a line each, and says how to install what is
/// missing. Exits with 1 where nodes cannot be made.
#[derive(Debug, Args)]
pub(super) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let checks = Context::wait(context.project.examine_host())?;
    let text = if context.json { report::doctor_json(&checks).to_string() } else { report::doctor(&checks) };
    context.printer.data(&text)?;
    Ok(if is_ready(&checks) { Exit::Done } else { Exit::Failed(FailureKind::Cloud) })
}
