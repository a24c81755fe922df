//! Templates for anything that deploys HOT: what a first apply of a cluster would send, one after the other.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::failure::{Failure, FailureKind};
use super::{Project, files};
use crate::plan::{self, Observation, PlanOptions, Step, StepAction, Wanted};
use crate::report;
use crate::source::Diagnostics;
use crate::state::State;

/// The file that says in which order the others are to be deployed.
const ORDER: &str = "stacks.json";

impl Project {
    /// The steps of a first apply, by cluster; nodes that the state knows keep their places.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files.
    pub fn templates(&self) -> Result<(BTreeMap<String, Vec<Step>>, Diagnostics), Failure> {
        let (clusters, diagnostics) = self.compile_offline(true)?;
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let nothing = Observation { asked: true, ..Observation::default() };
        let steps = clusters.into_iter().map(|(name, cluster)| {
            let wanted = Wanted { clusters: BTreeMap::from([(name.clone(), cluster)]), ..Wanted::default() };
            let plan = plan::plan(&wanted, &State::default(), &nothing, &PlanOptions::default());
            (name, plan.steps)
        });
        Ok((steps.collect(), diagnostics))
    }

    /// Writes a cluster's templates to a folder, relative to the project: a file a step and `stacks.json`, which tells
    /// their order and the values of their parameters. Returns the files' names, in order. What an earlier call wrote
    /// there is replaced.
    ///
    /// # Errors
    /// A folder with other things in it, files that cannot be written.
    pub fn write_templates(&self, folder: &Path, steps: &[Step]) -> Result<Vec<String>, Failure> {
        let folder = self.directory().join(folder);
        let failed = |fault: std::io::Error| {
            Failure::new(FailureKind::Definition, format!("cannot write to {}", folder.display())).because(&fault)
        };
        for old in old_files(&folder)? {
            files::remove(&folder.join(old)).map_err(failed)?;
        }
        let digits = steps.len().to_string().len();
        let mut written = Vec::new();
        for (number, step) in (1..).zip(steps) {
            let (Some(action), StepAction::Create(template, _) | StepAction::Update(template, _)) =
                (report::stack_action(step), &step.action)
            else {
                continue;
            };
            let name = format!("{number:0digits$}-{action}-{}.yaml", step.stack);
            files::write(&folder.join(&name), template.to_yaml().as_bytes()).map_err(failed)?;
            written.push((name, step));
        }
        let mut text = serde_json::to_string_pretty(&report::stacks_json(&written)).unwrap_or_default();
        text.push('\n');
        files::write(&folder.join(ORDER), text.as_bytes()).map_err(failed)?;
        let mut names: Vec<String> = written.into_iter().map(|(name, _)| name).collect();
        names.push(ORDER.to_owned());
        Ok(names)
    }
}

/// What an earlier call wrote to a folder.
fn old_files(folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |fault: std::io::Error| {
        Failure::new(FailureKind::Definition, format!("cannot read {}", folder.display())).because(&fault)
    };
    let there = files::list(folder).map_err(failed)?;
    let order = files::read(&folder.join(ORDER)).map_err(failed)?.unwrap_or_default();
    let order: Json = serde_json::from_slice(&order).unwrap_or_default();
    let steps = order["steps"].as_array().into_iter().flatten();
    let mut ours: Vec<String> = steps.filter_map(|step| step["file"].as_str().map(str::to_owned)).collect();
    ours.push(ORDER.to_owned());
    match there.iter().find(|name| !ours.contains(name)) {
        None => Ok(there),
        Some(other) => Err(Failure::new(
            FailureKind::Definition,
            format!("{} has other things in it, `{other}` for one", folder.display()),
        )
        .help("name an empty folder, or one that is not there yet")),
    }
}
