//! Who leaves where a group becomes smaller: those that a person has named, before the highest indices.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::compile::Made;
use super::failure::{Failure, FailureKind};
use super::nodes;
use crate::model::{Address, Members, NodeId, NodePart, ResourceName};
use crate::plan::Observation;
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
        let refused = |message: String| Failure::new(FailureKind::Definition, message);
        for word in words.iter().flat_map(|words| words.split(',')).map(str::trim) {
            if word.is_empty() {
                return Err(refused("`--victims` has an empty name".to_owned())
                    .help("name the nodes that leave, `--victims 'slaves[1]'`, or leave the option out"));
            }
            let node = nodes::find(state, word)?;
            let of_cluster = victims.0.entry(node.cluster.to_owned()).or_default();
            if of_cluster.contains(&node.id) {
                return Err(refused(format!("`--victims` names `{}` twice", address(node.cluster, &node.id)))
                    .help("name each node once, as many as leave"));
            }
            of_cluster.push(node.id);
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

    /// Refuses to plan where not as many leave of a group as are named of it.
    ///
    /// # Errors
    /// A group that does not become smaller by as many as are named of it.
    pub(super) fn check(&self, made: &Made, state: &State) -> Result<(), Failure> {
        for (cluster, ids) in &self.0 {
            let Some(wanted) = made.clusters.get(cluster) else { continue };
            let groups: BTreeSet<&str> = ids.iter().map(|id| id.group.as_str()).collect();
            for group in groups {
                let of_group = |members: &Members| members.groups.get(group).map_or(0, |members| members.nodes.len());
                let before = state.clusters.get(cluster).map_or(0, |known| of_group(&known.members));
                let after = of_group(&wanted.members);
                let named = ids.iter().filter(|id| id.group == group).count();
                let leave = before.saturating_sub(after);
                if leave == named {
                    continue;
                }
                let nodes = |count: usize| if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
                let message = format!(
                    "`{group}` of cluster `{cluster}` has {} and is to have {after}, so {leave} leave, but {named} are named",
                    nodes(before)
                );
                let help = if leave == 0 {
                    format!("set `count` of `{group}` to less: --victims says who leaves, the definition how many")
                } else if leave > named {
                    format!("name all {leave} that leave, or set `count` of `{group}` to {}", before - named)
                } else {
                    format!("name {leave} only, or set `count` of `{group}` to {}", before.saturating_sub(named))
                };
                return Err(Failure::new(FailureKind::Refused, message).help(help));
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

/// Takes nodes out of a state's members that are in no template that Heat has been sent: an operation that was to remove them
/// was interrupted once Heat had taken it, and they do not come back because nobody remembers who was to leave.
pub(super) fn forget_departed(state: &mut State, seen: &Observation) {
    let mut departed: Vec<(String, NodeId)> = Vec::new();
    for (cluster, known) in &state.clusters {
        for (group, members) in &known.members.groups {
            for (index, member) in &members.nodes {
                let stack = known.members.stack_name(cluster, member.shard);
                let Some(record) = known.stacks.get(&stack).filter(|record| record.id.is_some()) else { continue };
                // Nearly every node has a server: the name of its port is seldom needed.
                let mut parts = [NodePart::Server, NodePart::Port]
                    .into_iter()
                    .map(|part| ResourceName::Node(group, *index, part).to_string());
                let template = record.intent.as_ref().and_then(|_| seen.stacks.get(&stack)?.template.as_ref());
                let is_there = match template {
                    Some(template) => parts.any(|part| template.says(&part)),
                    None => record.resources.is_empty() || parts.any(|part| record.resources.contains_key(&part)),
                };
                if !is_there {
                    departed.push((cluster.clone(), NodeId::new(group.as_str(), *index)));
                }
            }
        }
    }
    for (cluster, id) in departed {
        let members = state.clusters.get_mut(&cluster).and_then(|known| known.members.groups.get_mut(&id.group));
        if let Some(members) = members {
            members.nodes.remove(&id.index);
        }
    }
}
