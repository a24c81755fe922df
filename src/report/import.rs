//! What was taken into the state.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use crate::state::Imported;

/// The document of `disco import --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ImportFile<'a> {
    format_version: FormatVersion,
    cluster: &'a str,
    /// By name, the base stack first.
    stacks: &'a [String],
    /// How many there are.
    nodes: usize,
    /// Whether the next apply sends the secrets under new names, because the stacks do not tell the old ones' salt.
    renames_secrets: bool,
}

/// The result for programs.
pub fn imported_json(imported: &Imported) -> Json {
    let Imported { cluster, stacks, nodes, renames_secrets } = imported;
    let format_version = FormatVersion::Current;
    document(&ImportFile { format_version, cluster, stacks, nodes: *nodes, renames_secrets: *renames_secrets })
}

/// The result for people.
pub fn imported(imported: &Imported) -> String {
    let Imported { cluster, stacks, nodes, renames_secrets } = imported;
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    let (of, number) = (plural(stacks.len()), stacks.len());
    let nodes = format!("{nodes} node{}", plural(*nodes));
    let mut text = format!("Imported cluster.{cluster}: {number} stack{of}, {nodes}.\n");
    if *renames_secrets {
        text.push_str("The next apply sends its secrets under new names: the stacks do not tell the old ones.\n");
    }
    text.push_str("Run `disco plan` to see what differs from the definition.");
    text
}
