//! Values as JSON and back.

use serde_json::Value as Json;

use super::{Kind, Number, Value};

/// The value as JSON, secret marks dropped: the caller decides what secrets may go where. `Err` says what cannot be
/// written: something unknown or failed. Numbers keep all their digits; one that has no end is rounded as
/// [`Number`] writes it.
pub fn to_json(value: &Value) -> Result<Json, String> {
    Ok(match value.kind() {
        Kind::Null(_) => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => exact(number),
        Kind::String(text) => Json::String(text.to_string()),
        Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => {
            Json::Array(values.iter().map(to_json).collect::<Result<_, _>>()?)
        }
        Kind::Members(nodes) => Json::Array(nodes.values().map(to_json).collect::<Result<_, _>>()?),
        Kind::Map(_, entries) | Kind::Object(entries) => Json::Object(
            entries.iter().map(|(key, value)| Ok((key.to_string(), to_json(value)?))).collect::<Result<_, String>>()?,
        ),
        Kind::Unknown(_) => return Err("a value known only after apply cannot be written as JSON".to_owned()),
        Kind::Failed => return Err("a value that could not be computed cannot be written as JSON".to_owned()),
    })
}

/// A JSON number with all digits of this number.
fn exact(number: &Number) -> Json {
    // What a number writes is a JSON number.
    number.to_string().parse().map_or(Json::Null, Json::Number)
}

/// The value that JSON writes: arrays are tuples, objects are objects.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::null(),
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => match Number::parse(&number.to_string()) {
            Some(number) => Value::number(number),
            None => Value::null(),
        },
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(values) => Value::tuple(values.iter().map(from_json).collect()),
        Json::Object(entries) => Value::object(entries.iter().map(|(key, value)| (key.as_str(), from_json(value)))),
    }
}

/// The value as JSON text, without spaces, keys sorted, every number with all its digits.
pub fn write_json(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), String> {
    match value.kind() {
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) | Kind::Members(_) => {
            text.push('[');
            for (at, element) in value.elements().unwrap_or_default().into_iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                write(element, text)?;
            }
            text.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            text.push('{');
            for (at, (key, entry)) in entries.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                text.push_str(&Json::from(&**key).to_string());
                text.push(':');
                write(entry, text)?;
            }
            text.push('}');
        }
        _ => text.push_str(&to_json(value)?.to_string()),
    }
    Ok(())
}
