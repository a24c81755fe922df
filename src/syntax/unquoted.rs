//! Strings that somebody forgot to put in quotes: addresses, versions, sizes, paths, URLs.

use crate::source::Diagnostic;

use super::lower::{Parser, Piece};
use super::scan::{Token, TokenKind};
use super::word::{is_word_part, is_word_start};

/// What a number with a unit is meant to be.
pub(super) fn with_unit(word: &str) -> (String, String) {
    let digits = word.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
    let number = &word[..word.len() - digits.len()];
    let message = format!("`{word}` is not a number");
    let volume = match digits.to_ascii_lowercase().as_str() {
        "g" | "gb" | "gib" => format!("; the `size` of a volume counts GiB: `size = {number}`"),
        "t" | "tb" | "tib" => format!("; the `size` of a volume counts GiB: `size = {number} * 1024`"),
        _ => String::new(),
    };
    let help = format!("put a string in quotes: `\"{word}\"`; a number has no unit: `{number}`{volume}");
    (message, help)
}

impl Parser<'_> {
    /// Complains about the first address or version without quotes between two offsets, if there is one. HCL would read
    /// it as a number and indices, which nobody means.
    pub(super) fn complain_of_unquoted(&mut self, start: usize, end: usize) -> bool {
        let first = self.scan.tokens.partition_point(|token| token.start < start);
        let tokens = &self.scan.tokens[first..];
        let tokens = &tokens[..tokens.partition_point(|token| token.start < end)];
        let is_dot = |token: &Token| token.kind == TokenKind::Symbol && &self.text[token.start..token.end] == ".";
        let found = tokens.iter().enumerate().find_map(|(at, token)| {
            let begins = token.kind == TokenKind::Number && (at == 0 || !is_dot(&tokens[at - 1]));
            // `10.20` is one token, so that a second dot must follow.
            (begins && tokens.get(at + 1).is_some_and(|next| next.start == token.end && is_dot(next)))
                .then(|| self.run(&tokens[at..]))
                .filter(|(start, end)| is_dotted_number(&self.text[*start..*end]))
        });
        let Some((start, end)) = found else { return false };
        self.complain_of_string(start, end);
        true
    }

    /// The same for what begins with a number, within `${…}` of a text: there are no tokens of it.
    pub(super) fn complain_of_dotted(&mut self, start: usize, piece: &Piece<'_>) -> bool {
        let rest = piece.from(start);
        let length = rest.find(|char| !(is_word_part(char) || matches!(char, '.' | '/' | '+'))).unwrap_or(rest.len());
        let dotted = is_dotted_number(&rest[..length]);
        if dotted {
            self.complain_of_string(start, start + length);
        }
        dotted
    }

    fn complain_of_string(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let what = if word.split('.').count() > 3 { "an address" } else { "a version" };
        let fault = Diagnostic::error("disco::syntax", format!("`{word}` looks like {what}, but is not in quotes"))
            .at(self.span(start, end), "")
            .help(format!("put it in quotes: `\"{word}\"`"));
        self.push(fault);
    }

    /// From the first token to the last that follows without a blank.
    fn run(&self, tokens: &[Token]) -> (usize, usize) {
        let goes_on = |token: &Token| match token.kind {
            TokenKind::Number | TokenKind::Word => true,
            TokenKind::Symbol => matches!(&self.text[token.start..token.end], "." | "/" | "-" | "+"),
            _ => false,
        };
        let mut end = tokens.first().map_or(0, |token| token.start);
        let start = end;
        for token in tokens.iter().take_while(|token| goes_on(token)) {
            if token.start != end {
                break;
            }
            end = token.end;
        }
        (start, end)
    }

    /// The word or path that an expression is which could not be parsed: `ubuntu-24.04`, `/data/hdfs`.
    pub(super) fn unquoted_word(&self, start: usize, end: usize) -> Option<&str> {
        let word = &self.text[start..end];
        let path = ["/", "./", "../", "~/"].iter().any(|begin| word.starts_with(begin)) && word.len() > 2;
        let first = self.scan.tokens.partition_point(|token| token.start < start);
        let whole = self.run(&self.scan.tokens[first..]) == (start, end);
        let name = whole && word.starts_with(is_word_start) && word.ends_with(|char: char| char.is_alphanumeric());
        let single = !word.contains(|char: char| char.is_whitespace() || matches!(char, ',' | '(' | '[' | '{'));
        ((path || name) && single).then_some(word)
    }
}

/// `10.20.0.0/24`, `3.5.0-rc1`: numbers with at least two dots between them, and perhaps more.
fn is_dotted_number(word: &str) -> bool {
    let dotted = word.split(['/', '-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = dotted.split('.').collect();
    parts.len() > 2 && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty())
}
