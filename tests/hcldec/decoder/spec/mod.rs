//! Specifications: what to look for in a body, and what to make of it.

mod arguments;
mod functions;
mod read;

pub(super) use functions::Prelude;
pub(super) use read::{Specification, read};

use std::sync::Arc;

use disco::expression::{AttributeType, Scope, Type, Value, type_of};
use disco::syntax::tree::Expression;

use super::body::Schema;

/// One specification; the kinds are those of the original's `spec-format.md`, under its names.
#[derive(Debug)]
pub(super) enum Spec {
    Object(Vec<(Arc<str>, Spec)>),
    Array(Vec<Spec>),
    Attr { name: String, of: Type, required: bool },
    Literal(Value),
    Block { kind: String, nested: Box<Spec>, required: bool },
    BlockList { kind: String, nested: Box<Spec>, least: usize, most: usize },
    BlockSet { kind: String, nested: Box<Spec>, least: usize, most: usize },
    BlockMap { kind: String, labels: Vec<String>, nested: Box<Spec> },
    BlockAttrs { kind: String, of: Type, required: bool },
    BlockLabel { index: usize, name: String },
    Default { first: Box<Spec>, otherwise: Box<Spec> },
    Transform { nested: Box<Spec>, result: Option<Expression> },
}

/// What a transformation calls the value that it works on.
const NESTED: &str = "nested";

impl Spec {
    /// What is looked for in a body.
    pub(super) fn schema(&self) -> Schema {
        let mut schema = Schema::default();
        self.visit(&mut |spec| match spec {
            Self::Attr { name, required, .. } => {
                *schema.attributes.entry(name.clone()).or_default() |= required;
            }
            Self::Block { kind, nested, .. }
            | Self::BlockList { kind, nested, .. }
            | Self::BlockSet { kind, nested, .. } => {
                schema.blocks.insert(kind.clone(), nested.labels());
            }
            Self::BlockMap { kind, labels, nested } => {
                schema.blocks.insert(kind.clone(), labels.iter().cloned().chain(nested.labels()).collect());
            }
            Self::BlockAttrs { kind, .. } => {
                schema.blocks.insert(kind.clone(), Vec::new());
            }
            _ => {}
        });
        schema
    }

    /// This specification and all that work on the same body.
    pub(super) fn visit<'s>(&'s self, look: &mut impl FnMut(&'s Self)) {
        look(self);
        match self {
            Self::Object(entries) => entries.iter().for_each(|(_, spec)| spec.visit(look)),
            Self::Array(specs) => specs.iter().for_each(|spec| spec.visit(look)),
            Self::Default { first, otherwise } => {
                first.visit(look);
                otherwise.visit(look);
            }
            Self::Transform { nested, .. } => nested.visit(look),
            _ => {}
        }
    }

    /// What the labels are called that are asked for within a block.
    fn labels(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        self.visit(&mut |spec| {
            if let Self::BlockLabel { index, name } = spec {
                while names.len() <= *index {
                    names.push(format!("label {}", names.len()));
                }
                names[*index].clone_from(name);
            }
        });
        names
    }

    /// The type of what comes out, as far as that is known beforehand. `scope` has the functions of specifications.
    pub(super) fn gives(&self, scope: &Scope<'_>) -> Type {
        match self {
            Self::Object(entries) => Type::Object(
                entries
                    .iter()
                    .map(|(name, spec)| (Arc::clone(name), AttributeType::required(spec.gives(scope))))
                    .collect(),
            ),
            Self::Array(specs) => Type::Tuple(specs.iter().map(|spec| spec.gives(scope)).collect()),
            Self::Attr { of, .. } => of.clone(),
            Self::Literal(value) => type_of(value),
            Self::Block { nested, .. } => nested.gives(scope),
            Self::BlockList { nested, .. } => Type::list(nested.gives(scope)),
            Self::BlockSet { nested, .. } => Type::set(nested.gives(scope)),
            Self::BlockMap { labels, nested, .. } => labels.iter().fold(nested.gives(scope), |of, _| Type::map(of)),
            Self::BlockAttrs { of, .. } => Type::map(of.clone()),
            Self::BlockLabel { .. } => Type::String,
            Self::Default { first, .. } => first.gives(scope),
            Self::Transform { nested, result } => {
                let value = transformed(result.as_ref(), Value::unknown(nested.gives(scope)), scope);
                drop(scope.take_diagnostics());
                type_of(&value)
            }
        }
    }
}

/// What a transformation makes of a value; complaints are left in `scope`.
pub(super) fn transformed(result: Option<&Expression>, value: Value, scope: &Scope<'_>) -> Value {
    match result {
        Some(result) => scope.closed([(Arc::from(NESTED), value)]).evaluate(result),
        None => Value::null(),
    }
}
