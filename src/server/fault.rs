//! What went wrong, as a problem document (RFC 9457): the one table from kinds of failure to HTTP statuses.

use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::{page, service_manager};
use crate::project::{Failure, FailureKind};
use crate::report;
use crate::source::{CODE_PREFIX, Sources};

/// What the codes begin with of problems that have nothing to do with a definition.
const SERVICE: &str = "service::";

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    document: Box<ProblemFile>,
    /// Whether a person asked: the answer is a page then.
    page: bool,
}

/// A problem as it is written.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ProblemFile {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    diagnostics: Value,
    /// The number of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
}

/// The status of a kind of failure.
fn status(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::Definition => StatusCode::UNPROCESSABLE_ENTITY,
        FailureKind::Locked => StatusCode::LOCKED,
        FailureKind::Refused => StatusCode::CONFLICT,
        FailureKind::Cloud | FailureKind::Apply => StatusCode::BAD_GATEWAY,
        FailureKind::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        FailureKind::State | FailureKind::Output => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Problem {
    /// A problem of the request itself: `code` is its stable name, without `service::`.
    pub(super) fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        let document = ProblemFile {
            kind: format!("/problems/{code}"),
            title: title.into(),
            status: status.as_u16(),
            detail: String::new(),
            code: format!("{SERVICE}{code}"),
            help: None,
            diagnostics: Value::Null,
            instance: None,
        };
        Self { status, document: Box::new(document), page: false }
    }

    /// Says the way out.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.document.help = Some(help.into());
        self
    }

    /// What a failure of the façade is; `sources` are the texts that its mistakes point into.
    pub(super) fn of(failure: &Failure, sources: &Sources) -> Self {
        let first = failure.diagnostics.iter().next();
        let title = match first {
            Some(found) if failure.message.is_empty() => found.message.clone(),
            _ => failure.message.clone(),
        };
        let mut problem = Self::new(status(failure.kind), failure.kind.name(), title);
        if let Some(code) = first.map(|found| found.code) {
            problem.document.kind = format!("/problems/{}", code.trim_start_matches(CODE_PREFIX));
            code.clone_into(&mut problem.document.code);
        }
        problem.document.detail = failure.causes.join("\n");
        problem.document.help = match failure.kind {
            // The failure's own help is for whoever types commands.
            FailureKind::Locked => Some("wait for it to end, then ask again".to_owned()),
            _ => failure.help.clone().or_else(|| first?.help.clone()),
        };
        if first.is_some() {
            problem.document.diagnostics = report::diagnostics_json(&failure.diagnostics, sources);
        }
        problem
    }

    /// The same, for a name that leads nowhere: whether it is not there or not theirs is nobody's business.
    pub(super) fn not_found(failure: &Failure) -> Self {
        let mut problem = Self::new(StatusCode::NOT_FOUND, "not_found", failure.message.clone());
        problem.document.help.clone_from(&failure.help);
        problem
    }

    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether the service does not know who asks.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Whether a definition, or what was typed, is wrong.
    pub(super) fn is_definition(&self) -> bool {
        self.status == StatusCode::UNPROCESSABLE_ENTITY
    }

    /// What is wrong, and the way out, in a line or two.
    pub(super) fn sentences(&self) -> String {
        let ProblemFile { title, help, .. } = &*self.document;
        help.as_ref().map_or_else(|| title.clone(), |help| format!("{title}: {help}"))
    }

    /// The same as a page.
    #[must_use]
    pub(super) fn for_people(self) -> Self {
        Self { page: true, ..self }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::of(&failure, &Sources::new())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, document, page } = self;
        if page {
            let page =
                page::problem(&document.title, &document.detail, document.help.as_deref(), &document.diagnostics);
            return (status, page).into_response();
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        // With the document itself, for whoever knows the number of the request.
        (status, kind, Extension((*document).clone()), Json(*document)).into_response()
    }
}

/// The number of a request, which its answer has, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestNumber(pub(super) u64);

/// An answer whose problem document has the number of the request.
pub(super) fn numbered(mut answer: Response, number: RequestNumber) -> Response {
    let Some(document) = answer.extensions_mut().remove::<ProblemFile>() else { return answer };
    let document = ProblemFile { instance: Some(number.0.to_string()), ..document };
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    match serde_json::to_vec(&document) {
        Ok(bytes) => Response::from_parts(parts, bytes.into()),
        Err(_) => Response::from_parts(parts, axum::body::Body::empty()),
    }
}

/// Whatever has no route.
pub(super) async fn nothing_here(request: axum::extract::Request) -> Problem {
    let path = request.uri().path();
    let problem = Problem::new(StatusCode::NOT_FOUND, "not_found", format!("there is nothing at {path}"))
        .help("/v1 tells programs what there is, / shows it to people");
    if Face::of(&request) == Face::Api { problem } else { problem.for_people() }
}

/// Whom an address is for, and so how what goes wrong there is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// People: a page.
    Page,
    /// Programs: a problem document.
    Api,
    /// Clients of the Service Manager, which says in its own way what it refuses.
    ServiceManager,
}

impl Face {
    /// The face that a request is for.
    pub(super) fn of(request: &axum::extract::Request) -> Self {
        let path = request.uri().path();
        if path.starts_with("/v1") {
            Self::Api
        } else if service_manager::PLACES.iter().any(|place| path.starts_with(place)) {
            Self::ServiceManager
        } else {
            Self::Page
        }
    }

    /// A problem as this face tells it.
    pub(super) fn tells(self, problem: Problem) -> Problem {
        if self == Self::Page { problem.for_people() } else { problem }
    }
}
