//! `disco language`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::did_you_mean;

/// Show the blocks and attributes of definitions
///
/// Shows all blocks of the language in short, or one of them with all its attributes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Block to show, such as slaves
    block: Option<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let text = match &options.block {
        _ if context.json => report::language_json().to_string(),
        None => report::language(),
        Some(word) => report::language_block(word).ok_or_else(|| {
            let failure = Failure::new(FailureKind::Definition, format!("block `{word}` does not exist"));
            Failure { help: did_you_mean(word, report::language_words()), ..failure }
        })?,
    };
    context.printer.data(&text)?;
    Ok(Exit::Done)
}
