//! Plays a tape to a cloud, which may have other ids than the recorded one.
//!
//! In paths and bodies `{name}` is replaced by what it is on this cloud: `{project}`, `{user}`, `{password}`,
//! `{project_name}`, `{domain}`, `{public}` (the external network), `{stack}` (the last that was created), `{event}` (the
//! last that was listed), what an exchange `makes`, what the tape gives, or else the physical id of a resource of the stack.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use disco::heat::Service;
use disco::local::Engine;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

use super::tape::{Answer, Exchange, Tape, Token};
use crate::local::driver::manual;
use crate::support::Eyes;

/// How often something that is waited for is looked at.
const PATIENCE: u32 = 600;

pub(super) struct Player {
    cloud: Cloud,
    /// What a name stands for here.
    pub(super) names: BTreeMap<String, Json>,
    /// Name of the stack.
    stack: String,
}

enum Cloud {
    Engine { engine: Engine, token: String, roots: BTreeMap<String, String> },
    Real(Box<Eyes>),
}

/// Sign-in as Keystone wants it.
fn sign_in() -> Json {
    json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "{user}", "domain": {"name": "{domain}"}, "password": "{password}",
        }}},
        "scope": {"project": {"name": "{project_name}", "domain": {"name": "{domain}"}}},
    }})
}

impl Player {
    /// To a fresh embedded engine.
    pub(super) async fn of_engine(folder: &Path, tape: &Tape) -> Self {
        let engine = Engine::open(folder, manual()).unwrap();
        let own = engine.credentials();
        let names = [
            ("user", own.username),
            ("password", own.password),
            ("project_name", own.project_name),
            ("domain", own.user_domain_name),
        ];
        let names = names.into_iter().map(|(name, value)| (name.to_owned(), Json::from(value)));
        let names = names.chain(tape.given.clone()).collect();
        let roots = BTreeMap::from([("identity".to_owned(), "/identity".to_owned())]);
        let cloud = Cloud::Engine { engine, token: String::new(), roots };
        let mut player = Self { cloud, names, stack: String::new() };
        let body = player.filled(&sign_in()).await;
        let (answer, headers) = player.ask("identity", "POST", "/v3/auth/tokens", None, Some(body.to_string())).await;
        player.names.insert("project".to_owned(), answer.body["token"]["project"]["id"].clone());
        if let Cloud::Engine { token, roots, .. } = &mut player.cloud {
            headers["x-subject-token"].to_str().unwrap().clone_into(token);
            for entry in answer.body["token"]["catalog"].as_array().unwrap() {
                let url = entry["endpoints"][0]["url"].as_str().unwrap().strip_prefix("http://cloud.test").unwrap();
                let version = if entry["type"] == "network" { "/v2.0" } else { "" };
                roots.entry(entry["type"].as_str().unwrap().to_owned()).or_insert(url.to_owned() + version);
            }
        }
        player
    }

    /// To a real cloud.
    pub(super) fn of_cloud(eyes: Eyes, tape: &Tape) -> Self {
        let names = eyes.known().into_iter().map(|(name, value)| (name.to_owned(), Json::from(value)));
        let names = names.chain(tape.given.clone()).collect();
        Self { cloud: Cloud::Real(Box::new(eyes)), names, stack: String::new() }
    }

    /// Asks as an exchange says.
    pub(super) async fn play(&mut self, exchange: &Exchange) -> Answer {
        if !exchange.at_once {
            self.settle().await;
        }
        let path = self.filled(&exchange.path.clone().into()).await;
        let path = path.as_str().unwrap().to_owned();
        let body = match &exchange.body {
            Some(body) => Some(self.filled(body).await.to_string()),
            None => exchange.raw.clone(),
        };
        let (answer, _) = self.ask(&exchange.service, &exchange.method, &path, exchange.token, body).await;
        self.learn(exchange, &answer.body);
        if let Some(status) = &exchange.then {
            let server = path.split('/').nth(2).unwrap();
            self.until(server, status).await;
        }
        answer
    }

    /// Waits until a server has a status.
    async fn until(&mut self, server: &str, status: &str) {
        let mut last = String::new();
        for _ in 0..PATIENCE {
            let (shown, _) = self.ask("compute", "GET", &format!("/servers/{server}"), None, None).await;
            shown.body["server"]["status"].as_str().unwrap_or("gone").clone_into(&mut last);
            if last == status {
                return;
            }
            self.wait().await;
        }
        panic!("server {server} does not become {status}: it is {last}");
    }

    fn learn(&mut self, exchange: &Exchange, body: &Json) {
        if exchange.path == "/stacks" && body["stack"]["id"].is_string() {
            self.names.insert("stack".to_owned(), body["stack"]["id"].clone());
            exchange.body.as_ref().unwrap()["stack_name"].as_str().unwrap().clone_into(&mut self.stack);
        }
        if let Some(last) = body["events"].as_array().and_then(|events| events.last()) {
            self.names.insert("event".to_owned(), last["id"].clone());
        }
        if let (Some(name), Some(made)) = (&exchange.makes, body.as_object().and_then(|body| body.values().next())) {
            self.names.insert(name.clone(), made["id"].clone());
        }
    }

    /// Waits until Heat has done what it was asked to.
    async fn settle(&mut self) {
        let Some(id) = self.names.get("stack").and_then(Json::as_str).map(str::to_owned) else { return };
        let path = format!("/stacks/{}/{id}?resolve_outputs=False", self.stack);
        for _ in 0..PATIENCE {
            let (shown, _) = self.ask("orchestration", "GET", &path, None, None).await;
            if !shown.body["stack"]["stack_status"].as_str().is_some_and(|status| status.ends_with("_IN_PROGRESS")) {
                return;
            }
            self.wait().await;
        }
        panic!("{} does not come to rest", self.stack);
    }

    async fn wait(&self) {
        match &self.cloud {
            Cloud::Engine { engine, .. } => engine.advance(Duration::from_secs(5)),
            Cloud::Real(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }

    /// A value with every name replaced.
    async fn filled(&mut self, value: &Json) -> Json {
        let mut text = value.to_string();
        for name in mentioned(&text) {
            let known = match self.names.get(&name) {
                Some(known) => known.clone(),
                None => self.looked_up(&name).await,
            };
            let quoted = format!("\"{{{name}}}\"");
            let inner = known.as_str().map_or_else(|| known.to_string(), str::to_owned);
            text = text.replace(&quoted, &known.to_string()).replace(&format!("{{{name}}}"), &inner);
            self.names.insert(name, known);
        }
        serde_json::from_str(&text).unwrap()
    }

    async fn looked_up(&self, name: &str) -> Json {
        if name == "public" {
            let (found, _) = self.ask("network", "GET", "/networks?router:external=True", None, None).await;
            return found.body["networks"][0]["id"].clone();
        }
        let id = self.names["stack"].as_str().unwrap();
        let path = format!("/stacks/{}/{id}/resources", self.stack);
        let (listed, _) = self.ask("orchestration", "GET", &path, None, None).await;
        let mut resources = listed.body["resources"].as_array().unwrap().iter();
        let found = resources.find(|resource| resource["resource_name"] == name);
        found.unwrap_or_else(|| panic!("{name} is no resource of {}", self.stack))["physical_resource_id"].clone()
    }

    async fn ask(
        &self,
        service: &str,
        method: &str,
        path: &str,
        token: Option<Token>,
        body: Option<String>,
    ) -> (Answer, HeaderMap) {
        let method: Method = method.parse().unwrap();
        match &self.cloud {
            Cloud::Engine { engine, token: own, roots } => {
                let mut request =
                    Request::builder().method(method).uri(joined(&roots[service], path)).header("host", "cloud.test");
                request = request.header("accept", "application/json");
                match token {
                    None if own.is_empty() => {}
                    None => request = request.header("x-auth-token", own),
                    Some(Token::None) => {}
                    Some(Token::Wrong) => request = request.header("x-auth-token", "wrong"),
                }
                let body = body.map_or_else(Body::empty, Body::from);
                let answer = engine.router().oneshot(request.body(body).unwrap()).await.unwrap();
                let (parts, body) = answer.into_parts();
                let bytes = body.collect().await.unwrap().to_bytes();
                (Answer::new(parts.status.as_u16(), &parts.headers, &bytes), parts.headers)
            }
            Cloud::Real(eyes) => {
                let service = Service::ALL.into_iter().find(|known| known.name() == service).unwrap();
                let root = match service {
                    Service::Identity => eyes.root(service).trim_end_matches("/v3").to_owned(),
                    _ => eyes.root(service),
                };
                let token = token.map(|token| if token == Token::None { "" } else { "wrong" });
                let (status, headers, bytes) = eyes.exchange(&method, joined(&root, path), token, body);
                (Answer::new(status.as_u16(), &headers, &bytes), headers)
            }
        }
    }
}

/// Names in braces that a text mentions.
fn mentioned(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else { continue };
        let good = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte));
        if good && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// An address below another; `../` goes up.
fn joined(root: &str, path: &str) -> String {
    let (mut root, mut path) = (root, path);
    while let Some(rest) = path.strip_prefix("../") {
        root = root.rsplit_once('/').map_or("", |(above, _)| above);
        path = rest;
    }
    format!("{root}/{}", path.trim_start_matches('/'))
}
