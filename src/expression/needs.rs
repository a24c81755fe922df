//! Which entries an evaluation uses whatever it finds.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::tree::{BinaryOperator, Expression, ExpressionKind, ObjectKey, StepKind, TemplatePart};

/// Root and name of an entry, and the place that asks for it.
pub(super) type Asked = (Arc<str>, Arc<str>, Span);

/// The entries that are used whenever the expression is evaluated: not those in a branch, in the body of a `for`, or in
/// what may fail.
pub(super) fn needed(expression: &Expression) -> Vec<Asked> {
    let mut found = Vec::new();
    walk(expression, &mut found);
    found
}

fn walk(expression: &Expression, found: &mut Vec<Asked>) {
    match &expression.kind {
        ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Variable(_)
        | ExpressionKind::Unread => {}
        ExpressionKind::Template(template) => {
            for part in &template.parts {
                match part {
                    TemplatePart::Literal(..) => {}
                    TemplatePart::Interpolation(expression) => walk(expression, found),
                    TemplatePart::If(choice) => walk(&choice.condition, found),
                    TemplatePart::For(each) => walk(&each.collection, found),
                }
            }
        }
        ExpressionKind::Tuple(elements) => elements.iter().for_each(|element| walk(element, found)),
        ExpressionKind::Object(items) => {
            for item in items {
                if let ObjectKey::Expression(key) = &item.key {
                    walk(key, found);
                }
                walk(&item.value, found);
            }
        }
        ExpressionKind::Traversal(traversal) => {
            match (&traversal.root.kind, traversal.steps.first().map(|step| (&step.kind, step.span))) {
                (ExpressionKind::Variable(root), Some((StepKind::Attribute(name), span))) => {
                    found.push((Arc::clone(root), Arc::clone(name), traversal.root.span.to(span)));
                }
                _ => walk(&traversal.root, found),
            }
        }
        ExpressionKind::Call(call) => {
            if !matches!(&*call.name.text, "try" | "can") {
                call.arguments.iter().for_each(|argument| walk(argument, found));
            }
        }
        ExpressionKind::Unary(_, operand) | ExpressionKind::Parenthesis(operand) => walk(operand, found),
        ExpressionKind::Binary(binary) => {
            walk(&binary.left, found);
            if !matches!(binary.operator, BinaryOperator::And | BinaryOperator::Or) {
                walk(&binary.right, found);
            }
        }
        ExpressionKind::Conditional(conditional) => walk(&conditional.condition, found),
        ExpressionKind::For(each) => walk(&each.collection, found),
    }
}
