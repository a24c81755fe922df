//! `disco show`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;

/// Show the clusters in the state, or a saved plan
///
/// Shows the clusters as the state has them: nodes, addresses, stacks. With a FILE written by `plan --out` it shows
/// that plan.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Saved plan to show
    pub(super) file: Option<PathBuf>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if let Some(file) = &options.file {
        let saved = context.project.saved_plan(file)?;
        context.printer.data(&if context.json { saved.document().to_string() } else { saved.drawing().to_owned() })?;
        return Ok(Exit::Done);
    }
    let state = context.project.state()?;
    if context.json {
        context.printer.data(&crate::report::show_json(state.as_ref()).to_string())?;
    } else {
        context.printer.data(&crate::report::show(state.as_ref()))?;
    }
    Ok(Exit::Done)
}
