//! What a name is made of.

use std::borrow::Cow;

use hcl_edit::Ident;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// Whether a name may begin with it: HCL follows Unicode's rule for identifiers, which the expression parser knows.
pub(super) fn is_word_start(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_alphabetic() || char == '_';
    }
    Ident::try_new(char.encode_utf8(&mut [0; 4]) as &str).is_ok()
}

/// Whether a name may go on with it.
pub(super) fn is_word_part(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    }
    Ident::try_new(format!("a{char}")).is_ok()
}

/// Whether a text is a name as a whole, so that it can stand without quotes.
pub(crate) fn is_name(text: &str) -> bool {
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
