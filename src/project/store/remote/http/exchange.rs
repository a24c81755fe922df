//! One request and its answer.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::super::{ATTEMPTS, pause};
use super::ask::{Ask, Prepared};
use super::{HttpFault, HttpServer};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Characters of a server's words that are shown.
const WORDS: usize = 200;

/// What a server says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The tag of what it brings, of a server that has tags.
    pub(super) fn tag(&self) -> Option<String> {
        self.headers.get(http::header::ETAG)?.to_str().ok().map(str::to_owned)
    }

    /// Whether an S3 store says that there is no such bucket.
    pub(super) fn is_without_bucket(&self) -> bool {
        xml(&String::from_utf8_lossy(&self.body), "Code").is_some_and(|code| code == "NoSuchBucket")
    }

    /// What it says, after a colon, if it has any words.
    fn said(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let line: String = line.chars().filter(|letter| !letter.is_control()).take(WORDS).collect();
        match xml(&text, "Message").or_else(|| xml(&text, "Code")) {
            Some(message) => format!(": {message}"),
            None if line.is_empty() || line.starts_with('<') => String::new(),
            None => format!(": {line}"),
        }
    }
}

/// The text of an element in an answer of an S3 store.
fn xml(text: &str, name: &str) -> Option<String> {
    let after = text.split_once(&format!("<{name}>"))?.1;
    let inner = after.split_once(&format!("</{name}>"))?.0;
    let inner: String = inner.chars().filter(|letter| !letter.is_control()).take(WORDS).collect();
    Some(inner).filter(|inner| !inner.is_empty())
}

impl HttpServer {
    /// Sends a question once.
    pub(super) async fn send(&self, ask: &Ask<'_>) -> Result<Answer, HttpFault> {
        let what = ask.what();
        let Prepared { method, url, headers, body } = self.protocol.prepare(ask)?;
        let mut request = self.client.request(method, url).headers(headers).timeout(PATIENCE);
        if let Some(body) = body {
            request = request.body(body);
        }
        let unanswered = |source: reqwest::Error| {
            let never_left = source.is_connect() || source.is_builder();
            let source = Box::new(source.without_url());
            if never_left { HttpFault::Unreachable { what, source } } else { HttpFault::Unanswered { what, source } }
        };
        let answer = request.send().await.map_err(unanswered)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(unanswered)?.to_vec();
        Ok(Answer { status, headers, body })
    }

    /// An answer that is none to `what` was asked.
    pub(super) fn refused(&self, answer: &Answer, what: &'static str) -> HttpFault {
        let status = answer.status;
        // An S3 store answers 409 where somebody else writes the same object at that moment.
        let at_that_moment = self.compares() && status == StatusCode::CONFLICT;
        let passes = matches!(status.as_u16(), 408 | 429 | 500 | 502..=504) || at_that_moment;
        let after = answer.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let retry_after = after.map(Duration::from_secs);
        HttpFault::Refused { what, status, said: answer.said(), passes, retry_after }
    }

    /// Asks what may be asked twice, until there is an answer.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, HttpFault> {
        let mut attempt = 1;
        loop {
            let fault = match self.send(ask).await {
                Ok(answer) => {
                    let fault = self.refused(&answer, ask.what());
                    if !fault.may_pass() {
                        return Ok(answer);
                    }
                    fault
                }
                Err(fault) => fault,
            };
            if attempt == ATTEMPTS {
                return Err(fault);
            }
            pause(attempt, fault.retry_after()).await;
            attempt += 1;
        }
    }
}
