//! `disco status`
#![expect(clippy::disallowed_methods, reason = "who watches is told when that was seen")]

use std::time::Duration;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::project::Failure;
use crate::report;

/// Show how the clusters are: stacks, servers, frameworks
///
/// Asks Heat for stacks and servers, and the frameworks on the first master for their members by name, their capacity,
/// their health and their versions; nodes that a framework misses are asked which of their services do not run. Changes
/// nothing, and does not wait for another operation on the project. Exits with 0 if all is well, 1 for a failure, 2 if
/// something is not well, which is then named. Of simulated nodes only Heat is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Clusters to show; all if none is named
    #[arg(value_name = "NAME")]
    clusters: Vec<String>,

    /// Ask again every so many seconds, until interrupted
    #[arg(short, long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5", require_equals = true)]
    watch: Option<u32>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let Some(seconds) = options.watch else { return Box::pin(once(options, context)).await };
        loop {
            if context.printer.interactive && !context.json {
                // The screen is wiped, and the cursor put into its corner.
                context.printer.data("\u{1b}[H\u{1b}[2J\u{1b}[3J")?;
            }
            if !context.json {
                let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
                context.printer.data(&format!("Every {seconds} s, now at {now}:\n\n"))?;
            }
            match Box::pin(once(options, context)).await {
                Ok(_) => {}
                // Who watches waits for what is away for a moment.
                Err(failure) => context.printer.complain(&crate::cli::printer::sentence(&failure)),
            }
            if !context.printer.is_read() {
                return Ok(Exit::Done);
            }
            tokio::time::sleep(Duration::from_secs(seconds.max(1).into())).await;
        }
    })
}

async fn once(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let status = context.project.status(&options.clusters).await?;
    let workspace = context.project.workspace_name()?;
    if context.json {
        context.printer.data(&report::status_json(workspace, &status).to_string())?;
    } else {
        let told = format!("{}{}", report::workspace_line(workspace), report::status(&status));
        context.printer.data(&context.printer.hints.text(&told))?;
    }
    let well = status.iter().all(|cluster| cluster.troubles.is_empty());
    Ok(if well { Exit::Done } else { Exit::Changes })
}
