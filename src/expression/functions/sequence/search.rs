//! Functions that look for elements.

use super::elements::{element_type, elements, ordered, ordered_type, owned, same, same_shape};
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::words::{counted, found};
use crate::expression::{Type, Value, convert, type_of, unify};

pub(super) fn all() -> Vec<Function> {
    let list = || Type::list(Type::Any);
    vec![
        Function::new("contains", "Whether a list or set has such an element", contains)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("value", Type::Any)
            .partly_unknown()
            .gives(Type::Bool)
            .gives_by(|types| element_type(&types[0], 0).map(|_| Type::Bool)),
        Function::new("index", "The index of the first such element", index)
            .takes("list", Type::Any)
            .partly_unknown()
            .takes("value", Type::Any)
            .partly_unknown()
            .gives(Type::Number)
            .gives_by(|types| ordered_type(&types[0], 0).map(|_| Type::Number)),
        Function::new("matchkeys", "Those values whose keys, at the same index, are among others", match_keys)
            .takes("values", list())
            .takes("keys", list())
            .takes("wanted", list())
            .gives_by(|types| Ok(types[0].clone())),
    ]
}

fn contains(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let value = call.value(1);
    let mut known = true;
    for element in elements(call, 0)? {
        match same(element, &value) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => known = false,
        }
    }
    Ok(if known { Value::bool(false) } else { Value::unknown(Type::Bool) })
}

fn index(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let value = call.value(1);
    for (index, element) in ordered(call, 0)?.into_iter().enumerate() {
        match same(element, &value) {
            Some(true) => return Ok(Value::number(index.into())),
            Some(false) => {}
            None => return Ok(Value::unknown(Type::Number)),
        }
    }
    Err(Fault::at(1, format!("the list has no {}", found(&value))).help("check with `contains(list, value)` first"))
}

fn match_keys(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (values, keys, wanted) = (elements(call, 0)?, call.value(1), call.value(2));
    let Some(of) = unify(&[type_of(&keys), type_of(&wanted)]) else {
        return Err(Fault::at(2, "the searched values must be of the same type as the keys"));
    };
    let of_keys = |index: usize, list: &Value| {
        let list = convert(list, &of).map_err(|mismatch| Fault::at(index, mismatch.to_string()))?;
        Ok::<_, Fault>(owned(&list.elements().unwrap_or_default()))
    };
    let (keys, wanted) = (of_keys(1, &keys)?, of_keys(2, &wanted)?);
    if values.len() != keys.len() {
        let (values, keys) = (counted(values.len(), "value"), counted(keys.len(), "key"));
        return Err(Fault::at(1, format!("expected a key for each value, found {values} and {keys}")));
    }
    let pairs = values.iter().zip(keys).filter(|(_, key)| wanted.iter().any(|wanted| same(key, wanted) == Some(true)));
    Ok(same_shape(&call.value(0), pairs.map(|(value, _)| (*value).clone()).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn searches() {
        check(&[
            (r#"contains(["a", var.unknown], "a")"#, "true"),
            (r#"contains(["a", var.unknown], "b")"#, "unknown"),
            (r#"issensitive(contains(["a", var.secret], "a"))"#, "true"),
            (r#"index(["a", var.unknown], "a")"#, "0"),
            (r#"index([var.unknown, "a"], "a")"#, "unknown"),
            (r#"matchkeys(["i-1", "i-2", "i-3"], ["w", "e", "w"], ["w"])"#, r#"["i-1","i-3"]"#),
        ]);
        refuse(&[
            (r#"index(["a"], "b")"#, "`index`: the list has no string \"b\"", "\"b\""),
            ("contains(var.unknown, 1)", "`contains`: expected a list, found a string", "var.unknown"),
        ]);
    }
}
