//! A server for states that speaks Terraform's protocol, and can be told what shall go wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use serde_json::Value as Json;

/// What goes wrong with a request.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// It is done, and the answer breaks off.
    Lose,
    /// It is not done: this is the status.
    Refuse(u16),
    /// The answer comes later.
    Slow(Duration),
    /// Somebody else has the lock before it comes.
    Steal,
}

/// Serves a router on a port of its own, which ends with the test: `http://127.0.0.1:PORT`.
pub(super) fn on_a_port(router: axum::Router) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    });
    url
}

/// An answer, as far as it comes.
pub(super) async fn troubled(trouble: Option<Trouble>, answer: Response) -> Response {
    match trouble {
        Some(Trouble::Lose) => {
            let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("lost")) });
            Response::new(Body::from_stream(broken))
        }
        Some(Trouble::Slow(time)) => {
            tokio::time::sleep(time).await;
            answer
        }
        _ => answer,
    }
}

#[derive(Default)]
struct Kept {
    states: BTreeMap<String, Vec<u8>>,
    locks: BTreeMap<String, (Json, Option<Instant>)>,
    lease: Option<u64>,
    credentials: Option<String>,
    /// Method, how many of it go well before, how many then do not, and what happens to them.
    troubles: Vec<(String, usize, usize, Trouble)>,
    asked: Vec<String>,
}

/// The server, on a port of its own; it ends with the test.
pub(crate) struct StateServer {
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    kept: Arc<Mutex<Kept>>,
}

impl StateServer {
    pub(crate) fn start() -> Self {
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let url = on_a_port(axum::Router::new().fallback(answer).with_state(Arc::clone(&kept)));
        Self { url, kept }
    }

    /// Locks end by themselves after so many seconds.
    pub(crate) fn leases(&self, seconds: u64) {
        self.kept.lock().unwrap().lease = Some(seconds);
    }

    /// Only these may come in.
    pub(crate) fn asks_for(&self, username: &str, password: &str) {
        self.kept.lock().unwrap().credentials =
            Some(format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))));
    }

    /// Of the requests with this method `passed` go well, and this happens to the `count` after them.
    pub(crate) fn trouble(&self, method: &str, passed: usize, count: usize, trouble: Trouble) {
        self.kept.lock().unwrap().troubles.push((method.to_owned(), passed, count, trouble));
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.kept.lock().unwrap().troubles.clear();
    }

    pub(crate) fn state(&self, path: &str) -> Option<Vec<u8>> {
        self.kept.lock().unwrap().states.get(path).cloned()
    }

    pub(crate) fn put(&self, path: &str, state: &[u8]) {
        self.kept.lock().unwrap().states.insert(path.to_owned(), state.to_vec());
    }

    pub(crate) fn forget(&self, path: &str) {
        self.kept.lock().unwrap().states.remove(path);
    }

    /// Who has the lock of a state.
    pub(crate) fn lock(&self, path: &str) -> Option<Json> {
        self.kept.lock().unwrap().holder(path)
    }

    /// What was asked since this was last called: method and path.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().unwrap().asked)
    }
}

impl Kept {
    fn holder(&mut self, path: &str) -> Option<Json> {
        if self.locks.get(path).is_some_and(|(_, until)| until.is_some_and(|until| until < Instant::now())) {
            self.locks.remove(path);
        }
        self.locks.get(path).map(|(info, _)| info.clone())
    }

    fn trouble(&mut self, method: &str) -> Option<Trouble> {
        let (_, passed, count, trouble) =
            self.troubles.iter_mut().find(|(of, _, count, _)| of == method && *count > 0)?;
        if *passed > 0 {
            *passed -= 1;
            return None;
        }
        *count -= 1;
        Some(trouble.clone())
    }

    fn carry_out(&mut self, method: &str, path: &str, query: &str, headers: &HeaderMap, body: &Bytes) -> Response {
        if self.credentials.is_some()
            && headers.get("authorization").and_then(|it| it.to_str().ok()) != self.credentials.as_deref()
        {
            return (StatusCode::UNAUTHORIZED, "who are you?").into_response();
        }
        let id = query.split('&').find_map(|part| part.strip_prefix("ID=")).unwrap_or_default().replace("%2D", "-");
        let holder = self.holder(path);
        let info = || serde_json::from_slice::<Json>(body).unwrap();
        let locked = |holder: Json| (StatusCode::LOCKED, holder.to_string()).into_response();
        let mut answer = match method {
            "GET" => match self.states.get(path) {
                Some(state) => state.clone().into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            },
            "POST" | "DELETE" if holder.as_ref().is_some_and(|holder| holder["ID"] != id) => {
                (StatusCode::CONFLICT, holder.unwrap().to_string()).into_response()
            }
            "POST" => {
                let sum = STANDARD.encode(Md5::digest(body));
                assert_eq!(headers["content-md5"], sum.as_str(), "Content-MD5");
                self.states.insert(path.to_owned(), body.to_vec());
                StatusCode::OK.into_response()
            }
            "DELETE" => {
                self.states.remove(path);
                StatusCode::OK.into_response()
            }
            "LOCK" => match holder {
                Some(holder) if holder["ID"] != info()["ID"] || self.lease.is_none() => locked(holder),
                _ => {
                    for name in ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"] {
                        assert!(info()[name].is_string(), "{name}");
                    }
                    let until = self.lease.map(|seconds| Instant::now() + Duration::from_secs(seconds));
                    self.locks.insert(path.to_owned(), (info(), until));
                    StatusCode::OK.into_response()
                }
            },
            "UNLOCK" => match holder {
                Some(holder) if holder["ID"] != info()["ID"] => locked(holder),
                _ => {
                    self.locks.remove(path);
                    StatusCode::OK.into_response()
                }
            },
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        };
        if let Some(seconds) = self.lease.filter(|_| method == "LOCK") {
            answer.headers_mut().insert("disco-lease", seconds.into());
        }
        answer
    }
}

async fn answer(
    State(kept): State<Arc<Mutex<Kept>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (method, path, query) = (method.as_str(), uri.path(), uri.query().unwrap_or_default());
    let (trouble, answer) = {
        let mut kept = kept.lock().unwrap();
        kept.asked.push(format!("{method} {path}"));
        let trouble = kept.trouble(method);
        if matches!(trouble, Some(Trouble::Steal)) {
            let thief = serde_json::json!({ "ID": "theirs", "Operation": "OperationTypeApply", "Who": "eve@far" });
            kept.locks.insert(path.to_owned(), (thief, None));
        }
        let answer = match &trouble {
            Some(Trouble::Refuse(status)) => (StatusCode::from_u16(*status).unwrap(), "out of order").into_response(),
            _ => kept.carry_out(method, path, query, &headers, &body),
        };
        (trouble, answer)
    };
    troubled(trouble, answer).await
}
