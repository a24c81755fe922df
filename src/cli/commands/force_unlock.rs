//! `disco force-unlock`

use std::fmt::Write as _;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::project::{Failure, FailureKind, Locked};

/// Take the project's lock away from whoever has it
///
/// The lock of a folder goes with the process that has it, so there this is only for file systems that lose track of that.
/// The lock of a server for states may stay when its process dies. It shows who has the lock and what Heat was asked last,
/// and asks.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The lock's ID, which a server for states has told; it is found out where it is not named
    id: Option<String>,

    /// Do not ask
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let Some(locked) = Context::wait(context.project.locked())? else {
        context.printer.data("The project is not locked.")?;
        return Ok(Exit::Done);
    };
    context.printer.talk(&described(&locked));
    if !options.force {
        Printer::question(
            "\nDo you want to take the lock away?\n  Two operations at once can lose what one of them did. Only 'yes' is accepted.\n\n  Enter a value: ",
        );
        let answer = Printer::answer();
        context.printer.talk("");
        if answer.as_deref() != Some("yes") {
            let failure = Failure::new(FailureKind::Refused, "force-unlock cancelled");
            return Err(failure.help_maybe(answer.is_none().then(|| "add --force where nobody can answer".to_owned())));
        }
    }
    Context::wait(context.project.force_unlock(&locked, options.id.as_deref()))?;
    context.printer.data("The lock is gone.")?;
    Ok(Exit::Done)
}

fn described(locked: &Locked) -> String {
    let mut text = match &locked.server {
        Some(server) => format!("The state is in use by {server}.\n"),
        None => of_folder(locked),
    };
    for (stack, step, since) in &locked.open {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Stack {stack} may still be moving: {step}, since {since}.");
    }
    text
}

fn of_folder(locked: &Locked) -> String {
    let mut text = match &locked.holder {
        Some(holder) => format!("The project is in use by {holder}.\n"),
        None => "The project is in use by another `disco`.\n".to_owned(),
    };
    text.push_str(match locked.lives {
        Some(true) => "That process is running.\n",
        Some(false) => "That process does not run any more.\n",
        None => "Whether that process runs cannot be told from this host.\n",
    });
    text
}
