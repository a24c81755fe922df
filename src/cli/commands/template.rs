//! `disco template`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::report::{StackAction, StackStep};
use crate::source::did_you_mean;
use crate::template::to_yaml;

/// Print the Heat template of a cluster
///
/// Prints the Heat template (HOT) of a cluster, for use with other Heat clients. With --out it is written to a folder: a
/// file for each step of its creation, and `stacks.json` with their order, tags and parameters. A cluster of several stacks
/// needs that. With --plan these are the steps of a saved plan.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Name of the cluster; optional in a project with one cluster
    cluster: Option<String>,

    /// Write to this folder instead of stdout
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Write the steps of this saved plan, each with the template that it sends
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with = "cluster")]
    plan: Option<PathBuf>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if let (Some(plan), Some(folder)) = (&options.plan, &options.out) {
        return write(folder, &context.project.templates_of_plan(plan)?, context);
    }
    let (clusters, diagnostics) = Context::wait(context.project.templates(options.out.is_some()))?;
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
        return write(folder, steps, context);
    }
    let [StackStep { action: StackAction::Create, template: Some(template), .. }] = steps.as_slice() else {
        let stacks = steps.iter().filter(|step| step.action == StackAction::Create).count();
        return Err(Failure::new(FailureKind::Definition, format!("cluster `{name}` has {stacks} stacks"))
            .help("write them to a folder: --out FOLDER"));
    };
    let text = if context.json { template.to_string() } else { to_yaml(template.clone()) };
    context.printer.document(&text)?;
    Ok(Exit::Done)
}

fn write(folder: &Path, steps: &[StackStep], context: &Context) -> Result<Exit, Failure> {
    let written = context.project.write_templates(folder, steps)?;
    context.printer.data(&if context.json { written.order.to_string() } else { written.files.join("\n") })?;
    Ok(Exit::Done)
}

fn nothing() -> Failure {
    Failure::new(FailureKind::Definition, "the project has no clusters").help("write a `cluster \"NAME\" { … }` block")
}
