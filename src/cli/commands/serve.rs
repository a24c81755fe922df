//! `disco serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::project::Failure;
use crate::report;
use crate::server::{Listening, ServiceOptions, WayIn};

/// Serve this project to a browser and to programs
///
/// A page for people at the address that is printed, which lets one browser in, once; JSON for programs below /v1, with the
/// token in .disco/service/token. Only this machine is answered.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Where to listen: an address of this machine alone; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Serve every project in this folder, and at /disco/ the Service Manager's interface of the original DISCO
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    projects: Option<PathBuf>,

    /// Serve a team, as this file says: people sign in at their OpenStack, and each of its projects has a folder of its own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["listen", "projects"])]
    config: Option<PathBuf>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let end = signals::any();
        let request = context.project.request().clone();
        let service = if let Some(path) = &options.config {
            Listening::open_for_team(request, path, context.project.sources()).await?
        } else {
            let projects = options.projects.clone();
            Listening::open(request, ServiceOptions { listen: Some(options.listen), projects }).await?
        };
        context.printer.data(&if context.json { told_json(&service) } else { told(&service) })?;
        service.until(end).await?;
        context.printer.talk("Stopped. What Heat has begun it ends by itself.");
        Ok(Exit::Done)
    })
}

/// How people and programs get in.
fn told(service: &Listening) -> String {
    match service.way_in() {
        WayIn::Own { address, token } => format!(
            "Open this address in a browser; it works once:\n\n    {address}\n\nPrograms send the token in {}.",
            token.display()
        ),
        WayIn::Keystone(clouds) => format!(
            "Open this address in a browser, and sign in at {}:\n\n    {}\n\nPrograms send a token of Keystone as X-Auth-Token.",
            clouds.join(", "),
            service.url()
        ),
    }
}

fn told_json(service: &Listening) -> String {
    let url = service.url();
    match service.way_in() {
        WayIn::Own { address, token } => report::service_json(url, address, Some(&token.display().to_string())),
        WayIn::Keystone(_) => report::service_json(url, &format!("{url}/sign-in"), None),
    }
    .to_string()
}
