//! Functions that make one value of all elements.

use super::elements::elements;
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::{Number, Type, Value};

pub(super) fn all() -> Vec<Function> {
    let truths = |name, summary, body| {
        Function::new(name, summary, body).takes("list", Type::list(Type::Bool)).partly_unknown().gives(Type::Bool)
    };
    vec![
        Function::new("sum", "The sum of the numbers", sum).takes("list", Type::list(Type::Number)).gives(Type::Number),
        truths("alltrue", "Whether all elements are true", |call| Ok(all_true(call))),
        truths("anytrue", "Whether an element is true", |call| Ok(any_true(call))),
    ]
}

fn sum(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let values = elements(call, 0)?;
    if values.is_empty() {
        return Err(Fault::at(0, "an empty list has no sum").help("write `sum(concat([0], …))` to get 0 for it"));
    }
    let mut total = Number::from(0_i64);
    for (index, value) in values.into_iter().enumerate() {
        let number = value.as_number().ok_or_else(|| Fault::at(0, format!("element {index} is null")))?;
        total = total.add(number).ok_or_else(|| Fault::at(0, "the sum has too many digits"))?;
    }
    Ok(Value::number(total))
}

/// As far as the first element that is not true.
fn all_true(call: &Call<'_, '_>) -> Value {
    let elements = call.elements(0);
    match elements.into_iter().find(|element| element.as_bool() != Some(true)) {
        None => Value::bool(true),
        Some(element) if element.is_unknown() => Value::unknown(Type::Bool),
        Some(_) => Value::bool(false),
    }
}

fn any_true(call: &Call<'_, '_>) -> Value {
    let elements = call.elements(0);
    if elements.iter().any(|element| element.as_bool() == Some(true)) {
        return Value::bool(true);
    }
    if elements.iter().any(|element| element.is_unknown()) { Value::unknown(Type::Bool) } else { Value::bool(false) }
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn one_of_all() {
        check(&[
            ("sum([10, 13, 6, 4.5])", "33.5"),
            ("sum([0.1, 0.2])", "0.3"),
            ("alltrue([true, null])", "false"),
            ("alltrue([false, var.unknown == \"a\"])", "false"),
            ("alltrue([true, var.unknown == \"a\"])", "unknown"),
            ("anytrue([var.unknown == \"a\", true])", "true"),
            ("anytrue([var.unknown == \"a\", false])", "unknown"),
        ]);
        refuse(&[("sum([])", "`sum`: an empty list has no sum", "[]")]);
    }
}
