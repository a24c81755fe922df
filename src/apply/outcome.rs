//! How it ended.

use std::time::Duration;

use super::expected::StepTimes;
use super::failure::ApplyError;
use super::timeline::Timeline;
use crate::plan::Observation;
use crate::state::State;

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    /// The state as last kept.
    pub state: State,
    /// How.
    pub end: End,
    /// The stacks as last seen, of those that were touched.
    pub seen: Observation,
    /// How many steps were carried out.
    pub steps: usize,
    /// How long the steps took that were carried out.
    pub times: StepTimes,
    /// How long the nodes took that were made or changed.
    pub timeline: Timeline,
    /// How long it took.
    pub took: Duration,
}

/// How it ended.
#[derive(Debug)]
pub enum End {
    /// As planned.
    Done,
    /// Nobody watches any longer; state and journal are right, the next run continues.
    Detached,
    /// Not as planned; state and journal are right, the next run continues. Of steps that ran side by side several may
    /// have failed; the first is the one that failed first.
    Failed(Vec<ApplyError>),
}

impl Outcome {
    /// Whether all went as planned.
    pub fn is_done(&self) -> bool {
        matches!(self.end, End::Done)
    }
}

/// Why carrying out stops early.
pub(super) enum Stop {
    Detached,
    Failed(ApplyError),
}

impl Stop {
    /// What failed, where something did.
    pub(super) fn failure(self) -> Option<ApplyError> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Detached => None,
        }
    }
}

impl From<ApplyError> for Stop {
    fn from(error: ApplyError) -> Self {
        Self::Failed(error)
    }
}
