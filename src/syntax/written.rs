//! Which expression gives which part of a value, as far as that is written out.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::tree::{Expression, ExpressionKind, ObjectKey};
use crate::source::Span;

/// Where the parts of a list or object stand that an expression writes out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// The elements of a list, in order.
    pub(crate) elements: Vec<Span>,
    /// The values of an object, by key.
    pub(crate) keys: BTreeMap<Arc<str>, Span>,
}

/// The parts that `expression` writes out: those of a list, of an object, and of the objects that `merge` joins. Keys that
/// are computed are not among them.
pub(crate) fn written(expression: &Expression) -> Written {
    let mut found = Written::default();
    match &expression.kind {
        ExpressionKind::Parenthesis(inner) => return written(inner),
        ExpressionKind::Tuple(items) => found.elements = items.iter().map(|item| item.span).collect(),
        ExpressionKind::Object(items) => {
            for item in items {
                let key = match &item.key {
                    ObjectKey::Name(name) => &name.text,
                    ObjectKey::Expression(Expression { kind: ExpressionKind::String(key), .. }) => key,
                    ObjectKey::Expression(_) => continue,
                };
                found.keys.insert(Arc::clone(key), item.value.span);
            }
        }
        ExpressionKind::Call(call) if &*call.name.text == "merge" => {
            for argument in &call.arguments {
                found.keys.extend(written(argument).keys);
            }
        }
        _ => {}
    }
    found
}
