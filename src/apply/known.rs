//! What is known once a cluster lives, for outputs.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::heat::StackRef;
use crate::model::{KnownCluster, KnownNode, NodePart, ResourceName, heat_type};
use crate::plan::Observation;
use crate::state::{ClusterState, State};

/// Ids, addresses and floating IPs of every living cluster.
pub fn known(state: &State, observation: &Observation) -> BTreeMap<String, KnownCluster> {
    state.clusters.iter().map(|(name, cluster)| (name.clone(), known_cluster(name, cluster, observation))).collect()
}

/// Stacks that say a floating IP and are not among those seen: [`known()`] would not know it.
pub fn unseen(state: &State, observation: &Observation) -> Vec<StackRef> {
    let stacks = state.stacks().filter(|(_, name, _)| !observation.stacks.contains_key(*name));
    let addressed = stacks
        .filter(|(.., stack)| stack.resources.values().any(|resource| resource.heat_type == heat_type::FLOATING_IP));
    addressed.filter_map(|(_, name, stack)| Some(StackRef::new(name, stack.id.as_deref()?))).collect()
}

fn known_cluster(name: &str, cluster: &ClusterState, observation: &Observation) -> KnownCluster {
    let mut known = KnownCluster {
        id: cluster.stacks.get(&cluster.members.stack_name(name, 0)).and_then(|base| base.id.clone()),
        ..Default::default()
    };
    for (group, members) in &cluster.members.groups {
        let nodes = known.nodes.entry(group.clone()).or_default();
        for (index, member) in &members.nodes {
            let resource = |part| ResourceName::Node(group, *index, part).to_string();
            let (server, output) = (resource(NodePart::Server), resource(NodePart::FloatingIp));
            let stack = cluster.members.stack_name(name, member.shard);
            let remembered = cluster.stacks.get(&stack).and_then(|stack| stack.resources.get(&server));
            let seen = observation.stacks.get(&stack).and_then(|stack| stack.outputs.get(&output));
            let id = remembered.and_then(|server| server.physical_id.clone());
            let floating_ip = seen.and_then(Json::as_str).and_then(|address| address.parse().ok());
            nodes.insert(*index, KnownNode { id, address: member.address, floating_ip });
        }
    }
    known
}
