//! `disco workspace`

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// List, create, select and delete workspaces
///
/// Each workspace has a state of its own, `vars/NAME.vars.hcl` for its variables, and stacks whose names begin with its own,
/// so that the same definitions make several sets of clusters side by side. `workspace.name` is its name in expressions.
/// The environment variable `DISCO_WORKSPACE` wins over the one that is selected.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the workspaces; `*` marks the current one
    List,
    /// Create a workspace and select it
    New {
        /// Lower-case letters, digits and dashes, as names of clusters have them
        name: String,
    },
    /// Select the workspace that the next commands work in
    Select {
        /// One of those that `disco workspace list` lists
        name: String,
        /// Create it if it does not exist
        #[arg(long)]
        or_create: bool,
    },
    /// Print the name of the current workspace
    Show,
    /// Delete a workspace that has no clusters
    Delete {
        /// Not the current one
        name: String,
        /// Even if it has clusters: they are forgotten, and their stacks stay
        #[arg(long)]
        force: bool,
    },
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let printer = &context.printer;
    match &options.verb {
        Verb::List => {
            let all = context.project.workspaces()?;
            if context.json {
                printer.data(&report::workspaces_json(&all.names, &all.current, all.overridden).to_string())?;
            } else {
                let line = |name: &String| format!("{} {name}", if *name == all.current { '*' } else { ' ' });
                printer.data(&all.names.iter().map(line).collect::<Vec<_>>().join("\n"))?;
                if all.overridden {
                    printer.talk("\nThe current workspace is the one that DISCO_WORKSPACE names.");
                }
            }
        }
        Verb::New { name } => {
            context.project.new_workspace(name)?;
            printer.data(&printer.hints.text(&format!(
                "Created and selected workspace `{name}`. Its state is empty: `disco plan` shows what `disco apply` would \
                 create in it."
            )))?;
        }
        Verb::Select { name, or_create } => {
            let created = context.project.select_workspace(name, *or_create)?;
            let verb = if created { "Created and selected" } else { "Selected" };
            printer.data(&format!("{verb} workspace `{name}`."))?;
        }
        Verb::Show => printer.data(context.project.workspace_name()?.unwrap_or("default"))?,
        Verb::Delete { name, force } => {
            let deleted = Context::wait(context.project.delete_workspace(name, *force))?;
            if !deleted.left.is_empty() {
                let stacks: Vec<String> = deleted.left.iter().map(|stack| format!("    {stack}")).collect();
                let stacks = stacks.join("\n");
                printer.complain(&format!(
                    "These stacks stay on the cloud, with all that is in them, and DISCO no longer manages them:\n{stacks}"
                ));
            }
            printer.data(&format!("Deleted workspace `{name}`."))?;
        }
    }
    Ok(Exit::Done)
}
