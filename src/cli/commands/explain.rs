//! `disco explain`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Verbosity;
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::{CODE_PREFIX, CODES, did_you_mean, meaning_of_code};

/// Explain where a value on the nodes comes from, or what a code of a message means
///
/// Explains where a value comes from: its formula, the inputs of the formula and where those come from, and the line
/// of the definition that sets it or the line to write. Works offline.
///
/// An address is CLUSTER.GROUP/FILE:KEY, as in analytics.slaves/hdfs-site.xml:dfs.replication, or
/// CLUSTER.framework.FRAMEWORK.SETTING. Parts that are not needed may be left out: `dfs.replication` is enough in a
/// project with one cluster. A file alone lists its keys, a group alone its files and settings. With -v all inputs
/// are printed.
///
/// A code of a message, as in `disco::unknown_flavor`, is explained with an example and what to do.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// What to explain; several words are one address
    #[arg(required = true)]
    address: Vec<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if let [code] = options.address.as_slice()
        && code.starts_with(CODE_PREFIX)
    {
        return page(code, context);
    }
    let (explained, diagnostics) = context.project.explain(&options.address.join(" "))?;
    context.warn(&diagnostics)?;
    let sources = context.project.sources();
    context.printer.data(&if context.json {
        report::explanation_json(&explained.cluster, &explained.answer, sources).to_string()
    } else {
        let everything = context.printer.verbosity == Verbosity::Verbose;
        report::explanation(&explained.cluster, &explained.members, &explained.answer, sources, everything)
    })?;
    Ok(Exit::Done)
}

/// The page of a code.
fn page(code: &str, context: &Context) -> Result<Exit, Failure> {
    let Some((meaning, page)) = meaning_of_code(code).zip(report::page_of_code(code)) else {
        let failure = Failure::new(FailureKind::Definition, format!("code `{code}` does not exist"));
        return Err(Failure { help: did_you_mean(code, CODES.iter().map(|(code, _)| *code)), ..failure });
    };
    context.printer.data(&if context.json { report::code_json(code, meaning, &page).to_string() } else { page })?;
    Ok(Exit::Done)
}
