//! HCL's JSON syntax: the same language written as JSON, with templates in its texts.

mod content;
mod expression;
mod parse;
mod token;

pub(super) use content::{attributes, content};
pub(super) use expression::{evaluate, references};
pub(super) use parse::parse;

use std::sync::Arc;

use disco::expression::Number;
use disco::source::Span;

/// A JSON value with its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    kind: NodeKind,
    span: Span,
}

#[derive(Clone, Debug)]
enum NodeKind {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    Array(Vec<Node>),
    Object(Vec<Property>),
    /// Reported already.
    Invalid,
}

/// A name and its value in an object.
#[derive(Clone, Debug)]
struct Property {
    name: Arc<str>,
    name_span: Span,
    value: Node,
}

impl Node {
    /// Where it stands.
    pub(super) fn span(&self) -> Span {
        self.span
    }

    /// Its opening bracket, where it has one.
    fn start(&self) -> Span {
        match self.kind {
            NodeKind::Array(_) | NodeKind::Object(_) => first_byte(self.span),
            _ => self.span,
        }
    }
}

fn first_byte(span: Span) -> Span {
    Span { end: span.start + 1, ..span }
}

fn last_byte(span: Span) -> Span {
    Span { start: span.end.saturating_sub(1), ..span }
}
