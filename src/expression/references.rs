//! Which entries an expression uses.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::tree::{BinaryOperator, Expression, ExpressionKind, ObjectKey, StepKind, TemplatePart};

/// A use of `root.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// `var`, `local`, …
    pub root: Arc<str>,
    /// The entry.
    pub name: Arc<str>,
    /// From the root to the name.
    pub span: Span,
}

/// Every use of an entry in an expression, whether it takes place or not, in the order written.
pub fn references(expression: &Expression) -> Vec<Reference> {
    let used = crate::syntax::references(expression).into_iter();
    used.filter_map(|used| {
        let (name, place) = used.steps.into_iter().next()?;
        let span = Span { end: place.end, ..used.span };
        Some(Reference { root: used.root, name, span })
    })
    .collect()
}

/// The uses that take place whenever the expression is evaluated: not those in a branch, in the body of a `for`, or in
/// what may fail.
pub(super) fn certain(expression: &Expression) -> Vec<Reference> {
    let mut found = Vec::new();
    walk(expression, &mut found);
    found
}

fn walk(expression: &Expression, found: &mut Vec<Reference>) {
    match &expression.kind {
        ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Variable(_) => {}
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
                (ExpressionKind::Variable(root), Some((StepKind::Attribute(name), span))) => found.push(Reference {
                    root: Arc::clone(root),
                    name: Arc::clone(name),
                    span: traversal.root.span.to(span),
                }),
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
