//! Files with another layout than the canonical one, for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};

/// The document of `disco fmt --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LayoutFile<'a> {
    format_version: FormatVersion,
    /// Those with another layout than the canonical one; `fmt` has rewritten them unless it was told not to.
    files: Vec<OtherLayoutFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OtherLayoutFile<'a> {
    /// As it was typed or found.
    path: &'a str,
    /// What makes the canonical layout of it, as `diff -u` prints it.
    diff: &'a str,
}

/// Paths of files, each with what differs.
pub fn layout_json<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Json {
    let files = files.into_iter().map(|(path, diff)| OtherLayoutFile { path, diff }).collect();
    document(&LayoutFile { format_version: FormatVersion::Current, files })
}
