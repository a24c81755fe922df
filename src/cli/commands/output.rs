//! `disco output`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::source::did_you_mean;
use crate::state::OutputState;

/// Print the project's outputs
///
/// Prints the outputs of the last apply, or one of them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Print only this output
    name: Option<String>,

    /// Print the bare value, without quotes
    #[arg(long, requires = "name", conflicts_with = "json")]
    raw: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let state = context.project.state()?;
    let outputs = state.map(|state| state.outputs).unwrap_or_default();
    let Some(name) = &options.name else {
        context.printer.data(&if context.json {
            crate::report::outputs_json(&outputs).to_string()
        } else {
            crate::report::outputs(&outputs)
        })?;
        return Ok(Exit::Done);
    };
    let unknown = || {
        let failure = Failure::new(FailureKind::Definition, format!("output `{name}` does not exist"));
        match did_you_mean(name, outputs.keys().map(String::as_str)) {
            Some(help) => failure.help(help),
            None if outputs.is_empty() => failure.help("run `disco apply`: outputs are known after it"),
            None => {
                let known: Vec<String> = outputs.keys().map(|known| format!("`{known}`")).collect();
                failure.help(format!("name one of {}, or run `disco apply` if it is new", known.join(", ")))
            }
        }
    };
    let value = match outputs.get(name).ok_or_else(unknown)? {
        OutputState::Value(value) => value,
        OutputState::Secret(_) => {
            return Err(Failure::new(FailureKind::Refused, format!("output `{name}` is secret"))
                .help("look where the definition takes it from: its value is not kept"));
        }
    };
    let text = match value {
        serde_json::Value::String(text) if options.raw => text.clone(),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) if options.raw => value.to_string(),
        _ if options.raw => {
            return Err(Failure::new(FailureKind::Refused, format!("output `{name}` is not a string"))
                .help("use --json: --raw prints strings, numbers and bools only"));
        }
        _ if context.json => value.to_string(),
        _ => crate::report::output(value),
    };
    if options.raw {
        context.printer.document(&text)?;
    } else {
        context.printer.data(&text)?;
    }
    Ok(Exit::Done)
}
