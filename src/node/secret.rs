//! Secret texts: what travels is a name; the value goes beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::canonical::digest;
use crate::catalogue::GeneratedSecret;
use crate::model::{ResourceName, Text};

/// Secret texts by the name that stands for them. A name is a salted digest of the value, so that another value
/// gives another name, and a name says nothing about the value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    values: BTreeMap<String, (Text, BTreeSet<String>)>,
    /// Those that Heat makes up, by the name of the resource.
    generated: BTreeSet<String>,
}

impl Secrets {
    /// Name of a secret value: `secret-` and 16 hex digits. `salt` is the state's.
    pub fn name(salt: &str, value: &str) -> String {
        let hex = digest(&format!("{salt}\0{value}"));
        format!("secret-{}", &hex[..16])
    }

    /// Keeps a value and what it is for, and returns the name that stands for it.
    pub fn keep(&mut self, salt: &str, value: &str, purpose: String) -> String {
        let name = Self::name(salt, value);
        let new = || (Text { value: value.to_owned(), secret: true }, BTreeSet::new());
        self.values.entry(name.clone()).or_insert_with(new).1.insert(purpose);
        name
    }

    /// Notes a secret that Heat makes up, and returns the name that stands for it.
    pub fn expect(&mut self, secret: &GeneratedSecret) -> String {
        let name = ResourceName::Secret(&secret.framework, &secret.setting).to_string();
        self.generated.insert(name.clone());
        name
    }

    /// Names of those that Heat makes up; its resources have the same names.
    pub fn generated(&self) -> impl Iterator<Item = &String> {
        self.generated.iter()
    }

    /// Names, values, and what each is for, in the order of names, as far as DISCO knows them.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Text, String)> {
        self.values.iter().map(|(name, (value, purposes))| {
            let purposes: Vec<&str> = purposes.iter().map(String::as_str).collect();
            (name, value, purposes.join(", "))
        })
    }

    /// Names only.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.values.keys().chain(&self.generated)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.generated.is_empty()
    }
}
