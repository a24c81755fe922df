//! Values in the words of a message. A secret value is never shown.

use super::{Kind, Type, Value};

/// What was found: `string "abc"`, `number 3`, `a list of 2 elements`.
pub fn found(value: &Value) -> String {
    if value.is_secret() {
        return format!("a secret ({})", kind_of(value));
    }
    match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Number(number) => format!("number {}", shortened(&number.to_string())),
        Kind::String(text) => format!("string {:?}", shortened(text)),
        Kind::Set(_, values) => format!("a set of {}", counted(values.len(), "element")),
        Kind::List(_, values) | Kind::Tuple(values) => format!("a list of {}", counted(values.len(), "element")),
        Kind::Map(_, entries) => format!("a map of {}", counted(entries.len(), "entry")),
        Kind::Object(entries) if entries.is_empty() => "an empty object".to_owned(),
        Kind::Object(entries) => {
            let mut names: Vec<&str> = entries.keys().take(4).map(|name| &**name).collect();
            if entries.len() > names.len() {
                names.push("…");
            }
            format!("an object with {}", names.join(", "))
        }
        Kind::Members(nodes) => format!("a group of {}", counted(nodes.len(), "node")),
        Kind::Unknown(of) => format!("{} known only after apply", kind_of_type(of)),
        Kind::Failed => "a value that could not be computed".to_owned(),
    }
}

/// The kind of a value: `a string`, `a number`, `a list`.
pub fn kind_of(value: &Value) -> &'static str {
    match value.kind() {
        Kind::Null(_) => "null",
        Kind::Bool(_) => "a bool",
        Kind::Number(_) => "a number",
        Kind::String(_) => "a string",
        Kind::List(..) | Kind::Tuple(_) => "a list",
        Kind::Set(..) => "a set",
        Kind::Map(..) => "a map",
        Kind::Object(_) => "an object",
        Kind::Members(_) => "a group of nodes",
        Kind::Unknown(of) => kind_of_type(of),
        Kind::Failed => "a failed value",
    }
}

/// The kind of a type's values.
pub(crate) fn kind_of_type(of: &Type) -> &'static str {
    match of {
        Type::Any => "a value",
        Type::String => "a string",
        Type::Number => "a number",
        Type::Bool => "a bool",
        Type::List(_) | Type::Tuple(_) => "a list",
        Type::Set(_) => "a set",
        Type::Map(_) => "a map",
        Type::Object(_) => "an object",
    }
}

/// `1 element`, `2 elements`, `3 entries`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
