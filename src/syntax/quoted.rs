//! Texts as they are written.

use std::fmt::Write as _;

/// A text as a string of HCL in quotes, which comes to exactly that text.
pub(crate) fn quoted(text: &str) -> String {
    let mut whole = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' | '\\' => whole.extend(['\\', character]),
            '\n' => whole.push_str("\\n"),
            '\r' => whole.push_str("\\r"),
            '\t' => whole.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => whole.extend([character, character]),
            // Writing to a String cannot fail.
            control if control.is_control() => drop(write!(whole, "\\u{:04x}", u32::from(control))),
            other => whole.push(other),
        }
    }
    whole.push('"');
    whole
}
