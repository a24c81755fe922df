//! The canonical layout of a text, as a change to it.

use super::document::Document;
use super::text::{Encoding, Lines};
use super::wire::TextEdit;
use crate::source::Sources;
use crate::syntax;

/// What to change for the layout of `disco fmt`: the lines from the first to the last that differ. Nothing where the text
/// has it already, or has syntax errors.
pub(super) fn layout(document: &Document, encoding: Encoding) -> Option<TextEdit> {
    let sources = Sources::new();
    let before = document.text.as_str();
    let id = sources.add("", before);
    if syntax::parse(&sources, id).1.has_errors() {
        return None;
    }
    let after = syntax::format(&sources, id);
    if after == before {
        return None;
    }
    let same = |one: (&str, &str)| one.0 == one.1;
    let length = |lines: Vec<&str>| lines.into_iter().map(str::len).sum::<usize>();
    let lines = |text: &str| -> Vec<String> { text.split_inclusive('\n').map(str::to_owned).collect() };
    let (old, new) = (lines(before), lines(&after));
    let pairs = || old.iter().map(String::as_str).zip(new.iter().map(String::as_str));
    let first = length(pairs().take_while(|pair| same(*pair)).map(|(line, _)| line).collect());
    let ends = old.iter().rev().map(String::as_str).zip(new.iter().rev().map(String::as_str));
    let last = length(ends.take_while(|pair| same(*pair)).map(|(line, _)| line).collect());
    let last = last.min(before.len() - first).min(after.len() - first);
    let range = Lines::new(before, encoding).range(first..before.len() - last);
    Some(TextEdit { range, new_text: after[first..after.len() - last].to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_differ_are_changed() {
        let document = |text: &str| Document::new("untitled:x".to_owned(), text.to_owned());
        let text = "a = 1\nlocals {\nb=2\n}\nc = 3\n";
        let edit = layout(&document(text), Encoding::Utf16).unwrap();
        assert_eq!((edit.range.start.line, edit.range.end.line, edit.new_text.as_str()), (2, 3, "  b = 2\n"));
        assert_eq!(layout(&document("a = 1\n"), Encoding::Utf16), None);
        assert_eq!(layout(&document("a =1 }\n"), Encoding::Utf16), None, "what is broken stays");
    }
}
