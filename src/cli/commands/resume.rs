//! `disco resume`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::switch::SwitchOptions;
use crate::plan::Switch;
use crate::project::Failure;

/// Resume suspended clusters
///
/// Has the servers of suspended clusters go on where they were: all clusters of the project, or those named.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    switch: SwitchOptions,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.switch(Switch::Resume, &options.switch)
}
