//! The texts of one run and the places in them.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Diagnostic, SourceId, Span};

/// What some editors put before a text; it is no column of it.
const BYTE_ORDER_MARK: char = '\u{feff}';

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
        let before = &self.text[start..offset];
        let before = if line == 1 { before.trim_start_matches(BYTE_ORDER_MARK) } else { before };
        Position { line, column: before.chars().count() + 1 }
    }

    /// The text of a line, counted from 1, without its line end and without a byte order mark; empty past the last.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else { return "" };
        let text = self.text[*start as usize..].lines().next().unwrap_or_default();
        if line == 1 { text.trim_start_matches(BYTE_ORDER_MARK) } else { text }
    }
}

/// A text, and what of it must not be shown.
#[derive(Debug)]
struct Kept {
    source: Arc<Source>,
    masks: Vec<Range<usize>>,
    /// The text as it may be shown, once somebody asked for it.
    shown: Option<Arc<Source>>,
}

/// All texts of one run; clones share them. Append-only, so a [`SourceId`] stays good; shared by reference, so that
/// evaluation can add the file that `templatefile` has just read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Arc<Mutex<Vec<Kept>>>,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn texts(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a text and returns its id.
    pub fn add(&self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let source = Arc::new(Source::new(name.into(), text.into()));
        let mut texts = self.texts();
        let id = SourceId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        texts.push(Kept { source, masks: Vec::new(), shown: None });
        id
    }

    /// Adds what a file holds, and says what is wrong where that is no UTF-8 text; where it is no text at all,
    /// `if_binary` is the way out. Of such a file only as much is kept as is worth showing.
    pub fn add_bytes(&self, name: &str, bytes: Vec<u8>, if_binary: &str) -> (SourceId, Option<Diagnostic>) {
        let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        if wide || bytes.contains(&0) {
            let id = self.add(name, "");
            let (code, what, help) = if wide {
                ("disco::not_utf8", "UTF-16 text", "save it as UTF-8")
            } else {
                ("disco::wrong_format", "a binary file", if_binary)
            };
            let message = format!("`{name}` is {what}, expected UTF-8 text");
            return (id, Some(Diagnostic::error(code, message).at(Span::new(id, 0, 0), "").help(help)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => (self.add(name, text), None),
            Err(fault) => {
                let at = fault.utf8_error().valid_up_to();
                let id = self.add(name, String::from_utf8_lossy(fault.as_bytes()));
                let problem = Diagnostic::error("disco::not_utf8", format!("`{name}` is not UTF-8 text"))
                    .at(Span::new(id, at, at + 1), "the first invalid byte")
                    .help("save the file as UTF-8");
                (id, Some(problem))
            }
        }
    }

    /// The text with that id, for reading and for finding places in it; what people see of it is
    /// [`Sources::shown`].
    ///
    /// # Panics
    /// If the id came from another `Sources`: a mistake of the programmer, never of a user.
    pub fn get(&self, id: SourceId) -> Arc<Source> {
        Arc::clone(&self.texts()[id.0 as usize].source)
    }

    /// Says that nobody may see what stands there: from now on it is starred out wherever the text is shown.
    pub fn mask(&self, span: Span) {
        if let Some(kept) = self.texts().get_mut(span.source.0 as usize) {
            kept.masks.push(span.range());
            kept.shown = None;
        }
    }

    /// The text as it may be shown: line by line as many characters as it has, with stars for what is masked. Its
    /// bytes may be others, so places are found in the text itself.
    ///
    /// # Panics
    /// Like [`Sources::get`].
    pub fn shown(&self, id: SourceId) -> Arc<Source> {
        let kept = &mut self.texts()[id.0 as usize];
        if kept.masks.is_empty() {
            return Arc::clone(&kept.source);
        }
        let masks = &mut kept.masks;
        let source = &kept.source;
        let shown = kept.shown.get_or_insert_with(|| {
            masks.sort_by_key(|mask| (mask.start, mask.end));
            let text = starred(&source.text, 0, masks);
            Arc::new(Source::new(source.name.clone(), text))
        });
        Arc::clone(shown)
    }

    /// The characters under a span as they may be shown.
    pub fn snippet(&self, span: Span) -> String {
        let mut texts = self.texts();
        let Some(kept) = texts.get_mut(span.source.0 as usize) else { return String::new() };
        kept.masks.sort_by_key(|mask| (mask.start, mask.end));
        starred(kept.source.text.get(span.range()).unwrap_or_default(), span.start as usize, &kept.masks)
    }

    /// Where a span begins: name of the text, line and column.
    pub fn locate(&self, span: Span) -> (String, Position) {
        let source = self.get(span.source);
        (source.name().to_owned(), source.position(span.start as usize))
    }
}

/// A piece of a text that begins at `base`, with stars in the place of what `masks`, in their order, cover; line
/// breaks, tabs and indentation stay.
fn starred(piece: &str, base: usize, masks: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(piece.len());
    let mut masks = masks.iter();
    let mut covered = 0..0;
    let mut indentation = false;
    for (at, char) in piece.char_indices() {
        let at = base + at;
        while at >= covered.end {
            match masks.next() {
                Some(mask) => covered = mask.clone(),
                None => covered = usize::MAX..usize::MAX,
            }
        }
        let stays = matches!(char, '\n' | '\r' | '\t' | BYTE_ORDER_MARK) || (char == ' ' && indentation);
        indentation = char == '\n' || (indentation && matches!(char, ' ' | '\t'));
        shown.push(if at < covered.start || stays { char } else { '*' });
    }
    shown
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
        let id = sources.add("b.disco.hcl", "\u{feff}a = b");
        assert_eq!(sources.get(id).position(7), Position { line: 1, column: 5 });
        assert_eq!(sources.get(id).position(0), Position { line: 1, column: 1 });
        assert_eq!(sources.get(id).line(1), "a = b");
    }

    #[test]
    fn what_is_masked_is_starred_with_all_columns_in_place() {
        let sources = Sources::new();
        let text = "a = \"gehéim x\" # ü\n  b\n";
        let id = sources.add("a.disco.hcl", text);
        assert_eq!(sources.shown(id).text(), text);
        sources.mask(Span::new(id, 10, text.len()));
        sources.mask(Span::new(id, 4, 12));
        sources.mask(Span::new(id, 5, 6));
        assert_eq!(
            sources.shown(id).text(),
            "a = ****************\n  *\n".replacen("****************", &"*".repeat(14), 1)
        );
        assert_eq!(sources.get(id).text(), text);
        assert_eq!(sources.snippet(Span::new(id, 0, 6)), "a = **");
        sources.mask(Span::new(id, 0, usize::MAX));
        assert_eq!(sources.shown(id).line(1).chars().count(), sources.get(id).line(1).chars().count());
    }
}
