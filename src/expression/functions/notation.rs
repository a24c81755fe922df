//! Values written as JSON and YAML, and read from JSON, with all digits of their numbers.

use std::fmt::Write as _;

use crate::expression::{Kind, Number, Value};

/// Compact JSON, written as Terraform writes it: sorted, `<`, `>` and `&` escaped.
pub(super) fn json(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, &mut text);
    text
}

fn write_json(value: &Value, text: &mut String) {
    match value.kind() {
        Kind::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => text.push_str(&number.to_string()),
        Kind::String(string) => write_text(string, text),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            text.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(key, text);
                text.push(':');
                write_json(value, text);
            }
            text.push('}');
        }
        _ => match value.elements() {
            Some(elements) => {
                text.push('[');
                for (index, element) in elements.into_iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    write_json(element, text);
                }
                text.push(']');
            }
            None => text.push_str("null"),
        },
    }
}

/// A text in quotes, right in JSON and in YAML.
pub(super) fn write_text(string: &str, text: &mut String) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\u{7f}'..='\u{9f}' => escape(char, text),
            char if char < ' ' => escape(char, text),
            char => text.push(char),
        }
    }
    text.push('"');
}

fn escape(char: char, text: &mut String) {
    // writing to a text cannot fail
    let _ = write!(text, "\\u{:04x}", u32::from(char));
}

/// YAML in blocks; all texts are quoted, so that every reader takes them for texts.
pub(super) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    write_yaml(value, 0, &mut text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn is_block(value: &Value) -> bool {
    value.entries().is_some_and(|entries| !entries.is_empty())
        || value.elements().is_some_and(|elements| !elements.is_empty())
}

/// Writes from where the line stands; further lines are indented.
fn write_yaml(value: &Value, indentation: usize, text: &mut String) {
    let indent = |text: &mut String, first: bool| {
        if !first {
            text.push_str(&" ".repeat(indentation));
        }
    };
    match (value.entries(), value.elements()) {
        (Some(entries), _) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                indent(text, index == 0);
                write_yaml_text(key, text);
                text.push(':');
                if !is_block(value) {
                    text.push(' ');
                    write_yaml(value, 0, text);
                    text.push('\n');
                } else if value.entries().is_some() {
                    text.push('\n');
                    text.push_str(&" ".repeat(indentation + 2));
                    write_yaml(value, indentation + 2, text);
                } else {
                    text.push('\n');
                    text.push_str(&" ".repeat(indentation));
                    write_yaml(value, indentation, text);
                }
            }
        }
        (_, Some(elements)) if !elements.is_empty() => {
            for (index, element) in elements.into_iter().enumerate() {
                indent(text, index == 0);
                text.push_str("- ");
                write_yaml(element, indentation + 2, text);
                if !is_block(element) {
                    text.push('\n');
                }
            }
        }
        (Some(_), _) => text.push_str("{}"),
        (_, Some(_)) => text.push_str("[]"),
        _ => match value.as_str() {
            Some(string) => write_yaml_text(string, text),
            None => write_json(value, text),
        },
    }
}

fn write_yaml_text(string: &str, text: &mut String) {
    text.push('"');
    for char in string.chars() {
        match char {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => escape(char, text),
            char if char < ' ' => escape(char, text),
            char => text.push(char),
        }
    }
    text.push('"');
}

/// The value that JSON writes; arrays are tuples, objects are objects.
pub(super) fn parse_json(text: &str) -> Result<Value, String> {
    // The library says what is wrong and bounds the depth; it would round numbers, so what is right is read again.
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        return Err(format!("this is no JSON: {error}"));
    }
    Reader { text, at: 0 }.value()
}

/// A walk over text that is known to be JSON.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or(b'\0')
    }

    /// Whether that comes next; it is then read.
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == byte;
        self.at += usize::from(there);
        there
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.peek() {
            b'"' => Ok(Value::string(self.string()?)),
            b'[' => {
                self.at += 1;
                let mut values = Vec::new();
                while !self.take(b']') {
                    values.push(self.value()?);
                    self.take(b',');
                }
                Ok(Value::tuple(values))
            }
            b'{' => {
                self.at += 1;
                let mut entries = Vec::new();
                while !self.take(b'}') {
                    self.peek();
                    let key = self.string()?;
                    self.take(b':');
                    entries.push((key, self.value()?));
                    self.take(b',');
                }
                Ok(Value::object(entries))
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value, String> {
        let start = self.at;
        let length =
            self.text[start..].find(|char: char| !char.is_ascii_alphanumeric() && !matches!(char, '+' | '-' | '.'));
        self.at = length.map_or(self.text.len(), |length| start + length);
        match &self.text[start..self.at] {
            "true" => Ok(Value::bool(true)),
            "false" => Ok(Value::bool(false)),
            "null" => Ok(Value::null()),
            number => {
                Number::parse(number).map(Value::number).ok_or_else(|| format!("the number {number} is too large"))
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += match byte {
                b'"' => break,
                b'\\' => 2,
                _ => 1,
            };
        }
        self.at += 1;
        let literal = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(literal).map_err(|error| format!("this is no JSON: {error}"))
    }
}
