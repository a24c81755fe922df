//! Where something stands, counted as the original counts: columns are grapheme clusters, bytes begin at 0.

use std::cell::RefCell;
use std::collections::BTreeMap;

use disco::source::{SourceId, Sources, Span};
use serde_json::{Value as Json, json};
use unicode_segmentation::UnicodeSegmentation as _;

/// A place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// From 1.
    pub(super) line: usize,
    /// From 1.
    pub(super) column: usize,
    /// From 0.
    pub(super) byte: usize,
}

/// How the columns of a text are counted, and where it begins in which file.
#[derive(Clone, Copy, Debug)]
struct Layout {
    file: SourceId,
    origin: Position,
    /// JSON: a tab is two columns, a carriage return none.
    json: bool,
}

const START: Position = Position { line: 1, column: 1, byte: 0 };

/// The texts of a run, and how places in them are told.
pub(super) struct Places<'a> {
    /// The texts.
    pub(super) sources: &'a Sources,
    layouts: RefCell<BTreeMap<SourceId, Layout>>,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, layouts: RefCell::default() }
    }

    /// Adds a whole file.
    pub(super) fn add(&self, name: &str, text: String, json: bool) -> SourceId {
        let id = self.sources.add(name, text);
        self.layouts.borrow_mut().insert(id, Layout { file: id, origin: START, json });
        id
    }

    /// Adds what a text in a JSON file says, as if it stood there without escapes, right behind the quote at `quoted`.
    pub(super) fn add_quoted(&self, quoted: Span, text: &str) -> SourceId {
        let start = self.position(quoted.source, quoted.start as usize);
        let name = format!("{}, the text in line {}", self.sources.get(quoted.source).name(), start.line);
        let origin = Position { line: start.line, column: start.column + 1, byte: start.byte + 1 };
        let id = self.sources.add(name, text);
        self.layouts.borrow_mut().insert(id, Layout { file: quoted.source, origin, json: false });
        id
    }

    fn layout(&self, id: SourceId) -> Layout {
        let plain = Layout { file: id, origin: START, json: false };
        self.layouts.borrow().get(&id).copied().unwrap_or(plain)
    }

    fn position(&self, id: SourceId, offset: usize) -> Position {
        let Layout { origin, json, .. } = self.layout(id);
        let source = self.sources.get(id);
        let text = source.text();
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let mut at = Position { byte: origin.byte + offset, ..origin };
        // A byte order mark takes no column.
        let begin = if text[..offset].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for cluster in text[begin..offset].graphemes(true) {
            match cluster {
                "\n" | "\r\n" => {
                    at.line += 1;
                    at.column = 1;
                }
                "\r" if json => {}
                "\t" if json => at.column += 2,
                _ => at.column += 1,
            }
        }
        at
    }

    /// File, start and end of a span, as the original writes them.
    pub(super) fn range(&self, span: Span) -> Json {
        let position = |offset: u32| {
            let at = self.position(span.source, offset as usize);
            json!({ "line": at.line, "column": at.column, "byte": at.byte })
        };
        json!({
            "filename": self.sources.get(self.layout(span.source).file).name(),
            "start": position(span.start),
            "end": position(span.end),
        })
    }
}
