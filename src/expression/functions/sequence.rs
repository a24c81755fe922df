//! Functions on lists, and on what can be read as one.

use std::cmp::Ordering;

use super::{Call, Fault, Function};
use crate::expression::words::{counted, found};
use crate::expression::{Kind, Number, Type, Value, convert, equal, order, type_of, unify};

/// How many elements a function makes at most.
pub(super) const MOST: usize = 100_000;

pub(super) fn all() -> Vec<Function> {
    let list = || Type::list(Type::Any);
    let on_list = |name, summary, body| Function::new(name, summary, body).takes("list", list());
    vec![
        Function::new("concat", "All elements of all lists in one list", concat)
            .takes_many("lists", Type::Any)
            .partly_unknown()
            .keeps_marks(),
        Function::new("contains", "Whether a list or set has such an element", contains)
            .takes("list", Type::Any)
            .takes("value", Type::Any)
            .nullable()
            .gives(Type::Bool),
        on_list("distinct", "The list with each element once, in the order of their first places", distinct)
            .gives(list()),
        Function::new("element", "The element with that index, counted round and round", element)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("index", Type::Number)
            .keeps_marks(),
        Function::new("index", "The index of the first such element", index)
            .takes("list", Type::Any)
            .takes("value", Type::Any)
            .gives(Type::Number),
        Function::new("flatten", "The list with the elements of lists in it in their place", flatten)
            .takes("list", Type::Any)
            .partly_unknown()
            .keeps_marks(),
        Function::new("range", "Numbers from a start (0) up to, and without, a limit, by a step (1)", range)
            .takes_many("numbers", Type::Number)
            .gives(Type::list(Type::Number)),
        Function::new("reverse", "The list backwards", reverse).takes("list", Type::Any).partly_unknown().keeps_marks(),
        Function::new("slice", "The elements from one index up to, and without, another", slice)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("start", Type::Number)
            .takes("end", Type::Number)
            .keeps_marks(),
        Function::new("sort", "The texts in alphabetical order", sort)
            .takes("list", Type::list(Type::String))
            .gives(Type::list(Type::String)),
        Function::new("sum", "The sum of the numbers", sum).takes("list", Type::list(Type::Number)).gives(Type::Number),
        Function::new("coalesce", "The first value that is neither null nor an empty text", coalesce)
            .takes_many("values", Type::Any)
            .nullable()
            .unknown(),
        Function::new("coalescelist", "The first list that is not empty", coalesce_list)
            .takes_many("lists", Type::Any)
            .nullable()
            .partly_unknown()
            .keeps_marks(),
        Function::new("compact", "The texts that are neither null nor empty", compact)
            .takes("list", Type::list(Type::String))
            .gives(Type::list(Type::String)),
        on_list("chunklist", "The list in pieces of a size", chunk_list)
            .partly_unknown()
            .takes("size", Type::Number)
            .gives(Type::list(list()))
            .keeps_marks(),
        Function::new("matchkeys", "Those values whose keys, at the same index, are among others", match_keys)
            .takes("values", list())
            .takes("keys", list())
            .takes("wanted", list())
            .gives(list()),
        Function::new("one", "The only element, or null if there is none", one)
            .takes("list", Type::Any)
            .partly_unknown()
            .keeps_marks(),
        Function::new("alltrue", "Whether all elements are true", |call| Ok(truth(call, true)))
            .takes("list", Type::list(Type::Bool))
            .gives(Type::Bool),
        Function::new("anytrue", "Whether an element is true", |call| Ok(truth(call, false)))
            .takes("list", Type::list(Type::Bool))
            .gives(Type::Bool),
    ]
}

/// The elements of an argument that must be a list, tuple, set or group of nodes.
pub(super) fn elements<'c>(call: &'c Call<'_, '_>, index: usize) -> Result<Vec<&'c Value>, Fault> {
    match call.arguments.get(index).and_then(Value::elements) {
        Some(elements) => Ok(elements),
        None => Err(Fault::at(index, format!("expected a list, found {}", found(&call.value(index))))),
    }
}

fn owned(elements: &[&Value]) -> Vec<Value> {
    elements.iter().map(|element| (*element).clone()).collect()
}

/// A list like `like`: of its type if it has one, else a tuple.
fn same_shape(like: &Value, values: Vec<Value>) -> Value {
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

fn same(left: &Value, right: &Value) -> bool {
    equal(left, right).as_bool() == Some(true)
}

fn concat(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = Vec::new();
    let mut lists = true;
    for (index, argument) in call.arguments.iter().enumerate() {
        if matches!(argument.kind(), Kind::Set(..)) {
            return Err(
                Fault::at(index, "a set has no order").help("make a list of it: `tolist(…)`, or use `setunion`")
            );
        }
        lists &= matches!(argument.kind(), Kind::List(..));
        values.extend(owned(&elements(call, index)?));
    }
    if call.arguments.is_empty() {
        return Err(Fault::new("at least one list is needed"));
    }
    Ok(if lists { alike(values) } else { Value::tuple(values) })
}

fn contains(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let value = call.value(1);
    Ok(Value::bool(elements(call, 0)?.into_iter().any(|element| same(element, &value))))
}

fn distinct(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    let mut sorted: Vec<(usize, &Value)> = elements(call, 0)?.into_iter().enumerate().collect();
    sorted.sort_by(|(left_at, left), (right_at, right)| order(left, right).then(left_at.cmp(right_at)));
    sorted.dedup_by(|(_, later), (_, earlier)| order(earlier, later) == Ordering::Equal);
    sorted.sort_by_key(|(at, _)| *at);
    Ok(same_shape(&list, sorted.into_iter().map(|(_, value)| value.clone()).collect()))
}

fn element(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = elements(call, 0)?;
    let index = call.integer(1, i64::MIN..=i64::MAX)?;
    if list.is_empty() {
        return Err(Fault::at(0, "an empty list has no element"));
    }
    let Ok(index) = usize::try_from(index) else {
        return Err(Fault::at(1, "an index is not negative").help("the last element is `list[length(list) - 1]`"));
    };
    Ok(list[index % list.len()].clone())
}

fn index(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let value = call.value(1);
    match elements(call, 0)?.into_iter().position(|element| same(element, &value)) {
        Some(index) => Ok(Value::number(index.into())),
        None => Err(Fault::at(1, format!("the list has no {}", found(&value)))),
    }
}

fn flatten(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = Vec::new();
    let mut secret = false;
    if !flatten_into(&elements(call, 0)?, &mut values, &mut secret) {
        return Ok(Value::unknown(Type::Any));
    }
    Ok(Value::tuple(values).with_secret(secret))
}

/// Whether all was known: something unknown may be a list of any length.
fn flatten_into(elements: &[&Value], values: &mut Vec<Value>, secret: &mut bool) -> bool {
    elements.iter().all(|element| match (element.elements(), element.kind()) {
        (Some(inner), _) => {
            *secret |= element.is_secret();
            flatten_into(&inner, values, secret)
        }
        (None, Kind::Unknown(of)) if !of.is_primitive() => false,
        _ => {
            values.push((*element).clone());
            true
        }
    })
}

fn range(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let number = |index: usize| call.number(index).cloned();
    let zero = Number::from(0_i64);
    let (start, limit, step) = match call.arguments.len() {
        1 => (Some(zero.clone()), number(0), None),
        2 => (number(0), number(1), None),
        3 => (number(0), number(1), number(2)),
        given => return Err(Fault::new(format!("takes 1 to 3 numbers, but {given} are given"))),
    };
    let (Some(start), Some(limit)) = (start, limit) else { return Err(Fault::new("expected numbers")) };
    let down = limit < start;
    let step = step.unwrap_or_else(|| Number::from(if down { -1_i64 } else { 1 }));
    if step.is_zero() {
        return Err(Fault::at(2, "the step must not be zero"));
    }
    if down && !step.is_negative() {
        return Err(Fault::at(2, "the step must be below zero, as the limit is below the start"));
    }
    if !down && step.is_negative() {
        return Err(Fault::at(2, "the step must be above zero, as the limit is not below the start"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if down { next > limit } else { next < limit } {
        if numbers.len() >= 1024 {
            return Err(Fault::new("more than 1024 numbers would be made").help("take a larger step or a nearer limit"));
        }
        numbers.push(Value::number(next.clone()));
        next = next.add(&step).ok_or_else(|| Fault::at(2, "the numbers have too many digits"))?;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn reverse(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = owned(&elements(call, 0)?);
    values.reverse();
    Ok(same_shape(&call.value(0), values))
}

fn slice(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    if matches!(list.kind(), Kind::Set(..)) {
        return Err(Fault::at(0, "a set has no order").help("make a list of it: `tolist(…)`"));
    }
    let values = elements(call, 0)?;
    let length = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let end = call.integer(2, i64::MIN..=i64::MAX)?;
    if !(0..=length).contains(&end) {
        let message = format!("the end must be from 0 to the length of the list, {length}, found {end}");
        return Err(Fault::at(2, message));
    }
    let start = call.integer(1, i64::MIN..=i64::MAX)?;
    if !(0..=end).contains(&start) {
        return Err(Fault::at(1, format!("the start must be from 0 to the end, {end}, found {start}")));
    }
    let index = |at: i64| usize::try_from(at).unwrap_or(0);
    Ok(same_shape(&list, owned(&values[index(start)..index(end)])))
}

fn sort(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = owned(&elements(call, 0)?);
    if let Some(null) = values.iter().position(Value::is_null) {
        return Err(Fault::at(0, format!("element {null} is null; a null value cannot be sorted")));
    }
    values.sort_by(order);
    Ok(Value::list(Type::String, values))
}

fn sum(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let values = elements(call, 0)?;
    if values.is_empty() {
        return Err(Fault::at(0, "an empty list has no sum"));
    }
    let mut total = Number::from(0_i64);
    for (index, value) in values.into_iter().enumerate() {
        let number = value.as_number().ok_or_else(|| Fault::at(0, format!("element {index} is null")))?;
        total = total.add(number).ok_or_else(|| Fault::at(0, "the sum has too many digits"))?;
    }
    Ok(Value::number(total))
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
    Err(Fault::new("no value is neither null nor an empty text").help("end with a value that is always there"))
}

fn coalesce_list(call: &Call<'_, '_>) -> Result<Value, Fault> {
    for (index, value) in call.arguments.iter().enumerate() {
        if !value.is_null() && !elements(call, index)?.is_empty() {
            return Ok(value.clone());
        }
    }
    Err(Fault::new("all lists are empty"))
}

fn compact(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let values = elements(call, 0)?.into_iter().filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
    Ok(Value::list(Type::String, values.cloned().collect()))
}

fn chunk_list(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    let size = usize::try_from(call.integer(1, 0..=i64::MAX)?).unwrap_or(usize::MAX);
    let values = elements(call, 0)?;
    let size = if size == 0 { values.len().max(1) } else { size };
    let pieces = values.chunks(size).map(|piece| same_shape(&list, owned(piece))).collect();
    Ok(Value::list(type_of(&list), pieces))
}

fn match_keys(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (values, keys, wanted) = (elements(call, 0)?, elements(call, 1)?, elements(call, 2)?);
    if values.len() != keys.len() {
        let (values, keys) = (counted(values.len(), "value"), counted(keys.len(), "key"));
        return Err(Fault::at(1, format!("there must be a key for each value, but there are {values} and {keys}")));
    }
    let pairs = values.iter().zip(keys).filter(|(_, key)| wanted.iter().any(|wanted| same(key, wanted)));
    Ok(same_shape(&call.value(0), pairs.map(|(value, _)| (*value).clone()).collect()))
}

fn one(call: &Call<'_, '_>) -> Result<Value, Fault> {
    match elements(call, 0)?.as_slice() {
        [] => Ok(Value::null()),
        [only] => Ok((*only).clone()),
        several => Err(Fault::at(0, format!("expected at most one element, found {}", several.len()))),
    }
}

fn truth(call: &Call<'_, '_>, all: bool) -> Value {
    let elements = call.elements(0);
    let mut truths = elements.into_iter().map(|element| element.as_bool() == Some(true));
    Value::bool(if all { truths.all(|truth| truth) } else { truths.any(|truth| truth) })
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn lists() {
        check(&[
            (r#"concat(["a", ""], ["b", 1])"#, r#"["a","","b",1]"#),
            (r#"type(concat(tolist(["a"]), tolist(["b"])))"#, r#""list(string)""#),
            (r#"contains(["a", "b"], "a")"#, "true"),
            (r#"contains(["a", "b"], "d")"#, "false"),
            (r#"distinct(["b", "a", "b", "c", "a"])"#, r#"["b","a","c"]"#),
            (r#"element(["a", "b", "c"], 1)"#, r#""b""#),
            (r#"element(["a", "b", "c"], 3)"#, r#""a""#),
            (r#"element(["a", var.unknown], 0)"#, r#""a""#),
            (r#"element(["a", var.secret], 0)"#, r#""a""#),
            (r#"element(["a", var.secret], 1)"#, r#"secret("hidden")"#),
            (r#"index(["a", "b", "c"], "b")"#, "1"),
            (r#"flatten([["a", "b"], [], [["c"], "d"]])"#, r#"["a","b","c","d"]"#),
            (r#"flatten([["a", var.unknown], []])"#, r#"["a",unknown]"#),
            (r#"flatten([["a"], var.unknown_list])"#, "unknown"),
            ("range(3)", "[0,1,2]"),
            ("range(1, 4)", "[1,2,3]"),
            ("range(1, 8, 2)", "[1,3,5,7]"),
            ("range(4, 1)", "[4,3,2]"),
            ("range(1, 2, 0.25)", "[1,1.25,1.5,1.75]"),
            ("range(0)", "[]"),
            ("reverse([1, 2, 3])", "[3,2,1]"),
            (r#"slice(["a", "b", "c", "d"], 1, 3)"#, r#"["b","c"]"#),
            (r#"slice(["a"], 1, 1)"#, "[]"),
            (r#"sort(["e", "d", "a", "x"])"#, r#"["a","d","e","x"]"#),
            ("sum([10, 13, 6, 4.5])", "33.5"),
            ("sum([0.1, 0.2])", "0.3"),
            (r#"coalesce("", null, "b", "c")"#, r#""b""#),
            ("coalesce(null, 2, 3)", "2"),
            (r#"coalesce(null, var.unknown, "x")"#, "unknown"),
            (r#"coalesce("a", var.unknown)"#, r#""a""#),
            (r#"coalescelist([], ["c", "d"])"#, r#"["c","d"]"#),
            (r#"compact(["a", "", null, "b"])"#, r#"["a","b"]"#),
            (r#"chunklist(["a", "b", "c"], 2)"#, r#"[["a","b"],["c"]]"#),
            (r#"chunklist(["a", "b"], 0)"#, r#"[["a","b"]]"#),
            (r#"matchkeys(["i-1", "i-2", "i-3"], ["w", "e", "w"], ["w"])"#, r#"["i-1","i-3"]"#),
            ("one([])", "null"),
            (r#"one(["a"])"#, r#""a""#),
            ("alltrue([true, \"true\"])", "true"),
            ("alltrue([true, null])", "false"),
            ("alltrue([])", "true"),
            ("anytrue([false, true])", "true"),
            ("anytrue([])", "false"),
            (r#"join(",", [var.secret])"#, r#"secret("hidden")"#),
            (r#"sort(["a", var.unknown])"#, "unknown"),
        ]);
        refuse(&[
            ("element([1], -1)", "`element`: an index is not negative", "-1"),
            ("element([], 0)", "`element`: an empty list has no element", "[]"),
            (r#"index(["a"], "b")"#, "`index`: the list has no text \"b\"", "\"b\""),
            ("sum([])", "`sum`: an empty list has no sum", "[]"),
            ("slice([1], 0, 2)", "`slice`: the end must be from 0 to the length of the list, 1, found 2", "2"),
            ("range(1, 2, 0)", "`range`: the step must not be zero", "0"),
            ("range(2000)", "`range`: more than 1024 numbers would be made", "range(2000)"),
            (r#"coalesce(null, "")"#, "`coalesce`: no value is neither null nor an empty text", "coalesce(null, \"\")"),
            ("one([1, 2])", "`one`: expected at most one element, found 2", "[1, 2]"),
            (r#"concat(toset(["a"]), [])"#, "`concat`: a set has no order", "toset([\"a\"])"),
            (r#"flatten("a")"#, "`flatten`: expected a list, found text \"a\"", "\"a\""),
        ]);
    }
}
