//! `disco show`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::project::Failure;

/// Show what is known of the clusters
///
/// Shows what DISCO last knew of the clusters: nodes, addresses, stacks.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let state = context.project.state()?;
    if context.json {
        Printer::data(&crate::report::show_json(state.as_ref()).to_string());
    } else {
        Printer::data(&crate::report::show(state.as_ref()));
    }
    Ok(Exit::Done)
}
