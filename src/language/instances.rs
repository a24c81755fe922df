//! `for_each`, `count` and `enabled`: how many things a block stands for, and what tells them apart.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocks::RepeatAttributes;
use super::decode::Decoder;
use super::reported::{Decoded, Reported};
use super::schema::{Attribute, attribute};
use crate::expression::{Kind, Scope, Type, Value, found};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Block;

/// What tells one of several things from the others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// Of `for_each`.
    Name(Arc<str>),
    /// Of `count`.
    Index(u32),
}

impl Key {
    /// As it stands in addresses: `["bonn"]`, `[3]`.
    pub(crate) fn index(&self) -> String {
        match self {
            Self::Name(name) => format!("[\"{name}\"]"),
            Self::Index(index) => format!("[{index}]"),
        }
    }

    /// As it stands in names: `bonn`, `3`.
    pub(crate) fn suffix(&self) -> String {
        match self {
            Self::Name(name) => name.to_string(),
            Self::Index(index) => index.to_string(),
        }
    }
}

/// One of the things that a block stands for.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// `None` where a block stands for one thing alone.
    pub(crate) key: Option<Key>,
    /// What expressions in the block may use beside everything else: `each`, or `count`.
    names: Vec<(Arc<str>, Value)>,
}

impl Instance {
    /// The only one.
    pub(crate) fn single() -> Self {
        Self { key: None, names: Vec::new() }
    }

    fn of_each(block: &Block, key: &Arc<str>, value: Value) -> Self {
        let each = Value::object([("key", Value::string(&**key)), ("value", value)]);
        let names = ["each".into()].into_iter().chain(block.iterator.clone());
        Self { key: Some(Key::Name(Arc::clone(key))), names: names.map(|name| (name, each.clone())).collect() }
    }

    fn of_count(index: u32) -> Self {
        let count = Value::object([("index", Value::integer(i64::from(index)))]);
        Self { key: Some(Key::Index(index)), names: vec![("count".into(), count)] }
    }

    /// The name of this one, where `name` is that of the block: `site-bonn`.
    pub(crate) fn named(&self, name: &str) -> String {
        self.key.as_ref().map_or_else(|| name.to_owned(), |key| format!("{name}-{}", key.suffix()))
    }

    /// The names of the block as it is for this one.
    pub(crate) fn scope<'a>(&self, scope: &Scope<'a>) -> Scope<'a> {
        if self.names.is_empty() { scope.child([]) } else { scope.child(self.names.iter().cloned()) }
    }

    /// Reads something of the block as it is for this one.
    pub(crate) fn read<'a, T>(
        &self,
        decoder: &mut Decoder<'_, 'a>,
        work: impl for<'x> FnOnce(&mut Decoder<'x, 'a>) -> T,
    ) -> T {
        if self.names.is_empty() {
            return work(decoder);
        }
        let scope = decoder.scope().child(self.names.iter().cloned());
        let mut inner = decoder.within(&scope);
        let result = work(&mut inner);
        let found = inner.diagnostics;
        decoder.diagnostics = found;
        result
    }
}

/// Everything that a block stands for, in the order of the keys. `count` is its attribute that says how many, if it has one
/// that means this.
pub(crate) fn instances(
    block: &Block,
    count: Option<&Attribute<i64>>,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<Vec<Instance>> {
    let at = RepeatAttributes::ALL;
    if decoder.read(block, &at.enabled)?.is_some_and(|enabled| !enabled.value) {
        return Ok(Vec::new());
    }
    let count = count.filter(|count| count.written(&block.body).is_some());
    let Some(for_each) = at.for_each.written(&block.body) else {
        let Some(count) = count else { return Ok(vec![Instance::single()]) };
        let count = decoder.read(block, count)?.map_or(1, |count| count.value);
        return Ok((0..u32::try_from(count).unwrap_or_default()).map(Instance::of_count).collect());
    };
    if let Some(count) = count.and_then(|count| count.written(&block.body)) {
        return Err(decoder.report(
            Diagnostic::error("disco::conflicting_attributes", "`for_each` and `count` cannot be used together")
                .at(count.name.span, "how many")
                .at(for_each.name.span, "one for each of these")
                .help("keep one of them"),
        ));
    }
    let place = for_each.value.span;
    let value = decoder.evaluate(&for_each.value)?;
    let pairs = pairs(&value, place, decoder)?;
    Ok(pairs.into_iter().map(|(key, value)| Instance::of_each(block, &key, value)).collect())
}

/// What expressions see of a block that stands for nothing.
pub(crate) fn nothing_of(block: &Block) -> Value {
    if RepeatAttributes::ALL.for_each.written(&block.body).is_some() {
        Value::object(BTreeMap::<Arc<str>, Value>::new())
    } else if attribute(&block.body, "count").is_some() {
        Value::tuple(Vec::new())
    } else {
        Kind::Null(Type::Any).into()
    }
}

/// Keys and values of what `for_each` goes over.
fn pairs(value: &Value, place: Span, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<(Arc<str>, Value)>> {
    let elements = value.elements().unwrap_or_default();
    let keys = || elements.iter().copied().chain([value]);
    if keys().any(Value::is_failed) {
        return Err(Reported);
    }
    if keys().any(Value::is_unknown) {
        return Err(decoder.report_unknown(
            Diagnostic::error("disco::unknown_before_apply", "what `for_each` goes over is known only after apply")
                .at(place, "not known yet")
                .help("use keys that are written in the definition; their values may be unknown"),
        ));
    }
    if keys().any(Value::is_secret) {
        return Err(decoder.report(
            Diagnostic::error("disco::secret_shown", "`for_each` goes over a sensitive value")
                .at(place, "its keys would be in the names of things")
                .help("use `nonsensitive(…)` for the keys if everybody may see them"),
        ));
    }
    let texts: Option<Vec<_>> = match value.entries() {
        Some(entries) => Some(entries.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect()),
        None if value.elements().is_some() => {
            elements.iter().map(|element| Some((element.as_str()?.into(), (*element).clone()))).collect()
        }
        None => None,
    };
    let Some(pairs) = texts else {
        let what =
            if value.elements().is_some() { "a list of other things than strings".to_owned() } else { found(value) };
        return Err(decoder.report(
            Diagnostic::error("disco::wrong_type", format!("`for_each` is {what}, expected a map or a set of strings"))
                .at(place, "there is nothing to tell the things apart by")
                .help("write a map, an object, or `toset([\"a\", \"b\"])`"),
        ));
    };
    let mut seen = BTreeSet::new();
    for (key, _) in &pairs {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if key.is_empty() || !key.chars().all(plain) || key.starts_with('-') || key.ends_with('-') {
            return Err(decoder.report(
                Diagnostic::error("disco::invalid_name", format!("key `{key}` of `for_each` cannot be part of a name"))
                    .at(place, "names of nodes have it in them")
                    .help("use lower-case letters a–z, digits, and dashes within"),
            ));
        }
        if !seen.insert(Arc::clone(key)) {
            return Err(decoder.report(
                Diagnostic::error("disco::duplicate_key", format!("`for_each` has `{key}` twice"))
                    .at(place, "the things would have the same name")
                    .help("write each once, or use `toset(…)`"),
            ));
        }
    }
    Ok(pairs)
}
