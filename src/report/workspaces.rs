//! The workspaces of a project, for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};

/// The document of `disco workspace list --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WorkspacesFile<'a> {
    format_version: FormatVersion,
    /// The one that commands work in.
    current: &'a str,
    /// Whether `DISCO_WORKSPACE` says so.
    overridden: bool,
    /// All names, the default one first.
    workspaces: &'a [String],
}

/// The workspaces of a project: all names, the `current` one, and whether that is the environment's choice.
pub fn workspaces_json(names: &[String], current: &str, overridden: bool) -> Json {
    document(&WorkspacesFile { format_version: FormatVersion::Current, current, overridden, workspaces: names })
}

/// The line that says in which workspace something is; nothing for the default one.
pub fn workspace_line(name: Option<&str>) -> String {
    name.map(|name| format!("Workspace: {name}\n")).unwrap_or_default()
}
