//! Quoted texts, heredocs and template files -> literals, interpolations and directives.
//!
//! Escapes, trim markers and the indentation of heredocs are resolved here, by HashiCorp's rules: a heredoc and
//! a template file are cut into lines; a trim marker reaches to the end of its line; the common indentation is
//! that of all lines of the whole heredoc, also of those within directives. Characters that can be written in several
//! ways are made one (NFC), so that what looks alike is alike.

use std::borrow::Cow;
use std::sync::Arc;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::source::{Diagnostic, Span};

use super::lower::Parser;
use super::scan::{Form, Sequence};
use super::tree::{Expression, ExpressionKind, Name, Template, TemplateFor, TemplateIf, TemplatePart};
use super::word::{is_word_start, word_end};

/// A text before its directives are paired.
enum Piece {
    Literal {
        text: String,
        start: usize,
        end: usize,
    },
    Interpolation(Expression),
    Directive {
        directive: Directive,
        start: usize,
        end: usize,
    },
    /// Reported already.
    Nothing,
}

enum Directive {
    If(Expression),
    For { key_name: Option<Name>, value_name: Name, collection: Expression },
    Else,
    EndIf,
    EndFor,
}

impl Parser<'_> {
    /// A quoted text or heredoc.
    pub(super) fn text_expression(&mut self, index: usize, depth: usize) -> Option<ExpressionKind> {
        let text = &self.scan.texts[index];
        if text.form == Form::Quoted && text.sequences.is_empty() {
            let (start, end) = text.content;
            return Some(ExpressionKind::String(self.unescaped(start, end)));
        }
        let template = self.template(index, depth)?;
        match template.parts.as_slice() {
            [] => Some(ExpressionKind::String(Arc::from(""))),
            [TemplatePart::Literal(text, _)] => Some(ExpressionKind::String(Arc::clone(text))),
            _ => Some(ExpressionKind::Template(template)),
        }
    }

    /// The parts of a text; nothing where one of them is wrong, which is then reported.
    pub(super) fn template(&mut self, index: usize, depth: usize) -> Option<Template> {
        let (pieces, complete) = self.pieces(index, depth);
        let pieces = meld(pieces);
        let mut parts = Parts { parser: self, pieces: pieces.into_iter().peekable(), complete };
        let (all, _) = parts.until_end(None);
        let complete = parts.complete;
        let heredoc = matches!(self.scan.texts[index].form, Form::Heredoc { .. });
        complete.then_some(Template { parts: all, heredoc })
    }

    fn pieces(&mut self, index: usize, depth: usize) -> (Vec<Piece>, bool) {
        let text = &self.scan.texts[index];
        let (form, (mut at, end)) = (text.form, text.content);
        let sequences = text.sequences.clone();
        let mut pieces = Vec::with_capacity(sequences.len() * 2 + 1);
        let mut complete = true;
        let mut trim = false;
        for sequence in &sequences {
            self.literals(form, at, sequence.start, trim, &mut pieces);
            if sequence.trim_before
                && let Some(Piece::Literal { text, .. }) = pieces.last_mut()
            {
                text.truncate(text.trim_end().len());
            }
            let piece = if sequence.directive {
                self.directive(sequence, depth)
            } else {
                self.interpolation(sequence, depth).map(Piece::Interpolation)
            };
            complete &= piece.is_some();
            pieces.push(piece.unwrap_or(Piece::Nothing));
            trim = sequence.trim_after;
            at = sequence.end;
        }
        self.literals(form, at, end, trim, &mut pieces);
        if form == (Form::Heredoc { dedent: true }) {
            dedent(&mut pieces);
        }
        (pieces, complete)
    }

    /// What stands between two sequences: one literal of a quoted text, else one for each line.
    fn literals(&mut self, form: Form, start: usize, end: usize, trim: bool, pieces: &mut Vec<Piece>) {
        if start >= end {
            return;
        }
        let first = pieces.len();
        if form == Form::Quoted {
            let text = self.unescaped(start, end).to_string();
            pieces.push(Piece::Literal { text, start, end });
        } else {
            let mut at = start;
            for line in self.text[start..end].split_inclusive('\n') {
                let text = composed(&line.replace("$${", "${").replace("%%{", "%{")).into_owned();
                pieces.push(Piece::Literal { text, start: at, end: at + line.len() });
                at += line.len();
            }
        }
        if trim && let Some(Piece::Literal { text, .. }) = pieces.get_mut(first) {
            let spaces = text.len() - text.trim_start().len();
            text.drain(..spaces);
        }
    }

    fn interpolation(&mut self, sequence: &Sequence, depth: usize) -> Option<Expression> {
        let (start, end) = self.trimmed(sequence.inner.0, sequence.inner.1);
        if start == end {
            self.push(
                Diagnostic::error("disco::syntax", "there is nothing between `${` and `}`")
                    .at(self.span(sequence.start, sequence.end), "")
                    .help("to write `${` itself, double its sign: `$${`"),
            );
            return None;
        }
        self.inner_expression(start, end, depth + 1)
    }

    /// Without spaces and comments at both ends.
    fn trimmed(&self, start: usize, end: usize) -> (usize, usize) {
        let masked = self.masked(start, end);
        let before = masked.len() - masked.trim_start().len();
        let after = masked.trim_end().len();
        (start + before.min(after), start + after)
    }

    fn directive(&mut self, sequence: &Sequence, depth: usize) -> Option<Piece> {
        let (start, end) = self.trimmed(sequence.inner.0, sequence.inner.1);
        let word_end =
            if self.text[start..end].starts_with(is_word_start) { word_end(self.text, start) } else { start };
        let word = &self.text[start..word_end];
        let directive = match word {
            "if" => Directive::If(self.directive_expression(sequence, word_end, end, depth)?),
            "for" => self.for_directive(sequence, word_end, end, depth)?,
            "else" => Directive::Else,
            "endif" => Directive::EndIf,
            "endfor" => Directive::EndFor,
            _ => {
                let known = ["if", "else", "endif", "for", "endfor"];
                let message = match word {
                    "" => "this directive has no name".to_owned(),
                    word => format!("there is no directive `{word}`"),
                };
                self.push(
                    Diagnostic::error("disco::unknown_directive", message)
                        .at(self.span(sequence.start, sequence.end), "")
                        .help(match crate::source::similar_word(word, known) {
                            _ if matches!(word, "elseif" | "elsif" | "elif") => {
                                "put another `%{ if … }` within the `%{ else }`".to_owned()
                            }
                            Some(similar) => format!("did you mean `{similar}`?"),
                            None => "directives are `%{ if … }`, `%{ else }`, `%{ endif }`, `%{ for x in … }` and \
                                     `%{ endfor }`; to write `%{` itself, double its sign: `%%{`"
                                .to_owned(),
                        }),
                );
                return None;
            }
        };
        if matches!(directive, Directive::Else | Directive::EndIf | Directive::EndFor) && word_end < end {
            let (rest, _) = self.trimmed(word_end, end);
            self.push(
                Diagnostic::error("disco::syntax", format!("nothing may follow `{word}`"))
                    .at(self.span(rest, end), "")
                    .help_maybe((word == "else").then(|| "put another `%{ if … }` within the `else`".to_owned())),
            );
            return None;
        }
        Some(Piece::Directive { directive, start: sequence.start, end: sequence.end })
    }

    fn directive_expression(
        &mut self,
        sequence: &Sequence,
        start: usize,
        end: usize,
        depth: usize,
    ) -> Option<Expression> {
        let (start, end) = self.trimmed(start, end);
        if start >= end {
            let span = self.span(sequence.start, sequence.end);
            self.push(Diagnostic::error("disco::syntax", "this directive lacks an expression").at(span, ""));
            return None;
        }
        self.inner_expression(start, end, depth + 1)
    }

    /// `for key, value in collection`, after `for`.
    fn for_directive(&mut self, sequence: &Sequence, start: usize, end: usize, depth: usize) -> Option<Directive> {
        let mut at = start;
        let mut names = Vec::new();
        let complete = loop {
            (at, _) = self.trimmed(at, end);
            if !self.text[at..end].starts_with(is_word_start) {
                break false;
            }
            let word_end = word_end(self.text, at);
            names.push(Name { text: Arc::from(&self.text[at..word_end]), span: self.span(at, word_end) });
            (at, _) = self.trimmed(word_end, end);
            if names.len() < 2 && self.text[at..end].starts_with(',') {
                at += 1;
                continue;
            }
            let has_in = self.text[at..end].starts_with(is_word_start)
                && &self.text[at..super::word::word_end(self.text, at)] == "in";
            at += usize::from(has_in) * 2;
            break has_in;
        };
        let second = names.pop();
        let (true, Some(value_name)) = (complete, second) else {
            self.push(
                Diagnostic::error("disco::syntax", "this loop is not complete")
                    .at(self.span(sequence.start, sequence.end), "")
                    .help("a loop is written `%{ for value in list }` or `%{ for key, value in map }`"),
            );
            return None;
        };
        let collection = self.directive_expression(sequence, at, end, depth)?;
        Some(Directive::For { key_name: names.pop(), value_name, collection })
    }

    /// A quoted literal with its escapes resolved; wrong ones are reported.
    pub(super) fn unescaped(&mut self, start: usize, end: usize) -> Arc<str> {
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
                format!("`\\{char}` stands for no character"),
                "a backslash itself is written `\\\\`; there are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN"
                    .to_owned(),
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

/// A letter and its accents as one character, where there is one.
fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Joins neighbouring literals.
fn meld(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut melded: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (melded.last_mut(), piece) {
            (Some(Piece::Literal { text, end, .. }), Piece::Literal { text: more, end: last, .. }) => {
                text.push_str(&more);
                *end = last;
            }
            (_, piece) => melded.push(piece),
        }
    }
    melded
}

/// HashiCorp's rule for `<<-`: what begins a line counts; lines of spaces alone do not.
fn dedent(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut at_line_start = true;
    let mut adjusted = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let literal = match piece {
            Piece::Literal { text, .. } => Some(text),
            _ => None,
        };
        if at_line_start {
            at_line_start = false;
            match literal {
                Some(text) if text.ends_with('\n') && text.trim_start().is_empty() => {}
                Some(text) => {
                    least = least.min(text.chars().take_while(|char| char.is_whitespace()).count());
                    adjusted.push(index);
                }
                None => least = 0,
            }
        }
        at_line_start |= literal.is_some_and(|text| text.ends_with('\n'));
    }
    for index in adjusted {
        if let Piece::Literal { text, start, .. } = &mut pieces[index] {
            let cut = text.char_indices().nth(least).map_or(text.len(), |(at, _)| at);
            text.drain(..cut);
            *start += cut;
        }
    }
}

/// Pairs directives.
struct Parts<'p, 't> {
    parser: &'p mut Parser<'t>,
    pieces: std::iter::Peekable<std::vec::IntoIter<Piece>>,
    complete: bool,
}

impl Parts<'_, '_> {
    fn fault(&mut self, diagnostic: Diagnostic) {
        self.complete = false;
        self.parser.push(diagnostic);
    }

    /// Parts up to the directive that ends the one which is `open`, and which that was.
    fn until_end(&mut self, open: Option<(&str, Span)>) -> (Vec<TemplatePart>, Option<(Directive, usize)>) {
        let mut parts = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (directive, start, end) = match piece {
                Piece::Nothing => continue,
                Piece::Literal { text, start, end } => {
                    parts.push(TemplatePart::Literal(text.into(), self.parser.span(start, end)));
                    continue;
                }
                Piece::Interpolation(expression) => {
                    parts.push(TemplatePart::Interpolation(expression));
                    continue;
                }
                Piece::Directive { directive, start, end } => (directive, start, end),
            };
            let span = self.parser.span(start, end);
            match directive {
                Directive::If(condition) => parts.push(self.if_directive(condition, span)),
                Directive::For { key_name, value_name, collection } => {
                    let (body, end) = self.until_end(Some(("for", span)));
                    let span = self.parser.span(start, end.map_or(span.range().end, |(_, end)| end));
                    let each = TemplateFor { key_name, value_name, collection, body, span };
                    parts.push(TemplatePart::For(Box::new(each)));
                }
                Directive::Else if open.is_some_and(|(name, _)| name == "if") => {
                    return (parts, Some((directive, end)));
                }
                Directive::EndIf if open.is_some_and(|(name, _)| name != "for") => {
                    return (parts, Some((directive, end)));
                }
                Directive::EndFor if open.is_some_and(|(name, _)| name == "for") => {
                    return (parts, Some((directive, end)));
                }
                Directive::Else | Directive::EndIf | Directive::EndFor => self.stray(&directive, span, open),
            }
        }
        if let Some((name, span)) = open {
            let closer = if name == "for" { "endfor" } else { "endif" };
            let name = if name == "for" { "for" } else { "if" };
            self.unclosed(&format!("this `%{{ {name} }}` is never closed"), closer, span);
        }
        (parts, None)
    }

    fn unclosed(&mut self, message: &str, closer: &str, span: Span) {
        if self.complete {
            self.fault(
                Diagnostic::error("disco::not_closed", message)
                    .at(span, format!("needs a `%{{ {closer} }}`"))
                    .help("to write `%{` itself, double its sign: `%%{`"),
            );
        }
    }

    fn stray(&mut self, directive: &Directive, span: Span, open: Option<(&str, Span)>) {
        let (name, opener) = match directive {
            Directive::Else => ("else", "if"),
            Directive::EndFor => ("endfor", "for"),
            _ => ("endif", "if"),
        };
        if !self.complete {
            return;
        }
        let mut fault =
            Diagnostic::error("disco::syntax", format!("no `%{{ {opener} }}` is open at this `%{{ {name} }}`"))
                .at(span, "");
        if let Some((open, place)) = open {
            fault = fault.at(place, format!("this `{open}` is"));
        }
        self.fault(fault);
    }

    fn if_directive(&mut self, condition: Expression, span: Span) -> TemplatePart {
        let (then, end) = self.until_end(Some(("if", span)));
        let (mut otherwise, mut last) = (Vec::new(), span.range().end);
        match end {
            Some((Directive::Else, _)) => {
                let (parts, end) = self.until_end(Some(("else", span)));
                otherwise = parts;
                last = end.map_or(last, |(_, end)| end);
            }
            Some((_, end)) => last = end,
            None => {}
        }
        let span = self.parser.span(span.range().start, last);
        TemplatePart::If(Box::new(TemplateIf { condition, then, otherwise, span }))
    }
}
