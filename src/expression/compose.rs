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
    unknown: bool,
    failed: bool,
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
        let mut text = Composed::default();
        self.parts(&template.parts, &mut text);
        if text.failed {
            return Value::failed();
        }
        if text.text.len() > LONGEST {
            return self.too_long(place);
        }
        let value = if text.unknown { Value::unknown(Type::String) } else { Value::string(text.text) };
        value.at(place).with_secret(text.secret)
    }

    fn parts(&self, parts: &[TemplatePart], text: &mut Composed) {
        for part in parts {
            if text.text.len() > LONGEST {
                return;
            }
            match part {
                TemplatePart::Literal(literal, _) => text.text.push_str(literal),
                TemplatePart::Interpolation(expression) => self.interpolation(expression, text),
                TemplatePart::If(choice) => {
                    let condition = self.evaluate(&choice.condition);
                    text.secret |= condition.is_secret();
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
                    text.secret |= collection.is_secret();
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
                Ok(piece) => text.text.push_str(&piece),
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
