//! What one configuration that takes over from another means for a node.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::ServiceChanges;
use super::configuration::{node, ranges, short};
use crate::node::{NodeFile, StepFile, UnitFile};

/// A step that nodes did not have before.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NewStep {
    title: String,
    /// Whether each node runs it, and not the first one alone.
    of_node: bool,
}

/// The steps of one configuration that another one does not have, as far as they do something and say what.
fn new_steps(before: &NodeFile, after: &NodeFile) -> Vec<NewStep> {
    let is_known =
        |step: &StepFile| before.steps.iter().any(|known| known.framework == step.framework && known.name == step.name);
    let titled = |step: &StepFile| {
        if !matches!(step.action.get("kind")?.as_str()?, "command" | "job") {
            return None;
        }
        let title = step.action.get("title")?.as_str()?.to_owned();
        Some(NewStep { title, of_node: step.of_node })
    };
    after.steps.iter().filter(|step| !is_known(step)).filter_map(titled).collect()
}

/// What one configuration that takes over from another means for a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Takeover {
    pub(super) services: ServiceChanges,
    /// Groups that may have more nodes than before: how many names nodes knew, and how many they will know.
    pub(super) ranges: BTreeMap<String, (u32, u32)>,
    /// Services that not all nodes of the group run, with the indices of those that do.
    members: BTreeMap<String, BTreeSet<u32>>,
    /// What nodes do before their services start that they did not do before, in words.
    steps: Vec<NewStep>,
}

impl Takeover {
    /// `None` where the old configuration is known only by digest.
    pub(super) fn of(before: Option<&Json>, after: Option<&Json>) -> Option<Self> {
        let (before, after) = (node(before?)?, node(after?)?);
        let (old, new) = (ranges(&before), ranges(&after));
        let grown = new.into_iter().filter_map(|(group, count)| {
            let known = old.get(&group).copied().unwrap_or_default();
            (known < count).then_some((group, (known, count)))
        });
        let of_some = [&before, &after].into_iter().flat_map(|node| {
            let members = |unit: &UnitFile| Some((short(&unit.name), node.members(unit.only.as_ref())?));
            node.units.iter().filter_map(members)
        });
        let members = of_some.collect();
        let services = ServiceChanges::between(&before, &after);
        Some(Self { services, ranges: grown.collect(), members, steps: new_steps(&before, &after) })
    }

    /// Whether nodes of the group differ in it.
    pub(super) fn differs_by_node(&self) -> bool {
        !self.members.is_empty() || self.steps.iter().any(|step| !step.of_node)
    }

    /// What it means for the node of that index.
    pub(super) fn of_node(&self, index: u32) -> Self {
        let runs = |name: &&String| self.members.get(*name).is_none_or(|members| members.contains(&index));
        let only = |names: &[String]| names.iter().filter(runs).cloned().collect();
        let ServiceChanges { restarted, stopped, started } = &self.services;
        let services = ServiceChanges { restarted: only(restarted), stopped: only(stopped), started: only(started) };
        let steps = self.steps.iter().filter(|step| step.of_node || index == 0).cloned().collect();
        Self { services, ranges: self.ranges.clone(), members: BTreeMap::new(), steps }
    }

    /// A sentence for each range that grows, and for each new step that says what it does.
    pub(super) fn sentences(&self) -> impl Iterator<Item = String> {
        let ranges = self.ranges.iter().map(|(group, range)| match range {
            (0, _) => format!("group `{group}` is new: its node names are added to /etc/hosts"),
            (before, after) => {
                format!("the range of `{group}` addresses grows from {before} to {after}: new node names are added to /etc/hosts")
            }
        });
        ranges.chain(self.steps.iter().map(|step| format!("before its services start: {}", step.title)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bundle(steps: &Json) -> Json {
        Json::String(json!({ "format": 1, "kind": "node", "steps": steps }).to_string())
    }

    fn step(name: &str, kind: &str, title: Option<&str>, of_node: bool) -> Json {
        let action = json!({ "kind": kind, "title": title });
        json!({ "framework": "h", "name": name, "action": action, "member_prefixes": [], "timeout_seconds": 1, "of_node": of_node })
    }

    #[test]
    fn what_nodes_do_first_is_told_where_it_is_new() {
        let old = step("old", "command", Some("what was done before"), false);
        let news = json!([
            old,
            step("saves", "job", Some("the store saves"), false),
            step("each", "command", Some("each node saves"), true),
            step("waits", "answer", Some("it answers"), true),
            step("quiet", "command", None, false),
        ]);
        let takeover = Takeover::of(Some(&bundle(&json!([old]))), Some(&bundle(&news))).unwrap();
        assert!(takeover.differs_by_node());
        let told = |index| takeover.of_node(index).sentences().collect::<Vec<_>>();
        let first = "before its services start: the store saves".to_owned();
        let each = "before its services start: each node saves".to_owned();
        assert_eq!(told(0), [first, each.clone()], "steps of the cluster are the first master's");
        assert_eq!(told(1), [each]);
        let again = Takeover::of(Some(&bundle(&news)), Some(&bundle(&news))).unwrap();
        assert!(!again.differs_by_node() && again.sentences().next().is_none());
    }
}
