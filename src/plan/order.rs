//! Which clusters wait for which. What a cluster refers to comes before it, and goes after it; clusters that go leave room
//! for the others; all else runs side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, Wanted};
use crate::state::State;

/// The names of all clusters that are wanted or known, each after those that it waits for.
pub(super) struct Order<'a> {
    /// Those that go, and leave room for the others.
    pub(super) leaving: Vec<&'a str>,
    /// Those that are wanted.
    pub(super) wanted: Vec<&'a str>,
    /// Those that go, once what refers to them no longer does.
    pub(super) last: Vec<&'a str>,
    before: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Order<'a> {
    /// What is wanted and what is known tell who refers to whom.
    pub(super) fn of(wanted: &'a Wanted, state: &'a State) -> Self {
        let is_wanted = |name: &str| wanted.clusters.contains_key(name);
        let names: BTreeSet<&str> = wanted.clusters.keys().chain(state.clusters.keys()).map(String::as_str).collect();
        let mut before: BTreeMap<&str, BTreeSet<&str>> = names.iter().map(|name| (*name, BTreeSet::new())).collect();
        for (name, cluster) in &wanted.clusters {
            // Of those that refer to each other none is after another: names of nodes, and addresses that are chosen here,
            // are decided before any of them is made, and ports that tell other addresses come before all else.
            let others = cluster.refers_to.iter().map(String::as_str);
            let others = others.filter(|other| is_wanted(other) && !reaches(wanted, other, name));
            before.entry(name).or_default().extend(others);
        }
        for (name, known) in &state.clusters {
            for other in known.refers_to.iter().map(String::as_str).filter(|other| !is_wanted(other)) {
                if let Some(before) = before.get_mut(other) {
                    before.insert(name);
                }
            }
        }
        let mut order = Self { leaving: Vec::new(), wanted: Vec::new(), last: Vec::new(), before };
        let mut left = names;
        while let Some(first) = left.first().copied() {
            // Should they wait for each other, the first one begins.
            let next = left.iter().copied().find(|name| order.waits_for(name).all(|other| !left.contains(other)));
            let next = next.unwrap_or(first);
            left.remove(next);
            if is_wanted(next) {
                order.wanted.push(next);
            } else if order.waits_for(next).any(|other| is_wanted(other) || order.last.contains(&other)) {
                order.last.push(next);
            } else {
                order.leaving.push(next);
            }
        }
        order
    }

    /// The clusters that one waits for because of what refers to what.
    pub(super) fn waits_for(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.before.get(name).into_iter().flatten().copied()
    }
}

/// Whether one wanted cluster refers to another, be it through others.
fn reaches(wanted: &Wanted, from: &str, to: &str) -> bool {
    leads(from, to, |name| wanted.clusters.get(name).map(|cluster| &cluster.refers_to))
}

/// Whether one cluster leads to another, be it through others.
fn leads<'n>(from: &'n str, to: &str, next: impl Fn(&str) -> Option<&'n BTreeSet<String>>) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in next(name).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

impl Plan {
    /// A cluster comes after others, as far as these have steps so far, or wait for some that have.
    pub(super) fn comes_after<'o>(&mut self, cluster: &str, others: impl Iterator<Item = &'o str>) {
        let mut before = BTreeSet::new();
        for other in others.filter(|other| *other != cluster) {
            if self.steps.iter().any(|step| step.cluster == other) {
                before.insert(other.to_owned());
            } else {
                before.extend(self.after.get(other).into_iter().flatten().cloned());
            }
        }
        // None waits for one that waits for it.
        before.retain(|other| other != cluster && !self.waits(other, cluster));
        if !before.is_empty() {
            self.after.entry(cluster.to_owned()).or_default().extend(before);
        }
    }

    /// Whether a cluster comes after another, be it through others.
    pub(super) fn waits(&self, cluster: &str, other: &str) -> bool {
        leads(cluster, other, |name| self.after.get(name))
    }

    /// The first stage that a cluster's further steps may have.
    pub(super) fn next_stage(&self, cluster: &str) -> u32 {
        let before = self.after.get(cluster);
        let waits_for = |other: &str| other == cluster || before.is_some_and(|before| before.contains(other));
        let stages = self.steps.iter().filter(|step| waits_for(&step.cluster)).map(|step| step.stage + 1);
        stages.max().unwrap_or(0)
    }

    /// Clusters that have steps so far come before the named ones.
    pub(super) fn leave_room<'c>(&mut self, others: impl Iterator<Item = &'c String>) {
        let going: BTreeSet<String> = self.steps.iter().map(|step| step.cluster.clone()).collect();
        for cluster in others {
            self.comes_after(cluster, going.iter().map(String::as_str));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::make::delete_step;
    use crate::plan::{Observation, PlanOptions};

    #[test]
    fn no_two_clusters_wait_for_each_other() {
        let state = State::new("lineage".to_owned());
        let mut plan = crate::plan::plan(&Wanted::default(), &state, &Observation::default(), &PlanOptions::default());
        plan.steps.extend(["x", "y", "z"].map(|name| delete_step(name, name, Vec::new())));
        plan.comes_after("y", ["x"].into_iter());
        plan.comes_after("z", ["y"].into_iter());
        // Nor in a circle of three.
        plan.comes_after("x", ["y", "z"].into_iter());
        assert!(plan.waits("z", "x") && !plan.waits("x", "y") && !plan.waits("x", "z"), "{:?}", plan.after);
    }
}
