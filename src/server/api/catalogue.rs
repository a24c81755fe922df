//! The frameworks there are, and which of them fit.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde_json::Value;

use crate::project::{Failure, Place, Project};
use crate::report;
use crate::server::Service;
use crate::server::fault::Problem;
use crate::suggest::suggest as suggested;

async fn told(
    service: &Arc<Service>,
    work: impl FnOnce(&Project) -> Result<Value, Failure> + Send + 'static,
) -> Result<Json<Value>, Problem> {
    let service = Arc::clone(service);
    let done = tokio::task::spawn_blocking(move || {
        let project = service.projects.without_definitions();
        work(&project).map_err(|failure| Problem::of(&failure, project.sources()))
    });
    done.await.map_err(|_| super::broken())?.map(Json)
}

pub(super) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Value>, Problem> {
    told(&service, |project| Ok(report::frameworks_json(&project.frameworks()?.0))).await
}

pub(super) async fn one(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Json<Value>, Problem> {
    let asked = name.clone();
    let found = told(&service, move |project| {
        let (catalogue, _) = project.frameworks()?;
        Ok(catalogue
            .framework(&asked)
            .map_or(Value::Null, |framework| report::framework_json(framework, project.sources())))
    });
    let found = found.await?;
    if found.0.is_null() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "not_found", format!("framework `{name}` does not exist"))
            .help("`GET /v1/frameworks` lists those there are"));
    }
    Ok(found)
}

/// Answers, as `disco suggest --answers` takes them, and what they lead to.
pub(super) async fn suggest(State(service): State<Arc<Service>>, body: bytes::Bytes) -> Result<Json<Value>, Problem> {
    let handle = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || {
        let project = service.projects.without_definitions();
        let problem = |failure: Failure| Problem::of(&failure, project.sources());
        let answers = project.read_answers("answers", body.to_vec()).map_err(problem)?;
        let (on, _) = handle.block_on(project.suggestible(Some(&Place::Simulated))).map_err(problem)?;
        let result = suggested(&answers, &on.catalogue, &on.facts);
        let first = result.first();
        let definition =
            first.map(|first| project.suggested_definition(&result, first, &on, "suggested", Some(&Place::Simulated)));
        let definition = definition.transpose().map_err(problem)?.map(|(text, _)| text);
        Ok(Json(report::suggestions_json(&result, definition.as_deref())))
    });
    done.await.map_err(|_| super::broken())?
}
