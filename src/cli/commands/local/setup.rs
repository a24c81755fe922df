//! `disco local setup`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::local::container::MIRROR;
use crate::project::Failure;
use crate::report;

/// Make the container image that nodes boot from
///
/// Makes the image of nodes that are containers, for each image that the project's clusters name: Debian with systemd,
/// cloud-init and the packages of their frameworks. Begins with `--image`, else with the image that was made before, else
/// with what debootstrap makes where it is installed, else with Debian's own image from the registry. An image that has
/// everything is left as it is.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Image of the definitions to make, such as debian-12; by default those of the project
    name: Option<String>,

    /// Image of the container engine to begin with: a Debian or Ubuntu
    #[arg(long, value_name = "IMAGE", requires = "name")]
    image: Option<String>,

    /// Where debootstrap fetches Debian from
    #[arg(long, value_name = "URL", default_value = MIRROR)]
    mirror: String,

    /// One more package; may be repeated
    #[arg(long = "package", value_name = "NAME")]
    packages: Vec<String>,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let Options { name, image, mirror, packages } = options;
    let told = |line: &str| context.printer.talk(line);
    let images = context.project.set_up(name.as_deref(), image.as_deref(), mirror, packages, &told);
    let images = Context::wait(images)?;
    context.printer.data(&if context.json {
        report::setup_json(&images).to_string()
    } else {
        report::setup(&images)
    })?;
    Ok(Exit::Done)
}
