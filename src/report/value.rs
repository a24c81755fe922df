//! Values as a definition would write them, as Terraform's `output` does.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::document;
use crate::state::OutputState;

/// What stands for a secret.
pub(super) const SENSITIVE: &str = "<sensitive>";

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

/// All outputs for programs. The value of a secret one is not kept, so it is `null`.
pub fn outputs_json(outputs: &BTreeMap<String, OutputState>) -> Json {
    document(&outputs_file(outputs))
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
    use serde_json::json;

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
        assert_eq!(outputs_json(&all)["c"], json!({"sensitive": true, "value": null}));
        assert_eq!(outputs(&BTreeMap::new()), "No outputs found.");
    }
}
