//! What a definition calls what lives under another name on the cloud.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a definition calls a cluster and its groups. Their names on the cloud stay those that they were created with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// `cluster.lab`, `cluster.site["bonn"]`, `module.site["bonn"].cluster.lab`; `None` in a state of a version of DISCO that
    /// did not say, where the name alone tells.
    pub address: Option<String>,
    /// What groups are called, by their names on the cloud; those that are called by these are not among them.
    pub groups: BTreeMap<String, String>,
}

impl Called {
    /// What a cluster of this name is called.
    pub fn address_of(&self, name: &str) -> String {
        self.address.clone().unwrap_or_else(|| format!("cluster.{name}"))
    }

    /// An address that begins with that of the cluster of this name, as names on the cloud tell it:
    /// `cluster.site-bonn.slaves[0]` of `cluster.site["bonn"].slaves[0]`.
    pub fn by_name(&self, name: &str, address: &str) -> Option<String> {
        let rest = self.rest_of(name, address)?;
        if rest.is_empty() {
            return Some(format!("cluster.{name}"));
        }
        let group = rest.strip_prefix('.')?;
        let (label, after) = group.split_at(group.find(['.', '[']).unwrap_or(group.len()));
        Some(format!("cluster.{name}.{}{after}", self.group_named(label)))
    }

    /// What follows the address of the cluster of this name in what begins with it: `.slaves[0]`, `/core-site.xml`.
    pub fn rest_of<'a>(&self, name: &str, address: &'a str) -> Option<&'a str> {
        let rest = address.strip_prefix(self.address_of(name).as_str())?;
        (rest.is_empty() || rest.starts_with(['.', '/', ':', ' ', '['])).then_some(rest)
    }

    /// Whether the cluster of this name is one of those that an address names together: `module.site`, or `cluster.site` of a
    /// block with `for_each`.
    pub fn is_within(&self, name: &str, address: &str) -> bool {
        self.address_of(name).strip_prefix(address).is_some_and(|rest| rest.starts_with(['.', '[']))
    }

    /// What the definition calls a group.
    pub fn group<'a>(&'a self, name: &'a str) -> &'a str {
        self.groups.get(name).map_or(name, String::as_str)
    }

    /// The name on the cloud of a group that the definition calls so.
    pub fn group_named<'a>(&'a self, label: &'a str) -> &'a str {
        self.groups.iter().find(|(_, known)| *known == label).map_or(label, |(name, _)| name)
    }
}

/// The address that somebody types, `lab` standing for `cluster.lab`.
pub fn full_address(word: &str) -> Cow<'_, str> {
    let is_full = ["cluster.", "module."].iter().any(|kind| word.starts_with(kind));
    if is_full { Cow::Borrowed(word) } else { Cow::Owned(format!("cluster.{word}")) }
}

/// The name that a cluster gets that is called by this address: `site-bonn-lab` of `module.site["bonn"].cluster.lab`, `lab`
/// of `cluster.lab` and of `lab`. One that was moved has kept another.
pub fn name_of_address(address: &str) -> String {
    let words = address.split(['.', '[', ']', '"']).filter(|word| !word.is_empty());
    let mut name: Vec<String> = Vec::new();
    let mut is_kind = true;
    for word in words {
        if is_kind && matches!(word, "cluster" | "module") {
            is_kind = false;
            continue;
        }
        name.push(word.to_lowercase().replace('_', "-"));
        is_kind = true;
    }
    name.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_names() {
        for (address, name) in [
            ("lab", "lab"),
            ("cluster.lab", "lab"),
            ("cluster.site[\"bonn\"]", "site-bonn"),
            ("cluster.site[3]", "site-3"),
            ("module.my_site[\"bonn\"].cluster.lab", "my-site-bonn-lab"),
            ("module.a.module.b[0].cluster.cluster", "a-b-0-cluster"),
        ] {
            assert_eq!(name_of_address(address), name, "{address}");
        }
    }

    #[test]
    fn groups_are_found_both_ways() {
        let called = Called { address: None, groups: BTreeMap::from([("burst".to_owned(), "extra".to_owned())]) };
        assert_eq!((called.group("burst"), called.group("slaves")), ("extra", "slaves"));
        assert_eq!((called.group_named("extra"), called.group_named("slaves")), ("burst", "slaves"));
    }
}
