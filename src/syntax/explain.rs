//! What the expression parser says, in words for people.

use std::ops::Range;

use crate::source::Diagnostic;

use super::lower::Parser;
use super::scan::TokenKind;
use super::word::{is_word_start, word_end};

/// What stands at an offset, quoted for a sentence.
pub(super) fn describe(text: &str, at: usize) -> String {
    let rest = &text[at.min(text.len())..];
    match rest.chars().next() {
        None => "the end of the file".to_owned(),
        Some('\n' | '\r') => "the end of the line".to_owned(),
        Some('"') => "a quoted string".to_owned(),
        Some(char) if is_word_start(char) => format!("`{}`", &text[at..word_end(text, at)]),
        Some(char) if char.is_ascii_digit() => {
            let length = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '.').unwrap_or(rest.len());
            format!("`{}`", &rest[..length])
        }
        Some(char) => {
            let long = ["...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::"];
            match long.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => format!("`{symbol}`"),
                None => format!("`{char}`"),
            }
        }
    }
}

impl Parser<'_> {
    /// Turns what hcl-edit said about a masked piece into a complaint. The piece stands for `range`; its first
    /// byte is that of `base`.
    pub(super) fn explain(&mut self, masked: &str, base: usize, range: Range<usize>, error: &hcl_edit::parser::Error) {
        let Range { start, end } = range;
        let offset = offset(masked, base, error).clamp(start, end);
        let message = error.message();
        let found = if offset >= end { self.after(end) } else { describe(self.text, offset) };
        let span = self.token_span(offset, end);
        let mut label = "";
        let mut help = None;
        let mut code = "disco::syntax";
        let sentence = if message.contains("nesting depth") {
            code = "disco::too_deep";
            help = Some("give the inner parts names in `locals`");
            "expressions are nested more than 64 deep".to_owned()
        } else if message.contains("chained binary operators") {
            code = "disco::too_deep";
            help = Some("give parts of it names in `locals`");
            "more than 128 operators are chained".to_owned()
        } else if message.contains("redefined object key") {
            return self.explain_duplicate(start, offset);
        } else if message.contains("traversal operator") {
            help = Some("write the name of an attribute, an index or `*` after `.`");
            format!("expected a name after `.`, found {found}")
        } else if message.contains("object value assignment") {
            help = Some("write an object as `{ name = value, \"other-name\" = value }`");
            format!("expected `=` or `:` after an object's key, found {found}")
        } else if message.contains("invalid object item") {
            help = Some("separate the entries of an object with commas or line ends");
            format!("expected `,`, a line end or `}}`, found {found}")
        } else if message.contains("heredoc") {
            format!("expected a heredoc, found {found}")
        } else if message.contains("invalid expression") {
            if offset < end && self.text[offset..].starts_with('=') {
                let doubled = self.text[..offset].trim_end().ends_with('=');
                help = Some(if doubled { "write a single `=`" } else { "test equality with `==`" });
            }
            label = "expected a value here";
            format!("expected a value, found {found}")
        } else if let Some(expected) = expected(message) {
            let outermost = masked.get(..offset.saturating_sub(base)).is_some_and(|before| {
                before.bytes().fold(0_isize, |depth, byte| match byte {
                    b'(' | b'[' | b'{' => depth + 1,
                    b')' | b']' | b'}' => depth - 1,
                    _ => depth,
                }) == 1
            });
            if base < start && outermost && expected == "`)`" {
                format!("expected `}}`, found {found}")
            } else if expected == "`)`" || expected == "`]`" {
                format!("expected `,` or {expected}, found {found}")
            } else if expected == "`:`" {
                help = Some("write a choice as `condition ? one : other`, a loop as `[for x in list : x]`");
                format!("expected `:`, found {found}")
            } else if expected == "`in`" || expected == "`=>`" {
                help = Some("write a loop as `[for x in list : x]` or `{ for key, x in map : key => x }`");
                format!("expected {expected}, found {found}")
            } else {
                format!("expected {expected}, found {found}")
            }
        } else {
            if offset < end && self.text[offset..].starts_with('\n') {
                help = Some("put an expression of several lines in brackets");
            } else if offset < end && self.text[offset..].starts_with(['&', '|', '=']) {
                help = Some("write operators as `&&`, `||`, `==`");
            }
            let rest = self.text[offset.min(end)..end].trim();
            if rest.is_empty() {
                "this expression is not complete".to_owned()
            } else if rest == "." {
                help = Some("write the name of an attribute, an index or `*` after `.`");
                "a name is missing after `.`".to_owned()
            } else if rest.chars().all(|char| char.is_ascii_punctuation()) {
                if self.text[end..].starts_with(['\n', '\r']) {
                    help = Some("put an expression of several lines in brackets");
                }
                format!("a value is missing after `{rest}`")
            } else {
                format!("unexpected {found}")
            }
        };
        let help = help.unwrap_or("complete this expression, or put strings in quotes");
        self.push(Diagnostic::error(code, sentence).at(span, label).help(help));
    }

    /// What follows an expression that ended too early.
    fn after(&self, end: usize) -> String {
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        describe(self.text, self.text.len() - rest.len())
    }

    fn token_span(&self, offset: usize, end: usize) -> crate::source::Span {
        if offset >= end {
            return self.span(end, end);
        }
        if let Ok(at) = self.scan.masks.binary_search_by_key(&offset, |mask| mask.start) {
            return self.span(offset, self.scan.masks[at].end.max(offset + 1));
        }
        let length = self.text[offset..].chars().next().map_or(0, |char| match char {
            '\n' => 0,
            char if is_word_start(char) => word_end(self.text, offset) - offset,
            char => char.len_utf8(),
        });
        self.span(offset, offset + length)
    }

    /// Two equal keys in an object: finds the first of them among the tokens before the second.
    fn explain_duplicate(&mut self, start: usize, second: usize) {
        let tokens = &self.scan.tokens;
        let at = tokens.partition_point(|token| token.start < second);
        let Some(key) = tokens.get(at).filter(|token| token.start == second).copied() else {
            let span = self.token_span(second, self.text.len());
            self.push(Diagnostic::error("disco::duplicate_key", "this key is in this object twice").at(span, ""));
            return;
        };
        let text = &self.text[key.start..key.end];
        let mut depth = 0_usize;
        let mut first = None;
        for index in (0..at).rev() {
            let token = tokens[index];
            if token.start < start {
                break;
            }
            match token.kind {
                TokenKind::Close(_) => depth += 1,
                TokenKind::Open(_) if depth == 0 => break,
                TokenKind::Open(_) => depth -= 1,
                _ if depth == 0 && &self.text[token.start..token.end] == text => {
                    let next = &tokens[index + 1];
                    if matches!(&self.text[next.start..next.end], "=" | ":") {
                        first = Some(token);
                    }
                }
                _ => {}
            }
        }
        let (again, first) = (self.span(key.start, key.end), first.map(|token| self.span(token.start, token.end)));
        let message = format!("key `{}` is in this object twice", text.trim_matches('"'));
        self.push(
            Diagnostic::error("disco::duplicate_key", message)
                .at(again, "set again here")
                .at_maybe(first, "set first here")
                .help("keep one of them"),
        );
    }
}

/// Where in the file hcl-edit means; spaces and comments skipped.
fn offset(masked: &str, base: usize, error: &hcl_edit::parser::Error) -> usize {
    let location = error.location();
    let last = masked.len().saturating_sub(1);
    let mut offset = location.offset().min(last);
    // At the end of its input hcl-edit points to the last byte, but counts one more column.
    let line = masked.as_bytes()[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let columns = masked.get(line..=offset).map_or(offset + 1 - line, |text| text.chars().count());
    if location.column() > columns {
        offset = masked.len();
    }
    while !masked.is_char_boundary(offset) {
        offset -= 1;
    }
    let spaces = masked[offset..].len() - masked[offset..].trim_start_matches([' ', '\t']).len();
    base + offset + spaces
}

/// The only thing expected, if it is only one.
fn expected(message: &str) -> Option<&str> {
    let expected = message.rsplit_once("; ").map_or(message, |(_, rest)| rest).strip_prefix("expected ")?;
    (!expected.contains(", ") && !expected.contains(" or ")).then_some(expected)
}
