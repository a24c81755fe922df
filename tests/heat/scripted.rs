//! A cloud that answers as it is told, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use disco::heat::{Cloud, CloudConfig, Retry, Transport};
use serde_json::{Value as Json, json};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query, without the service's prefix and the project.
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) body: Json,
}

impl Asked {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

type Answer = dyn FnMut(&Asked) -> Response + Send;

/// The cloud and its memory.
#[derive(Clone)]
pub(crate) struct Scripted {
    asked: Arc<Mutex<Vec<Asked>>>,
    answer: Arc<Mutex<Box<Answer>>>,
    tokens: Arc<Mutex<u32>>,
}

impl Scripted {
    pub(crate) fn new(answer: impl FnMut(&Asked) -> Response + Send + 'static) -> Self {
        Self { asked: Arc::default(), answer: Arc::new(Mutex::new(Box::new(answer))), tokens: Arc::default() }
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Logged in, in this process, patient only for a moment.
    pub(crate) async fn cloud(&self) -> Cloud {
        self.cloud_as(CloudConfig::password("http://cloud.test/identity/v3", "demo", "secret", "demo")).await
    }

    /// Logged in as `config` says, in this process, patient only for a moment.
    pub(crate) async fn cloud_as(&self, config: CloudConfig) -> Cloud {
        let retry = Retry {
            attempts: 4,
            first_wait: std::time::Duration::from_millis(1),
            longest_wait: std::time::Duration::from_millis(4),
            ..Retry::default()
        };
        Cloud::connect_with(Transport::in_process(self.router()), config, retry).await.unwrap()
    }

    /// Every request but log-ins, one line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(Asked::line).collect()
    }

    pub(crate) fn all(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often somebody logged in.
    pub(crate) fn logins(&self) -> u32 {
        *self.tokens.lock().unwrap()
    }
}

async fn answer(State(cloud): State<Scripted>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    if path == "/identity/v3/auth/tokens" {
        let number = {
            let mut tokens = cloud.tokens.lock().unwrap();
            *tokens += 1;
            *tokens
        };
        return token(number);
    }
    let path = path.strip_prefix("/heat/v1/p1").or_else(|| path.strip_prefix("/compute/v2.1")).unwrap_or(&path);
    let asked = Asked {
        method: parts.method.to_string(),
        path: path.to_owned(),
        token: parts.headers.get("x-auth-token").map(|token| token.to_str().unwrap().to_owned()).unwrap_or_default(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    cloud.asked.lock().unwrap().push(asked.clone());
    let mut answer = cloud.answer.lock().unwrap();
    answer(&asked)
}

fn token(number: u32) -> Response {
    let endpoint = |kind: &str, path: &str| {
        json!({ "type": kind, "name": kind, "endpoints": [
            { "interface": "internal", "region_id": "RegionOne", "url": "http://10.0.0.1/wrong" },
            { "interface": "public", "region_id": "RegionOne", "region": "RegionOne", "url": format!("http://cloud.test{path}") },
        ] })
    };
    let body = json!({ "token": {
        "expires_at": "2026-11-23T08:13:40.000000Z",
        "project": { "id": "p1", "name": "demo" },
        "catalog": [
            endpoint("orchestration", "/heat/v1/p1"),
            endpoint("compute", "/compute/v2.1"),
            endpoint("image", "/image"),
            endpoint("network", "/network"),
        ],
    } });
    let mut response = json_answer(201, &body);
    response.headers_mut().insert("x-subject-token", format!("token-{number}").parse().unwrap());
    response
}

pub(crate) fn json_answer(status: u16, body: &Json) -> Response {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// Heat's error body.
pub(crate) fn fault(status: u16, kind: &str, message: &str) -> Response {
    let body = json!({ "code": status, "title": "", "explanation": "", "error":
        { "type": kind, "message": message, "traceback": null } });
    json_answer(status, &body)
}

/// The connection breaks before the answer is whole.
pub(crate) fn lost() -> Response {
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("connection reset"))]);
    Response::new(Body::from_stream(broken))
}
