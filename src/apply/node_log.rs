//! What a node wrote while it was configured, for those who are told that it failed.

use crate::heat::{Cloud, HeatError};
use crate::model::Status;

/// How many lines of a node's log are shown: what failed, and the last 20 of what a service said.
const LOG_LINES: usize = 21;

/// What a node wrote while it was configured.
pub(super) async fn log_of(cloud: &Cloud, deployment: &str) -> Result<Vec<String>, HeatError> {
    let deployment = cloud.deployment(deployment).await?;
    // What it wrote when all was well is no explanation.
    let failed = deployment.filter(|deployment| deployment.status() == Status::Failed);
    Ok(failed.map(|deployment| deployment.log(LOG_LINES)).unwrap_or_default())
}
