//! `csvdecode`: tables as RFC 4180 writes them.

use std::sync::Arc;

use super::composed::composed;
use crate::expression::functions::{Call, Fault, Function};
use crate::expression::value::sorted;
use crate::expression::{AttributeType, Type, Value};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("csvdecode", "The rows of a CSV text, as objects by the names in its first row", csv_decode)
            .takes("string", Type::String),
    ]
}

fn csv_decode(call: &Call<'_, '_>) -> Result<Value, Fault> {
    let wrong = |reason: String| Fault::at(0, reason);
    let mut rows = Rows { rest: call.text(0), line: 0 };
    let Some(names) = rows.next().map_err(wrong)? else {
        return Err(wrong("the first row, with the names, is missing".to_owned()));
    };
    if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(wrong(format!("the first row has the name {:?} twice", twice.1)));
    }
    let names: Vec<Arc<str>> = names.iter().map(|name| composed(name)).collect();
    let mut objects = Vec::new();
    while let Some(row) = rows.next().map_err(wrong)? {
        if row.len() != names.len() {
            let (line, found, wanted) = (rows.line, row.len(), names.len());
            return Err(wrong(format!(
                "the row that ends in line {line} has {found} fields, the first row has {wanted}"
            ))
            .help("put a field with a comma in quotes"));
        }
        objects.push(Value::object(names.iter().cloned().zip(row.iter().map(|field| Value::string(composed(field))))));
    }
    let of = sorted(names.into_iter().map(|name| (name, AttributeType::required(Type::String))));
    Ok(Value::list(Type::Object(of), objects))
}

/// What is still to be read.
struct Rows<'t> {
    rest: &'t str,
    /// How many lines have been read.
    line: usize,
}

impl<'t> Rows<'t> {
    /// The next line without its end, and whether it has one.
    fn next_line(&mut self) -> Option<(&'t str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest, ended) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line, rest, true),
            None => (self.rest, "", false),
        };
        self.rest = rest;
        Some((line.strip_suffix('\r').unwrap_or(line), ended))
    }

    /// The fields of the next row; empty lines are none.
    fn next(&mut self) -> Result<Option<Vec<String>>, String> {
        let line = loop {
            match self.next_line() {
                Some(("", _)) => {}
                Some((line, ended)) => break (line, ended),
                None => return Ok(None),
            }
        };
        let mut fields = Vec::new();
        let (mut rest, mut ended) = line;
        loop {
            let Some(mut quoted) = rest.strip_prefix('"') else {
                let (field, after) = rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
                if field.contains('"') {
                    return Err(format!("line {}: a quote within a field that does not begin with one", self.line));
                }
                fields.push(field.to_owned());
                match after {
                    Some(after) => rest = after,
                    None => return Ok(Some(fields)),
                }
                continue;
            };
            let mut field = String::new();
            rest = loop {
                let Some((inside, after)) = quoted.split_once('"') else {
                    // the field goes on in the next line
                    field.push_str(quoted);
                    field.push_str(if ended { "\n" } else { "" });
                    let Some((line, more)) = self.next_line() else { return Err("a quote is not closed".to_owned()) };
                    (quoted, ended) = (line, more);
                    continue;
                };
                field.push_str(inside);
                match after.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        quoted = after;
                    }
                    None => break after,
                }
            };
            fields.push(field);
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None if rest.is_empty() => return Ok(Some(fields)),
                None => return Err(format!("line {}: only `,` or a line end may follow a closing quote", self.line)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::examples::{check, refuse};

    #[test]
    fn rows() {
        check(&[
            (r#"csvdecode("a,b\n1,\"x, \"\"y\"\"\"\n3,4\n")"#, r#"[{"a":"1","b":"x, \"y\""},{"a":"3","b":"4"}]"#),
            (r#"csvdecode("a\r\n\r\n\"1\r\n2\"\r\n")"#, r#"[{"a":"1\n2"}]"#),
            (r#"csvdecode("a\n\"\"")"#, r#"[{"a":""}]"#),
            (r#"type(csvdecode("a,b"))"#, r#""list(object({a = string, b = string}))""#),
        ]);
        refuse(&[
            (
                r#"csvdecode("a,b\n1\n")"#,
                "`csvdecode`: the row that ends in line 2 has 1 fields, the first row has 2",
                "\"a,b\\n1\\n\"",
            ),
            (r#"csvdecode("a\n\"1")"#, "`csvdecode`: a quote is not closed", "\"a\\n\\\"1\""),
        ]);
    }
}
