//! `disco image`

use clap::{Args, ValueEnum};

use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::local::container::image_of_nodes;
use crate::project::Failure;
use crate::report::{self, RecipeFormat};

/// Print a recipe for an image that has what nodes would fetch
///
/// Prints a recipe that puts Java, the other packages and the archives of the project's frameworks into an image, where the
/// nodes look for them: a node that boots from it fetches nothing. What an image lacks or has in another version is still
/// fetched. By default it is a script that changes a disk image with virt-customize; with `--format dockerfile` an image
/// for nodes that are containers, which `disco local setup NAME --image IMAGE` then takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// Image of the definitions, such as debian-12; optional where all clusters have the same
    name: Option<String>,

    /// What to print
    #[arg(long, value_enum, default_value = "virt-customize")]
    format: Format,

    /// Image of the container engine that a Dockerfile begins with; by default that of `disco local setup`
    #[arg(long, value_name = "IMAGE")]
    from: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    VirtCustomize,
    Dockerfile,
}

pub(super) fn run(options: &Options, context: &Context) -> Result<Exit, Failure> {
    let (name, recipe) = context.project.recipe(options.name.as_deref())?;
    let (format, text) = match options.format {
        Format::VirtCustomize => (RecipeFormat::VirtCustomize, recipe.script()),
        Format::Dockerfile => {
            let from = options.from.clone().unwrap_or_else(|| image_of_nodes(&name));
            (RecipeFormat::Dockerfile, recipe.dockerfile(&from))
        }
    };
    let text = if context.json { report::recipe_json(&name, format, &recipe, &text).to_string() } else { text };
    context.printer.document(&text)?;
    Ok(Exit::Done)
}
