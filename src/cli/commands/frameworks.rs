//! `disco frameworks`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::hint::quoted;
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
    /// Write a manifest to begin with
    ///
    /// Writes a whole manifest for a framework of one's own, with a small program, so that both can be run as they are and
    /// changed from there. Nothing is overwritten.
    New {
        /// Name of the framework
        name: String,
        /// Where its folder goes
        #[arg(long, value_name = "FOLDER", default_value = "frameworks")]
        path: PathBuf,
    },
    /// Check a manifest of one's own and show what it puts on machines
    ///
    /// Reads the manifest in a folder and shows, without a project and without a cloud, what its framework puts on a
    /// master and some slaves: packages, folders, units, files, steps, for each size of machines. A manifest that would
    /// change nodes because a cluster grows is refused.
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
    /// Rehearse what nodes would do with a manifest
    ///
    /// Has the node agent carry out a manifest of one's own for the first node of each group, and then the steps of the
    /// cluster. Files go below a folder, commands are shown and not run; it takes `python3` and no cloud. Regular
    /// expressions are tried.
    Rehearse {
        /// The folder with `framework.hcl`; its name is the framework's
        folder: PathBuf,
        /// Memory in MiB and cores of the machines
        #[arg(long, value_name = "MEMORYxCORES", default_value = "4096x2")]
        flavor: MachineSize,
        /// How many slaves there are
        #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10_000))]
        slaves: u32,
        /// A new folder for the files of the nodes, which are otherwise not kept
        #[arg(long, value_name = "FOLDER")]
        into: Option<PathBuf>,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    match &options.command {
        None | Some(FrameworksCommand::List) => list(context),
        Some(FrameworksCommand::Show { name }) => show(name, context),
        Some(FrameworksCommand::New { name, path }) => new(name, path, context),
        Some(FrameworksCommand::Check { folder, flavors, slaves }) => check(folder, flavors, *slaves, context),
        Some(FrameworksCommand::Rehearse { folder, flavor, slaves, into }) => {
            let (nodes, diagnostics) = context.project.rehearse_framework(folder, *flavor, *slaves, into.as_deref())?;
            context.warn(&diagnostics)?;
            context.printer.data(&if context.json {
                report::rehearsal_json(&nodes).to_string()
            } else {
                report::rehearsal(&nodes)
            })?;
            match nodes.iter().find(|node| !node.error.is_empty()) {
                None => Ok(Exit::Done),
                // The document tells it.
                Some(_) if context.json => Ok(Exit::Failed(FailureKind::Definition)),
                Some(node) => {
                    let message = format!("{} would fail: {}", node.node, node.error);
                    Err(Failure::new(FailureKind::Definition, message).help("correct the manifest and rehearse again"))
                }
            }
        }
    }
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let (catalogue, diagnostics) = context.project.frameworks()?;
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
    context.printer.data(&if context.json {
        report::frameworks_json(&catalogue).to_string()
    } else {
        report::frameworks(&catalogue)
    })?;
    Ok(Exit::Done)
}

fn show(name: &str, context: &Context) -> Result<Exit, Failure> {
    let (catalogue, diagnostics) = context.project.frameworks()?;
    if diagnostics.has_errors() {
        return Err(Failure::of(FailureKind::Definition, diagnostics));
    }
    context.warn(&diagnostics)?;
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

fn new(name: &str, path: &Path, context: &Context) -> Result<Exit, Failure> {
    let begun = context.project.new_framework(name, path)?;
    let folder = begun.folder.display().to_string();
    if context.json {
        context.printer.data(&report::init_json(&folder, &begun.files).to_string())?;
        return Ok(Exit::Done);
    }
    let files: Vec<String> = begun.files.iter().map(|file| begun.folder.join(file).display().to_string()).collect();
    context.printer.data(&format!("Written: {}", files.join(", ")))?;
    let (shown, within) = (quoted(&folder), path.display());
    context.printer.talk(&format!(
        "\nNext:\n  `disco frameworks check {shown}` shows what it puts on machines\n  \
         `disco frameworks rehearse {shown}` shows what nodes would do with it\n  \
         `disco {{ catalogues = [\"./{within}\"] }}` in a definition makes it known there, \
         `framework \"{name}\" {{}}` in a cluster uses it\n"
    ));
    Ok(Exit::Done)
}

fn check(folder: &Path, flavors: &[MachineSize], slaves: u32, context: &Context) -> Result<Exit, Failure> {
    let (checked, diagnostics) = context.project.check_framework(folder, flavors, slaves)?;
    context.warn(&diagnostics)?;
    if context.json {
        let clusters = checked.iter().map(|of| (of.size.memory_mib, of.size.vcpus, &of.configuration));
        context.printer.data(&report::configurations_json(clusters).to_string())?;
        return Ok(Exit::Done);
    }
    let texts = checked.iter().map(|CheckedFramework { size, configuration }| {
        let cores = if size.vcpus == 1 { "1 core".to_owned() } else { format!("{} cores", size.vcpus) };
        report::configuration(&format!("{} MiB, {cores}", size.memory_mib), configuration)
    });
    context.printer.data(&texts.collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Done)
}
