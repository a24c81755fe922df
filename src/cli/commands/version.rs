//! `disco version`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;

/// Print the version
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {}

pub(super) fn run(_options: &Options, context: &Context) -> Result<Exit, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{}_{}", std::env::consts::OS, std::env::consts::ARCH);
    if context.json {
        context.printer.data(&crate::report::version_json(&platform).to_string())?;
    } else {
        context.printer.data(&format!("DISCO v{version}\non {platform}"))?;
    }
    Ok(Exit::Done)
}
