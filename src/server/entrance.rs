//! The way in: who asks, whether they may ask that, and what is kept of it. Behind it everybody has a service of their own, which
//! knows of nobody else's projects.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tower::ServiceExt as _;

use super::auth::{Doors, cookie_name};
use super::caller::May;
use super::fault::{Face, Problem, RequestNumber};
use super::keystone::Keystone;
use super::worker::Workers;
use super::{Service, api};
use crate::project::{AuditRecord, ServiceSeat};

/// So many requests are answered at a time.
const AT_ONCE: usize = 512;

/// The header in which a proxy says whom it asks for.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What all requests share.
#[derive(Debug)]
pub(super) struct Entrance {
    pub(super) doors: AnyDoors,
    /// How the service is called in addresses, whatever the `Host` of a request says.
    pub(super) url: String,
    /// Names by which the service may be reached: another one means that a stranger's page asks.
    pub(super) hosts: BTreeSet<String>,
    /// How many requests there were.
    pub(super) requests: AtomicU64,
    /// How many may still be answered at the same time.
    pub(super) room: Semaphore,
    /// Nobody else serves this folder.
    pub(super) _seat: ServiceSeat,
}

/// Who is let in.
#[derive(Debug)]
pub(super) enum AnyDoors {
    /// Whose own the service is.
    Own(Box<Doors>, Admitted),
    /// Whom a Keystone knows.
    Keystone(Box<Keystone>),
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    /// Their service.
    pub(super) service: Arc<Service>,
    /// What it answers.
    pub(super) router: Router,
}

impl Admitted {
    pub(super) fn new(service: Arc<Service>) -> Self {
        let router = super::closed(&service);
        Self { service, router }
    }
}

impl Entrance {
    pub(super) fn new(doors: AnyDoors, url: &str, hosts: BTreeSet<String>, seat: ServiceSeat) -> Self {
        Self {
            doors,
            url: url.to_owned(),
            hosts,
            requests: AtomicU64::default(),
            room: Semaphore::new(AT_ONCE),
            _seat: seat,
        }
    }

    /// Who asks.
    ///
    /// # Errors
    /// Nobody who is known.
    async fn admit(&self, headers: &HeaderMap, from: &str) -> Result<Admitted, Problem> {
        match &self.doors {
            AnyDoors::Own(doors, admitted) if doors.knows(headers) => Ok(admitted.clone()),
            AnyDoors::Own(..) => Err(not_known(
                "send `Authorization: Bearer TOKEN`, with the token in .disco/service/token of the folder that is served",
            )),
            AnyDoors::Keystone(keystone) => keystone.admit(headers, from).await,
        }
    }

    /// The services of everybody who has been here.
    pub(super) fn services(&self) -> Vec<Arc<Service>> {
        match &self.doors {
            AnyDoors::Own(_, admitted) => vec![Arc::clone(&admitted.service)],
            AnyDoors::Keystone(keystone) => keystone.earlier().unwrap_or_else(|failure| {
                super::log::trouble(&failure.message);
                Vec::new()
            }),
        }
    }

    /// All that work.
    pub(super) fn workers(&self) -> Vec<Arc<Workers>> {
        match &self.doors {
            AnyDoors::Own(_, admitted) => vec![Arc::clone(&admitted.service.workers)],
            AnyDoors::Keystone(keystone) => keystone.tenants.workers(),
        }
    }

    /// Whether each request is told to the log: of a service that others look after.
    pub(super) fn logs(&self) -> bool {
        matches!(self.doors, AnyDoors::Keystone(_))
    }

    /// Where a request comes from.
    pub(super) fn from(&self, request: &Request) -> String {
        let forwarded = request.headers().get(FORWARDED).filter(|_| self.is_secure());
        // What stands last was written by our own proxy.
        let last = forwarded.and_then(|value| Some(value.to_str().ok()?.rsplit(',').next()?.trim().to_owned()));
        let direct = || request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_string());
        last.or_else(direct).unwrap_or_default()
    }

    /// What the cookie of a browser has to say besides its name and value.
    pub(super) fn cookie(&self, value: &str, more: &str) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", cookie_name(self.is_secure()))
    }

    /// Whether a proxy that speaks TLS stands before it.
    fn is_secure(&self) -> bool {
        matches!(&self.doors, AnyDoors::Keystone(keystone) if keystone.is_secure)
    }
}

/// The refusal of somebody who is not known.
pub(super) fn not_known(help: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "this service does not know who asks").help(help)
}

/// Everything but what everybody may ask: for those who are known, from their own service.
pub(super) async fn closed(State(entrance): State<Arc<Entrance>>, mut request: Request) -> Response {
    let face = Face::of(&request);
    let from = entrance.from(&request);
    let admitted = match entrance.admit(request.headers(), &from).await {
        Ok(admitted) => admitted,
        Err(problem) if problem.is_unauthorized() && face == Face::Page => {
            return Redirect::to("/sign-in").into_response();
        }
        Err(problem) if problem.is_unauthorized() => {
            return ([(header::WWW_AUTHENTICATE, "Bearer")], face.tells(problem)).into_response();
        }
        Err(problem) => return face.tells(problem).into_response(),
    };
    if let Err(problem) = require_allowance(&admitted.service) {
        return ([(header::RETRY_AFTER, "1")], face.tells(problem)).into_response();
    }
    request.extensions_mut().insert(From(from));
    let Ok(answer) = admitted.router.oneshot(request).await;
    answer
}

/// Takes a request off what its caller may ask for.
///
/// # Errors
/// That is used up.
pub(super) fn require_allowance(service: &Service) -> Result<(), Problem> {
    if service.caller.allowance.take(Instant::now()) {
        return Ok(());
    }
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "you ask too much at once");
    Err(problem.help("wait a second; `limits { requests, burst }` of the service says how much"))
}

/// Refuses what somebody's roles do not let them do.
///
/// # Errors
/// That.
pub(super) fn require_role(service: &Service, needed: May) -> Result<(), Problem> {
    let may = service.caller.may;
    if may >= needed {
        return Ok(());
    }
    let title = match needed {
        May::See | May::Work => "your roles let you look here, and change nothing",
        May::Manage => "your roles do not let you do this",
    };
    let (needed, may) = (needed.name(), may.name());
    let help = format!("this needs what `{needed}` says of the cloud in the service's configuration; you may {may}");
    Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", title).help(help))
}

/// A request, as far as the audit keeps it: what, and where from; no value.
pub(super) struct Visit {
    number: u64,
    what: String,
    from: String,
}

/// Where a request comes from.
#[derive(Clone)]
struct From(String);

impl Visit {
    /// That of a request which comes from there.
    pub(super) fn new(request: &Request, from: String) -> Self {
        let number = request.extensions().get::<RequestNumber>().map_or(0, |number| number.0);
        Self { number, what: format!("{} {}", request.method(), request.uri().path()), from }
    }

    /// Keeps it in the audit of whose service it was, with the status of the answer.
    pub(super) async fn keep(self, service: &Service, outcome: StatusCode) {
        let caller = &service.caller;
        let tenant = caller.tenant.as_ref();
        let record = AuditRecord {
            at: String::new(),
            request: self.number,
            user_id: caller.user_id.clone(),
            user: caller.user.clone(),
            cloud: tenant.map(|tenant| tenant.cloud.clone()).unwrap_or_default(),
            tenant_id: tenant.map(|tenant| tenant.id.clone()).unwrap_or_default(),
            from: self.from,
            what: self.what,
            outcome: outcome.as_u16(),
        };
        let audit = Arc::clone(&service.audit);
        // What was done is done: that its record is lost is told where people look after the service.
        if let Ok(Err(failure)) = tokio::task::spawn_blocking(move || audit.add(record)).await {
            super::log::trouble(&failure.message);
        }
    }
}

/// Lets those pass who may ask that, and keeps what changes something.
pub(super) async fn allowed_only(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let needed = needed(request.method(), &path);
    let from = request.extensions().get::<From>().map(|from| from.0.clone()).unwrap_or_default();
    let visit = (needed > May::See && !is_reading(request.method())).then(|| Visit::new(&request, from));
    let face = Face::of(&request);
    let answer = match require_role(&service, needed) {
        Ok(()) => next.run(request).await,
        Err(problem) => face.tells(problem).into_response(),
    };
    if let Some(visit) = visit {
        visit.keep(&service, answer.status()).await;
    }
    answer
}

/// Whether a method changes nothing.
fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// What a request needs: whoever changes nothing only looks.
pub(super) fn needed(method: &Method, path: &str) -> May {
    match api::needed(method, path) {
        Some(needed) => needed,
        None if is_reading(method) => May::See,
        None => May::Work,
    }
}
