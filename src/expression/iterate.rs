//! `for` expressions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::items::Items;
use super::{Kind, Scope, Type, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::{Expression, For, Name};

impl Scope<'_> {
    /// The scope of one round.
    pub(super) fn round(&self, key_name: Option<&Name>, value_name: &Name, item: (Value, Value)) -> Self {
        let (key, value) = item;
        let key = key_name.map(|name| (Arc::clone(&name.text), key));
        self.child(key.into_iter().chain([(Arc::clone(&value_name.text), value)]))
    }

    pub(super) fn iteration(&self, each: &For, place: Span) -> Value {
        let collection = self.evaluate(&each.collection);
        let items = match self.items(&collection, each.collection.span) {
            Items::Failed => return Value::failed(),
            Items::Unknown => {
                return Value::unknown(Type::Any).at(place).with_secret(collection.contains_secret());
            }
            Items::Known(items) => items,
        };
        let mut result = Gathered { secret: collection.is_secret(), ..Gathered::default() };
        for item in items {
            let round = self.round(each.key_name.as_ref(), &each.value_name, item);
            if let Some(condition) = &each.condition {
                let value = round.evaluate(condition);
                result.secret |= value.is_secret();
                match round.decision(&value, condition.span, "the condition of `for`") {
                    Ok(Some(true)) => {}
                    Ok(Some(false)) => continue,
                    Ok(None) => {
                        result.unknown = true;
                        continue;
                    }
                    Err(_) => {
                        result.failed = true;
                        continue;
                    }
                }
            }
            match &each.key {
                None => result.values.push(round.evaluate(&each.value)),
                Some(key) => round.keyed(key, each, &mut result),
            }
        }
        if result.failed || (result.unknown && result.holds_failed()) {
            return Value::failed();
        }
        if result.unknown {
            return Value::unknown(Type::Any).at(place).with_secret(result.secret);
        }
        match &each.key {
            None => Value::tuple(result.values),
            Some(_) if each.grouping => {
                Value::object(result.groups.into_iter().map(|(key, values)| (key, Value::tuple(values).at(place))))
            }
            Some(_) => Value::from(Kind::Object(Arc::new(result.entries))),
        }
        .at(place)
        .with_secret(result.secret)
    }

    fn keyed(&self, key_expression: &Expression, each: &For, result: &mut Gathered) {
        let key = self.evaluate(key_expression);
        let value = self.evaluate(&each.value);
        result.secret |= key.is_secret();
        if key.is_unknown() {
            result.failed |= value.contains_failed();
            result.unknown = true;
            return;
        }
        let Some(text) = self.key(&key, key_expression.span) else {
            result.failed = true;
            return;
        };
        if each.grouping {
            result.groups.entry(text).or_default().push(value);
            return;
        }
        match result.entries.entry(text) {
            Entry::Vacant(vacant) => {
                vacant.insert(value);
            }
            Entry::Occupied(taken) => {
                result.failed = true;
                let shown =
                    if key.is_secret() { "a secret key".to_owned() } else { format!("the key `{}`", taken.key()) };
                self.report(
                    Diagnostic::error("disco::duplicate_key", format!("two elements have {shown}"))
                        .at(key_expression.span, "the same for both")
                        .at(each.collection.span, "the elements")
                        .help("make the key unique, or put `...` after the value to collect all values of a key in a list"),
                );
            }
        }
    }
}

#[derive(Default)]
struct Gathered {
    values: Vec<Value>,
    entries: BTreeMap<Arc<str>, Value>,
    groups: BTreeMap<Arc<str>, Vec<Value>>,
    secret: bool,
    unknown: bool,
    failed: bool,
}

impl Gathered {
    fn holds_failed(&self) -> bool {
        let mut all = self.values.iter().chain(self.entries.values()).chain(self.groups.values().flatten());
        all.any(Value::contains_failed)
    }
}
