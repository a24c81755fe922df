//! How long steps took on this cloud before, kept beside the state: a convenience, which nothing depends on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Planned, Project, Session, files};
use crate::apply::{StepTimes, Timeline};
use crate::model::CloudIdentity;

/// Of the project's folder for what DISCO keeps.
const FILE: &str = "times.json";

#[derive(Default, Serialize, Deserialize)]
struct TimesFile {
    /// Seconds by the number of nodes, by what a step does, by cloud.
    clouds: BTreeMap<String, BTreeMap<String, BTreeMap<usize, f64>>>,
    /// What the nodes of the last operation that made or changed any took, by cloud.
    #[serde(default)]
    timelines: BTreeMap<String, TimelineFile>,
}

/// Seconds.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct TimelineFile {
    /// From the beginning of new nodes until their cluster was verified, of the last operation that made any.
    #[serde(skip_serializing_if = "Option::is_none")]
    creation: Option<f64>,
    nodes: BTreeMap<String, NodeTimesFile>,
    /// By name of the step.
    checks: BTreeMap<String, f64>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct NodeTimesFile {
    action: String,
    phases: BTreeMap<String, f64>,
}

impl TimelineFile {
    fn of(timeline: &Timeline, creation: Option<f64>) -> Self {
        let nodes = timeline.nodes.iter().map(|(address, node)| {
            let phases = node.stages.iter().map(|(stage, took)| (stage.name().to_owned(), tenths(*took)));
            let file = NodeTimesFile { action: node.action.name().to_owned(), phases: phases.collect() };
            (address.to_string(), file)
        });
        let checks = timeline.checks.iter().map(|(cluster, step, took)| (format!("{cluster}: {step}"), tenths(*took)));
        Self { creation, nodes: nodes.collect(), checks: checks.collect() }
    }
}

fn tenths(took: Duration) -> f64 {
    (took.as_secs_f64() * 10.0).round() / 10.0
}

impl TimesFile {
    /// How long steps took on a cloud.
    fn of(&self, cloud: &str) -> StepTimes {
        let duration = |seconds: f64| Duration::try_from_secs_f64(seconds).ok();
        let sizes = |sizes: &BTreeMap<usize, f64>| {
            sizes.iter().filter_map(|(nodes, seconds)| Some((*nodes, duration(*seconds)?))).collect()
        };
        let verbs = self.clouds.get(cloud).into_iter().flatten();
        let steps = verbs.map(|(verb, known)| (verb.clone(), sizes(known))).collect();
        StepTimes { steps, creation: self.creation(cloud).and_then(duration) }
    }

    fn creation(&self, cloud: &str) -> Option<f64> {
        self.timelines.get(cloud)?.creation
    }
}

impl Project {
    fn times_path(&self) -> PathBuf {
        self.folder().join(FILE)
    }

    fn read_times(&self) -> TimesFile {
        // Where it cannot be read nothing is expected.
        let bytes = files::read(&self.times_path()).ok().flatten().unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// How long steps took on a cloud.
    pub(super) fn times(&self, cloud: &CloudIdentity) -> StepTimes {
        self.read_times().of(&name(cloud))
    }

    /// Takes note of how long steps took.
    fn keep_times(&self, cloud: &CloudIdentity, newer: StepTimes, timeline: &Timeline) {
        if newer == StepTimes::default() && timeline.is_empty() {
            return;
        }
        let (mut file, cloud) = (self.read_times(), name(cloud));
        let mut times = file.of(&cloud);
        times.extend(newer);
        let sizes = |sizes: BTreeMap<usize, Duration>| sizes.into_iter().map(|(nodes, took)| (nodes, tenths(took)));
        let verbs = times.steps.into_iter().map(|(verb, known)| (verb, sizes(known).collect()));
        file.clouds.insert(cloud.clone(), verbs.collect());
        if !timeline.is_empty() {
            let creation = timeline.creation().map(tenths).or(file.creation(&cloud));
            file.timelines.insert(cloud, TimelineFile::of(timeline, creation));
        }
        if let Ok(bytes) = serde_json::to_vec_pretty(&file) {
            // Without it the next command expects nothing.
            let _ = files::write(&self.times_path(), &bytes);
        }
    }
}

impl Session<'_> {
    /// Takes note of how long steps took.
    pub(super) fn keep_times(&self, times: StepTimes, timeline: &Timeline) {
        self.project.keep_times(self.identity(), times, timeline);
    }

    /// How long a plan is expected to take, by what such steps took on this cloud before; nothing where that is not known.
    pub fn expected(&self, planned: &Planned) -> Option<Duration> {
        self.project.times(self.identity()).of_plan(&planned.plan)
    }
}

/// What a cloud's times are kept under.
fn name(cloud: &CloudIdentity) -> String {
    match cloud {
        CloudIdentity::Embedded => "local".to_owned(),
        CloudIdentity::OpenStack { region, project, .. } => {
            format!("{} {}", project.id, region.as_deref().unwrap_or_default()).trim_end().to_owned()
        }
    }
}
