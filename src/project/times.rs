//! How long steps took on this cloud before, kept beside the state: a convenience, which nothing depends on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Project, Session, files};
use crate::apply::StepTimes;
use crate::model::CloudIdentity;

/// Of the project's folder for what DISCO keeps.
const FILE: &str = "times.json";

#[derive(Default, Serialize, Deserialize)]
struct TimesFile {
    /// Seconds by the number of nodes, by what a step does, by cloud.
    clouds: BTreeMap<String, BTreeMap<String, BTreeMap<usize, f64>>>,
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
        let known = self.read_times().clouds.remove(&name(cloud)).unwrap_or_default();
        let took = |(nodes, seconds): (usize, f64)| Some((nodes, Duration::try_from_secs_f64(seconds).ok()?));
        let verbs = known.into_iter().map(|(verb, sizes)| (verb, sizes.into_iter().filter_map(took).collect()));
        StepTimes(verbs.collect())
    }

    /// Takes note of how long steps took.
    fn keep_times(&self, cloud: &CloudIdentity, newer: StepTimes) {
        if newer == StepTimes::default() {
            return;
        }
        let mut times = self.times(cloud);
        times.extend(newer);
        let tenths = |took: Duration| (took.as_secs_f64() * 10.0).round() / 10.0;
        let sizes = |sizes: BTreeMap<usize, Duration>| sizes.into_iter().map(|(nodes, took)| (nodes, tenths(took)));
        let verbs = times.0.into_iter().map(|(verb, known)| (verb, sizes(known).collect()));
        let mut file = self.read_times();
        file.clouds.insert(name(cloud), verbs.collect());
        if let Ok(bytes) = serde_json::to_vec_pretty(&file) {
            // Without it the next command expects nothing.
            let _ = files::write(&self.times_path(), &bytes);
        }
    }
}

impl Session<'_> {
    /// Takes note of how long steps took.
    pub(super) fn keep_times(&self, times: StepTimes) {
        self.project.keep_times(self.identity(), times);
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
