//! Values as an expression would write them, as `terraform console` does.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;

use super::visible::acts;
use crate::expression::{Kind, Type, Value};

/// A value on as many lines as it needs. What is secret, and what is not known yet, is named as that.
pub fn literal(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

fn write(text: &mut String, value: &Value, depth: usize) {
    if value.is_secret() {
        text.push_str("(sensitive value)");
        return;
    }
    match value.kind() {
        Kind::Unknown(_) => text.push_str("(known after apply)"),
        Kind::Failed => text.push_str("(failed)"),
        Kind::Null(of) => text.push_str(&null(of)),
        Kind::Bool(is) => text.push_str(if *is { "true" } else { "false" }),
        // Writing to a String cannot fail.
        Kind::Number(number) => drop(write!(text, "{number}")),
        Kind::String(string) => write_string(text, string, depth),
        Kind::List(_, elements) => wrapped(text, "tolist(", |text| sequence(text, elements, depth)),
        Kind::Set(_, elements) => wrapped(text, "toset(", |text| sequence(text, elements, depth)),
        Kind::Tuple(elements) => sequence(text, elements, depth),
        Kind::Map(_, entries) => wrapped(text, "tomap(", |text| mapping(text, entries.iter().map(quoted), depth)),
        Kind::Object(entries) => mapping(text, entries.iter().map(quoted), depth),
        Kind::Members(nodes) => mapping(text, nodes.iter().map(|(index, node)| (index.to_string(), node)), depth),
    }
}

fn null(of: &Type) -> String {
    match of {
        Type::Any => "null".to_owned(),
        Type::String | Type::Number | Type::Bool => format!("to{of}(null)"),
        Type::List(inner) => format!("tolist(null) /* of {inner} */"),
        Type::Set(inner) => format!("toset(null) /* of {inner} */"),
        Type::Map(inner) => format!("tomap(null) /* of {inner} */"),
        other => format!("null /* {other} */"),
    }
}

fn wrapped(text: &mut String, begin: &str, inner: impl FnOnce(&mut String)) {
    text.push_str(begin);
    inner(text);
    text.push(')');
}

fn quoted<'v>((key, value): (&Arc<str>, &'v Value)) -> (String, &'v Value) {
    (Json::from(&**key).to_string(), value)
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

fn sequence(text: &mut String, elements: &[Value], depth: usize) {
    text.push('[');
    for element in elements {
        new_line(text, depth + 1);
        write(text, element, depth + 1);
        text.push(',');
    }
    if !elements.is_empty() {
        new_line(text, depth);
    }
    text.push(']');
}

fn mapping<'v>(text: &mut String, entries: impl ExactSizeIterator<Item = (String, &'v Value)>, depth: usize) {
    let is_empty = entries.len() == 0;
    text.push('{');
    for (key, value) in entries {
        new_line(text, depth + 1);
        text.push_str(&key);
        text.push_str(" = ");
        write(text, value, depth + 1);
    }
    if !is_empty {
        new_line(text, depth);
    }
    text.push('}');
}

/// A text of several lines as a heredoc; what a terminal would obey is written with its escape in any case.
fn write_string(text: &mut String, string: &str, depth: usize) {
    if !string.contains('\n') || string.chars().any(acts) {
        text.push_str(&Json::from(string).to_string());
        return;
    }
    let mut word = "EOT".to_owned();
    while string.lines().any(|line| line.trim() == word) {
        word.push('_');
    }
    text.push_str(if depth > 0 { "<<-" } else { "<<" });
    text.push_str(&word);
    for line in string.split('\n') {
        new_line(text, depth);
        text.push_str(line);
    }
    new_line(text, depth);
    text.push_str(&word);
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::expression::{Kind, Type, Value};

    #[test]
    fn values_read_as_in_terraform() {
        let one = || Value::integer(1);
        let lines = Value::tuple(vec![one(), Value::string("x\ny")]);
        let object = Value::object([("a", one()), ("b c", lines)]);
        let written = "{\n  \"a\" = 1\n  \"b c\" = [\n    1,\n    <<-EOT\n    x\n    y\n    EOT,\n  ]\n}";
        assert_eq!(literal(&object), written);
        assert_eq!(literal(&Value::string("EOT\nx")), "<<EOT_\nEOT\nx\nEOT_");
        assert_eq!(literal(&Value::string("a\u{1b}[31m\n\"")), "\"a\\u001b[31m\\n\\\"\"");
        assert_eq!(literal(&Value::list(Type::String, vec![Value::string("a")])), "tolist([\n  \"a\",\n])");
        assert_eq!(literal(&Value::map(Type::Any, [].into())), "tomap({})");
        assert_eq!(literal(&Value::tuple(Vec::new())), "[]");
        assert_eq!(literal(&Kind::Null(Type::String).into()), "tostring(null)");
        assert_eq!(literal(&Kind::Null(Type::list(Type::Bool)).into()), "tolist(null) /* of bool */");
        assert_eq!(literal(&Value::null()), "null");
        let secret = Value::object([("a", one().with_secret(true)), ("b", Value::unknown(Type::Any))]);
        assert_eq!(literal(&secret), "{\n  \"a\" = (sensitive value)\n  \"b\" = (known after apply)\n}");
        assert_eq!(literal(&object.with_secret(true)), "(sensitive value)");
        assert_eq!(literal(&Value::members([(2, one())].into())), "{\n  2 = 1\n}");
    }
}
