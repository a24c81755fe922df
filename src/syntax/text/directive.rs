//! `%{…}`: what directives say, and which belong together.

use std::sync::Arc;

use crate::source::{Diagnostic, Span};

use super::super::lower::Parser;
use super::super::scan::Sequence;
use super::super::tree::{Expression, Name, TemplateFor, TemplateIf, TemplatePart};
use super::super::word::{composed, is_word_start, word_end};
use super::Piece;

/// What stands in `%{…}`.
pub(super) enum Directive {
    If(Expression),
    For { key_name: Option<Name>, value_name: Name, collection: Expression },
    Else,
    EndIf,
    EndFor,
}

impl Parser<'_> {
    pub(super) fn directive(&mut self, sequence: &Sequence, depth: usize) -> Option<Piece> {
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
                    word => format!("directive `{word}` does not exist"),
                };
                self.push(
                    Diagnostic::error("disco::unknown_directive", message)
                        .at(self.span(sequence.start, sequence.end), "")
                        .help(match crate::source::nearest(word, known) {
                            _ if matches!(word, "elseif" | "elsif" | "elif") => {
                                "put another `%{ if … }` within the `%{ else }`".to_owned()
                            }
                            Some(nearest) => nearest,
                            None => "use one of the directives `%{ if … }`, `%{ else }`, `%{ endif }`, `%{ for x in … }` and \
                                     `%{ endfor }`, or write `%%{` for `%{` itself"
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
            let name_end = word_end(self.text, at);
            names.push(Name { text: Arc::from(composed(&self.text[at..name_end])), span: self.span(at, name_end) });
            (at, _) = self.trimmed(name_end, end);
            if names.len() < 2 && self.text[at..end].starts_with(',') {
                at += 1;
                continue;
            }
            let has_in =
                self.text[at..end].starts_with(is_word_start) && &self.text[at..word_end(self.text, at)] == "in";
            at += usize::from(has_in) * 2;
            break has_in;
        };
        let second = names.pop();
        let (true, Some(value_name)) = (complete, second) else {
            self.push(
                Diagnostic::error("disco::syntax", "this loop is not complete")
                    .at(self.span(sequence.start, sequence.end), "")
                    .help("write a loop as `%{ for value in list }` or `%{ for key, value in map }`"),
            );
            return None;
        };
        let collection = self.directive_expression(sequence, at, end, depth)?;
        Some(Directive::For { key_name: names.pop(), value_name, collection })
    }
}

/// Pairs directives.
pub(super) struct Parts<'p, 't> {
    pub(super) parser: &'p mut Parser<'t>,
    pub(super) pieces: std::iter::Peekable<std::vec::IntoIter<Piece>>,
    pub(super) complete: bool,
}

impl Parts<'_, '_> {
    fn fault(&mut self, diagnostic: Diagnostic) {
        self.complete = false;
        self.parser.push(diagnostic);
    }

    /// Parts up to the directive that ends the one which is `open`, and which that was.
    pub(super) fn until_end(&mut self, open: Option<(&str, Span)>) -> (Vec<TemplatePart>, Option<(Directive, usize)>) {
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
                    .help("close it, or write `%%{` for `%{` itself"),
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
            Diagnostic::error("disco::syntax", format!("this `%{{ {name} }}` belongs to no open `%{{ {opener} }}`"))
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
