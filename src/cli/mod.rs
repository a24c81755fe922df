//! The façade from a terminal: one verb a file.
//!
//! stdout carries data, stderr talk. A command is its options (whose doc comments are the help) and one function.

mod arguments;
mod carry_out;
mod commands;
mod context;
mod exit;
mod failure;
mod options;
mod printer;
mod progress;
mod stream;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};

use commands::Command;
use context::Context;
use exit::Exit;
use options::GlobalOptions;
use printer::Printer;

use crate::report::Message;

/// Plan and apply distributed-computing clusters on OpenStack Heat
///
/// A project is a folder with *.disco.hcl files. Without a cloud, clusters live on an embedded Heat, in .disco/.
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
    let command = CommandLine::command();
    let words = arguments::with_long_options(words, &arguments::long_options(&command));
    let order = arguments::variable_options(&words);
    let line = command.try_get_matches_from(words).and_then(|matches| CommandLine::from_arg_matches(&matches));
    let line = match line {
        Ok(line) => line,
        Err(answer) => {
            // Help and version are answers, everything else is a mistake.
            let _ = answer.print();
            return if answer.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    let streams = line.options.json && line.command.streams();
    let context = Context::new(line.options, &order, streams);
    if streams {
        stream::say(&Message::version());
    }
    let exit = match line.command.run(&context) {
        Ok(exit) => exit,
        Err(found) => {
            if context.json {
                stream::failure(&found, context.project.sources());
            } else {
                Printer::complain(&failure::words(
                    &found,
                    context.project.sources(),
                    context.printer.colour,
                    context.printer.width,
                ));
            }
            Exit::Failed(found.kind)
        }
    };
    if streams {
        stream::end(exit);
    }
    // The process ends: the system takes all memory back at once.
    std::mem::forget(context);
    exit.into()
}
