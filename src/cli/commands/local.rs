//! `disco local`

mod clean;
mod doctor;
mod setup;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::model::NodeDriver;
use crate::project::{Failure, ServeOptions};
use crate::report;

/// Run or change the embedded Heat
///
/// Commands for the embedded Heat, which is used where no cloud is configured.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run this project's embedded Heat on a port until interrupted; other commands of the project use it
    ///
    /// With `nodes = "container"` every command starts one by itself in the background, which is not needed then.
    Serve {
        /// Address and port to listen on; port 0 picks a free one [default: 127.0.0.1:8004, with container nodes every
        /// address, where only this host and the nodes are let in]
        #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
        listen: Option<SocketAddr>,
        /// It was started by a command for those that come after
        #[arg(long, hide = true)]
        kept: bool,
        /// What its nodes are
        #[arg(long, hide = true)]
        nodes: Option<Nodes>,
    },
    /// Show whether this project's embedded Heat runs, where, and how many nodes it has
    ///
    /// Exits with 0 if it runs, 1 for a failure, 2 if it does not run.
    Status,
    /// Stop this project's embedded Heat if it runs in the background or by `disco local serve`
    ///
    /// Nodes are left as they are: container nodes keep running, and the next command starts the embedded Heat again.
    Stop,
    Setup(setup::Options),
    Doctor(doctor::Options),
    Clean(clean::Options),
    /// Add a key pair to this project's embedded Heat, for clusters that name one with `key_pair`
    KeyPair {
        /// Name of the key pair
        name: String,
        /// File with the public key
        public_key: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Nodes {
    Simulated,
    Container,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8004; port 0 picks a free one".to_owned())
}

fn add(name: &str, public_key: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    Context::wait(context.project.add_key_pair(name, public_key))?;
    context.printer.talk(&format!("Added key pair `{name}`. A cluster names it with `key_pair = \"{name}\"`."));
    Ok(Exit::Done)
}

fn status(context: &Context) -> Result<Exit, Failure> {
    let status = Context::wait(context.project.engine_status())?;
    context.printer.data(&if context.json {
        report::engine_json(status.as_ref()).to_string()
    } else {
        report::engine(status.as_ref())
    })?;
    Ok(if status.is_some() { Exit::Done } else { Exit::Changes })
}

fn stop(context: &Context) -> Result<Exit, Failure> {
    let stopped = Context::wait(context.project.stop_engine())?;
    context.printer.talk(&match stopped {
        Some(pid) => format!("Stopped the embedded Heat of this project (process {pid})."),
        None => "The embedded Heat of this project does not run.".to_owned(),
    });
    Ok(Exit::Done)
}

fn serve(options: ServeOptions, context: &Context) -> Result<Exit, Failure> {
    if options.kept {
        // Nobody's terminal is its own: neither an interrupt there nor its end is meant for it.
        #[cfg(unix)]
        let _ = rustix::process::setsid();
    }
    Context::wait(async {
        let end = signals::any();
        let server = context.project.serve(options).await?;
        context.printer.data(&if context.json {
            report::served_json(server.url()).to_string()
        } else {
            format!("Heat of this project at {}", server.url())
        })?;
        server.until(end).await?;
        context.printer.talk("Stopped. Operations in progress continue when the engine runs again.");
        Ok(Exit::Done)
    })
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    match &options.verb {
        Verb::Serve { listen, kept, nodes } => {
            let nodes = nodes.map(|nodes| match nodes {
                Nodes::Simulated => NodeDriver::Simulated,
                Nodes::Container => NodeDriver::Container,
            });
            serve(ServeOptions { listen: *listen, nodes, kept: *kept }, context)
        }
        Verb::Setup(options) => setup::run(options, context),
        Verb::Doctor(options) => doctor::run(options, context),
        Verb::Clean(options) => clean::run(options, context),
        Verb::Status => status(context),
        Verb::Stop => stop(context),
        Verb::KeyPair { name, public_key } => add(name, public_key.as_deref(), context),
    }
}
