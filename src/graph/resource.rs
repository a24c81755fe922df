//! One Heat resource of a cluster.

use std::collections::BTreeMap;

use super::Property;
use crate::model::{Address, Text};
use crate::source::Span;

/// One Heat resource and whom it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Logical name. A promise: it never changes for a thing that exists.
    pub name: String,
    /// `OS::Nova::Server`
    pub heat_type: &'static str,
    /// Properties by name.
    pub properties: BTreeMap<String, Property>,
    /// Dependencies that Heat cannot see in the properties.
    pub depends_on: Vec<String>,
    /// Which of the user's objects it is a part of.
    pub address: Address,
    /// The line that asked for it.
    pub origin: Option<Span>,
}

impl Resource {
    /// A resource without properties.
    pub fn new(name: impl Into<String>, heat_type: &'static str, address: Address, origin: Option<Span>) -> Self {
        let name = name.into();
        Self { name, heat_type, properties: BTreeMap::new(), depends_on: Vec::new(), address, origin }
    }

    /// Sets a property.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Property>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a dependency that the properties do not show.
    #[must_use]
    pub fn after(mut self, name: impl Into<String>) -> Self {
        self.depends_on.push(name.into());
        self
    }
}

/// A parameter of a stack with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct StackParameter {
    /// For people.
    pub description: String,
    /// What is sent.
    pub value: ParameterValue,
}

/// The value of a stack's parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParameterValue {
    /// This text.
    Given(Text),
    /// Id on the cloud of a resource of another stack, known once that one is made.
    IdOf {
        /// The stack, by name.
        stack: String,
        /// The resource's logical name.
        resource: String,
    },
    /// The secret that a random string of another stack is, which Heat makes up.
    SecretOf {
        /// The stack, by name.
        stack: String,
        /// The resource's logical name.
        resource: String,
    },
    /// What Heat has from an earlier update.
    Kept,
}

impl ParameterValue {
    /// Whether it must never be shown.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::SecretOf { .. }) || matches!(self, Self::Given(text) if text.secret)
    }
}

/// An output of a stack.
#[derive(Clone, Debug, PartialEq)]
pub struct StackOutput {
    /// For people.
    pub description: String,
    /// What it gives.
    pub value: Property,
}
