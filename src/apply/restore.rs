//! Putting back what was taken away behind Heat's back. Asked again, it does no harm: there is no intent to keep.

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use std::time::Duration;

use super::Work;
use super::failure::ApplyError;
use super::outcome::Stop;
use super::run::Run;
use super::side_by_side;
use crate::heat::HeatError;
use crate::model::ServerStatus;
use crate::plan::{Restore, RestoreAction, Step};

/// How long Nova may take to let a server run, minutes. One that was shelved is brought to a host again.
const START_MINUTES: i64 = 15;

impl Run<'_> {
    /// Puts everything back, some at a time.
    pub(super) async fn restore(&self, step: &Step, restores: &[Restore]) -> Result<(), Stop> {
        let mut work: Vec<Work<'_>> = Vec::new();
        for restore in restores {
            work.push(self.restore_one(step, restore).boxed());
        }
        match side_by_side(work, self.options.parallelism.get()).await {
            Ok(()) => Ok(()),
            Err(stops) => stops.into_iter().next().map_or(Ok(()), Err),
        }
    }

    async fn restore_one(&self, step: &Step, restore: &Restore) -> Result<(), Stop> {
        let failed = |source: HeatError| Stop::from(ApplyError::cloud(&step.title, source));
        match &restore.action {
            RestoreAction::Start { server, action } => {
                self.cloud.start_server(server, *action).await.map_err(failed)?;
                self.until_it_runs(step, restore, server).await
            }
            RestoreAction::Associate { floating_ip, port } => {
                self.cloud.associate(floating_ip, port).await.map_err(failed)
            }
            RestoreAction::Connect { router, subnet } => {
                self.cloud.connect_router(router, subnet).await.map_err(failed)
            }
        }
    }

    async fn until_it_runs(&self, step: &Step, restore: &Restore, server: &str) -> Result<(), Stop> {
        let until = self.clock.now().checked_add(SignedDuration::from_mins(START_MINUTES)).ok();
        loop {
            let status = self.cloud.server_status(server).await;
            let status = status.map_err(|source| ApplyError::cloud(&step.title, source))?;
            if status == "ACTIVE" {
                return Ok(());
            }
            let late = until.is_some_and(|until| self.clock.now() > until);
            if late || status == ServerStatus::Error.name() {
                let address = restore.address.clone();
                return Err(ApplyError::NotStarted { address, server: server.to_owned(), status }.into());
            }
            if self.pause(Duration::ZERO).await {
                return Err(Stop::Detached);
            }
        }
    }
}
