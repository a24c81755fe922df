//! `moved`, `removed` and `import` blocks, carried out on the state.

use std::collections::BTreeMap;

use super::failure::Failure;
use super::session::Session;
use crate::language::{Handover, Moved};
use crate::model::{Called, GroupMembers, NodePart, ResourceName, Standing, name_of_address};
use crate::plan::{Observation, StateChange};
use crate::source::Diagnostics;
use crate::state::{ClusterState, State};

/// What definitions have called the clusters of a state, those that were forgotten among them, and all groups of each that is
/// not.
pub(super) fn called(state: &State) -> BTreeMap<String, Called> {
    let called = |(name, cluster): (&String, &ClusterState)| {
        let Called { address, mut groups } = cluster.called.clone();
        for group in cluster.members.groups.keys() {
            groups.entry(group.clone()).or_insert_with(|| group.clone());
        }
        (name.clone(), Called { address, groups })
    };
    let forgotten = state.released.iter().map(|(name, called)| (name.clone(), called.clone()));
    forgotten.chain(state.clusters.iter().map(called)).collect()
}

/// What the groups of a state's clusters have.
pub(super) fn standing(state: &State) -> BTreeMap<String, BTreeMap<String, Standing>> {
    let of_cluster = |(name, cluster): (&String, &ClusterState)| {
        let of_group = |(group, members): (&String, &GroupMembers)| {
            let first = members.nodes.first_key_value();
            let server = first.and_then(|(index, member)| {
                let stack = cluster.stacks.get(&cluster.members.stack_name(name, member.shard))?;
                stack.resources.get(&ResourceName::Node(group, *index, NodePart::Server).to_string())
            });
            let property = |word: &str| server?.properties.get(word)?.value()?.as_str().map(str::to_owned);
            let count = u32::try_from(members.nodes.len()).unwrap_or(u32::MAX);
            (group.clone(), Standing { count, flavor: property("flavor"), image: property("image") })
        };
        (name.clone(), cluster.members.groups.iter().map(of_group).collect())
    };
    state.clusters.iter().map(of_cluster).collect()
}

/// Moves what is moved, and lets go what is removed without being destroyed.
pub(super) fn hand_over(handover: &Handover, state: &mut State) -> (Vec<StateChange>, Diagnostics) {
    let mut living = called(state);
    let (moved, diagnostics) = handover.move_all(&mut living);
    let mut changes: Vec<StateChange> =
        moved.into_iter().map(|Moved { cluster, from, to }| StateChange::Moved { cluster, from, to }).collect();
    for (name, Called { address, groups }) in &living {
        if let Some(cluster) = state.clusters.get_mut(name) {
            let groups = groups.iter().filter(|(group, label)| group != label);
            let groups = groups.map(|(group, label)| (group.clone(), label.clone())).collect();
            cluster.called = Called { address: address.clone(), groups };
        }
    }
    for (name, from) in handover.released(&living) {
        if let Some(forgotten) = state.clusters.remove(name) {
            state.released.insert(name.to_owned(), forgotten.called);
            changes.push(StateChange::Released { cluster: name.to_owned(), from });
        }
    }
    (changes, diagnostics)
}

impl Session<'_> {
    /// The same, and takes in what is imported.
    ///
    /// # Errors
    /// Stacks that cannot be taken in; see [`Session::import`].
    pub(super) async fn hand_over(
        &self,
        state: &mut State,
        seen: &mut Observation,
    ) -> Result<(Vec<StateChange>, Diagnostics), Failure> {
        let handover = &self.loaded.handover;
        let (mut changes, diagnostics) = hand_over(handover, state);
        for import in &handover.imports {
            let forgotten = state.released.iter().find(|(name, called)| called.address_of(name) == import.to);
            let name = forgotten.map_or_else(|| name_of_address(&import.to), |(name, _)| name.clone());
            let is_there = |(other, cluster): (&String, &ClusterState)| {
                cluster.called.address_of(other) == import.to || *other == name && !cluster.stacks.is_empty()
            };
            if state.clusters.iter().any(is_there) {
                continue;
            }
            let (imported, told, observed) = self.imported(Some(state), &name, &import.stack).await?;
            *state = imported;
            state.last = Some(self.author());
            seen.stacks.extend(observed.stacks);
            changes.push(StateChange::Imported { cluster: name, to: import.to.clone(), nodes: told.nodes });
        }
        Ok((changes, diagnostics))
    }
}
