//! Values as a definition would write them, as Terraform's `output` does.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::document::document;
use crate::expression::{Value, to_json};
use crate::state::OutputState;

/// What stands for a secret.
pub(super) const SENSITIVE: &str = "<sensitive>";

/// A value of a definition as far as it may be shown and is known.
pub fn value(value: &Value) -> String {
    output(&shown(value))
}

/// The same as JSON, with words in the place of what is not shown.
fn shown(value: &Value) -> Json {
    // A private key is one wherever it comes from.
    let is_key = value.as_str().is_some_and(|text| text.contains("PRIVATE KEY-----"));
    if value.is_secret() || is_key {
        return SENSITIVE.into();
    }
    if let Some(entries) = value.entries() {
        return entries.iter().map(|(key, value)| (key.to_string(), shown(value))).collect::<Map<_, _>>().into();
    }
    if let Some(elements) = value.elements() {
        return elements.into_iter().map(shown).collect::<Vec<_>>().into();
    }
    to_json(value).unwrap_or_else(|_| "<known after apply>".into())
}

/// One value.
pub fn output(value: &Json) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text
}

/// All outputs, a line each or more.
pub fn outputs(outputs: &BTreeMap<String, OutputState>) -> String {
    let lines = outputs.iter().map(|(name, known)| match known {
        OutputState::Value(value) => format!("{name} = {}", output(value)),
        OutputState::Secret(_) => format!("{name} = {SENSITIVE}"),
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "No outputs found.".to_owned() } else { lines.join("\n") }
}

/// The same with secrets that Heat generated, those that it was asked for with their values.
pub fn outputs_and_secrets(
    known: &BTreeMap<String, OutputState>,
    secrets: &BTreeMap<String, Option<String>>,
) -> String {
    let lines = secrets.iter().map(|(name, value)| match value {
        Some(value) => format!("{name} = {}", output(&Json::from(value.as_str()))),
        None => format!("{name} = {SENSITIVE}"),
    });
    let open = (!known.is_empty() || secrets.is_empty()).then(|| outputs(known));
    open.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// An output for programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OutputFile<'a> {
    /// `null` for a secret one: its value is not kept.
    value: Option<&'a Json>,
    sensitive: bool,
}

/// All outputs for programs, by name.
pub(super) type OutputsFile<'a> = BTreeMap<&'a str, OutputFile<'a>>;

pub(super) fn outputs_file(outputs: &BTreeMap<String, OutputState>) -> OutputsFile<'_> {
    let entries = outputs.iter().map(|(name, known)| {
        let file = match known {
            OutputState::Value(value) => OutputFile { value: Some(value), sensitive: false },
            OutputState::Secret(_) => OutputFile { value: None, sensitive: true },
        };
        (name.as_str(), file)
    });
    entries.collect()
}

/// All outputs, and secrets that Heat generated, for programs. The value of a secret output is not kept, so it is `null`; so
/// is that of a generated one that Heat was not asked for.
pub fn outputs_json(outputs: &BTreeMap<String, OutputState>, secrets: &BTreeMap<String, Option<String>>) -> Json {
    let values: BTreeMap<&str, Option<Json>> =
        secrets.iter().map(|(name, value)| (name.as_str(), value.as_deref().map(Json::from))).collect();
    let mut file = outputs_file(outputs);
    file.extend(values.iter().map(|(name, value)| (*name, OutputFile { value: value.as_ref(), sensitive: true })));
    document(&file)
}

pub(super) fn write(text: &mut String, value: &Json, depth: usize) {
    let indent = |text: &mut String, depth: usize| text.extend(std::iter::repeat_n("  ", depth));
    match value {
        // Whatever else would move the cursor is written with its escape.
        Json::String(string)
            if string.trim_end_matches('\n').contains('\n')
                && !string.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) =>
        {
            text.push_str("<<EOT\n");
            text.push_str(string);
            if !string.ends_with('\n') {
                text.push('\n');
            }
            text.push_str("EOT");
        }
        Json::Array(items) if !items.is_empty() => {
            text.push_str("[\n");
            for item in items {
                indent(text, depth + 1);
                write(text, item, depth + 1);
                text.push_str(",\n");
            }
            indent(text, depth);
            text.push(']');
        }
        Json::Object(entries) if !entries.is_empty() => {
            text.push_str("{\n");
            let widest = entries.keys().map(|key| Json::from(key.as_str()).to_string().chars().count()).max();
            for (key, value) in entries {
                indent(text, depth + 1);
                let key = Json::from(key.as_str()).to_string();
                text.push_str(&key);
                let missing = widest.unwrap_or_default().saturating_sub(key.chars().count());
                text.extend(std::iter::repeat_n(' ', missing));
                text.push_str(" = ");
                write(text, value, depth + 1);
                text.push('\n');
            }
            indent(text, depth);
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Type;
    use serde_json::json;

    #[test]
    fn of_a_value_only_that_is_shown_which_may_be() {
        let whole = Value::object([
            ("a", Value::string("x").with_secret(true)),
            ("b", Value::tuple(vec![Value::integer(1), Value::unknown(Type::Any)])),
        ]);
        let words = value(&whole);
        assert!(words.contains("\"<sensitive>\"") && words.contains("\"<known after apply>\""), "{words}");
        assert_eq!(value(&Value::string("y").with_secret(true)), "\"<sensitive>\"");
        assert_eq!(value(&Value::string("-----BEGIN RSA PRIVATE KEY-----\nx")), "\"<sensitive>\"");
    }

    #[test]
    fn outputs_read_as_in_a_definition() {
        let all = BTreeMap::from([
            ("a".to_owned(), OutputState::Value(json!("x \"y\""))),
            ("b".to_owned(), OutputState::Value(json!({"k": [1, true], "long": null}))),
            ("c".to_owned(), OutputState::Secret("00".to_owned())),
        ]);
        assert_eq!(
            outputs(&all),
            "a = \"x \\\"y\\\"\"\nb = {\n  \"k\"    = [\n    1,\n    true,\n  ]\n  \"long\" = null\n}\nc = <sensitive>"
        );
        let secrets = [("c.f.known".to_owned(), Some("x".to_owned())), ("c.f.kept".to_owned(), None)].into();
        let json = outputs_json(&all, &secrets);
        assert_eq!(json["c"], json!({"sensitive": true, "value": null}));
        assert_eq!(json["c.f.kept"], json!({"sensitive": true, "value": null}));
        assert_eq!(json["c.f.known"], json!({"sensitive": true, "value": "x"}));
        let text = outputs_and_secrets(&BTreeMap::new(), &secrets);
        assert_eq!(text, "c.f.kept = <sensitive>\nc.f.known = \"x\"");
        assert_eq!(outputs_and_secrets(&BTreeMap::new(), &BTreeMap::new()), "No outputs found.");
        assert_eq!(outputs(&BTreeMap::new()), "No outputs found.");
    }
}
