//! Characters that would do something to a terminal instead of being seen on it. Files, names and what a cloud answers
//! may hold them, and a plan that is being approved must not be repainted by what it is about.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with control characters written out as HCL and JSON write them, `\u001b`: all but line ends and tabs,
/// and those that change the direction of writing as well.
pub fn visible(text: &str) -> Cow<'_, str> {
    written_out(text, |_| false)
}

/// The same for a text that report has coloured: the escapes that colour stay.
pub fn visible_coloured(text: &str) -> Cow<'_, str> {
    written_out(text, is_colour)
}

fn written_out(text: &str, stays: fn(&str) -> bool) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, char) in text.char_indices() {
        if !acts(char) || (char == '\u{1b}' && stays(&text[at..])) {
            shown.push(char);
        } else {
            push_written_out(char, &mut shown);
        }
    }
    Cow::Owned(shown)
}

/// Adds a character in the way it is written in a string.
pub(super) fn push_written_out(char: char, shown: &mut String) {
    // Writing to a String cannot fail.
    let _ = match char {
        '\r' => write!(shown, "\\r"),
        '\n' => write!(shown, "\\n"),
        '\t' => write!(shown, "\\t"),
        char => char.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(shown, "\\u{unit:04x}")),
    };
}

/// Whether a terminal does something with a character besides showing it.
pub(super) fn acts(char: char) -> bool {
    match char {
        '\n' | '\t' => false,
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{feff}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{e0000}'..='\u{e007f}' => true,
        char => char.is_control(),
    }
}

/// Whether an escape does nothing but choose a colour, weight or underline, or end them.
fn is_colour(escape: &str) -> bool {
    let Some(rest) = escape.strip_prefix("\u{1b}[") else { return false };
    let Some((codes, _)) = rest.split_once('m') else { return false };
    let codes: Option<Vec<u8>> = codes.split(';').map(|code| code.parse().ok()).collect();
    // Nothing that hides what is written: no black, no background.
    match codes.as_deref() {
        Some([38, 2, rgb @ ..]) => rgb.len() == 3 && rgb.iter().any(|part| *part >= 100),
        Some(codes) => codes.iter().all(|code| matches!(code, 0..=4 | 22 | 24 | 31..=37 | 39 | 90..=97)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(visible("plain é 漢 👩‍🔬\tx\n"), "plain é 漢 👩‍🔬\tx\n");
        assert_eq!(visible("\u{1b}[2J\u{9b}1m\u{202e}\r\u{7f}"), "\\u001b[2J\\u009b1m\\u202e\\r\\u007f");
        assert_eq!(visible("\u{1b}[31m"), "\\u001b[31m");
        assert_eq!(visible("\u{e0041}"), "\\udb40\\udc41");
    }

    #[test]
    fn colours_of_our_own_stay_and_nothing_else() {
        assert_eq!(visible_coloured("\u{1b}[1;31mred\u{1b}[0m"), "\u{1b}[1;31mred\u{1b}[0m");
        for escape in [
            "\u{1b}[8m",
            "\u{1b}[30m",
            "\u{1b}[41m",
            "\u{1b}[38;2;1;2;3m",
            "\u{1b}[2J",
            "\u{1b}]0;title\u{7}",
            "\u{1b}[38;5;1m",
            "\u{1b}[m",
            "\u{1b}c",
        ] {
            assert!(!visible_coloured(escape).contains('\u{1b}'), "{escape:?}");
        }
    }
}
