//! `disco logs`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::program;
use crate::project::{Failure, LogsWanted};

/// Show what the services of a node wrote to its journal
///
/// Prints the last lines of the journal of NODE: those of DISCO's agent and of the node's frameworks, or those of UNIT.
/// NODE is named as with `disco ssh`, and is reached in the same way. With --json each line is an object, as journalctl
/// writes it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Go on with what is written from now on, until interrupted
    #[arg(short, long)]
    follow: bool,

    /// Print this many lines [default: 200, all with --since]
    #[arg(short = 'n', long, value_name = "COUNT")]
    lines: Option<u32>,

    /// Print what was written since then, such as `-2h`, `09:30` or `2026-11-30 09:30`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<String>,

    /// Log in as this account instead of the image's own
    #[arg(short, long, value_name = "ACCOUNT")]
    login: Option<String>,

    /// Private key to log in with; without it `ssh` chooses
    #[arg(short, long, value_name = "FILE")]
    identity: Option<PathBuf>,

    /// Node, by address or name
    node: String,

    /// Service (`namenode`) or unit (`ssh`); the agent's and all frameworks' if none is named
    unit: Option<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let wanted = LogsWanted {
        unit: options.unit.clone(),
        follow: options.follow,
        lines: options.lines,
        since: options.since.clone(),
        json: context.json,
    };
    let logs = context.project.logs(&options.node, &wanted, options.login.as_deref(), options.identity.as_deref());
    program::run(&Context::wait(logs)?)
}
