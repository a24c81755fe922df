//! What is told to programs while things happen: one message a line, of Terraform's types where they fit.
//!
//! A stream begins with `version` and ends with `end`; one that has no `end` was cut off. Secrets are in no message.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::diagnostic::DiagnosticFile;
use super::plan::PlanFile;
use super::progress;
use super::timeline::TimelineFile;
use super::value::{OutputsFile, outputs_file};
use crate::apply::{Event, NodeAction, Phase, Timeline};
use crate::model::Address;
use crate::plan::{Plan, Summary};
use crate::source::{Diagnostic, Sources};
use crate::state::OutputState;

/// Something to tell, and the sentence for people that goes with it.
pub struct Message<'a> {
    level: LevelFile,
    sentence: String,
    body: BodyFile<'a>,
}

/// A message as it is written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(deny_unknown_fields))]
pub(super) struct MessageFile<'m, 'a> {
    #[serde(rename = "@level")]
    level: LevelFile,
    /// For people.
    #[serde(rename = "@message")]
    message: &'m str,
    #[serde(rename = "@module")]
    module: ModuleFile,
    /// When it was written, RFC 3339.
    #[serde(rename = "@timestamp")]
    timestamp: &'m str,
    #[serde(flatten)]
    body: &'m BodyFile<'a>,
}

#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum LevelFile {
    Info,
    Warn,
    Error,
}

#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum ModuleFile {
    #[serde(rename = "disco.ui")]
    Face,
}

/// The format of the stream.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum StreamVersion {
    #[serde(rename = "1.0")]
    Current,
}

/// What a message tells.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
enum BodyFile<'a> {
    /// Always the first: who speaks, and in which format.
    Version { disco: &'static str, ui: StreamVersion },
    /// Something is wrong, or could be.
    Diagnostic { diagnostic: DiagnosticFile<'a> },
    /// What would change.
    Plan { plan: PlanFile<'a> },
    /// How much changes or, with another `operation` than `plan`, has changed.
    ChangeSummary {
        changes: ChangesFile,
        /// Of a plan: how long it is expected to take, by what such steps took before; nothing where that is not known.
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_seconds: Option<f64>,
    },
    /// A step of the plan begins; `step` counts from 1.
    StepStart {
        step: usize,
        of: usize,
        title: &'a str,
        stack: &'a str,
        addresses: Vec<String>,
        /// How long such a step took before on this cloud; null where that is not known.
        expected_seconds: Option<f64>,
        elapsed_seconds: f64,
    },
    /// A step begins to do something with a node.
    ApplyStart { hook: HookFile, elapsed_seconds: f64 },
    /// A node is in another phase of its life.
    ApplyProgress {
        hook: HookFile,
        /// Since the first phase seen of the node in this step.
        phase_seconds: f64,
        elapsed_seconds: f64,
    },
    /// A node is as the step wants it.
    ApplyComplete { hook: HookFile, elapsed_seconds: f64 },
    /// Heat says that one of its resources has another status; told only where it failed, or with `-v`.
    ResourceStatus {
        addr: String,
        stack: &'a str,
        resource: &'a str,
        status: String,
        reason: &'a str,
        elapsed_seconds: f64,
    },
    /// A step has ended well.
    StepComplete { step: usize, title: &'a str, stack: &'a str, step_seconds: f64, elapsed_seconds: f64 },
    /// The first thing that failed: the node or other object and Heat's resource where one is to blame, and the last lines
    /// of the node's own log.
    ApplyErrored {
        /// As of the node's other messages, where a node is to blame.
        hook: Option<HookFile>,
        stack: &'a str,
        addr: Option<String>,
        resource: Option<&'a str>,
        reason: &'a str,
        log: &'a [String],
        elapsed_seconds: f64,
    },
    /// An operation that was under way already is watched again.
    Reattached {
        stack: &'a str,
        action: &'a str,
        since: &'a str,
        /// On whose behalf, where somebody else asked for it and that is known.
        by: Option<&'a str>,
        elapsed_seconds: f64,
    },
    /// A request is made again, or a deletion that failed.
    Retried { stack: &'a str, attempt: u32, reason: &'a str, elapsed_seconds: f64 },
    /// Watching has stopped; Heat continues with the stacks that are named.
    Detached {
        /// The first of them.
        stack: Option<&'a str>,
        stacks: &'a [String],
        elapsed_seconds: f64,
    },
    /// How long nodes took, phase by phase; only where they measured it.
    Timeline { timeline: TimelineFile },
    /// The outputs, once all is done.
    Outputs { outputs: OutputsFile<'a> },
    /// Always the last: how it ended.
    End {
        result: ResultFile,
        exit_code: u8,
        /// What kind of failure it was.
        #[cfg_attr(test, schemars(extend("enum" = FAILURES)))]
        failure: Option<&'static str>,
    },
}

/// Kinds of failure that a stream ends with, and `null`.
#[cfg(test)]
const FAILURES: [Option<&str>; 9] = [
    Some("definition"),
    Some("state"),
    Some("locked"),
    Some("cloud"),
    Some("refused"),
    Some("apply"),
    Some("interrupted"),
    Some("output"),
    None,
];

/// The user's objects, counted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ChangesFile {
    add: usize,
    change: usize,
    remove: usize,
    #[cfg_attr(test, schemars(extend("enum" = ["plan", "apply", "destroy", "suspend", "resume"])))]
    operation: &'static str,
}

/// Terraform's name for what an event is about.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HookFile {
    resource: HookResourceFile,
    /// What the step does with it.
    #[cfg_attr(test, schemars(extend("enum" = crate::apply::NodeAction::ALL.map(crate::apply::NodeAction::name))))]
    action: &'static str,
    /// In `apply_progress`.
    #[cfg_attr(test, schemars(extend("enum" = crate::apply::Phase::ALL.map(crate::apply::Phase::name))))]
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'static str>,
    /// Since the first phase seen of it in this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<f64>,
}

impl HookFile {
    fn of(address: &Address, action: NodeAction, phase: Option<Phase>, after: Option<Duration>) -> Self {
        let addr = address.to_string();
        let module = format!("cluster.{}", address.cluster());
        let resource = addr.strip_prefix(&format!("{module}.")).unwrap_or_default().to_owned();
        let (name, key) = match address {
            Address::Node(_, group, index) => (group.clone(), Some(*index)),
            _ => (resource.clone(), None),
        };
        let resource_type = if key.is_some() { "node" } else { "cluster" };
        let resource =
            HookResourceFile { addr, module, resource, resource_type, resource_name: name, resource_key: key };
        let elapsed_seconds = after.map(|after| after.as_secs_f64());
        Self { resource, action: action.name(), phase: phase.map(Phase::name), elapsed_seconds }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HookResourceFile {
    /// `cluster.analytics.slaves[3]`
    addr: String,
    /// What is before the node in it: `cluster.analytics`
    module: String,
    /// What is after that: `slaves[3]`
    resource: String,
    #[cfg_attr(test, schemars(extend("enum" = ["node", "cluster"])))]
    resource_type: &'static str,
    /// The group: `slaves`
    resource_name: String,
    /// The node's index: `3`
    resource_key: Option<u32>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ResultFile {
    Done,
    ChangesWaiting,
    Failed,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// As asked.
    Done,
    /// Changes are waiting, and that was asked for.
    ChangesWaiting,
    /// It did not succeed; the kind of failure.
    Failed(&'static str),
    /// Somebody has ended it early; the kind of failure.
    Interrupted(&'static str),
}

impl<'a> Message<'a> {
    fn info(sentence: impl Into<String>, body: BodyFile<'a>) -> Self {
        Self { level: LevelFile::Info, sentence: sentence.into(), body }
    }

    /// The first message of a stream.
    pub fn version() -> Self {
        let disco = env!("CARGO_PKG_VERSION");
        Self::info(format!("DISCO {disco}"), BodyFile::Version { disco, ui: StreamVersion::Current })
    }

    /// The last message of a stream.
    pub fn end(end: StreamEnd, exit_code: u8) -> Self {
        let (level, sentence, result, failure) = match end {
            StreamEnd::Done => (LevelFile::Info, "Done", ResultFile::Done, None),
            StreamEnd::ChangesWaiting => (LevelFile::Info, "Changes are planned", ResultFile::ChangesWaiting, None),
            StreamEnd::Failed(kind) => (LevelFile::Error, "Failed", ResultFile::Failed, Some(kind)),
            StreamEnd::Interrupted(kind) => (LevelFile::Error, "Interrupted", ResultFile::Failed, Some(kind)),
        };
        Self { level, sentence: sentence.to_owned(), body: BodyFile::End { result, exit_code, failure } }
    }

    /// A mistake or a warning.
    pub fn diagnostic(diagnostic: &'a Diagnostic, sources: &Sources) -> Self {
        Self::wrong(DiagnosticFile::of(diagnostic, sources))
    }

    /// What is wrong beside mistakes in texts.
    pub fn error(message: &'a str, causes: &'a [String], help: Option<&'a str>) -> Self {
        Self::wrong(DiagnosticFile::error(message, causes, help))
    }

    fn wrong(diagnostic: DiagnosticFile<'a>) -> Self {
        let (level, word) =
            if diagnostic.is_error() { (LevelFile::Error, "Error") } else { (LevelFile::Warn, "Warning") };
        let sentence = format!("{word}: {}", diagnostic.message());
        Self { level, sentence, body: BodyFile::Diagnostic { diagnostic } }
    }

    /// A plan.
    pub fn plan(plan: &'a Plan, sources: &Sources) -> Self {
        Self::info(super::summary_line(plan), BodyFile::Plan { plan: PlanFile::of(plan, sources) })
    }

    /// How much changes (`plan`) or has changed (`apply`, `destroy`).
    pub fn summary(operation: &'static str, summary: Summary, sentence: String) -> Self {
        let Summary { add, change, destroy } = summary;
        Self::info(
            sentence,
            BodyFile::ChangeSummary {
                changes: ChangesFile { add, change, remove: destroy, operation },
                expected_seconds: None,
            },
        )
    }

    /// How much a plan changes, and how long that is expected to take.
    pub fn planned(summary: Summary, sentence: String, expected: Option<Duration>) -> Self {
        let mut message = Self::summary("plan", summary, sentence);
        if let BodyFile::ChangeSummary { expected_seconds, .. } = &mut message.body {
            *expected_seconds = expected.map(|expected| expected.as_secs_f64());
        }
        message
    }

    /// How long nodes took, phase by phase.
    pub fn timeline(timeline: &Timeline) -> Self {
        let sentence = super::timeline(timeline).trim_end().to_owned();
        Self::info(sentence, BodyFile::Timeline { timeline: timeline.into() })
    }

    /// The outputs as they are now.
    pub fn outputs(outputs: &'a BTreeMap<String, OutputState>) -> Self {
        Self::info(format!("Outputs: {}", outputs.len()), BodyFile::Outputs { outputs: outputs_file(outputs) })
    }

    /// Something that happens while a plan is carried out; `at` is the time since the operation began.
    ///
    /// The first phase of a node begins with a message of its own, as Terraform's readers expect, and the last one that is
    /// well ends with one.
    pub fn event(at: Duration, event: &'a Event) -> Vec<Self> {
        let level = if matches!(event, Event::Failed { .. }) { LevelFile::Error } else { LevelFile::Info };
        let told = Self { level, sentence: sentence(at, event), body: body(at.as_secs_f64(), event) };
        let Event::NodePhase { address, phase, action, first, after } = event else { return vec![told] };
        let elapsed_seconds = at.as_secs_f64();
        let begun = first.then(|| {
            let hook = HookFile::of(address, *action, None, None);
            Self::info(format!("{address}: {} begins", action.name()), BodyFile::ApplyStart { hook, elapsed_seconds })
        });
        let done = matches!(phase, Phase::Ready | Phase::Deleted | Phase::Suspended | Phase::Resumed).then(|| {
            let hook = HookFile::of(address, *action, None, Some(*after));
            let sentence = format!("{address}: {} complete after {}", action.name(), progress::time(*after));
            Self::info(sentence, BodyFile::ApplyComplete { hook, elapsed_seconds })
        });
        begun.into_iter().chain([told]).chain(done).collect()
    }

    /// The message as a line, without its end. `now` is RFC 3339.
    pub fn line(&self, now: &str) -> String {
        let Self { level, sentence, body } = self;
        let file = MessageFile { level: *level, message: sentence, module: ModuleFile::Face, timestamp: now, body };
        // Serialising to memory fails only for maps whose keys are not texts; there are none here.
        serde_json::to_string(&file).unwrap_or_default()
    }
}

fn sentence(at: Duration, event: &Event) -> String {
    match (progress::line(at, event), event) {
        (Some(line), _) => line,
        (None, Event::ResourceStatus { address, resource, status, .. }) => format!("{address}: {resource} {status}"),
        (None, _) => String::new(),
    }
}

fn body(elapsed_seconds: f64, event: &Event) -> BodyFile<'_> {
    match event {
        Event::StepStarted { number, of, title, stack, addresses, expected } => BodyFile::StepStart {
            step: *number,
            of: *of,
            title,
            stack,
            addresses: addresses.iter().map(Address::to_string).collect(),
            expected_seconds: expected.map(|expected| expected.as_secs_f64()),
            elapsed_seconds,
        },
        Event::NodePhase { address, phase, action, after, .. } => BodyFile::ApplyProgress {
            hook: HookFile::of(address, *action, Some(*phase), Some(*after)),
            phase_seconds: after.as_secs_f64(),
            elapsed_seconds,
        },
        Event::ResourceStatus { address, stack, resource, status, reason } => {
            let (addr, status) = (address.to_string(), status.to_string());
            BodyFile::ResourceStatus { addr, stack, resource, status, reason, elapsed_seconds }
        }
        Event::StepEnded { number, title, stack, took } => {
            BodyFile::StepComplete { step: *number, title, stack, step_seconds: took.as_secs_f64(), elapsed_seconds }
        }
        Event::Failed { stack, address, resource, action, reason, log } => BodyFile::ApplyErrored {
            hook: address.as_ref().zip(*action).map(|(address, action)| HookFile::of(address, action, None, None)),
            stack,
            addr: address.as_ref().map(Address::to_string),
            resource: resource.as_deref(),
            reason,
            log,
            elapsed_seconds,
        },
        Event::Reattached { stack, action, since, by } => {
            BodyFile::Reattached { stack, action: action.name(), since, by: by.as_deref(), elapsed_seconds }
        }
        Event::Retried { stack, attempt, reason } => {
            BodyFile::Retried { stack, attempt: *attempt, reason, elapsed_seconds }
        }
        Event::Detached { stacks } => {
            BodyFile::Detached { stack: stacks.first().map(String::as_str), stacks, elapsed_seconds }
        }
    }
}
