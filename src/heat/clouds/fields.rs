//! What is said of a cloud, field by field, and who said it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::super::auth::CloudName;

/// One value and where it stands.
struct Field {
    value: Json,
    from: String,
}

/// All that is said of one cloud. Fields of `auth` and of the entry itself are one: tools write both.
pub(super) struct Fields {
    pub(super) cloud: CloudName,
    all: BTreeMap<String, Field>,
}

impl Fields {
    pub(super) fn new(cloud: CloudName) -> Self {
        Self { cloud, all: BTreeMap::new() }
    }

    /// Lays a map over what is there; what stands beside `auth` counts more than what stands in it.
    pub(super) fn lay(&mut self, entry: &Map<String, Json>, from: &str) {
        let inner = entry.get("auth").and_then(Json::as_object).into_iter().flatten();
        let outer = entry.iter().filter(|(key, _)| !matches!(key.as_str(), "auth" | "profile" | "cloud"));
        for (key, value) in inner.chain(outer) {
            if !value.is_null() {
                self.all.insert(canonical(key), Field { value: value.clone(), from: from.to_owned() });
            }
        }
    }

    /// Fills a gap.
    pub(super) fn fill(&mut self, key: &str, value: &str, from: &str) {
        let field =
            || Field { value: Json::String(value.to_owned()), from: format!("the environment variable {from}") };
        self.all.entry(canonical(key)).or_insert_with(field);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.all.contains_key(key)
    }

    /// A field as text. Numbers are text, too: ids and passwords may be made of digits.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        match &self.all.get(key)?.value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(value) => Some(value.to_string()),
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// A truth value as YAML and shells write it; `Err` where it is none.
    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, ()> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(Some(true)),
            "false" | "no" | "off" | "0" => Ok(Some(false)),
            _ => Err(()),
        }
    }

    /// The names of a list of regions, each a text or a map with a name.
    pub(super) fn regions(&self) -> Vec<String> {
        let Some(Json::Array(regions)) = self.all.get("regions").map(|field| &field.value) else { return Vec::new() };
        let name = |region: &Json| region.as_str().or_else(|| region.get("name")?.as_str()).map(str::to_owned);
        regions.iter().filter_map(name).collect()
    }

    /// Who said it.
    pub(super) fn from(&self, key: &str) -> &str {
        self.all.get(key).map_or("", |field| field.from.as_str())
    }

    /// All fields that end so, with what is before the end.
    pub(super) fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, String)> {
        self.all.keys().filter_map(move |key| Some((key.strip_suffix(end)?, self.text(key)?)))
    }
}

/// One name for what has several: dashes, tenants, and what Keystone's clients called it before.
fn canonical(key: &str) -> String {
    let key = key.replace('-', "_");
    match key.as_str() {
        "tenant_id" => "project_id",
        "tenant_name" | "project" => "project_name",
        "auth_token" => "token",
        "user_name" | "user" => "username",
        "auth_plugin" => "auth_type",
        "endpoint_type" => "interface",
        "region" => "region_name",
        "ca_file" | "ca_cert" => "cacert",
        _ => return key,
    }
    .to_owned()
}
