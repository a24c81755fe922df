//! The recipe of an image for programs.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::document;
use crate::node::Recipe;

/// What a recipe is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RecipeFormat {
    /// A script that changes a disk image.
    VirtCustomize,
    /// A container engine's build file.
    Dockerfile,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RecipeFile<'a> {
    /// The definitions' name of the image.
    image: &'a str,
    format: RecipeFormat,
    /// Packages of the distribution.
    packages: &'a BTreeSet<String>,
    archives: Vec<ArchiveFile<'a>>,
    /// The recipe itself.
    recipe: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ArchiveFile<'a> {
    name: &'a str,
    version: &'a str,
    /// Where nodes look for it.
    directory: &'a str,
    urls: &'a [String],
    sha512: Option<&'a str>,
    /// Where the publisher's digest is, where none is given.
    sha512_url: Option<&'a str>,
    /// The same of one who serves SHA-256 only.
    sha256_url: Option<&'a str>,
}

/// A recipe, with what it puts into the image.
pub fn recipe_json(image: &str, format: RecipeFormat, recipe: &Recipe, text: &str) -> Json {
    let archives = recipe.archives.values().map(|archive| ArchiveFile {
        name: &archive.name,
        version: &archive.version,
        directory: &archive.directory,
        urls: &archive.urls,
        sha512: archive.sha512.as_deref(),
        sha512_url: archive.sha512_url.as_deref(),
        sha256_url: archive.sha256_url.as_deref(),
    });
    let file = RecipeFile { image, format, packages: &recipe.packages, archives: archives.collect(), recipe: text };
    document(&file)
}
