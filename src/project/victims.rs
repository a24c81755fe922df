//! Who leaves where a group becomes smaller: those that a person has named, before the highest indices.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::compile::Made;
use super::failure::{Failure, FailureKind};
use super::nodes;
use crate::model::{Address, Members, NodeId};
use crate::state::State;

/// Nodes that a person wants to leave, by cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Victims(BTreeMap<String, Vec<NodeId>>);

impl Victims {
    /// Those that words name, each a node or several with commas.
    ///
    /// # Errors
    /// A word that names no node, or several.
    pub(super) fn read(words: &[String], state: Option<&State>) -> Result<Self, Failure> {
        let mut victims = Self::default();
        for word in words.iter().flat_map(|words| words.split(',')).map(str::trim).filter(|word| !word.is_empty()) {
            let node = nodes::find(state, word)?;
            let of_cluster = victims.0.entry(node.cluster.to_owned()).or_default();
            if !of_cluster.contains(&node.id) {
                of_cluster.push(node.id);
            }
        }
        Ok(victims)
    }

    /// The state as it is without them: whatever then makes up who stays does not think of them. That they are still there
    /// is for the plan to say, which is made from the state as it is.
    pub(super) fn without<'s>(&self, state: &'s State) -> Cow<'s, State> {
        if self.0.is_empty() {
            return Cow::Borrowed(state);
        }
        let mut state = state.clone();
        for (cluster, ids) in &self.0 {
            let Some(known) = state.clusters.get_mut(cluster) else { continue };
            for id in ids {
                if let Some(members) = known.members.groups.get_mut(&id.group) {
                    members.nodes.remove(&id.index);
                }
            }
        }
        Cow::Owned(state)
    }

    /// Refuses to plan where a group would need one of them again.
    ///
    /// # Errors
    /// A group that does not become smaller by as many as are named of it.
    pub(super) fn check(&self, made: &Made, state: &State) -> Result<(), Failure> {
        for (cluster, ids) in &self.0 {
            let Some(wanted) = made.clusters.get(cluster) else { continue };
            if let Some(id) = ids.iter().find(|id| wanted.members.node(&id.group, id.index).is_some()) {
                let of_group =
                    |members: &Members| members.groups.get(&id.group).map_or(0, |members| members.nodes.len());
                let before = state.clusters.get(cluster).map_or(0, |known| of_group(&known.members));
                let after = of_group(&wanted.members);
                let named = ids.iter().filter(|other| other.group == id.group).count();
                let node = address(cluster, id);
                let message = format!(
                    "`{node}` cannot leave: `{}` has {before} nodes and is to have {after}, so {} leave, but {named} are named",
                    id.group,
                    before.saturating_sub(after),
                );
                return Err(Failure::new(FailureKind::Refused, message).help(format!(
                    "set `count` of `{}` to {}: --victims says who leaves, the definition how many",
                    id.group,
                    before.saturating_sub(named)
                )));
            }
        }
        Ok(())
    }

    /// Their addresses.
    pub(super) fn addresses(&self) -> Vec<String> {
        let all = self.0.iter().flat_map(|(cluster, ids)| ids.iter().map(move |id| (cluster, id)));
        all.map(|(cluster, id)| address(cluster, id).to_string()).collect()
    }
}

fn address(cluster: &str, id: &NodeId) -> Address {
    Address::Node(cluster.to_owned(), id.group.clone(), id.index)
}
