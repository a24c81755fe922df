//! Templates for anything that deploys HOT: what a first apply of a cluster would send, one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::Project;
use super::addresses::chosen;
use super::cloud::{heat_failure, offline_facts};
use super::compile::has_secrets;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::offline;
use super::session::{new_state, now};
use crate::heat;
use crate::model::{CloudFacts, FrameworkSpec, Provider};
use crate::plan::{self, Observation, PlanOptions, Wanted};
use crate::report::{self, StackStep};
use crate::source::Diagnostics;
use crate::state::State;
use crate::template::to_yaml;

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
    /// The steps of a first apply, by cluster; nodes that the state knows keep their places. Where they are to be
    /// `deployed`, a project that has no state yet gets one: the tags of the stacks say that they belong to it.
    ///
    /// # Errors
    /// Mistakes in the definitions, unreadable files.
    pub async fn templates(&self, deployed: bool) -> Result<(BTreeMap<String, Vec<StackStep>>, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let kept = if loaded.placed { self.store(&loaded)?.load().await? } else { None };
        let is_new = kept.is_none();
        let mut state = kept.unwrap_or_else(|| new_state(&loaded.workspace, None));
        let facts = self.facts_for_templates(&loaded, !diagnostics.has_errors()).await?;
        // What is there already has values that others may name.
        let known = offline::known(&state);
        let (mut made, mut found) = self.compile_loaded(&loaded, &known, &facts, Some(&state));
        let is_sound = !diagnostics.has_errors() && !found.has_errors();
        if is_new
            && is_sound
            && (deployed || made.clusters.values().any(has_secrets))
            && let Some(other) = self.begin_state(&loaded, &state).await?
        {
            state = other;
            (made, found) = self.compile_loaded(&loaded, &known, &facts, Some(&state));
        }
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        // A stack made of it elsewhere would have ports with other addresses than its configurations name.
        let elsewhere = if deployed { chosen(&made) } else { BTreeSet::new() };
        let lacking = made.clusters.iter().find(|(name, cluster)| {
            cluster.provisional || cluster.members.lack_addresses() || elsewhere.contains(*name)
        });
        if let Some((name, cluster)) = lacking {
            let what = format!("cluster `{name}`");
            let waits =
                made.spec().clusters.get(name).is_some_and(|spec| spec.frameworks.iter().any(FrameworkSpec::waits));
            let all_chosen = waits && !cluster.members.lack_addresses() && !elsewhere.contains(name);
            return Err(if all_chosen { not_known_yet(&what) } else { without_addresses(&what) });
        }
        let nothing = Observation { asked: true, ..Observation::default() };
        let state = State { salt: state.salt, workspace: state.workspace, ..State::new(state.lineage) };
        let steps = made.clusters.into_iter().map(|(name, cluster)| {
            let wanted = Wanted { clusters: BTreeMap::from([(name.clone(), cluster)]), ..Wanted::default() };
            let plan = plan::plan(&wanted, &state, &nothing, &PlanOptions::default());
            (name, plan.steps.iter().filter_map(StackStep::of).collect())
        });
        Ok((steps.collect(), diagnostics))
    }

    /// What the definition's words mean where the templates are to be deployed: without that they would lack whatever
    /// depends on the size of a flavor. The embedded Heat need not be asked, and nobody is where the definition is not
    /// `sound`.
    async fn facts_for_templates(&self, loaded: &Loaded, sound: bool) -> Result<CloudFacts, Failure> {
        let provider = &loaded.settings.provider;
        if !sound || matches!(provider, Provider::Local { .. }) {
            return Ok(offline_facts(provider));
        }
        let mut reached = self.reach(provider).await?;
        let facts = heat::facts(&reached.cloud).await.map_err(|fault| heat_failure(&fault));
        reached.close();
        facts
    }

    /// Keeps the project's first state: it has the salt that secrets are named with, so that the first apply sends the
    /// template that was printed. Where another command was faster its state stays, and is returned.
    async fn begin_state(&self, loaded: &Loaded, first: &State) -> Result<Option<State>, Failure> {
        let store = self.store(loaded)?;
        let _lease = self.acquire(&store, "template", now()).await?;
        let other = store.load().await?;
        if other.is_none() {
            store.save(first).await.map_err(|fault| store.unwritable(&fault))?;
        }
        Ok(other)
    }

    /// The steps of a saved plan, with everything that they send. The path is relative to the project.
    ///
    /// # Errors
    /// A file that cannot be read or is no plan.
    pub fn templates_of_plan(&self, path: &Path) -> Result<Vec<StackStep>, Failure> {
        let plan = self.saved_plan(path)?;
        let steps = plan.document().get("steps").and_then(Json::as_array);
        if steps.into_iter().flatten().any(|step| step["lacks_addresses"] == true) {
            return Err(not_known_yet(&format!("`{}`", files::shown(path))));
        }
        report::steps_of_saved_plan(plan.document()).ok_or_else(|| {
            let shown = files::shown(path);
            Failure::new(FailureKind::Definition, format!("`{shown}` has no steps that can be read"))
                .help("write the plan again: disco plan --out FILE")
        })
    }

    /// Writes templates to a folder, relative to the project: a file a step and `stacks.json`, which tells their order
    /// and the values of their parameters. What an earlier call wrote there is replaced.
    ///
    /// # Errors
    /// A folder with other things in it, files that cannot be written.
    pub fn write_templates(&self, folder: &Path, steps: &[StackStep]) -> Result<WrittenTemplates, Failure> {
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
            let name = match &step.template {
                Some(template) => {
                    let name = format!("{number:0digits$}-{}-{}.yaml", step.action.name(), step.stack);
                    files::write(&folder.join(&name), to_yaml(template.clone()).as_bytes()).map_err(failed)?;
                    Some(name)
                }
                None => None,
            };
            written.push((name, step));
        }
        let order = report::stacks_json(&written);
        let mut text = serde_json::to_string_pretty(&order).unwrap_or_default();
        text.push('\n');
        files::write(&folder.join(ORDER), text.as_bytes()).map_err(failed)?;
        let mut files: Vec<String> = written.into_iter().filter_map(|(name, _)| name).collect();
        files.push(ORDER.to_owned());
        for old in old.iter().filter(|old| !files.contains(old)) {
            files::remove(&folder.join(old)).map_err(failed)?;
        }
        Ok(WrittenTemplates { files, order })
    }
}

/// Why there are no templates of something: it needs what is known only after apply.
fn not_known_yet(what: &str) -> Failure {
    let message = format!("{what} cannot be written as templates: values that it names are known only after apply");
    Failure::new(FailureKind::Refused, message)
        .help("run `disco apply`, which first makes what has these values, then run this again")
}

/// Why there are no templates of something: it needs addresses that nobody has chosen yet.
fn without_addresses(what: &str) -> Failure {
    let message =
        format!("{what} cannot be written as templates: Neutron chooses addresses of nodes when it makes their ports");
    Failure::new(FailureKind::Refused, message).help(
        "run `disco apply`, which makes these ports first, or write `addresses` where the network is the project's own",
    )
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
