//! `disco import`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::{Failure, Operation};
use crate::report;

/// Take an existing cluster into the state
///
/// Rebuilds the state of a cluster from its Heat stacks, where the state was lost: the stack must have been created by DISCO,
/// and the definition must have the cluster. Nothing on the cloud is changed; `plan` then shows what differs.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Cluster in the definition: `cluster.NAME`, or its name
    #[arg(value_name = "cluster.NAME")]
    cluster: String,

    /// Name or id of its stack
    stack: String,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let session = context.project.open(Operation::Import).await?;
        context.tell_details(&session);
        let imported = Box::pin(session.import(&options.cluster, &options.stack)).await;
        session.leave(None);
        let imported = imported?;
        if context.json {
            context.printer.data(&report::imported_json(&imported).to_string())?;
        } else {
            context.printer.data(&context.printer.hints.text(&report::imported(&imported)))?;
        }
        Ok(Exit::Done)
    })
}
