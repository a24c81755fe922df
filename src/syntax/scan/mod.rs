//! Characters -> tokens, texts and what is never closed.
//!
//! The scanner knows just enough of HCL to find where things begin and end: brackets, comments, quoted texts,
//! heredocs and the sequences `${…}` and `%{…}` within them. So it finds what is not closed at its opener,
//! and it cuts the file into pieces of which each can be parsed, and be wrong, on its own.

mod bracket;
mod code;
mod foreign;
mod open;
mod text;
mod token;

pub use token::CommentKind;
pub(super) use token::{Comment, Form, Mask, MaskKind, Scan, Sequence, Text, Token, TokenKind};

use crate::source::{Diagnostic, SourceId, Span};

use bracket::closer;

/// How deep brackets and texts may nest, all kinds together.
const DEEPEST: usize = 160;

/// Scans definitions or an expression.
pub(super) fn code(text: &str, id: SourceId) -> Scan {
    let scan = Scanner::new(text, id, false).run();
    let mut scan = if scan.open_at_end { Scanner::new(text, id, true).run() } else { scan };
    scan.poisoned.sort_unstable();
    scan
}

/// Scans definitions and keeps the tokens within strings, too. What is never closed ends with the file.
pub(super) fn everything(text: &str, id: SourceId) -> Scan {
    let mut scanner = Scanner::new(text, id, false);
    scanner.keeps_inner = true;
    scanner.run()
}

/// Scans what stands before a place, as [`everything`] does; a block's first line in column one closes what is open.
pub(super) fn before(text: &str, id: SourceId) -> Scan {
    let mut scanner = Scanner::new(text, id, true);
    scanner.keeps_inner = true;
    scanner.run()
}

/// Scans a template file: the first of the texts is all of it.
pub(super) fn template(text: &str, id: SourceId) -> Scan {
    let mut scanner = Scanner::new(text, id, false);
    scanner.at = 0;
    scanner.open_text(Form::Bare, 0, (0, 0));
    let mut scan = scanner.run();
    scan.poisoned.sort_unstable();
    scan
}

#[derive(Clone, Copy, Debug)]
enum Frame {
    Bracket {
        open: u8,
        at: usize,
    },
    /// `${` or `%{` in the text below it.
    Sequence {
        at: usize,
        directive: bool,
        trim_before: bool,
        inner: usize,
    },
    Text {
        index: usize,
    },
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    id: SourceId,
    at: usize,
    /// Take a block's first line in column one as a sign that what is open was forgotten.
    recover: bool,
    frames: Vec<Frame>,
    /// A comment is never closed; that it hides the closers of what is open goes without saying.
    open_comment: bool,
    /// How many of the frames are texts.
    texts: usize,
    /// Keep the tokens within texts.
    keeps_inner: bool,
    scan: Scan,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, id: SourceId, recover: bool) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            text,
            bytes: text.as_bytes(),
            id,
            at,
            recover,
            frames: Vec::new(),
            open_comment: false,
            texts: 0,
            keeps_inner: false,
            scan: Scan::default(),
        }
    }

    fn run(mut self) -> Scan {
        while self.at < self.bytes.len() {
            if self.frames.len() > DEEPEST {
                let at = self.at;
                self.fault(
                    Diagnostic::error(
                        "disco::too_deep",
                        format!("brackets and strings are nested more than {DEEPEST} deep"),
                    )
                    .at(self.span(at, at + 1), "here"),
                    at,
                );
                self.frames.iter().for_each(|frame| match frame {
                    Frame::Bracket { at, .. } | Frame::Sequence { at, .. } => self.scan.poisoned.push(*at),
                    Frame::Text { index } => self.scan.poisoned.push(self.scan.texts[*index].start),
                });
                self.close_all(self.bytes.len());
                return self.scan;
            }
            if self.recover && !self.frames.is_empty() && self.is_block_head() {
                self.report_innermost();
                self.close_all(self.at);
                self.token(TokenKind::Newline, self.at, self.at);
            }
            match self.frames.last() {
                Some(Frame::Text { index }) => self.text_step(*index),
                _ => self.code_step(),
            }
        }
        let whole_file =
            matches!(self.frames[..], [Frame::Text { index }] if self.scan.texts[index].form == Form::Bare);
        if !(whole_file || self.open_comment || self.frames.is_empty()) {
            self.scan.open_at_end = true;
            self.report_innermost();
        }
        self.close_all(self.bytes.len());
        self.scan
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let mut end = end.min(self.text.len()).max(start);
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        Span::new(self.id, start, end)
    }

    fn fault(&mut self, fault: Diagnostic, poisoned: usize) {
        self.scan.faults.push(fault);
        self.scan.poisoned.push(poisoned);
    }

    fn starts_with(&self, what: &str) -> bool {
        self.bytes[self.at..].starts_with(what.as_bytes())
    }

    fn line_end(&self, from: usize) -> usize {
        self.bytes[from..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |length| from + length)
    }

    fn line_start(&self, from: usize) -> usize {
        self.bytes[..from].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
    }

    /// How far the line of an offset is indented.
    fn indentation(&self, of: usize) -> usize {
        self.bytes[self.line_start(of)..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// Closes everything that is open, as if the closers stood at `at`.
    fn close_all(&mut self, at: usize) {
        while !self.frames.is_empty() {
            self.close_innermost(at);
        }
    }

    fn close_innermost(&mut self, at: usize) {
        match self.frames.pop() {
            Some(Frame::Bracket { open, .. }) => self.token(TokenKind::Close(closer(open)), at, at),
            Some(Frame::Sequence { at: start, directive, trim_before, inner }) => {
                let sequence =
                    Sequence { directive, start, end: at, inner: (inner.min(at), at), trim_before, trim_after: false };
                self.end_sequence(sequence);
            }
            Some(Frame::Text { index }) => self.end_text(index, at, at),
            None => {}
        }
    }

    fn token(&mut self, kind: TokenKind, start: usize, end: usize) {
        if self.texts == 0 {
            self.scan.tokens.push(Token { kind, start, end });
        } else if self.keeps_inner {
            self.scan.inner.push(Token { kind, start, end });
        }
    }

    /// A comment, which the expression parser is not shown.
    fn comment(&mut self, kind: CommentKind, start: usize, end: usize) {
        self.scan.comments.push(Comment { kind, start, end });
        self.mask(start, end, MaskKind::Blank);
    }

    fn mask(&mut self, start: usize, end: usize, kind: MaskKind) {
        self.scan.masks.push(Mask { start, end, kind });
    }
}
