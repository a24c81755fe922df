//! `disco frameworks`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{CheckedFramework, Failure, FailureKind, MachineSize};
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
    /// Check a manifest of one's own and show what it puts on machines
    ///
    /// Reads the manifest in a folder and shows, without a project and without a cloud, what its framework puts on a
    /// master and some slaves: packages, folders, units, files, steps, for each size of machines.
    Check {
        /// The folder with `framework.hcl`; its name is the framework's
        folder: PathBuf,
        /// Memory in MiB and cores of the machines; can be repeated
        #[arg(long = "flavor", value_name = "MEMORYxCORES", default_values = ["4096x2"])]
        flavors: Vec<MachineSize>,
        /// How many slaves there are
        #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10_000))]
        slaves: u32,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    if let Some(FrameworksCommand::Check { folder, flavors, slaves }) = &options.command {
        let (checked, diagnostics) = context.project.check_framework(folder, flavors, *slaves)?;
        context.warn(&diagnostics)?;
        let texts = checked.iter().map(|CheckedFramework { size, configuration }| {
            let cores = if size.vcpus == 1 { "1 core".to_owned() } else { format!("{} cores", size.vcpus) };
            report::configuration(&format!("{} MiB, {cores}", size.memory_mib), configuration)
        });
        context.printer.data(&texts.collect::<Vec<_>>().join("\n"))?;
        return Ok(Exit::Done);
    }
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
