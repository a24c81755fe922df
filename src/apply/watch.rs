//! Following one stack's action to its end, by its events.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::event::{Event, NodeAction, Phase};
use super::journal::{Interrupt, Pace, between};
use super::node_log::log_of;
use super::run::Run;
use crate::heat::{EVENTS_PAGE, HeatError, StackRef, wire};
use crate::model::{Action, Address, NodePart, ResourceName, Status};
use crate::template::Template;

/// Questions without news after which the stack itself is asked: an event may be missing.
const QUIET: u32 = 6;
/// Questions without news after which a stack that does not move is believed to have ended, although nothing was
/// seen to begin.
const SILENT: u32 = 30;
/// How often in a row a failed stack has to be found without anything that moves: between two resources of an operation
/// that goes on there may be a moment like that.
const STILL: u32 = 2;
/// How long resources that are still under way are waited for once their stack has failed, minutes.
const OTHERS_MINUTES: i64 = 20;

/// Whose resources are, by logical name, and which nodes stay.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) cluster: String,
    /// By logical name.
    pub(super) addresses: BTreeMap<String, Address>,
    /// Logical names that the stack shall have in the end.
    pub(super) wanted: BTreeSet<String>,
    /// Whether its nodes only unmount volumes.
    pub(super) unmounts: bool,
}

impl Names {
    pub(super) fn address(&self, resource: &str) -> Address {
        match self.addresses.get(resource) {
            Some(address) => address.clone(),
            None => Address::of_resource(&self.cluster, resource),
        }
    }

    fn leaves(&self, address: &Address) -> bool {
        match address {
            Address::Node(_, group, index) => {
                !self.wanted.contains(&ResourceName::Node(group, *index, NodePart::Server).to_string())
            }
            _ => false,
        }
    }
}

/// How an action ended.
pub(super) enum Watched {
    /// Heat says that it has ended.
    Ended(Box<wire::Stack>),
    /// The stack is gone.
    Gone,
    /// A person asked to stop watching.
    Interrupted,
    /// It goes on, but its time is up. Said once.
    Late,
}

/// What events told about a resource that failed.
#[derive(Clone, Debug)]
pub(super) struct FailedResource {
    pub(super) name: String,
    pub(super) physical_id: Option<String>,
    pub(super) reason: String,
}

impl FailedResource {
    /// Whether it failed only because something else did, or because time was up.
    fn is_consequence(&self) -> bool {
        self.reason.contains("aborted") || self.reason.contains("cancelled")
    }
}

/// One action being followed.
pub(super) struct Watch<'r, 'a> {
    run: &'r Run<'a>,
    pub(super) stack: StackRef,
    /// The last event read; what came before it is old.
    pub(super) marker: Option<String>,
    pub(super) names: Names,
    /// Whether the action is known to have begun; otherwise an event has to show it.
    pub(super) begun: bool,
    /// When it began, where it is watched again: what happened since then is not seen.
    pub(super) since: Option<Timestamp>,
    /// Whether Heat rolls back where it fails.
    pub(super) rollback: bool,
    /// When its time is up.
    pub(super) deadline: Option<Timestamp>,
    pub(super) pace: Pace,
    /// Ends the watching.
    pub(super) interrupt: Interrupt,
    /// Until when others are waited for after a failure.
    others_until: Option<Timestamp>,
    /// Since when Heat answers nothing that can be used, and how often it has been asked since.
    outage: Option<(Timestamp, u32)>,
    nodes: BTreeMap<Address, (Phase, Timestamp, NodeAction)>,
    /// How long nodes took until nothing more was expected of them.
    pub(super) took: BTreeMap<Address, Duration>,
    /// Resources that ended well.
    pub(super) complete: BTreeSet<String>,
    /// Resources that failed, in the order of their events.
    pub(super) failed: Vec<FailedResource>,
    /// What the failed node wrote, and which resource stands for that: a rollback takes it away.
    pub(super) log: Option<(String, Vec<String>)>,
}

impl<'a> Run<'a> {
    /// A watch over a stack of this operation. `template` is what it shall become; nothing where it goes.
    pub(super) fn watch(&self, cluster: &str, stack: StackRef, template: Option<&Template>) -> Watch<'_, 'a> {
        let mut names = Names { cluster: cluster.to_owned(), ..Names::default() };
        let run_state = self.run_state();
        let known = run_state.state.clusters.get(cluster).and_then(|known| known.stacks.get(&stack.name));
        for (name, resource) in known.iter().flat_map(|known| known.resources.iter()) {
            names.addresses.insert(name.clone(), resource.address.clone());
        }
        drop(run_state);
        for (name, resource) in template.iter().flat_map(|template| &template.resources) {
            names.addresses.insert(name.clone(), resource.address.clone());
            names.wanted.insert(name.clone());
        }
        let mut watch = Watch::new(self, stack);
        watch.names = names;
        if let Some(pace) = self.options.pace {
            watch.pace = pace;
        }
        watch
    }
}

impl<'r, 'a> Watch<'r, 'a> {
    pub(super) fn new(run: &'r Run<'a>, stack: StackRef) -> Self {
        let pace = if run.cloud.is_in_process() { Pace::IN_PROCESS } else { Pace::NETWORK };
        Self {
            run,
            stack,
            marker: None,
            names: Names::default(),
            begun: false,
            since: None,
            rollback: false,
            deadline: None,
            pace,
            interrupt: run.options.interrupt.clone(),
            others_until: None,
            outage: None,
            nodes: BTreeMap::new(),
            took: BTreeMap::new(),
            complete: BTreeSet::new(),
            failed: Vec::new(),
            log: None,
        }
    }

    /// What is done with a node, if anything was seen of it.
    pub(super) fn action(&self, address: &Address) -> Option<NodeAction> {
        self.nodes.get(address).map(|(.., action)| *action)
    }

    /// The first resource that failed of its own.
    pub(super) fn culprit(&self) -> Option<&FailedResource> {
        self.failed.iter().find(|failed| !failed.is_consequence()).or_else(|| self.failed.first())
    }

    /// Follows the events until the action has ended. What Heat is working on goes on while nobody can ask it how:
    /// an outage is waited for.
    pub(super) async fn until_end(&mut self) -> Result<Watched, HeatError> {
        loop {
            let mut interrupt = self.interrupt.clone();
            let Some(outcome) = interrupt.during(self.while_it_answers()).await else {
                return Ok(Watched::Interrupted);
            };
            // An engine in this process that answers nothing is dead for good.
            let may_return = !self.run.cloud.is_in_process();
            let error = match outcome {
                Err(error) if error.is_outage() && (may_return || error.fault().is_some()) => error,
                outcome => return outcome,
            };
            let now = self.run.clock.now();
            let (since, asked) = self.outage.map_or((now, 1), |(since, asked)| (since, asked + 1));
            if between(since, now) >= self.pace.patience() {
                return Err(error);
            }
            self.outage = Some((since, asked));
            let reason = error.sentence();
            self.run.tell(&Event::Retried { stack: self.stack.name.clone(), attempt: asked + 1, reason });
            let wait = self.run.cloud.patience_after(&error).max(self.pace.longest.saturating_mul(asked.min(10)));
            if interrupt.sleep(wait).await {
                return Ok(Watched::Interrupted);
            }
        }
    }

    async fn while_it_answers(&mut self) -> Result<Watched, HeatError> {
        let cloud = self.run.cloud;
        let mut interrupt = self.interrupt.clone();
        let mut wait = self.pace.shortest;
        let mut quiet = 0;
        let mut lingering = 0;
        let mut still = 0;
        loop {
            if interrupt.requested() {
                return Ok(Watched::Interrupted);
            }
            let news = cloud.events_after(&self.stack, self.marker.as_deref()).await?;
            self.outage = None;
            let more = news.as_ref().is_some_and(|events| events.len() >= EVENTS_PAGE);
            let gone = news.is_none();
            let mut ended = false;
            let events = news.unwrap_or_default();
            quiet = if events.is_empty() { quiet + 1 } else { 0 };
            let fresh = !events.is_empty();
            for event in events {
                self.marker = Some(event.id.clone());
                ended = self.take(event, ended);
            }
            if self.rollback {
                self.keep_log().await;
            }
            if more {
                continue;
            }
            let doubtful = quiet > 0 && quiet % QUIET == 0;
            if ended || gone || doubtful || lingering > 0 || still > 0 {
                let Some(stack) = cloud.stack_status(&self.stack).await? else {
                    self.settle(true);
                    return Ok(Watched::Gone);
                };
                let status = stack.status();
                let over =
                    !status.in_progress() && (ended || self.begun || lingering > 0 || still > 0 || quiet >= SILENT);
                // Between FAILED and the beginning of a rollback Heat takes a moment.
                let may_roll_back = self.rollback
                    && status.is_failed()
                    && matches!(status.action, Action::Create | Action::Update)
                    && lingering < 5;
                if over && may_roll_back {
                    lingering += 1;
                } else if over && status.is_failed() && still < STILL {
                    // FAILED may be the end of an operation before, or of one resource while others go on.
                    (still, lingering) = if fresh || self.moves().await? { (1, 0) } else { (still + 1, lingering) };
                } else if over {
                    self.settle(status.is_complete());
                    if status.is_deleted() {
                        return Ok(Watched::Gone);
                    }
                    // Outputs cost Heat a lot: they are read once, at the end.
                    return Ok(match cloud.stack(&self.stack).await? {
                        Some(stack) => Watched::Ended(Box::new(stack)),
                        None => Watched::Gone,
                    });
                } else {
                    (lingering, still) = (0, 0);
                }
            }
            if self.deadline.is_some_and(|deadline| self.run.clock.now() >= deadline) {
                self.deadline = None;
                return Ok(Watched::Late);
            }
            wait = self.pace.next(wait, fresh);
            if interrupt.sleep(wait).await {
                return Ok(Watched::Interrupted);
            }
        }
    }

    /// Whether Heat still works on a resource of a stack that has failed, and it is worth waiting for.
    async fn moves(&mut self) -> Result<bool, HeatError> {
        let now = self.run.clock.now();
        let until = *self
            .others_until
            .get_or_insert_with(|| now.checked_add(SignedDuration::from_mins(OTHERS_MINUTES)).unwrap_or(now));
        if now >= until {
            return Ok(false);
        }
        match self.run.cloud.resources(&self.stack).await {
            Ok(listed) => Ok(listed.iter().any(|resource| resource.status().in_progress())),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads what the failed node wrote while it can be read.
    async fn keep_log(&mut self) {
        let Some(FailedResource { name, physical_id: Some(id), .. }) = self.culprit().cloned() else { return };
        let is_deployment = match self.names.address(&name) {
            Address::Node(_, group, index) => NodePart::of(&name, &group, index) == Some(NodePart::Deployment),
            _ => ResourceName::parse(&name) == Some(ResourceName::Verification),
        };
        if self.log.is_none() && is_deployment {
            // Where the rollback was faster, the failure is told without it.
            self.log = log_of(self.run.cloud, &id).await.ok().map(|log| (name, log));
        }
    }

    /// Takes one event in. Returns whether the stack's action has ended, as far as events tell.
    fn take(&mut self, event: wire::Event, ended: bool) -> bool {
        let status = event.status();
        let reason = event.resource_status_reason.unwrap_or_default();
        let own = event.resource_name == self.stack.name
            && event.physical_resource_id.as_deref().is_none_or(|id| id == self.stack.id);
        if own {
            self.begun = true;
            return !status.in_progress();
        }
        if status.action == Action::Signal {
            // A node has spoken: what Heat makes of it is an event of its own.
            return ended;
        }
        let address = self.names.address(&event.resource_name);
        // With these words Heat ends the update of what it is about to make anew: nothing is complete yet.
        let replaced = status.is(&Action::Update, &Status::Complete) && reason.ends_with("requires replacement.");
        if replaced {
            self.complete.remove(&event.resource_name);
        } else if status.is_complete() {
            self.complete.insert(event.resource_name.clone());
            if status.action == Action::Create
                && !matches!(address, Address::Node(..))
                && let Some(id) = &event.physical_resource_id
            {
                let mut run_state = self.run.run_state();
                let made = run_state.made.entry(self.stack.name.clone()).or_default();
                made.insert(event.resource_name.clone(), id.clone());
                self.run.news.notify_waiters();
            }
        } else if status.is_failed() {
            self.complete.remove(&event.resource_name);
            self.failed.push(FailedResource {
                name: event.resource_name.clone(),
                physical_id: event.physical_resource_id.filter(|id| !id.is_empty()),
                reason: reason.clone(),
            });
        }
        if !replaced
            && let Address::Node(_, group, index) = &address
            && let Some(part) = NodePart::of(&event.resource_name, group, *index)
            && let Some(phase) = Phase::read(part, &status, self.names.leaves(&address))
        {
            self.enter(&address, phase);
        }
        let told = Event::ResourceStatus {
            address,
            stack: self.stack.name.clone(),
            resource: event.resource_name,
            status,
            reason,
        };
        self.run.tell(&told);
        ended
    }

    /// A node is in a phase: said once, never backwards into building or deleting, and failed is failed.
    fn enter(&mut self, address: &Address, phase: Phase) {
        let phase = if phase == Phase::Ready && self.names.unmounts { Phase::Unmounted } else { phase };
        let now = self.run.clock.now();
        let known = self.nodes.get(address).copied();
        let (since, action) = match known {
            Some((Phase::Failed, ..)) => return,
            // A machine's port goes after it.
            Some((Phase::Deleted, ..)) if phase == Phase::Deleting => return,
            Some((seen, ..)) if seen == phase || (phase == Phase::Building && seen > phase) => return,
            Some((_, since, action)) => (since, action),
            None => (self.since.unwrap_or(now), NodeAction::read(phase, self.names.leaves(address))),
        };
        self.nodes.insert(address.clone(), (phase, since, action));
        let (after, first) = (between(since, now), known.is_none());
        if phase.is_final() {
            self.took.insert(address.clone(), after);
        }
        self.run.tell(&Event::NodePhase { address: address.clone(), phase, action, first, after });
    }

    /// The action has ended: nodes whose last event was not seen, or does not exist, are where they were going.
    fn settle(&mut self, well: bool) {
        if !well {
            return;
        }
        let open: Vec<Address> = self
            .nodes
            .iter()
            .filter(|(_, (phase, ..))| !phase.is_final())
            .map(|(address, _)| address.clone())
            .collect();
        for address in open {
            let leaves = self.names.leaves(&address);
            let Some((phase, ..)) = self.nodes.get(&address) else { continue };
            self.enter(&address, phase.end(leaves));
        }
    }
}
