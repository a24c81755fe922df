//! `disco output`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind, GeneratedSecrets, generated_secrets};
use crate::source::did_you_mean;
use crate::state::OutputState;

/// Print the project's outputs
///
/// Prints the outputs of the last apply, or one of them, and the secrets that Heat generated for the clusters, which are
/// called CLUSTER.FRAMEWORK.SETTING. Their values are asked from Heat with `--show-secrets` only.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Print only this output
    name: Option<String>,

    /// Print the bare value, without quotes
    #[arg(long, requires = "name", conflicts_with = "json")]
    raw: bool,

    /// Ask Heat for the generated secrets and print them
    #[arg(long)]
    show_secrets: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let state = Context::wait(context.project.state())?;
    let secrets = match &state {
        Some(state) if options.show_secrets => Context::wait(context.project.read_generated_secrets(state))?,
        Some(state) => generated_secrets(state),
        None => GeneratedSecrets::new(),
    };
    let outputs = state.map(|state| state.outputs).unwrap_or_default();
    let Some(name) = &options.name else {
        context.printer.data(&if context.json {
            crate::report::outputs_json(&outputs, &secrets).to_string()
        } else {
            crate::report::outputs_and_secrets(&outputs, &secrets)
        })?;
        return Ok(Exit::Done);
    };
    let value = match (outputs.get(name), secrets.get(name)) {
        (Some(OutputState::Value(value)), _) => value.clone(),
        (Some(OutputState::Secret(_)), _) => {
            return Err(Failure::new(FailureKind::Refused, format!("output `{name}` is secret"))
                .help("look where the definition takes it from: its value is not kept"));
        }
        (None, Some(Some(secret))) => secret.as_str().into(),
        (None, Some(None)) => {
            return Err(Failure::new(FailureKind::Refused, format!("`{name}` is secret"))
                .help("add --show-secrets: Heat is asked for it then"));
        }
        (None, None) => return Err(unknown(name, outputs.keys().chain(secrets.keys()))),
    };
    let text = match &value {
        serde_json::Value::String(text) if options.raw => text.clone(),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) if options.raw => value.to_string(),
        _ if options.raw => {
            return Err(Failure::new(FailureKind::Refused, format!("output `{name}` is not a string"))
                .help("use --json: --raw prints strings, numbers and bools only"));
        }
        _ if context.json => value.to_string(),
        _ => crate::report::output(&value),
    };
    if options.raw {
        context.printer.document(&text)?;
    } else {
        context.printer.data(&text)?;
    }
    Ok(Exit::Done)
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String> + Clone) -> Failure {
    let failure = Failure::new(FailureKind::Definition, format!("output `{name}` does not exist"));
    match did_you_mean(name, known.clone().map(String::as_str)) {
        Some(help) => failure.help(help),
        None if known.clone().next().is_none() => failure.help("run `disco apply`: outputs are known after it"),
        None => {
            let known: Vec<String> = known.map(|known| format!("`{known}`")).collect();
            failure.help(format!("name one of {}, or run `disco apply` if it is new", known.join(", ")))
        }
    }
}
