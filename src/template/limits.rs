//! Heat's limits on a template, reported before Heat is asked.

use super::Template;
use super::largest::Largest;
use super::longest::longest;
use crate::graph::{ParameterValue, ResourceGraph, TEMPLATE_ROOM};
use crate::model::ClusterSpec;
use crate::source::{Diagnostic, Diagnostics};

/// Most bytes of a request: Heat's `max_json_body_size`.
const REQUEST_LIMIT: usize = 1_048_576;

/// Bytes of a request that are neither template nor parameters: name, tags, flags.
const REQUEST_FRAME: usize = 4_096;

impl Template {
    /// How large Heat finds it: the longer of its JSON text and what Python makes of it, which Heat measures.
    pub fn size(&self) -> usize {
        let json = self.to_json_text();
        json.len().max(python_length(&json))
    }

    /// Whether Heat takes it for its size.
    pub fn fits(&self) -> bool {
        self.size() <= TEMPLATE_ROOM
    }
}

/// Whether [`check`] finds nothing wrong with the template of a stack, told from its resources without writing it. Most
/// templates are far from any limit; of one that is near this may say no although it is within.
pub fn surely_fits(graph: &ResourceGraph, max_resources_per_stack: u32) -> bool {
    let size = longest(graph);
    let parameters: usize = graph.parameters.values().map(|parameter| longest_value(&parameter.value)).sum();
    size <= TEMPLATE_ROOM
        && size + parameters + REQUEST_FRAME <= REQUEST_LIMIT
        && graph.len() <= max_resources_per_stack as usize
}

/// Reports a template that Heat would refuse, at the line to change. `max_resources_per_stack` is the provider's.
pub fn check(template: &Template, spec: &ClusterSpec, max_resources_per_stack: u32) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let allowed = TEMPLATE_ROOM;
    let json = template.to_json_text();
    let size = json.len().max(python_length(&json));
    if size > allowed {
        let message = format!("the template of cluster `{}` has {size} bytes, Heat accepts {allowed}", spec.name);
        let largest = Largest::by(template, spec, |resource| resource.properties.text().len());
        diagnostics.push(largest.explain(Diagnostic::error("disco::template_too_large", message)));
    }
    let parameters: usize = template.parameters.values().map(|parameter| longest_value(&parameter.value)).sum();
    if size <= allowed && size + parameters + REQUEST_FRAME > REQUEST_LIMIT {
        diagnostics.push(
            Diagnostic::error(
                "disco::request_too_large",
                format!("the secrets of cluster `{}` have {parameters} bytes, too many for one request", spec.name),
            )
            .at(spec.origin, "this cluster")
            .help(format!("Heat accepts requests of at most {REQUEST_LIMIT} bytes")),
        );
    }
    let resources = template.resources.len();
    if resources > max_resources_per_stack as usize {
        let message =
            format!("cluster `{}` has {resources} resources, a stack may have {max_resources_per_stack}", spec.name);
        let largest = Largest::by(template, spec, |_| 1);
        diagnostics.push(largest.explain(Diagnostic::error("disco::too_many_resources", message)));
    }
    diagnostics
}

/// What the value of a parameter takes of a request.
fn longest_value(value: &ParameterValue) -> usize {
    match value {
        ParameterValue::Given(text) => text.value.len() + 64,
        ParameterValue::IdOf { .. } | ParameterValue::Kept => 128,
        ParameterValue::SecretOf { .. } => 512 + 64,
    }
}

/// The length of Python's `str()` of what a JSON text without blanks says: blanks follow `,` and `:`, and texts are quoted
/// another way.
fn python_length(json: &str) -> usize {
    let mut length = 0;
    let mut rest = json.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        length += match byte {
            b'"' => {
                let (text, after) = python_text_length(rest);
                rest = after;
                text
            }
            b',' | b':' => 2,
            _ => 1,
        };
    }
    length
}

/// The length of Python's form of a text whose JSON form, after its first quote, begins `json`; and what follows. Python
/// quotes with `'`, and with `"` where the text has only `'`.
fn python_text_length(json: &[u8]) -> (usize, &[u8]) {
    let (mut length, mut at) = (2, 0);
    let (mut single, mut double) = (0, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        length += match byte {
            b'"' => break,
            b'\\' => {
                let escaped = json.get(at).copied().unwrap_or_default();
                at += if escaped == b'u' { 5 } else { 1 };
                match escaped {
                    b'"' => {
                        double += 1;
                        1
                    }
                    // `\x01` instead of `\u0001`, `\b` and `\f`
                    b'u' | b'b' | b'f' => 4,
                    _ => 2,
                }
            }
            b'\'' => {
                single += 1;
                1
            }
            0x7f => 4,
            _ => 1,
        };
    }
    let escaped_quotes = if double > 0 { single } else { 0 };
    (length + escaped_quotes, json.get(at..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_as_long_as_in_python() {
        let cases = [
            (json!({"a": [1, true, null, -2], "b": {}}), "{'a': [1, True, None, -2], 'b': {}}"),
            (json!("it's"), "\"it's\""),
            (json!("\"it's\""), "'\"it\\'s\"'"),
            (json!("\\ \n\t\r \u{1}\u{8}\u{c}\u{7f}"), r"'\\ \n\t\r \x01\x08\x0c\x7f'"),
            (json!("é"), "'é'"),
            (json!(["a,b:c", false]), "['a,b:c', False]"),
        ];
        for (value, python) in cases {
            assert_eq!(python_length(&value.to_string()), python.len(), "{value}");
        }
    }
}
