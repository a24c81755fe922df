//! Secret texts: what travels is a name; the value goes beside it.

use std::collections::BTreeMap;

use super::canonical::digest;
use crate::model::Text;

/// Secret texts by the name that stands for them. A name is a salted digest of the value, so that another value
/// gives another name, and a name says nothing about the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    values: BTreeMap<String, Text>,
}

impl Secrets {
    /// Name of a secret value: `secret-` and 16 hex digits. `salt` is the state's lineage.
    pub fn name(salt: &str, value: &str) -> String {
        let hex = digest(&format!("{salt}\0{value}"));
        format!("secret-{}", &hex[..16])
    }

    /// Keeps a value and returns the name that stands for it.
    pub fn keep(&mut self, salt: &str, value: &str) -> String {
        let name = Self::name(salt, value);
        self.values.entry(name.clone()).or_insert_with(|| Text { value: value.to_owned(), secret: true });
        name
    }

    /// Names and values, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Text)> {
        self.values.iter()
    }

    /// Names only.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.values.keys()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
