//! `disco images`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// List the images of the cloud
///
/// Lists the images of the project's cloud, which nodes boot from; without a project, those of the embedded Heat.
/// Definitions use them as `image = "NAME"` in `cluster`, `master` or `slaves`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let facts = Context::wait(context.project.offers())?;
    context.printer.data(&if context.json {
        report::images_json(&facts).to_string()
    } else {
        report::images(&facts)
    })?;
    Ok(Exit::Done)
}
