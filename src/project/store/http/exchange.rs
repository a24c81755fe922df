//! One request and its answer, and how often it is sent.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode};
use md5::{Digest as _, Md5};

use super::{HttpBackend, HttpFault};

/// How often something is asked.
pub(super) const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
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
    /// An answer that is none to `what` was asked.
    pub(super) fn fault(&self, what: &'static str) -> HttpFault {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let line: String = line.chars().filter(|letter| !letter.is_control()).take(WORDS).collect();
        let said = if line.is_empty() || line.starts_with('<') { String::new() } else { format!(": {line}") };
        let after = self.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        HttpFault::Refused { what, status: self.status, said, retry_after: after.map(Duration::from_secs) }
    }
}

/// Waits before the next attempt.
pub(super) async fn pause(attempt: u32, fault: &HttpFault) {
    let backoff = FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(16));
    tokio::time::sleep(fault.retry_after().unwrap_or(backoff).min(LONGEST_PAUSE)).await;
}

impl HttpBackend {
    /// Sends a request once.
    pub(super) async fn send(
        &self,
        what: &'static str,
        method: &Method,
        url: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, HttpFault> {
        let mut request = self.client.request(method.clone(), url).timeout(PATIENCE);
        if let Some(username) = &self.username {
            request = request.basic_auth(&username.value, self.password.as_ref().map(|password| &password.value));
        }
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .header("Content-MD5", STANDARD.encode(Md5::digest(body)))
                .body(body.to_vec());
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

    /// Asks what may be asked twice, until there is an answer.
    pub(super) async fn ask(
        &self,
        what: &'static str,
        method: &Method,
        url: &str,
        body: Option<&[u8]>,
    ) -> Result<Answer, HttpFault> {
        let mut attempt = 1;
        loop {
            let fault = match self.send(what, method, url, body).await {
                Ok(answer) => {
                    let fault = answer.fault(what);
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
            pause(attempt, &fault).await;
            attempt += 1;
        }
    }
}
