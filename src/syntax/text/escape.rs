//! Escapes in quoted texts.

use std::sync::Arc;

use crate::source::Diagnostic;

use super::super::lower::Parser;
use super::super::word::composed;

impl Parser<'_> {
    /// A quoted literal with its escapes resolved; wrong ones are reported.
    pub(in crate::syntax) fn unescaped(&mut self, start: usize, end: usize) -> Arc<str> {
        let raw = &self.text[start..end];
        if !raw.contains(['\\', '$', '%']) {
            return Arc::from(composed(raw));
        }
        let mut text = String::with_capacity(raw.len());
        let mut at = start;
        while let Some(char) = self.text[at..end].chars().next() {
            let rest = &self.text[at..end];
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                text.push_str(&rest[1..3]);
                at += 3;
            } else if char == '\\' {
                let (char, length) = self.escape(at, end);
                text.extend(char);
                at += length;
            } else {
                text.push(char);
                at += char.len_utf8();
            }
        }
        Arc::from(composed(&text))
    }

    /// The character that an escape at `at` stands for, and the length of the escape.
    fn escape(&mut self, at: usize, end: usize) -> (Option<char>, usize) {
        let Some(char) = self.text[at + 1..end].chars().next() else { return (None, 1) };
        let simple = match char {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '"' => Some('"'),
            '\\' => Some('\\'),
            _ => None,
        };
        if simple.is_some() {
            return (simple, 2);
        }
        let (digits, length) = match char {
            'u' => (4, 6),
            'U' => (8, 10),
            other => (0, 1 + other.len_utf8()),
        };
        let code = self.text.get(at + 2..(at + 2 + digits).min(end)).filter(|_| digits > 0);
        let decoded = code
            .filter(|code| code.len() == digits && code.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        if decoded.is_some() {
            return (decoded, length);
        }
        let (message, help) = if digits == 0 {
            (
                format!("escape `\\{char}` does not exist"),
                "write a backslash itself as `\\\\`, or use \\n, \\r, \\t, \\\", \\uNNNN or \\UNNNNNNNN".to_owned(),
            )
        } else {
            (
                format!("`\\{char}` is not followed by the number of a character"),
                format!("write {digits} hexadecimal digits, for example `\\{char}{:0digits$x}`", 0xe9),
            )
        };
        let shown = if digits == 0 { length } else { 2 };
        self.push(Diagnostic::error("disco::unknown_escape", message).at(self.span(at, at + shown), "").help(help));
        (None, shown)
    }
}
