//! `disco resume`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::plan::Switch;
use crate::project::Failure;

/// Resume suspended clusters
///
/// Has the servers of suspended clusters go on where they were: all clusters of the project, or those named.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Names of clusters; all of the project where none is given
    #[arg(value_name = "NAME")]
    names: Vec<String>,

    /// Ask Heat and do not wait; the next command finds out how it ended
    #[arg(long)]
    no_wait: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.switch(Switch::Resume, &options.names, !options.no_wait)
}
