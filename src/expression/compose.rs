//! Templates to text.

use super::at_found::AtFound;
use super::convert::to_text;
use super::items::Items;
use super::limit::LONGEST;
use super::words::found;
use super::{Kind, Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::{Expression, Template, TemplatePart};

/// A text in the making.
#[derive(Default)]
struct Composed {
    text: String,
    /// Where its parts end, and whether each is secret; empty as long as none is.
    ends: Vec<(usize, bool)>,
    secrecy: Secrecy,
    unknown: bool,
    failed: bool,
}

/// How much of a text in the making is secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Secrecy {
    #[default]
    Public,
    /// Some of its parts.
    InParts,
    /// A secret decides what there is, so that no part of it is known not to be one.
    Whole,
}

impl Composed {
    fn push(&mut self, part: &str, secret: bool) {
        let start = self.text.len();
        self.text.push_str(part);
        if part.is_empty() && !secret {
            return;
        }
        if self.ends.is_empty() && secret && start > 0 {
            self.ends.push((start, false));
        }
        match self.ends.last_mut() {
            Some((end, known)) if *known == secret => *end = self.text.len(),
            None if !secret => {}
            _ => self.ends.push((self.text.len(), secret)),
        }
    }

    /// What is there depends on a value.
    fn depend_on(&mut self, value: &Value) {
        if value.is_secret() {
            self.secrecy = Secrecy::Whole;
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
        let mut text = Composed::default();
        self.parts(&template.parts, &mut text);
        if text.failed {
            return Value::failed();
        }
        if text.text.len() > LONGEST {
            return self.too_long(place);
        }
        let value = if text.unknown { Value::unknown(Type::String) } else { Value::string(text.text) };
        let value = value.at(place).with_secret(text.secrecy != Secrecy::Public);
        let in_parts = text.secrecy == Secrecy::InParts && !text.unknown;
        let told_apart = in_parts && text.ends.iter().any(|(_, secret)| !secret);
        if told_apart { value.with_ends(text.ends) } else { value }
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
        if value.contains_secret() {
            text.secrecy = text.secrecy.max(Secrecy::InParts);
        }
        match value.kind() {
            Kind::Failed => text.failed = true,
            Kind::Unknown(of) if *of == Type::Any || of.is_primitive() => text.unknown = true,
            Kind::Null(_) => {
                text.failed = true;
                let diagnostic = Diagnostic::error("disco::null_value", "null cannot be put into a string");
                self.report(
                    diagnostic
                        .at_found(expression.span, &value, "null")
                        .help("write `coalesce(…, \"\")` or a condition instead"),
                );
            }
            Kind::String(_) => {
                for (part, secret) in value.text_parts().into_iter().flatten() {
                    text.push(part, secret);
                }
            }
            Kind::Bool(_) | Kind::Number(_) => match to_text(&value) {
                Ok(piece) => text.push(&piece, value.is_secret()),
                Err(_) => text.failed = true,
            },
            _ => {
                text.failed = true;
                let message = format!("{} cannot be put into a string", found(&value));
                self.report(
                    Diagnostic::error("disco::wrong_type", message)
                        .at_found(expression.span, &value, "")
                        .help("use `join(\", \", …)` for a list, or `jsonencode(…)` for any value"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::NoFiles;
    use crate::source::Sources;
    use crate::syntax;

    #[test]
    fn secret_parts_of_a_text_are_told_from_the_others() {
        let sources = Sources::new();
        let scope = Scope::new(&sources, &NoFiles);
        scope.define("name", Value::string("n"));
        scope.define("key", Value::string("k").with_secret(true));
        scope.define("empty", Value::string("").with_secret(true));
        let expected: [(&str, &[(&str, bool)]); 7] = [
            (r#""a ${name}""#, &[("a n", false)]),
            (r#""${key}${key}""#, &[("kk", true)]),
            (
                r#""a ${name} ${key}${key}, ${"x${key}"}${name}""#,
                &[("a n ", false), ("kk", true), (", x", false), ("k", true), ("n", false)],
            ),
            (r#""a${empty}b""#, &[("a", false), ("", true), ("b", false)]),
            (r#""${""}${key}${""}${key}""#, &[("kk", true)]),
            (r#""a${upper("b${key}")}""#, &[("a", false), ("BK", true)]),
            (r#""a%{ if key == "k" }b%{ endif }""#, &[("ab", true)]),
        ];
        for (text, parts) in expected {
            let id = sources.add("test", text);
            let (expression, _) = syntax::parse_expression(&sources, id);
            let value = expression.map(|expression| scope.evaluate(&expression));
            let found = value.as_ref().and_then(Value::text_parts).map(Iterator::collect::<Vec<_>>);
            assert_eq!(found.as_deref(), Some(parts), "{text}");
        }
    }
}
