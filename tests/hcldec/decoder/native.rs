//! Attributes and blocks of native syntax, as a schema asks for them.

use std::sync::Arc;

use disco::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use disco::syntax::tree;

use super::body::{Attribute, Attributes, Block, Body, Content, Expression, Schema};
use super::code;

/// All attributes of a body that may have nothing else.
pub(super) fn attributes(body: &tree::Body) -> (Attributes<'_>, Diagnostics) {
    let block = body.blocks.first().map(|block| {
        let message = format!("there can be no block here, such as `{}`", block.kind.text);
        Diagnostic::error(code::UNEXPECTED, message).at(block.kind.span, "")
    });
    (body.attributes.iter().map(attribute).collect(), block.map(Into::into).unwrap_or_default())
}

fn attribute(attribute: &tree::Attribute) -> (Arc<str>, Attribute<'_>) {
    let expression = Expression::Native(&attribute.value);
    (Arc::clone(&attribute.name.text), Attribute { name_span: attribute.name.span, expression })
}

/// The `{` before the body of a block.
fn open_brace(body: &tree::Body) -> Span {
    Span { start: body.span.start.saturating_sub(1), end: body.span.start, ..body.span }
}

/// Where something that is missing could stand: at the beginning of the file, or at the block's `{`.
fn missing_item(body: &tree::Body) -> Span {
    let brace = open_brace(body);
    Span { end: brace.start, ..brace }
}

/// What a schema asks for of a body, and complaints about the rest.
pub(super) fn content<'a>(body: &'a tree::Body, schema: &Schema) -> (Content<'a>, Diagnostics) {
    let mut found = Diagnostics::new();
    let missing = Some(missing_item(body));
    let mut content = Content { attributes: Attributes::new(), blocks: Vec::new(), missing };
    for attribute in &body.attributes {
        let name = &attribute.name;
        if schema.attributes.contains_key(&*name.text) {
            let (name, attribute) = self::attribute(attribute);
            content.attributes.insert(name, attribute);
            continue;
        }
        let help = if schema.blocks.contains_key(&*name.text) {
            Some(format!("a block of that type is written `{} {{ … }}`", name.text))
        } else {
            did_you_mean(&name.text, schema.attributes.keys().map(String::as_str))
        };
        found.push(
            Diagnostic::error(code::UNEXPECTED, format!("no attribute is called `{}` here", name.text))
                .at(name.span, "")
                .help_maybe(help),
        );
    }
    for block in &body.blocks {
        let Some(labels) = schema.blocks.get(&*block.kind.text) else {
            let help = if schema.attributes.contains_key(&*block.kind.text) {
                Some(format!("an attribute of that name is written `{} = …`", block.kind.text))
            } else {
                did_you_mean(&block.kind.text, schema.blocks.keys().map(String::as_str))
            };
            found.push(
                Diagnostic::error(code::UNEXPECTED, format!("no block is called `{}` here", block.kind.text))
                    .at(block.kind.span, "")
                    .help_maybe(help),
            );
            continue;
        };
        match (block.labels.get(labels.len()), labels.get(block.labels.len())) {
            (None, None) => content.blocks.push(self::block(block)),
            (Some(extra), _) => found.push(
                Diagnostic::error(code::LABELS, format!("this is one label too many for `{}`", block.kind.text))
                    .at(extra.span, ""),
            ),
            (None, Some(missing)) => found.push(
                Diagnostic::error(code::LABELS, format!("a block `{}` needs a {missing} as label", block.kind.text))
                    .at(open_brace(&block.body), "before this"),
            ),
        }
    }
    (content, found)
}

fn block(block: &tree::Block) -> Block<'_> {
    Block {
        kind: Arc::clone(&block.kind.text),
        labels: block.labels.iter().map(|label| (Arc::clone(&label.text), label.span)).collect(),
        body: Body::Native(&block.body),
        head: block.head,
    }
}
