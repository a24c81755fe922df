//! Functions on maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::sequence::{elements, ordered};
use super::{Call, Fault, Function};
use crate::expression::value::sorted;
use crate::expression::words::{counted, found, kind_of_type};
use crate::expression::{Kind, Type, Value, convert};
use crate::source::did_you_mean;

type Entries = BTreeMap<Arc<str>, Value>;

pub(super) fn all() -> Vec<Function> {
    let on_map = |name, summary, body| Function::new(name, summary, body).takes("map", Type::Any).partly_unknown();
    vec![
        on_map("keys", "The keys of a map or object, sorted", keys)
            .gives_by(|types| match &types[0] {
                Type::Map(_) => Ok(Type::list(Type::String)),
                Type::Object(attributes) => Ok(Type::Tuple(vec![Type::String; attributes.len()])),
                of => entry_type(of, 0),
            })
            .keeps_marks(),
        on_map("values", "The values of a map or object, in the order of their keys", values)
            .gives_by(|types| match &types[0] {
                Type::Map(of) => Ok(Type::list((**of).clone())),
                Type::Object(attributes) => {
                    Ok(Type::Tuple(attributes.values().map(|entry| entry.of.clone()).collect()))
                }
                of => entry_type(of, 0),
            })
            .keeps_marks(),
        on_map("lookup", "The value of a key, or a default if there is none", lookup)
            .takes("key", Type::String)
            .may_take("default", Type::Any)
            .nullable()
            .unknown()
            .gives_by(|types| entry_type(&types[0], 0))
            .keeps_marks(),
        Function::new("merge", "All entries of all maps; of equal keys the last", merge)
            .takes_many("maps", Type::Any)
            .nullable()
            .partly_unknown()
            .gives_by(|types| {
                for (index, of) in types.iter().enumerate() {
                    entry_type(of, index)?;
                }
                let alike = matches!(types[0], Type::Map(_)) && types.iter().all(|of| *of == types[0]);
                Ok(if alike { types[0].clone() } else { Type::Any })
            })
            .keeps_marks(),
        Function::new("zipmap", "A map of keys and of the values at the same index", zip_map)
            .takes("keys", Type::list(Type::String))
            .takes("values", Type::Any)
            .partly_unknown()
            .gives_by(|types| match types {
                [_, Type::List(of)] => Ok(Type::map((**of).clone())),
                [_, Type::Any | Type::Tuple(_)] => Ok(Type::Any),
                _ => Err(Fault::at(1, "the values must be a list")),
            })
            .keeps_marks(),
        Function::new("transpose", "A map of lists with keys and elements exchanged", transpose)
            .takes("map", Type::map(Type::list(Type::String)))
            .gives(Type::map(Type::list(Type::String))),
    ]
}

/// The type of a map's values, where they are of one; a fault about the argument if it has no keys.
fn entry_type(of: &Type, index: usize) -> Result<Type, Fault> {
    match of {
        Type::Map(of) => Ok((**of).clone()),
        Type::Any | Type::Object(_) => Ok(Type::Any),
        _ => Err(Fault::at(index, format!("expected a map, found {}", kind_of_type(of)))),
    }
}

fn entries(value: &Value, index: usize) -> Result<&Entries, Fault> {
    value.entries().ok_or_else(|| Fault::at(index, format!("expected a map, found {}", found(value))))
}

fn keys(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let map = call.value(0);
    let keys = entries(&map, 0)?.keys().map(|key| Value::string(Arc::clone(key))).collect();
    Ok(if matches!(map.kind(), Kind::Map(..)) { Value::list(Type::String, keys) } else { Value::tuple(keys) })
}

fn values(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let map = call.value(0);
    let values = entries(&map, 0)?.values().cloned().collect();
    Ok(match map.kind() {
        Kind::Map(of, _) => Value::list(of.clone(), values),
        _ => Value::tuple(values),
    })
}

fn lookup(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (map, key) = (call.value(0), call.text(1));
    let entries = entries(&map, 0)?;
    if let Some(value) = entries.get(key) {
        return Ok(value.clone());
    }
    if !call.has(2) {
        let fault = Fault::at(1, format!("the map has no key {}", found(&call.value(1)).trim_start_matches("string ")));
        let hidden = map.is_secret() || call.value(1).is_secret();
        let meant = if hidden { None } else { did_you_mean(key, entries.keys().map(|key| &**key)) };
        return Err(fault.help(meant.unwrap_or_else(|| "give a default as the third argument".to_owned())));
    }
    let default = call.value(2);
    match map.kind() {
        Kind::Map(of, _) => convert(&default, of).map_err(|mismatch| Fault::at(2, mismatch.to_string())),
        _ => Ok(default),
    }
}

fn merge(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut merged = Entries::new();
    let mut types = Vec::new();
    for (index, map) in call.arguments.iter().enumerate() {
        if map.is_null() {
            continue;
        }
        types.push(match map.kind() {
            Kind::Map(of, _) => Some(of),
            _ => None,
        });
        merged.extend(entries(map, index)?.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
    }
    match types.as_slice() {
        [Some(of), others @ ..] if others.iter().all(|other| *other == Some(of)) => {
            Ok(Value::map(Type::clone(of), merged))
        }
        _ => Ok(Value::object(merged)),
    }
}

fn zip_map(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let (keys, values) = (elements(call, 0)?, ordered(call, 1)?);
    if keys.len() != values.len() {
        let (keys, values) = (counted(keys.len(), "key"), counted(values.len(), "value"));
        return Err(Fault::at(1, format!("expected a value for each key, found {keys} and {values}")));
    }
    let mut zipped = Entries::new();
    let mut secret = false;
    for (index, (key, value)) in keys.into_iter().zip(values).enumerate() {
        let Some(text) = key.as_str() else {
            return Err(Fault::at(0, format!("element {index} is null; a key must be a string")));
        };
        secret |= key.is_secret();
        zipped.insert(Arc::from(text), value.clone());
    }
    let value = match call.value(1).kind() {
        Kind::List(of, _) => Value::map(of.clone(), zipped),
        _ => Value::object(zipped),
    };
    Ok(value.with_secret(secret))
}

fn transpose(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let map = call.value(0);
    let mut lists: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in entries(&map, 0)? {
        if list.is_null() {
            return Err(Fault::at(0, format!("the list of {key:?} is null")));
        }
        for element in list.elements().unwrap_or_default() {
            let Some(text) = element.as_str() else { return Err(Fault::at(0, format!("a string of {key:?} is null"))) };
            lists.entry(Arc::from(text)).or_default().push(Value::string(Arc::clone(key)));
        }
    }
    let lists = sorted(lists.into_iter().map(|(key, keys)| (key, Value::list(Type::String, keys))));
    Ok(Value::map(Type::list(Type::String), lists))
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn maps() {
        check(&[
            ("keys({ c = 1, a = 2 })", r#"["a","c"]"#),
            ("type(keys(tomap({ a = 1 })))", r#""list(string)""#),
            ("values({ c = 1, a = \"x\" })", r#"["x",1]"#),
            ("keys({ a = var.unknown })", r#"["a"]"#),
            (r#"lookup({ a = "ay" }, "a", "what?")"#, r#""ay""#),
            (r#"lookup({ a = "ay" }, "c", "what?")"#, r#""what?""#),
            (r#"lookup(tomap({ a = "ay" }), "c", 1)"#, r#""1""#),
            (r#"lookup({ a = "ay" }, "a")"#, r#""ay""#),
            (r#"merge({ a = "b", c = "d" }, { e = 1, c = "z" })"#, r#"{"a":"b","c":"z","e":1}"#),
            ("merge({ a = 1 }, null)", r#"{"a":1}"#),
            ("merge()", "{}"),
            ("merge({ a = var.unknown }, { b = var.secret })", r#"{"a":unknown,"b":secret("hidden")}"#),
            (r#"type(merge(tomap({ a = "x" }), tomap({ b = "y" })))"#, r#""map(string)""#),
            (r#"type(merge(tomap({ a = 1 }), tomap({ b = "y" })))"#, r#""object({a = number, b = string})""#),
            (r#"zipmap(["a", "b"], [1, "x"])"#, r#"{"a":1,"b":"x"}"#),
            (r#"transpose({ a = ["1", "2"], b = ["2", "3"] })"#, r#"{"1":["a"],"2":["a","b"],"3":["b"]}"#),
        ]);
        refuse(&[
            (r#"lookup({ flavor = 1 }, "flavour")"#, "`lookup`: the map has no key \"flavour\"", "\"flavour\""),
            ("keys([1])", "`keys`: expected a map, found a list of 1 element", "[1]"),
            ("merge({}, 1)", "`merge`: expected a map, found number 1", "1"),
            (r#"zipmap(["a"], [])"#, "`zipmap`: expected a value for each key, found 1 key and 0 values", "[]"),
        ]);
    }
}
