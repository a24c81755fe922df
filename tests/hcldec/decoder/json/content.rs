//! Attributes and blocks in JSON objects, as a schema asks for them.

use std::sync::Arc;

use disco::source::{Diagnostic, Diagnostics, Span, did_you_mean};

use super::super::body::{Attribute, Attributes, Block, Body, Content, Expression, Schema};
use super::super::code;
use super::{Node, NodeKind, Property, first_byte, last_byte};

/// A property of that name is a comment.
const COMMENT: &str = "//";

/// What a schema asks for of a body, and complaints about the rest.
pub(in super::super) fn content<'a>(body: &'a Node, schema: &Schema) -> (Content<'a>, Diagnostics) {
    let mut found = Diagnostics::new();
    let mut content = Content { attributes: Attributes::new(), blocks: Vec::new(), missing: Some(missing_item(body)) };
    for property in properties(body, None, &mut found) {
        let name = &property.name;
        if schema.attributes.contains_key(&**name) {
            if content.attributes.contains_key(name) {
                found.push(
                    Diagnostic::error(code::DUPLICATE, format!("`{name}` is set twice")).at(property.name_span, ""),
                );
            } else {
                content.attributes.insert(Arc::clone(name), attribute(property));
            }
        } else if let Some(labels) = schema.blocks.get(&**name) {
            let unpacked = Unpacked { kind: name, labels: Vec::new() };
            unpack(&property.value, labels, &unpacked, &mut content.blocks, &mut found);
        } else if &**name != COMMENT {
            let known = schema.attributes.keys().chain(schema.blocks.keys()).map(String::as_str);
            found.push(
                Diagnostic::error(code::UNEXPECTED, format!("no attribute or block is called `{name}` here"))
                    .at(property.name_span, "")
                    .help_maybe(did_you_mean(name, known)),
            );
        }
    }
    (content, found)
}

/// All properties as attributes.
pub(in super::super) fn attributes(body: &Node) -> (Attributes<'_>, Diagnostics) {
    let mut found = Diagnostics::new();
    let mut attributes = Attributes::new();
    let NodeKind::Object(properties) = &body.kind else {
        let message = "expected a JSON object with attributes";
        return (attributes, Diagnostic::error(code::JSON, message).at(body.start(), "").into());
    };
    for property in properties.iter().filter(|property| &*property.name != COMMENT) {
        if attributes.contains_key(&property.name) {
            let message = format!("`{}` is set twice", property.name);
            found.push(Diagnostic::error(code::DUPLICATE, message).at(property.name_span, ""));
        } else {
            attributes.insert(Arc::clone(&property.name), attribute(property));
        }
    }
    (attributes, found)
}

/// Where something that is missing could stand.
fn missing_item(body: &Node) -> Span {
    match body.kind {
        NodeKind::Object(_) => last_byte(body.span),
        _ => body.start(),
    }
}

fn attribute(property: &Property) -> Attribute<'_> {
    Attribute { name_span: property.name_span, expression: Expression::Json(&property.value) }
}

/// A block on the way: its labels are the names of the objects around its body.
#[derive(Clone)]
struct Unpacked<'a> {
    kind: &'a Arc<str>,
    labels: Vec<(Arc<str>, Span)>,
}

fn unpack<'a>(
    value: &'a Node,
    labels: &[String],
    block: &Unpacked<'a>,
    blocks: &mut Vec<Block<'a>>,
    found: &mut Diagnostics,
) {
    if let Some((label, rest)) = labels.split_first() {
        let before = found.len();
        let inner = properties(value, Some(label), found);
        if inner.is_empty() && found.len() == before {
            let message = format!("a block of type `{}` needs a property that is its {label}", block.kind);
            found.push(Diagnostic::error(code::LABELS, message).at(value.start(), ""));
        }
        for property in inner {
            let mut block = block.clone();
            block.labels.push((Arc::clone(&property.name), property.name_span));
            unpack(&property.value, rest, &block, blocks, found);
        }
        return;
    }
    let body = |body: &'a Node| Block {
        kind: Arc::clone(block.kind),
        labels: block.labels.clone(),
        body: Body::Json(body),
        head: first_byte(value.span),
    };
    match &value.kind {
        NodeKind::Null => {}
        NodeKind::Object(_) => blocks.push(body(value)),
        NodeKind::Array(values) => blocks.extend(values.iter().map(body)),
        _ => {
            let message = format!("a block of type `{}` is a JSON object or an array of objects", block.kind);
            found.push(Diagnostic::error(code::JSON, message).at(value.start(), ""));
        }
    }
}

/// The properties of an object or of all objects in an array.
fn properties<'a>(value: &'a Node, label: Option<&str>, found: &mut Diagnostics) -> Vec<&'a Property> {
    let mut wrong = |node: &Node| {
        let message = match label {
            Some(label) => format!("expected a JSON object whose names are the {label} of a block"),
            None => "expected a JSON object with attributes and blocks".to_owned(),
        };
        found.push(Diagnostic::error(code::JSON, message).at(node.start(), ""));
    };
    match &value.kind {
        NodeKind::Null => Vec::new(),
        NodeKind::Object(properties) => properties.iter().collect(),
        NodeKind::Array(values) => {
            let mut all = Vec::new();
            for value in values {
                match &value.kind {
                    NodeKind::Object(properties) => all.extend(properties),
                    _ => wrong(value),
                }
            }
            all
        }
        _ => {
            wrong(value);
            Vec::new()
        }
    }
}
