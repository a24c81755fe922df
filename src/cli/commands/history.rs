//! `disco history`

use clap::{Args, Subcommand};
use serde_json::Value as Json;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Ending, Failure, FailureKind, PastOperation};
use crate::report::{self, ToldOperation};

/// List earlier operations, or show what one of them said
///
/// Each `apply`, `destroy`, `suspend`, `resume` and `import` is kept in .disco/operations with the messages that `--json`
/// prints; the last 200 of them.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Options {
    /// List at most this many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    limit: usize,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what an operation said; with --json, its messages as they were printed
    Show {
        /// Its number, as `disco history` lists it; the last one where none is given
        number: Option<u64>,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (project, printer) = (&context.project, &context.printer);
    let Some(Verb::Show { number }) = options.verb else {
        let mut past = project.history(options.limit.saturating_add(1))?;
        let more = past.len() > options.limit;
        past.truncate(options.limit);
        let told: Vec<ToldOperation> = past.iter().map(told).collect();
        if context.json {
            printer.data(&report::operations_json(&told).to_string())?;
        } else {
            printer.data(&printer.hints.text(&report::operations(&told, more)))?;
        }
        return Ok(Exit::Done);
    };
    let number = match number {
        Some(number) => number,
        None => project.history(1)?.first().map(|past| past.number).ok_or_else(|| {
            Failure::new(FailureKind::Definition, "there is no operation to show").help("nothing was applied here yet")
        })?,
    };
    let Some((past, lines)) = project.past_operation(number)? else {
        let help = match project.history_range()? {
            Some((last, first)) => format!("it has {first} to {last}: see them with `disco history`"),
            None => "nothing was applied here yet".to_owned(),
        };
        let message = format!("operation {number} is not in the history");
        return Err(Failure::new(FailureKind::Definition, message).help(help));
    };
    if context.json {
        lines.iter().try_for_each(|line| printer.data(line))?;
    } else {
        let messages: Vec<Json> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        printer.data(&printer.hints.text(&report::operation(&told(&past), &messages)))?;
    }
    Ok(Exit::Done)
}

fn told(past: &PastOperation) -> ToldOperation {
    let asked = past.asked.clone();
    ToldOperation {
        number: past.number,
        operation: asked.operation,
        user: asked.user,
        host: asked.host,
        since: asked.since,
        until: past.last.clone().filter(|_| past.ending != Ending::UnderWay),
        result: past.ending.result(),
        failure: match &past.ending {
            Ending::Failed(kind) => Some(kind.clone()),
            _ => None,
        },
        message: past.sentence.clone(),
    }
}
