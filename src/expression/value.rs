//! Values as expressions make them: known, unknown or failed, possibly secret, each with its origin.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Number, Type};
use crate::source::Span;

/// A value, whether it is secret, and where it came from. Cheap to clone: collections are shared. `Debug` hides what is
/// secret.
#[derive(Clone)]
pub struct Value {
    kind: Kind,
    secret: bool,
    within: Within,
    origin: Option<Span>,
    /// Of a secret text that a template made: where its parts end, and whether each is secret. Whatever else is made of the
    /// text does not know them.
    ends: Option<Arc<[(usize, bool)]>>,
}

/// What a value is or holds somewhere inside. Summed up when a collection is made, so that asking costs nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Within {
    secret: bool,
    unknown: bool,
    failed: bool,
    /// How many collections lie within one another.
    nesting: u16,
    /// How many values it is made of, shared ones counted each time.
    size: u32,
}

impl Within {
    fn of(kind: &Kind) -> Self {
        let sum = |values: &mut dyn Iterator<Item = &Value>| {
            values.fold(Self { nesting: 1, size: 1, ..Self::default() }, |sum, value| Self {
                size: sum.size.saturating_add(value.within.size.max(1)),
                nesting: sum.nesting.max(value.within.nesting.saturating_add(1)),
                secret: sum.secret || value.contains_secret(),
                unknown: sum.unknown || value.within.unknown,
                failed: sum.failed || value.within.failed,
            })
        };
        match kind {
            Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => sum(&mut values.iter()),
            Kind::Map(_, entries) | Kind::Object(entries) => sum(&mut entries.values()),
            Kind::Members(nodes) => sum(&mut nodes.values()),
            Kind::Unknown(_) => Self { unknown: true, ..Self::default() },
            Kind::Failed => Self { failed: true, ..Self::default() },
            _ => Self::default(),
        }
    }
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

impl Kind {
    /// The same kind with each part of a collection changed.
    fn map_parts(&self, change: impl Fn(&Value) -> Value) -> Self {
        let all = |values: &[Value]| Arc::new(values.iter().map(&change).collect::<Vec<_>>());
        let entries = |entries: &BTreeMap<Arc<str>, Value>| {
            Arc::new(sorted(entries.iter().map(|(key, value)| (Arc::clone(key), change(value)))))
        };
        match self {
            Self::List(of, values) => Self::List(of.clone(), all(values)),
            Self::Set(of, values) => Self::Set(of.clone(), all(values)),
            Self::Tuple(values) => Self::Tuple(all(values)),
            Self::Map(of, values) => Self::Map(of.clone(), entries(values)),
            Self::Object(values) => Self::Object(entries(values)),
            Self::Members(nodes) => {
                Self::Members(Arc::new(sorted(nodes.iter().map(|(index, node)| (*index, change(node))))))
            }
            other => other.clone(),
        }
    }
}

/// Entries by their keys; of equal keys the last counts. One by one: to collect them would bring a sort of its own into
/// the binary for each kind of iterator.
pub(super) fn sorted<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut sorted = BTreeMap::new();
    for (key, value) in entries {
        sorted.insert(key, value);
    }
    sorted
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str("(secret)") } else { self.kind.fmt(f) }
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self { within: Within::of(&kind), kind, secret: false, origin: None, ends: None }
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
        Kind::Object(Arc::new(sorted(values.into_iter().map(|(name, value)| (name.into(), value))))).into()
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

    /// The same value, secret if `secret` or if it already was. All that lies within becomes secret too, so that
    /// whoever takes it apart holds secrets.
    #[must_use]
    pub fn with_secret(self, secret: bool) -> Self {
        if !secret {
            return self;
        }
        if self.secret {
            // All of it is said to be secret now.
            return Self { ends: None, ..self };
        }
        let kind = self.kind.map_parts(|part| part.clone().with_secret(true));
        Self { secret: true, origin: self.origin, ..Self::from(kind) }
    }

    /// The same secret text, of which only some parts are secret: where each ends, the last at the text's end.
    #[must_use]
    pub(super) fn with_ends(self, ends: Vec<(usize, bool)>) -> Self {
        Self { ends: Some(ends.into()), ..self }
    }

    /// The parts of a text that a template made, and whether each is secret; one part where that is not known.
    pub(crate) fn text_parts(&self) -> Option<impl Iterator<Item = (&str, bool)>> {
        let text = self.as_str()?;
        let ends = self.ends.as_deref().filter(|_| self.secret);
        let whole = ends.is_none().then_some((text, self.secret));
        let mut start = 0;
        let parts = ends.unwrap_or_default().iter().map(move |(end, secret)| {
            let part = &text[start..*end];
            start = *end;
            (part, *secret)
        });
        Some(whole.into_iter().chain(parts))
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

    /// How many elements, entries or nodes it has; `None` for anything that is not a collection.
    pub fn count(&self) -> Option<usize> {
        match &self.kind {
            Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => Some(values.len()),
            Kind::Map(_, entries) | Kind::Object(entries) => Some(entries.len()),
            Kind::Members(nodes) => Some(nodes.len()),
            _ => None,
        }
    }

    /// How many collections lie within one another; 0 for what is not a collection.
    pub fn nesting(&self) -> usize {
        usize::from(self.within.nesting)
    }

    /// How many values it is made of, those that stand in several places counted in each.
    pub fn size(&self) -> u32 {
        self.within.size.max(1)
    }

    /// Whether it or anything in it is secret.
    pub fn contains_secret(&self) -> bool {
        self.secret || self.within.secret
    }

    /// Whether it or anything in it is known only after apply.
    pub fn contains_unknown(&self) -> bool {
        self.within.unknown
    }

    /// Whether it or anything in it failed.
    pub fn contains_failed(&self) -> bool {
        self.within.failed
    }

    /// The same value without any secret mark, neither its own nor of what lies within.
    #[must_use]
    pub fn revealed_within(&self) -> Self {
        if !self.contains_secret() {
            return self.clone();
        }
        let kind = self.kind.map_parts(Value::revealed_within);
        Self { origin: self.origin, ..Self::from(kind) }
    }

    /// This value in place of `kind`, with the mark and the origin of `self`.
    #[must_use]
    pub(crate) fn replaced(&self, kind: Kind) -> Self {
        Self { origin: self.origin, ..Self::from(kind) }.with_secret(self.secret)
    }
}
