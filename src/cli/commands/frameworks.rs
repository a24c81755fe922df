//! `disco frameworks`

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::did_you_mean;

/// List the available frameworks
///
/// Lists the frameworks of the catalogue: those inside the program and, in a project, those of its own `catalogues`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    command: Option<FrameworksCommand>,
}

#[derive(Debug, Subcommand)]
enum FrameworksCommand {
    /// List the available frameworks (the default)
    List,
    /// Show a framework's versions, settings and ports
    ///
    /// Shows the versions of a framework and what they are compatible with, its settings with their formulas, its
    /// services, ports and files.
    Show {
        /// Name of the framework
        name: String,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (catalogue, diagnostics) = context.project.frameworks()?;
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
    let Some(FrameworksCommand::Show { name }) = &options.command else {
        context.printer.data(&if context.json {
            report::frameworks_json(&catalogue).to_string()
        } else {
            report::frameworks(&catalogue)
        })?;
        return Ok(Exit::Done);
    };
    let Some(framework) = catalogue.framework(name) else {
        let failure = Failure::new(FailureKind::Definition, format!("framework `{name}` does not exist"));
        return Err(Failure { help: did_you_mean(name, catalogue.framework_names()), ..failure });
    };
    let sources = context.project.sources();
    context.printer.data(&if context.json {
        report::framework_json(framework, sources).to_string()
    } else {
        report::framework(framework, sources)
    })?;
    Ok(Exit::Done)
}
