//! A file of answers, in HCL or JSON, as [`Answers`].

use super::answers::Answers;
use super::question::{Field, Question};
use crate::source::{Diagnostic, Diagnostics, SourceId, Sources, Span, did_you_mean};
use crate::syntax;
use crate::syntax::tree::{Expression, ExpressionKind, ObjectKey};

/// Reads the answers of a text: attributes of HCL, or one object of JSON.
pub fn read(sources: &Sources, id: SourceId) -> (Answers, Diagnostics) {
    let source = sources.get(id);
    let mut answers = Answers::default();
    let entries = if source.text().trim_start().starts_with('{') {
        let (object, mistakes) = syntax::parse_expression(sources, id);
        let Some(object) = object.filter(|_| !mistakes.has_errors()) else { return (answers, mistakes) };
        entries(&object).unwrap_or_default()
    } else {
        let (body, mistakes) = syntax::parse(sources, id);
        if mistakes.has_errors() {
            return (answers, mistakes);
        }
        if let Some(block) = body.blocks.first() {
            let message = format!("a file of answers has no block `{}`", block.kind.text);
            let help = format!("write `{} = …`", block.kind.text);
            let wrong = Diagnostic::error("disco::wrong_answer", message).at(block.head, "not an answer").help(help);
            return (answers, wrong.into());
        }
        let entry = |attribute: &syntax::tree::Attribute| {
            (attribute.name.text.to_string(), attribute.name.span, attribute.value.clone())
        };
        body.attributes.iter().map(entry).collect()
    };
    let mut diagnostics = Diagnostics::new();
    for (name, place, value) in entries {
        let Some(question) = Question::named(&name) else {
            let message = format!("there is no question `{name}`");
            let near = did_you_mean(&name, Question::ALL.iter().map(|question| question.name()));
            diagnostics.push(Diagnostic::error("disco::wrong_answer", message).at(place, "not asked").help_maybe(near));
            continue;
        };
        diagnostics.extend(answer(question, &value, &mut answers));
    }
    (answers, diagnostics)
}

/// The answer to one question.
fn answer(question: Question, value: &Expression, answers: &mut Answers) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if value.kind == ExpressionKind::Null {
        return diagnostics;
    }
    let fields = question.fields();
    if let [only] = fields
        && only.name.is_empty()
    {
        diagnostics.extend(part(question, only, value, answers));
        return diagnostics;
    }
    let names = || fields.iter().map(|field| field.name);
    let Some(entries) = entries(value) else {
        let message = format!("`{}` must be an object", question.name());
        let help = format!("write `{} = {{ {} = … }}`", question.name(), names().next().unwrap_or_default());
        return Diagnostic::error("disco::wrong_answer", message).at(value.span, "not an object").help(help).into();
    };
    for (name, place, value) in &entries {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let message = format!("`{}` has no `{name}`", question.name());
            let near = did_you_mean(name, names());
            let wrong = Diagnostic::error("disco::wrong_answer", message).at(*place, "not asked");
            diagnostics.push(wrong.help_maybe(near));
            continue;
        };
        diagnostics.extend(part(question, field, value, answers));
    }
    let given = |field: &&Field| entries.iter().any(|(name, ..)| name == field.name);
    let together = |field: &&Field| field.name.starts_with("measured_");
    let measured = fields.iter().filter(together).any(|field| given(&field));
    let lacks = fields.iter().find(|field| (field.required || measured && together(field)) && !given(field));
    if let Some(field) = lacks {
        let message = format!("`{}` has no `{}`: {}", question.name(), field.name, field.title);
        let help = format!("add `{} = …`: {}", field.name, field.takes.form());
        let missing = Diagnostic::error("disco::wrong_answer", message).at(value.span, "missing here").help(help);
        diagnostics.push(missing);
    }
    diagnostics
}

fn part(question: Question, field: &Field, value: &Expression, answers: &mut Answers) -> Option<Diagnostic> {
    let name =
        if field.name.is_empty() { question.name().to_owned() } else { format!("{}.{}", question.name(), field.name) };
    let found = text(value);
    let wrong = match found.as_deref().map(|text| question.take(field, text, answers)) {
        Some(Ok(())) => return None,
        Some(Err(wrong)) => wrong,
        None => super::question::Wrong { expected: field.takes.form(), help: None },
    };
    let message = match found {
        Some(text) => format!("`{name}` is `{}`, expected {}", text.escape_debug(), wrong.expected),
        None => format!("`{name}` must be a literal: {}", wrong.expected),
    };
    Some(Diagnostic::error("disco::wrong_answer", message).at(value.span, "not valid").help_maybe(wrong.help))
}

/// What is written out, as it would be typed. A list of no words is no code.
fn text(value: &Expression) -> Option<String> {
    match &value.kind {
        ExpressionKind::String(text) | ExpressionKind::Number(text) => Some(text.to_string()),
        ExpressionKind::Bool(value) => Some(value.to_string()),
        ExpressionKind::Tuple(elements) if elements.is_empty() => Some("none".to_owned()),
        ExpressionKind::Tuple(elements) => {
            let words = elements.iter().map(|element| match &element.kind {
                ExpressionKind::String(text) => Some(text.to_string()),
                _ => None,
            });
            words.collect::<Option<Vec<String>>>().map(|words| words.join(","))
        }
        _ => None,
    }
}

/// The entries of an object, each with the place of its name.
fn entries(value: &Expression) -> Option<Vec<(String, Span, Expression)>> {
    let ExpressionKind::Object(items) = &value.kind else { return None };
    let entry = |item: &syntax::tree::ObjectItem| match &item.key {
        ObjectKey::Name(name) => Some((name.text.to_string(), name.span, item.value.clone())),
        ObjectKey::Expression(key) => match &key.kind {
            ExpressionKind::String(text) => Some((text.to_string(), key.span, item.value.clone())),
            _ => None,
        },
    };
    Some(items.iter().filter_map(entry).collect())
}
