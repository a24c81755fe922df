//! JSON, YAML, base64, URLs and CSV.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Call, Fault, Function, notation};
use crate::expression::{Type, Value, from_json};

pub(super) fn all() -> Vec<Function> {
    let text = |name, summary, body| Function::new(name, summary, body).takes("text", Type::String);
    let any = |name, summary, body| {
        Function::new(name, summary, body).takes("value", Type::Any).nullable().gives(Type::String)
    };
    vec![
        any("jsonencode", "The value in JSON", |call| Ok(Value::string(notation::json(&call.value(0))))),
        any("yamlencode", "The value in YAML", |call| Ok(Value::string(notation::yaml(&call.value(0))))),
        text("jsondecode", "The value that JSON writes", |call| {
            notation::parse_json(call.text(0)).map_err(|reason| Fault::at(0, reason))
        }),
        text("yamldecode", "The value that YAML writes", yaml_decode),
        text("base64encode", "The text's bytes in base64", |call| Ok(Value::string(STANDARD.encode(call.text(0)))))
            .gives(Type::String),
        text("base64decode", "The text whose bytes are written in base64", base64_decode).gives(Type::String),
        text("urlencode", "The text as part of a URL", |call| Ok(Value::string(url_encode(call.text(0)))))
            .gives(Type::String),
        text("csvdecode", "The rows of a CSV text, as objects by the names in its first row", csv_decode),
    ]
}

fn yaml_decode(call: &Call<'_, '_>) -> Result<Value, Fault> {
    if call.text(0).trim().is_empty() {
        return Ok(Value::null());
    }
    match serde_saphyr::from_str::<serde_json::Value>(call.text(0)) {
        Ok(json) => Ok(from_json(&json)),
        Err(error) => {
            let reason = error.to_string();
            let reason = reason.lines().next().unwrap_or_default();
            Err(Fault::at(0, format!("this is no YAML: {reason}")))
        }
    }
}

fn base64_decode(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let bytes = STANDARD.decode(call.text(0)).map_err(|error| Fault::at(0, format!("this is no base64: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Fault::at(0, "what is written in base64 is no UTF-8 text"))?;
    Ok(Value::string(text))
}

fn url_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            // writing to a text cannot fail
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

fn csv_decode(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let mut rows = csv_rows(call.text(0)).map_err(|reason| Fault::at(0, reason))?.into_iter();
    let Some(names) = rows.next() else { return Err(Fault::at(0, "the first row, with the names, is missing")) };
    if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(Fault::at(0, format!("the first row has the name {:?} twice", twice.1)));
    }
    let mut objects = Vec::new();
    for (number, row) in rows.enumerate() {
        if row.len() != names.len() {
            let (number, found, wanted) = (number + 2, row.len(), names.len());
            return Err(Fault::at(0, format!("row {number} has {found} fields, the first row has {wanted}")));
        }
        let entries: BTreeMap<Arc<str>, Value> =
            names.iter().map(|name| Arc::from(name.as_str())).zip(row.into_iter().map(Value::string)).collect();
        objects.push(Value::object(entries));
    }
    Ok(super::sequence::alike(objects))
}

/// The fields of each row; rows that are empty are skipped.
fn csv_rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows = Vec::new();
    let (mut row, mut field) = (Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let (mut quoted, mut line) = (false, 1);
    while let Some(char) = chars.next() {
        line += usize::from(char == '\n');
        match char {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted => {
                quoted = false;
                if !matches!(chars.peek(), None | Some(',' | '\n' | '\r')) {
                    return Err(format!("line {line}: only `,` or a line end may follow a closing quote"));
                }
            }
            '"' if field.is_empty() => quoted = true,
            '"' => return Err(format!("line {line}: a quote within a field that does not begin with one")),
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                if !row.is_empty() || !field.is_empty() {
                    row.push(std::mem::take(&mut field));
                    rows.push(std::mem::take(&mut row));
                }
            }
            char => field.push(char),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if !row.is_empty() || !field.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{check, refuse};

    #[test]
    fn encodings() {
        check(&[
            (
                r#"jsonencode({ hello = "world", a = [1, 2.5, true, null] })"#,
                r#""{\"a\":[1,2.5,true,null],\"hello\":\"world\"}""#,
            ),
            (r#"jsonencode("<a&b>\u2028\"\\")"#, r#""\"\\u003ca\\u0026b\\u003e\\u2028\\\"\\\\\"""#),
            ("jsonencode(12345678901234567890123)", r#""12345678901234567890123""#),
            ("jsonencode(null)", r#""null""#),
            (
                r#"jsondecode("{\"a\": [1, -2.50, 1e3, \"\\u00e9\\n\"], \"b\": null, \"c\": {}}")"#,
                r#"{"a":[1,-2.5,1000,"é\n"],"b":null,"c":{}}"#,
            ),
            (r#"jsondecode("123456789012345678901.5")"#, "123456789012345678901.5"),
            (
                r#"yamlencode({ a = "b", c = [1, { d = null, e = [] }], f = {} })"#,
                r#""\"a\": \"b\"\n\"c\":\n- 1\n- \"d\": null\n  \"e\": []\n\"f\": {}\n""#,
            ),
            (r#"yamldecode("a: [1, x]\nb: yes\n")"#, r#"{"a":[1,"x"],"b":true}"#),
            (r#"yamldecode(yamlencode({ on = "yes", n = "12:30" }))"#, r#"{"n":"12:30","on":"yes"}"#),
            (r#"base64encode("Hello World")"#, r#""SGVsbG8gV29ybGQ=""#),
            (r#"base64decode("SGVsbG8gV29ybGQ=")"#, r#""Hello World""#),
            (r#"urlencode("Hello World!é")"#, r#""Hello+World%21%C3%A9""#),
            (r#"csvdecode("a,b\n1,\"x, \"\"y\"\"\"\n3,4\n")"#, r#"[{"a":"1","b":"x, \"y\""},{"a":"3","b":"4"}]"#),
            ("jsonencode([var.secret])", r#"secret("[\"hidden\"]")"#),
            ("jsonencode([var.unknown])", "unknown"),
        ]);
        refuse(&[
            (
                r#"jsondecode("{")"#,
                "`jsondecode`: this is no JSON: EOF while parsing an object at line 1 column 1",
                "\"{\"",
            ),
            (r#"base64decode("?")"#, "`base64decode`: this is no base64: Invalid symbol 63, offset 0.", "\"?\""),
            (r#"csvdecode("a,b\n1\n")"#, "`csvdecode`: row 2 has 1 fields, the first row has 2", "\"a,b\\n1\\n\""),
        ]);
    }
}
