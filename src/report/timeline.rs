//! How long nodes took, phase by phase: a few lines for people, all of it for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::progress::time;
use super::table::table;
use crate::apply::Timeline;

/// So many stragglers, and so many steps of a verification, are named.
const NAMED: usize = 3;

/// Steps of a verification that took less are not worth a word.
const WORTH: Duration = Duration::from_secs(1);

/// What is said at the end of an operation: of each phase the median and the slowest node, and nodes that took much longer
/// than their group. Nothing where no node has measured anything.
pub fn timeline(timeline: &Timeline) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for stage in timeline.stages() {
        let (slowest, most) = stage.slowest;
        rows.push([stage.stage.name().to_owned(), time(stage.median), time(most), slowest.to_string()]);
    }
    let several = timeline.nodes.len() > 1;
    if !several {
        for row in &mut rows {
            let [_, _, most, _] = row;
            most.clear();
        }
    }
    let mut checks: Vec<(&str, Duration)> = timeline
        .checks
        .iter()
        .map(|(_, step, took)| (step.as_str(), *took))
        .filter(|(_, took)| *took >= WORTH)
        .collect();
    checks.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    if !checks.is_empty() {
        let all = checks.iter().map(|(_, took)| *took).sum();
        let named: Vec<String> =
            checks.iter().take(NAMED).map(|(step, took)| format!("{step} {}", time(*took))).collect();
        rows.push(["checks".to_owned(), time(all), String::new(), named.join(", ")]);
    }
    if rows.is_empty() {
        return String::new();
    }
    let head = if several { "Time per phase (median, and the slowest node):\n" } else { "Time per phase:\n" };
    let mut text = format!("{head}{}", table(&rows, "  "));
    let stragglers = timeline.stragglers();
    for found in stragglers.iter().take(NAMED) {
        let (took, median, stage) = (time(found.took), time(found.median), found.stage.name());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Slow: {} took {took}, others of its group {median}; mostly `{stage}`", found.address);
    }
    if stragglers.len() > NAMED {
        let _ = writeln!(text, "Slow: {} more", stragglers.len() - NAMED);
    }
    text
}

/// The same for programs, with all nodes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TimelineFile {
    /// In order.
    phases: Vec<PhaseFile>,
    /// Nodes that took much longer than their group, the slowest first.
    stragglers: Vec<StragglerFile>,
    /// Steps of the clusters' verifications, in order.
    checks: Vec<CheckFile>,
    nodes: Vec<NodeFile>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PhaseFile {
    #[cfg_attr(test, schemars(extend("enum" = crate::apply::NodeStage::ALL.map(crate::apply::NodeStage::name))))]
    phase: &'static str,
    median_seconds: f64,
    slowest_seconds: f64,
    /// Address of the slowest node.
    slowest: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StragglerFile {
    addr: String,
    seconds: f64,
    /// Of its group.
    median_seconds: f64,
    /// The phase that it lost most of the time in.
    #[cfg_attr(test, schemars(extend("enum" = crate::apply::NodeStage::ALL.map(crate::apply::NodeStage::name))))]
    phase: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckFile {
    cluster: String,
    step: String,
    seconds: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NodeFile {
    addr: String,
    /// What was done with it.
    #[cfg_attr(test, schemars(extend("enum" = crate::apply::NodeAction::ALL.map(crate::apply::NodeAction::name))))]
    action: &'static str,
    /// Seconds by phase.
    phases: BTreeMap<&'static str, f64>,
}

impl From<&Timeline> for TimelineFile {
    fn from(timeline: &Timeline) -> Self {
        let phases = timeline.stages().into_iter().map(|stage| PhaseFile {
            phase: stage.stage.name(),
            median_seconds: stage.median.as_secs_f64(),
            slowest_seconds: stage.slowest.1.as_secs_f64(),
            slowest: stage.slowest.0.to_string(),
        });
        let stragglers = timeline.stragglers().into_iter().map(|found| StragglerFile {
            addr: found.address.to_string(),
            seconds: found.took.as_secs_f64(),
            median_seconds: found.median.as_secs_f64(),
            phase: found.stage.name(),
        });
        let checks = timeline.checks.iter().map(|(cluster, step, took)| CheckFile {
            cluster: cluster.clone(),
            step: step.clone(),
            seconds: took.as_secs_f64(),
        });
        let nodes = timeline.nodes.iter().map(|(address, node)| NodeFile {
            addr: address.to_string(),
            action: node.action.name(),
            phases: node.stages.iter().map(|(stage, took)| (stage.name(), took.as_secs_f64())).collect(),
        });
        Self {
            phases: phases.collect(),
            stragglers: stragglers.collect(),
            checks: checks.collect(),
            nodes: nodes.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::{NodeAction, NodeStage, NodeTimes};
    use crate::model::Address;

    fn node(group: &str, index: u32, boot: u64, packages: u64) -> (Address, NodeTimes) {
        let stages = [(NodeStage::Boot, boot), (NodeStage::Packages, packages)];
        let stages = stages.into_iter().map(|(stage, took)| (stage, Duration::from_secs(took))).collect();
        (Address::Node("lab".to_owned(), group.to_owned(), index), NodeTimes { action: NodeAction::Create, stages })
    }

    #[test]
    fn a_few_lines_say_where_the_time_went() {
        let check = |step: &str, millis| ("lab".to_owned(), step.to_owned(), Duration::from_millis(millis));
        let mut all = Timeline {
            nodes: [node("master", 0, 14, 30), node("slaves", 0, 10, 12), node("slaves", 1, 11, 13)].into(),
            checks: vec![check("datanodes", 200), check("nodemanagers", 1500), check("smoke-test", 86_000)],
        };
        assert_eq!(
            timeline(&all),
            "Time per phase (median, and the slowest node):\n  \
               boot      11s     14s  cluster.lab.master[0]\n  \
               packages  13s     30s  cluster.lab.master[0]\n  \
               checks    1m 27s       smoke-test 1m 26s, nodemanagers 1.5s\n"
        );
        all.nodes.extend([node("slaves", 2, 11, 70)]);
        let said = timeline(&all);
        assert!(
            said.ends_with("Slow: cluster.lab.slaves[2] took 1m 21s, others of its group 24s; mostly `packages`\n"),
            "{said}"
        );
        let alone = Timeline { nodes: [node("master", 0, 14, 30)].into(), checks: Vec::new() };
        assert_eq!(
            timeline(&alone),
            "Time per phase:\n  boot      14s  cluster.lab.master[0]\n  packages  30s  cluster.lab.master[0]\n"
        );
        assert_eq!(timeline(&Timeline::default()), "");
    }
}
