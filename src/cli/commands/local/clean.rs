//! `disco local clean`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// Remove everything that nodes as containers left on this host
///
/// Removes containers, networks, volumes and files of the project's nodes, and the images that no other project's nodes
/// use. Refuses while nodes are there, unless `--auto-approve` gives them up.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Those of all projects on this host
    #[arg(long)]
    all: bool,

    /// Leave the images, so that `disco local setup` has nothing to do
    #[arg(long)]
    keep_images: bool,

    /// Remove nodes that are there, with all that is stored on them
    #[arg(long)]
    auto_approve: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let removed = context.project.clean_up(options.all, !options.keep_images, options.auto_approve);
    let removed = Context::wait(removed)?;
    context.printer.data(&if context.json {
        report::clean_json(removed).to_string()
    } else {
        report::clean(removed)
    })?;
    Ok(Exit::Done)
}
