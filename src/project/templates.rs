//! Templates for anything that deploys HOT: what a first apply of a cluster would send, one after the other.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::Project;
use super::compile::has_secrets;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::session::{new_state, now};
use crate::plan::{self, Observation, PlanOptions, Step, StepAction, Wanted};
use crate::report;
use crate::source::Diagnostics;
use crate::state::State;

/// The file that says in which order the others are to be deployed.
const ORDER: &str = "stacks.json";

/// What was written to a folder of templates.
#[derive(Debug)]
pub struct WrittenTemplates {
    /// The files' names, in order, `stacks.json` last.
    pub files: Vec<String>,
    /// What is in `stacks.json`.
    pub order: Json,
}

impl Project {
    /// The steps of a first apply, by cluster; nodes that the state knows keep their places.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files.
    pub async fn templates(&self) -> Result<(BTreeMap<String, Vec<Step>>, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let known = if loaded.placed { self.store(&loaded).load()? } else { None };
        let is_new = known.is_none();
        let state = known.unwrap_or_else(|| new_state(None));
        let (mut made, mut found) = self.compile_offline(&loaded, Some(&state));
        let is_sound = !diagnostics.has_errors() && !found.has_errors();
        if is_new
            && is_sound
            && made.clusters.values().any(has_secrets)
            && let Some(state) = self.begin_state(&loaded, &state).await?
        {
            (made, found) = self.compile_offline(&loaded, Some(&state));
        }
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let nothing = Observation { asked: true, ..Observation::default() };
        let steps = made.clusters.into_iter().map(|(name, cluster)| {
            let wanted = Wanted { clusters: BTreeMap::from([(name.clone(), cluster)]), ..Wanted::default() };
            let plan = plan::plan(&wanted, &State::default(), &nothing, &PlanOptions::default());
            (name, plan.steps)
        });
        Ok((steps.collect(), diagnostics))
    }

    /// Keeps the project's first state: it has the salt that secrets are named with, so that the first apply sends the
    /// template that was printed. Where another command was faster its state stays, and is returned.
    async fn begin_state(&self, loaded: &Loaded, first: &State) -> Result<Option<State>, Failure> {
        let _lock = self.lock("template", now()).await?;
        let store = self.store(loaded);
        let other = store.load()?;
        if other.is_none() {
            store.save(first).map_err(|fault| store.unwritable(&fault))?;
        }
        Ok(other)
    }

    /// Writes a cluster's templates to a folder, relative to the project: a file a step and `stacks.json`, which tells
    /// their order and the values of their parameters. What an earlier call wrote
    /// there is replaced.
    ///
    /// # Errors
    /// A folder with other things in it, files that cannot be written.
    pub fn write_templates(&self, folder: &Path, steps: &[Step]) -> Result<WrittenTemplates, Failure> {
        let folder = self.directory().join(folder);
        let failed = |fault: std::io::Error| {
            Failure::new(FailureKind::Definition, format!("cannot write to `{}`", files::shown(&folder)))
                .because(&fault)
        };
        let old = old_files(&folder)?;
        files::make_folder(&folder).map_err(|fault| {
            failed(fault).help("name a folder that exists, or one in a folder that exists, which is then created")
        })?;
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
        let order = report::stacks_json(&written);
        let mut text = serde_json::to_string_pretty(&order).unwrap_or_default();
        text.push('\n');
        files::write(&folder.join(ORDER), text.as_bytes()).map_err(failed)?;
        let mut files: Vec<String> = written.into_iter().map(|(name, _)| name).collect();
        files.push(ORDER.to_owned());
        for old in old.iter().filter(|old| !files.contains(old)) {
            files::remove(&folder.join(old)).map_err(failed)?;
        }
        Ok(WrittenTemplates { files, order })
    }
}

/// What an earlier call wrote to a folder.
fn old_files(folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |fault: std::io::Error| {
        Failure::new(FailureKind::Definition, format!("cannot read `{}`", files::shown(folder))).because(&fault)
    };
    if let Ok(FileKind::Ordinary | FileKind::Pipe | FileKind::Socket | FileKind::Device) = files::kind(folder) {
        let message = format!("cannot write templates to `{}`: it is not a folder", files::shown(folder));
        return Err(Failure::new(FailureKind::Definition, message)
            .help("name a folder that exists, or one that does not exist yet"));
    }
    let there = files::everything(folder)
        .map_err(|fault| failed(fault).help("name a folder that exists, or one that does not exist yet"))?;
    let order = if there.iter().any(|name| name == ORDER) {
        files::read_existing(&folder.join(ORDER)).map_err(failed)?
    } else {
        Vec::new()
    };
    let order: Json = serde_json::from_slice(&order).unwrap_or_default();
    let mut ours: Vec<&str> = Vec::new();
    if let Some(steps) = order["steps"].as_array() {
        ours.extend(steps.iter().filter_map(|step| step["file"].as_str()));
        ours.push(ORDER);
    }
    let strange = |name: &&String| {
        !ours.contains(&name.as_str()) || !matches!(files::kind(&folder.join(name)), Ok(FileKind::Ordinary))
    };
    match there.iter().find(strange) {
        None => Ok(there),
        Some(other) => Err(Failure::new(
            FailureKind::Definition,
            format!("folder {} contains files that DISCO did not write, such as `{other}`", files::shown(folder)),
        )
        .help("name an empty folder, or one that does not exist yet")),
    }
}
