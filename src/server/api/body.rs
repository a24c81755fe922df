//! Bodies of requests.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use crate::server::fault::Problem;

/// What a body may say it is.
const JSON: &str = "application/json";

/// A body that is a JSON object with the members of `T`: a list of their values, which serde reads as well, is none.
pub(super) struct Given<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Given<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(JSON) {
            let title = "a body has to say that it is JSON";
            let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_json", title);
            return Err(problem.help(format!("send the header `Content-Type: {JSON}`")).into_response());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
        read(&bytes).map(Self).map_err(IntoResponse::into_response)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let wrong = |status, title: String| {
        Problem::new(status, "bad_body", title).help("`GET /v1/openapi.json` tells what a body has")
    };
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => {}
        Some(b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            return Err(wrong(StatusCode::UNPROCESSABLE_ENTITY, "the body is not an object".to_owned()));
        }
        _ => return Err(wrong(StatusCode::BAD_REQUEST, "the body is not JSON".to_owned())),
    }
    serde_json::from_slice(bytes).map_err(|fault| {
        let status = if fault.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        wrong(status, format!("the body is not as expected: {fault}"))
    })
}
