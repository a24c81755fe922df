//! A plan for programs. The format has a version of its own; secrets do not come into it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::saved::{PlanCloud, SentFile, sent};
use super::state_changes::StateChangeFile;
use crate::catalogue::Protection;
use crate::plan::{ChangeKind, Lost, Plan, PropertyChange, RuleChange, RuleSource, ServiceChanges, StepAction};
use crate::report::document::{FormatVersion, PlaceFile, document};
use crate::report::drift::DifferenceFile;
use crate::report::scope::ScopeFile;
use crate::source::{Severity, Sources};
use crate::state::template_digest;

/// What would change, and what is sent to Heat for it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct PlanFile<'a> {
    format_version: FormatVersion,
    base: BaseFile<'a>,
    /// The workspace that it is for; absent for the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<&'a str>,
    /// Which cloud it is for; null where that is not known yet.
    cloud: Option<PlanCloud>,
    /// What it is about; absent where that is everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<ScopeFile>,
    /// Whether the cloud was asked.
    observed: bool,
    /// Whether there is something to carry out, and nothing forbids it.
    applyable: bool,
    summary: SummaryFile,
    /// What has changed outside of DISCO since the last apply.
    drift: Vec<DifferenceFile<'a>>,
    /// What changes in the state alone.
    state_changes: Vec<StateChangeFile<'a>>,
    /// What happens to the user's objects; those that stay as they are, are left out.
    changes: Vec<ChangeFile<'a>>,
    /// What is sent to Heat, in order.
    steps: Vec<StepFile<'a>>,
    /// Outputs that change.
    outputs: Vec<OutputFile<'a>>,
    /// Stacks on which Heat is still working.
    in_progress: &'a [String],
    /// Clusters that are suspended: Heat refuses to change them until they are resumed.
    suspended: &'a BTreeSet<String>,
}

/// What the plan was made from: another state or definition makes it stale.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BaseFile<'a> {
    lineage: &'a str,
    serial: u64,
    definition_digest: &'a str,
}

/// The user's objects, counted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SummaryFile {
    add: usize,
    change: usize,
    destroy: usize,
}

/// What happens to one of the user's objects.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ChangeFile<'a> {
    /// `cluster.analytics.slaves[3]`
    address: String,
    kind: KindFile,
    /// Sentences: the attribute, the line, or the drift.
    reasons: &'a [String],
    /// Whether stored data is lost.
    data_loss: bool,
    /// Stored data that is lost: folders, with the volume that they are on, and volumes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lost: Vec<String>,
    /// Whether work and data of a node that goes move to those that stay first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drained: bool,
    /// The line that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceFile>,
    /// What becomes of the node's services.
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<ServicesFile<'a>>,
    /// Rules of the firewall that come or go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<RuleFile<'a>>,
    /// What the frameworks protect whose ports are opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    protections: Vec<ProtectionFile<'a>>,
    /// Heat's resources behind it that change.
    resources: Vec<ResourceFile<'a>>,
}

/// Services by what becomes of them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ServicesFile<'a> {
    /// They run, and are started again.
    restarts: &'a [String],
    /// They run, and are stopped for good.
    stops: &'a [String],
    /// They do not run yet.
    starts: &'a [String],
}

/// Who may reach what.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleFile<'a> {
    kind: KindFile,
    /// The service or the name of the port; `null` for custom ports.
    service: Option<&'a str>,
    protocol: &'a str,
    /// `null`: all of the protocol.
    first_port: Option<u16>,
    last_port: Option<u16>,
    /// CIDR; `null`: the cluster's own nodes, or not known.
    from: Option<&'a str>,
    /// The group whose nodes it is about; `null`: all.
    to: Option<&'a str>,
    /// What anybody who is let in can do, each with the name of the port.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    anybody: &'a [String],
    /// The line that opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceFile>,
}

/// What a framework protects in this cluster.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProtectionFile<'a> {
    framework: &'a str,
    /// What is protected, and how.
    does: &'a [String],
    /// What is not.
    does_not: &'a [String],
}

/// What happens, from harmless to grave.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum KindFile {
    NoChange,
    Verify,
    Forget,
    Create,
    Update,
    Heal,
    Resize,
    Rebuild,
    Replace,
    Drain,
    Delete,
}

/// What happens to one of Heat's resources.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ResourceFile<'a> {
    stack: &'a str,
    /// Its logical name.
    name: &'a str,
    /// `OS::Nova::Server`
    #[serde(rename = "type")]
    heat_type: &'a str,
    kind: KindFile,
    /// The logical name of the resource whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<&'a str>,
    properties: Vec<PropertyFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PropertyFile<'a> {
    name: &'a str,
    /// `null` where it was not set, is known only by digest, or is secret.
    before: Option<&'a Json>,
    after: Option<&'a Json>,
    sensitive: bool,
    /// Whether it is why the resource cannot be changed in place.
    forces: bool,
}

/// One call that changes the cloud, and the wait for its end.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepFile<'a> {
    title: &'a str,
    cluster: &'a str,
    stack: &'a str,
    action: ActionFile,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_digest: Option<String>,
    /// What it is about.
    addresses: Vec<String>,
    timeout_minutes: u32,
    /// Whether Heat rolls back if it fails.
    rollback: bool,
    /// Whether its template lacks addresses that ports will have only once they are made, or values that another cluster will
    /// have: it is planned again then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lacks_addresses: bool,
    #[serde(flatten)]
    sent: SentFile<'a>,
}

#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ActionFile {
    Create,
    Update,
    Delete,
    /// Nova or Neutron put back what was taken away behind Heat's back.
    Restore,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OutputFile<'a> {
    name: &'a str,
    /// `null` where there was none, or where it is secret.
    before: Option<&'a Json>,
    after: Option<&'a Json>,
    /// Whether it is known only after apply.
    after_unknown: bool,
    removed: bool,
    sensitive: bool,
}

/// The plan as JSON.
pub fn plan_json(plan: &Plan, sources: &Sources) -> Json {
    document(&PlanFile::of(plan, sources))
}

impl<'a> PlanFile<'a> {
    /// A plan to look at.
    pub(in crate::report) fn of(plan: &'a Plan, sources: &Sources) -> Self {
        Self::with(plan, sources, |_| SentFile::default())
    }

    /// A plan to keep: with everything that its steps send.
    pub(super) fn whole(plan: &'a Plan, salt: &str, sources: &Sources) -> Self {
        let mut before = BTreeMap::new();
        Self::with(plan, sources, |step| sent(&plan.steps[step], salt, &mut before))
    }

    fn with(plan: &'a Plan, sources: &Sources, mut sent: impl FnMut(usize) -> SentFile<'a>) -> Self {
        let summary = plan.summary();
        let steps = plan.steps.iter().enumerate().map(|(number, step)| {
            let (action, template) = match &step.action {
                StepAction::Create(template, _) => (ActionFile::Create, Some(template)),
                StepAction::Update(template, _) => (ActionFile::Update, Some(template)),
                StepAction::Delete => (ActionFile::Delete, None),
                StepAction::Restore(_) => (ActionFile::Restore, None),
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
                lacks_addresses: step.lacks_addresses,
                sent: sent(number),
            }
        });
        let outputs = plan.outputs.iter().map(|output| OutputFile {
            name: &output.name,
            before: output.before.as_ref().filter(|_| !output.secret),
            after: output.after.as_ref().filter(|_| !output.secret),
            after_unknown: output.after.is_none() && !output.removed && !output.secret,
            removed: output.removed,
            sensitive: output.secret,
        });
        Self {
            format_version: FormatVersion::Current,
            base: BaseFile {
                lineage: &plan.base.lineage,
                serial: plan.base.serial,
                definition_digest: &plan.base.definition_digest,
            },
            workspace: plan.base.workspace.as_deref(),
            cloud: plan.cloud.as_ref().map(PlanCloud::from),
            scope: ScopeFile::of(&plan.scope),
            observed: plan.observed,
            applyable: plan.has_changes() && plan.diagnostics.iter().all(|found| found.severity != Severity::Error),
            summary: SummaryFile { add: summary.add, change: summary.change, destroy: summary.destroy },
            drift: plan.drift.iter().map(DifferenceFile::of).collect(),
            state_changes: plan.state_changes.iter().map(StateChangeFile::from).collect(),
            changes: changes(plan, sources),
            steps: steps.collect(),
            outputs: outputs.collect(),
            in_progress: &plan.in_progress,
            suspended: &plan.suspended,
        }
    }
}

fn changes<'a>(plan: &'a Plan, sources: &Sources) -> Vec<ChangeFile<'a>> {
    let changes = plan.changes.iter().map(|change| {
        let resources = change.resources.iter().map(|resource| ResourceFile {
            stack: &resource.stack,
            name: &resource.name,
            heat_type: &resource.heat_type,
            kind: kind(resource.kind),
            replaces: resource.replaces.as_deref(),
            properties: resource.properties.iter().map(property).collect(),
        });
        ChangeFile {
            address: change.address.to_string(),
            kind: kind(change.kind),
            reasons: &change.reasons,
            data_loss: !change.lost.is_empty(),
            lost: change.lost.iter().map(Lost::to_string).collect(),
            drained: change.drained,
            place: change.origin.map(|origin| PlaceFile::of(origin, sources)),
            services: services(&change.services),
            rules: change.rules.iter().map(|changed| rule(changed, sources)).collect(),
            protections: change.protections.iter().map(protection).collect(),
            resources: resources.collect(),
        }
    });
    changes.collect()
}

fn protection(protection: &Protection) -> ProtectionFile<'_> {
    let Protection { framework, does, does_not } = protection;
    ProtectionFile { framework, does, does_not }
}

fn services(services: &ServiceChanges) -> Option<ServicesFile<'_>> {
    let ServiceChanges { restarted, stopped, started } = services;
    let file = ServicesFile { restarts: restarted, stops: stopped, starts: started };
    (*services != ServiceChanges::default()).then_some(file)
}

fn rule<'a>(rule: &'a RuleChange, sources: &Sources) -> RuleFile<'a> {
    RuleFile {
        kind: kind(rule.kind),
        service: rule.service.as_deref(),
        protocol: &rule.protocol,
        first_port: rule.ports.map(|ports| ports.first),
        last_port: rule.ports.map(|ports| ports.last),
        from: match &rule.from {
            RuleSource::Network(prefix) => Some(prefix),
            RuleSource::Nodes | RuleSource::Unknown => None,
        },
        to: rule.to.as_deref(),
        anybody: if rule.lets_in() { &rule.anybody } else { &[] },
        place: rule.origin.map(|origin| PlaceFile::of(origin, sources)),
    }
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

fn kind(kind: ChangeKind) -> KindFile {
    match kind {
        ChangeKind::NoChange => KindFile::NoChange,
        ChangeKind::Verify => KindFile::Verify,
        ChangeKind::Forget => KindFile::Forget,
        ChangeKind::Create => KindFile::Create,
        ChangeKind::Update => KindFile::Update,
        ChangeKind::Heal => KindFile::Heal,
        ChangeKind::Resize => KindFile::Resize,
        ChangeKind::Rebuild => KindFile::Rebuild,
        ChangeKind::Replace => KindFile::Replace,
        ChangeKind::Drain => KindFile::Drain,
        ChangeKind::Delete => KindFile::Delete,
    }
}
