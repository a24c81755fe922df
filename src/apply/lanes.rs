//! The steps of a plan, each cluster by itself: what does not wait for each other runs side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{Semaphore, watch};

use super::outcome::Stop;
use super::run::Run;
use crate::plan::{Plan, Step};

/// The steps of one cluster, with their numbers.
struct Lane<'p> {
    cluster: &'p str,
    steps: Vec<(usize, &'p Step)>,
    /// Whether all of them are done well.
    end: watch::Sender<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Done,
    Stopped,
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

    /// Waits for the clusters that come before one; false where one of them does not come to its end.
    async fn turn(&self, cluster: &str) -> bool {
        let before = self.plan.after.get(cluster).into_iter().flatten();
        for lane in before.filter_map(|other| self.by_cluster.get(other.as_str())) {
            let mut end = lane.end.subscribe();
            let end = end.wait_for(|end| *end != End::Open).await.map_or(End::Stopped, |end| *end);
            if end == End::Stopped {
                return false;
            }
        }
        true
    }
}

impl Run<'_> {
    /// Carries out the steps of all clusters. Returns the clusters whose steps are all done, and what stopped the others.
    /// What has failed leaves those alone that are under way.
    pub(super) async fn all_steps<'p>(&self, plan: &'p Plan) -> (BTreeSet<&'p str>, Vec<Stop>) {
        let lanes = Lanes::new(plan, self.options.parallelism.get());
        let mut under_way: FuturesUnordered<_> = lanes
            .by_cluster
            .values()
            .map(|lane| async {
                let end = self.lane(&lanes, lane).await;
                lane.end.send_replace(if matches!(&end, Ok(true)) { End::Done } else { End::Stopped });
                (lane.cluster, end)
            })
            .collect();
        let (mut done, mut stops) = (BTreeSet::new(), Vec::new());
        while let Some((cluster, end)) = under_way.next().await {
            match end {
                Ok(true) => drop(done.insert(cluster)),
                Ok(false) => {}
                Err(stopped) => stops.extend(stopped),
            }
        }
        (done, stops)
    }

    /// The steps of one cluster. False where it has not begun, because something else has failed.
    async fn lane(&self, lanes: &Lanes<'_>, lane: &Lane<'_>) -> Result<bool, Vec<Stop>> {
        if !lanes.turn(lane.cluster).await {
            return Ok(false);
        }
        let Ok(_under_way) = lanes.clusters.acquire().await else { return Ok(false) };
        if lanes.failed.load(Ordering::Relaxed) {
            return Ok(false);
        }
        for together in lane.steps.chunk_by(|(_, one), (_, other)| one.stage == other.stage) {
            if self.options.interrupt.requested() {
                return Err(vec![Stop::Detached]);
            }
            // Whatever fails, the others are followed to their end: Heat does not stop because we look away.
            let under_way: FuturesUnordered<_> =
                together.iter().map(|(number, step)| self.in_turn(lanes, *number, step).boxed()).collect();
            let ends: Vec<Result<(), Stop>> = under_way.collect().await;
            let stops: Vec<Stop> = ends.into_iter().filter_map(Result::err).collect();
            if !stops.is_empty() {
                return Err(stops);
            }
        }
        Ok(true)
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
