//! `stacks.json`: in which order the templates of a folder are to be deployed, and with which parameters.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::document::{FormatVersion, document, parameters};
use crate::plan::{Step, StepAction};

#[cfg(test)]
use super::document::ParameterFile;

/// The file `stacks.json` of `disco template --out FOLDER`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StacksFile<'a> {
    format_version: FormatVersion,
    /// In the order to carry them out; steps of one stage may run side by side.
    steps: Vec<StackStepFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StackStepFile<'a> {
    /// The template, beside this file; absent where the stack is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    action: StackAction,
    stack: &'a str,
    /// Steps of later stages wait for those of earlier ones.
    stage: u64,
    timeout_minutes: u64,
    /// The stack's tags. They say which project's state it belongs to.
    tags: &'a [String],
    /// Where each parameter's value comes from.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, ParameterFile<'static>>"))]
    parameters: &'a Json,
}

/// What a step does with its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum StackAction {
    /// Creates it.
    Create,
    /// Sends another template.
    Update,
    /// Deletes it.
    Delete,
}

impl StackAction {
    /// As a command would be called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A step of a plan as any Heat client could carry it out.
#[derive(Clone, Debug)]
pub struct StackStep {
    /// What to do.
    pub action: StackAction,
    /// With which stack.
    pub stack: String,
    /// The template to send, as JSON.
    pub template: Option<Json>,
    stage: u64,
    timeout_minutes: u64,
    tags: Vec<String>,
    parameters: Json,
}

impl StackStep {
    /// The step as a Heat client sees it; `None` where nothing is asked of Heat.
    pub fn of(step: &Step) -> Option<Self> {
        let (action, sent) = match &step.action {
            StepAction::Create(template, tags) => (StackAction::Create, Some((template, tags))),
            StepAction::Update(template, tags) => (StackAction::Update, Some((template, tags))),
            StepAction::Delete => (StackAction::Delete, None),
            StepAction::Restore(_) => return None,
        };
        Some(Self {
            action,
            stack: step.stack.clone(),
            template: sent.map(|(template, _)| template.to_json()),
            stage: step.stage.into(),
            timeout_minutes: step.timeout_minutes.into(),
            tags: sent.map(|(_, tags)| tags.clone()).unwrap_or_default(),
            parameters: sent.map_or_else(no_parameters, |(template, _)| document(&parameters(template, None))),
        })
    }
}

fn no_parameters() -> Json {
    Json::Object(Map::new())
}

/// The steps of a saved plan, one after the other; `None` for a document without them.
pub fn steps_of_saved_plan(document: &Json) -> Option<Vec<StackStep>> {
    let mut templates: BTreeMap<&str, Json> = BTreeMap::new();
    let mut steps = Vec::new();
    for (stage, step) in (0..).zip(document.get("steps")?.as_array()?) {
        let stack = step.get("stack")?.as_str()?;
        let action = match step.get("action")?.as_str()? {
            "create" => StackAction::Create,
            "update" => StackAction::Update,
            "restore" => continue,
            _ => StackAction::Delete,
        };
        if let Some(template) = step.get("template") {
            templates.insert(stack, template.clone());
        }
        if let (Some(template), Some(changes)) = (templates.get_mut(stack), step.get("template_changes")) {
            change(template, changes);
        }
        let template = templates.get(stack).filter(|_| action != StackAction::Delete).cloned();
        let tags = step.get("tags").and_then(Json::as_array).into_iter().flatten();
        steps.push(StackStep {
            action,
            stack: stack.to_owned(),
            template,
            stage,
            timeout_minutes: step.get("timeout_minutes").and_then(Json::as_u64).unwrap_or(60),
            tags: tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
            parameters: step.get("parameters").cloned().unwrap_or_else(no_parameters),
        });
    }
    Some(steps)
}

/// Makes the template of a stack's next step of the one before.
fn change(template: &mut Json, changes: &Json) {
    for (section, changes) in changes.as_object().into_iter().flatten() {
        let mut entries = template.get(section).and_then(Json::as_object).cloned().unwrap_or_default();
        for name in changes["gone"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            entries.remove(name);
        }
        entries.extend(changes["set"].as_object().cloned().unwrap_or_default());
        template[section.as_str()] = Json::Object(entries);
    }
}

/// The order of the steps, with the files that their templates lie in.
pub fn stacks_json(files: &[(Option<String>, &StackStep)]) -> Json {
    let steps = files.iter().map(|(file, step)| StackStepFile {
        file: file.as_deref(),
        action: step.action,
        stack: &step.stack,
        stage: step.stage,
        timeout_minutes: step.timeout_minutes,
        tags: &step.tags,
        parameters: &step.parameters,
    });
    document(&StacksFile { format_version: FormatVersion::Current, steps: steps.collect() })
}
