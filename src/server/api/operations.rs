//! Operations: what was asked for, how far it is, and what it said.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::Given;
use super::projects::{ListFile, limit};
use super::work;
use crate::project::{Asked, Ending, Order, PastOperation};
use crate::report::OperationResult;
use crate::server::Service;
use crate::server::fault::Problem;
use crate::server::service_manager;
use crate::server::worker::Standing;

/// What is to be done about an operation that has no end.
const CUT_OFF: &str = "Its process ended before it did. Make a plan and apply it: it continues from what Heat has.";

/// The longest key of an operation, in bytes.
const LONGEST_KEY: usize = 200;

/// An operation as it is told.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::server) struct OperationFile {
    pub(in crate::server) number: u64,
    /// `apply`, `destroy`, …
    pub(in crate::server) operation: String,
    pub(in crate::server) state: OperationState,
    /// The kind of failure.
    pub(in crate::server) failure: Option<String>,
    /// What became of it, or where it is, in a sentence.
    pub(in crate::server) message: String,
    pub(in crate::server) user: String,
    pub(in crate::server) host: String,
    /// When it began, RFC 3339.
    pub(in crate::server) since: String,
    /// When it ended.
    pub(in crate::server) until: Option<String>,
    /// The plan that it carries out, where the service began it.
    pub(in crate::server) plan: Option<String>,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::server) enum OperationState {
    /// It waits for another one of the project.
    Queued,
    Running,
    Succeeded,
    Failed,
    Interrupted,
    /// It has no end, and nobody carries it out.
    #[serde(rename = "cut off")]
    CutOff,
}

impl OperationState {
    fn of(service: &Service, project: &str, past: &PastOperation) -> Self {
        match (past.ending.result(), service.workers.standing(project, past.number)) {
            (OperationResult::Done, _) => Self::Succeeded,
            (OperationResult::Interrupted, _) => Self::Interrupted,
            (OperationResult::Failed, _) => Self::Failed,
            (_, Some(Standing::Queued)) => Self::Queued,
            (OperationResult::UnderWay, _) | (_, Some(Standing::Running)) => Self::Running,
            (OperationResult::CutOff, None) => Self::CutOff,
        }
    }

    /// The word.
    pub(in crate::server) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::CutOff => "cut off",
        }
    }

    /// Whether it may still say something.
    pub(in crate::server) fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

impl OperationFile {
    /// An operation of that project.
    pub(in crate::server) fn of(service: &Service, project: &str, past: &PastOperation) -> Self {
        let state = OperationState::of(service, project, past);
        let asked = past.asked.clone();
        Self {
            number: past.number,
            operation: asked.operation,
            state,
            failure: match &past.ending {
                Ending::Failed(kind) => Some(kind.clone()),
                _ => None,
            },
            message: match state {
                OperationState::CutOff => format!("{CUT_OFF} {}", past.sentence).trim_end().to_owned(),
                _ => past.sentence.clone(),
            },
            user: asked.user,
            host: asked.host,
            since: asked.since,
            until: past.last.clone().filter(|_| !state.is_open()),
            plan: asked.plan,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    limit: Option<usize>,
    /// Only operations with a smaller number.
    before: Option<u64>,
}

pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ListFile<OperationFile>>, Problem> {
    let limit = limit(query.limit);
    let (of, project) = (Arc::clone(&service), name.clone());
    let told = work(&service, name, move |found| {
        let all = found.history(usize::MAX)?;
        let wanted = all.iter().filter(|past| query.before.is_none_or(|before| past.number < before));
        let mut items: Vec<OperationFile> =
            wanted.take(limit + 1).map(|past| OperationFile::of(&of, &project, past)).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more).map(|last| last.number);
        let next = last.map(|last| format!("/v1/projects/{project}/operations?limit={limit}&before={last}"));
        Ok(ListFile { items, next })
    });
    told.await.map(Json)
}

/// What is asked for: a plan to carry out, or what needs none.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// The plan to carry out.
    plan: Option<String>,
    /// What is to be done with all clusters, where it is no plan.
    kind: Option<WantedKind>,
}

/// What is done without a plan.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum WantedKind {
    /// Servers stop, and keep all else.
    Suspend,
    /// They go on.
    Resume,
}

/// What is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::server) enum Wish {
    /// A kept plan, by its name.
    Plan(String),
    /// What needs none.
    Order(Order),
}

impl Wish {
    fn of(wanted: Wanted) -> Result<Self, Problem> {
        let help = "send {\"plan\": \"…\"} with the name of a kept plan, or {\"kind\": \"suspend\"} or \"resume\"";
        match (wanted.plan, wanted.kind) {
            (Some(plan), None) => Ok(Self::Plan(plan)),
            (None, Some(WantedKind::Suspend)) => Ok(Self::Order(Order::Suspend)),
            (None, Some(WantedKind::Resume)) => Ok(Self::Order(Order::Resume)),
            (Some(_), Some(_)) | (None, None) => {
                let title = "an operation is either a plan or a kind";
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", title).help(help))
            }
        }
    }

    /// Whether that is what an operation was begun for.
    fn is_of(&self, asked: &Asked) -> bool {
        match self {
            Self::Plan(plan) => asked.plan.as_ref() == Some(plan),
            Self::Order(order) => asked.plan.is_none() && asked.operation == order.verb(),
        }
    }
}

/// Has something carried out, once for each key. Returns the operation's number.
///
/// # Errors
/// No such plan; a key that was used for something else; a record that cannot be kept; a service that is about to end.
pub(in crate::server) async fn begin(
    service: &Arc<Service>,
    name: &str,
    wish: Wish,
    key: String,
) -> Result<u64, Problem> {
    let (of, name) = (Arc::clone(service), name.to_owned());
    let began = tokio::task::spawn_blocking(move || {
        let project = of.projects.open(&name).map_err(|failure| Problem::not_found(&failure))?;
        // Of two that ask at once with one key, the second finds the record of the first.
        let _alone = of.beginning.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let all = project.history(usize::MAX)?;
        match all.iter().rev().find(|past| past.asked.key.as_ref() == Some(&key)) {
            Some(known) if wish.is_of(&known.asked) => return Ok(known.number),
            Some(_) => {
                let title = "this Idempotency-Key was used for another operation";
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key_used", title)
                    .help("use a new key for each operation"));
            }
            None => {}
        }
        let (lasting, busy) =
            (|| tokio::runtime::Handle::current().block_on(project.lasting()), of.workers.is_busy(&name));
        let begun = match wish {
            Wish::Plan(plan) => {
                let saved = super::plans::kept(&project, &plan)?;
                let lasting = lasting()?;
                let log = project.begin_operation(&saved, &plan, Some(&key), busy)?;
                let project = lasting.kept_in(log.clone());
                of.workers.begin(&name, &log, move |interrupt| async move {
                    project.carry_out(&saved, interrupt).await;
                })
            }
            Wish::Order(order) => {
                let lasting = lasting()?;
                let log = project.begin_order(order, Some(&key), busy)?;
                let project = lasting.kept_in(log.clone());
                of.workers.begin(&name, &log, move |interrupt| async move {
                    project.carry_out_order(order, interrupt).await;
                })
            }
        };
        begun.ok_or_else(|| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "leaving", "the service is about to end")
                .help("ask again when it runs again")
        })
    });
    began.await.unwrap_or_else(|_| Err(super::broken()))
}

/// Continues what an earlier service has begun in each project and not ended. For threads that may wait.
pub(in crate::server) fn take_up(service: &Arc<Service>) {
    for name in service.projects.all().unwrap_or_default().into_keys() {
        // What cannot be continued is told as cut off to whoever asks for it.
        let cut_off =
            service.projects.open(&name).and_then(|project| project.cut_off(|key| key != service_manager::KEY));
        for cut_off in cut_off.unwrap_or_default() {
            let log = cut_off.log.clone();
            let Ok(project) = service.projects.open_patiently(&name) else { continue };
            let Ok(project) = tokio::runtime::Handle::current().block_on(project.lasting()) else { continue };
            let project = project.kept_in(log.clone());
            service.workers.begin(&name, &log, move |interrupt| async move {
                project.carry_on(cut_off, interrupt).await;
            });
        }
    }
}

/// The key by which whoever asks knows the operation again.
pub(super) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let help = "send the header `Idempotency-Key` with a word of your own: asked again with it, nothing is done twice";
    let wrong = |title: &str| Err(Problem::new(StatusCode::BAD_REQUEST, "no_key", title).help(help));
    match headers.get("idempotency-key").map(HeaderValue::to_str) {
        Some(Ok(key)) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(key.to_owned()),
        Some(Ok("")) | None => wrong("an operation needs an Idempotency-Key"),
        Some(Ok(_)) => wrong("this Idempotency-Key is longer than 200 characters"),
        Some(Err(_)) => wrong("an Idempotency-Key has only visible characters of ASCII"),
    }
}

pub(super) async fn begin_one(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Given(wanted): Given<Wanted>,
) -> Result<Response, Problem> {
    let key = key(&headers)?;
    let number = begin(&service, &name, Wish::of(wanted)?, key).await?;
    let location = format!("/v1/projects/{name}/operations/{number}");
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::from_str(&location) {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    let body = serde_json::json!({"number": number, "operation": location});
    Ok((StatusCode::ACCEPTED, headers, Json(body)).into_response())
}

pub(super) async fn one(
    State(service): State<Arc<Service>>,
    Path((name, number)): Path<(String, u64)>,
) -> Result<Json<OperationFile>, Problem> {
    let (of, project) = (Arc::clone(&service), name.clone());
    let (one, _) = past(&service, name, number).await?;
    Ok(Json(OperationFile::of(&of, &project, &one)))
}

/// An operation of a project, with its messages.
///
/// # Errors
/// There is none of that number; a file that cannot be read.
pub(in crate::server) async fn past(
    service: &Arc<Service>,
    project: String,
    number: u64,
) -> Result<(PastOperation, Vec<String>), Problem> {
    work(service, project, move |project| project.past_operation(number)).await?.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "not_found", format!("there is no operation {number}"))
            .help("`GET /v1/projects/NAME/operations` lists those there are")
    })
}

/// Which messages are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessagesQuery {
    limit: Option<usize>,
    /// So many messages are known already.
    after: Option<usize>,
}

pub(super) async fn messages(
    State(service): State<Arc<Service>>,
    Path((name, number)): Path<(String, u64)>,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<ListFile<Value>>, Problem> {
    let limit = limit(query.limit);
    let from = query.after.unwrap_or(0);
    let (_, lines) = past(&service, name.clone(), number).await?;
    let wanted = lines.iter().skip(from).take(limit);
    let items = wanted.filter_map(|line| serde_json::from_str(line).ok()).collect();
    let until = from.saturating_add(limit);
    let more = until < lines.len();
    let next = more.then(|| format!("/v1/projects/{name}/operations/{number}/messages?limit={limit}&after={until}"));
    Ok(Json(ListFile { items, next }))
}

pub(super) async fn cancel(
    State(service): State<Arc<Service>>,
    Path((name, number)): Path<(String, u64)>,
) -> Result<Response, Problem> {
    past(&service, name.clone(), number).await?;
    if service.workers.detach(&name, number) {
        return Ok((StatusCode::ACCEPTED, Json(serde_json::json!({"does": "detach"}))).into_response());
    }
    Err(Problem::new(
        StatusCode::CONFLICT,
        "not_running",
        format!("operation {number} is not carried out by this service"),
    )
    .help("it has ended, or another process has it"))
}
