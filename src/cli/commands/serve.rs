//! `disco serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::project::Failure;
use crate::report;
use crate::server::{Listening, ServiceOptions};

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
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    Context::wait(async {
        let end = signals::any();
        let projects = options.projects.clone();
        let options = ServiceOptions { listen: Some(options.listen), projects };
        let service = Listening::open(context.project.request().clone(), options).await?;
        context.printer.data(&if context.json {
            report::service_json(service.url(), &service.address(), &service.token_file().display().to_string())
                .to_string()
        } else {
            format!(
                "Open this address in a browser; it works once:\n\n    {}\n\nPrograms send the token in {}.",
                service.address(),
                service.token_file().display()
            )
        })?;
        service.until(end).await?;
        context.printer.talk("Stopped. What Heat has begun it ends by itself.");
        Ok(Exit::Done)
    })
}
