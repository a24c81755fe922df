//! What a property of a resource may be: plain values and Heat's intrinsic functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

/// The value of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Property {
    /// Text.
    Text(String),
    /// Whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// Values in order.
    List(Vec<Property>),
    /// Values by name.
    Map(BTreeMap<String, Property>),
    /// Id of another resource.
    GetResource(String),
    /// Attribute of another resource, and the path into it.
    GetAttr(String, Vec<String>),
    /// Value of a parameter.
    GetParam(String),
}

impl Property {
    /// A map of these entries.
    pub fn map<const N: usize>(entries: [(&str, Property); N]) -> Self {
        Self::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The id of the resource with that name.
    pub fn resource(name: impl Into<String>) -> Self {
        Self::GetResource(name.into())
    }

    /// As it stands in a template.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::String(text.clone()),
            Self::Integer(number) => json!(number),
            Self::Boolean(value) => Json::Bool(*value),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(entries) => {
                Json::Object(entries.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
            Self::GetResource(name) => function("get_resource", json!(name)),
            Self::GetAttr(name, path) => {
                let mut arguments = vec![json!(name)];
                arguments.extend(path.iter().map(|part| json!(part)));
                function("get_attr", Json::Array(arguments))
            }
            Self::GetParam(name) => function("get_param", json!(name)),
        }
    }

    /// Calls `found` with the name of every resource that this refers to.
    pub fn references<'a>(&'a self, found: &mut impl FnMut(&'a str)) {
        match self {
            Self::GetResource(name) | Self::GetAttr(name, _) => found(name),
            Self::List(items) => items.iter().for_each(|item| item.references(found)),
            Self::Map(entries) => entries.values().for_each(|item| item.references(found)),
            Self::Text(_) | Self::Integer(_) | Self::Boolean(_) | Self::GetParam(_) => {}
        }
    }

    /// Calls `found` with the name of every parameter that this refers to.
    pub fn parameters<'a>(&'a self, found: &mut impl FnMut(&'a str)) {
        match self {
            Self::GetParam(name) => found(name),
            Self::List(items) => items.iter().for_each(|item| item.parameters(found)),
            Self::Map(entries) => entries.values().for_each(|item| item.parameters(found)),
            Self::Text(_) | Self::Integer(_) | Self::Boolean(_) | Self::GetResource(_) | Self::GetAttr(..) => {}
        }
    }
}

fn function(name: &str, argument: Json) -> Json {
    let mut map = Map::new();
    map.insert(name.to_owned(), argument);
    Json::Object(map)
}

impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Property {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Property {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<u32> for Property {
    fn from(number: u32) -> Self {
        Self::Integer(i64::from(number))
    }
}

impl From<Vec<Property>> for Property {
    fn from(items: Vec<Property>) -> Self {
        Self::List(items)
    }
}
