//! Templates to text.

use super::convert::to_text;
use super::evaluate::AtFound;
use super::iterate::Items;
use super::words::found;
use super::{Kind, Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::{Expression, Template, TemplatePart};

/// How many bytes a text may have that is put together here.
pub(super) const LONGEST: usize = 16 << 20;

/// A text in the making.
#[derive(Default)]
struct Composed {
    text: String,
    secret: bool,
    /// What of the text is secret; nothing where a secret decides what there is.
    parts: Option<Vec<(String, bool)>>,
    unknown: bool,
    failed: bool,
}

impl Composed {
    fn push(&mut self, part: &str, secret: bool) {
        self.text.push_str(part);
        match self.parts.as_mut().map(|parts| (parts.last_mut(), part)) {
            Some((Some((last, known)), part)) if *known == secret => last.push_str(part),
            Some(_) => self.parts.iter_mut().for_each(|parts| parts.push((part.to_owned(), secret))),
            None => {}
        }
    }

    /// What is there depends on a value.
    fn depend_on(&mut self, value: &Value) {
        if value.is_secret() {
            self.secret = true;
            self.parts = None;
        }
    }
}

impl Scope<'_> {
    /// The text that a template makes; a template that is one interpolation and nothing else is that value.
    pub fn evaluate_template(&self, template: &Template) -> Value {
        let place = match (template.parts.first(), template.parts.last()) {
            (Some(first), Some(last)) => place_of(first).to(place_of(last)),
            _ => return Value::string(""),
        };
        self.template(template, place)
    }

    pub(super) fn template(&self, template: &Template, place: Span) -> Value {
        if let ([TemplatePart::Interpolation(inner)], false) = (template.parts.as_slice(), template.heredoc) {
            return self.evaluate(inner);
        }
        let mut text = Composed { parts: Some(Vec::new()), ..Composed::default() };
        self.parts(&template.parts, &mut text);
        if text.failed {
            return Value::failed();
        }
        if text.text.len() > LONGEST {
            return self.too_long(place);
        }
        let value = if text.unknown { Value::unknown(Type::String) } else { Value::string(text.text) };
        let value = value.at(place).with_secret(text.secret);
        match text.parts.filter(|parts| text.secret && !text.unknown && parts.iter().any(|(_, secret)| !secret)) {
            Some(parts) => value.with_parts(parts),
            None => value,
        }
    }

    fn parts(&self, parts: &[TemplatePart], text: &mut Composed) {
        for part in parts {
            if text.text.len() > LONGEST {
                return;
            }
            match part {
                TemplatePart::Literal(literal, _) => text.push(literal, false),
                TemplatePart::Interpolation(expression) => self.interpolation(expression, text),
                TemplatePart::If(choice) => {
                    let condition = self.evaluate(&choice.condition);
                    text.depend_on(&condition);
                    match self.decision(&condition, choice.condition.span, "the condition of `%{if}`") {
                        Ok(Some(true)) => self.parts(&choice.then, text),
                        Ok(Some(false)) => self.parts(&choice.otherwise, text),
                        Ok(None) => {
                            text.unknown = true;
                            self.parts(&choice.then, text);
                            self.parts(&choice.otherwise, text);
                        }
                        Err(_) => text.failed = true,
                    }
                }
                TemplatePart::For(each) => {
                    let collection = self.evaluate(&each.collection);
                    text.depend_on(&collection);
                    match self.items(&collection, each.collection.span) {
                        Items::Failed => text.failed = true,
                        Items::Unknown => text.unknown = true,
                        Items::Known(items) => {
                            for item in items {
                                let round = self.round(each.key_name.as_ref(), &each.value_name, item);
                                round.parts(&each.body, text);
                            }
                        }
                    }
                }
            }
        }
    }

    fn interpolation(&self, expression: &Expression, text: &mut Composed) {
        let value = self.evaluate(expression);
        text.secret |= value.contains_secret();
        match value.kind() {
            Kind::Failed => text.failed = true,
            Kind::Unknown(of) if *of == Type::Any || of.is_primitive() => text.unknown = true,
            Kind::Null(_) => {
                text.failed = true;
                let diagnostic = Diagnostic::error("disco::null_value", "null cannot be put into a text");
                self.report(
                    diagnostic
                        .at_found(expression.span, &value, "null")
                        .help("`coalesce(…, \"\")` or a condition stands in for it"),
                );
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => match to_text(&value) {
                Ok(piece) => match value.text_parts() {
                    Some(parts) => parts.iter().for_each(|(part, secret)| text.push(part, *secret)),
                    None => text.push(&piece, value.is_secret()),
                },
                Err(_) => text.failed = true,
            },
            _ => {
                text.failed = true;
                let message = format!("{} cannot be put into a text", found(&value));
                self.report(
                    Diagnostic::error("disco::wrong_type", message)
                        .at_found(expression.span, &value, "")
                        .help("`join(\", \", …)` makes a text of a list, `jsonencode(…)` of anything"),
                );
            }
        }
    }
}

fn place_of(part: &TemplatePart) -> Span {
    match part {
        TemplatePart::Literal(_, span) => *span,
        TemplatePart::Interpolation(expression) => expression.span,
        TemplatePart::If(choice) => choice.span,
        TemplatePart::For(each) => each.span,
    }
}
