//! JSON values as expressions: their texts are templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use disco::expression::{Kind, Type, Value, convert};
use disco::source::{Diagnostic, Diagnostics, Span};
use disco::syntax::tree::Template;
use disco::syntax::{Reference, parse_template, template_references};

use super::super::code;
use super::super::context::Context;
use super::super::place::Places;
use super::{Node, NodeKind};

/// The value that a JSON value writes. Texts are templates where there is anything that they could refer to.
pub(in super::super) fn evaluate(node: &Node, context: &Context<'_>) -> (Value, Diagnostics) {
    let mut found = Diagnostics::new();
    let value = value(node, context, &mut found);
    (value, found)
}

fn value(node: &Node, context: &Context<'_>, found: &mut Diagnostics) -> Value {
    let value = match &node.kind {
        NodeKind::Null => Value::null(),
        NodeKind::Bool(value) => Value::bool(*value),
        NodeKind::Number(number) => Value::number(number.clone()),
        NodeKind::Text(text) => self::text(text, node.span, context, found),
        NodeKind::Array(values) => Value::tuple(values.iter().map(|node| self::value(node, context, found)).collect()),
        NodeKind::Object(properties) => {
            let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
            for property in properties {
                let name = self::text(&property.name, property.name_span, context, found);
                let value = self::value(&property.value, context, found);
                let place = property.name_span;
                match convert(&name, &Type::String).as_ref().map(Value::kind) {
                    Ok(Kind::String(name)) if entries.contains_key(name) => {
                        let message = format!("key `{name}` is in this object twice");
                        found.push(Diagnostic::error(code::DUPLICATE, message).at(place, ""));
                    }
                    Ok(Kind::String(name)) => {
                        entries.insert(Arc::clone(name), value);
                    }
                    Ok(Kind::Failed) => {}
                    _ => found.push(Diagnostic::error(code::VALUE, "a key is a text").at(place, "")),
                }
            }
            Kind::Object(Arc::new(entries)).into()
        }
        NodeKind::Invalid => Value::failed(),
    };
    value.or_at(node.span)
}

fn text(text: &Arc<str>, place: Span, context: &Context<'_>, found: &mut Diagnostics) -> Value {
    if context.is_empty() {
        return Value::string(Arc::clone(text));
    }
    let (template, problems) = template(text, place, context.places);
    let Some(template) = template.filter(|_| !problems.has_errors()) else {
        found.extend(problems);
        return Value::failed();
    };
    let value = context.scope.evaluate_template(&template);
    found.extend(context.scope.take_diagnostics());
    value
}

fn template(text: &str, place: Span, places: &Places<'_>) -> (Option<Template>, Diagnostics) {
    parse_template(places.sources, places.add_quoted(place, text))
}

/// Everything that the texts of a JSON value refer to.
pub(in super::super) fn references(node: &Node, places: &Places<'_>) -> Vec<Reference> {
    let of = |text: &str, place: Span| {
        let (template, problems) = template(text, place, places);
        let template = template.filter(|_| !problems.has_errors());
        template.map(|template| template_references(&template)).unwrap_or_default()
    };
    match &node.kind {
        NodeKind::Text(text) => of(text, node.span),
        NodeKind::Array(values) => values.iter().flat_map(|value| references(value, places)).collect(),
        NodeKind::Object(properties) => properties
            .iter()
            .flat_map(|property| {
                of(&property.name, property.name_span).into_iter().chain(references(&property.value, places))
            })
            .collect(),
        _ => Vec::new(),
    }
}
