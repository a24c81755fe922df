//! A Heat Orchestration Template: its form, and what is the same all over it.

mod parameter;
mod read;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::refusal::Refusal;

pub(crate) use parameter::parameter_values;
pub(crate) use read::{ALIASES, VERSIONS, glance, outline, read, retained};

/// Heat's limit of the size of a template.
pub(crate) const MAX_TEMPLATE: usize = 524_288;
/// Heat's limit of resources in a stack.
pub(crate) const MAX_RESOURCES: usize = 1_000;

/// A template that has been read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hot {
    pub description: Option<String>,
    pub parameters: BTreeMap<String, Parameter>,
    pub resources: BTreeMap<String, Definition>,
    pub outputs: BTreeMap<String, OutputDefinition>,
}

/// A template that has been read, with the values of its parameters.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub hot: Hot,
    pub values: BTreeMap<String, Json>,
}

/// A declared parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub kind: String,
    pub default: Option<Json>,
    pub hidden: bool,
    pub description: String,
    pub label: Option<String>,
    pub constraints: Vec<Json>,
}

/// A declared resource.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub kind: String,
    pub description: String,
    pub properties: Map<String, Json>,
    /// Resources it can only be made after.
    pub requires: BTreeSet<String>,
    /// Those of them that `depends_on` names.
    pub depends_on: BTreeSet<String>,
}

/// A declared output.
#[derive(Clone, Debug)]
pub(crate) struct OutputDefinition {
    pub description: String,
    pub value: Json,
}

/// A template as it came over the wire: an object, or text in YAML or JSON.
pub(crate) fn document(template: &Json) -> Result<Json, Refusal> {
    let document = match template {
        Json::String(text) => {
            if text.len() > MAX_TEMPLATE {
                return Err(too_large(text.len()));
            }
            serde_saphyr::from_str::<Json>(text).map_err(|error| {
                Refusal::bad_request(format!(
                    "Template not in valid format: Error parsing template [root stack] {error}"
                ))
            })?
        }
        other => {
            let size = other.to_string().len();
            if size > MAX_TEMPLATE {
                return Err(too_large(size));
            }
            other.clone()
        }
    };
    if document.is_object() {
        Ok(document)
    } else {
        Err(Refusal::bad_request("The template is not a JSON object or YAML mapping."))
    }
}

fn too_large(size: usize) -> Refusal {
    Refusal::limit(format_args!("Template size ({size} bytes) exceeds maximum allowed size ({MAX_TEMPLATE} bytes)."))
}

/// A value as Heat prints it in an answer.
pub(crate) fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a value means yes.
pub(crate) fn truthy(value: &Json) -> bool {
    match value {
        Json::Bool(truth) => *truth,
        Json::String(text) => ["true", "yes", "on", "1", "y", "t"].contains(&text.to_ascii_lowercase().as_str()),
        Json::Number(number) => number.as_f64() != Some(0.0),
        _ => false,
    }
}
