//! A body and a specification -> a value.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use disco::expression::{Scope, Type, Value, convert, type_of, unify};
use disco::source::{Diagnostic, Diagnostics, Span};

use super::body::{Attribute, Block, Body, Content};
use super::code;
use super::context::Context;
use super::spec::{Spec, transformed};

/// The labels of the block around a body.
type Labels<'l> = &'l [(Arc<str>, Span)];

/// Decodes; `scope` has the functions of specifications.
pub(super) fn decode<'d>(
    body: &Body<'_>,
    spec: &Spec,
    context: &'d Context<'d>,
    scope: &'d Scope<'d>,
) -> (Value, Diagnostics) {
    let mut decoder = Decoder { context, scope, found: Diagnostics::new() };
    let value = decoder.body(body, &[], spec);
    (value, decoder.found)
}

struct Decoder<'d> {
    context: &'d Context<'d>,
    scope: &'d Scope<'d>,
    found: Diagnostics,
}

impl Decoder<'_> {
    fn body(&mut self, body: &Body<'_>, labels: Labels<'_>, spec: &Spec) -> Value {
        let (content, problems) = body.content(&spec.schema());
        self.found.extend(problems);
        self.value(&content, labels, spec)
    }

    fn complain(&mut self, code: &'static str, place: Option<Span>, message: String) {
        self.found.push(Diagnostic::error(code, message).at_maybe(place, ""));
    }

    fn value(&mut self, content: &Content<'_>, labels: Labels<'_>, spec: &Spec) -> Value {
        match spec {
            Spec::Object(entries) => {
                let entries: Vec<_> =
                    entries.iter().map(|(name, spec)| (Arc::clone(name), self.value(content, labels, spec))).collect();
                Value::object(entries)
            }
            Spec::Array(specs) => Value::tuple(specs.iter().map(|spec| self.value(content, labels, spec)).collect()),
            Spec::Attr { name, of, .. } => match content.attributes.get(&**name) {
                Some(attribute) => self.attribute(name, attribute, of),
                None => null(of.clone()),
            },
            Spec::Literal(value) => value.clone(),
            Spec::Block { kind, nested, required } => match self.one(content, kind, *required) {
                Some(block) => self.body(&block.body, &block.labels, nested),
                None => null(nested.gives(self.scope)),
            },
            Spec::BlockList { kind, nested, least, most } => {
                let (of, values) = self.blocks(content, kind, nested, (*least, *most));
                Value::list(of, values)
            }
            Spec::BlockSet { kind, nested, least, most } => {
                let (of, values) = self.blocks(content, kind, nested, (*least, *most));
                convert(&Value::tuple(values), &Type::set(of)).unwrap_or_else(|_| Value::failed())
            }
            Spec::BlockMap { kind, labels, nested } => self.map(content, kind, labels.len(), nested),
            Spec::BlockAttrs { kind, of, required } => match self.one(content, kind, *required) {
                Some(block) => self.attributes(block, of),
                None => null(Type::map(of.clone())),
            },
            Spec::BlockLabel { index, name } => {
                let Some((label, place)) = labels.get(*index) else {
                    self.complain(code::SPEC, content.missing, format!("`{name}` is asked for, but there is no label"));
                    return Value::failed();
                };
                Value::string(Arc::clone(label)).at(*place)
            }
            Spec::Default { first, otherwise } => {
                let value = self.value(content, labels, first);
                if value.is_null() { self.value(content, labels, otherwise) } else { value }
            }
            Spec::Transform { nested, result } => {
                let before = self.found.len();
                let value = self.value(content, labels, nested);
                if self.found.iter().skip(before).any(is_error) {
                    return Value::failed();
                }
                let value = transformed(result.as_ref(), value, self.scope);
                self.found.extend(self.scope.take_diagnostics());
                value
            }
        }
    }

    fn attribute(&mut self, name: &str, attribute: &Attribute<'_>, of: &Type) -> Value {
        let (value, problems) = attribute.expression.evaluate(self.context);
        self.found.extend(problems);
        convert(&value, of).unwrap_or_else(|mismatch| {
            let place = attribute.expression.span();
            self.found.push(Diagnostic::error(code::VALUE, format!("`{name}`: {mismatch}")).at(place, ""));
            Value::failed()
        })
    }

    /// The only block of a type.
    fn one<'c, 'b>(&mut self, content: &'c Content<'b>, kind: &'c str, required: bool) -> Option<&'c Block<'b>> {
        let mut blocks = content.of_kind(kind);
        let first = blocks.next();
        match (first, blocks.next()) {
            (None, _) if required => {
                self.complain(code::MISSING, content.missing, format!("a block `{kind}` is missing"));
            }
            (Some(first), Some(second)) => self.found.push(
                Diagnostic::error(code::DUPLICATE, format!("there can be only one block `{kind}`"))
                    .at(second.head, "the second")
                    .at(first.head, "the first"),
            ),
            _ => {}
        }
        first
    }

    /// The values of all blocks of a type, and the type that they have in common.
    fn blocks(
        &mut self,
        content: &Content<'_>,
        kind: &str,
        nested: &Spec,
        (least, most): (usize, usize),
    ) -> (Type, Vec<Value>) {
        let mut values = Vec::new();
        let mut places = Vec::new();
        for block in content.of_kind(kind) {
            values.push(self.body(&block.body, &block.labels, nested));
            places.push(place_of(block, nested));
        }
        if values.len() < least {
            self.complain(code::MISSING, content.missing, format!("at least {least} blocks `{kind}` are needed"));
        } else if most > 0 && values.len() > most {
            self.complain(code::UNEXPECTED, places[most], format!("at most {most} blocks `{kind}` are allowed"));
        }
        if values.is_empty() || values.iter().any(Value::contains_failed) {
            return (nested.gives(self.scope), values);
        }
        let types: Vec<Type> = values.iter().map(type_of).collect();
        let Some(common) = unify(&types) else {
            let message = format!("all blocks `{kind}` must have values of the same types");
            self.complain(code::VALUE, places[0], message);
            return (Type::Any, Vec::new());
        };
        let mut converted = Vec::with_capacity(values.len());
        for (value, place) in values.iter().zip(places) {
            match convert(value, &common) {
                Ok(value) => converted.push(value),
                Err(mismatch) => self.complain(code::VALUE, place, mismatch.to_string()),
            }
        }
        (common, converted)
    }

    fn map(&mut self, content: &Content<'_>, kind: &str, depth: usize, nested: &Spec) -> Value {
        let mut entries: BTreeMap<Vec<Arc<str>>, Value> = BTreeMap::new();
        for block in content.of_kind(kind) {
            let (keys, labels) = block.labels.split_at(depth);
            let value = self.body(&block.body, labels, nested);
            let keys: Vec<Arc<str>> = keys.iter().map(|(key, _)| Arc::clone(key)).collect();
            if let Entry::Vacant(vacant) = entries.entry(keys) {
                vacant.insert(value);
            } else {
                let message = format!("the labels of blocks `{kind}` must differ");
                self.complain(code::DUPLICATE, Some(block.head), message);
            }
        }
        nest(entries, depth, &nested.gives(self.scope))
    }

    fn attributes(&mut self, block: &Block<'_>, of: &Type) -> Value {
        let (attributes, problems) = block.body.attributes();
        self.found.extend(problems);
        let values: BTreeMap<_, _> = attributes
            .iter()
            .map(|(name, attribute)| (Arc::clone(name), self.attribute(name, attribute, of)))
            .collect();
        Value::map(of.clone(), values)
    }
}

fn is_error(complaint: &Diagnostic) -> bool {
    complaint.severity == disco::source::Severity::Error
}

fn null(of: Type) -> Value {
    disco::expression::Kind::Null(of).into()
}

/// Maps within maps, one for each label.
fn nest(entries: BTreeMap<Vec<Arc<str>>, Value>, depth: usize, of: &Type) -> Value {
    if depth <= 1 {
        let entries = entries.into_iter().filter_map(|(mut keys, value)| Some((keys.pop()?, value)));
        return Value::map(of.clone(), entries.collect());
    }
    let mut groups: BTreeMap<Arc<str>, BTreeMap<Vec<Arc<str>>, Value>> = BTreeMap::new();
    for (mut keys, value) in entries {
        let first = keys.remove(0);
        groups.entry(first).or_default().insert(keys, value);
    }
    let maps: BTreeMap<_, _> = groups.into_iter().map(|(key, group)| (key, nest(group, depth - 1, of))).collect();
    let inner = (1..depth).fold(of.clone(), |of, _| Type::map(of));
    Value::map(inner, maps)
}

/// Where the value of a block is written, as far as one place can tell.
fn place_of(block: &Block<'_>, nested: &Spec) -> Option<Span> {
    let (content, _) = block.body.content(&nested.schema());
    place_in(&content, &block.labels, nested)
}

fn place_in(content: &Content<'_>, labels: Labels<'_>, spec: &Spec) -> Option<Span> {
    match spec {
        Spec::Attr { name, .. } => {
            content.attributes.get(&**name).map(|attribute| attribute.expression.span()).or(content.missing)
        }
        Spec::Block { kind, nested, .. }
        | Spec::BlockList { kind, nested, .. }
        | Spec::BlockSet { kind, nested, .. }
        | Spec::BlockMap { kind, nested, .. } => match content.of_kind(kind).next() {
            Some(block) => place_of(block, nested),
            None => content.missing,
        },
        Spec::BlockAttrs { kind, .. } => content.of_kind(kind).next().map(|block| block.head).or(content.missing),
        Spec::BlockLabel { index, .. } => labels.get(*index).map(|(_, place)| *place),
        Spec::Default { first: nested, .. } | Spec::Transform { nested, .. } => place_in(content, labels, nested),
        Spec::Object(_) | Spec::Array(_) => content.missing,
        Spec::Literal(_) => None,
    }
}
