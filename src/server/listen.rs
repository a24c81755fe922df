//! The one listener: where it may be, what every request passes, and how it ends.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use super::auth::{self, Doors};
use super::caller::Caller;
use super::entrance::{Admitted, AnyDoors, Entrance};
use super::fault::{self, Face, Problem, RequestNumber};
use super::keystone::Keystone;
use super::projects::Projects;
use super::service_manager::{self, ServiceManager};
use super::tenants::Tenants;
use super::worker::Workers;
use super::{Service, api, log, router};
use crate::project::{
    AuditLog, CredentialKey, Failure, FailureKind, Project, Request as ProjectRequest, TeamCloud, make_folders,
    read_service_settings,
};
use crate::source::Sources;

/// Where a service listens if nothing is said.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The largest body of a request, in bytes.
pub(super) const BODY: usize = 1024 * 1024;

/// The largest head of a request, in bytes.
const HEAD: usize = 64 * 1024;

/// How long a request may take; streams of events are answers that go on.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long requests under way have when the service ends.
const GRACE: Duration = Duration::from_secs(10);

/// What a page may load and do: its own style and scripts, nothing of anybody else, nothing inline.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types disco";

/// How a service is to be served.
#[derive(Clone, Debug)]
pub struct ServiceOptions {
    /// Where; a loopback address.
    pub listen: Option<SocketAddr>,
    /// The folder of all projects; the project of the request's own folder where none is named.
    pub projects: Option<PathBuf>,
}

/// A service that listens.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    entrance: Arc<Entrance>,
    url: String,
    way_in: WayIn,
}

/// How people get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayIn {
    /// By an address that works once; programs by the token in a file.
    Own {
        /// The address.
        address: String,
        /// The file.
        token: PathBuf,
    },
    /// By signing in at one of these clouds.
    Keystone(Vec<String>),
}

async fn bind(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(wanted).await.map_err(|fault| {
        Failure::new(FailureKind::Cloud, format!("cannot listen at {wanted}"))
            .because(&fault)
            .help("use port 0, as in 127.0.0.1:0, for any free one")
    })?;
    let address = listener.local_addr().unwrap_or(wanted);
    Ok((listener, address))
}

/// The names of a service that listens there.
fn names(address: SocketAddr) -> BTreeSet<String> {
    let port = address.port();
    [address.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")].into()
}

impl Listening {
    /// Opens the service of one's own: from now on whoever knows its token is answered once it runs.
    ///
    /// # Errors
    /// An address that is no loopback one or is taken; a folder that cannot be written to.
    pub async fn open(request: ProjectRequest, options: ServiceOptions) -> Result<Self, Failure> {
        let wanted = options.listen.unwrap_or(USUAL);
        if !wanted.ip().is_loopback() {
            let message = format!("{} is not an address of this machine alone", wanted.ip());
            return Err(Failure::new(FailureKind::Definition, message).help(
                "listen at a loopback address, as in --listen 127.0.0.1:8080; whoever comes from elsewhere takes a tunnel: \
                 ssh -L 8080:127.0.0.1:8080 HOST",
            ));
        }
        let directory = request.directory.clone();
        let user = request.user.clone();
        let projects = match options.projects {
            Some(folder) => Projects::below(request, real(&directory.join(folder))),
            None => Projects::one(request, real(&directory)),
        };
        projects.all()?;
        let (listener, address) = bind(wanted).await?;
        let url = format!("http://{address}");
        let no_secret = |_| Failure::new(FailureKind::State, "this system gives no randomness for a token");
        let (token, code) = (auth::secret().map_err(no_secret)?, auth::secret().map_err(no_secret)?);
        let seat = projects.without_definitions().take_service_seat(projects.folder(), address)?;
        let (kept, token) = projects.without_definitions().service_token(projects.folder(), &token)?;
        let service = Service {
            workers: Arc::new(Workers::default()),
            beginning: Arc::default(),
            writing: Arc::default(),
            repeated: Arc::default(),
            manager: Arc::new(ServiceManager::embedded()),
            audit: Arc::new(AuditLog::of(projects.folder())),
            caller: Caller::owner(&user),
            projects,
        };
        let doors = AnyDoors::Own(Box::new(Doors::new(&token, &code)), Admitted::new(Arc::new(service)));
        let way_in = WayIn::Own { address: format!("{url}/sign-in?code={code}"), token: kept };
        Ok(Self { listener, entrance: Arc::new(Entrance::new(doors, &url, names(address), seat)), url, way_in })
    }

    /// Opens the service of a team, as its configuration says, whose text is then among the sources.
    ///
    /// # Errors
    /// A configuration that cannot be read or is wrong; an address that is taken; a folder that cannot be written to.
    pub async fn open_for_team(request: ProjectRequest, path: &Path, sources: &Sources) -> Result<Self, Failure> {
        let path = request.directory.join(path);
        let here = path.parent().map(Path::to_owned).unwrap_or_default();
        let settings = read_service_settings(sources, &path)?;
        let clouds = settings.clouds.iter().map(|(name, cloud)| TeamCloud::open(name, cloud, &here));
        let clouds: Vec<TeamCloud> = clouds.collect::<Result<_, _>>()?;
        let folder = here.join(&settings.projects);
        make_folders(&folder)?;
        let folder = real(&folder);
        let (listener, address) = bind(settings.listen).await?;
        let seat = Project::new(request.clone()).take_service_seat(&folder, address)?;
        let key = CredentialKey::open(settings.key_file.as_ref().map(|file| here.join(file)).as_deref(), &folder)?;
        let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let tenants = Tenants::new(request, folder, settings.limits, settings.occi.clone());
        let is_secure = settings.public_url.is_some();
        let failed = settings.limits.failed_sign_ins;
        let keystone = Keystone::new(clouds, tenants, key, settings.embedded, is_secure, failed);
        let way_in = WayIn::Keystone(keystone.names().to_vec());
        let mut hosts = names(address);
        hosts.extend(settings.public_url.iter().filter_map(|url| Some(url.split_once("://")?.1.to_owned())));
        let entrance = Entrance::new(AnyDoors::Keystone(Box::new(keystone)), &url, hosts, seat);
        Ok(Self { listener, entrance: Arc::new(entrance), url, way_in })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How people get in.
    pub fn way_in(&self) -> &WayIn {
        &self.way_in
    }

    /// Serves until `end` comes: then nobody new is let in, what is under way has ten seconds, and operations are left to Heat.
    ///
    /// # Errors
    /// A port that can no longer be served.
    pub async fn until(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), Failure> {
        let Self { listener, entrance, .. } = self;
        let (ended, told) = tokio::sync::oneshot::channel::<()>();
        // Before anybody asks: what was begun is then under way again.
        let earlier = Arc::clone(&entrance);
        let take_up = move || {
            for service in earlier.services() {
                service_manager::take_up(&service);
                api::take_up(&service);
            }
        };
        let _ = tokio::task::spawn_blocking(take_up).await;
        let leaving = Arc::clone(&entrance);
        let graceful = async move {
            end.await;
            leaving.workers().iter().for_each(|workers| workers.leave());
            let _ = ended.send(());
        };
        let app = router(&entrance).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(listener, app).with_graceful_shutdown(graceful);
        let failed = |fault: std::io::Error| {
            Failure::new(FailureKind::Cloud, "the service cannot go on listening").because(&fault)
        };
        tokio::select! {
            served = served => served.map_err(failed)?,
            () = async { let _ = told.await; tokio::time::sleep(GRACE).await; } => {}
        }
        futures_util::future::join_all(entrance.workers().iter().map(|workers| workers.ended(GRACE))).await;
        Ok(())
    }
}

fn real(directory: &std::path::Path) -> PathBuf {
    crate::project::real_folder(directory)
}

/// What operators ask: neither needs a token, nor tells anything.
pub(super) fn probes() -> Router {
    let well = || async { (StatusCode::OK, "ok\n") };
    Router::new().route("/healthz", get(well)).route("/readyz", get(well))
}

/// What every request passes.
pub(super) fn bounded(router: Router, entrance: &Arc<Entrance>) -> Router {
    let with = || Arc::clone(entrance);
    router
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(with(), own_name_only))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, PATIENCE))
        .layer(middleware::from_fn_with_state(with(), as_much_as_fits))
        .layer(middleware::from_fn(in_documents))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(with(), numbered))
}

/// Refuses what is more than the service can do at a time, and heads that are no heads any more.
async fn as_much_as_fits(State(entrance): State<Arc<Entrance>>, request: Request, next: Next) -> Response {
    let face = Face::of(&request);
    let size: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > HEAD {
        let title = "the headers are larger than 64 KiB";
        let problem = Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too_large", title);
        return face.tells(problem.help("send fewer cookies and shorter headers")).into_response();
    }
    let Ok(_room) = entrance.room.try_acquire() else {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "the service answers 512 requests already");
        let problem = face.tells(problem.help("ask again in a second"));
        return ([(header::RETRY_AFTER, "1")], problem).into_response();
    };
    next.run(request).await
}

/// A request for another name than the service's own comes from a page whose name was made to lead here.
async fn own_name_only(State(entrance): State<Arc<Entrance>>, request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = named.or_else(|| request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default();
    if entrance.hosts.contains(host) {
        return next.run(request).await;
    }
    let problem = Problem::new(StatusCode::MISDIRECTED_REQUEST, "other_host", "this service has another name")
        .help("use the address that `disco serve` printed");
    Face::of(&request).tells(problem).into_response()
}

/// Programs get a problem document and people a page, whoever in here has refused what they asked.
async fn in_documents(request: Request, next: Next) -> Response {
    let face = Face::of(&request);
    let number = request.extensions().get::<RequestNumber>().copied();
    let answer = next.run(request).await;
    let answer = in_document(answer, face).await;
    match number {
        Some(number) => fault::numbered(answer, number),
        None => answer,
    }
}

async fn in_document(answer: Response, face: Face) -> Response {
    let status = answer.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_said = kind.starts_with("application/problem+json") || face == Face::Page && kind.starts_with("text/html");
    if !is_refusal || is_said || face == Face::ServiceManager {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let said = axum::body::to_bytes(body, BODY).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    let (code, title) = match status {
        StatusCode::FORBIDDEN => ("other_site", "the page of another site asks".to_owned()),
        StatusCode::METHOD_NOT_ALLOWED => ("not_done_here", "this cannot be done here".to_owned()),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "the body is larger than 1 MiB".to_owned()),
        StatusCode::GATEWAY_TIMEOUT => ("too_slow", "the answer took longer than 30 s".to_owned()),
        _ => ("bad_request", said),
    };
    let help = if face == Face::Page {
        "go back and try again"
    } else {
        "`GET /v1` and `GET /v1/openapi.json` tell what there is"
    };
    let problem = Problem::new(status, code, title).help(help);
    let mut document = face.tells(problem).into_response();
    if let Some(allowed) = parts.headers.get(header::ALLOW) {
        document.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    document
}

/// Each answer has the number of its request, and says what a browser may do with it.
async fn numbered(State(entrance): State<Arc<Entrance>>, mut request: Request, next: Next) -> Response {
    let number = entrance.requests.fetch_add(1, Ordering::Relaxed) + 1;
    request.extensions_mut().insert(RequestNumber(number));
    let cached = request.uri().path().starts_with("/assets/");
    let told = entrance
        .logs()
        .then(|| (request.method().clone(), request.uri().path().to_owned(), entrance.from(&request), Instant::now()));
    let mut answer = next.run(request).await;
    if let Some((method, path, from, began)) = told {
        let took = began.elapsed().as_millis();
        log::request(number, method.as_str(), &path, answer.status().as_u16(), took, &from);
    }
    let headers = answer.headers_mut();
    if let Ok(number) = HeaderValue::from_str(&number.to_string()) {
        headers.insert("x-request-id", number);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !cached {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    answer
}
