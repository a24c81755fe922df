//! Nodes by the words that people type for them.

use super::failure::{Failure, FailureKind};
use crate::model::{Address, Member, NodeId, NodePart, ResourceName, node_name};
use crate::source::{did_you_mean, listed, similar_word};
use crate::state::{ClusterState, Recorded, ResourceState, State};

/// So many names are listed where a node was not found.
const LISTED: usize = 8;

/// A node of the state.
#[derive(Clone, Debug)]
pub(super) struct KnownNode<'s> {
    /// Its cluster.
    pub(super) cluster: &'s str,
    /// What is known of that.
    pub(super) state: &'s ClusterState,
    /// Its group and index.
    pub(super) id: NodeId,
    /// Its place.
    pub(super) member: Member,
}

impl<'s> KnownNode<'s> {
    /// The node of a cluster, if it has it.
    pub(super) fn of(cluster: &'s str, state: &'s ClusterState, id: NodeId) -> Option<Self> {
        let member = *state.members.node(&id.group, id.index)?;
        Some(Self { cluster, state, id, member })
    }

    /// `hdp-slaves-1`
    pub(super) fn name(&self) -> String {
        node_name(self.cluster, &self.id.group, self.id.index)
    }

    /// `cluster.hdp.slaves[1]`
    pub(super) fn address(&self) -> Address {
        Address::Node(self.cluster.to_owned(), self.id.group.clone(), self.id.index)
    }

    /// What the state has of its server.
    fn server(&self) -> Option<&'s ResourceState> {
        let name = ResourceName::Node(&self.id.group, self.id.index, NodePart::Server).to_string();
        self.state.stacks.values().find_map(|stack| stack.resources.get(&name))
    }

    /// The id of its server, once there is one.
    pub(super) fn server_id(&self) -> Option<&'s str> {
        self.server()?.physical_id.as_deref()
    }

    /// The image that its server was made from, as the definition names it.
    pub(super) fn image(&self) -> Option<String> {
        let image = self.server()?.properties.get("image").and_then(Recorded::value)?;
        image.as_str().map(str::to_owned)
    }

    /// Whether its stack is suspended.
    pub(super) fn is_suspended(&self) -> bool {
        self.state
            .stacks
            .iter()
            .any(|(name, stack)| crate::model::shard_of(name) == self.member.shard && stack.suspended)
    }
}

/// The project has no clusters yet.
pub(super) fn no_clusters() -> Failure {
    Failure::new(FailureKind::Definition, "the project has no clusters").help("run `disco apply` to create them")
}

/// A cluster is not one of those.
pub(super) fn no_such_cluster<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Failure {
    let failure = Failure::new(FailureKind::Definition, format!("cluster `{name}` does not exist"));
    failure.help_maybe(did_you_mean(name, known))
}

/// All nodes of a state.
pub(super) fn nodes(state: &State) -> impl Iterator<Item = KnownNode<'_>> {
    state.clusters.iter().flat_map(|(cluster, known)| of_cluster(cluster, known))
}

/// All nodes of a cluster.
pub(super) fn of_cluster<'s>(cluster: &'s str, known: &'s ClusterState) -> impl Iterator<Item = KnownNode<'s>> {
    known.members.groups.iter().flat_map(move |(group, members)| {
        members.nodes.keys().filter_map(move |index| KnownNode::of(cluster, known, NodeId::new(group.as_str(), *index)))
    })
}

/// The node that a word names: `cluster.hdp.slaves[1]`, `slaves[1]` or `hdp-slaves-1`; the index may be left out where
/// the group has one node only.
///
/// # Errors
/// A word that names no node, or several.
pub(super) fn find<'s>(state: Option<&'s State>, word: &str) -> Result<KnownNode<'s>, Failure> {
    let all: Vec<KnownNode<'_>> = state.into_iter().flat_map(nodes).collect();
    if all.is_empty() {
        let message = format!("node `{word}` does not exist: the project has no nodes");
        return Err(Failure::new(FailureKind::Definition, message).help("run `disco apply` to create its clusters"));
    }
    let by_name = state.map_or_else(|| word.to_owned(), |state| state.by_name(word));
    let bare = by_name.strip_prefix("cluster.").unwrap_or(&by_name);
    let is = |node: &KnownNode<'_>| {
        let KnownNode { cluster, id: NodeId { group, index }, .. } = node;
        let only = node.state.members.groups.get(group).is_some_and(|group| group.nodes.len() == 1);
        let address = format!("{group}[{index}]");
        word == node.name()
            || bare == address
            || bare == format!("{cluster}.{address}")
            || (only && (bare == group || bare == format!("{cluster}.{group}")))
    };
    let mut found: Vec<KnownNode<'_>> = all.iter().filter(|node| is(node)).cloned().collect();
    match (found.pop(), found.is_empty()) {
        (Some(node), true) => Ok(node),
        (Some(last), false) => {
            found.push(last);
            let addresses: Vec<String> = found.iter().map(|node| format!("`{}`", node.address())).collect();
            let message = format!("`{word}` could be {}", listed(&addresses));
            Err(Failure::new(FailureKind::Definition, message).help("write the address with its cluster"))
        }
        (None, _) => Err(unknown(word, bare, &all)),
    }
}

fn unknown(word: &str, bare: &str, all: &[KnownNode<'_>]) -> Failure {
    let failure = |message: String| Failure::new(FailureKind::Definition, message);
    let of_group: Vec<&KnownNode<'_>> = all
        .iter()
        .filter(|node| bare == node.id.group || bare == format!("{}.{}", node.cluster, node.id.group))
        .collect();
    let listing = |nodes: &mut dyn Iterator<Item = String>| {
        let mut names: Vec<String> = nodes.take(LISTED + 1).map(|name| format!("`{name}`")).collect();
        if names.len() > LISTED {
            names.truncate(LISTED);
            names.push("others: see `disco show`".to_owned());
        }
        listed(&names)
    };
    if !of_group.is_empty() {
        let message = format!("`{word}` is a group of {} nodes", of_group.len());
        let names = listing(&mut of_group.iter().map(|node| format!("{}[{}]", node.id.group, node.id.index)));
        return failure(message).help(format!("name one of its nodes: {names}"));
    }
    let names: Vec<String> = all.iter().map(KnownNode::name).collect();
    let addresses: Vec<String> = all.iter().map(|node| node.address().to_string()).collect();
    let short: Vec<String> = all.iter().map(|node| format!("{}[{}]", node.id.group, node.id.index)).collect();
    // A number that does not exist is no slip: the others are named.
    let close = |candidates: &[String]| {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let same = candidates.iter().map(String::as_str).filter(|candidate| digits(candidate) == digits(word));
        similar_word(word, same).map(|name| format!("did you mean `{name}`?"))
    };
    let near = close(&short).or_else(|| close(&names)).or_else(|| close(&addresses));
    let known = listing(&mut short.iter().cloned());
    failure(format!("node `{word}` does not exist")).help(near.unwrap_or_else(|| format!("the nodes are {known}")))
}
