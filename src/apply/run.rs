//! One operation under way: what all steps share.

use jiff::Timestamp;

use super::event::{Event, Observer};
use super::failure::ApplyError;
use super::journal::{Clock, Journal, Options, between};
use super::watch::{Names, Watch};
use crate::heat::{Cloud, StackRef};
use crate::plan::{Observation, PlannedCluster};
use crate::state::{ClusterState, Intent, State};
use crate::template::Template;

pub(super) struct Run<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) state: State,
    pub(super) journal: &'a mut dyn Journal,
    pub(super) clock: &'a dyn Clock,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) options: Options,
    pub(super) began: Timestamp,
    /// Stacks as last seen.
    pub(super) seen: Observation,
    /// Steps carried out.
    pub(super) steps: usize,
    /// The cluster as it was before the step under way.
    pub(super) before: ClusterState,
    /// Whether this operation has its serial already.
    numbered: bool,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        cloud: &'a Cloud,
        state: State,
        journal: &'a mut dyn Journal,
        clock: &'a dyn Clock,
        observer: &'a mut dyn Observer,
        options: Options,
    ) -> Self {
        let began = clock.now();
        let seen = Observation { asked: true, ..Observation::default() };
        Self {
            cloud,
            state,
            journal,
            clock,
            observer,
            options,
            began,
            seen,
            steps: 0,
            before: ClusterState::default(),
            numbered: false,
        }
    }

    /// Makes the state durable. The serial grows once an operation.
    pub(super) fn save(&mut self) -> Result<(), ApplyError> {
        if !self.numbered {
            self.state.serial += 1;
            self.numbered = true;
        }
        self.journal.save(&self.state).map_err(|source| ApplyError::Journal { source })
    }

    pub(super) fn tell(&mut self, event: &Event) {
        self.observer.on(between(self.began, self.clock.now()), event);
    }

    /// Notes durably what is about to be asked.
    pub(super) fn intend(&mut self, cluster: &str, intent: Intent) -> Result<(), ApplyError> {
        self.state.clusters.entry(cluster.to_owned()).or_default().intent = Some(intent);
        self.save()
    }

    /// The call had no effect: the intent goes, and with it what was noted only for it.
    pub(super) fn drop_intent(&mut self, cluster: &str) -> Result<(), ApplyError> {
        if let Some(known) = self.state.clusters.get_mut(cluster) {
            if let Some(intent) = known.intent.take()
                && known.stacks.get(&intent.stack).is_some_and(|stack| stack.id.is_none() && stack.resources.is_empty())
            {
                known.stacks.remove(&intent.stack);
            }
            if known.stacks.is_empty() {
                self.state.clusters.remove(cluster);
            }
        }
        self.save()
    }

    /// A stack is gone for good. The cluster goes with its last one, unless it `stays` because it is made anew.
    pub(super) fn forget(&mut self, cluster: &str, stack: &str, stays: bool) -> Result<(), ApplyError> {
        self.seen.stacks.remove(stack);
        if let Some(known) = self.state.clusters.get_mut(cluster) {
            known.stacks.remove(stack);
            known.intent = None;
            if known.stacks.is_empty() && !stays {
                self.state.clusters.remove(cluster);
            }
        }
        self.save()
    }

    /// A watch over a stack of this operation. `template` is what it shall become; nothing where it goes.
    pub(super) fn watch(&self, cluster: &str, stack: StackRef, template: Option<&Template>) -> Watch<'a> {
        let mut names = Names { cluster: cluster.to_owned(), ..Names::default() };
        let known = self.state.clusters.get(cluster).and_then(|known| known.stacks.get(&stack.name));
        for (name, resource) in known.iter().flat_map(|known| &known.resources) {
            names.addresses.insert(name.clone(), resource.address.clone());
        }
        for (name, resource) in template.iter().flat_map(|template| &template.resources) {
            names.addresses.insert(name.clone(), resource.address.clone());
            names.wanted.insert(name.clone());
        }
        let mut watch = Watch::new(self.cloud, self.clock, self.began, stack);
        watch.names = names;
        if let Some(pace) = self.options.pace {
            watch.pace = pace;
        }
        watch
    }

    /// How long to wait before something is tried again.
    pub(super) fn breath(&self) -> std::time::Duration {
        let pace = if self.cloud.is_in_process() { super::Pace::IN_PROCESS } else { super::Pace::NETWORK };
        self.options.pace.unwrap_or(pace).longest
    }
}

/// While an operation runs, the state has the nodes of before and those to come: whichever way it ends, none is
/// forgotten, and no protection is lost.
pub(super) fn widen(known: &mut ClusterState, planned: &PlannedCluster) {
    for (name, group) in &planned.members.groups {
        let members = known.members.groups.entry(name.clone()).or_default();
        members.blocks.clone_from(&group.blocks);
        members.nodes.extend(group.nodes.iter().map(|(index, member)| (*index, *member)));
    }
    known.members.fixed.clone_from(&planned.members.fixed);
    let facts = &planned.facts;
    known.facts.complete = facts.complete;
    known.facts.flavors.extend(facts.flavors.clone());
    known.facts.images.extend(facts.images.clone());
    known.facts.external_networks.clone_from(&facts.external_networks);
    known.facts.limits = facts.limits.clone();
    known.storage_groups.extend(planned.storage_groups.clone());
    known.prevent_destroy |= planned.prevent_destroy;
}

/// A step that Heat has refused has changed nothing: what was known for its sake is forgotten.
pub(super) fn narrow(known: &mut ClusterState, before: ClusterState) {
    let ClusterState { members, facts, storage_groups, prevent_destroy, .. } = before;
    (known.members, known.facts, known.storage_groups) = (members, facts, storage_groups);
    known.prevent_destroy = prevent_destroy;
}

/// After an operation the state says of a cluster what the plan says. Returns whether that changes anything.
pub(super) fn conclude(known: &mut ClusterState, planned: &PlannedCluster) -> bool {
    let same = known.members == planned.members
        && known.facts == planned.facts
        && known.storage_groups == planned.storage_groups
        && known.prevent_destroy == planned.prevent_destroy;
    if same {
        return false;
    }
    known.members.clone_from(&planned.members);
    known.facts.clone_from(&planned.facts);
    known.storage_groups.clone_from(&planned.storage_groups);
    known.prevent_destroy = planned.prevent_destroy;
    true
}
