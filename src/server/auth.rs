//! Who may enter: whoever has the token of this service, or was let in with the address that was printed when it began.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Form, FromRequest as _, Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::entrance::{AnyDoors, Entrance};
use super::page;
pub(super) use crate::project::new_secret as secret;

use crate::heat::auth::{ApplicationCredential, InDomain, Named, Secret, SignIn};

/// The name of the cookie of a browser that was let in. Where it comes by HTTPS, browsers see to it that no other host has
/// given it, and none of another name is believed.
pub(super) fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-disco_session" } else { "disco_session" }
}

/// So many browsers are let in at the same time; the next one shows the oldest one out.
const SESSIONS: usize = 64;

/// What opens the doors. Only digests are kept, so that comparing them tells nobody how much of a guess was right.
#[derive(Debug)]
pub(super) struct Doors {
    token: [u8; 32],
    /// The code in the address that was printed; it works once.
    code: Mutex<Option<[u8; 32]>>,
    sessions: Mutex<Vec<[u8; 32]>>,
}

pub(super) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

impl Doors {
    /// Doors that a token opens, and once a code.
    pub(super) fn new(token: &str, code: &str) -> Self {
        Self { token: digest(token), code: Mutex::new(Some(digest(code))), sessions: Mutex::default() }
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
        if let Some(session) = session_of(headers, false) {
            let gone = digest(session);
            self.sessions.lock().unwrap_or_else(PoisonError::into_inner).retain(|known| *known != gone);
        }
    }

    /// Whether whoever has sent these headers was let in.
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(token) = authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            return digest(token.trim()) == self.token;
        }
        let Some(session) = session_of(headers, false) else { return false };
        let given = digest(session);
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).contains(&given)
    }
}

/// What the cookie says of a browser, which comes by HTTPS or not.
pub(super) fn session_of(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == cookie_name(is_secure)).map(|(_, value)| value)
}

/// What a browser brings to the door.
#[derive(Deserialize)]
struct Brought {
    code: Option<String>,
    token: Option<String>,
    cloud: Option<String>,
    user: Option<String>,
    domain: Option<String>,
    password: Option<String>,
    project: Option<String>,
    credential: Option<String>,
    secret: Option<String>,
}

impl Brought {
    /// A field that is filled in.
    fn text(field: Option<&String>) -> Option<&str> {
        field.map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The way of signing in at a Keystone that was filled in.
    fn sign_in(&self) -> Result<SignIn, &'static str> {
        if let Some(token) = Self::text(self.token.as_ref()) {
            return Ok(SignIn::Token { token: Secret::new(token), project: None });
        }
        if let Some(id) = Self::text(self.credential.as_ref()) {
            let secret = Self::text(self.secret.as_ref()).ok_or("The application credential has no secret.")?;
            let credential = ApplicationCredential::Id(id.to_owned());
            return Ok(SignIn::ApplicationCredential { credential, secret: Secret::new(secret) });
        }
        let user = Self::text(self.user.as_ref()).ok_or("Who signs in? Fill in the user name.")?;
        let project = Self::text(self.project.as_ref()).ok_or("For which project of the cloud? Fill it in.")?;
        let domain = || Named::Name(Self::text(self.domain.as_ref()).unwrap_or("Default").to_owned());
        let in_domain = |name: &str| InDomain::Name { name: name.to_owned(), domain: domain() };
        // Blanks may belong to a password.
        let password = Secret::new(self.password.clone().unwrap_or_default());
        Ok(SignIn::Password { user: in_domain(user), password, project: in_domain(project) })
    }
}

/// The way in and the way out.
pub(super) fn sign_in(entrance: &Arc<Entrance>) -> Router {
    Router::new()
        .route("/sign-in", get(by_address).post(by_words))
        .route("/sign-out", axum::routing::post(leave))
        .with_state(Arc::clone(entrance))
}

fn page_for(entrance: &Entrance, refusal: Option<&str>) -> maud::Markup {
    match &entrance.doors {
        AnyDoors::Own(..) => page::sign_in(refusal),
        AnyDoors::Keystone(keystone) => page::sign_in_at(keystone.names(), refusal),
    }
}

async fn by_address(State(entrance): State<Arc<Entrance>>, method: Method, Query(brought): Query<Brought>) -> Response {
    // Whoever only looks whether the address leads somewhere does not use it up.
    match (brought.code.filter(|_| method == Method::GET), &entrance.doors) {
        (Some(code), AnyDoors::Own(doors, _)) => {
            enter(&entrance, doors.let_in(&code), "This address has been used already: it works once.")
        }
        _ => page_for(&entrance, None).into_response(),
    }
}

async fn by_words(State(entrance): State<Arc<Entrance>>, request: Request) -> Response {
    let from = entrance.from(&request);
    let brought = match Form::<Brought>::from_request(request, &()).await {
        Ok(Form(brought)) => brought,
        Err(rejection) => return rejection.into_response(),
    };
    let keystone = match &entrance.doors {
        AnyDoors::Own(doors, _) => {
            let token = brought.token.unwrap_or_default();
            return enter(&entrance, doors.let_in(token.trim()), "This is not the token of this service.");
        }
        AnyDoors::Keystone(keystone) => keystone,
    };
    let sign_in = match brought.sign_in() {
        Ok(sign_in) => sign_in,
        Err(missing) => return (StatusCode::FORBIDDEN, page_for(&entrance, Some(missing))).into_response(),
    };
    let user = Brought::text(brought.user.as_ref()).map(|user| format!("user {user}"));
    let who: Vec<&str> = std::iter::once(from.as_str()).chain(user.as_deref()).collect();
    match keystone.open_session(Brought::text(brought.cloud.as_ref()), sign_in, &who).await {
        Ok(session) => enter(&entrance, Some(session), ""),
        Err(problem) if problem.is_unauthorized() => {
            enter(&entrance, None, "Keystone does not know this: a word is wrong, or the project is none of yours.")
        }
        Err(problem) => (problem.status(), page_for(&entrance, Some(&problem.sentences()))).into_response(),
    }
}

fn enter(entrance: &Entrance, session: Option<String>, refusal: &str) -> Response {
    match session {
        Some(session) => ([(header::SET_COOKIE, entrance.cookie(&session, ""))], Redirect::to("/")).into_response(),
        None => (StatusCode::FORBIDDEN, page_for(entrance, Some(refusal))).into_response(),
    }
}

async fn leave(State(entrance): State<Arc<Entrance>>, headers: HeaderMap) -> Response {
    match &entrance.doors {
        AnyDoors::Own(doors, _) => doors.show_out(&headers),
        AnyDoors::Keystone(keystone) => keystone.show_out(&headers),
    }
    ([(header::SET_COOKIE, entrance.cookie("", "; Max-Age=0"))], Redirect::to("/sign-in")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_and_a_token_always() {
        let doors = Doors::new("token", "code");
        assert!(doors.let_in("guess").is_none() && doors.let_in("").is_none());
        let session = doors.let_in("code").unwrap();
        assert!(doors.let_in("code").is_none());
        assert!(doors.let_in("token").is_some());
        let with = |name, value: String| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            headers
        };
        let browser = with(header::COOKIE, format!("other=1; disco_session={session}"));
        assert!(doors.knows(&browser) && doors.knows(&with(header::AUTHORIZATION, "Bearer token".to_owned())));
        for stranger in ["Bearer code", "Basic token", "Bearer "] {
            assert!(!doors.knows(&with(header::AUTHORIZATION, stranger.to_owned())), "{stranger}");
        }
        doors.show_out(&browser);
        assert!(!doors.knows(&browser));
    }

    #[test]
    fn behind_https_only_a_cookie_of_the_host_itself_is_believed() {
        let of = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            (session_of(&headers, true).map(str::to_owned), session_of(&headers, false).map(str::to_owned))
        };
        assert_eq!(of("disco_session=planted"), (None, Some("planted".to_owned())));
        assert_eq!(of("disco_session=planted; __Host-disco_session=own").0.as_deref(), Some("own"));
    }

    #[test]
    fn only_so_many_browsers_are_let_in() {
        let doors = Doors::new("token", "code");
        let all: Vec<String> = (0..=SESSIONS).map(|_| doors.let_in("token").unwrap()).collect();
        let knows = |session: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("disco_session={session}").parse().unwrap());
            doors.knows(&headers)
        };
        assert!(!knows(&all[0]) && knows(&all[1]) && knows(&all[SESSIONS]));
    }
}
