//! Functions that pick elements by their place or by what they are.

use std::cmp::Ordering;

use super::elements::{by_element, element_type, elements, ordered, ordered_type, same_shape};
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::{Kind, Type, Value, convert, order, type_of, unify};

pub(super) fn all() -> Vec<Function> {
    let texts = || Type::list(Type::String);
    vec![
        Function::new("element", "The element with that index, counted round and round", element)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("index", Type::Number)
            .gives_by(|types| by_element(types, |of| of))
            .keeps_marks(),
        Function::new("one", "The only element, or null if there is none", one)
            .takes("list", Type::Any)
            .partly_unknown()
            .gives_by(|types| match &types[0] {
                Type::Tuple(types) if types.len() > 1 => Err(several(types.len())),
                of => element_type(of, 0),
            })
            .keeps_marks(),
        Function::new("coalesce", "The first value that is neither null nor an empty string", coalesce)
            .takes_many("values", Type::Any)
            .nullable()
            .unknown(),
        Function::new("coalescelist", "The first list that is not empty", coalesce_list)
            .takes_many("lists", Type::Any)
            .nullable()
            .unknown()
            .keeps_marks(),
        Function::new("compact", "The strings that are neither null nor empty", compact)
            .takes("list", texts())
            .gives(texts()),
        Function::new("distinct", "The list with each element once, in the order of their first places", distinct)
            .takes("list", Type::list(Type::Any))
            .gives_by(|types| Ok(types[0].clone())),
    ]
}

fn element(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = ordered(call, 0)?;
    let index = call.integer(1, i64::MIN..=i64::MAX)?;
    let Ok(length @ 1..) = i64::try_from(list.len()) else {
        return Err(Fault::at(0, "an empty list has no element"));
    };
    let index = usize::try_from(index.rem_euclid(length)).unwrap_or(0);
    Ok(list[index].clone())
}

fn one(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    match (elements(call, 0)?.as_slice(), list.kind()) {
        ([], Kind::List(of, _) | Kind::Set(of, _)) => Ok(Kind::Null(of.clone()).into()),
        ([], _) => Ok(Value::null()),
        ([only], _) => Ok((*only).clone()),
        (found, _) => Err(several(found.len())),
    }
}

fn several(count: usize) -> Fault {
    Fault::at(0, format!("expected at most one element, found {count}"))
}

fn coalesce(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let types: Vec<Type> = call.arguments.iter().map(type_of).collect();
    let Some(of) = unify(&types) else { return Err(Fault::new("all values must be of the same type")) };
    for (index, value) in call.arguments.iter().enumerate() {
        if value.is_unknown() {
            return Ok(Value::unknown(of));
        }
        if !value.is_null() && value.as_str() != Some("") {
            return convert(value, &of).map_err(|mismatch| Fault::at(index, mismatch.to_string()));
        }
    }
    Err(Fault::new("all values are null or empty strings").help("end with a value that is neither null nor \"\""))
}

fn coalesce_list(call: &Call<'_, '_>) -> Result<Value, Fault> {
    for (index, value) in call.arguments.iter().enumerate() {
        if value.is_null() {
            continue;
        }
        ordered_type(&type_of(value), index)?;
        if value.is_unknown() {
            return Ok(Value::unknown(Type::Any));
        }
        if !ordered(call, index)?.is_empty() {
            return Ok(value.clone());
        }
    }
    Err(Fault::new("all lists are empty").help("end with a list that is not"))
}

fn compact(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let values = elements(call, 0)?.into_iter().filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, values.cloned().collect()))
}

fn distinct(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    let mut sorted: Vec<(usize, &Value)> = elements(call, 0)?.into_iter().enumerate().collect();
    sorted.sort_by(|(left_at, left), (right_at, right)| order(left, right).then(left_at.cmp(right_at)));
    sorted.dedup_by(|(_, later), (_, earlier)| order(earlier, later) == Ordering::Equal);
    sorted.sort_by_key(|(at, _)| *at);
    Ok(same_shape(&list, sorted.into_iter().map(|(_, value)| value.clone()).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn one_of_many() {
        check(&[
            (r#"element(["a", "b", "c"], -1)"#, r#""c""#),
            (r#"element(["a", var.unknown], 0)"#, r#""a""#),
            (r#"element(["a", var.secret], 0)"#, r#""a""#),
            (r#"element(["a", var.secret], 1)"#, r#"secret("hidden")"#),
            ("type(element(var.unknown_list, 0))", r#""string""#),
            ("type(one(tolist(toset([]))))", r#""any""#),
            (r#"coalesce(null, var.unknown, "x")"#, "unknown"),
            (r#"coalesce("a", var.unknown)"#, r#""a""#),
            (r#"coalescelist(null, ["c", "d"])"#, r#"["c","d"]"#),
            (r#"coalescelist(["a"], var.unknown_list)"#, r#"["a"]"#),
            (r#"compact(["a", "", null, "b"])"#, r#"["a","b"]"#),
            (r#"distinct(["b", "a", "b", "c", "a"])"#, r#"["b","a","c"]"#),
        ]);
        refuse(&[
            ("element([], 0)", "`element`: an empty list has no element", "[]"),
            (r#"element(toset(["a"]), 0)"#, "`element`: a set has no order", r#"toset(["a"])"#),
            (r#"coalesce(null, "")"#, "`coalesce`: all values are null or empty strings", "coalesce(null, \"\")"),
            ("one([1, 2])", "`one`: expected at most one element, found 2", "[1, 2]"),
        ]);
    }
}
