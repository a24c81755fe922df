//! `disco suspend`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::switch::SwitchOptions;
use crate::plan::Switch;
use crate::project::Failure;

/// Suspend clusters: stop their servers and keep everything
///
/// Suspends all clusters of the project, or those named. Servers keep their disks, their memory and their addresses, and
/// use no CPU; most clouds go on counting them. Until `disco resume`, Heat refuses changes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    switch: SwitchOptions,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    context.switch(Switch::Suspend, &options.switch)
}
