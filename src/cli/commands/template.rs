//! `disco template`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::plan::{Step, StepAction};
use crate::project::{Failure, FailureKind};
use crate::source::did_you_mean;
use crate::template::Template;

/// Print the Heat template of a cluster
///
/// Prints the Heat template (HOT) of a cluster, for use with other Heat clients. A cluster of several stacks is
/// written to a folder: a file for each step of its creation, and `stacks.json` with their order and parameters.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Name of the cluster; optional in a project with one cluster
    cluster: Option<String>,

    /// Write to this folder instead of stdout
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (clusters, diagnostics) = Context::wait(context.project.templates())?;
    context.warn(&diagnostics)?;
    let names = || clusters.keys().map(String::as_str);
    let (name, steps) = match &options.cluster {
        Some(name) => clusters.get_key_value(name).ok_or_else(|| {
            let failure = Failure::new(FailureKind::Definition, format!("cluster `{name}` does not exist"));
            match did_you_mean(name, names()) {
                Some(help) => failure.help(help),
                None => failure.help("the project has no clusters"),
            }
        })?,
        None if clusters.len() == 1 => clusters.first_key_value().ok_or_else(nothing)?,
        None if clusters.is_empty() => return Err(nothing()),
        None => {
            let names = names().collect::<Vec<_>>().join(", ");
            return Err(Failure::new(FailureKind::Definition, "the project has several clusters")
                .help(format!("name one of them: {names}")));
        }
    };
    if let Some(folder) = &options.out {
        let written = context.project.write_templates(folder, steps)?;
        context.printer.data(&if context.json { written.order.to_string() } else { written.files.join("\n") })?;
        return Ok(Exit::Done);
    }
    let [Step { action: StepAction::Create(template, _), .. }] = steps.as_slice() else {
        let stacks = steps.iter().filter(|step| matches!(step.action, StepAction::Create(..))).count();
        return Err(Failure::new(FailureKind::Definition, format!("cluster `{name}` has {stacks} stacks"))
            .help("write them to a folder: --out FOLDER"));
    };
    context.printer.document(&text(template, context.json))?;
    Ok(Exit::Done)
}

fn text(template: &Template, json: bool) -> String {
    if json { template.to_json().to_string() } else { template.to_yaml() }
}

fn nothing() -> Failure {
    Failure::new(FailureKind::Definition, "the project has no clusters").help("write a `cluster \"NAME\" { … }` block")
}
