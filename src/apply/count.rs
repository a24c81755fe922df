//! After apply every node that was asked for has to be there.

use crate::model::{Address, NodePart, ResourceName};
use crate::plan::{Observation, ObservedResource, PlannedCluster};
use crate::state::ClusterState;

/// Nodes that are wanted but not there, or not well, and how they are instead.
pub(super) fn missing(
    name: &str,
    planned: &PlannedCluster,
    known: Option<&ClusterState>,
    seen: &Observation,
) -> Vec<(Address, String)> {
    let mut missing = Vec::new();
    for (group, members) in &planned.members.groups {
        for index in members.nodes.keys() {
            let address = || Address::Node(name.to_owned(), group.clone(), *index);
            let name = |part| ResourceName::Node(group, *index, part).to_string();
            let server = name(NodePart::Server);
            let stacks = known.iter().flat_map(|known| &known.stacks);
            let at = stacks
                .clone()
                .find(|(_, stack)| stack.resources.get(&server).is_some_and(|resource| resource.physical_id.is_some()));
            let Some((stack, _)) = at else {
                missing.push((address(), "no server".to_owned()));
                continue;
            };
            // Stacks that were not touched are as the plan saw them.
            let Some(seen) = seen.stacks.get(stack) else { continue };
            let deployment = name(NodePart::Deployment);
            let unwell = |resource: &&ObservedResource| !resource.status.is_complete();
            match seen.resources.get(&server) {
                None => missing.push((address(), "no server".to_owned())),
                Some(resource) if unwell(&resource) => missing.push((address(), resource.status.to_string())),
                Some(_) => {
                    if let Some(resource) = seen.resources.get(&deployment).filter(unwell) {
                        missing.push((address(), format!("configuration {}", resource.status)));
                    }
                }
            }
        }
    }
    missing
}
