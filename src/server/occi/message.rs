//! Requests and answers as values.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use super::refusal::Refusal;
use super::rendering::Format;

/// A request.
#[derive(Clone)]
pub struct OcciRequest {
    /// What is to be done.
    pub method: Method,
    /// Path without query.
    pub path: String,
    /// What stands after `?`.
    pub query: Option<String>,
    /// Headers, names in any case.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
    /// How this service is called in the addresses of the answer, without a slash at the end: `http://host:8888`. The
    /// configured name, or the checked `Host` of this very request.
    pub base: String,
}

/// Headers have tokens and passwords, so only the first line is shown.
impl fmt::Debug for OcciRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OcciRequest").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl OcciRequest {
    /// A request to the service that is called `base`.
    pub fn new(request: Request<Bytes>, base: impl Into<String>) -> Self {
        let (parts, body) = request.into_parts();
        Self {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: parts.headers,
            body,
            base: base.into().trim_end_matches('/').to_owned(),
        }
    }

    /// All lines of a header as one list.
    pub(super) fn list(&self, name: &str) -> Result<Option<String>, Refusal> {
        let mut all: Option<String> = None;
        for value in self.headers.get_all(name) {
            let text = std::str::from_utf8(value.as_bytes())
                .map_err(|_| Refusal::invalid(format!("header `{name}` is not UTF-8")))?;
            match &mut all {
                Some(all) => {
                    all.push_str(", ");
                    all.push_str(text);
                }
                None => all = Some(text.to_owned()),
            }
        }
        Ok(all)
    }

    /// The one value of a header.
    pub(super) fn single(&self, name: &str) -> Result<Option<String>, Refusal> {
        let mut values = self.headers.get_all(name).iter();
        let Some(first) = values.next() else { return Ok(None) };
        if values.any(|other| other != first) {
            return Err(Refusal::invalid(format!("header `{name}` is there twice, with different values")));
        }
        let text = std::str::from_utf8(first.as_bytes());
        let text = text.map_err(|_| Refusal::invalid(format!("header `{name}` is not UTF-8")))?;
        Ok(Some(text.trim().to_owned()))
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcciResponse {
    /// Status.
    pub status: StatusCode,
    /// Headers, in order, as the original wrote their names.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: String,
}

/// What the standard wants to read in each answer.
const SERVER: &str = "disco OCCI/1.1";

impl OcciResponse {
    /// An answer without headers of its own.
    pub(super) fn new(status: StatusCode, format: Format, body: impl Into<String>) -> Self {
        let headers = vec![("Content-Type", format.mime_type().to_owned()), ("Server", SERVER.to_owned())];
        Self { status, headers, body: body.into() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl From<OcciResponse> for Response<Bytes> {
    fn from(answer: OcciResponse) -> Self {
        let mut response = Self::new(Bytes::from(answer.body));
        *response.status_mut() = answer.status;
        for (name, value) in answer.headers {
            // All that is written here is visible ASCII; a name that the service was given may be anything.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
