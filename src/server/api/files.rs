//! The definitions of a project: read, checked, and written by those who know which revision they change.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::work;
use crate::project::{Failure, Project};
use crate::report;
use crate::server::Service;
use crate::server::fault::Problem;

/// The definitions of a project.
#[derive(Serialize)]
struct FilesFile {
    /// Digest of all of them.
    revision: String,
    files: Vec<String>,
}

fn quoted(revision: &str) -> String {
    format!("\"{revision}\"")
}

pub(super) async fn list(State(service): State<Arc<Service>>, Path(name): Path<String>) -> Result<Response, Problem> {
    let (revision, files) = work(&service, name, Project::definition_files).await?;
    let tag = quoted(&revision);
    let files = files.into_keys().collect();
    Ok(([(header::ETAG, tag)], Json(FilesFile { revision, files })).into_response())
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let asked = file.clone();
    let (revision, mut files) = work(&service, name, Project::definition_files).await?;
    let Some(text) = files.remove(&file) else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("the project has no definition `{asked}`"),
        ));
    };
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
    Ok(([kind, (header::ETAG, quoted(&revision))], text).into_response())
}

/// The revision that somebody changes, as they say it.
///
/// # Errors
/// They do not say it.
fn precondition(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (Some(revision), _) => Ok(Some(revision.trim_matches('"').to_owned())),
        (None, Some(any)) if any.trim() == "*" => Ok(None),
        _ => Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "no_revision", "a change has to say what it changes")
            .help("send `If-Match` with the ETag that you read, or `If-None-Match: *` for a new file")),
    }
}

fn moved(current: &str) -> Problem {
    Problem::new(StatusCode::PRECONDITION_FAILED, "other_revision", "somebody has changed the definitions meanwhile")
        .help(format!("read them again: they are at revision {current} now"))
}

pub(super) async fn put(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
    headers: HeaderMap,
    text: String,
) -> Result<Response, Problem> {
    write(&service, name, file, Some(text), &headers).await
}

pub(super) async fn delete(
    State(service): State<Arc<Service>>,
    Path((name, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    write(&service, name, file, None, &headers).await
}

async fn write(
    service: &Arc<Service>,
    name: String,
    file: String,
    text: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let expected = precondition(headers)?;
    let of = Arc::clone(service);
    let written = work(service, name, move |project| {
        let _alone = of.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        project.save_definition(&file, text.as_deref(), expected.as_deref())
    });
    match written.await? {
        Ok(revision) => Ok((StatusCode::NO_CONTENT, [(header::ETAG, quoted(&revision))]).into_response()),
        Err(current) => Err(moved(&current)),
    }
}

/// Definitions as typed; those that are not among them count as they are saved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Typed {
    files: BTreeMap<String, String>,
}

/// Checks definitions as typed.
///
/// # Errors
/// Files that cannot be read.
pub(in crate::server) fn checked(project: &Project, typed: BTreeMap<String, String>) -> Result<Value, Failure> {
    let edited = project.edited(project.directory().to_path_buf(), typed);
    let (_, found) = edited.validate()?;
    Ok(report::validation_json(&found, None, edited.sources()))
}

pub(super) async fn check(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    Json(typed): Json<Typed>,
) -> Result<Json<Value>, Problem> {
    work(&service, name, move |project| checked(project, typed.files)).await.map(Json)
}
