//! `disco flavors`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// List the flavors of the cloud
///
/// Lists the flavors (sizes of nodes) of the project's cloud; without a project, those of the embedded Heat.
/// Definitions use them as `flavor = "NAME"` in `master` and `slaves`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let facts = Context::wait(context.project.offers())?;
    context.printer.data(&if context.json {
        report::flavors_json(&facts).to_string()
    } else {
        report::flavors(&facts)
    })?;
    Ok(Exit::Done)
}
