//! `disco template`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::printer::Printer;
use crate::project::{Failure, FailureKind};
use crate::source::did_you_mean;

/// Print the Heat template of a cluster
///
/// Prints the Heat template of a cluster, for use with anything that deploys HOT.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Which cluster; may be left out where there is one
    cluster: Option<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (templates, diagnostics) = context.project.templates()?;
    context.warn(&diagnostics);
    let names = || templates.keys().map(String::as_str);
    let template = match &options.cluster {
        Some(name) => templates.get(name).ok_or_else(|| {
            let failure = Failure::new(FailureKind::Definition, format!("there is no cluster `{name}`"));
            match did_you_mean(name, names()) {
                Some(help) => failure.help(help),
                None => failure.help("the project has no clusters"),
            }
        })?,
        None if templates.len() == 1 => templates.values().next().ok_or_else(nothing)?,
        None if templates.is_empty() => return Err(nothing()),
        None => {
            let names = names().collect::<Vec<_>>().join(", ");
            return Err(Failure::new(FailureKind::Definition, "the project has several clusters")
                .help(format!("name one of them: {names}")));
        }
    };
    let text = if context.json { template.to_json().to_string() } else { template.to_yaml() };
    Printer::data(&text);
    Ok(Exit::Done)
}

fn nothing() -> Failure {
    Failure::new(FailureKind::Definition, "the project has no clusters").help("write a `cluster \"NAME\" { … }` block")
}
