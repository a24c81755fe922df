//! What `disco init` has written, for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};

/// The document of `disco init --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InitFile<'a> {
    format_version: FormatVersion,
    /// The project's folder, as it was named; `.` is the current one.
    folder: &'a str,
    /// Names of the files that were written; none where there were definitions.
    files: &'a [String],
}

/// The document of `disco init --list --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ExamplesFile<'a> {
    format_version: FormatVersion,
    examples: Vec<ExampleFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ExampleFile<'a> {
    /// For `disco init --from`.
    name: &'a str,
    /// What it shows.
    title: &'a str,
}

/// A folder, and the files that were written there.
pub fn init_json(folder: &str, files: &[String]) -> Json {
    document(&InitFile { format_version: FormatVersion::Current, folder, files })
}

/// Names and titles of the examples.
pub fn examples_json<'a>(examples: impl IntoIterator<Item = (&'a str, &'a str)>) -> Json {
    let examples = examples.into_iter().map(|(name, title)| ExampleFile { name, title }).collect();
    document(&ExamplesFile { format_version: FormatVersion::Current, examples })
}
