//! How long a step is expected to take on this cloud: as long as such a step took before.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::Address;
use crate::plan::{Plan, Step};

/// How long steps took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTimes {
    /// By what they do (the verb of their title) and how many nodes they are about.
    pub steps: BTreeMap<String, BTreeMap<usize, Duration>>,
    /// From the beginning of new nodes until their cluster was verified: they come side by side, so that it hardly depends on
    /// how many they are.
    pub creation: Option<Duration>,
}

/// Steps that make nodes, by the verbs of their titles.
const CREATES: [&str; 2] = ["create", "grow"];

/// For so many numbers of nodes the time of a kind of step is kept.
const SIZES: usize = 8;

/// A step of more nodes than this many times those of the largest known one, or of fewer than their like part of the
/// smallest, is another matter: nothing is expected of it.
const ALIKE: usize = 2;

impl StepTimes {
    /// Takes in how long a step took; what is newer counts.
    pub fn note(&mut self, verb: &str, nodes: usize, took: Duration) {
        let known = self.steps.entry(verb.to_owned()).or_default();
        known.insert(nodes, took);
        if known.len() > SIZES {
            // What lies closest to the one before it tells the least.
            let sizes: Vec<usize> = known.keys().copied().collect();
            let closest = sizes.windows(2).filter(|pair| pair[1] != nodes).min_by_key(|pair| pair[1] - pair[0]);
            if let Some([_, larger]) = closest {
                known.remove(larger);
            }
        }
    }

    /// Takes in all of another's.
    pub fn extend(&mut self, newer: Self) {
        self.creation = newer.creation.or(self.creation);
        for (verb, sizes) in newer.steps {
            for (nodes, took) in sizes {
                self.note(&verb, nodes, took);
            }
        }
    }

    /// How long such a step is expected to take; nothing where none like it is known.
    pub fn expected(&self, verb: &str, nodes: usize) -> Option<Duration> {
        let creation = || self.creation.filter(|_| nodes > 0 && CREATES.contains(&verb));
        self.of_like_steps(verb, nodes).or_else(creation)
    }

    /// How long a plan is expected to take; nothing where it has a step of which that is not known. Steps of one stage run side
    /// by side.
    pub fn of_plan(&self, plan: &Plan) -> Option<Duration> {
        let mut stages: BTreeMap<u32, Duration> = BTreeMap::new();
        for step in &plan.steps {
            let (verb, nodes) = kind(step);
            let took = self.expected(verb, nodes)?;
            let stage = stages.entry(step.stage).or_default();
            *stage = took.max(*stage);
        }
        (!stages.is_empty()).then(|| stages.values().sum())
    }

    fn of_like_steps(&self, verb: &str, nodes: usize) -> Option<Duration> {
        let known = self.steps.get(verb)?;
        let below = known.range(..=nodes).next_back().map(|(size, took)| (*size, *took));
        let above = known.range(nodes..).next().map(|(size, took)| (*size, *took));
        match (below, above) {
            (Some((low, fewer)), Some((high, more))) if low < high => {
                let part = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
                let (from_low, to_high) = (part(nodes - low), part(high - nodes));
                Some((fewer * to_high + more * from_low) / part(high - low))
            }
            (Some((size, took)), _) if nodes <= size * ALIKE => Some(took),
            (_, Some((size, took))) if size <= nodes * ALIKE => Some(took),
            _ => None,
        }
    }
}

/// What a step does, the verb of its title, and with how many nodes: what its time depends on.
pub(super) fn kind(step: &Step) -> (&str, usize) {
    // `create ports: …` is another thing than `create lab`.
    let end = if step.title.contains(':') { ':' } else { ' ' };
    let verb = step.title.split(end).next().unwrap_or_default();
    (verb, step.addresses.iter().filter(|address| matches!(address, Address::Node(..))).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_is_expected_is_what_was_before() {
        let mut times = StepTimes::default();
        assert_eq!(times.expected("create", 4), None, "nothing is known");
        times.note("create", 4, seconds(40));
        times.note("create", 14, seconds(60));
        let expected = |nodes| times.expected("create", nodes);
        assert_eq!((expected(4), expected(14)), (Some(seconds(40)), Some(seconds(60))));
        assert_eq!(expected(9), Some(seconds(50)), "between the two");
        assert_eq!((expected(3), expected(2), expected(1)), (Some(seconds(40)), Some(seconds(40)), None));
        assert_eq!((expected(28), expected(29)), (Some(seconds(60)), None));
        assert_eq!(times.expected("grow", 4), None, "another kind of step");
        times.note("create", 4, seconds(20));
        assert_eq!(times.expected("create", 4), Some(seconds(20)), "the last one counts");
        times.creation = Some(seconds(50));
        assert_eq!(times.expected("grow", 1), Some(seconds(50)), "new nodes come side by side");
        assert_eq!((times.expected("grow", 0), times.expected("reconfigure", 1)), (None, None));
    }

    #[test]
    fn few_are_kept() {
        let mut times = StepTimes::default();
        for nodes in [1, 10, 100, 101, 200, 300, 400, 500, 600] {
            times.note("create", nodes, seconds(nodes as u64));
        }
        let kept: Vec<usize> = times.steps["create"].keys().copied().collect();
        assert_eq!(kept, [1, 10, 100, 200, 300, 400, 500, 600]);
    }
}
