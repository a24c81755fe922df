//! The frameworks there are, and which of them fit.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::Value;

use super::work_on_none;
use crate::report;
use crate::server::Service;
use crate::server::fault::Problem;
use crate::suggest::suggest as suggested;

pub(super) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Value>, Problem> {
    work_on_none(&service, |project| Ok(report::frameworks_json(&project.frameworks()?.0))).await.map(Json)
}

pub(super) async fn one(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Json<Value>, Problem> {
    let asked = name.clone();
    let found = work_on_none(&service, move |project| {
        let (catalogue, _) = project.frameworks()?;
        Ok(catalogue
            .framework(&asked)
            .map_or(Value::Null, |framework| report::framework_json(framework, project.sources())))
    });
    let found = found.await?;
    if found.is_null() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", format!("framework `{name}` does not exist"))
            .help("`GET /v1/frameworks` lists those there are"));
    }
    Ok(Json(found))
}

/// Answers, as `disco suggest --answers` takes them, and what they lead to.
pub(super) async fn suggest(State(service): State<Arc<Service>>, body: bytes::Bytes) -> Result<Json<Value>, Problem> {
    let told = work_on_none(&service, move |project| {
        let answers = project.read_answers("answers", body.to_vec())?;
        let place = project.usual_place();
        let (on, _) = tokio::runtime::Handle::current().block_on(project.suggestible(Some(&place)))?;
        let result = suggested(&answers, &on.catalogue, &on.facts);
        let definition =
            result.first().map(|first| project.suggested_definition(&result, first, &on, "suggested", Some(&place)));
        let definition = definition.transpose()?.map(|(text, _)| text);
        Ok(report::suggestions_json(&result, definition.as_deref()))
    });
    told.await.map(Json)
}
