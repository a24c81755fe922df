//! `disco client-config`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// Write the configuration that clients elsewhere need
///
/// Writes the files of a cluster's frameworks (core-site.xml, hdfs-site.xml, …) into DIR, with the keys that clients need and
/// addresses that are reachable from outside, and `hosts` with the names of the nodes. Secrets are left out and named. Files
/// that are there with other content are only replaced with --force. Name the folder with `HADOOP_CONF_DIR` to use it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Folder to write to; it is created
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Cluster, where the project has several
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,

    /// Replace files that are there with other content
    #[arg(long)]
    force: bool,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let written = context.project.client_config(options.cluster.as_deref(), &options.folder, options.force)?;
    context.printer.data(&if context.json {
        report::client_config_json(&written).to_string()
    } else {
        report::client_config(&written)
    })?;
    Ok(Exit::Done)
}
