//! Tests of the room `syntax`.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod errors;
mod expressions;
mod format;
mod laws;
mod places;
mod texts;

use disco::source::{Diagnostics, Sources};
use disco::syntax;
use disco::syntax::tree::{Body, Expression, ExpressionKind, ObjectKey, StepKind, TemplatePart};

/// A file's tree and what is wrong with it.
fn parsed(text: &str) -> (Body, Diagnostics) {
    let sources = Sources::new();
    let id = sources.add("test.disco.hcl", text);
    syntax::parse(&sources, id)
}

/// An expression, in a notation that shows its structure.
fn expression(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("test", text);
    let (expression, diagnostics) = syntax::parse_expression(&sources, id);
    assert!(diagnostics.is_empty(), "{text}: {}", complaints(&sources, &diagnostics));
    shown(&expression.expect("an expression or a complaint"))
}

/// A template, in a notation that shows its structure.
fn template(text: &str) -> String {
    let sources = Sources::new();
    let id = sources.add("test.tftpl", text);
    let (template, diagnostics) = syntax::parse_template(&sources, id);
    assert!(diagnostics.is_empty(), "{text}: {}", complaints(&sources, &diagnostics));
    parts(&template.expect("a template or a complaint").parts)
}

/// A body, in a notation that shows its structure.
pub(crate) fn shape(body: &Body) -> String {
    let attributes = body.attributes.iter().map(|it| format!("{} = {}\n", it.name.text, shown(&it.value)));
    let blocks = body.blocks.iter().map(|block| {
        let labels: Vec<&str> = block.labels.iter().map(|label| &*label.text).collect();
        format!("{} {labels:?} {{\n{}}}\n", block.kind.text, shape(&block.body))
    });
    attributes.chain(blocks).collect()
}

/// What is wrong with a file, a line for each label.
fn complaints(sources: &Sources, diagnostics: &Diagnostics) -> String {
    let mut lines = Vec::new();
    for diagnostic in diagnostics {
        lines.push(format!("{}: {}\n", diagnostic.code, diagnostic.message));
        for label in &diagnostic.labels {
            let (_, position) = sources.locate(label.span);
            let snippet = sources.snippet(label.span);
            lines.push(format!("  {}:{} {snippet:?} {}\n", position.line, position.column, label.text));
        }
        lines.extend(diagnostic.help.iter().map(|help| format!("  help: {help}\n")));
    }
    lines.concat()
}

fn shown(expression: &Expression) -> String {
    let list = |all: &[Expression]| all.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &expression.kind {
        ExpressionKind::Unread => "(unread)".to_owned(),
        ExpressionKind::Null => "null".into(),
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Number(text) => text.to_string(),
        ExpressionKind::String(text) => format!("{text:?}"),
        ExpressionKind::Template(template) => {
            format!("({} {})", if template.heredoc { "heredoc" } else { "template" }, parts(&template.parts))
        }
        ExpressionKind::Tuple(items) => format!("[{}]", list(items)),
        ExpressionKind::Object(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| match &item.key {
                    ObjectKey::Name(name) => format!("{}={}", name.text, shown(&item.value)),
                    ObjectKey::Expression(key) => format!("<{}>={}", shown(key), shown(&item.value)),
                })
                .collect();
            format!("{{{}}}", items.join(" "))
        }
        ExpressionKind::Variable(name) => name.to_string(),
        ExpressionKind::Traversal(traversal) => {
            let steps = traversal.steps.iter().map(|step| match &step.kind {
                StepKind::Attribute(name) => format!(".{name}"),
                StepKind::Index(index) => format!("[{}]", shown(index)),
                StepKind::AttributeSplat(count) => format!(".*{count}"),
                StepKind::FullSplat => "[*]".into(),
            });
            format!("{}{}", shown(&traversal.root), steps.collect::<String>())
        }
        ExpressionKind::Call(call) => {
            format!("{}({}{})", call.name.text, list(&call.arguments), if call.expand_last { "..." } else { "" })
        }
        ExpressionKind::Unary(operator, operand) => format!("({operator:?} {})", shown(operand)),
        ExpressionKind::Binary(binary) => {
            format!("({} {} {})", binary.operator.symbol(), shown(&binary.left), shown(&binary.right))
        }
        ExpressionKind::Conditional(choice) => {
            format!("(? {} {} {})", shown(&choice.condition), shown(&choice.then), shown(&choice.otherwise))
        }
        ExpressionKind::For(each) => format!(
            "(for {}{} in {} : {}{}{}{})",
            each.key_name.as_ref().map(|name| format!("{}, ", name.text)).unwrap_or_default(),
            each.value_name.text,
            shown(&each.collection),
            each.key.as_ref().map(|key| format!("{} => ", shown(key))).unwrap_or_default(),
            shown(&each.value),
            if each.grouping { "..." } else { "" },
            each.condition.as_ref().map(|condition| format!(" if {}", shown(condition))).unwrap_or_default(),
        ),
        ExpressionKind::Parenthesis(inner) => format!("({})", shown(inner)),
    }
}

fn parts(parts: &[TemplatePart]) -> String {
    let shown: Vec<String> = parts
        .iter()
        .map(|part| match part {
            TemplatePart::Literal(text, _) => format!("{text:?}"),
            TemplatePart::Interpolation(expression) => format!("${{{}}}", shown(expression)),
            TemplatePart::If(choice) => format!(
                "(if {} ({}) ({}))",
                shown(&choice.condition),
                self::parts(&choice.then),
                self::parts(&choice.otherwise)
            ),
            TemplatePart::For(each) => format!(
                "(for {}{} in {} ({}))",
                each.key_name.as_ref().map(|name| format!("{}, ", name.text)).unwrap_or_default(),
                each.value_name.text,
                shown(&each.collection),
                self::parts(&each.body)
            ),
        })
        .collect();
    shown.join(" ")
}
