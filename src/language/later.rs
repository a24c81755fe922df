//! Words of the language that a later version will know.

use crate::source::Diagnostic;
use crate::syntax::tree::Name;

/// What the language will have one day; said plainly instead of "unknown".
const STILL_TO_COME: &[(&str, &str)] = &[
    ("module", "write its clusters out in this project"),
    ("moved", "renaming without replacing is not possible yet: keep the old name"),
    ("removed", "a cluster whose block is gone is destroyed; `prevent_destroy` keeps that from happening"),
    ("import", "only what DISCO made can be managed yet"),
    ("check", "use a `validation` block of a variable"),
    ("precondition", "use a `validation` block of a variable"),
    ("postcondition", "use a `validation` block of a variable"),
    ("dynamic", "write the blocks out"),
    ("for_each", "write one block for each"),
    ("enabled", "remove the block, or set `count = 0` on a group of slaves"),
];

/// The message about a word that a later version will know.
pub(crate) fn still_to_come(name: &Name) -> Option<Diagnostic> {
    let (word, instead) = STILL_TO_COME.iter().find(|(word, _)| *word == &*name.text)?;
    Some(
        Diagnostic::error("disco::not_in_this_version", format!("`{word}` is not in this version of DISCO"))
            .at(name.span, "will come with a later one")
            .help(*instead),
    )
}
