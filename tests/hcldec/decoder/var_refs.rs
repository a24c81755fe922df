//! `--var-refs`: which variables the input refers to.

use disco::expression::{Number, Value, write_json};
use disco::source::Span;
use disco::syntax::tree::{Expression, ExpressionKind};
use disco::syntax::{Reference, parse_expression};
use serde_json::json;

use super::body::{Body, Content};
use super::context::Context;
use super::place::Places;
use super::spec::Spec;

/// The references as the command prints them, in the order of the specification.
pub(super) fn listed(body: &Body<'_>, spec: &Spec, context: &Context<'_>) -> String {
    let mut all = Vec::new();
    gather(body, spec, context.places, &mut all);
    let all: Vec<String> = all.iter().map(|reference| described(reference, context)).collect();
    format!("[{}]\n", all.join(",\n"))
}

/// One reference. Written by hand, because numbers in it may have more digits than a JSON library keeps.
fn described(reference: &Reference, context: &Context<'_>) -> String {
    let places = context.places;
    let range = |span: Span| places.range(span).to_string();
    let root = json!(*reference.root).to_string();
    let first = Span { end: reference.span.start + u32::try_from(reference.root.len()).unwrap_or(0), ..reference.span };
    let mut steps = vec![format!("{{\"kind\":\"root\",\"name\":{root},\"range\":{}}}", range(first))];
    for (name, span) in &reference.steps {
        let (kind, what) = match index(name, *span, places) {
            Some(key) => ("index", format!("\"key\":{key}")),
            None => ("attr", format!("\"name\":{}", json!(**name))),
        };
        steps.push(format!("{{\"kind\":\"{kind}\",{what},\"range\":{}}}", range(*span)));
    }
    let value = value(reference.span, context).map(|value| format!("\"value\":{value},")).unwrap_or_default();
    let (steps, range) = (steps.join(","), range(reference.span));
    format!("{{\"root_name\":{root},{value}\"steps\":[{steps}],\"range\":{range}}}")
}

/// The key of a step that is an index, `[0]`, `["a"]` or `.0`, as JSON.
fn index(name: &str, step: Span, places: &Places<'_>) -> Option<String> {
    let source = places.sources.get(step.source);
    let text = source.text().get(step.range()).unwrap_or_default();
    let number = || Number::parse(name).and_then(|number| write_json(&Value::number(number)).ok());
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => match parsed(inner, places)?.kind {
            ExpressionKind::Number(_) => number(),
            _ => Some(json!(name).to_string()),
        },
        None => number().filter(|_| name.starts_with(|char: char| char.is_ascii_digit())),
    }
}

fn parsed(text: &str, places: &Places<'_>) -> Option<Expression> {
    let (expression, problems) = parse_expression(places.sources, places.sources.add("reference", text));
    expression.filter(|_| !problems.has_errors())
}

/// What is referred to, if that is there.
fn value(span: Span, context: &Context<'_>) -> Option<String> {
    let source = context.places.sources.get(span.source);
    let expression = parsed(source.text().get(span.range())?, context.places)?;
    let value = context.scope.evaluate(&expression);
    let problems = context.scope.take_diagnostics();
    write_json(&value).ok().filter(|_| !problems.has_errors())
}

fn gather(body: &Body<'_>, spec: &Spec, places: &Places<'_>, all: &mut Vec<Reference>) {
    let (content, _) = body.content(&spec.schema());
    spec.visit(&mut |spec| within(&content, spec, places, all));
}

fn within(content: &Content<'_>, spec: &Spec, places: &Places<'_>, all: &mut Vec<Reference>) {
    match spec {
        Spec::Attr { name, .. } => {
            all.extend(
                content.attributes.get(&**name).into_iter().flat_map(|found| found.expression.references(places)),
            );
        }
        Spec::Block { kind, nested, .. } => {
            content.of_kind(kind).take(1).for_each(|block| gather(&block.body, nested, places, all));
        }
        Spec::BlockList { kind, nested, .. }
        | Spec::BlockSet { kind, nested, .. }
        | Spec::BlockMap { kind, nested, .. } => {
            content.of_kind(kind).for_each(|block| gather(&block.body, nested, places, all));
        }
        Spec::BlockAttrs { kind, .. } => {
            for block in content.of_kind(kind).take(1) {
                let (attributes, _) = block.body.attributes();
                all.extend(attributes.values().flat_map(|attribute| attribute.expression.references(places)));
            }
        }
        _ => {}
    }
}
