//! A template as JSON for Heat, as YAML for people, as a digest for plans.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::readable::to_yaml;
use super::{Parameter, Template, TemplateOutput, TemplateResource};
use crate::graph::ParameterValue;
use crate::node::{canonical, digest};

/// The version of Heat's language that DISCO writes.
const VERSION: &str = "2021-04-16";

impl Template {
    /// The template as Heat is given it. Values of parameters are not in it.
    pub fn to_json(&self) -> Json {
        // Texts, numbers and maps with texts for keys always have a JSON form.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// [`Self::to_json`] as text, without blanks.
    pub fn to_json_text(&self) -> String {
        // Serialising to memory fails only for maps whose keys are not texts; there are none here.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The template for people: YAML in which configurations are data.
    pub fn to_yaml(&self) -> String {
        to_yaml(self.to_json())
    }

    /// SHA-256 of the canonical JSON.
    pub fn digest(&self) -> String {
        digest(&canonical(&self.to_json()))
    }

    /// The values to send along with the template, by parameter; what Heat has already is not among them. `id_of` tells
    /// the ids of resources of other stacks, `secret_of` the secrets that Heat made up in other stacks, by stack and logical
    /// name.
    ///
    /// # Errors
    /// Stack and logical name of a resource whose id, or secret, is not known.
    pub fn parameter_values(
        &self,
        id_of: impl Fn(&str, &str) -> Option<String>,
        secret_of: impl Fn(&str, &str) -> Option<String>,
    ) -> Result<BTreeMap<String, String>, (String, String)> {
        let mut values = BTreeMap::new();
        for (name, parameter) in &self.parameters {
            let value = match &parameter.value {
                ParameterValue::Given(text) => text.value.clone(),
                ParameterValue::IdOf { stack, resource } => {
                    id_of(stack, resource).ok_or_else(|| (stack.clone(), resource.clone()))?
                }
                ParameterValue::SecretOf { stack, resource } => {
                    secret_of(stack, resource).ok_or_else(|| (stack.clone(), resource.clone()))?
                }
                ParameterValue::Kept => continue,
            };
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    /// Stack and logical name of each random string of another stack whose secret is sent along.
    pub fn needed_secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.values().filter_map(|parameter| match &parameter.value {
            ParameterValue::SecretOf { stack, resource } => Some((stack.as_str(), resource.as_str())),
            _ => None,
        })
    }

    /// Whether Heat has to keep a value that it has from an earlier update.
    pub fn keeps_parameters(&self) -> bool {
        self.parameters.values().any(|parameter| parameter.value == ParameterValue::Kept)
    }
}

impl Serialize for Template {
    /// As Heat is given it; keys are sorted.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut template = serializer.serialize_map(None)?;
        template.serialize_entry("description", &self.description)?;
        template.serialize_entry("heat_template_version", VERSION)?;
        if !self.outputs.is_empty() {
            template.serialize_entry("outputs", &entries(&self.outputs, TemplateOutput::to_json))?;
        }
        if !self.parameters.is_empty() {
            template.serialize_entry("parameters", &entries(&self.parameters, Parameter::to_json))?;
        }
        if !self.resources.is_empty() {
            template.serialize_entry("resources", &Resources(&self.resources))?;
        }
        template.end()
    }
}

struct Resources<'a>(&'a BTreeMap<String, Arc<TemplateResource>>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, resource)| (name, &**resource)))
    }
}

impl Serialize for TemplateResource {
    /// As it stands in a template; keys are sorted.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut definition = serializer.serialize_map(None)?;
        if !self.depends_on.is_empty() {
            definition.serialize_entry("depends_on", &self.depends_on)?;
        }
        if !self.properties.lies_empty() {
            definition.serialize_entry("properties", &self.properties)?;
        }
        definition.serialize_entry("type", &self.heat_type)?;
        definition.end()
    }
}

fn entries<T>(values: &BTreeMap<String, T>, to_json: impl Fn(&T) -> Json) -> Map<String, Json> {
    values.iter().map(|(name, value)| (name.clone(), to_json(value))).collect()
}

impl Parameter {
    /// The declaration, without the value.
    pub fn to_json(&self) -> Json {
        let mut declaration = Map::new();
        declaration.insert("type".to_owned(), json!(self.kind));
        declaration.insert("description".to_owned(), json!(self.description));
        if self.hidden {
            declaration.insert("hidden".to_owned(), json!(true));
        }
        Json::Object(declaration)
    }
}

impl TemplateResource {
    /// The definition as it stands in a template.
    pub fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The definition as canonical JSON: equal definitions give equal bytes.
    pub fn canonical(&self) -> String {
        canonical(&self.to_json())
    }
}

impl TemplateOutput {
    /// The declaration.
    pub fn to_json(&self) -> Json {
        json!({ "description": self.description, "value": self.value })
    }
}
