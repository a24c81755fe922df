//! What was taken into the state.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use crate::source::listed;
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
    /// Settings that were computed when the cluster was created and that the stacks do not tell: they are computed anew.
    recomputed: &'a [String],
}

/// The result for programs.
pub fn imported_json(imported: &Imported) -> Json {
    let Imported { cluster, stacks, nodes, renames_secrets, recomputed } = imported;
    let format_version = FormatVersion::Current;
    let (nodes, renames_secrets) = (*nodes, *renames_secrets);
    document(&ImportFile { format_version, cluster, stacks, nodes, renames_secrets, recomputed })
}

/// The result for people.
pub fn imported(imported: &Imported) -> String {
    let Imported { cluster, stacks, nodes, renames_secrets, recomputed } = imported;
    let plural = |number: usize| if number == 1 { "" } else { "s" };
    let (of, number) = (plural(stacks.len()), stacks.len());
    let nodes = format!("{nodes} node{}", plural(*nodes));
    let mut text = format!("Imported cluster.{cluster}: {number} stack{of}, {nodes}.\n");
    if *renames_secrets {
        text.push_str("The next apply sends its secrets under new names: the stacks do not tell the old ones.\n");
    }
    if !recomputed.is_empty() {
        let settings: Vec<String> = recomputed.iter().map(|setting| format!("`{setting}`")).collect();
        let (are, them) = if settings.len() == 1 { ("is", "it") } else { ("are", "them") };
        let settings = listed(&settings);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{settings} {are} computed anew, as the stacks do not tell the value of the cluster's creation; the definition may \
             set {them}."
        );
    }
    text.push_str("Run `disco plan` to see what differs from the definition.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_anew_is_named() {
        let recomputed = vec!["hadoop.replication".to_owned()];
        let stacks = vec!["lab".to_owned()];
        let told =
            imported(&Imported { cluster: "lab".to_owned(), stacks, nodes: 3, renames_secrets: false, recomputed });
        assert_eq!(
            told,
            "Imported cluster.lab: 1 stack, 3 nodes.\n\
             `hadoop.replication` is computed anew, as the stacks do not tell the value of the cluster's creation; the \
             definition may set it.\n\
             Run `disco plan` to see what differs from the definition."
        );
    }
}
