//! `disco show`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::options::TextFormat;
use crate::project::Failure;

/// Show the clusters in the state, or a saved plan
///
/// Shows the clusters as the state has them: nodes, addresses, stacks. With a FILE written by `plan --out` it shows
/// that plan.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Saved plan to show
    pub(super) file: Option<PathBuf>,

    /// How to print a saved plan
    #[arg(long, value_name = "FORMAT", default_value = "text", conflicts_with = "json", requires = "file")]
    format: TextFormat,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if let Some(file) = &options.file {
        let saved = context.project.saved_plan(file)?;
        match options.format {
            _ if context.json => context.printer.data(&saved.document().to_string())?,
            TextFormat::Text => context.printer.data(saved.drawing())?,
            TextFormat::Markdown => context.printer.document(saved.comment()?)?,
        }
        return Ok(Exit::Done);
    }
    let state = Context::wait(context.project.state())?;
    if context.json {
        context.printer.data(&crate::report::show_json(state.as_ref()).to_string())?;
    } else {
        let none = state.is_none().then(|| context.project.workspace_name()).transpose()?.flatten();
        let told = format!("{}{}", crate::report::workspace_line(none), crate::report::show(state.as_ref()));
        context.printer.data(&told)?;
    }
    Ok(Exit::Done)
}
