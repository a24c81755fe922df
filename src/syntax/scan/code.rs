//! Outside of texts: words, numbers, comments and signs.

use crate::source::Diagnostic;

use super::super::unquoted::with_unit;
use super::super::word::{is_word_start, word_end};
use super::{CommentKind, Form, Frame, MaskKind, Scanner, TokenKind};

impl Scanner<'_> {
    pub(super) fn code_step(&mut self) {
        let start = self.at;
        let byte = self.bytes[start];
        match byte {
            b' ' | b'\t' => self.at += 1,
            b'\r' if self.starts_with("\r\n") => {
                self.at += 1;
                self.mask(start, start + 1, MaskKind::Blank);
            }
            b'\n' => {
                self.at += 1;
                self.token(TokenKind::Newline, start, start + 1);
            }
            b'#' => self.line_comment(CommentKind::Hash),
            b'/' if self.starts_with("//") && self.is_in_url() => self.url(),
            b'/' if self.starts_with("//") => self.line_comment(CommentKind::Slashes),
            b'/' if self.starts_with("/*") => self.block_comment(),
            b'"' => self.open_text(Form::Quoted, start + 1, (start, start)),
            b'<' if self.starts_with("<<") => self.heredoc(),
            b'0'..=b'9' => self.number(),
            b'(' | b'[' | b'{' => {
                self.token(TokenKind::Open(byte), start, start + 1);
                self.frames.push(Frame::Bracket { open: byte, at: start });
                self.at += 1;
            }
            b')' | b']' | b'}' => self.close(byte),
            b'~' if self.starts_with("~}") && matches!(self.frames.last(), Some(Frame::Sequence { .. })) => {
                self.at += 1;
                self.close(b'}');
            }
            b'\'' | b'`' => self.foreign_quote(char::from(byte)),
            b';' | b'^' | b'@' | b'\\' | b'$' | b'~' => self.foreign(char::from(byte)),
            _ => self.word_or_symbol(),
        }
    }

    fn word_or_symbol(&mut self) {
        let start = self.at;
        let Some(char) = self.text[start..].chars().next() else { return };
        if is_word_start(char) {
            self.at = word_end(self.text, start);
            self.token(TokenKind::Word, start, self.at);
        } else if char.is_ascii_graphic() {
            let long = ["...", "==", "!=", "<=", ">=", "&&", "||", "=>", "::"];
            let length = long.iter().find(|symbol| self.starts_with(symbol)).map_or(1, |symbol| symbol.len());
            self.at += length;
            self.token(TokenKind::Symbol, start, self.at);
        } else if matches!(char, '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚') {
            self.foreign_quote(char);
        } else {
            self.foreign(char);
        }
    }

    /// Whether the slashes are those of `https://example.com` rather than a comment's.
    fn is_in_url(&self) -> bool {
        let before = self.text[..self.at].strip_suffix(':');
        before.is_some_and(|before| before.ends_with(|char: char| char.is_ascii_alphanumeric()))
            && self.bytes.get(self.at + 2).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'/')
    }

    fn url(&mut self) {
        let scheme = self.text[..self.at - 1].trim_end_matches(|char: char| char.is_ascii_alphanumeric()).len();
        let rest = &self.text[self.at..];
        let length =
            rest.find(|char: char| char.is_whitespace() || matches!(char, ',' | ')' | ']')).unwrap_or(rest.len());
        let (start, end) = (self.at, self.at + length);
        let url = &self.text[scheme..end];
        self.fault(
            Diagnostic::error("disco::syntax", format!("`{url}` is not an expression"))
                .at(self.span(scheme, end), "")
                .help(format!("put it in quotes: `\"{url}\"`")),
            scheme,
        );
        self.at = end;
        self.token(TokenKind::Symbol, start, end);
    }

    fn line_comment(&mut self, kind: CommentKind) {
        let start = self.at;
        self.at = self.line_end(start);
        let end = self.at - usize::from(self.text[start..self.at].ends_with('\r'));
        self.comment(kind, start, end);
        if end < self.at {
            self.mask(end, self.at, MaskKind::Blank);
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        if let Some(length) = self.text[start + 2..].find("*/") {
            self.at = start + 2 + length + 2;
        } else {
            self.fault(
                Diagnostic::error("disco::not_closed", "this comment is never closed")
                    .at(self.span(start, start + 2), "needs a `*/`")
                    .help("write `*/` where it ends, or begin each of its lines with `#`"),
                start,
            );
            // All that follows is the comment's, as far as anybody can tell.
            self.at = self.bytes.len();
            self.open_comment = true;
        }
        self.comment(CommentKind::Block, start, self.at);
    }

    fn number(&mut self) {
        let start = self.at;
        let digits = |bytes: &[u8], from: usize| {
            from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let mut end = digits(self.bytes, start);
        let mut exponent = 0;
        let after_dot = start > 0 && self.bytes[start - 1] == b'.' && !self.bytes[..start].ends_with(b"..");
        if !after_dot {
            if self.bytes.get(end) == Some(&b'.') && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
                end = digits(self.bytes, end + 1);
            }
            if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
                let last = digits(self.bytes, end + 1 + sign);
                exponent = last - (end + 1 + sign);
                if exponent > 0 {
                    end = last;
                }
            }
        }
        self.at = end;
        if let Some(char) = self.text[end..].chars().next().filter(|char| is_word_start(*char)) {
            let last = word_end(self.text, end);
            let word = &self.text[start..last];
            let (message, said) = with_unit(word);
            let help = match char {
                '_' => "write numbers without `_`".to_owned(),
                'x' | 'X' | 'o' | 'b' if end == start + 1 && last > end + 1 => {
                    "write numbers in decimal; `parseint` reads other bases".to_owned()
                }
                _ => said,
            };
            self.fault(Diagnostic::error("disco::syntax", message).at(self.span(start, last), "").help(help), start);
            self.at = last;
        } else if exponent > 4 {
            self.fault(
                Diagnostic::error("disco::syntax", "the exponent of this number is too large")
                    .at(self.span(start, end), ""),
                start,
            );
        } else if exponent > 0 || end - start > 15 {
            self.mask(start, end, MaskKind::Number);
        }
        self.token(TokenKind::Number, start, self.at);
    }
}
