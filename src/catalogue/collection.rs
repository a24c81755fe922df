//! The frameworks that a project can choose from.

use std::collections::BTreeMap;

use super::Framework;

/// All frameworks at hand, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    frameworks: BTreeMap<String, Framework>,
}

impl Catalogue {
    /// The framework of that name.
    pub fn framework(&self, name: &str) -> Option<&Framework> {
        self.frameworks.get(name)
    }

    /// All frameworks, sorted by name.
    pub fn frameworks(&self) -> impl Iterator<Item = &Framework> {
        self.frameworks.values()
    }

    /// All names, sorted.
    pub fn framework_names(&self) -> impl Iterator<Item = &str> {
        self.frameworks.keys().map(String::as_str)
    }
}
