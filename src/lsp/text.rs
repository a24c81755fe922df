//! Places in texts: bytes here, lines and characters there.

use super::wire::{Position, Range};

/// In what a client counts the characters of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16: what the protocol has where nothing else is agreed upon.
    #[default]
    Utf16,
}

impl Encoding {
    /// As the protocol calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }

    fn width(self, char: char) -> usize {
        match self {
            Self::Utf8 => char.len_utf8(),
            Self::Utf16 => char.len_utf16(),
        }
    }
}

/// A text with the places where its lines begin.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// The lines of a text: `\n`, `\r\n` and `\r` end one.
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Self { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect(), encoding }
    }

    /// The byte at a position; the end of the line, or of the text, where the position is beyond it.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let end = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let content = self.text[start..end].trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, char) in content.char_indices() {
            let width = self.encoding.width(char);
            if left < width {
                return start + at;
            }
            left -= width;
        }
        start + content.len()
    }

    /// The position of a byte; one within a character counts as its start.
    pub(super) fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset).max(1) - 1;
        let before = &self.text[self.starts[line]..offset];
        let character: usize = before.chars().map(|char| self.encoding.width(char)).sum();
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Position { line: number(line), character: number(character) }
    }

    /// The positions of a range of bytes.
    pub(super) fn range(&self, range: std::ops::Range<usize>) -> Range {
        Range { start: self.position(range.start), end: self.position(range.end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_the_client_counts_them() {
        let text = "aé🙂b\r\nx\ry\n";
        for (encoding, character) in [(Encoding::Utf16, 4), (Encoding::Utf8, 7)] {
            let lines = Lines::new(text, encoding);
            assert_eq!(lines.position(7), Position { line: 0, character });
            assert_eq!(lines.offset(Position { line: 0, character }), 7);
            assert_eq!(lines.offset(Position { line: 0, character: 99 }), 8, "before the line end");
            assert_eq!(lines.offset(Position { line: 99, character: 0 }), text.len());
            assert_eq!(lines.position(12), Position { line: 2, character: 0 });
            assert_eq!(lines.position(99), Position { line: 3, character: 0 });
        }
        let lines = Lines::new(text, Encoding::Utf16);
        assert_eq!(lines.offset(Position { line: 0, character: 3 }), 3, "within a character is before it");
    }
}
