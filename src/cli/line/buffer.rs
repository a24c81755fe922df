//! A line that is being typed, and where its cursor is.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::keys::Key;

/// The text, and the cursor as an offset in it; it never stands within what is seen as one character.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Buffer {
    text: String,
    cursor: usize,
}

impl Buffer {
    /// A text, the cursor at its end.
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    pub(super) fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    fn after(&self) -> &str {
        &self.text[self.cursor..]
    }

    pub(super) fn insert(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
    }

    /// Deletes what is under the cursor.
    pub(super) fn delete(&mut self) {
        let next = self.after().graphemes(true).next().map_or(0, str::len);
        self.text.drain(self.cursor..self.cursor + next);
    }

    pub(super) fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// How far the character before the cursor reaches back.
    fn back(&self) -> usize {
        self.before().graphemes(true).next_back().map_or(0, str::len)
    }

    /// Where the word begins that the cursor is in or after.
    fn word_start(&self) -> usize {
        let end = self.before().trim_end_matches(|char: char| !char.is_alphanumeric()).len();
        self.text[..end].trim_end_matches(char::is_alphanumeric).len()
    }

    /// Where the word ends that the cursor is in or before.
    fn word_end(&self) -> usize {
        let rest = self.after().trim_start_matches(|char: char| !char.is_alphanumeric());
        self.text.len() - rest.trim_start_matches(char::is_alphanumeric).len()
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.drain(from..to);
        self.cursor = from;
    }

    /// Does what a key says that only changes the line.
    pub(super) fn obey(&mut self, key: Key) {
        match key {
            Key::Char(char) => self.insert(char.encode_utf8(&mut [0; 4])),
            Key::Backspace => self.cut(self.cursor - self.back(), self.cursor),
            Key::Left => self.cursor -= self.back(),
            Key::Right => self.cursor += self.after().graphemes(true).next().map_or(0, str::len),
            Key::WordLeft => self.cursor = self.word_start(),
            Key::WordRight => self.cursor = self.word_end(),
            Key::Home => self.cursor = 0,
            Key::End => self.end(),
            Key::CutToEnd => self.text.truncate(self.cursor),
            Key::CutToStart => self.cut(0, self.cursor),
            Key::CutWord => self.cut(self.word_start(), self.cursor),
            _ => {}
        }
    }

    /// The part of the line that fits into so many columns, and the column of the cursor in it.
    pub(super) fn window(&self, room: usize) -> (String, usize) {
        // What a terminal would obey takes a column as well.
        let shown =
            |text: &str| -> String { text.chars().map(|char| if char.is_control() { '?' } else { char }).collect() };
        let before = shown(self.before());
        let mut start = before.len();
        let mut width = 0;
        for (at, part) in before.grapheme_indices(true).rev() {
            if width + part.width() >= room {
                break;
            }
            width += part.width();
            start = at;
        }
        let mut text = before[start..].to_owned();
        let mut taken = width;
        for part in shown(self.after()).graphemes(true) {
            taken += part.width();
            if taken > room {
                break;
            }
            text.push_str(part);
        }
        (text, width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited() {
        let mut line = Buffer::of("max(1, 2)");
        for key in [Key::Left, Key::Backspace, Key::Char('é'), Key::WordLeft, Key::WordLeft, Key::CutToStart] {
            line.obey(key);
        }
        assert_eq!((line.before(), line.after()), ("", "1, é)"));
        line.obey(Key::End);
        line.obey(Key::CutWord);
        assert_eq!(line.text(), "1, ");
        line.obey(Key::Home);
        line.obey(Key::WordRight);
        assert_eq!((line.before(), line.after()), ("1", ", "));
        line.obey(Key::CutToEnd);
        line.delete();
        line.obey(Key::Backspace);
        line.obey(Key::Backspace);
        assert_eq!(line, Buffer::default());
    }

    #[test]
    fn what_is_seen_as_one_is_one() {
        let mut line = Buffer::of("ae\u{301}x");
        line.obey(Key::Left);
        line.obey(Key::Backspace);
        assert_eq!(line.text(), "ax");
    }

    #[test]
    fn a_long_line_shows_its_part_around_the_cursor() {
        let mut line = Buffer::of("0123456789");
        assert_eq!(line.window(20), ("0123456789".to_owned(), 10));
        assert_eq!(line.window(5), ("6789".to_owned(), 4));
        line.obey(Key::Home);
        assert_eq!(line.window(5), ("01234".to_owned(), 0));
        assert_eq!(Buffer::of("一二三").window(5), ("二三".to_owned(), 4));
    }
}
