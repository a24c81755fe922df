//! `disco fmt`: the layout of a file of definitions, as `terraform fmt` has it.
//!
//! Only the blanks between tokens are rewritten, so nothing else can change: names, strings, heredocs, comments and
//! line ends are the bytes they were. What stands between the braces of `${…}` and `%{…}` is laid out like any
//! other expression, as Terraform does.
//!
//! A line has up to three cells: what leads, an assignment, and a comment at its end. Consecutive lines that have
//! the second or the third have them in one column. Source of the rules: hclwrite, which `terraform fmt` is made of.

mod lines;
mod piece;
mod spaces;

use crate::source::{SourceId, Sources};

use super::scan;

/// How many spaces a level of indentation is.
const INDENTATION: usize = 2;

/// The text of a file of definitions in its canonical layout; the same text where it has it already.
///
/// Meaningful for a text that [`super::parse`] has no complaint about: what is not closed is not laid out well.
pub fn format(sources: &Sources, id: SourceId) -> String {
    let source = sources.get(id);
    let text = source.text();
    let mut pieces = piece::pieces(text, &scan::everything(text, id));
    lines::lay_out(&mut pieces);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut written = 0;
    for piece in &pieces {
        // Before the first piece there may be a byte-order mark.
        let gap = &text[written..piece.start];
        out.push_str(gap.trim_end_matches([' ', '\t']));
        out.extend(std::iter::repeat_n(' ', piece.before));
        out.push_str(&text[piece.start..piece.end]);
        written = piece.end;
    }
    // Blanks at the end of a last line without an end stay, as they do with Terraform.
    out.push_str(&text[written..]);
    out
}
