//! `disco local`

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::project::Failure;

/// The embedded Heat
///
/// The embedded Heat that is used where no cloud is configured.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run this project's embedded Heat on a port until interrupted; other disco commands find it by themselves
    Serve {
        /// Where to listen; port 0 takes a free one
        #[arg(long, default_value = "127.0.0.1:8004", value_name = "ADDRESS:PORT")]
        listen: SocketAddr,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let Verb::Serve { listen } = options.verb;
    Context::wait(async {
        let server = context.project.serve(listen).await?;
        Printer::data(&format!("Heat of this project at {}", server.url()));
        server.until(async { _ = tokio::signal::ctrl_c().await }).await?;
        context.printer.talk("Stopped. What was under way goes on when the engine runs again.");
        Ok(Exit::Done)
    })
}
