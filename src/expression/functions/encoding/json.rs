//! `jsonencode` and `jsondecode`, with all digits of numbers.

use std::fmt::Write as _;

use super::composed::all_composed;
use crate::expression::functions::{Fault, Function};
use crate::expression::limit::LONGEST;
use crate::expression::{Kind, Type, Value, read_json};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("jsonencode", "The value in JSON", |call| json(&call.value(0)).map(Value::string))
            .takes("value", Type::Any)
            .nullable()
            .gives(Type::String),
        Function::new("jsondecode", "The value that JSON writes", |call| {
            read_json(call.text(0)).map(|value| all_composed(&value)).map_err(|reason| Fault::at(0, reason))
        })
        .takes("string", Type::String),
    ]
}

/// Compact JSON, written as Terraform writes it: sorted, `<`, `>` and `&` escaped.
pub(in super::super) fn json(value: &Value) -> Result<String, Fault> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), Fault> {
    if text.len() > LONGEST {
        return Err(Fault::text_too_long());
    }
    match value.kind() {
        Kind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::String(string) => write_text(string, text),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_text(key, text);
                text.push(':');
                write(value, text)?;
            }
            text.push('}');
        }
        _ => match value.elements() {
            Some(elements) => {
                text.push('[');
                for (index, element) in elements.into_iter().enumerate() {
                    text.push_str(if index > 0 { "," } else { "" });
                    write(element, text)?;
                }
                text.push(']');
            }
            None => text.push_str("null"),
        },
    }
    Ok(())
}

/// A text in quotes.
pub(in super::super) fn write_text(string: &str, text: &mut String) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..=' ' if char != ' ' => {
                // writing to a text cannot fail
                let _ = write!(text, "\\u{:04x}", u32::from(char));
            }
            char => text.push(char),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn values() {
        check(&[
            (
                r#"jsonencode({ hello = "world", a = [1, 2.5, true, null] })"#,
                r#""{\"a\":[1,2.5,true,null],\"hello\":\"world\"}""#,
            ),
            (r#"jsonencode("<a&b>\u2028\"\\ ")"#, r#""\"\\u003ca\\u0026b\\u003e\\u2028\\\"\\\\ \"""#),
            ("jsonencode(12345678901234567890123)", r#""12345678901234567890123""#),
            (
                r#"jsondecode("{\"a\": [1, -2.50, 1e3, \"\\u00e9\\n\"], \"b\": null, \"c\": {}}")"#,
                r#"{"a":[1,-2.5,1000,"é\n"],"b":null,"c":{}}"#,
            ),
            (r#"jsondecode("123456789012345678901.5")"#, "123456789012345678901.5"),
            (r#"jsondecode("\"e\\u0301\"") == "é""#, "true"),
            ("jsonencode([var.secret])", r#"secret("[\"hidden\"]")"#),
            ("jsonencode([var.unknown])", "unknown"),
        ]);
        refuse(&[(
            r#"jsondecode("{")"#,
            "`jsondecode`: this is not JSON: expected a key in quotes, found its end",
            "\"{\"",
        )]);
    }
}
