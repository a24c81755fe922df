//! What a name is made of.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Whether a name may begin with it.
pub(super) fn is_word_start(char: char) -> bool {
    char.is_ascii_alphabetic() || char == '_' || (!char.is_ascii() && char.is_alphabetic())
}

/// Whether a name may go on with it.
pub(super) fn is_word_part(char: char) -> bool {
    char.is_ascii_alphanumeric()
        || matches!(char, '_' | '-')
        || (!char.is_ascii() && (char.is_alphanumeric() || is_combining_mark(char)))
}

/// Whether a text is a name as a whole, so that it can stand without quotes.
pub fn is_name(text: &str) -> bool {
    text.starts_with(is_word_start) && text.chars().all(is_word_part)
}

/// Where the word that begins at `start` ends.
pub(super) fn word_end(text: &str, start: usize) -> usize {
    text[start..].find(|char| !is_word_part(char)).map_or(text.len(), |length| start + length)
}

/// A letter and its accents as one character, where there is one.
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}
