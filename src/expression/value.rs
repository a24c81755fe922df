//! Values as expressions make them: known, unknown or failed, possibly secret, each with its origin.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use bigdecimal::{BigDecimal, ToPrimitive};

use crate::source::Span;

/// An exact decimal number. Never wraps and never loses a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub(crate) BigDecimal);

impl Number {
    /// The number a literal writes (`12`, `0.5`, `1e3`); `None` where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        BigDecimal::from_str(text).ok().map(|number| Self(number.normalized()))
    }

    /// As a signed integer, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.0.is_integer().then(|| self.0.to_i64()).flatten()
    }

    /// As an unsigned integer, if it is whole and fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.0.is_integer().then(|| self.0.to_u64()).flatten()
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(BigDecimal::from(number))
    }
}

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

/// An attribute of an object type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeType {
    /// Its type.
    pub of: Type,
    /// `optional(…)`: may be left out.
    pub optional: bool,
}

/// A value, whether it is secret, and where it came from. Cheap to clone: collections are shared.
#[derive(Clone, Debug)]
pub struct Value {
    kind: Kind,
    secret: bool,
    origin: Option<Span>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// `null` of a type
    Null(Type),
    /// `true`, `false`
    Bool(bool),
    /// a number
    Number(Number),
    /// text
    String(Arc<str>),
    /// `list(T)`
    List(Type, Arc<Vec<Value>>),
    /// `set(T)`: sorted, without equals
    Set(Type, Arc<Vec<Value>>),
    /// `[…]`
    Tuple(Arc<Vec<Value>>),
    /// `map(T)`
    Map(Type, Arc<BTreeMap<Arc<str>, Value>>),
    /// `{…}`
    Object(Arc<BTreeMap<Arc<str>, Value>>),
    /// The nodes of a group by index: `[3]` is the node with that index whatever is missing before it; splats,
    /// `for` and `length` go over the nodes there are, in the order of their indices.
    Members(Arc<BTreeMap<u32, Value>>),
    /// Known only after apply; the type is what is known of it.
    Unknown(Type),
    /// Its evaluation failed and has been reported. Absorbs everything, so that one mistake makes one message.
    Failed,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self { kind, secret: false, origin: None }
    }
}

impl Value {
    /// `null` without a type.
    pub fn null() -> Self {
        Kind::Null(Type::Any).into()
    }

    /// `true` or `false`.
    pub fn bool(value: bool) -> Self {
        Kind::Bool(value).into()
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Kind::Number(Number::from(value)).into()
    }

    /// A number.
    pub fn number(value: Number) -> Self {
        Kind::Number(value).into()
    }

    /// Text.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Kind::String(text.into()).into()
    }

    /// `[…]`
    pub fn tuple(values: Vec<Value>) -> Self {
        Kind::Tuple(Arc::new(values)).into()
    }

    /// `list(of)`; the caller has converted the elements.
    pub fn list(of: Type, values: Vec<Value>) -> Self {
        Kind::List(of, Arc::new(values)).into()
    }

    /// `map(of)`; the caller has converted the elements.
    pub fn map(of: Type, values: BTreeMap<Arc<str>, Value>) -> Self {
        Kind::Map(of, Arc::new(values)).into()
    }

    /// `{…}`
    pub fn object(values: impl IntoIterator<Item = (impl Into<Arc<str>>, Value)>) -> Self {
        let values: BTreeMap<Arc<str>, Value> = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Kind::Object(Arc::new(values)).into()
    }

    /// The nodes of a group by index.
    pub fn members(nodes: BTreeMap<u32, Value>) -> Self {
        Kind::Members(Arc::new(nodes)).into()
    }

    /// Known only after apply.
    pub fn unknown(of: Type) -> Self {
        Kind::Unknown(of).into()
    }

    /// Not to be had; the reason has been reported.
    pub fn failed() -> Self {
        Kind::Failed.into()
    }

    /// The same value with another origin.
    #[must_use]
    pub fn at(mut self, origin: Span) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same value with an origin if it has none.
    #[must_use]
    pub fn or_at(mut self, origin: Span) -> Self {
        self.origin.get_or_insert(origin);
        self
    }

    /// The same value, secret if `secret` or if it already was.
    #[must_use]
    pub fn with_secret(mut self, secret: bool) -> Self {
        self.secret |= secret;
        self
    }

    /// The same value without its secret mark: only for `nonsensitive` and for what hands secrets to Heat.
    #[must_use]
    pub fn revealed(mut self) -> Self {
        self.secret = false;
        self
    }

    /// What it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Whether this value itself is marked; see [`Value::contains_secret`] for what lies within.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Where it came from.
    pub fn origin(&self) -> Option<Span> {
        self.origin
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }

    /// Whether it is known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// Whether its evaluation failed and was reported.
    pub fn is_failed(&self) -> bool {
        matches!(self.kind, Kind::Failed)
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The elements of a list, set, tuple or group of nodes, in order; `None` for anything else.
    pub fn elements(&self) -> Option<Vec<&Value>> {
        match &self.kind {
            Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => Some(values.iter().collect()),
            Kind::Members(nodes) => Some(nodes.values().collect()),
            _ => None,
        }
    }

    /// The entries of a map or object, sorted by key; `None` for anything else.
    pub fn entries(&self) -> Option<&BTreeMap<Arc<str>, Value>> {
        match &self.kind {
            Kind::Map(_, entries) | Kind::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether it or anything in it fulfils `predicate`.
    fn any(&self, predicate: &dyn Fn(&Value) -> bool) -> bool {
        predicate(self)
            || self.elements().is_some_and(|values| values.iter().any(|value| value.any(predicate)))
            || self.entries().is_some_and(|entries| entries.values().any(|value| value.any(predicate)))
    }

    /// Whether it or anything in it is secret.
    pub fn contains_secret(&self) -> bool {
        self.any(&Value::is_secret)
    }

    /// Whether it or anything in it is known only after apply.
    pub fn contains_unknown(&self) -> bool {
        self.any(&Value::is_unknown)
    }

    /// Whether it or anything in it failed.
    pub fn contains_failed(&self) -> bool {
        self.any(&Value::is_failed)
    }
}
