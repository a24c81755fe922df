//! `stacks.json`: in which order the templates of a folder are to be deployed, and with which parameters.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, ParameterFile, document, parameters};
use crate::plan::{Step, StepAction};

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
    /// The template, beside this file.
    file: &'a str,
    #[cfg_attr(test, schemars(extend("enum" = ["create", "update"])))]
    action: &'static str,
    stack: &'a str,
    /// Steps of later stages wait for those of earlier ones.
    stage: u32,
    timeout_minutes: u32,
    /// Where each parameter's value comes from.
    parameters: BTreeMap<&'a str, ParameterFile<'a>>,
}

/// What a step of a cluster's creation does with its template; `None` for one that has none.
pub fn stack_action(step: &Step) -> Option<&'static str> {
    match &step.action {
        StepAction::Create(..) => Some("create"),
        StepAction::Update(..) => Some("update"),
        StepAction::Delete => None,
    }
}

/// The order of the steps whose templates lie in these files.
pub fn stacks_json(files: &[(String, &Step)]) -> Json {
    let steps = files.iter().filter_map(|(file, step)| {
        let (StepAction::Create(template, _) | StepAction::Update(template, _)) = &step.action else { return None };
        Some(StackStepFile {
            file,
            action: stack_action(step)?,
            stack: &step.stack,
            stage: step.stage,
            timeout_minutes: step.timeout_minutes,
            parameters: parameters(template, None),
        })
    });
    document(&StacksFile { format_version: FormatVersion::Current, steps: steps.collect() })
}
