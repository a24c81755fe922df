//! What is never closed, told at its opener.

use crate::source::Diagnostic;

use super::super::word::{is_word_part, is_word_start};
use super::bracket::closer;
use super::{Form, Frame, Scanner};

impl Scanner<'_> {
    /// Whether a line begins here, in column one, that can only be the head of a block: `word "label" {`.
    pub(super) fn is_block_head(&self) -> bool {
        if self.at > 0 && self.bytes[self.at - 1] != b'\n' {
            return false;
        }
        let line = &self.text[self.at..self.line_end(self.at)];
        let Some(line) = line.trim_end().strip_suffix('{') else { return false };
        if !line.starts_with(is_word_start) {
            return false;
        }
        line.split_whitespace().all(|word| {
            let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
            !word.is_empty() && word.chars().all(|char| is_word_part(char) || char == '.')
        })
    }

    /// Complains about the innermost thing that is open, at its opener.
    pub(super) fn report_innermost(&mut self) {
        let Some(frame) = self.frames.last().copied() else { return };
        match frame {
            Frame::Bracket { open, at } => self.report_bracket(open, at, None),
            Frame::Sequence { at, directive, .. } => self.report_sequence(at, directive),
            Frame::Text { index } => {
                let text = &self.scan.texts[index];
                let (start, form, marker, content) = (text.start, text.form, text.marker, text.content.0);
                match form {
                    Form::Heredoc { .. } => self.report_heredoc(start, marker, content),
                    Form::Quoted | Form::Bare => self.report_quote(start, self.bytes.len()),
                }
            }
        }
    }

    pub(super) fn report_bracket(&mut self, open: u8, at: usize, close: Option<usize>) {
        let open_char = char::from(open);
        let close_char = char::from(closer(open));
        let mut fault = Diagnostic::error("disco::not_closed", format!("this `{open_char}` is never closed"))
            .at(self.span(at, at + 1), format!("needs a `{close_char}`"))
            .help(format!("write `{close_char}` at its end"));
        if let Some(close) = close {
            let label = format!("this `{}` comes before it", char::from(self.bytes[close]));
            fault = fault.at(self.span(close, close + 1), label);
        }
        self.fault(fault, at);
    }

    pub(super) fn report_sequence(&mut self, at: usize, directive: bool) {
        let sign = if directive { "%{" } else { "${" };
        let escaped = if directive { "%%{" } else { "$${" };
        self.fault(
            Diagnostic::error("disco::not_closed", format!("this `{sign}` is never closed"))
                .at(self.span(at, at + 2), "needs a `}`")
                .help(format!("write `}}` at its end; write `{sign}` itself as `{escaped}`")),
            at,
        );
    }

    pub(super) fn report_quote(&mut self, start: usize, line_end: usize) {
        self.fault(
            Diagnostic::error("disco::not_closed", "this string has no closing quote on its line")
                .at(self.span(start, line_end), "begins here")
                .help("close it with `\"`; write a line end within a string as `\\n`, a long string as a heredoc: `<<-EOT` … `EOT`"),
            start,
        );
    }

    fn report_heredoc(&mut self, start: usize, marker: (usize, usize), content: usize) {
        let word = &self.text[marker.0..marker.1];
        let mut fault = Diagnostic::error("disco::not_closed", format!("this heredoc has no closing `{word}`"))
            .at(self.span(start, marker.1), "begins here")
            .help(format!("close it with `{word}` alone on a line of its own"));
        let mut line = content.min(self.bytes.len());
        while line < self.bytes.len() {
            let end = self.line_end(line);
            let indentation = self.text[line..end].len() - self.text[line..end].trim_start().len();
            let rest = &self.text[line + indentation..end];
            if rest.strip_prefix(word).is_some_and(|rest| !rest.trim().is_empty() && !rest.starts_with(is_word_part)) {
                fault =
                    fault.at(self.span(line + indentation, line + indentation + word.len()), "not alone on its line");
                break;
            }
            line = end + 1;
        }
        self.fault(fault, start);
    }
}
