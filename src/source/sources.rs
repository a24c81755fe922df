//! The texts of one run and the places in them.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Which text a [`Span`] lies in. Valid only for the [`Sources`] that gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes of one text. Small and `Copy`, so that every value can carry where it came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `source`, in bytes. Offsets beyond 4 GiB are clamped; no text is that long.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The bytes as a range, for slicing the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both; `self` where they lie in different texts.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.source.0, self.start, self.end)
    }
}

/// A line and a column as editors count them: from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One text and the name a person knows it by (a path relative to the project, usually).
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl Source {
    fn new(name: String, text: String) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
            .map(|start| u32::try_from(start).unwrap_or(u32::MAX))
            .collect();
        Self { name, text, line_starts }
    }

    /// The name to print.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, byte for byte as it was handed in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset. Offsets inside a character count as its start, those past the end
    /// as the end.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start as usize <= offset).max(1);
        let start = self.line_starts[line - 1] as usize;
        Position { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The text of a line, counted from 1, without its line end; empty past the last.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else { return "" };
        self.text[*start as usize..].lines().next().unwrap_or_default()
    }
}

/// All texts of one run. Append-only, so a [`SourceId`] stays good; shared by reference, so that evaluation
/// can add the file that `templatefile` has just read.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Mutex<Vec<Arc<Source>>>,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its id.
    pub fn add(&self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let id = SourceId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        texts.push(Arc::new(Source::new(name.into(), text.into())));
        id
    }

    /// The text with that id.
    ///
    /// # Panics
    /// If the id came from another `Sources`: a mistake of the programmer, never of a user.
    pub fn get(&self, id: SourceId) -> Arc<Source> {
        Arc::clone(&self.texts.lock().unwrap_or_else(PoisonError::into_inner)[id.0 as usize])
    }

    /// The characters under a span.
    pub fn snippet(&self, span: Span) -> String {
        self.get(span.source).text().get(span.range()).unwrap_or_default().to_owned()
    }

    /// Where a span begins: name of the text, line and column.
    pub fn locate(&self, span: Span) -> (String, Position) {
        let source = self.get(span.source);
        (source.name().to_owned(), source.position(span.start as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let sources = Sources::new();
        let id = sources.add("a.disco.hcl", "é = \"x\"\nb = ü1\n");
        assert_eq!(sources.get(id).position(0), Position { line: 1, column: 1 });
        assert_eq!(sources.get(id).position(3), Position { line: 1, column: 3 });
        assert_eq!(sources.get(id).position(4), Position { line: 1, column: 4 });
        assert_eq!(sources.get(id).position(9), Position { line: 2, column: 1 });
        assert_eq!(sources.get(id).position(15), Position { line: 2, column: 6 });
        assert_eq!(sources.get(id).position(999), Position { line: 3, column: 1 });
        assert_eq!(sources.get(id).line(2), "b = ü1");
    }
}
