//! `disco explain`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Verbosity;
use crate::project::Failure;
use crate::report;

/// Explain where a value on the nodes comes from
///
/// Explains where a value comes from: its formula, the inputs of the formula and where those come from, and the line
/// of the definition that sets it or the line to write. Works offline.
///
/// An address is CLUSTER.GROUP/FILE:KEY, as in analytics.slaves/hdfs-site.xml:dfs.replication, or
/// CLUSTER.framework.FRAMEWORK.SETTING. Parts that are not needed may be left out: `dfs.replication` is enough in a
/// project with one cluster. A file alone lists its keys, a group alone its files and settings. With -v all inputs
/// are printed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// What to explain; several words are one address
    #[arg(required = true)]
    address: Vec<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
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
