//! The definitions of a project: read, checked, and written by those who know which revision they change.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::Given;
use super::work;
use crate::project::{Expected, Failure, Project};
use crate::report;
use crate::server::Service;
use crate::server::fault::Problem;

/// The definitions of a project.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct FilesFile {
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
    let (revision, text) = work(&service, name, move |project| project.definition_text(&asked)).await?;
    let text = text.ok_or_else(|| no_definition(&file))?;
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
    Ok(([kind, (header::ETAG, quoted(&revision))], text).into_response())
}

/// There is no definition of that name.
pub(in crate::server) fn no_definition(name: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", format!("the project has no definition `{name}`"))
        .help("`GET /v1/projects/NAME/files` lists those it has")
}

/// The revision that somebody changes, as they say it.
///
/// # Errors
/// They do not say it.
fn precondition(headers: &HeaderMap) -> Result<Expected, Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (Some("*"), _) => Ok(Expected::There),
        (Some(tags), _) => {
            let revisions = tags.split(',').map(|tag| tag.trim().trim_matches('"').to_owned());
            Ok(Expected::Revisions(revisions.collect()))
        }
        (None, Some("*")) => Ok(Expected::New),
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
    let (of, asked) = (Arc::clone(service), file.clone());
    let written = work(service, name, move |project| {
        let _alone = of.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if text.is_none() && !project.definition_files()?.1.contains_key(&file) {
            return Ok(None);
        }
        project.save_definition(&file, text.as_deref(), &expected).map(Some)
    });
    match written.await? {
        None => Err(no_definition(&asked)),
        Some(Ok(revision)) => Ok((StatusCode::NO_CONTENT, [(header::ETAG, quoted(&revision))]).into_response()),
        Some(Err(current)) => Err(moved(&current)),
    }
}

/// Definitions as typed; those that are not among them count as they are saved.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    Given(typed): Given<Typed>,
) -> Result<Json<Value>, Problem> {
    work(&service, name, move |project| checked(project, typed.files)).await.map(Json)
}
