//! Within quoted texts, heredocs and template files.

use crate::source::Diagnostic;

use super::super::word::{is_word_start, word_end};
use super::{Form, Frame, MaskKind, Scanner, Sequence, Text, TokenKind};

impl Scanner<'_> {
    pub(super) fn open_text(&mut self, form: Form, content: usize, marker: (usize, usize)) {
        let index = self.scan.texts.len();
        let start = self.at;
        self.mask(start, start, MaskKind::Text(index));
        self.scan.texts.push(Text {
            form,
            start,
            end: start,
            content: (content, content),
            sequences: Vec::new(),
            marker,
        });
        self.frames.push(Frame::Text { index });
        self.texts += 1;
        self.at = content;
    }

    pub(super) fn end_text(&mut self, index: usize, content_end: usize, end: usize) {
        let text = &mut self.scan.texts[index];
        text.content.1 = content_end.max(text.content.0);
        text.end = end;
        let start = text.start;
        if let Ok(mask) = self.scan.masks.binary_search_by_key(&start, |mask| mask.start) {
            self.scan.masks[mask].end = end;
        }
        self.texts -= 1;
        self.token(TokenKind::Text(index), start, end);
    }

    pub(super) fn end_sequence(&mut self, sequence: Sequence) {
        if let Some(Frame::Text { index }) = self.frames.last() {
            self.scan.texts[*index].sequences.push(sequence);
        }
    }

    pub(super) fn text_step(&mut self, index: usize) {
        let text = &self.scan.texts[index];
        let (form, start, marker) = (text.form, text.start, text.marker);
        if matches!(form, Form::Heredoc { .. }) && self.bytes[self.at - 1] == b'\n' {
            let end = self.line_end(self.at);
            let line = &self.text[self.at..end];
            if line.trim() == &self.text[marker.0..marker.1] {
                let (content_end, end) = (self.at, self.at + line.trim_end().len());
                self.frames.pop();
                self.end_text(index, content_end, end);
                self.at = end;
                return;
            }
        }
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'"' if form == Form::Quoted => {
                    self.frames.pop();
                    self.end_text(index, self.at, self.at + 1);
                    self.at += 1;
                    return;
                }
                b'\\' if form == Form::Quoted => {
                    self.at += 1;
                    if self.bytes.get(self.at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                        self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
                    }
                }
                b'\n' if form == Form::Quoted => {
                    self.unterminated(start);
                    return;
                }
                b'\n' => {
                    self.at += 1;
                    return;
                }
                b'$' | b'%' => {
                    let next = self.bytes.get(self.at + 1).copied();
                    if next == Some(byte) && self.bytes.get(self.at + 2) == Some(&b'{') {
                        self.at += 3;
                    } else if next == Some(b'{') {
                        let trim_before = self.bytes.get(self.at + 2) == Some(&b'~');
                        let inner = self.at + 2 + usize::from(trim_before);
                        self.frames.push(Frame::Sequence { at: self.at, directive: byte == b'%', trim_before, inner });
                        self.at = inner;
                        return;
                    } else {
                        self.at += 1;
                    }
                }
                b'\r' if !self.starts_with("\r\n") => {
                    let at = self.at;
                    self.fault(
                        Diagnostic::error("disco::syntax", "a carriage return alone does not end a line")
                            .at(self.span(at, at + 1), "")
                            .help("in a quoted string it is written `\\r`"),
                        at,
                    );
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        // The end of the file: whoever is open is reported by the caller.
        if form == Form::Quoted {
            self.unterminated(start);
        }
    }

    /// A line ends within a quoted text. All texts of that line end with it.
    fn unterminated(&mut self, start: usize) {
        let end = self.at - usize::from(self.at > start && self.bytes[self.at - 1] == b'\r');
        let forgotten_brace = self.frames.len().checked_sub(2).and_then(|below| match self.frames[below] {
            Frame::Sequence { at, directive, .. } if self.text[start + 1..end].trim().is_empty() => {
                Some((at, directive))
            }
            _ => None,
        });
        match forgotten_brace {
            Some((at, directive)) => self.report_sequence(at, directive),
            None => self.report_quote(start, end),
        }
        let line = self.line_start(start);
        let label = self
            .scan
            .tokens
            .last()
            .is_some_and(|token| token.start >= line && matches!(token.kind, TokenKind::Word | TokenKind::Text(_)));
        if label && self.texts == 1 && self.text[..end].trim_end().ends_with('{') {
            // `block "label {`: the quote is missing, the brace is not.
            self.at = self.text[..end].trim_end().len() - 1;
            self.close_innermost(self.at);
            return;
        }
        // Texts and brackets that the same line opened go with it, down to the outermost text.
        let outermost = self.frames.iter().position(|frame| match frame {
            Frame::Text { index } => {
                let text = &self.scan.texts[*index];
                text.form == Form::Quoted && text.start >= line
            }
            _ => false,
        });
        if let Some(outermost) = outermost {
            while self.frames.len() > outermost {
                self.close_innermost(self.at);
            }
        } else {
            self.close_innermost(self.at);
        }
    }

    pub(super) fn heredoc(&mut self) {
        let start = self.at;
        let dedent = self.bytes.get(start + 2) == Some(&b'-');
        let word = start + 2 + usize::from(dedent);
        let line_end = self.line_end(start);
        let end = match self.text[word..].chars().next() {
            Some(char) if is_word_start(char) => word_end(self.text, word),
            _ => word,
        };
        if end > word && line_end < self.bytes.len() && self.text[end..line_end].trim_end_matches('\r').is_empty() {
            self.open_text(Form::Heredoc { dedent }, line_end + 1, (word, end));
            return;
        }
        let (message, help) = if end == word {
            ("a heredoc must begin with `<<` and a word", "write for example `<<-EOT`, closed by `EOT` alone on a line")
        } else {
            ("nothing may follow the opening of a heredoc on its line", "begin its text on the next line")
        };
        self.fault(
            Diagnostic::error("disco::syntax", message).at(self.span(start, end), "this opening").help(help),
            start,
        );
        if end == word {
            self.at = end;
        } else {
            self.open_text(Form::Heredoc { dedent }, (line_end + 1).min(self.bytes.len()), (word, end));
        }
    }
}
