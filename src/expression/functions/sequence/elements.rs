//! Lists, and what can be read as one: their elements, and what is made of them.

use crate::expression::functions::{Call, Fault};
use crate::expression::words::{found, kind_of_type};
use crate::expression::{Kind, Type, Value, convert, equal, unify};

/// How many elements a function makes at most.
pub(in super::super) const MOST: usize = 100_000;

/// The elements of an argument that must be a list, tuple, set or group of nodes.
pub(in super::super) fn elements<'c>(call: &'c Call<'_, '_>, index: usize) -> Result<Vec<&'c Value>, Fault> {
    match call.arguments.get(index).and_then(Value::elements) {
        Some(elements) => Ok(elements),
        None => Err(Fault::at(index, format!("expected a list, found {}", found(&call.value(index))))),
    }
}

/// The same, but not of a set.
pub(in super::super) fn ordered<'c>(call: &'c Call<'_, '_>, index: usize) -> Result<Vec<&'c Value>, Fault> {
    match call.arguments.get(index).map(Value::kind) {
        Some(Kind::Set(..)) => Err(unordered(index)),
        _ => elements(call, index),
    }
}

fn unordered(index: usize) -> Fault {
    Fault::at(index, "a set has no order").help("convert it to a list: `tolist(…)`")
}

/// The type that the elements of a type's values have in common; a fault about the argument if it has no elements.
pub(in super::super) fn element_type(of: &Type, index: usize) -> Result<Type, Fault> {
    match of {
        Type::Any => Ok(Type::Any),
        Type::List(of) | Type::Set(of) => Ok((**of).clone()),
        Type::Tuple(types) => Ok(unify(types).unwrap_or(Type::Any)),
        _ => Err(Fault::at(index, format!("expected a list, found {}", kind_of_type(of)))),
    }
}

/// The same, but not of a set.
pub(super) fn ordered_type(of: &Type, index: usize) -> Result<Type, Fault> {
    if matches!(of, Type::Set(_)) { Err(unordered(index)) } else { element_type(of, index) }
}

/// For a list of one type, what it gives; for anything else that has elements, not known.
pub(super) fn by_element(types: &[Type], gives: fn(Type) -> Type) -> Result<Type, Fault> {
    let of = ordered_type(&types[0], 0)?;
    Ok(if matches!(types[0], Type::List(_)) { gives(of) } else { Type::Any })
}

pub(in super::super) fn owned(elements: &[&Value]) -> Vec<Value> {
    elements.iter().map(|element| (*element).clone()).collect()
}

/// A list like `like`: of its type if it has one, else a tuple.
pub(super) fn same_shape(like: &Value, values: Vec<Value>) -> Value {
    match like.kind() {
        Kind::List(of, _) | Kind::Set(of, _) => Value::list(of.clone(), values),
        _ => Value::tuple(values),
    }
}

/// The values as a list of the type they have in common; a tuple if there is none.
pub(super) fn alike(values: Vec<Value>) -> Value {
    let tuple = Value::tuple(values);
    convert(&tuple, &Type::list(Type::Any)).unwrap_or(tuple)
}

/// Whether two values are equal; `None` where that is not known.
pub(super) fn same(left: &Value, right: &Value) -> Option<bool> {
    equal(left, right).as_bool()
}
