//! Where in a manifest something stands: what is wrong is shown at the attribute that says it.

use crate::source::Span;
use crate::syntax::tree::{Attribute, Block, Body, Expression, ExpressionKind, ObjectKey};

/// The blocks of a manifest.
#[derive(Clone, Copy)]
pub(super) struct Places<'a>(pub(super) &'a Body);

impl<'a> Places<'a> {
    /// The blocks of a kind, as written.
    pub(super) fn blocks(self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.0.blocks.iter().filter(move |block| &*block.kind.text == kind)
    }

    /// The value of an attribute of the block of that kind and name, or else the block's head.
    pub(super) fn of(self, kind: &'a str, name: &str, attribute: &str) -> Option<Span> {
        let block = self.blocks(kind).find(|block| label(block) == name)?;
        Some(place(block, attribute))
    }
}

/// The name of a block; empty where it has none.
pub(super) fn label(block: &Block) -> &str {
    block.labels.first().map_or("", |label| &label.text)
}

/// An attribute of a block.
pub(super) fn attribute<'a>(block: &'a Block, name: &str) -> Option<&'a Attribute> {
    block.body.attributes.iter().find(|attribute| &*attribute.name.text == name)
}

/// Where the value of an attribute stands, or else the block's head.
pub(super) fn place(block: &Block, name: &str) -> Span {
    attribute(block, name).map_or(block.head, |attribute| attribute.value.span)
}

/// The texts that an attribute writes out, each with its place: a text alone, or the elements of a list.
pub(super) fn literals<'a>(block: &'a Block, name: &str) -> Vec<(&'a str, Span)> {
    let Some(attribute) = attribute(block, name) else { return Vec::new() };
    let elements = match &attribute.value.kind {
        ExpressionKind::Tuple(elements) => elements.as_slice(),
        _ => std::slice::from_ref(&attribute.value),
    };
    elements.iter().filter_map(|element| Some((text(element)?, element.span))).collect()
}

/// The text that an expression writes out.
pub(super) fn text(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        ExpressionKind::String(text) => Some(text),
        _ => None,
    }
}

/// The whole number that an expression writes out.
pub(super) fn number(expression: &Expression) -> Option<i64> {
    match &expression.kind {
        ExpressionKind::Number(number) => number.parse().ok(),
        _ => None,
    }
}

/// The entries of an object that is written out: key, place of the key, value.
pub(super) fn entries(expression: &Expression) -> Option<Vec<(&str, Span, &Expression)>> {
    let ExpressionKind::Object(items) = &expression.kind else { return None };
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        match &item.key {
            ObjectKey::Name(name) => all.push((&*name.text, name.span, &item.value)),
            ObjectKey::Expression(key) => all.extend(text(key).map(|text| (text, key.span, &item.value))),
        }
    }
    Some(all)
}
