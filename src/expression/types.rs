//! What kind of values there are, as `type = …` writes it.
//!
//! Types and [values](Value) name each other: an attribute of a type may have a default, and a null is one of a type.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::value::sorted;
use super::{Kind, Value};
use crate::syntax::is_name;

/// What kind of values an expression gives, or a place accepts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `any`: not known, or all allowed
    Any,
    /// `string`
    String,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
    /// `object({…})`
    Object(BTreeMap<Arc<str>, AttributeType>),
}

impl Type {
    /// `list(of)`
    pub fn list(of: Type) -> Self {
        Self::List(Box::new(of))
    }

    /// `set(of)`
    pub fn set(of: Type) -> Self {
        Self::Set(Box::new(of))
    }

    /// `map(of)`
    pub fn map(of: Type) -> Self {
        Self::Map(Box::new(of))
    }

    /// Whether it is `any` or has `any` within.
    pub fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::String | Self::Number | Self::Bool => false,
            Self::List(of) | Self::Set(of) | Self::Map(of) => of.has_any(),
            Self::Tuple(types) => types.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.values().any(|attribute| attribute.of.has_any()),
        }
    }

    /// Whether it is text, a number or a truth value.
    pub fn is_primitive(&self) -> bool {
        matches!(self, Self::String | Self::Number | Self::Bool)
    }
}

/// An attribute of an object type. Two are equal whatever their defaults are.
#[derive(Clone, Debug)]
pub struct AttributeType {
    /// Its type.
    pub of: Type,
    /// `optional(…)`: may be left out.
    pub optional: bool,
    /// What it is where it is left out or null; already of type `of`.
    pub default: Option<Value>,
}

impl AttributeType {
    /// One that must be there.
    pub fn required(of: Type) -> Self {
        Self { of, optional: false, default: None }
    }

    /// One that may be left out.
    pub fn optional(of: Type, default: Option<Value>) -> Self {
        Self { of, optional: true, default }
    }
}

impl PartialEq for AttributeType {
    fn eq(&self, other: &Self) -> bool {
        self.of == other.of && self.optional == other.optional
    }
}

impl Eq for AttributeType {}

impl PartialOrd for AttributeType {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AttributeType {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.of.cmp(&other.of).then(self.optional.cmp(&other.optional))
    }
}

impl Hash for AttributeType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.of.hash(state);
        self.optional.hash(state);
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::String => f.write_str("string"),
            Self::Number => f.write_str("number"),
            Self::Bool => f.write_str("bool"),
            Self::List(of) => write!(f, "list({of})"),
            Self::Set(of) => write!(f, "set({of})"),
            Self::Map(of) => write!(f, "map({of})"),
            Self::Tuple(types) => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                write!(f, "tuple([{}])", types.join(", "))
            }
            Self::Object(attributes) => {
                let attributes: Vec<String> = attributes
                    .iter()
                    .map(|(name, attribute)| {
                        let of = &attribute.of;
                        let name =
                            if is_name(name) { name.to_string() } else { serde_json::Value::from(&**name).to_string() };
                        if attribute.optional { format!("{name} = optional({of})") } else { format!("{name} = {of}") }
                    })
                    .collect();
                write!(f, "object({{{}}})", attributes.join(", "))
            }
        }
    }
}

/// The type of a value. A group of nodes counts as a tuple.
pub fn type_of(value: &Value) -> Type {
    match value.kind() {
        Kind::Null(of) | Kind::Unknown(of) => of.clone(),
        Kind::Bool(_) => Type::Bool,
        Kind::Number(_) => Type::Number,
        Kind::String(_) => Type::String,
        Kind::List(of, _) => Type::list(of.clone()),
        Kind::Set(of, _) => Type::set(of.clone()),
        Kind::Map(of, _) => Type::map(of.clone()),
        Kind::Tuple(values) => Type::Tuple(values.iter().map(type_of).collect()),
        Kind::Members(nodes) => Type::Tuple(nodes.values().map(type_of).collect()),
        Kind::Object(entries) => Type::Object(sorted(
            entries.iter().map(|(name, value)| (Arc::clone(name), AttributeType::required(type_of(value)))),
        )),
        Kind::Failed => Type::Any,
    }
}
