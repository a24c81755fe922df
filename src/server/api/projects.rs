//! Projects, and what is known of their clusters.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::Given;
use super::{known, waiting, work};
use crate::project::{Answers, Failure, Project};
use crate::report;
use crate::server::Service;
use crate::server::fault::Problem;
use crate::state::State as KnownState;

/// What a project shows of itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::server) struct ProjectFile {
    /// Its name, which is that of its folder.
    pub(in crate::server) name: String,
    /// The workspace that is selected there; null is the default one. Plans and operations are of this one.
    pub(in crate::server) workspace: Option<String>,
    /// Names of its clusters, as far as they were applied.
    pub(in crate::server) clusters: Vec<String>,
    /// How many nodes they have.
    pub(in crate::server) nodes: usize,
    /// Its last operation.
    #[serde(rename = "last_operation")]
    pub(in crate::server) last: Option<super::operations::OperationFile>,
    /// Why nothing is known of it, where its state cannot be read.
    pub(in crate::server) trouble: Option<String>,
}

/// A list, and how it goes on.
#[derive(Debug, Serialize)]
pub(super) struct ListFile<T> {
    pub(super) items: Vec<T>,
    /// Where the next items are; null at the end.
    pub(super) next: Option<String>,
}

/// What this service is, who asks, and what they may.
pub(super) async fn service(State(service): State<Arc<Service>>) -> Json<Value> {
    let caller = &service.caller;
    let tenant = caller
        .tenant
        .as_ref()
        .map(|tenant| serde_json::json!({"cloud": tenant.cloud, "id": tenant.id, "name": tenant.name}));
    let answers = super::routes::table().into_iter().map(|route| {
        serde_json::json!({"method": route.method.as_str(), "path": route.path, "id": route.id, "summary": route.summary})
    });
    Json(serde_json::json!({
        "disco": env!("CARGO_PKG_VERSION"),
        "document": "/v1/openapi.json",
        "user": caller.user,
        "tenant": tenant,
        "may": caller.may.name(),
        "answers": answers.collect::<Vec<_>>(),
    }))
}

/// What can be told of a project without asking its cloud.
fn seen(service: &Service, name: &str, project: &Project) -> ProjectFile {
    let (state, trouble) = match known(project) {
        Ok(state) => (state, None),
        Err(failure) => (None, Some(sentence(&failure))),
    };
    let clusters: Vec<String> = state.iter().flat_map(|state| state.clusters.keys().cloned()).collect();
    let last = project.history(1).ok().and_then(|all| all.into_iter().next());
    let nodes = state.as_ref().map_or(0, count);
    let last = last.map(|last| super::operations::OperationFile::of(service, name, &last));
    let workspace = project.workspace_name().ok().flatten().map(str::to_owned);
    ProjectFile { name: name.to_owned(), workspace, clusters, nodes, last, trouble }
}

fn count(state: &KnownState) -> usize {
    let groups = state.clusters.values().flat_map(|cluster| cluster.members.groups.values());
    groups.map(|group| group.nodes.len()).sum()
}

fn sentence(failure: &Failure) -> String {
    let found = failure.diagnostics.iter().next().map(|found| found.message.clone());
    if failure.message.is_empty() { found.unwrap_or_default() } else { failure.message.clone() }
}

/// All projects.
///
/// # Errors
/// A folder that cannot be listed.
pub(in crate::server) async fn all(service: &Arc<Service>) -> Result<Vec<ProjectFile>, Problem> {
    let of = Arc::clone(service);
    let all = tokio::task::spawn_blocking(move || {
        let names = of.projects.all()?;
        let each = names.keys().map(|name| Ok(seen(&of, name, &of.projects.open(name)?)));
        each.collect::<Result<Vec<_>, Failure>>()
    });
    Ok(all.await.map_err(|_| super::broken())??)
}

/// How much of a list is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    /// Only projects whose names come after this one.
    after: Option<String>,
}

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListFile<ProjectFile>>, Problem> {
    let limit = limit(query.limit);
    let mut items = all(&service).await?;
    items.retain(|project| query.after.as_ref().is_none_or(|after| project.name > *after));
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|last| format!("/v1/projects?limit={limit}&after={}", encoded(&last.name)));
    Ok(Json(ListFile { items, next }))
}

/// A name as a part of an address.
fn encoded(name: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
}

/// So many things are listed where nothing is said.
const USUAL: usize = 100;

/// So many at most.
const MOST: usize = 500;

/// How many things a list has.
pub(super) fn limit(wanted: Option<usize>) -> usize {
    wanted.unwrap_or(USUAL).clamp(1, MOST)
}

/// What a new project is asked for with.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Its name, and that of its cluster.
    name: String,
    /// Its definition; a small cluster's where none is given.
    definition: Option<String>,
}

pub(super) async fn make(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Given(wanted): Given<Wanted>,
) -> Result<Response, Problem> {
    let of = Arc::clone(&service);
    let request = format!("project {} {:?}", wanted.name, wanted.definition);
    let made = async {
        let begun = super::work_on_none(&service, move |project| {
            let answers = Answers { name: wanted.name.clone(), place: project.usual_place(), ..Answers::default() };
            let text = wanted.definition.map_or_else(|| project.sound_definition(&answers), Ok)?;
            of.projects.begin(&wanted.name, &text)
        });
        let location = format!("/v1/projects/{}", begun.await?.0);
        let body = Json(serde_json::json!({"project": location}));
        Ok((StatusCode::CREATED, [(header::LOCATION, location.clone())], body).into_response())
    };
    service.repeated.once(&headers, &service.caller.user_id, &request, made).await
}

/// Removes a project of which nothing exists in its cloud, with its definitions and its history.
pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let (of, asked) = (Arc::clone(&service), name.clone());
    let removed = waiting(&service, name, async move |project: Project| {
        let refused = |title: String, help: &str| Err(Problem::new(StatusCode::CONFLICT, "refused", title).help(help));
        if !of.projects.are_many() {
            return refused("this service serves one folder alone".to_owned(), "remove the folder by hand");
        }
        if of.workers.is_busy(&asked) {
            return refused(format!("an operation of `{asked}` is under way"), "wait for it to end, then ask again");
        }
        let folder = of.projects.folder();
        project.remove_from(folder).await.map_err(|failure| Problem::of(&failure, project.sources()))
    });
    removed.await.map(|()| StatusCode::NO_CONTENT)
}

/// Asks the cloud for everything, and says what has changed outside of DISCO.
pub(super) async fn drift(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = waiting(&service, name, async |project: Project| {
        let found = project.look_for_drift(&[]).await;
        let (serial, found) = found.map_err(|failure| Problem::of(&failure, project.sources()))?;
        Ok(report::drift_json(serial, &found))
    });
    found.await.map(Json)
}

pub(super) async fn one(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<ProjectFile>, Problem> {
    let (of, asked) = (Arc::clone(&service), name.clone());
    work(&service, name, move |project| Ok(seen(&of, &asked, project))).await.map(Json)
}

pub(super) async fn clusters(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    work(&service, name, |project| Ok(report::show_json(known(project)?.as_ref()))).await.map(Json)
}

pub(super) async fn status(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let asked = waiting(&service, name, async |project: Project| {
        let status = project.status(&[]).await.map_err(|failure| Problem::of(&failure, project.sources()))?;
        let workspace = project.workspace_name().map_err(|failure| Problem::of(&failure, project.sources()))?;
        Ok(report::status_json(workspace, &status))
    });
    asked.await.map(Json)
}

pub(super) async fn outputs(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Problem> {
    let told = work(&service, name, |project| {
        let state = known(project)?;
        let outputs = state.map(|state| state.outputs).unwrap_or_default();
        Ok(report::outputs_json(&outputs, &std::collections::BTreeMap::new()))
    });
    told.await.map(Json)
}
