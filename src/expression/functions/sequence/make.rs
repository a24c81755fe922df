//! Functions that make lists of lists, and of numbers.

use super::elements::{MOST, alike, by_element, element_type, elements, ordered, ordered_type, owned, same_shape};
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::{Kind, Number, Type, Value, order, type_of, unify};

pub(super) fn all() -> Vec<Function> {
    let texts = || Type::list(Type::String);
    vec![
        Function::new("concat", "All elements of all lists in one list", concat)
            .takes_many("lists", Type::Any)
            .partly_unknown()
            .gives_by(|types| {
                for (index, of) in types.iter().enumerate() {
                    ordered_type(of, index)?;
                }
                let lists = types.iter().all(|of| matches!(of, Type::List(_)));
                Ok(unify(types).filter(|_| lists).unwrap_or(Type::Any))
            })
            .keeps_marks(),
        Function::new("flatten", "The list with the elements of lists in it in their place", flatten)
            .takes("list", Type::Any)
            .partly_unknown()
            .gives_by(|types| element_type(&types[0], 0).map(|_| Type::Any))
            .keeps_marks(),
        Function::new("range", "Numbers from a start (0) up to, and without, a limit, by a step (1)", range)
            .takes_many("numbers", Type::Number)
            .gives(Type::list(Type::Number)),
        Function::new("reverse", "The list backwards", reverse)
            .takes("list", Type::Any)
            .partly_unknown()
            .gives_by(|types| match &types[0] {
                Type::Tuple(types) => Ok(Type::Tuple(types.iter().rev().cloned().collect())),
                Type::Any => Ok(Type::Any),
                of => element_type(of, 0).map(Type::list),
            })
            .keeps_marks(),
        Function::new("slice", "The elements from one index up to, and without, another", slice)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("start", Type::Number)
            .takes("end", Type::Number)
            .gives_by(|types| by_element(types, Type::list))
            .keeps_marks(),
        Function::new("sort", "The strings in alphabetical order", sort)
            .takes("list", texts())
            .partly_unknown()
            .gives(texts()),
        Function::new("chunklist", "The list in pieces of a size", chunk_list)
            .takes("list", Type::list(Type::Any))
            .partly_unknown()
            .takes("size", Type::Number)
            .gives_by(|types| element_type(&types[0], 0).map(|of| Type::list(Type::list(of))))
            .keeps_marks(),
    ]
}

fn concat(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = Vec::new();
    for index in 0..call.arguments.len() {
        values.extend(owned(&ordered(call, index)?));
        if values.len() > MOST {
            return Err(Fault::at(index, format!("the list would have more than {MOST} elements")));
        }
    }
    if call.arguments.is_empty() {
        return Err(Fault::new("at least one list is needed"));
    }
    let lists = call.arguments.iter().all(|argument| matches!(argument.kind(), Kind::List(..)));
    Ok(if lists { alike(values) } else { Value::tuple(values) })
}

fn flatten(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = Vec::new();
    let mut secret = false;
    let known = flatten_into(&elements(call, 0)?, &mut values, &mut secret);
    if values.len() > MOST {
        return Err(Fault::at(0, format!("the list would have more than {MOST} elements")));
    }
    if !known {
        return Ok(Value::unknown(Type::Any));
    }
    Ok(Value::tuple(values).with_secret(secret))
}

/// Whether all was known: something unknown may be a list of any length. Ends where there are too many.
fn flatten_into(elements: &[&Value], values: &mut Vec<Value>, secret: &mut bool) -> bool {
    elements.iter().all(|element| match (element.elements(), element.kind()) {
        _ if values.len() > MOST => false,
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
    if start == limit {
        return Ok(Value::list(Type::Number, Vec::new()));
    }
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
    let values = ordered(call, 0)?;
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
    Ok(same_shape(&call.value(0), owned(&values[index(start)..index(end)])))
}

fn sort(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut values = owned(&elements(call, 0)?);
    if values.iter().any(Value::is_unknown) {
        // which text comes first is not known, but how many there are is
        values.fill(Value::unknown(Type::String));
        return Ok(Value::list(Type::String, values));
    }
    if let Some(null) = values.iter().position(Value::is_null) {
        return Err(Fault::at(0, format!("element {null} is null; a null value cannot be sorted"))
            .help("remove nulls and empty strings with `compact(…)`"));
    }
    values.sort_by(order);
    Ok(Value::list(Type::String, values))
}

fn chunk_list(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let list = call.value(0);
    let size = usize::try_from(call.integer(1, 0..=i64::MAX)?).unwrap_or(usize::MAX);
    let values = elements(call, 0)?;
    let size = if size == 0 { values.len().max(1) } else { size };
    let pieces = values.chunks(size).map(|piece| same_shape(&list, owned(piece))).collect();
    Ok(Value::list(type_of(&list), pieces))
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn lists() {
        check(&[
            (r#"type(concat(tolist(["a"]), tolist(["b"])))"#, r#""list(string)""#),
            (r#"flatten([["a", var.unknown], []])"#, r#"["a",unknown]"#),
            (r#"flatten([["a"], var.unknown_list])"#, "unknown"),
            ("range(1, 8, 2)", "[1,3,5,7]"),
            ("type(reverse(var.unknown_list))", r#""list(string)""#),
            (r#"sort(["a", var.unknown])"#, "[unknown,unknown]"),
            (r#"chunklist(["a", "b", "c"], 2)"#, r#"[["a","b"],["c"]]"#),
        ]);
        refuse(&[
            ("slice([1], 0, 2)", "`slice`: the end must be from 0 to the length of the list, 1, found 2", "2"),
            ("range(1, 2, 0)", "`range`: the step must not be zero", "0"),
            ("range(2000)", "`range`: more than 1024 numbers would be made", "range(2000)"),
            (r#"concat(toset(["a"]), [])"#, "`concat`: a set has no order", "toset([\"a\"])"),
            (r#"flatten("a")"#, "`flatten`: expected a list, found string \"a\"", "\"a\""),
            ("reverse(var.unknown)", "`reverse`: expected a list, found a string", "var.unknown"),
        ]);
    }
}
