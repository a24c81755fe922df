//! The template as a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::graph::ParameterValue;
use crate::model::Address;
use crate::source::Span;

/// One stack's template. Maps are sorted by name, so the same input gives the same bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    /// For people.
    pub description: String,
    /// Parameters with the values to send along.
    pub parameters: BTreeMap<String, Parameter>,
    /// Resources by their logical name; shared, because the templates on the way from one to another have most of them in
    /// common.
    pub resources: BTreeMap<String, Arc<TemplateResource>>,
    /// Outputs.
    pub outputs: BTreeMap<String, TemplateOutput>,
}

/// A parameter and its value. Values are not part of the template's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `string`, `number`, `json`, …
    pub kind: String,
    /// For people.
    pub description: String,
    /// What is sent; secret ones are declared `hidden`.
    pub value: ParameterValue,
    /// Whether it is declared `hidden`.
    pub hidden: bool,
}

/// A resource: its HOT definition and whom it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateResource {
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// Properties, intrinsic functions included, as they stand in the template.
    pub properties: Map<String, Json>,
    /// Explicit dependencies, sorted.
    pub depends_on: Vec<String>,
    /// Whose it is. Not part of the template's text.
    pub address: Address,
    /// The line that asked for it. Not part of the template's text.
    pub origin: Option<Span>,
}

/// An output.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateOutput {
    /// For people.
    pub description: String,
    /// Intrinsic function or value.
    pub value: Json,
}
