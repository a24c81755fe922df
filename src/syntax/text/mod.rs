//! Quoted texts, heredocs and template files -> literals, interpolations and directives.
//!
//! Escapes, trim markers and the indentation of heredocs are resolved here, by HashiCorp's rules: a heredoc and
//! a template file are cut into lines; a trim marker reaches to the end of its line; the common indentation is
//! that of all lines of the whole heredoc, also of those within directives. Characters that can be written in several
//! ways are made one (NFC), so that what looks alike is alike.

mod directive;
mod escape;

use std::sync::Arc;

use crate::source::Diagnostic;

use super::lower::Parser;
use super::scan::{Form, Sequence};
use super::tree::{Expression, ExpressionKind, Template, TemplatePart};
use super::word::composed;

use directive::{Directive, Parts};

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

impl Parser<'_> {
    /// A quoted text or heredoc.
    pub(in crate::syntax) fn text_expression(&mut self, index: usize, depth: usize) -> Option<ExpressionKind> {
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
    pub(in crate::syntax) fn template(&mut self, index: usize, depth: usize) -> Option<Template> {
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
                    .help("write an expression, or `$${` for `${` itself"),
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
