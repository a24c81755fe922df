//! A template for people: what a configuration says as data, not as one line of escaped JSON, and what all of them
//! bring written once.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};
use serde_saphyr::RcAnchor;

use crate::model::heat_type;
use crate::node::canonical;

/// The word that Heat replaces by the JSON of a configuration.
const WORD: &str = "configuration";

/// Functions of Heat that take one argument by their name: a map of one such key would be carried out.
const FUNCTIONS: [&str; 24] = [
    "and",
    "contains",
    "digest",
    "equals",
    "filter",
    "get_attr",
    "get_file",
    "get_param",
    "get_resource",
    "if",
    "list_concat",
    "list_concat_unique",
    "list_join",
    "make_url",
    "map_merge",
    "map_replace",
    "not",
    "or",
    "repeat",
    "resource_facade",
    "str_replace",
    "str_replace_strict",
    "str_split",
    "yaql",
];

/// A template's JSON with its configurations as data. To Heat both are the same: it replaces the data by their JSON.
pub fn readable(mut template: Json) -> Json {
    let resources = template.get_mut("resources").and_then(Json::as_object_mut);
    for resource in resources.into_iter().flat_map(Map::values_mut) {
        if resource["type"] == heat_type::SOFTWARE_CONFIG
            && let Some(config) = resource.pointer_mut("/properties/config")
            && let Some(data) = config.as_str().and_then(data)
        {
            *config = json!({ "str_replace": { "template": WORD, "params": { WORD: data } } });
        }
    }
    template
}

/// The object that a text is the JSON of, where Heat would leave it as it is.
fn data(text: &str) -> Option<Json> {
    let data: Json = serde_json::from_str(text).ok()?;
    (data.is_object() && is_plain(&data)).then_some(data)
}

fn is_plain(data: &Json) -> bool {
    match data {
        Json::Array(items) => items.iter().all(is_plain),
        Json::Object(entries) => {
            let is_function = entries.len() == 1 && entries.keys().all(|key| FUNCTIONS.contains(&key.as_str()));
            !is_function && entries.values().all(is_plain)
        }
        _ => true,
    }
}

/// The text of a configuration that is written as [`readable`] writes it; `None` for every other value.
pub(crate) fn text_of(config: &Json) -> Option<String> {
    let replacement = config.get("str_replace")?;
    let words = replacement.get("params")?.as_object().filter(|words| words.len() == 1)?;
    (replacement.get("template")? == WORD).then(|| words.get(WORD).map(canonical))?
}

/// A template's JSON as YAML for people: a YAML 1.1 reader, which Heat is, reads it back as [`readable`] makes it.
pub fn to_yaml(template: Json) -> String {
    yaml(&readable(template))
}

/// YAML that is read back as this value. The agent of the nodes, which every
/// configuration brings, is written once; the others refer to it.
fn yaml(template: &Json) -> String {
    let agents = Agents::of(template);
    let options = serde_saphyr::ser_options! { anchor_generator: Some(|number| format!("agent-{number}")) };
    serde_saphyr::to_string_with_options(&Ordered { value: template, agents: &agents }, options).unwrap_or_default()
}

/// Key of the agent in a configuration.
const AGENT: &str = "agent_gzip";

/// Agents by their text.
struct Agents(BTreeMap<String, RcAnchor<String>>);

impl Agents {
    fn of(template: &Json) -> Self {
        let mut agents = BTreeMap::new();
        let resources = template.get("resources").and_then(Json::as_object);
        for resource in resources.into_iter().flat_map(Map::values) {
            let agent =
                resource.pointer("/properties/config/str_replace/params").and_then(|words| words[WORD].get(AGENT));
            if let Some(Json::String(agent)) = agent {
                agents.entry(agent.clone()).or_insert_with(|| RcAnchor(Rc::new(agent.clone())));
            }
        }
        Self(agents)
    }
}

/// Keys that come first in maps, in this order; all others follow by name, and the agent, which nobody reads, at the end.
const FIRST: [&str; 8] =
    ["heat_template_version", "description", "parameters", "resources", "outputs", "type", "depends_on", "properties"];

/// Serializes maps in an order that people expect, whatever order they are kept in.
struct Ordered<'a> {
    value: &'a Json,
    agents: &'a Agents,
}

impl<'a> Ordered<'a> {
    fn inner(&self, value: &'a Json) -> Self {
        Self { value, agents: self.agents }
    }
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Json::Object(map) => {
                let mut entries: Vec<(&String, &Json)> = map.iter().collect();
                let place = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
                entries.sort_by_key(|(key, _)| (*key == AGENT, place(key), *key));
                let mut output = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    match value.as_str().filter(|_| key == AGENT).and_then(|agent| self.agents.0.get(agent)) {
                        Some(shared) => output.serialize_entry(key, shared)?,
                        None => output.serialize_entry(key, &self.inner(value))?,
                    }
                }
                output.end()
            }
            Json::Array(items) => serializer.collect_seq(items.iter().map(|item| self.inner(item))),
            // To another library a number with all its digits is an object.
            Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), ..) => serializer.serialize_i64(number),
                (_, Some(number), _) => serializer.serialize_u64(number),
                (.., Some(number)) => serializer.serialize_f64(number),
                _ => serializer.serialize_str(&number.to_string()),
            },
            scalar => scalar.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(config: &str) -> Json {
        json!({"resources": {"c": {"type": "OS::Heat::SoftwareConfig", "properties": {"config": config}}}})
    }

    #[test]
    fn a_configuration_becomes_data_and_comes_back() {
        let text = r#"{"agent_gzip":"H4","files":[{"content":["a\nb",{"secret":"secret-1"}]}]}"#;
        let shown = readable(template(text));
        let config = &shown["resources"]["c"]["properties"]["config"];
        assert_eq!(config["str_replace"]["params"]["configuration"]["files"][0]["content"][0], "a\nb");
        assert_eq!(text_of(config).as_deref(), Some(text));
        for other in ["#cloud-config\n", "[1]", r#"{"a":{"get_param":"x"}}"#] {
            assert_eq!(readable(template(other)), template(other), "{other}");
        }
        assert_eq!(text_of(&json!(text)), None);
        assert_eq!(text_of(&json!({"str_replace": {"template": "other", "params": {"other": {}}}})), None);
    }
}
