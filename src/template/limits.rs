//! Heat's limits on a template, reported before Heat is asked.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Template;
use crate::graph::ParameterValue;
use crate::model::ClusterSpec;
use crate::node::canonical;
use crate::source::{Diagnostic, Diagnostics, Span};

/// Most bytes of a template: Heat's `max_template_size`.
pub const TEMPLATE_LIMIT: usize = 524_288;

/// Most bytes of a request: Heat's `max_json_body_size`.
const REQUEST_LIMIT: usize = 1_048_576;

/// Bytes of a request that are neither template nor parameters: name, tags, flags.
const REQUEST_FRAME: usize = 4_096;

impl Template {
    /// How large Heat finds it: the longer of its JSON text and what Python makes of it, which Heat measures.
    pub fn size(&self) -> usize {
        let json = self.to_json();
        let mut python = Length(0);
        measure(&json, &mut python);
        canonical(&json).len().max(python.0)
    }
}

/// Reports a template that Heat would refuse, at the line to change. `max_resources_per_stack` is the provider's.
pub fn check(template: &Template, spec: &ClusterSpec, max_resources_per_stack: u32) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let place = most_nodes(spec);
    let size = template.size();
    let allowed = TEMPLATE_LIMIT - TEMPLATE_LIMIT / 20;
    if size > allowed {
        diagnostics.push(
            Diagnostic::error(
                "disco::template_too_large",
                format!("the template of cluster `{}` has {size} bytes, Heat takes {allowed}", spec.name),
            )
            .at(place, "most of it is here")
            .help("ask for fewer nodes, or for smaller files in `config` blocks"),
        );
    }
    let length = |value: &ParameterValue| match value {
        ParameterValue::Given(text) => text.value.len() + 64,
        ParameterValue::IdOf { .. } | ParameterValue::Kept => 128,
    };
    let parameters: usize = template.parameters.values().map(|parameter| length(&parameter.value)).sum();
    if size <= allowed && size + parameters + REQUEST_FRAME > REQUEST_LIMIT {
        diagnostics.push(
            Diagnostic::error(
                "disco::request_too_large",
                format!("the secrets of cluster `{}` have {parameters} bytes, too many for one request", spec.name),
            )
            .at(spec.origin, "this cluster")
            .help(format!("Heat takes requests of {REQUEST_LIMIT} bytes")),
        );
    }
    let resources = template.resources.len();
    if resources > max_resources_per_stack as usize {
        diagnostics.push(
            Diagnostic::error(
                "disco::too_many_resources",
                format!(
                    "cluster `{}` has {resources} resources, a stack may have {max_resources_per_stack}",
                    spec.name
                ),
            )
            .at(place, "most of them are here")
            .help("a node takes three resources, five with a volume, two more with a floating IP"),
        );
    }
    diagnostics
}

/// Where most nodes are asked for.
fn most_nodes(spec: &ClusterSpec) -> Span {
    let largest = spec.groups.iter().max_by_key(|group| group.count.value);
    largest.map_or(spec.origin, |group| group.count.origin.unwrap_or(group.origin))
}

/// Counts bytes instead of keeping them.
struct Length(usize);

impl std::fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// The length of Python's `str()` of the value.
fn measure(value: &Json, length: &mut Length) {
    match value {
        Json::Null | Json::Bool(true) => length.0 += 4,
        Json::Bool(false) => length.0 += 5,
        Json::Number(number) => {
            // Counting cannot fail.
            let _ = write!(length, "{number}");
        }
        Json::String(text) => measure_text(text, length),
        Json::Array(items) => {
            for item in items {
                measure(item, length);
            }
            length.0 += 2 + 2 * items.len().saturating_sub(1);
        }
        Json::Object(map) => {
            for (key, item) in map {
                measure_text(key, length);
                length.0 += 2;
                measure(item, length);
            }
            length.0 += 2 + 2 * map.len().saturating_sub(1);
        }
    }
}

/// Python quotes with `'`, and with `"` where the text has only `'`.
fn measure_text(text: &str, length: &mut Length) {
    let escaped_quotes = if text.contains('"') { text.matches('\'').count() } else { 0 };
    let escapes: usize = text
        .chars()
        .map(|character| match character {
            '\\' | '\n' | '\r' | '\t' => 1,
            other if (other as u32) < 0x20 || other as u32 == 0x7f => 3,
            _ => 0,
        })
        .sum();
    length.0 += 2 + text.len() + escapes + escaped_quotes;
}
