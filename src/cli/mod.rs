//! The façade from a terminal: one verb a file.
//!
//! stdout carries data, stderr talk. A command is its options (whose doc comments are the help) and one function.

mod arguments;
mod carry_out;
mod commands;
mod complete;
mod context;
mod examples;
mod exit;
mod failure;
mod findings;
mod foreign;
mod hint;
mod line;
#[cfg(test)]
mod man;
mod margin;
mod options;
mod printer;
mod program;
mod progress;
mod signals;
mod stream;
mod switch;
mod usage;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use commands::Command;
use context::Context;
use exit::Exit;
use hint::Hints;
use options::GlobalOptions;
use printer::{Printer, Verbosity};

use crate::project::{Failure, FailureKind};

/// Plan and apply distributed-computing clusters on OpenStack Heat
///
/// A project is a folder with *.disco.hcl files. Without a cloud, clusters are created on an embedded Heat, in
/// .disco/. `disco help COMMAND` describes a command.
#[derive(Debug, Parser)]
#[command(name = "disco", version, propagate_version = true, disable_help_subcommand = true)]
struct CommandLine {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// Runs the command line given by `words` (program name first) and says how the process ends.
pub fn run(words: impl IntoIterator<Item = String>) -> ExitCode {
    let command = examples::taught(CommandLine::command());
    let words: Vec<String> = words.into_iter().collect();
    if let Some(candidates) = complete::answer(&words, &command) {
        return answered(&candidates).into();
    }
    let words = arguments::with_command_apart(words, &command);
    let words = arguments::with_long_options(words, &arguments::long_options(&command));
    let words = arguments::with_help(words, &command);
    let order = arguments::variable_options(&words);
    let matches = command.clone().try_get_matches_from(&words);
    // A folder that the environment names is still named where the next command is typed.
    let typed = |matches: &ArgMatches| matches.value_source("directory") == Some(ValueSource::CommandLine);
    let directory = matches.as_ref().is_ok_and(typed);
    let line = matches.and_then(|matches| CommandLine::from_arg_matches(&matches));
    let line = match line {
        Ok(line) => line,
        Err(answer) => return said_instead(&answer, &words, &command).into(),
    };
    let streams = line.options.json && line.command.streams();
    let hints = Hints::new(line.options.directory.as_deref().filter(|_| directory));
    let mut context = Context::new(line.options, &order, streams, hints);
    context.printer.all = line.command.draws_all();
    let exit = outcome(line.command, &context);
    // The process ends: the system takes all memory back at once.
    std::mem::forget(context);
    exit.into()
}

/// Runs a command, and says what it failed of.
fn outcome(command: Command, context: &Context) -> Exit {
    let (printer, sources) = (&context.printer, context.project.sources());
    let begun = context.stream.begin();
    if printer.verbosity > Verbosity::Normal && command.only_reads_project() {
        context.project.files().iter().for_each(|file| printer.detail(&format!("read {file}")));
    }
    let done = begun.and_then(|()| command.run(context));
    // Progress may have met a stdout that takes no more, and has gone on.
    let done = done.and_then(|exit| printer.check().map(|()| exit));
    let tell = |found: &Failure| printer.complain(&failure::words(found, sources, printer.drawing()));
    let mut exit = match done {
        Ok(exit) => exit,
        Err(found) => {
            let found = printer.hints.failure(found);
            let said = context.stream.failure(&found, sources);
            let told = if context.json && found.kind != FailureKind::Output {
                said
            } else {
                tell(&found);
                Ok(())
            };
            if let Err(lost) = told {
                tell(&found);
                tell(&lost);
            }
            Exit::Failed(found.kind)
        }
    };
    if let Err(lost) = context.stream.end(exit)
        && !matches!(exit, Exit::Failed(_))
    {
        tell(&lost);
        exit = Exit::Failed(lost.kind);
    }
    exit
}

/// Tells a shell what a word may become.
fn answered(candidates: &str) -> Exit {
    if !candidates.is_empty() {
        // A shell that has gone away has nothing to be told.
        let _ = Printer::new(true, true, None, Verbosity::Quiet).document(candidates);
    }
    Exit::Done
}

/// Help and version are answers, everything else that clap says is a mistake in what was typed.
fn said_instead(answer: &clap::Error, words: &[String], command: &clap::Command) -> Exit {
    let printer =
        Printer::new(words.iter().any(|word| word == "--no-color"), context::no_color(), None, Verbosity::Normal);
    let told = answer.render();
    let text = if printer.colour { told.ansi().to_string() } else { told.to_string() };
    match answer.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match printer.data(&text) {
            Ok(()) => Exit::Done,
            Err(lost) => {
                printer.complain(&printer::sentence(&lost));
                Exit::Failed(lost.kind)
            }
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            printer.complain(&told.to_string());
            Exit::Usage
        }
        _ => {
            printer.complain(&printer::sentence(&usage::failure(answer, words, command)));
            Exit::Usage
        }
    }
}
