//! `disco language`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::did_you_mean;

/// Show the blocks and attributes of definitions
///
/// Shows what can be written in definitions: all blocks in short, or everything about one of them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The word that begins a block, such as slaves
    block: Option<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let text = match &options.block {
        _ if context.json => report::language_json().to_string(),
        None => report::language(),
        Some(word) => report::language_block(word).ok_or_else(|| {
            let failure = Failure::new(FailureKind::Definition, format!("there is no block `{word}`"));
            Failure { help: did_you_mean(word, report::language_words()), ..failure }
        })?,
    };
    context.printer.data(&text)?;
    Ok(Exit::Done)
}
