//! Why a request is refused, in Heat's words and shape.

use axum::Json as Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::heat::wire::{Fault, FaultError};

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub status: u16,
    /// Heat's name of the error: `StackValidationFailed`, …
    pub kind: &'static str,
    pub message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "HTTPBadRequest", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "StackValidationFailed", message)
    }

    pub(crate) fn limit(message: impl std::fmt::Display) -> Self {
        Self::new(400, "RequestLimitExceeded", format!("Request limit exceeded: {message}"))
    }

    pub(crate) fn property(resource: &str, property: &str, message: impl std::fmt::Display) -> Self {
        let dot = if property.is_empty() { "" } else { "." };
        Self::invalid(format!("Property error: : resources.{resource}.properties{dot}{property}: : {message}"))
    }

    pub(crate) fn no_stack(name: &str) -> Self {
        Self::new(404, "EntityNotFound", format!("The Stack ({name}) could not be found."))
    }

    pub(crate) fn no_resource(stack: &str, name: &str) -> Self {
        Self::new(404, "ResourceNotFound", format!("The Resource ({name}) could not be found in Stack {stack}."))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (title, explanation) = match self.status {
            403 => ("Forbidden", "Access was denied to this resource."),
            404 => ("Not Found", "The resource could not be found."),
            409 => ("Conflict", "There was a conflict when trying to complete your request."),
            500 => (
                "Internal Server Error",
                "The server has either erred or is incapable of performing the requested operation.",
            ),
            _ => (
                "Bad Request",
                "The server could not comply with the request since it is either malformed or otherwise incorrect.",
            ),
        };
        // Other services word it in their own shape.
        let refusal = self.clone();
        let fault = Fault {
            code: self.status,
            title: title.to_owned(),
            explanation: explanation.to_owned(),
            error: FaultError { kind: self.kind.to_owned(), message: self.message, traceback: None },
        };
        let mut response =
            (StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST), Body(fault)).into_response();
        response.extensions_mut().insert(refusal);
        response
    }
}
