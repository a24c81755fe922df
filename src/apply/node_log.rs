//! What a node wrote while it was configured, for those who are told that it failed.

use crate::heat::{Cloud, HeatError};
use crate::model::Status;

/// How many lines of a node's log are shown.
const LOG_LINES: usize = 20;

/// What a node wrote last while it was configured.
pub(super) async fn log_of(cloud: &Cloud, deployment: &str) -> Result<Vec<String>, HeatError> {
    let deployment = cloud.deployment(deployment).await?;
    // What it wrote when all was well is no explanation.
    let failed = deployment.filter(|deployment| deployment.status() == Status::Failed);
    Ok(failed.map(|deployment| deployment.log_tail(LOG_LINES)).unwrap_or_default())
}
