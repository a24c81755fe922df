//! When two values are equal, and the order of values in a set.

use std::cmp::Ordering;

use super::{Kind, Type, Value};

/// `left == right`: unknown where that depends on something unknown, secret where it depends on a secret, failed where
/// one of them failed. Values of different kinds are not equal; a list and a tuple, or a map and an object, are equal
/// if what they hold is.
pub fn equal(left: &Value, right: &Value) -> Value {
    let secret = left.contains_secret() || right.contains_secret();
    if left.contains_failed() || right.contains_failed() {
        return Value::failed();
    }
    match decide(left, right) {
        Some(answer) => Value::bool(answer),
        None => Value::unknown(Type::Bool),
    }
    .with_secret(secret)
}

/// Whether they are equal as far as anything is known; `None` where it is not.
fn decide(left: &Value, right: &Value) -> Option<bool> {
    if left.is_unknown() || right.is_unknown() {
        return None;
    }
    let is_set = |value: &Value| matches!(value.kind(), Kind::Set(..));
    if is_set(left) != is_set(right) {
        return Some(false);
    }
    if let (Some(left), Some(right)) = (left.elements(), right.elements()) {
        return if left.len() == right.len() { all(left.into_iter().zip(right)) } else { Some(false) };
    }
    if let (Some(left), Some(right)) = (left.entries(), right.entries()) {
        return if left.keys().eq(right.keys()) { all(left.values().zip(right.values())) } else { Some(false) };
    }
    Some(order(left, right) == Ordering::Equal)
}

fn all<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
    let mut certain = true;
    for (left, right) in pairs {
        match decide(left, right) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => certain = false,
        }
    }
    certain.then_some(true)
}

/// A total order of values: by kind, null after all others, then numbers by size, texts by their characters, collections by their parts.
/// Equal here means that nothing tells them apart but mark and origin, and that lists and tuples, maps and objects
/// with equal parts are equal.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left.kind(), right.kind()) {
        (Kind::Bool(left), Kind::Bool(right)) => left.cmp(right),
        (Kind::Number(left), Kind::Number(right)) => left.cmp(right),
        (Kind::String(left), Kind::String(right)) => left.cmp(right),
        (Kind::Unknown(left), Kind::Unknown(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)).then_with(|| parts(left, right)),
    }
}

fn parts(left: &Value, right: &Value) -> Ordering {
    if let (Some(left), Some(right)) = (left.elements(), right.elements()) {
        let differing = left.iter().zip(&right).map(|(left, right)| order(left, right)).find(|order| order.is_ne());
        return differing.unwrap_or_else(|| left.len().cmp(&right.len()));
    }
    if let (Some(left), Some(right)) = (left.entries(), right.entries()) {
        let differing = left
            .iter()
            .zip(right)
            .map(|((left_key, left), (right_key, right))| left_key.cmp(right_key).then_with(|| order(left, right)))
            .find(|order| order.is_ne());
        return differing.unwrap_or_else(|| left.len().cmp(&right.len()));
    }
    Ordering::Equal
}

fn rank(value: &Value) -> u8 {
    match value.kind() {
        Kind::Bool(_) => 0,
        Kind::Number(_) => 1,
        Kind::String(_) => 2,
        Kind::List(..) | Kind::Tuple(_) | Kind::Members(_) => 3,
        Kind::Set(..) => 4,
        Kind::Map(..) | Kind::Object(_) => 5,
        Kind::Null(_) => 6,
        Kind::Unknown(_) => 7,
        Kind::Failed => 8,
    }
}

/// The values sorted, each once.
pub(crate) fn sort_into_set(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by(order);
    values.dedup_by(|left, right| order(left, right).is_eq());
    values
}
