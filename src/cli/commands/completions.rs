//! `disco completions`

use clap::Args;

use crate::cli::complete::Shell;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;

/// Print a shell's script that completes commands and names
///
/// With the script Tab completes commands, options and their values, and in a project the names of its clusters, nodes,
/// variables, outputs, settings and saved plans. Names come from the definitions and the state; no cloud is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Shell that reads it
    shell: Shell,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.printer.document(options.shell.script()).map(|()| Exit::Done)
}
