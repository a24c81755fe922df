//! The steps of a plan, each cluster by itself: what does not wait for each other runs side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{Semaphore, watch};

use super::outcome::Stop;
use super::run::Run;
use crate::model::{Address, heat_type};
use crate::plan::{Plan, Step, StepAction};

/// The steps of one cluster, with their numbers.
struct Lane<'p> {
    cluster: &'p str,
    steps: Vec<(usize, &'p Step)>,
    /// Whether all of them are done well.
    end: watch::Sender<End<'p>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum End<'p> {
    Open,
    Done,
    /// By these clusters: itself, or those that it comes after.
    Stopped(BTreeSet<&'p str>),
}

/// What became of all steps.
pub(super) struct Ended<'p> {
    /// Clusters whose steps are all done.
    pub(super) done: BTreeSet<&'p str>,
    /// Clusters that have steps and have not begun, by those that stopped them; by none where anything has failed.
    pub(super) not_begun: BTreeMap<BTreeSet<&'p str>, Vec<&'p str>>,
    /// What stopped the others.
    pub(super) stops: Vec<Stop>,
}

/// How the steps of a cluster ended, where none of them stopped.
enum LaneEnd<'p> {
    Done,
    /// Something has failed before: in these clusters, which it comes after, or anywhere.
    NotBegun(BTreeSet<&'p str>),
}

/// What all lanes share.
struct Lanes<'p> {
    plan: &'p Plan,
    by_cluster: BTreeMap<&'p str, Lane<'p>>,
    /// How many clusters may be under way: those that have begun come to their end before others begin.
    clusters: Semaphore,
    /// How many stacks Heat may be asked to work on at a time.
    stacks: Semaphore,
    /// Something has failed: clusters that have not begun do not begin.
    failed: AtomicBool,
}

impl<'p> Lanes<'p> {
    fn new(plan: &'p Plan, parallelism: usize) -> Self {
        let lane = |cluster: &'p str| Lane { cluster, steps: Vec::new(), end: watch::channel(End::Open).0 };
        // A cluster without steps passes on what it waits for.
        let mut by_cluster: BTreeMap<&str, Lane<'_>> =
            plan.after.keys().map(|cluster| (cluster.as_str(), lane(cluster))).collect();
        for (number, step) in (1..).zip(&plan.steps) {
            let cluster = step.cluster.as_str();
            by_cluster.entry(cluster).or_insert_with(|| lane(cluster)).steps.push((number, step));
        }
        let permits = || Semaphore::new(parallelism.min(Semaphore::MAX_PERMITS));
        Self { plan, by_cluster, clusters: permits(), stacks: permits(), failed: AtomicBool::new(false) }
    }

    /// Waits for the clusters that come before one; returns those that stopped them.
    async fn turn(&self, cluster: &str) -> BTreeSet<&'p str> {
        let before = self.plan.after.get(cluster).into_iter().flatten();
        let mut stopped = BTreeSet::new();
        for lane in before.filter_map(|other| self.by_cluster.get(other.as_str())) {
            let mut end = lane.end.subscribe();
            match end.wait_for(|end| *end != End::Open).await.map(|end| end.clone()) {
                Ok(End::Stopped(by)) => stopped.extend(by),
                Ok(End::Open | End::Done) => {}
                Err(_) => drop(stopped.insert(lane.cluster)),
            }
        }
        stopped
    }
}

/// Whether the second steps need not wait for the nodes of the first one: it creates the stack whose network and security
/// groups they use. Where Heat deletes it again if it fails, nobody may have begun to.
fn begins_early(first: &[(usize, &Step)], second: &[(usize, &Step)]) -> bool {
    let creates =
        |steps: &[(usize, &Step)]| steps.iter().all(|(_, step)| matches!(step.action, StepAction::Create(..)));
    let lacks_nothing = second.iter().all(|(_, step)| !step.lacks_addresses);
    matches!(first, [(_, base)] if !base.rollback) && creates(first) && creates(second) && lacks_nothing
}

impl Run<'_> {
    /// Carries out the steps of all clusters. What has failed leaves those alone that are under way.
    pub(super) async fn all_steps<'p>(&self, plan: &'p Plan) -> Ended<'p> {
        let lanes = Lanes::new(plan, self.options.parallelism.get());
        let lanes = &lanes;
        let mut under_way: FuturesUnordered<_> = lanes
            .by_cluster
            .values()
            .map(|lane| async move {
                let end = self.lane(lanes, lane).await;
                lane.end.send_replace(match &end {
                    Ok(LaneEnd::Done) => End::Done,
                    Ok(LaneEnd::NotBegun(by)) if !by.is_empty() => End::Stopped(by.clone()),
                    Ok(LaneEnd::NotBegun(_)) | Err(_) => End::Stopped(BTreeSet::from([lane.cluster])),
                });
                (lane, end)
            })
            .collect();
        let mut ended = Ended { done: BTreeSet::new(), not_begun: BTreeMap::new(), stops: Vec::new() };
        while let Some((lane, end)) = under_way.next().await {
            match end {
                Ok(LaneEnd::Done) => drop(ended.done.insert(lane.cluster)),
                Ok(LaneEnd::NotBegun(_)) if lane.steps.is_empty() => {}
                Ok(LaneEnd::NotBegun(by)) => ended.not_begun.entry(by).or_default().push(lane.cluster),
                Err(stopped) => ended.stops.extend(stopped),
            }
        }
        ended
    }

    /// The steps of one cluster.
    async fn lane<'p>(&self, lanes: &Lanes<'p>, lane: &Lane<'p>) -> Result<LaneEnd<'p>, Vec<Stop>> {
        let stopped = lanes.turn(lane.cluster).await;
        if !stopped.is_empty() {
            return Ok(LaneEnd::NotBegun(stopped));
        }
        let not_begun = || Ok(LaneEnd::NotBegun(BTreeSet::new()));
        let Ok(_under_way) = lanes.clusters.acquire().await else { return not_begun() };
        if lanes.failed.load(Ordering::Relaxed) {
            return not_begun();
        }
        let stages: Vec<_> = lane.steps.chunk_by(|(_, one), (_, other)| one.stage == other.stage).collect();
        let mut stages = stages.into_iter().peekable();
        while let Some(together) = stages.next() {
            if self.options.interrupt.requested() {
                return Err(vec![Stop::Detached]);
            }
            let early = stages.next_if(|next| begins_early(together, next)).unwrap_or_default();
            let base = OnceLock::new();
            // Whatever fails, the others are followed to their end: Heat does not stop because we look away.
            let under_way: FuturesUnordered<_> = together
                .iter()
                .map(|(number, step)| {
                    let end = self.in_turn(lanes, *number, step);
                    end.inspect(|end| self.base_ended(&base, end)).boxed()
                })
                .collect();
            for (number, step) in early {
                under_way.push(self.once_there(lanes, (*number, step), together, &base).boxed());
            }
            let ends: Vec<Result<(), Stop>> = under_way.collect().await;
            let stops: Vec<Stop> = ends.into_iter().filter_map(Result::err).collect();
            if !stops.is_empty() {
                return Err(stops);
            }
        }
        Ok(LaneEnd::Done)
    }

    /// A step is over for which others may wait.
    fn base_ended(&self, base: &OnceLock<bool>, end: &Result<(), Stop>) {
        base.get_or_init(|| end.is_ok());
        self.news.notify_waiters();
    }

    /// One step, as soon as what its stack shares with the one that is being created is there. Where that ends before, and not
    /// well, nothing is begun.
    async fn once_there(
        &self,
        lanes: &Lanes<'_>,
        (number, step): (usize, &Step),
        base_steps: &[(usize, &Step)],
        base: &OnceLock<bool>,
    ) -> Result<(), Stop> {
        loop {
            let news = self.news.notified();
            match base.get() {
                Some(true) => break,
                Some(false) => return Ok(()),
                None if base_steps.iter().all(|(_, step)| self.shares_all(step)) => break,
                None => news.await,
            }
        }
        self.in_turn(lanes, number, step).await
    }

    /// Whether everything of a stack that is being created is there but its nodes and what waits for them.
    fn shares_all(&self, step: &Step) -> bool {
        let StepAction::Create(template, _) = &step.action else { return false };
        let run_state = self.run_state();
        let made = run_state.made.get(&step.stack);
        let is_there = |name: &String| made.is_some_and(|made| made.contains_key(name));
        let shared = template.resources.iter().filter(|(_, resource)| {
            !matches!(resource.address, Address::Node(..)) && resource.heat_type != heat_type::SOFTWARE_DEPLOYMENT
        });
        shared.map(|(name, _)| name).all(is_there)
    }

    /// One step, once there is room for it beside the others.
    async fn in_turn(&self, lanes: &Lanes<'_>, number: usize, step: &Step) -> Result<(), Stop> {
        let Ok(_room) = lanes.stacks.acquire().await else { return Err(Stop::Detached) };
        if self.options.interrupt.requested() {
            return Err(Stop::Detached);
        }
        let end = self.step(lanes.plan, number, step).await;
        if matches!(&end, Err(Stop::Failed(_))) {
            lanes.failed.store(true, Ordering::Relaxed);
        }
        end
    }
}
