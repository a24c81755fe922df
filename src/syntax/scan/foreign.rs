//! Quotes and signs of other languages.

use crate::source::Diagnostic;

use super::{Scanner, TokenKind};

impl Scanner<'_> {
    pub(super) fn foreign_quote(&mut self, quote: char) {
        let start = self.at;
        let line_end = self.line_end(start);
        let after = start + quote.len_utf8();
        let closing = match quote {
            '“' | '„' => &['”', '“', '"'][..],
            '‘' | '‚' => &['’', '‘'],
            '«' => &['»'],
            '»' => &['«'],
            _ => &[quote][..],
        };
        let end = self.text[after..line_end]
            .char_indices()
            .find(|(_, char)| closing.contains(char))
            .map(|(at, char)| (after + at, after + at + char.len_utf8()));
        let (content, last) = match end {
            Some((end, last)) => (Some(&self.text[after..end]), last),
            None => (None, after),
        };
        let name = match quote {
            '\'' => "single quotes",
            '`' => "backquotes",
            _ => "typographic quotes",
        };
        let example = content.filter(|content| content.len() < 60 && !content.contains('"')).unwrap_or("…").to_owned();
        self.fault(
            Diagnostic::error("disco::syntax", format!("strings are written in double quotes, not in {name}"))
                .at(self.span(start, last), "")
                .help(format!("write \"{example}\"")),
            start,
        );
        self.at = last;
        self.token(TokenKind::Symbol, start, last);
    }

    pub(super) fn foreign(&mut self, char: char) {
        let start = self.at;
        let end = start + char.len_utf8();
        let (message, help) = match char {
            ';' => ("unexpected `;`".to_owned(), Some("put the next attribute on a line of its own")),
            '$' if self.starts_with("${") => (
                "`${…}` is only valid within quotes".to_owned(),
                Some("write the expression itself outside of quotes, without `${` and `}`"),
            ),
            '^' => ("operator `^` does not exist".to_owned(), Some("write powers as `pow(a, b)`")),
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => {
                ("this space is not an ordinary one (U+0020)".to_owned(), Some("replace it with an ordinary space"))
            }
            char if char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{feff}') => {
                (format!("invisible character U+{:04X}", u32::from(char)), Some("delete it"))
            }
            char => (format!("unexpected character `{char}`"), Some("put strings in quotes")),
        };
        self.fault(
            Diagnostic::error("disco::syntax", message)
                .at(self.span(start, end), "")
                .help_maybe(help.map(str::to_owned)),
            start,
        );
        self.at = end;
        self.token(TokenKind::Symbol, start, end);
    }
}
