//! One operation under way: what all its steps share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::event::{Event, Observer};
use super::expected::StepTimes;
use super::failure::ApplyError;
use super::journal::{Clock, Journal, OperationContext, Options, between};
use super::timeline::Timeline;
use crate::heat::{Cloud, StackRef};
use crate::model::to_the_second;
use crate::plan::{Observation, PlannedCluster, Step};
use crate::state::{ClusterState, Intent, Operation, State};
use crate::template::Template;

/// Secrets that Heat has made up, by stack and logical name.
pub(super) type Secrets = BTreeMap<String, BTreeMap<String, String>>;

/// One operation. Steps may run side by side: what they change is in [`RunState`], which a step locks for a
/// moment and never while it waits for the cloud.
pub(super) struct Run<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) clock: &'a dyn Clock,
    pub(super) options: Options,
    pub(super) began: Timestamp,
    /// Told when something is made that steps may wait for, and when a step has ended for which others wait.
    pub(super) news: Notify,
    shared: Mutex<RunState<'a>>,
    /// Writes the state, one write after the other. It is never waited for with what steps share locked.
    writer: tokio::sync::Mutex<Writer<'a>>,
}

/// Who writes the state.
struct Writer<'a> {
    journal: &'a mut dyn Journal,
    /// Up to which wish the state is durable.
    durable: u64,
}

/// What the steps of an operation change.
pub(super) struct RunState<'a> {
    pub(super) state: State,
    /// Stacks as last seen.
    pub(super) seen: Observation,
    /// Steps carried out.
    pub(super) steps: usize,
    /// How long they took.
    pub(super) times: StepTimes,
    /// How long nodes took.
    pub(super) timeline: Timeline,
    /// Stacks that were deleted.
    pub(super) deleted: Vec<StackRef>,
    /// Ids of what stacks share that are being created, by stack and logical name.
    pub(super) made: BTreeMap<String, BTreeMap<String, String>>,
    /// How many steps have not begun.
    pub(super) to_come: usize,
    observer: &'a mut dyn Observer,
    /// Clusters as they were before the step under way, by its stack; of steps that have a stage to themselves.
    pub(super) before: BTreeMap<String, PlannedCluster>,
    /// Whether this operation has its serial already.
    numbered: bool,
    /// How often what has been noted was to be made durable.
    asked: u64,
}

impl RunState<'_> {
    /// What is known of a cluster; an empty record where nothing is.
    pub(super) fn cluster(&mut self, name: &str) -> &mut ClusterState {
        self.state.clusters.entry(name.to_owned()).or_default()
    }

    /// Heat's id of a stack, where it is known.
    pub(super) fn known_id(&self, cluster: &str, stack: &str) -> Option<String> {
        self.state.clusters.get(cluster)?.stacks.get(stack)?.id.clone()
    }

    /// The values of a template's parameters, as far as Heat has to be told. `secrets` are those that Heat has made up in
    /// other stacks.
    pub(super) fn parameters(
        &self,
        step: &Step,
        template: &Template,
        secrets: &Secrets,
    ) -> Result<BTreeMap<String, String>, ApplyError> {
        let stacks = self.state.clusters.get(&step.cluster).map(|known| &known.stacks);
        let recorded = |stack: &str, resource: &str| stacks?.get(stack)?.resources.get(resource)?.physical_id.as_ref();
        let made = |stack: &str, resource: &str| self.made.get(stack)?.get(resource);
        let id_of = |stack: &str, resource: &str| recorded(stack, resource).or_else(|| made(stack, resource)).cloned();
        let secret_of = |stack: &str, resource: &str| secrets.get(stack)?.get(resource).cloned();
        template.parameter_values(id_of, secret_of).map_err(|(stack, resource)| ApplyError::NotMade { stack, resource })
    }

    /// Notes what is about to be asked.
    pub(super) fn intend(&mut self, cluster: &str, stack: &str, intent: Intent) {
        self.cluster(cluster).stacks.entry(stack.to_owned()).or_default().intent = Some(intent);
    }

    /// The state says of these clusters what the plan says. Returns whether that changes anything.
    pub(super) fn conclude<'p>(&mut self, planned: impl Iterator<Item = (&'p String, &'p PlannedCluster)>) -> bool {
        let mut changed = false;
        for (name, planned) in planned {
            if let Some(known) = self.state.clusters.get_mut(name) {
                changed |= conclude(known, planned);
            }
        }
        changed
    }

    /// The same once all is done, without the stacks that have vanished.
    pub(super) fn settle<'p>(
        &mut self,
        planned: impl Iterator<Item = (&'p String, &'p PlannedCluster)>,
        vanished: &[(String, String)],
    ) -> bool {
        let mut changed = self.conclude(planned);
        for (cluster, stack) in vanished {
            if let Some(known) = self.state.clusters.get_mut(cluster) {
                known.stacks.remove(stack);
                if known.stacks.is_empty() {
                    self.state.clusters.remove(cluster);
                }
                changed = true;
            }
        }
        changed
    }

    /// The call had no effect: the intent goes, and with it what was noted only for it.
    pub(super) fn without_intent(&mut self, cluster: &str, stack: &str) {
        if let Some(known) = self.state.clusters.get_mut(cluster) {
            if let Some(record) = known.stacks.get_mut(stack) {
                record.intent = None;
                if record.id.is_none() && record.resources.is_empty() {
                    known.stacks.remove(stack);
                }
            }
            if known.stacks.is_empty() {
                self.state.clusters.remove(cluster);
            }
        }
    }

    /// A stack is gone for good. The cluster goes with its last one, unless it `stays` because it is made anew.
    fn without_stack(&mut self, cluster: &str, stack: &str, stays: bool) {
        self.seen.stacks.remove(stack);
        if let Some(known) = self.state.clusters.get_mut(cluster) {
            known.stacks.remove(stack);
            if known.stacks.is_empty() && !stays {
                self.state.clusters.remove(cluster);
            }
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(state: State, context: OperationContext<'a>) -> Self {
        let OperationContext { cloud, journal, clock, observer, options } = context;
        let began = clock.now();
        let seen = Observation { asked: true, ..Observation::default() };
        let (before, times) = (BTreeMap::new(), StepTimes::default());
        let run_state = RunState {
            state,
            seen,
            steps: 0,
            times,
            timeline: Timeline::default(),
            deleted: Vec::new(),
            made: BTreeMap::new(),
            to_come: 0,
            before,
            observer,
            numbered: false,
            asked: 0,
        };
        let writer = tokio::sync::Mutex::new(Writer { journal, durable: 0 });
        Self { cloud, clock, options, began, news: Notify::new(), shared: Mutex::new(run_state), writer }
    }

    /// Locks what the steps share.
    pub(super) fn run_state(&self) -> MutexGuard<'_, RunState<'a>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes durable what has been noted. Steps that want it at the same moment share one write: with many
    /// stacks the state is large.
    pub(super) async fn commit(&self) -> Result<(), ApplyError> {
        let asked = self.ask();
        tokio::task::yield_now().await;
        self.write(asked).await
    }

    /// Makes durable what has been noted, at once.
    pub(super) async fn save(&self) -> Result<(), ApplyError> {
        let asked = self.ask();
        self.write(asked).await
    }

    /// Notes that somebody wants what there is to be durable.
    fn ask(&self) -> u64 {
        let mut run_state = self.run_state();
        run_state.asked += 1;
        run_state.asked
    }

    /// Writes the state, unless a write that began after this wish has had it already. The serial grows once an operation.
    async fn write(&self, asked: u64) -> Result<(), ApplyError> {
        let mut writer = self.writer.lock().await;
        let Writer { journal, durable } = &mut *writer;
        if *durable >= asked {
            return Ok(());
        }
        let (keeping, until) = {
            let mut run_state = self.run_state();
            if !run_state.numbered {
                run_state.state.serial += 1;
                run_state.numbered = true;
            }
            (journal.save(&run_state.state), run_state.asked)
        };
        keeping.await.map_err(|source| ApplyError::Journal { source })?;
        *durable = until;
        Ok(())
    }

    /// The call had no effect: the intent goes, and with it what was noted only for it.
    pub(super) async fn drop_intent(&self, cluster: &str, stack: &str) -> Result<(), ApplyError> {
        self.run_state().without_intent(cluster, stack);
        self.save().await
    }

    /// A stack is gone for good. The cluster goes with its last one, unless it `stays` because it is made anew.
    pub(super) async fn forget(&self, cluster: &str, stack: &str, stays: bool) -> Result<(), ApplyError> {
        self.run_state().without_stack(cluster, stack, stays);
        self.save().await
    }

    /// What the steps have come to.
    pub(super) fn into_state(self) -> RunState<'a> {
        self.shared.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is about to be asked, as the state notes it.
    pub(super) fn intent(&self, operation: Operation, step: &str) -> Intent {
        Intent {
            operation,
            template_digest: String::new(),
            step: step.to_owned(),
            since: to_the_second(&self.clock.now().to_string()),
            deadline_minutes: None,
        }
    }

    pub(super) fn tell(&self, event: &Event) {
        let at = between(self.began, self.clock.now());
        self.run_state().observer.on(at, event);
    }

    /// How long a step is expected to take.
    pub(super) fn expected(&self, (verb, nodes): (&str, usize)) -> Option<Duration> {
        self.options.times.expected(verb, nodes)
    }

    /// A step is done well.
    pub(super) fn done(&self, (verb, nodes): (&str, usize), took: Duration) {
        let mut run_state = self.run_state();
        run_state.steps += 1;
        run_state.times.note(verb, nodes, took);
    }

    /// Waits a little before something is tried again, but not less than the cloud asks for; true where a person asks to
    /// stop meanwhile.
    pub(super) async fn pause(&self, at_least: Duration) -> bool {
        self.options.interrupt.clone().sleep(self.longest_pause().max(at_least)).await
    }

    /// The longest wait between two questions.
    pub(super) fn longest_pause(&self) -> Duration {
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
    known.facts.networks.clone_from(&facts.networks);
    known.facts.key_pairs.clone_from(&facts.key_pairs);
    known.facts.zones.extend(facts.zones.clone());
    known.facts.volume_types.extend(facts.volume_types.clone());
    known.facts.quotas = facts.quotas.clone();
    known.storage_groups.extend(planned.storage_groups.clone());
    known.frameworks.extend(planned.frameworks.clone());
    known.prevent_destroy |= planned.prevent_destroy;
    known.refers_to.extend(planned.refers_to.iter().cloned());
    known.called.clone_from(&planned.called);
}

/// What the state says of a cluster beside its stacks. A step that Heat has refused has changed nothing: what was known
/// for its sake is forgotten, which is what this is kept for.
pub(super) fn standing(known: &ClusterState) -> PlannedCluster {
    PlannedCluster {
        members: known.members.clone(),
        facts: known.facts.clone(),
        storage_groups: known.storage_groups.clone(),
        frameworks: known.frameworks.clone(),
        prevent_destroy: known.prevent_destroy,
        refers_to: known.refers_to.clone(),
        called: known.called.clone(),
    }
}

/// After an operation the state says of a cluster what the plan says. Returns whether that changes anything.
pub(super) fn conclude(known: &mut ClusterState, planned: &PlannedCluster) -> bool {
    let same = known.members == planned.members
        && known.facts == planned.facts
        && known.storage_groups == planned.storage_groups
        && known.frameworks == planned.frameworks
        && known.prevent_destroy == planned.prevent_destroy
        && known.refers_to == planned.refers_to
        && known.called == planned.called;
    if same {
        return false;
    }
    known.members.clone_from(&planned.members);
    known.facts.clone_from(&planned.facts);
    known.storage_groups.clone_from(&planned.storage_groups);
    known.frameworks.clone_from(&planned.frameworks);
    known.prevent_destroy = planned.prevent_destroy;
    known.refers_to.clone_from(&planned.refers_to);
    known.called.clone_from(&planned.called);
    true
}
