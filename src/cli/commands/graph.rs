//! `disco graph`

use clap::{Args, ValueEnum};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, FailureKind, ProjectGraphs};
use crate::report::{GraphDetail, GraphFormat, graph, graph_json};
use crate::source::did_you_mean;

/// Draw the dependencies of the clusters
///
/// Prints the objects of the clusters and their dependencies, for Graphviz or Mermaid, or as JSON with --json. Arrows
/// lead from an object to what it depends on.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Draw only this cluster
    cluster: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value = "dot")]
    format: Format,

    /// Draw every Heat resource instead of groups of nodes
    #[arg(long)]
    resources: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For Graphviz: disco graph | dot -Tsvg
    Dot,
    /// For Markdown
    Mermaid,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (ProjectGraphs { mut clusters, references }, diagnostics) = context.project.graphs()?;
    context.warn(&diagnostics)?;
    if let Some(name) = &options.cluster {
        if !clusters.contains_key(name) {
            let failure = Failure::new(FailureKind::Definition, format!("cluster `{name}` does not exist"));
            return Err(match did_you_mean(name, clusters.keys().map(String::as_str)) {
                Some(help) => failure.help(help),
                None => failure,
            });
        }
        clusters.retain(|cluster, _| cluster == name);
    }
    let format = match options.format {
        Format::Dot => GraphFormat::Dot,
        Format::Mermaid => GraphFormat::Mermaid,
    };
    let detail = if options.resources { GraphDetail::Resources } else { GraphDetail::Objects };
    context.printer.data(&if context.json {
        graph_json(&clusters, &references, detail).to_string()
    } else {
        graph(&clusters, &references, format, detail)
    })?;
    Ok(Exit::Done)
}
