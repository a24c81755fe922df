//! What an earlier operation has left: looked at, and taken up.

use super::Operation;
use super::cloud::heat_failure;
use super::failure::{Failure, FailureKind, failed};
use super::journal::SystemClock;
use super::session::Session;
use crate::apply::{self, ApplyError, End, Interrupt, Observer, OperationContext, WaitFor};
use crate::heat;
use crate::model::stack_name;
use crate::plan::Observation;
use crate::state::{State, lineage_tag};

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
