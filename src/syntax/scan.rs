//! Characters -> tokens, texts and what is never closed.
//!
//! The scanner knows just enough of HCL to find where things begin and end: brackets, comments, quoted texts,
//! heredocs and the sequences `${…}` and `%{…}` within them. So it finds what is not closed at its opener,
//! and it cuts the file into pieces of which each can be parsed, and be wrong, on its own.

use crate::source::{Diagnostic, SourceId, Span};

use super::word::{is_word_part, is_word_start, word_end};

/// How deep brackets and texts may nest, all kinds together.
const DEEPEST: usize = 160;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A quoted text or a heredoc, whole: the index of it in [`Scan::texts`].
    Text(usize),
    /// A line end.
    Newline,
    /// `(`, `[` or `{`
    Open(u8),
    /// `)`, `]` or `}`; of no length where it is missing
    Close(u8),
    /// Anything else, as long as operators are.
    Symbol,
}

/// A token outside of texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `"…"`
    Quoted,
    /// `<<WORD` … `WORD`; with `<<-` the common indentation is taken away
    Heredoc { dedent: bool },
    /// A whole file
    Bare,
}

/// A sequence in a text, `${…}` or `%{…}`.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    /// `%{…}` rather than `${…}`.
    pub(super) directive: bool,
    /// From `$` or `%` …
    pub(super) start: usize,
    /// … to after `}`.
    pub(super) end: usize,
    /// What stands between the braces, without trim markers.
    pub(super) inner: (usize, usize),
    /// `${~`: spaces before it go.
    pub(super) trim_before: bool,
    /// `~}`: spaces after it go.
    pub(super) trim_after: bool,
}

/// A quoted text, a heredoc or a whole template file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) form: Form,
    /// With quotes or markers.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Without them.
    pub(super) content: (usize, usize),
    /// What is not literal in it.
    pub(super) sequences: Vec<Sequence>,
    /// A heredoc's closing word.
    marker: (usize, usize),
}

/// A piece that the expression parser is not shown as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: MaskKind,
}

/// What to show instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MaskKind {
    /// Spaces: comments and carriage returns.
    Blank,
    /// Digits: numbers that do not fit into a float.
    Number,
    /// A plain quoted text; the index of the real one in [`Scan::texts`].
    Text(usize),
}

/// What the scanner found. Tokens and masks are sorted by their start.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) tokens: Vec<Token>,
    pub(super) texts: Vec<Text>,
    pub(super) masks: Vec<Mask>,
    /// What is wrong.
    pub(super) faults: Vec<Diagnostic>,
    /// Where something is wrong: what contains one of these offsets is not worth parsing.
    pub(super) poisoned: Vec<usize>,
    /// Something was still open at the end, or closed by something far away that does not fit.
    open_at_end: bool,
}

impl Scan {
    /// Whether something between these offsets was complained about already.
    pub(super) fn is_poisoned(&self, start: usize, end: usize) -> bool {
        let first = self.poisoned.partition_point(|at| *at < start);
        self.poisoned.get(first).is_some_and(|at| *at < end)
    }
}

/// Scans definitions or an expression.
pub(super) fn code(text: &str, id: SourceId) -> Scan {
    let scan = Scanner::new(text, id, false).run();
    let mut scan = if scan.open_at_end { Scanner::new(text, id, true).run() } else { scan };
    scan.poisoned.sort_unstable();
    scan
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
    /// How many of the frames are texts.
    texts: usize,
    scan: Scan,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str, id: SourceId, recover: bool) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, bytes: text.as_bytes(), id, at, recover, frames: Vec::new(), texts: 0, scan: Scan::default() }
    }

    fn run(mut self) -> Scan {
        while self.at < self.bytes.len() {
            if self.frames.len() > DEEPEST {
                let at = self.at;
                self.fault(
                    Diagnostic::error(
                        "disco::too_deep",
                        format!("brackets and texts are nested more than {DEEPEST} deep"),
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
            }
            match self.frames.last() {
                Some(Frame::Text { index }) => self.text_step(*index),
                _ => self.code_step(),
            }
        }
        if let [Frame::Text { index }] = self.frames[..]
            && self.scan.texts[index].form == Form::Bare
        {
            self.close_all(self.bytes.len());
        } else if !self.frames.is_empty() {
            self.scan.open_at_end = true;
            self.report_innermost();
            self.close_all(self.bytes.len());
        }
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

    /// Whether a line begins here, in column one, that can only be the head of a block: `word "label" {`.
    fn is_block_head(&self) -> bool {
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
    fn report_innermost(&mut self) {
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

    fn report_bracket(&mut self, open: u8, at: usize, close: Option<usize>) {
        let open_char = char::from(open);
        let close_char = char::from(closer(open));
        let mut fault = Diagnostic::error("disco::not_closed", format!("this `{open_char}` is never closed"))
            .at(self.span(at, at + 1), format!("needs a `{close_char}`"))
            .help(format!("write `{close_char}` where what it holds ends"));
        if let Some(close) = close {
            let label = format!("this `{}` comes before it", char::from(self.bytes[close]));
            fault = fault.at(self.span(close, close + 1), label);
        }
        self.fault(fault, at);
    }

    fn report_sequence(&mut self, at: usize, directive: bool) {
        let sign = if directive { "%{" } else { "${" };
        let escaped = if directive { "%%{" } else { "$${" };
        self.fault(
            Diagnostic::error("disco::not_closed", format!("this `{sign}` is never closed"))
                .at(self.span(at, at + 2), "needs a `}`")
                .help(format!("to write `{sign}` itself, double its sign: `{escaped}`")),
            at,
        );
    }

    fn report_quote(&mut self, start: usize, line_end: usize) {
        self.fault(
            Diagnostic::error("disco::not_closed", "this text has no closing quote on its line")
                .at(self.span(start, line_end), "begins here")
                .help("close it with `\"`; a line end within a text is written `\\n`, long texts as a heredoc: `<<-EOT` … `EOT`"),
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
        }
    }

    fn mask(&mut self, start: usize, end: usize, kind: MaskKind) {
        self.scan.masks.push(Mask { start, end, kind });
    }

    fn open_text(&mut self, form: Form, content: usize, marker: (usize, usize)) {
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

    fn end_text(&mut self, index: usize, content_end: usize, end: usize) {
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

    fn end_sequence(&mut self, sequence: Sequence) {
        if let Some(Frame::Text { index }) = self.frames.last() {
            self.scan.texts[*index].sequences.push(sequence);
        }
    }

    // ---- within a text

    fn text_step(&mut self, index: usize) {
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

    // ---- outside of texts

    fn code_step(&mut self) {
        let start = self.at;
        let byte = self.bytes[start];
        match byte {
            b' ' | b'\t' => self.at += 1,
            b'\r' => {
                self.at += 1;
                self.mask(start, start + 1, MaskKind::Blank);
            }
            b'\n' => {
                self.at += 1;
                self.token(TokenKind::Newline, start, start + 1);
            }
            b'#' => self.line_comment(),
            b'/' if self.starts_with("//") => self.line_comment(),
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

    fn line_comment(&mut self) {
        let start = self.at;
        self.at = self.line_end(start);
        self.mask(start, self.at, MaskKind::Blank);
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
            self.at = self.line_end(start);
        }
        self.mask(start, self.at, MaskKind::Blank);
    }

    fn heredoc(&mut self) {
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
            ("a heredoc begins with `<<` and a word", "for example `<<-EOT`, closed by `EOT` alone on a line")
        } else {
            ("nothing may follow the opening of a heredoc on its line", "its text begins on the next line")
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
            let help = match char {
                '_' => Some("numbers are written without `_`"),
                'x' | 'X' | 'o' | 'b' if end == start + 1 => Some("numbers are decimal; `parseint` reads other bases"),
                _ => Some("text is written in quotes: \"…\""),
            };
            self.fault(
                Diagnostic::error("disco::syntax", format!("`{}` is no number", &self.text[start..last]))
                    .at(self.span(start, last), "")
                    .help_maybe(help.map(str::to_owned)),
                start,
            );
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

    fn close(&mut self, close: u8) {
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
                        let message = format!("no `{}` belongs to this `{}`", opener(close), char::from(close));
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

    fn foreign_quote(&mut self, quote: char) {
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
            Diagnostic::error("disco::syntax", format!("text is written in double quotes, not in {name}"))
                .at(self.span(start, last), "")
                .help(format!("write \"{example}\"")),
            start,
        );
        self.at = last;
        self.token(TokenKind::Symbol, start, last);
    }

    fn foreign(&mut self, char: char) {
        let start = self.at;
        let end = start + char.len_utf8();
        let (message, help) = match char {
            ';' => ("`;` separates nothing here".to_owned(), Some("put the next attribute on a line of its own")),
            '$' if self.starts_with("${") => (
                "`${…}` is only written within quotes".to_owned(),
                Some("outside of them write the expression itself, without `${` and `}`"),
            ),
            '^' => ("there is no operator `^`".to_owned(), Some("powers are written `pow(a, b)`")),
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{3000}' => {
                ("this is a special space that HCL does not know".to_owned(), Some("replace it by an ordinary one"))
            }
            char if char.is_control() || matches!(char, '\u{200b}'..='\u{200f}' | '\u{feff}') => {
                (format!("invisible character U+{:04X}", u32::from(char)), Some("delete it"))
            }
            char => (format!("unexpected character `{char}`"), None),
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

fn closer(open: u8) -> u8 {
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
