//! Attributes and blocks, whatever syntax they are written in.

use std::collections::BTreeMap;
use std::sync::Arc;

use disco::expression::Value;
use disco::source::{Diagnostic, Diagnostics, Span};
use disco::syntax::{Reference, references, tree};

use super::code;
use super::context::Context;
use super::json;
use super::native;
use super::place::Places;

/// The content of a file or block, or of several files as if they were one.
#[derive(Clone, Debug)]
pub(super) enum Body<'a> {
    Native(&'a tree::Body),
    Json(&'a json::Node),
    Merged(Vec<Body<'a>>),
}

/// What a specification asks of a body.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// Names, and whether they must be there.
    pub(super) attributes: BTreeMap<String, bool>,
    /// Types of blocks, and what their labels are called.
    pub(super) blocks: BTreeMap<String, Vec<String>>,
}

impl Schema {
    /// Only attributes; a name that ends in `!` must be there.
    pub(super) fn of_attributes(names: &[&str]) -> Self {
        let attributes = names.iter().map(|name| match name.strip_suffix('!') {
            Some(name) => (name.to_owned(), true),
            None => ((*name).to_owned(), false),
        });
        Self { attributes: attributes.collect(), blocks: BTreeMap::new() }
    }
}

/// Attributes by name.
pub(super) type Attributes<'a> = BTreeMap<Arc<str>, Attribute<'a>>;

/// What was asked for and is there.
#[derive(Debug, Default)]
pub(super) struct Content<'a> {
    pub(super) attributes: Attributes<'a>,
    pub(super) blocks: Vec<Block<'a>>,
    /// Where something that is missing could stand.
    pub(super) missing: Option<Span>,
}

impl<'a> Content<'a> {
    /// The blocks of a type.
    pub(super) fn of_kind<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Block<'a>> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Attribute<'a> {
    pub(super) name_span: Span,
    pub(super) expression: Expression<'a>,
}

#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: Arc<str>,
    pub(super) labels: Vec<(Arc<str>, Span)>,
    pub(super) body: Body<'a>,
    pub(super) head: Span,
}

/// An expression in either syntax.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expression<'a> {
    Native(&'a tree::Expression),
    Json(&'a json::Node),
}

impl Expression<'_> {
    /// Where it stands.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Native(expression) => expression.span,
            Self::Json(node) => node.span(),
        }
    }

    /// Its value, and what is wrong.
    pub(super) fn evaluate(self, context: &Context<'_>) -> (Value, Diagnostics) {
        match self {
            Self::Native(expression) => {
                let value = context.scope.evaluate(expression);
                (value, context.scope.take_diagnostics())
            }
            Self::Json(node) => json::evaluate(node, context),
        }
    }

    /// What it refers to.
    pub(super) fn references(self, places: &Places<'_>) -> Vec<Reference> {
        match self {
            Self::Native(expression) => references(expression),
            Self::Json(node) => json::references(node, places),
        }
    }
}

impl<'a> Body<'a> {
    /// What a schema asks for, and complaints about what is missing and what nobody asked for.
    pub(super) fn content(&self, schema: &Schema) -> (Content<'a>, Diagnostics) {
        let (content, mut found) = self.optional_content(schema);
        for (name, required) in &schema.attributes {
            if *required && !content.attributes.contains_key(&**name) {
                found.push(
                    Diagnostic::error(code::MISSING, format!("the attribute `{name}` is missing"))
                        .at_maybe(content.missing, "it could stand here"),
                );
            }
        }
        (content, found)
    }

    /// The same with all attributes optional.
    fn optional_content(&self, schema: &Schema) -> (Content<'a>, Diagnostics) {
        match self {
            Self::Native(body) => native::content(body, schema),
            Self::Json(node) => json::content(node, schema),
            Self::Merged(bodies) => {
                let (mut merged, mut found) = (Content::default(), Diagnostics::new());
                for body in bodies {
                    let (content, problems) = body.optional_content(schema);
                    found.extend(problems);
                    for (name, attribute) in content.attributes {
                        add_once(&mut merged.attributes, name, attribute, &mut found);
                    }
                    merged.blocks.extend(content.blocks);
                }
                (merged, found)
            }
        }
    }

    /// All attributes of a body that may have nothing else.
    pub(super) fn attributes(&self) -> (Attributes<'a>, Diagnostics) {
        match self {
            Self::Native(body) => native::attributes(body),
            Self::Json(node) => json::attributes(node),
            Self::Merged(bodies) => {
                let (mut merged, mut found) = (Attributes::new(), Diagnostics::new());
                for body in bodies {
                    let (attributes, problems) = body.attributes();
                    found.extend(problems);
                    for (name, attribute) in attributes {
                        add_once(&mut merged, name, attribute, &mut found);
                    }
                }
                (merged, found)
            }
        }
    }
}

fn add_once<'a>(all: &mut Attributes<'a>, name: Arc<str>, attribute: Attribute<'a>, found: &mut Diagnostics) {
    if let Some(first) = all.get(&name) {
        let complaint = Diagnostic::error(code::DUPLICATE, format!("`{name}` is set in two files"))
            .at(attribute.name_span, "set again here")
            .at(first.name_span, "set first here");
        found.push(complaint);
    } else {
        all.insert(name, attribute);
    }
}
