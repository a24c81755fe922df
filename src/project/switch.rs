//! Suspending and resuming clusters of a project.

use std::collections::BTreeSet;
use std::time::Duration;

use super::failure::{Failure, FailureKind, failed};
use super::journal::SystemClock;
use super::session::{Meanwhile, Session};
use crate::apply::{self, End, Interrupt, Observer, OperationContext};
use crate::plan::{self, Suspension, Switch};
use crate::state::State;

/// What has to be asked of Heat, and what that was found out from.
pub struct PlannedSwitch {
    /// What is asked, in order.
    pub suspension: Suspension,
    state: State,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Switched {
    /// The clusters that it was about.
    pub clusters: BTreeSet<String>,
    /// How many stacks were suspended or resumed.
    pub steps: usize,
    /// False where nobody waits any longer.
    pub finished: bool,
    /// Where nobody waits any longer: what goes on meanwhile.
    pub meanwhile: Meanwhile,
    /// How long it took.
    pub took: Duration,
}

impl Session<'_> {
    /// Looks at the cloud and says what has to be suspended or resumed: all clusters, or those that are named.
    ///
    /// # Errors
    /// A cloud that does not answer; clusters that Heat would not let be resumed.
    pub async fn plan_switch(
        &self,
        switch: Switch,
        names: &[String],
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<PlannedSwitch, Failure> {
        let (state, seen) = Box::pin(self.take_up(interrupt, observer)).await?;
        let suspension = plan::suspension(switch, names, &state, &seen);
        if suspension.diagnostics.has_errors() {
            return Err(Failure::of(FailureKind::Refused, suspension.diagnostics));
        }
        Ok(PlannedSwitch { suspension, state })
    }

    /// Does it. Interrupted, it stops watching; the state is right in every case.
    ///
    /// # Errors
    /// What Heat could not do.
    pub async fn switch(
        &self,
        planned: PlannedSwitch,
        waits: bool,
        interrupt: Interrupt,
        observer: &mut dyn Observer,
    ) -> Result<Switched, Failure> {
        let PlannedSwitch { suspension: Suspension { steps, clusters, .. }, state } = planned;
        let mut journal = self.journal();
        let options = self.options(interrupt);
        let cloud = self.client();
        let context = OperationContext { cloud, journal: &mut journal, clock: &SystemClock, observer, options };
        let outcome = apply::switch(&steps, waits, state, context).await;
        self.keep_times(outcome.times, &outcome.timeline);
        self.rescue(&outcome.state);
        let finished = match outcome.end {
            End::Done => true,
            End::Detached => false,
            End::Failed(errors) => return Err(failed(&errors)),
        };
        let meanwhile = self.meanwhile(&outcome.state);
        Ok(Switched { clusters, steps: outcome.steps, finished, meanwhile, took: outcome.took })
    }
}
