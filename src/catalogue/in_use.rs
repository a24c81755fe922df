//! What of a cloud and of the catalogue a cluster uses: what is worth remembering of it.

use std::collections::BTreeMap;

use super::Catalogue;
use crate::model::{CloudFacts, ClusterSpec};

/// The part of the cloud's facts that a cluster's words refer to: what is worth remembering.
pub fn facts_in_use(cluster: &ClusterSpec, facts: &CloudFacts) -> CloudFacts {
    let mut used = CloudFacts { limits: facts.limits.clone(), ..CloudFacts::default() };
    for group in &cluster.groups {
        if let Some((name, flavor)) = facts.flavors.get_key_value(&group.flavor.value) {
            used.flavors.insert(name.clone(), flavor.clone());
        }
        if let Some((name, image)) = facts.images.get_key_value(&group.image.value) {
            used.images.insert(name.clone(), image.clone());
        }
    }
    if let Some(network) = cluster.network.external_network() {
        used.external_networks.extend(facts.external_networks.iter().filter(|name| **name == network.value).cloned());
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
