//! `disco local`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::project::Failure;

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
    Serve {
        /// Address and port to listen on; port 0 picks a free one
        #[arg(long, default_value = "127.0.0.1:8004", value_name = "ADDRESS:PORT", value_parser = address)]
        listen: SocketAddr,
    },
    /// Add a key pair to this project's embedded Heat, for clusters that name one with `key_pair`
    KeyPair {
        /// Name of the key pair
        name: String,
        /// File with the public key
        public_key: Option<PathBuf>,
    },
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8004; port 0 picks a free one".to_owned())
}

fn add(name: &str, public_key: Option<&Path>, context: &Context) -> Result<Exit, Failure> {
    Context::wait(context.project.add_key_pair(name, public_key))?;
    context.printer.talk(&format!("Added key pair `{name}`. A cluster names it with `key_pair = \"{name}\"`."));
    Ok(Exit::Done)
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let listen = match &options.verb {
        Verb::Serve { listen } => *listen,
        Verb::KeyPair { name, public_key } => return add(name, public_key.as_deref(), context),
    };
    Context::wait(async {
        let end = signals::any();
        let server = context.project.serve(listen).await?;
        context.printer.data(&if context.json {
            crate::report::served_json(server.url()).to_string()
        } else {
            format!("Heat of this project at {}", server.url())
        })?;
        server.until(end).await?;
        context.printer.talk("Stopped. Operations in progress continue when the engine runs again.");
        Ok(Exit::Done)
    })
}
