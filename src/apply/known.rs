//! What is known once a cluster lives, for outputs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{KnownCluster, KnownNode};
use crate::plan::Observation;
use crate::state::{ClusterState, State};

/// Ids, addresses and floating IPs of every living cluster.
pub fn known(state: &State, observation: &Observation) -> BTreeMap<String, KnownCluster> {
    state.clusters.iter().map(|(name, cluster)| (name.clone(), known_cluster(name, cluster, observation))).collect()
}

fn known_cluster(name: &str, cluster: &ClusterState, observation: &Observation) -> KnownCluster {
    let mut known =
        KnownCluster { id: cluster.stacks.get(name).and_then(|base| base.id.clone()), ..Default::default() };
    for (group, members) in &cluster.members.groups {
        let nodes = known.nodes.entry(group.clone()).or_default();
        for (index, member) in &members.nodes {
            let server = format!("{group}-{index}-server");
            let output = format!("{group}-{index}-floating-ip");
            let id = cluster.stacks.values().find_map(|stack| stack.resources.get(&server)?.physical_id.clone());
            let floating_ip = cluster.stacks.keys().find_map(|stack| {
                observation.stacks.get(stack)?.outputs.get(&output).and_then(Json::as_str)?.parse().ok()
            });
            nodes.insert(*index, KnownNode { id, address: Some(member.address), floating_ip });
        }
    }
    known
}
