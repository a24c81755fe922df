//! What of a cloud and of the catalogue a cluster uses: what is worth remembering of it.

use std::collections::BTreeMap;

use super::Catalogue;
use crate::model::{CloudFacts, ClusterSpec};

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
    /// Groups whose nodes store data, with the frameworks that store it.
    pub fn storage_groups(&self, cluster: &ClusterSpec) -> BTreeMap<String, Vec<String>> {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for framework in cluster.frameworks.iter().filter_map(|used| self.framework(&used.name)) {
            for group in &cluster.groups {
                if framework.stores_data_on(group.role, group.storage) {
                    groups.entry(group.name.clone()).or_default().push(framework.name.clone());
                }
            }
        }
        groups
    }
}
