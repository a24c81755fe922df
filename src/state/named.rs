//! What people call the clusters of a state, and what these are called on the cloud.

use super::State;
use crate::model::{full_address, name_of_address};

impl State {
    /// The name on the cloud of the cluster that somebody types: its address, or the name itself.
    pub fn name_of(&self, word: &str) -> String {
        if self.clusters.contains_key(word) {
            return word.to_owned();
        }
        let by_name = self.by_name(word);
        by_name.strip_prefix("cluster.").map_or_else(|| name_of_address(word), name_of_address)
    }

    /// The address of what somebody types by its name on the cloud, `cluster.site-bonn.burst`; what is none stays as it is.
    pub fn address_of(&self, word: &str) -> String {
        let full = full_address(word);
        if self.clusters.iter().any(|(name, cluster)| cluster.called.by_name(name, &full).is_some()) {
            return word.to_owned();
        }
        let Some((name, rest)) = full.strip_prefix("cluster.").map(|name| name.split_once('.').unwrap_or((name, "")))
        else {
            return word.to_owned();
        };
        match self.clusters.get(name) {
            None => word.to_owned(),
            Some(cluster) if rest.is_empty() => cluster.called.address_of(name),
            Some(cluster) => format!("{}.{}", cluster.called.address_of(name), cluster.called.group(rest)),
        }
    }

    /// An address as names on the cloud tell it, `cluster.site-bonn.slaves[0]`, of what somebody types, be it
    /// `cluster.site["bonn"].slaves[0]`. What is the address of nothing stays as it is.
    pub fn by_name(&self, word: &str) -> String {
        let full = full_address(word);
        let found = self.clusters.iter().find_map(|(name, cluster)| cluster.called.by_name(name, &full));
        found.unwrap_or_else(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::Called;
    use crate::state::ClusterState;

    #[test]
    fn addresses_and_names_lead_to_the_same() {
        let mut state = State::default();
        let groups = BTreeMap::from([("burst".to_owned(), "extra".to_owned())]);
        let called = Called { address: Some("module.site[\"bonn\"].cluster.lab".to_owned()), groups };
        state.clusters.insert("old".to_owned(), ClusterState { called, ..ClusterState::default() });
        state.clusters.insert("plain".to_owned(), ClusterState::default());
        for (word, expected) in [
            ("module.site[\"bonn\"].cluster.lab", "cluster.old"),
            ("module.site[\"bonn\"].cluster.lab.extra[2]", "cluster.old.burst[2]"),
            ("module.site[\"bonn\"].cluster.lab.slaves[2]", "cluster.old.slaves[2]"),
            ("plain", "cluster.plain"),
            ("cluster.plain.master", "cluster.plain.master"),
            ("cluster.other", "cluster.other"),
            ("slaves[0]", "slaves[0]"),
        ] {
            assert_eq!(state.by_name(word), expected, "{word}");
        }
        for (word, expected) in
            [("module.site[\"bonn\"].cluster.lab", "old"), ("old", "old"), ("cluster.plain", "plain"), ("nope", "nope")]
        {
            assert_eq!(state.name_of(word), expected, "{word}");
        }
    }
}
