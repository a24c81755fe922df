//! Why a request is not carried out.

use http::StatusCode;

use super::message::OcciResponse;
use super::rendering::Format;

/// What is answered instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What kind, for the status.
    pub kind: RefusalKind,
    /// One sentence, or a line for each mistake.
    pub message: String,
}

/// Kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The request, or the definition that it makes, has mistakes.
    Invalid,
    /// Nobody knows the token or the password, or they are another tenant's.
    Unauthenticated,
    /// The caller may not do that.
    Forbidden,
    /// The cluster does not exist, or is not the caller's.
    Unknown,
    /// The method is not allowed there; which ones are.
    Method(&'static str),
    /// No format that the caller accepts.
    NotAcceptable,
    /// It cannot be done to the cluster as it is: data would be lost, or another operation is under way.
    Conflict,
    /// The cloud refuses.
    Cloud,
    /// Not now.
    Unavailable,
    /// The service cannot do what it should.
    Failed,
}

impl RefusalKind {
    /// The status of HTTP.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Cloud => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A mistake in the request.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, message)
    }

    /// Mistakes in the request, a line each.
    pub(super) fn of_all(mistakes: &[String]) -> Self {
        Self::invalid(mistakes.join("\n"))
    }

    /// A cluster that does not exist.
    pub fn unknown(id: &str) -> Self {
        Self::new(RefusalKind::Unknown, format!("cluster `{id}` does not exist"))
    }

    /// Its answer.
    pub(super) fn response(&self) -> OcciResponse {
        let mut response = OcciResponse::new(self.kind.status(), Format::Plain, &*self.message);
        match self.kind {
            RefusalKind::Method(allowed) => response.headers.push(("Allow", allowed.to_owned())),
            RefusalKind::Unauthenticated => response.headers.push(("WWW-Authenticate", "Keystone".to_owned())),
            _ => {}
        }
        response
    }
}
