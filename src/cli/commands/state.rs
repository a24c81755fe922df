//! `disco state`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::context::{Context, stdin};
use crate::cli::exit::Exit;
use crate::model::Address;
use crate::project::{Encrypted, Failure, FailureKind, addresses, behind};
use crate::report;

/// Look into the state, or change it by hand
///
/// The state is what DISCO knows of the project's clusters. Every change of it keeps a copy of what was before, in
/// .disco/states.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the addresses of everything that the state knows
    List {
        /// Only what is at these addresses, or in them: `cluster.lab`, `cluster.lab.slaves`
        addresses: Vec<String>,
    },
    /// Show Heat's resources behind an address
    Show {
        /// Such as `cluster.lab.slaves[1]`
        address: String,
    },
    /// Give a cluster, a group, or all clusters of a module another address, as a `moved` block does
    Mv {
        /// The address that it has: `cluster.lab`, `cluster.lab.burst`, `module.site`
        from: String,
        /// The address that it is to have
        to: String,
    },
    /// Forget clusters: their stacks stay as they are, and DISCO no longer manages them
    Rm {
        /// Their names
        #[arg(required = true)]
        clusters: Vec<String>,
    },
    /// Print the state as it was before it was encrypted, if it is
    Pull,
    /// Put a state in the place of the one there is
    Push {
        /// Its file; `-` reads stdin
        file: PathBuf,
        /// Even if it is of another project, or older
        #[arg(long)]
        force: bool,
    },
    /// List the states before the last operations
    History,
    /// Encrypt the state, and those before the last operations, with the key of the `encryption` block
    ///
    /// What is kept in the open and cannot be encrypted is removed: the history, and the plans of `disco serve`. The folder of
    /// the embedded engine (.disco/engine) stands for a cloud, and is not encrypted.
    Encrypt,
    /// Put the state before the last operation back, or that with a serial
    Rollback {
        /// Serial of the state to go back to, as `disco state history` lists it
        serial: Option<u64>,
    },
}

/// What was encrypted, and what was not.
fn encrypted(done: &Encrypted) -> String {
    let Encrypted { serial, copies, operations, plans, open, key } = done;
    let mut told =
        vec![format!("The state (serial {serial}) and {copies} of before are encrypted with the key {key}.")];
    if *operations > 0 {
        told.push(format!("The history, which was kept in the open, is removed: {operations} of the last operations."));
    }
    if *plans > 0 {
        told.push(format!("Plans of `disco serve` that were kept in the open are removed: {plans}."));
    }
    told.push("Plan files that you saved before (--out) are as they were: remove them, or plan again.".to_owned());
    told.extend(open.iter().map(|name| {
        format!(
            "Workspace `{name}` is not encrypted yet: run `disco workspace select {name}`, then `disco state encrypt`."
        )
    }));
    told.join("\n")
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    match &options.verb {
        Verb::List { addresses } => list(addresses, context),
        Verb::Show { address } => show(address, context),
        Verb::Mv { from, to } => {
            let changes = Context::wait(context.project.move_in_state(from, to))?;
            context.printer.data(report::state_changes(&changes).trim_end())?;
            Ok(Exit::Done)
        }
        Verb::Rm { clusters } => {
            Context::wait(context.project.forget_clusters(clusters))?;
            let names = crate::source::listed(clusters);
            context
                .printer
                .data(&format!("Forgotten: {names}. The stacks stay; where the definition still has the cluster, the next apply takes them in again."))?;
            Ok(Exit::Done)
        }
        Verb::Pull => {
            let bytes = Context::wait(context.project.pull_state())?;
            context.printer.document(&String::from_utf8_lossy(&bytes))?;
            Ok(Exit::Done)
        }
        Verb::Push { file, force } => {
            let serial = Context::wait(context.project.push_state(&read(file)?, *force))?;
            context.printer.data(&format!("The pushed state is the project's now (serial {serial})."))?;
            Ok(Exit::Done)
        }
        Verb::History => {
            let history = context.project.state_history()?;
            let json = || report::history_json(&history).to_string();
            context.printer.data(&if context.json { json() } else { report::history(&history) })?;
            Ok(Exit::Done)
        }
        Verb::Encrypt => {
            let done = Context::wait(context.project.encrypt_state())?;
            context.printer.data(&context.printer.hints.text(&encrypted(&done)))?;
            Ok(Exit::Done)
        }
        Verb::Rollback { serial } => {
            let serial = Context::wait(context.project.roll_state_back(*serial))?;
            let told = format!(
                "The state is again as it was with serial {serial}. Run `disco plan` to see what differs from the cloud."
            );
            context.printer.data(&context.printer.hints.text(&told))?;
            Ok(Exit::Done)
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |fault: std::io::Error| {
        Failure::new(FailureKind::State, format!("cannot read `{}`", file.display())).because(&fault)
    };
    if file == Path::new("-") { stdin() } else { crate::project::read_file(file) }.map_err(failed)
}

fn list(words: &[String], context: &Context) -> Result<Exit, Failure> {
    let state = Context::wait(context.project.state())?.unwrap_or_default();
    let mut all: Vec<String> = addresses(&state).iter().map(ToString::to_string).collect();
    let words: Vec<String> = words.iter().map(|word| full(&state.by_name(word))).collect();
    let within = |address: &str, word: &str| {
        address.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    all.retain(|address| words.is_empty() || words.iter().any(|word| within(address, word)));
    if context.json {
        context.printer.data(&report::addresses_json(&all).to_string())?;
    } else if !all.is_empty() {
        context.printer.data(&all.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn show(word: &str, context: &Context) -> Result<Exit, Failure> {
    let state = Context::wait(context.project.state())?.unwrap_or_default();
    let address = Address::parse(&full(&state.by_name(word)));
    let found = address.as_ref().map(|address| behind(&state, address)).unwrap_or_default();
    if found.is_empty() {
        let all: Vec<String> = addresses(&state).iter().map(ToString::to_string).collect();
        let failure = Failure::new(FailureKind::Definition, format!("the state knows nothing at `{word}`"));
        let help = crate::source::did_you_mean(word, all.iter().map(String::as_str));
        return Err(failure.help("`disco state list` lists all addresses").help_maybe(help));
    }
    let resources = found.into_iter().map(|((stack, name), resource)| (stack, name, resource));
    context.printer.data(&report::resources(resources))?;
    Ok(Exit::Done)
}

/// An address as it is written in full.
fn full(word: &str) -> String {
    if word == "cluster" || word.starts_with("cluster.") { word.to_owned() } else { format!("cluster.{word}") }
}
