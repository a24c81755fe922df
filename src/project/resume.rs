//! What an earlier operation has left: looked at, and taken up.

use serde_json::Value as Json;

use super::Operation;
use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind, failed};
use super::journal::SystemClock;
use super::saved::SavedPlan;
use super::session::Session;
use crate::apply::{self, ApplyError, End, Interrupt, Observer, OperationContext, WaitFor};
use crate::heat;
use crate::model::stack_name;
use crate::plan::Observation;
use crate::state::{State, lineage_tag};

/// What is planned now, as it was before this operation resolved what an earlier one had left open: with the serial of the state
/// that was found, and with the clusters that were to be forgotten and are forgotten by that.
pub(super) fn as_found(saved: &SavedPlan, mut now: Json, found: &State, resolved: &State) -> Json {
    now["base"]["serial"] = found.serial.into();
    let is_done = |change: &Json| {
        let cluster = change["address"].as_str().and_then(|address| address.strip_prefix("cluster."));
        change["kind"] == "forget"
            && change["resources"].as_array().is_some_and(Vec::is_empty)
            && cluster.is_some_and(|name| found.clusters.contains_key(name) && !resolved.clusters.contains_key(name))
    };
    if let Some(changes) = now["changes"].as_array_mut() {
        for (at, done) in saved.changes().iter().enumerate().filter(|(_, change)| is_done(change)) {
            changes.insert(at.min(changes.len()), done.clone());
        }
    }
    now
}

impl Session<'_> {
    /// What there is of the state's and the definition's clusters.
    pub(super) async fn look(&self, state: &State) -> Result<Observation, Failure> {
        let mut names: Vec<String> = state.clusters.values().flat_map(|known| known.stacks.keys().cloned()).collect();
        let workspace = self.loaded.workspace.name();
        names.extend(self.cluster_names().iter().map(|cluster| stack_name(workspace, cluster, 0)));
        heat::observe(self.client(), &lineage_tag(&state.lineage), &names).await.map_err(|fault| heat_failure(&fault))
    }

    /// What an earlier operation left open is taken up: what is still under way is waited for as far as this one needs it.
    pub(super) async fn resume(
        &self,
        state: State,
        seen: Observation,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<(State, Observation), Failure> {
        let waits = match self.operation {
            Operation::Plan | Operation::PlanDestroy | Operation::Drift | Operation::Import => WaitFor::Nothing,
            Operation::Destroy => WaitFor::Deletions,
            Operation::Apply | Operation::Suspend | Operation::Resume => WaitFor::All,
        };
        let mut journal = self.journal();
        let options = self.options(interrupt);
        let cloud = self.client();
        let outcome = apply::resume(
            state,
            seen,
            waits,
            OperationContext { cloud, journal: &mut journal, clock: &SystemClock, observer, options },
        )
        .await;
        match outcome.end {
            End::Done => Ok((outcome.state, outcome.seen)),
            // What failed meanwhile is the plan's to mend.
            End::Failed(errors) if errors.iter().all(|error| matches!(error, ApplyError::Step(_))) => {
                let seen = self.look(&outcome.state).await?;
                Ok((outcome.state, seen))
            }
            End::Failed(errors) => Err(failed(&errors)),
            End::Detached => {
                Err(Failure::new(FailureKind::Interrupted, "interrupted while an earlier operation continues")
                    .help("run the same command again to watch it"))
            }
        }
    }
}
