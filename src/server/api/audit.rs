//! Who has changed what.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::projects::{ListFile, limit};
use crate::project::AuditRecord;
use crate::server::Service;
use crate::server::fault::Problem;

/// A record, with its number.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AuditFile {
    number: usize,
    #[serde(flatten)]
    record: AuditRecord,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    /// Only records with a smaller number.
    before: Option<usize>,
}

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListFile<AuditFile>>, Problem> {
    let limit = limit(query.limit);
    let audit = Arc::clone(&service.audit);
    let read = tokio::task::spawn_blocking(move || audit.read(limit + 1, query.before)).await;
    let mut all = read.unwrap_or_else(|_| Ok(Vec::new()))?;
    let more = all.len() > limit;
    all.truncate(limit);
    let last = all.last().filter(|_| more).map(|(number, _)| *number);
    let next = last.map(|last| format!("/v1/audit?limit={limit}&before={last}"));
    let items = all.into_iter().map(|(number, record)| AuditFile { number, record }).collect();
    Ok(Json(ListFile { items, next }))
}
