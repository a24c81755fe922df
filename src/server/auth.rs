//! Who may enter: whoever has the token of this service, or was let in with the address that was printed when it began.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Form, Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::fault::{Face, Problem};
use super::{Service, page};

/// The cookie of a browser that was let in.
const COOKIE: &str = "disco_session";

/// So many browsers are let in at the same time; the next one shows the oldest one out.
const SESSIONS: usize = 64;

/// What opens the doors. Only digests are kept, so that comparing them tells nobody how much of a guess was right.
#[derive(Debug)]
pub(super) struct Doors {
    token: [u8; 32],
    /// The code in the address that was printed; it works once.
    code: Mutex<Option<[u8; 32]>>,
    sessions: Mutex<Vec<[u8; 32]>>,
    /// Names by which the service may be reached: another one means that a stranger's page asks.
    hosts: BTreeSet<String>,
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A secret of 256 bits.
///
/// # Errors
/// A system that has no randomness.
pub(super) fn secret() -> Result<String, ring::error::Unspecified> {
    let random: [u8; 32] = ring::rand::generate(&ring::rand::SystemRandom::new())?.expose();
    Ok(data_encoding::HEXLOWER.encode(&random))
}

impl Doors {
    /// Doors that a token opens, and once a code; the service is reached by these names.
    pub(super) fn new(token: &str, code: &str, hosts: BTreeSet<String>) -> Self {
        Self { token: digest(token), code: Mutex::new(Some(digest(code))), sessions: Mutex::default(), hosts }
    }

    /// A browser with the code, or with the token, is let in: with the value of its cookie.
    fn let_in(&self, word: &str) -> Option<String> {
        let given = digest(word);
        let mut code = self.code.lock().unwrap_or_else(PoisonError::into_inner);
        if code.as_ref() == Some(&given) {
            *code = None;
        } else if given != self.token {
            return None;
        }
        drop(code);
        let session = secret().ok()?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= SESSIONS {
            sessions.remove(0);
        }
        sessions.push(digest(&session));
        Some(session)
    }

    /// Whether somebody has the token.
    pub(super) fn is_token(&self, word: &str) -> bool {
        digest(word) == self.token
    }

    fn show_out(&self, headers: &HeaderMap) {
        if let Some(session) = session_of(headers) {
            let gone = digest(session);
            self.sessions.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| *known != gone);
        }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(token) = authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            return digest(token.trim()) == self.token;
        }
        let Some(session) = session_of(headers) else { return false };
        let given = digest(session);
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).contains(&given)
    }

    /// Whether a request was sent to one of the service's own names.
    pub(super) fn is_own(&self, host: &str) -> bool {
        self.hosts.contains(host)
    }
}

fn session_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Lets those pass that the service knows; the others are told how they get in.
pub(super) async fn known_only(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    if service.doors.knows(request.headers()) {
        return next.run(request).await;
    }
    if Face::of(&request) == Face::Page {
        return Redirect::to("/sign-in").into_response();
    }
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "this service does not know who asks").help(
        "send `Authorization: Bearer TOKEN`, with the token in .disco/service/token of the folder that is served",
    );
    ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()
}

/// What a browser brings to the door.
#[derive(Deserialize)]
struct Brought {
    code: Option<String>,
    token: Option<String>,
}

/// The way in and the way out.
pub(super) fn sign_in(service: &Arc<Service>) -> Router {
    Router::new()
        .route("/sign-in", get(by_address).post(by_token))
        .route("/sign-out", axum::routing::post(leave))
        .with_state(Arc::clone(service))
}

async fn by_address(State(service): State<Arc<Service>>, method: Method, Query(brought): Query<Brought>) -> Response {
    // Whoever only looks whether the address leads somewhere does not use it up.
    match brought.code.filter(|_| method == Method::GET) {
        None => page::sign_in(None).into_response(),
        Some(code) => enter(&service, &code, "This address has been used already: it works once."),
    }
}

async fn by_token(State(service): State<Arc<Service>>, Form(brought): Form<Brought>) -> Response {
    enter(&service, brought.token.unwrap_or_default().trim(), "This is not the token of this service.")
}

fn enter(service: &Service, word: &str, refusal: &str) -> Response {
    match service.doors.let_in(word) {
        Some(session) => {
            let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
            ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
        }
        None => (StatusCode::FORBIDDEN, page::sign_in(Some(refusal))).into_response(),
    }
}

async fn leave(State(service): State<Arc<Service>>, headers: HeaderMap) -> Response {
    service.doors.show_out(&headers);
    let cookie = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_and_a_token_always() {
        let doors = Doors::new("token", "code", BTreeSet::new());
        assert!(doors.let_in("guess").is_none() && doors.let_in("").is_none());
        let session = doors.let_in("code").unwrap();
        assert!(doors.let_in("code").is_none());
        assert!(doors.let_in("token").is_some());
        let with = |name, value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            headers
        };
        let browser = with(header::COOKIE, format!("other=1; {COOKIE}={session}"));
        assert!(doors.knows(&browser) && doors.knows(&with(header::AUTHORIZATION, "Bearer token".to_owned())));
        for stranger in ["Bearer code", "Basic token", "Bearer "] {
            assert!(!doors.knows(&with(header::AUTHORIZATION, stranger.to_owned())), "{stranger}");
        }
        doors.show_out(&browser);
        assert!(!doors.knows(&browser));
    }

    #[test]
    fn only_so_many_browsers_are_let_in() {
        let doors = Doors::new("token", "code", BTreeSet::new());
        let all: Vec<String> = (0..=SESSIONS).map(|_| doors.let_in("token").unwrap()).collect();
        let knows = |session: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("{COOKIE}={session}").parse().unwrap());
            doors.knows(&headers)
        };
        assert!(!knows(&all[0]) && knows(&all[1]) && knows(&all[SESSIONS]));
    }
}
