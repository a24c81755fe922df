//! Playing the fault script on requests as they come, whichever way they come.
//!
//! In this process there is no connection to break: there a body that ends in an error stands for one, and one that
//! begins with `ConnectionRefused` for a door that did not open.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderValue, StatusCode, Uri, header};
use http_body_util::BodyExt as _;

use super::super::fault::{FaultAction, RetryAfter};
use super::super::port::Line;
use super::super::refusal::Refusal;
use super::super::shared::Shared;
use super::identity;

/// How long the beginning of an answer has to get away before its connection is reset.
const HEAD_START: Duration = Duration::from_millis(5);

/// Lets a request through, or has it meet its fault.
pub(crate) async fn play(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let line = request.extensions().get::<ConnectInfo<Line>>().map(|info| info.0.clone());
    if shared.is_dead() {
        return broken(line.as_ref(), io::ErrorKind::ConnectionRefused);
    }
    let action = shared.meet(request.method().as_str(), request.uri().path());
    let lost = || broken(line.as_ref(), io::ErrorKind::ConnectionReset);
    match action {
        Some(FaultAction::Refused) => {
            shared.close_port();
            return broken(line.as_ref(), io::ErrorKind::ConnectionRefused);
        }
        Some(FaultAction::Crash { afterwards: false }) => {
            shared.die();
            return broken(line.as_ref(), io::ErrorKind::ConnectionRefused);
        }
        Some(FaultAction::Answered { status, retry_after, afterwards: false }) => {
            return answered(&shared, &request, status, retry_after);
        }
        Some(FaultAction::TokenExpired) => shared.forget_tokens(),
        Some(FaultAction::AtMost(most)) => limit(request.uri_mut(), most),
        _ => {}
    }
    let instead = match action {
        Some(FaultAction::Answered { status, retry_after, .. }) => {
            Some(answered(&shared, &request, status, retry_after))
        }
        _ => None,
    };
    let answer = next.run(request).await;
    if shared.is_dead() {
        return lost();
    }
    match action {
        Some(FaultAction::Crash { .. }) => {
            shared.die();
            lost()
        }
        Some(FaultAction::Lost) => lost(),
        Some(FaultAction::Stalled) => std::future::pending().await,
        Some(FaultAction::Cut) => {
            let (answer, half) = halved(answer).await;
            if let Some(line) = &line {
                line.reset_at_end();
            }
            let rest = futures_util::stream::once(async {
                tokio::time::sleep(HEAD_START).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            });
            answer.map(|()| Body::from_stream(futures_util::stream::iter([Ok::<Bytes, io::Error>(half)]).chain(rest)))
        }
        Some(FaultAction::Halved) => {
            let (mut answer, half) = halved(answer).await;
            answer.headers_mut().remove(header::CONTENT_LENGTH);
            answer.map(|()| Body::from(half))
        }
        _ => instead.unwrap_or(answer),
    }
}

/// No answer at all.
fn broken(line: Option<&Line>, kind: io::ErrorKind) -> Response {
    if let Some(line) = line {
        line.reset();
    }
    Response::new(Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(io::Error::from(kind))])))
}

/// An answer without its body, and the first half of that.
async fn halved(answer: Response) -> (http::Response<()>, Bytes) {
    let (parts, body) = answer.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    (http::Response::from_parts(parts, ()), half)
}

/// The answer of what stands before Heat: a proxy, or Keystone's filter.
fn answered(shared: &Shared, request: &Request, status: StatusCode, retry_after: Option<RetryAfter>) -> Response {
    let mut answer = match status.as_u16() {
        401 => identity::unauthorized(request.headers(), request.uri()),
        403 => Refusal::new(403, "Forbidden", "You are not authorized to complete this action.").into_response(),
        404 => Refusal::new(404, "EntityNotFound", "The resource could not be found.").into_response(),
        409 => Refusal::new(409, "ActionInProgress", "The stack already has an action in progress.").into_response(),
        500 => Refusal::new(500, "DBError", "(pymysql.err.OperationalError) (2006, 'MySQL server has gone away')")
            .into_response(),
        _ => {
            let reason = status.canonical_reason().unwrap_or("Error");
            let page = format!("<html><body><h1>{} {reason}</h1></body></html>\n", status.as_u16());
            (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
    };
    if let Some(RetryAfter { seconds, as_date }) = retry_after {
        let now = shared.clock.now();
        let when = if as_date { date(now + u64::from(seconds) * 1_000) } else { seconds.to_string() };
        for (name, value) in [(header::RETRY_AFTER, when), (header::DATE, date(now))] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers_mut().insert(name, value);
            }
        }
    }
    answer
}

/// A time as HTTP writes it.
fn date(millis: u64) -> String {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(millis).unwrap_or(i64::MAX)).unwrap_or_default();
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Asks for less than was asked for.
fn limit(uri: &mut Uri, most: usize) {
    let kept = uri.query().into_iter().flat_map(|query| query.split('&')).filter(|part| !part.starts_with("limit="));
    let query: Vec<String> = kept.map(str::to_owned).chain([format!("limit={most}")]).collect();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = format!("{}?{}", uri.path(), query.join("&")).parse().ok();
    if let Ok(shorter) = Uri::from_parts(parts) {
        *uri = shorter;
    }
}
