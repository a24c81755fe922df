//! Requests that whoever sends them may send again: the same key gets the same answer, for a day or until the service ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::operations::key;
use crate::server::auth::digest;
use crate::server::fault::Problem;

/// How long an answer is remembered.
const DAY: Duration = Duration::from_hours(24);

/// So many are remembered; the oldest one goes.
const REMEMBERED: usize = 1000;

/// Answers by the keys that they were asked for with.
#[derive(Debug, Default)]
pub(in crate::server) struct Repeated(Mutex<BTreeMap<String, Known>>);

#[derive(Clone, Debug)]
struct Known {
    /// Of what was asked for.
    request: [u8; 32],
    since: Instant,
    /// Absent as long as it is worked on.
    answer: Option<Answer>,
}

#[derive(Clone, Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Repeated {
    /// Has something done once for each key; without a key, each time. `user` is who asks, `request` what for. What was refused
    /// is not remembered: it may be right the next time.
    ///
    /// # Errors
    /// Those of the work; a key that was used for something else; one that is worked on.
    pub(super) async fn once(
        &self,
        headers: &HeaderMap,
        user: &str,
        request: &str,
        work: impl Future<Output = Result<Response, Problem>>,
    ) -> Result<Response, Problem> {
        if !headers.contains_key("idempotency-key") {
            return work.await;
        }
        let (key, request) = (format!("{user}\n{}", key(headers)?), digest(request));
        if let Some(known) = self.begin(&key, request)? {
            return Ok(known);
        }
        // Where whoever asked does not wait for the answer, the key is free again.
        let mut entry = Entry { of: self, key: Some(key) };
        let (parts, body) = work.await?.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(|_| super::broken())?;
        entry.keep(Answer { status: parts.status, headers: parts.headers.clone(), body: body.clone() });
        Ok(Response::from_parts(parts, Body::from(body)))
    }

    /// The answer that is known; none where the work begins now.
    fn begin(&self, key: &str, request: [u8; 32]) -> Result<Option<Response>, Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, known| known.since.elapsed() < DAY);
        match all.get(key) {
            Some(known) if known.request != request => {
                let title = "this Idempotency-Key was used for another request";
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key_used", title)
                    .help("use a new key for each request"))
            }
            Some(Known { answer: Some(answer), .. }) => {
                let Answer { status, headers, body } = answer.clone();
                Ok(Some((status, headers, body).into_response()))
            }
            Some(_) => Err(Problem::new(StatusCode::CONFLICT, "being_done", "this is being done")
                .help("ask again with the same key in a moment: the answer is the same")),
            None => {
                if all.len() >= REMEMBERED {
                    let oldest = all.iter().min_by_key(|(_, known)| known.since).map(|(key, _)| key.clone());
                    oldest.and_then(|oldest| all.remove(&oldest));
                }
                all.insert(key.to_owned(), Known { request, since: Instant::now(), answer: None });
                Ok(None)
            }
        }
    }
}

/// A key that is worked on.
struct Entry<'a> {
    of: &'a Repeated,
    /// Absent once there is an answer.
    key: Option<String>,
}

impl Entry<'_> {
    fn keep(&mut self, answer: Answer) {
        let Some(key) = self.key.take() else { return };
        if let Some(known) = self.of.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&key) {
            known.answer = Some(answer);
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.of.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
    }
}
