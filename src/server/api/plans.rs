//! Plans that are kept until they are carried out.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::body::Given;
use super::{waiting, work};
use crate::project::{PlanWish, Project, SavedPlan};
use crate::server::Service;
use crate::server::fault::Problem;

/// What a plan is asked for with.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(super) struct Wanted {
    destroy: bool,
    accept_data_loss: bool,
}

/// Makes a plan. Returns the name under which it is kept.
///
/// # Errors
/// Those of planning.
pub(in crate::server) async fn plan(service: &Arc<Service>, name: &str, wish: PlanWish) -> Result<String, Problem> {
    let made = waiting(service, name.to_owned(), async move |project: Project| {
        project.make_plan(wish).await.map_err(|failure| Problem::of(&failure, project.sources()))
    });
    made.await
}

pub(super) async fn make(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Given(wanted): Given<Wanted>,
) -> Result<Response, Problem> {
    let wish = PlanWish { destroys: wanted.destroy, accept_data_loss: wanted.accept_data_loss };
    let request = format!("plan {name} {wish:?}");
    let made = async {
        let id = plan(&service, &name, wish).await?;
        let location = format!("/v1/projects/{name}/plans/{id}");
        let document = saved(&service, name.clone(), id.clone()).await?.document().clone();
        let body = serde_json::json!({"plan": id, "document": document});
        Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response())
    };
    service.repeated.once(&headers, &service.caller.user_id, &request, made).await
}

/// A plan that is kept under that name.
///
/// # Errors
/// There is none; a file that cannot be read.
pub(super) fn kept(project: &Project, name: &str) -> Result<SavedPlan, Problem> {
    project.kept_plan(name)?.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no plan of that name")
            .help("the last 50 are kept: make another one")
    })
}

/// The same for those that answer.
///
/// # Errors
/// Like [`kept`].
pub(in crate::server) async fn saved(
    service: &Arc<Service>,
    project: String,
    name: String,
) -> Result<SavedPlan, Problem> {
    work(service, project, move |project| Ok(kept(project, &name))).await?
}

/// A plan as JSON, as Markdown or as text, whichever is asked for.
pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let saved = saved(&service, name, id).await?;
    let wanted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let text = |kind: &'static str, text: String| ([(header::CONTENT_TYPE, kind)], text).into_response();
    Ok(if wanted.contains("text/markdown") {
        text("text/markdown; charset=utf-8", saved.comment()?.to_owned())
    } else if wanted.contains("text/plain") {
        text("text/plain; charset=utf-8", saved.drawing().to_owned())
    } else {
        Json(saved.document().clone()).into_response()
    })
}
