//! Closers, and the openers that they belong to.

use crate::source::Diagnostic;

use super::{Frame, Scanner, Sequence, TokenKind};

impl Scanner<'_> {
    pub(super) fn close(&mut self, close: u8) {
        let at = self.at;
        self.at += 1;
        if self.recover {
            self.close_forgotten(close, at);
        }
        match self.frames.last().copied() {
            Some(Frame::Bracket { open, .. }) if closer(open) == close => {
                self.frames.pop();
                self.token(TokenKind::Close(close), at, at + 1);
            }
            Some(Frame::Sequence { at: start, directive, trim_before, inner }) if close == b'}' => {
                self.frames.pop();
                let trim_after = at > inner && self.bytes[at - 1] == b'~';
                let inner = (inner, at - usize::from(trim_after));
                self.end_sequence(Sequence { directive, start, end: at + 1, inner, trim_before, trim_after });
            }
            _ => {
                // Not the closer of the innermost: of one further out, in the same text?
                let floor =
                    self.frames.iter().rposition(|frame| matches!(frame, Frame::Text { .. })).map_or(0, |at| at + 1);
                let matching = self.frames[floor..].iter().rposition(|frame| match frame {
                    Frame::Bracket { open, .. } => closer(*open) == close,
                    Frame::Sequence { .. } => close == b'}',
                    Frame::Text { .. } => false,
                });
                match (matching, self.frames.last().copied()) {
                    (Some(matching), Some(Frame::Bracket { open, at: opened })) => {
                        self.report_bracket(open, opened, Some(at));
                        while self.frames.len() > floor + matching + 1 {
                            self.close_innermost(at);
                        }
                        self.at = at;
                        self.close(close);
                    }
                    (None, Some(Frame::Bracket { open, at: opened })) => self.report_pair(open, opened, at),
                    _ if self.texts > 0 => {
                        let message =
                            format!("this `{}` closes nothing, as no `{}` is open", char::from(close), opener(close));
                        self.fault(Diagnostic::error("disco::syntax", message).at(self.span(at, at + 1), ""), at);
                    }
                    _ => self.token(TokenKind::Close(close), at, at + 1),
                }
            }
        }
    }

    /// `[1, 2)`: closed, but by the wrong one.
    fn report_pair(&mut self, open: u8, opened: usize, at: usize) {
        self.frames.pop();
        self.token(TokenKind::Close(closer(open)), at, at + 1);
        if self.text[opened..at].contains('\n') {
            self.scan.open_at_end = true;
        }
        let (wrong, right) = (char::from(self.bytes[at]), char::from(closer(open)));
        self.fault(
            Diagnostic::error("disco::syntax", format!("`{}` is closed by `{wrong}`", char::from(open)))
                .at(self.span(at, at + 1), format!("should be `{right}`"))
                .at(self.span(opened, opened + 1), "opened here"),
            opened,
        );
        self.scan.poisoned.push(at);
    }

    /// Recovery: a closer that begins its line belongs to the opener whose line is indented alike; brackets
    /// that were opened further in have lost theirs.
    fn close_forgotten(&mut self, close: u8, at: usize) {
        if self.texts > 0 || self.bytes[self.line_start(at)..at].iter().any(|byte| !matches!(byte, b' ' | b'\t')) {
            return;
        }
        let indentation = self.indentation(at);
        let belongs = |scanner: &Self, frame: &Frame| match frame {
            Frame::Bracket { open, at } => closer(*open) == close && scanner.indentation(*at) == indentation,
            _ => false,
        };
        let Some(Frame::Bracket { open, at: opened }) = self.frames.last().copied() else { return };
        if self.indentation(opened) <= indentation || !self.frames.iter().any(|frame| belongs(self, frame)) {
            return;
        }
        self.report_bracket(open, opened, Some(at));
        while self.frames.last().is_some_and(|frame| !belongs(self, frame)) {
            self.close_innermost(at);
        }
    }
}

pub(super) fn closer(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn opener(close: u8) -> char {
    match close {
        b')' => '(',
        b']' => '[',
        _ => '{',
    }
}
