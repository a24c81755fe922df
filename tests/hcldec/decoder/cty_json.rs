//! Values and types as go-cty writes them in JSON.

use std::sync::Arc;

use disco::expression::{Kind, Type, Value, type_of, write_json};
use serde_json::{Value as Json, json};

/// A result as the command prints it.
pub(super) fn result(value: &Value, with_type: bool, keep_nulls: bool) -> Result<String, String> {
    let kept = |value: &Value| if keep_nulls { value.clone() } else { without_nulls(value) };
    let of = type_of(value);
    // What has no type at all is written without one.
    if !with_type || of == Type::Any {
        return write_json(&kept(value));
    }
    let of = type_json(&of);
    if value.is_null() && !keep_nulls {
        return Ok(json!({ "type": of }).to_string());
    }
    Ok(format!("{{\"value\":{},\"type\":{of}}}", write_json(&kept(value))?))
}

/// A type.
fn type_json(of: &Type) -> Json {
    match of {
        Type::Any => json!("dynamic"),
        Type::String => json!("string"),
        Type::Number => json!("number"),
        Type::Bool => json!("bool"),
        Type::List(of) => json!(["list", type_json(of)]),
        Type::Set(of) => json!(["set", type_json(of)]),
        Type::Map(of) => json!(["map", type_json(of)]),
        Type::Tuple(types) => json!(["tuple", types.iter().map(type_json).collect::<Vec<_>>()]),
        Type::Object(attributes) => {
            let attributes = attributes.iter().map(|(name, attribute)| (name.to_string(), type_json(&attribute.of)));
            json!(["object", attributes.collect::<serde_json::Map<_, _>>()])
        }
    }
}

/// The same without entries that are null. Only good for writing: the type may be another.
fn without_nulls(value: &Value) -> Value {
    match value.kind() {
        Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => {
            Value::tuple(values.iter().map(without_nulls).collect())
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            let kept = entries.iter().filter(|(_, entry)| !entry.is_null());
            Value::object(kept.map(|(name, entry)| (Arc::clone(name), without_nulls(entry))))
        }
        _ => value.clone(),
    }
}
