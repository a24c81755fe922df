//! What a property of a resource may be: plain values and Heat's intrinsic functions.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

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
        // Texts, numbers and maps with texts for keys always have a JSON form.
        serde_json::to_value(self).unwrap_or_default()
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

impl Serialize for Property {
    /// As it stands in a template.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(entries) => serializer.collect_map(entries),
            Self::GetResource(name) => serializer.collect_map([("get_resource", name)]),
            Self::GetAttr(name, path) => {
                let arguments: Vec<&String> = std::iter::once(name).chain(path).collect();
                serializer.collect_map([("get_attr", arguments)])
            }
            Self::GetParam(name) => serializer.collect_map([("get_param", name)]),
        }
    }
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
