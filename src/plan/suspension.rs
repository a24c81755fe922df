//! Suspending and resuming clusters: which stacks, in which order, and what Heat would not let be undone.

use std::collections::BTreeSet;

use super::guard;
use crate::model::{Action, ActionStatus, Status, is_base_stack};
use crate::source::{Diagnostic, Diagnostics, did_you_mean};
use crate::state::{Found, Observation, ObservedResource, ObservedStack, State};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Servers stop, and keep their disks, addresses and what is in their memory.
    Suspend,
    /// They go on.
    Resume,
}

impl Switch {
    /// The verb as typed.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }

    /// What a cluster is after it.
    pub fn done(self) -> &'static str {
        match self {
            Self::Suspend => "suspended",
            Self::Resume => "resumed",
        }
    }
}

/// Whether Heat refuses to update a stack until it has been resumed: it is suspended, or was resumed only in part.
pub(crate) fn is_suspended(status: &ActionStatus) -> bool {
    match status.action {
        Action::Suspend => true,
        Action::Resume => status.is_failed(),
        _ => false,
    }
}

/// What is to be asked of Heat.
#[derive(Clone, Debug, Default)]
pub struct Suspension {
    /// What is asked, in order.
    pub steps: Vec<SwitchStep>,
    /// Clusters that it is about; where none needs anything, all that were meant.
    pub clusters: BTreeSet<String>,
    /// Why it is not done.
    pub diagnostics: Diagnostics,
}

/// One stack that is suspended or resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchStep {
    /// Cluster.
    pub cluster: String,
    /// Stack, by name.
    pub stack: String,
    /// Which way.
    pub switch: Switch,
    /// Steps of one stage run side by side, those of later stages after them.
    pub stage: u32,
}

/// What has to be asked of Heat so that clusters are suspended or resumed: all of them, or those that are named. The base
/// stack is suspended last and resumed first: the others use its network and its masters.
pub fn suspension(switch: Switch, names: &[String], state: &State, observation: &Observation) -> Suspension {
    let mut plan = Suspension::default();
    for name in names.iter().map(|name| state.name_of(name)) {
        if state.clusters.contains_key(&name) {
            plan.clusters.insert(name);
        } else {
            plan.diagnostics.push(unknown(&name, state));
        }
    }
    if names.is_empty() {
        plan.clusters.extend(state.clusters.keys().cloned());
    }
    for cluster in plan.clusters.clone() {
        for (stack, known) in state.clusters.get(&cluster).into_iter().flat_map(|known| &known.stacks) {
            let Some(seen) = observation.stacks.get(stack) else {
                plan.diagnostics.push(gone(switch, stack));
                continue;
            };
            if !seen.belongs_to(&state.lineage, known.id.as_deref()) {
                plan.diagnostics.push(guard::foreign(stack, seen, None));
                continue;
            }
            match wanted(switch, &cluster, stack, seen) {
                Ok(switches) => plan.steps.extend(switches.iter().map(|&switch| SwitchStep {
                    cluster: cluster.clone(),
                    stack: stack.clone(),
                    switch,
                    stage: stage(switch, is_base_stack(stack)),
                })),
                Err(refusal) => plan.diagnostics.push(*refusal),
            }
        }
    }
    plan.steps.sort_by_key(|step| step.stage);
    if !plan.steps.is_empty() {
        // Of those that need nothing there is nothing to say.
        let steps = &plan.steps;
        plan.clusters.retain(|cluster| steps.iter().any(|step| step.cluster == *cluster));
    }
    plan
}

/// A suspension that has to end before a resumption comes before it.
fn stage(switch: Switch, is_base: bool) -> u32 {
    match (switch, is_base) {
        (Switch::Suspend, false) => 0,
        (Switch::Suspend, true) => 1,
        (Switch::Resume, true) => 2,
        (Switch::Resume, false) => 3,
    }
}

/// What is asked of one stack. Heat suspends only what is complete, or was being suspended, and resumes only what is
/// wholly suspended, or was being resumed: anything else would leave a stack that can neither be updated nor resumed.
fn wanted(
    switch: Switch,
    cluster: &str,
    stack: &str,
    seen: &ObservedStack,
) -> Result<&'static [Switch], Box<Diagnostic>> {
    if seen.status.in_progress() {
        return Err(Box::new(in_progress(stack, seen)));
    }
    Ok(match (switch, &seen.status.action, &seen.status.status) {
        (Switch::Suspend, Action::Suspend, Status::Complete) => &[],
        (Switch::Suspend, Action::Suspend, _) => &[Switch::Suspend],
        (Switch::Suspend, Action::Resume, Status::Failed) => return Err(Box::new(half_resumed(cluster, stack))),
        (Switch::Suspend, ..) => match unfit(seen) {
            Some((resource, found)) => return Err(Box::new(not_complete(stack, resource, found))),
            None => &[Switch::Suspend],
        },
        (Switch::Resume, Action::Suspend, Status::Complete) | (Switch::Resume, Action::Resume, Status::Failed) => {
            &[Switch::Resume]
        }
        (Switch::Resume, Action::Suspend, _) => &[Switch::Suspend, Switch::Resume],
        (Switch::Resume, ..) => &[],
    })
}

/// The first resource that Heat would not suspend.
fn unfit(seen: &ObservedStack) -> Option<(&str, &ObservedResource)> {
    let unfit = |resource: &ObservedResource| {
        !resource.status.is_complete() || !resource.status.exists() || resource.found != Found::AsHeatSays
    };
    seen.resources.iter().find(|(_, resource)| unfit(resource)).map(|(name, resource)| (name.as_str(), resource))
}

fn unknown(name: &str, state: &State) -> Diagnostic {
    let help = did_you_mean(name, state.clusters.keys().map(String::as_str));
    let help = help.unwrap_or_else(|| "run `disco show` to see the clusters of this project".to_owned());
    Diagnostic::error("disco::no_such_cluster", format!("cluster `{name}` does not exist")).help(help)
}

fn gone(switch: Switch, stack: &str) -> Diagnostic {
    Diagnostic::error("disco::stack_gone", format!("stack `{stack}` does not exist, nothing can be {}", switch.done()))
        .help("run `disco plan` to see what must be created again")
}

fn in_progress(stack: &str, seen: &ObservedStack) -> Diagnostic {
    Diagnostic::error(guard::IN_PROGRESS, format!("Heat is still working on stack `{stack}` ({})", seen.status))
        .help("run the same command again: it waits for the end first")
}

fn half_resumed(cluster: &str, stack: &str) -> Diagnostic {
    Diagnostic::error("disco::not_suspendable", format!("stack `{stack}` was resumed only in part"))
        .help(format!("run `disco resume {cluster}` first: it continues with what is still suspended"))
}

fn not_complete(stack: &str, name: &str, found: &ObservedResource) -> Diagnostic {
    let what = match found.found {
        Found::AsHeatSays => format!("its `{name}` is {}", found.status),
        Found::Deleted => format!("its `{name}` was deleted"),
        Found::NotRunning(status) => format!("its `{name}` is {}", status.name()),
        Found::Disconnected => format!("its `{name}` is disconnected"),
    };
    Diagnostic::error("disco::not_suspendable", format!("stack `{stack}` cannot be suspended: {what}"))
        .help("run `disco apply` first: Heat suspends complete stacks only, and could not resume one that is suspended in part")
}
