//! How long nodes took until they were ready, phase by phase, as their agents measured it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;

use super::event::NodeAction;
use super::run::Run;
use super::watch::Watch;
use crate::heat::wire;
use crate::model::{Address, ResourceName, heat_type};
use crate::plan::ObservedStack;

/// What a node goes through until it is ready, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeStage {
    /// Until the agent of a new node begins: server, system, first boot.
    Boot,
    /// The same of a node that runs already: until Heat and its agent have come to it.
    Wait,
    /// Packages and archives are fetched and unpacked.
    Packages,
    /// Names, disks, users, folders and files.
    Configure,
    /// Services are started, with the steps that they need.
    Start,
    /// Services begin to answer.
    Ready,
}

impl NodeStage {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::Boot, Self::Wait, Self::Packages, Self::Configure, Self::Start, Self::Ready];

    /// One word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot",
            Self::Wait => "wait",
            Self::Packages => "packages",
            Self::Configure => "configure",
            Self::Start => "start",
            Self::Ready => "ready",
        }
    }

    /// The one that a phase of the agent belongs to.
    fn of(phase: &str) -> Self {
        match phase {
            "packages" | "archives" => Self::Packages,
            "services" => Self::Start,
            "probes" => Self::Ready,
            _ => Self::Configure,
        }
    }
}

/// How long one node took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeTimes {
    /// What was done with it.
    pub action: NodeAction,
    /// How long each stage took.
    pub stages: BTreeMap<NodeStage, Duration>,
}

impl NodeTimes {
    /// How long all of it took.
    pub fn total(&self) -> Duration {
        self.stages.values().sum()
    }
}

/// How long the nodes of an operation took, and what verified them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// By address.
    pub nodes: BTreeMap<Address, NodeTimes>,
    /// Steps of clusters' verifications, in order: cluster, name of the step.
    pub checks: Vec<(String, String, Duration)>,
}

/// One stage of all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageSummary<'t> {
    /// Which.
    pub stage: NodeStage,
    /// The middle of its times.
    pub median: Duration,
    /// The node that took longest, and how long.
    pub slowest: (&'t Address, Duration),
}

/// A node that took much longer than those of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Straggler<'t> {
    /// Which.
    pub address: &'t Address,
    /// How long it took in all.
    pub took: Duration,
    /// The middle of its group's times.
    pub median: Duration,
    /// The stage that it lost most of the time in.
    pub stage: NodeStage,
}

/// A straggler takes more than this many times what its group takes, and at least so much longer.
const STRAGGLES: (u32, Duration) = (2, Duration::from_secs(5));

/// A group has a typical time from so many nodes on.
const TYPICAL: usize = 3;

impl Timeline {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.checks.is_empty()
    }

    /// Stages that took any time, in order.
    pub fn stages(&self) -> Vec<StageSummary<'_>> {
        let of = |stage: NodeStage| {
            let known = self.nodes.iter().filter_map(|(address, node)| Some((*node.stages.get(&stage)?, address)));
            let mut times: Vec<(Duration, &Address)> = known.collect();
            times.sort();
            let (most, address) = *times.last()?;
            let (median, _) = *times.get((times.len() - 1) / 2)?;
            (!most.is_zero()).then_some(StageSummary { stage, median, slowest: (address, most) })
        };
        NodeStage::ALL.into_iter().filter_map(of).collect()
    }

    /// Nodes that took much longer than those of their group with which the same was done, the slowest first.
    pub fn stragglers(&self) -> Vec<Straggler<'_>> {
        type Nodes<'n> = Vec<(&'n Address, &'n NodeTimes)>;
        let mut groups: BTreeMap<(&str, &str, &str), Nodes<'_>> = BTreeMap::new();
        for (address, node) in &self.nodes {
            if let Address::Node(cluster, group, _) = address {
                groups.entry((cluster, group, node.action.name())).or_default().push((address, node));
            }
        }
        let mut found = Vec::new();
        for nodes in groups.values().filter(|nodes| nodes.len() >= TYPICAL) {
            let median = middle(nodes.iter().map(|(_, node)| node.total()));
            let (times, longer) = STRAGGLES;
            for (address, node) in nodes {
                let took = node.total();
                if took > median * times && took >= median + longer {
                    let lost = |stage: NodeStage| {
                        let others = nodes.iter().map(|(_, node)| node.stages.get(&stage).copied().unwrap_or_default());
                        node.stages.get(&stage).copied().unwrap_or_default().saturating_sub(middle(others))
                    };
                    let stage = NodeStage::ALL.into_iter().max_by_key(|stage| lost(*stage));
                    let stage = stage.unwrap_or(NodeStage::Boot);
                    found.push(Straggler { address, took, median, stage });
                }
            }
        }
        found.sort_by(|one, other| other.took.cmp(&one.took).then_with(|| one.address.cmp(other.address)));
        found
    }

    /// How long it took from the beginning of new nodes until their cluster was verified; nothing where there were none.
    pub fn creation(&self) -> Option<Duration> {
        let new = self.nodes.values().filter(|node| node.action == NodeAction::Create);
        let slowest = new.map(NodeTimes::total).max()?;
        Some(slowest + self.checks.iter().map(|(.., took)| *took).sum::<Duration>())
    }

    /// Takes in what a node says. One that is changed more than once is kept as it took longest.
    fn note(&mut self, address: Address, times: NodeTimes) {
        match self.nodes.get(&address) {
            Some(known) if known.total() >= times.total() => {}
            _ => {
                self.nodes.insert(address, times);
            }
        }
    }
}

fn middle(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// How long each phase took, in order, as the agent tells it in the last line of its output.
fn timings(output: &str) -> Vec<(String, Duration)> {
    let Some(line) = output.lines().rev().find_map(|line| line.strip_prefix("timings: ")) else { return Vec::new() };
    let phases: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap_or_default();
    let took = |value: &serde_json::Value| Duration::try_from_secs_f64(value.as_f64()?).ok();
    phases.iter().filter_map(|(phase, value)| Some((phase.clone(), took(value)?))).collect()
}

impl NodeTimes {
    /// Of a node that took so long in all, as DISCO saw it, and whose agent says how long its phases took.
    fn of(action: NodeAction, took: Duration, phases: &[(String, Duration)]) -> Self {
        let mut stages: BTreeMap<NodeStage, Duration> = BTreeMap::new();
        for (phase, took) in phases {
            *stages.entry(NodeStage::of(phase)).or_default() += *took;
        }
        let before = took.saturating_sub(stages.values().sum());
        let first = if action == NodeAction::Create { NodeStage::Boot } else { NodeStage::Wait };
        stages.insert(first, before);
        Self { action, stages }
    }
}

/// So many deployments are read at a time.
const TOGETHER: usize = 8;

impl Run<'_> {
    /// Notes how long the nodes of an action that ended well took. What cannot be read is not told.
    pub(super) async fn note_timeline(&self, watch: &Watch<'_, '_>, seen: &ObservedStack) {
        let deployments = seen.resources.iter().filter(|(name, resource)| {
            resource.heat_type == heat_type::SOFTWARE_DEPLOYMENT && watch.complete.contains(*name)
        });
        let deployments =
            deployments.filter_map(|(name, resource)| Some((name.clone(), resource.physical_id.clone()?)));
        let deployments: Vec<(String, String)> = deployments.collect();
        let mut read: Vec<(String, wire::SoftwareDeployment)> = Vec::new();
        for together in deployments.chunks(TOGETHER) {
            let answers = join_all(together.iter().map(|(_, id)| self.cloud.deployment(id))).await;
            let answers = together.iter().zip(answers);
            read.extend(answers.filter_map(|((name, _), answer)| Some((name.clone(), answer.ok()??))));
        }
        let mut run_state = self.run_state();
        for (name, deployment) in read {
            let phases = timings(deployment.output());
            if phases.is_empty() {
                continue;
            }
            let address = watch.names.address(&name);
            if ResourceName::verification(&name).is_some() {
                let checks = phases.into_iter().map(|(step, took)| (address.cluster().to_owned(), step, took));
                run_state.timeline.checks.extend(checks);
            } else if let (Some(action), Some(took)) = (watch.action(&address), watch.took.get(&address)) {
                run_state.timeline.note(address, NodeTimes::of(action, *took, &phases));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn node(index: u32) -> Address {
        Address::Node("lab".to_owned(), "slaves".to_owned(), index)
    }

    fn of(boot: u64, packages: u64, ready: u64) -> NodeTimes {
        let stages = [(NodeStage::Boot, boot), (NodeStage::Packages, packages), (NodeStage::Ready, ready)];
        let stages = stages.into_iter().map(|(stage, took)| (stage, seconds(took))).collect();
        NodeTimes { action: NodeAction::Create, stages }
    }

    #[test]
    fn what_the_agent_does_not_measure_is_its_boot() {
        let output = "users: 0.3 s\ntimings: {\"guard\": 0.5, \"packages\": 2.0, \"archives\": 3.0, \"services\": 4.5, \"probes\": 5.0, \"end\": 0.5}";
        let phases = timings(output);
        assert_eq!(phases.len(), 6);
        let node = NodeTimes::of(NodeAction::Create, seconds(30), &phases);
        let expected = [
            (NodeStage::Boot, Duration::from_millis(14_500)),
            (NodeStage::Packages, seconds(5)),
            (NodeStage::Configure, seconds(1)),
            (NodeStage::Start, Duration::from_millis(4_500)),
            (NodeStage::Ready, seconds(5)),
        ];
        assert_eq!(node.stages.iter().map(|(stage, took)| (*stage, *took)).collect::<Vec<_>>(), expected);
        assert_eq!(node.total(), seconds(30));
        let changed = NodeTimes::of(NodeAction::Update, seconds(1), &phases);
        assert_eq!(changed.stages[&NodeStage::Wait], Duration::ZERO, "clocks that differ are no negative time");
        assert!(timings("all is well").is_empty());
        assert!(timings("timings: {\"a\": -1, \"b\": \"x\"}").is_empty());
        assert!(timings("timings: [").is_empty());
    }

    #[test]
    fn each_stage_has_its_median_and_its_slowest() {
        let nodes = [(0, of(10, 3, 5)), (1, of(12, 9, 5)), (2, of(11, 4, 7))];
        let timeline = Timeline { nodes: nodes.map(|(index, times)| (node(index), times)).into(), checks: Vec::new() };
        let told: Vec<_> = timeline
            .stages()
            .into_iter()
            .map(|found| (found.stage.name(), found.median, found.slowest.0.clone(), found.slowest.1))
            .collect();
        let expected = [
            ("boot", seconds(11), node(1), seconds(12)),
            ("packages", seconds(4), node(1), seconds(9)),
            ("ready", seconds(5), node(2), seconds(7)),
        ];
        assert_eq!(told, expected);
        assert!(timeline.stragglers().is_empty());
        assert_eq!(timeline.creation(), Some(seconds(26)));
    }

    #[test]
    fn stragglers_are_named_where_they_are_and_where_they_lost_time() {
        let mut nodes: BTreeMap<Address, NodeTimes> = (0..4).map(|index| (node(index), of(10, 3, 5))).collect();
        nodes.insert(node(2), of(11, 40, 5));
        let master = Address::Node("lab".to_owned(), "master".to_owned(), 0);
        nodes.insert(master, of(10, 3, 200));
        let mut timeline = Timeline { nodes, checks: vec![("lab".to_owned(), "smoke-test".to_owned(), seconds(20))] };
        let found = timeline.stragglers();
        assert_eq!(found.len(), 1, "a master is none because it is not as slaves are: {found:?}");
        assert_eq!((found[0].address, found[0].took, found[0].median), (&node(2), seconds(56), seconds(18)));
        assert_eq!(found[0].stage, NodeStage::Packages);
        assert_eq!(timeline.creation(), Some(seconds(233)));
        timeline.note(node(2), of(1, 1, 1));
        assert_eq!(timeline.nodes[&node(2)].total(), seconds(56), "what took longest is kept");
    }
}
