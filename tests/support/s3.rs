//! An S3 store with one bucket, which looks at signatures and conditions, and can be told what shall go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use ring::hmac;
use sha2::{Digest as _, Sha256};

use super::Trouble;
use super::state_server::{on_a_port, troubled};

/// Whoever has these may come in.
pub(crate) const ACCESS_KEY: &str = "lab-access";
pub(crate) const SECRET_KEY: &str = "lab-secret-that-nobody-may-see";
/// The bucket.
pub(crate) const BUCKET: &str = "states";

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    ignores_conditions: bool,
    has_no_tags: bool,
    /// Method, the end of the key, how many of it go well before, how many then do not, and what happens to them.
    troubles: Vec<(String, String, usize, usize, Trouble)>,
    asked: Vec<String>,
}

/// The store, on a port of its own; it ends with the test.
pub(crate) struct S3Store {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    kept: Arc<Mutex<Kept>>,
}

impl S3Store {
    pub(crate) fn start() -> Self {
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let url = on_a_port(axum::Router::new().fallback(answer).with_state(Arc::clone(&kept)));
        Self { url, kept }
    }

    /// Conditions of requests mean nothing to it.
    pub(crate) fn ignores_conditions(&self) {
        self.kept.lock().unwrap().ignores_conditions = true;
    }

    /// It does not say by which tags objects are known.
    pub(crate) fn has_no_tags(&self) {
        self.kept.lock().unwrap().has_no_tags = true;
    }

    /// Of the requests with this method for keys with that end `passed` go well, and this happens to the `count` after them.
    pub(crate) fn trouble(&self, method: &str, end: &str, passed: usize, count: usize, trouble: Trouble) {
        self.kept.lock().unwrap().troubles.push((method.to_owned(), end.to_owned(), passed, count, trouble));
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.kept.lock().unwrap().troubles.clear();
    }

    /// Writes an object, whatever anybody has locked.
    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        self.kept.lock().unwrap().objects.insert(key.to_owned(), bytes.to_vec());
    }

    /// The bytes of an object.
    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.kept.lock().unwrap().objects.get(key).cloned()
    }

    /// What was asked since this was last called: method and key.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().unwrap().asked)
    }
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)[..16]))
}

fn error(status: u16, code: &str, message: &str) -> Response {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (StatusCode::from_u16(status).unwrap(), [("content-type", "application/xml")], body).into_response()
}

/// Whether the signature in the query is the one that the secret key gives: what is signed is put together anew.
fn is_signed(method: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let query: Vec<(&str, &str)> =
        uri.query().unwrap_or_default().split('&').filter_map(|part| part.split_once('=')).collect();
    let of = |name: &str| query.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
    let mut others: Vec<String> = query
        .iter()
        .filter(|(name, _)| *name != "X-Amz-Signature")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    others.sort();
    let signed = of("X-Amz-SignedHeaders").replace("%3B", ";");
    let mut lines = String::new();
    for name in signed.split(';') {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        lines.push_str(name);
        lines.push(':');
        lines.push_str(value);
        lines.push('\n');
    }
    // What decides must be among what is signed.
    let decides = ["if-match", "if-none-match"].into_iter().filter(|name| headers.contains_key(*name));
    if !decides.into_iter().all(|name| signed.split(';').any(|known| known == name)) {
        return false;
    }
    let canonical = format!("{method}\n{}\n{}\n{lines}\n{signed}\nUNSIGNED-PAYLOAD", uri.path(), others.join("&"));
    let date = of("X-Amz-Date");
    let credential = of("X-Amz-Credential").replace("%2F", "/");
    let Some((access, scope)) = credential.split_once('/') else { return false };
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let sign =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let key = scope.split('/').fold(format!("AWS4{SECRET_KEY}").into_bytes(), |key, part| sign(&key, part));
    access == ACCESS_KEY && hex(&sign(&key, &text)) == of("X-Amz-Signature")
}

impl Kept {
    fn trouble(&mut self, method: &str, key: &str) -> Option<Trouble> {
        let (_, _, passed, count, trouble) = self
            .troubles
            .iter_mut()
            .find(|(of, end, _, count, _)| of == method && key.ends_with(&**end) && *count > 0)?;
        if *passed > 0 {
            *passed -= 1;
            return None;
        }
        *count -= 1;
        Some(trouble.clone())
    }

    fn carry_out(&mut self, method: &str, key: &str, headers: &HeaderMap, body: &Bytes) -> Response {
        let condition = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let now = self.objects.get(key);
        let fits = match (condition("if-none-match"), condition("if-match")) {
            (Some("*"), _) => now.is_none(),
            (_, Some(wanted)) => now.is_some_and(|bytes| tag(bytes) == wanted),
            _ => true,
        };
        match method {
            "GET" => match now {
                Some(bytes) if self.has_no_tags => bytes.clone().into_response(),
                Some(bytes) => ([("etag", tag(bytes))], bytes.clone()).into_response(),
                None => error(404, "NoSuchKey", "The specified key does not exist."),
            },
            "PUT" if !fits && !self.ignores_conditions => {
                error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
            }
            "PUT" => {
                self.objects.insert(key.to_owned(), body.to_vec());
                [("etag", tag(body))].into_response()
            }
            "DELETE" if !fits && !self.ignores_conditions => error(412, "PreconditionFailed", "it is another one"),
            "DELETE" => {
                self.objects.remove(key);
                StatusCode::NO_CONTENT.into_response()
            }
            _ => error(405, "MethodNotAllowed", "no"),
        }
    }
}

async fn answer(
    State(kept): State<Arc<Mutex<Kept>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let method = method.as_str();
    if !is_signed(method, &uri, &headers) {
        return error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match");
    }
    let Some(key) = uri.path().strip_prefix(&format!("/{BUCKET}/")) else {
        return error(404, "NoSuchBucket", "The specified bucket does not exist");
    };
    let (trouble, answer) = {
        let mut kept = kept.lock().unwrap();
        kept.asked.push(format!("{method} {key}"));
        let trouble = kept.trouble(method, key);
        let answer = match &trouble {
            Some(Trouble::Refuse(status)) => error(*status, "SlowDown", "Please reduce your request rate."),
            Some(Trouble::Steal) => {
                kept.objects.insert(key.to_owned(), b"{}".to_vec());
                kept.carry_out(method, key, &headers, &body)
            }
            _ => kept.carry_out(method, key, &headers, &body),
        };
        (trouble, answer)
    };
    troubled(trouble, answer).await
}
