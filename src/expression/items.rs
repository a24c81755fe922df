//! The keys and elements of a collection, one after the other.

use std::sync::Arc;

use super::at_found::AtFound;
use super::words::found;
use super::{Kind, Scope, Value};
use crate::source::{Diagnostic, Span};

/// What `for` goes over.
pub(super) enum Items {
    /// Keys and elements, marked secret if the collection is.
    Known(Vec<(Value, Value)>),
    /// Known only after apply.
    Unknown,
    /// Not to be had; reported.
    Failed,
}

impl Scope<'_> {
    /// The keys and elements of a collection.
    pub(super) fn items(&self, collection: &Value, place: Span) -> Items {
        let secret = collection.is_secret();
        let numbered = |values: &[Value]| {
            values
                .iter()
                .enumerate()
                .map(|(index, value)| (Value::number(index.into()), value.clone().with_secret(secret)))
                .collect()
        };
        match collection.kind() {
            Kind::Failed => Items::Failed,
            Kind::Unknown(of) if !of.is_primitive() => Items::Unknown,
            Kind::List(_, values) | Kind::Tuple(values) => Items::Known(numbered(values)),
            Kind::Set(_, values) => Items::Known(
                values
                    .iter()
                    .map(|value| value.clone().with_secret(secret))
                    .map(|value| (value.clone(), value))
                    .collect(),
            ),
            Kind::Map(_, entries) | Kind::Object(entries) => Items::Known(
                entries
                    .iter()
                    .map(|(key, value)| {
                        (Value::string(Arc::clone(key)).with_secret(secret), value.clone().with_secret(secret))
                    })
                    .collect(),
            ),
            Kind::Members(nodes) => Items::Known(
                nodes
                    .iter()
                    .map(|(index, node)| (Value::integer(i64::from(*index)), node.clone().with_secret(secret)))
                    .collect(),
            ),
            Kind::Null(_) => {
                let diagnostic = Diagnostic::error("disco::null_value", "`for` cannot iterate over null");
                self.report(diagnostic.at_found(place, collection, "null").help("write `coalesce(…, [])` instead"));
                Items::Failed
            }
            _ => {
                let message = format!("`for` iterates over lists, sets, maps and objects, found {}", found(collection));
                self.report(Diagnostic::error("disco::wrong_type", message).at_found(place, collection, ""));
                Items::Failed
            }
        }
    }
}
