//! `disco ssh`

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::program;
use crate::project::{Failure, FailureKind, NodeProgram};

/// Log in to a node, or run a command there
///
/// Opens a shell on NODE, or runs COMMAND there and exits with its exit code. The programs of the node's frameworks are
/// in its PATH. NODE is an address (`master`, `slaves[1]`, `cluster.hdp.slaves[1]`) or a name (`hdp-slaves-1`). Options
/// stand before NODE; what follows it is the command: a single word is a line for the shell, as in `disco ssh master 'ls | wc'`;
/// several words stay as they are.
///
/// Container nodes are entered through the container engine. Servers of a cloud are reached by `ssh`, through the master
/// where they have no floating IP, with `.disco/ssh_config` and the keys of hosts in `.disco/known_hosts`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Log in as this account instead of the image's own
    #[arg(short, long, value_name = "ACCOUNT")]
    login: Option<String>,

    /// Run as this account, by sudo: `--as hdfs` is the administrator of HDFS
    #[arg(long = "as", value_name = "ACCOUNT")]
    run_as: Option<String>,

    /// Private key to log in with; without it `ssh` chooses
    #[arg(short, long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// Node, by address or name
    node: String,

    /// Command to run
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if context.json {
        let failure =
            Failure::new(FailureKind::Definition, "`disco ssh` has no JSON: it prints what the command prints");
        return Err(failure.help("remove --json, or write it after the node if the command is to have it"));
    }
    let wanted = NodeProgram {
        words: options.command.clone(),
        login: options.login.clone(),
        run_as: options.run_as.clone(),
        identity: options.identity.clone(),
        has_terminal: std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
    };
    program::run(&Context::wait(context.project.on_node(&options.node, &wanted))?)
}
