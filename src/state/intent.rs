//! How an interrupted call ended: read from what Heat says, never guessed.

use super::digest::observed_template_digest;
use super::observation::{Observation, ObservedStack};
use super::record::{Intent, Operation, State};
use crate::model::Action;

/// An open intent and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Whose stack.
    pub cluster: String,
    /// Which, by name.
    pub stack: String,
    /// What was asked.
    pub intent: Intent,
    /// What became of it.
    pub resolution: Resolution,
}

/// What became of an open intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The cloud was not asked, or did not say enough: nothing is known, nothing may be forgotten.
    Unknown,
    /// The call never reached Heat, or Heat refused it: the cloud is as the state says.
    NeverAccepted,
    /// Heat is working on it.
    InProgress {
        /// The stack's id.
        id: String,
    },
    /// Heat has finished.
    Ended {
        /// The stack's id; `None` where a deletion has ended with nothing left.
        id: Option<String>,
        /// Whether Heat says COMPLETE.
        succeeded: bool,
        /// Heat's words.
        reason: String,
    },
    /// Something else happened to the stack meanwhile: it is gone, or bears somebody else's template.
    Overtaken {
        /// What is seen, for people.
        seen: String,
    },
    /// A stack of that name is there, but it was never ours.
    Foreign,
}

impl State {
    /// What became of the open intents.
    pub fn resolve(&self, observation: &Observation) -> Vec<Resolved> {
        let resolved = self.open_intents().map(|(cluster, stack, intent)| Resolved {
            cluster: cluster.to_owned(),
            stack: stack.to_owned(),
            intent: intent.clone(),
            resolution: self.resolve_one(cluster, stack, intent, observation),
        });
        resolved.collect()
    }

    /// Stacks that Heat is at although this state has asked for nothing: somebody else has, with a copy of this state.
    pub fn moved_by_others<'o>(&self, observation: &'o Observation) -> Vec<(&'o str, &'o ObservedStack)> {
        let moving = observation.stacks.iter().filter(|(_, seen)| observation.asked && seen.status.in_progress());
        let moving: Vec<_> = moving
            .filter(|(name, seen)| {
                let known = self.stacks().find(|(_, stack, _)| stack == name);
                seen.belongs_to(&self.lineage, known.and_then(|(.., known)| known.id.as_deref()))
            })
            .collect();
        if moving.is_empty() {
            return Vec::new();
        }
        let resolved = self.resolve(observation);
        let is_ours = |name: &str, seen: &ObservedStack| {
            resolved.iter().filter(|one| one.stack == name).any(|one| match one.intent.operation {
                // Whatever was under way before goes on until Heat is told to delete.
                Operation::Create | Operation::Delete => true,
                // A rollback goes back to a template that was not sent last.
                Operation::Update | Operation::Suspend | Operation::Resume => {
                    matches!(one.resolution, Resolution::InProgress { .. }) || seen.status.action == Action::Rollback
                }
            })
        };
        moving
            .into_iter()
            .map(|(name, seen)| (name.as_str(), seen))
            .filter(|(name, seen)| !is_ours(name, seen))
            .collect()
    }

    fn resolve_one(&self, cluster: &str, stack: &str, intent: &Intent, observation: &Observation) -> Resolution {
        if !observation.asked {
            return Resolution::Unknown;
        }
        let known = self.clusters.get(cluster).and_then(|cluster| cluster.stacks.get(stack));
        let Some(seen) = observation.stacks.get(stack) else {
            return match intent.operation {
                Operation::Create => Resolution::NeverAccepted,
                Operation::Delete => Resolution::Ended { id: None, succeeded: true, reason: String::new() },
                Operation::Update | Operation::Suspend | Operation::Resume => {
                    Resolution::Overtaken { seen: "the stack does not exist any more".to_owned() }
                }
            };
        };
        if !seen.belongs_to(&self.lineage, known.and_then(|known| known.id.as_deref())) {
            return Resolution::Foreign;
        }
        match intent.operation {
            Operation::Create => now(seen),
            Operation::Delete if seen.status.action == Action::Delete => now(seen),
            Operation::Suspend if seen.status.action == Action::Suspend => now(seen),
            Operation::Resume if seen.status.action == Action::Resume => now(seen),
            Operation::Delete | Operation::Suspend | Operation::Resume => Resolution::NeverAccepted,
            Operation::Update => {
                let Some(template) = &seen.template else {
                    return if seen.status.in_progress() { now(seen) } else { Resolution::Unknown };
                };
                let digest = observed_template_digest(template);
                if digest == intent.template_digest {
                    now(seen)
                } else if known.is_some_and(|known| known.template_digest == digest) {
                    Resolution::NeverAccepted
                } else {
                    Resolution::Overtaken { seen: "the stack has a template that DISCO did not send".to_owned() }
                }
            }
        }
    }
}

fn now(seen: &ObservedStack) -> Resolution {
    if seen.status.in_progress() {
        return Resolution::InProgress { id: seen.id.clone() };
    }
    Resolution::Ended { id: Some(seen.id.clone()), succeeded: seen.status.is_complete(), reason: seen.reason.clone() }
}
