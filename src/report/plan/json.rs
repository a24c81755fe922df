//! A plan for programs. The format has a version of its own; secrets do not come into it.

use serde::Serialize;
use serde_json::Value as Json;

use crate::plan::{ChangeKind, Plan, PropertyChange, StepAction};
use crate::source::{Severity, Sources, Span};
use crate::state::template_digest;

#[derive(Serialize)]
struct PlanFile<'a> {
    format_version: &'static str,
    base: BaseFile<'a>,
    observed: bool,
    applyable: bool,
    summary: SummaryFile,
    changes: Vec<ChangeFile<'a>>,
    steps: Vec<StepFile<'a>>,
    outputs: Vec<OutputFile<'a>>,
    in_progress: &'a [String],
}

#[derive(Serialize)]
struct BaseFile<'a> {
    lineage: &'a str,
    serial: u64,
    definition_digest: &'a str,
}

#[derive(Serialize)]
struct SummaryFile {
    add: usize,
    change: usize,
    destroy: usize,
}

#[derive(Serialize)]
struct ChangeFile<'a> {
    address: String,
    kind: &'static str,
    reasons: &'a [String],
    data_loss: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceFile>,
    resources: Vec<ResourceFile<'a>>,
}

#[derive(Serialize)]
struct PlaceFile {
    file: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct ResourceFile<'a> {
    stack: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    heat_type: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<&'a str>,
    properties: Vec<PropertyFile<'a>>,
}

#[derive(Serialize)]
struct PropertyFile<'a> {
    name: &'a str,
    before: Option<&'a Json>,
    after: Option<&'a Json>,
    sensitive: bool,
    forces: bool,
}

#[derive(Serialize)]
struct StepFile<'a> {
    title: &'a str,
    cluster: &'a str,
    stack: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_digest: Option<String>,
    addresses: Vec<String>,
    timeout_minutes: u32,
    rollback: bool,
}

#[derive(Serialize)]
struct OutputFile<'a> {
    name: &'a str,
    before: Option<&'a Json>,
    after: Option<&'a Json>,
    after_unknown: bool,
    removed: bool,
    sensitive: bool,
}

/// The plan as JSON.
pub fn plan_json(plan: &Plan, sources: &Sources) -> Json {
    let summary = plan.summary();
    let file = PlanFile {
        format_version: "1.0",
        base: BaseFile {
            lineage: &plan.base.lineage,
            serial: plan.base.serial,
            definition_digest: &plan.base.definition_digest,
        },
        observed: plan.observed,
        applyable: plan.has_changes() && plan.diagnostics.iter().all(|found| found.severity != Severity::Error),
        summary: SummaryFile { add: summary.add, change: summary.change, destroy: summary.destroy },
        changes: plan
            .changes
            .iter()
            .map(|change| ChangeFile {
                address: change.address.to_string(),
                kind: kind(change.kind),
                reasons: &change.reasons,
                data_loss: change.data_loss,
                place: change.origin.map(|origin| place(origin, sources)),
                resources: change
                    .resources
                    .iter()
                    .map(|resource| ResourceFile {
                        stack: &resource.stack,
                        name: &resource.name,
                        heat_type: &resource.heat_type,
                        kind: kind(resource.kind),
                        replaces: resource.replaces.as_deref(),
                        properties: resource.properties.iter().map(property).collect(),
                    })
                    .collect(),
            })
            .collect(),
        steps: plan
            .steps
            .iter()
            .map(|step| {
                let (action, template) = match &step.action {
                    StepAction::Create(template, _) => ("create", Some(template)),
                    StepAction::Update(template, _) => ("update", Some(template)),
                    StepAction::Delete => ("delete", None),
                };
                StepFile {
                    title: &step.title,
                    cluster: &step.cluster,
                    stack: &step.stack,
                    action,
                    template_digest: template.map(template_digest),
                    addresses: step.addresses.iter().map(ToString::to_string).collect(),
                    timeout_minutes: step.timeout_minutes,
                    rollback: step.rollback,
                }
            })
            .collect(),
        outputs: plan
            .outputs
            .iter()
            .map(|output| OutputFile {
                name: &output.name,
                before: output.before.as_ref().filter(|_| !output.secret),
                after: output.after.as_ref().filter(|_| !output.secret),
                after_unknown: output.after.is_none() && !output.removed && !output.secret,
                removed: output.removed,
                sensitive: output.secret,
            })
            .collect(),
        in_progress: &plan.in_progress,
    };
    // Serialising to memory fails only for maps whose keys are not texts; there are none here.
    serde_json::to_value(file).unwrap_or_default()
}

fn place(origin: Span, sources: &Sources) -> PlaceFile {
    let (file, at) = sources.locate(origin);
    PlaceFile { file, line: at.line, column: at.column }
}

fn property(change: &PropertyChange) -> PropertyFile<'_> {
    PropertyFile {
        name: &change.name,
        before: change.before.as_ref().filter(|_| !change.secret),
        after: change.after.as_ref().filter(|_| !change.secret),
        sensitive: change.secret,
        forces: change.forces,
    }
}

fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NoChange => "no_change",
        ChangeKind::Verify => "verify",
        ChangeKind::Forget => "forget",
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Heal => "heal",
        ChangeKind::Resize => "resize",
        ChangeKind::Rebuild => "rebuild",
        ChangeKind::Replace => "replace",
        ChangeKind::Drain => "drain",
        ChangeKind::Delete => "delete",
    }
}
