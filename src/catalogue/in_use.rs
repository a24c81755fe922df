//! What of a cloud and of the catalogue a cluster uses: what is worth remembering of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Catalogue;
use crate::model::{CloudFacts, ClusterSpec, Membership};

/// The part of the cloud's facts that a cluster's words refer to, by these words: what is worth remembering.
pub fn facts_in_use(cluster: &ClusterSpec, facts: &CloudFacts) -> CloudFacts {
    let mut used = CloudFacts { quotas: facts.quotas.remembered(), ..CloudFacts::default() };
    for group in &cluster.groups {
        if let Some(flavor) = facts.flavors.get(&group.flavor.value) {
            used.flavors.add(group.flavor.value.as_str(), flavor.clone());
        }
        if let Some(image) = facts.images.get(&group.image.value) {
            used.images.add(group.image.value.as_str(), image.clone());
        }
    }
    if let Some(network) = cluster.network.external_network()
        && let Some(id) = facts.external_networks.get(&network.value)
    {
        used.external_networks.add(network.value.as_str(), id.clone());
    }
    used
}

impl Catalogue {
    /// What was fixed when a cluster was created: what is recorded, and for a setting that did not exist then the value that
    /// its manifest has for that. `present` are the frameworks that the cluster is known to have.
    pub fn fixed<'f>(
        &self,
        recorded: &'f BTreeMap<String, String>,
        present: impl Iterator<Item = &'f String>,
    ) -> BTreeMap<String, String> {
        // Older states name no frameworks; what was fixed for them does.
        let named = recorded.keys().filter_map(|key| key.split_once('.')).map(|(framework, _)| framework);
        let present: BTreeSet<&str> = present.map(String::as_str).chain(named).collect();
        let mut fixed = recorded.clone();
        for framework in present.into_iter().filter_map(|name| self.framework(name)) {
            for setting in &framework.settings {
                if let Some(earlier) = &setting.earlier {
                    let key = format!("{}.{}", framework.name, setting.name);
                    fixed.entry(key).or_insert_with(|| earlier.clone());
                }
            }
        }
        fixed
    }

    /// Groups whose nodes store data, with the frameworks that store it.
    pub fn storage_groups(&self, cluster: &ClusterSpec) -> BTreeMap<String, Vec<String>> {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for framework in cluster.frameworks.iter().filter_map(|used| self.framework(&used.name)) {
            for group in &cluster.groups {
                if framework.stores_data_on(group.role, group.storage)
                    && group.part_of(&framework.name) == Membership::Whole
                {
                    groups.entry(group.name.clone()).or_default().push(framework.name.clone());
                }
            }
        }
        groups
    }
}
