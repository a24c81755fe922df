//! Values that each node fills in itself: its name, its address. The nodes of a group get the same configuration, so a mark
//! stands for each until the node agent puts the value in its place.

use std::collections::BTreeSet;

use super::{Content, Framework, generated, names};
use crate::source::{Diagnostic, Diagnostics};

/// What a mark begins and ends with, as the agent knows them. No format of files escapes anything in it.
const BEGIN: &str = "@@node.";
const END: &str = "@@";

/// What stands for `node.NAME`.
pub(super) fn mark(name: &str) -> String {
    format!("{BEGIN}{name}{END}")
}

/// Whether a file has something that nodes fill in.
pub(super) fn is_filled_in(content: &Content) -> bool {
    let fills_in = |text: &str| text.contains(BEGIN) && names::OF_ITSELF.iter().any(|name| text.contains(&mark(name)));
    content.pieces.iter().any(|piece| fills_in(&piece.text.value))
}

/// The same text for a person: `${node.name}` for what nodes fill in.
pub(crate) fn in_words(text: &str) -> String {
    let mut words = text.to_owned();
    for name in names::OF_ITSELF {
        words = words.replace(&mark(name), &format!("${{node.{name}}}"));
    }
    words
}

/// What a manifest computes with such values: nothing can be, for they are not known where that is done.
pub(super) fn check(framework: &Framework) -> Diagnostics {
    let own: BTreeSet<String> = names::OF_ITSELF.iter().map(|name| format!("node.{name}")).collect();
    let all = generated::with_what_yields(framework, own);
    let mut diagnostics = Diagnostics::new();
    for reference in generated::all_computed_with(framework, &all) {
        let name = generated::name(&reference).unwrap_or_default();
        let message = format!("`{name}` is filled in by each node itself, so nothing can be computed from it");
        let help = format!("write it whole, or within a string as `${{{name}}}`");
        let diagnostic = Diagnostic::error("disco::generated_value", message);
        diagnostics.push(diagnostic.at(reference.span, "used in a computation").help(help));
    }
    diagnostics
}
