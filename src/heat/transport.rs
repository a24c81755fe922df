//! Requests and responses as values, and the two ways they travel.

use std::fmt;
use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::calls::CallLog;
use super::error::Cause;

/// How requests reach the cloud, and who is told of them.
#[derive(Clone, Debug)]
pub struct Transport {
    way: Way,
    log: Option<CallLog>,
}

#[derive(Clone, Debug)]
enum Way {
    /// Over the network.
    Network(reqwest::Client),
    /// To a router in this process: the embedded engine.
    InProcess(axum::Router),
}

/// How the cloud's certificates are judged, and what a client shows of itself. All in PEM.
#[derive(Clone, Default)]
pub struct Certificates {
    /// Whether any certificate of the cloud will do.
    pub unverified: bool,
    /// Authorities to trust besides the system's; empty where there are none.
    pub authorities: Vec<u8>,
    /// Certificate and key of the client; empty where it has none.
    pub client: Vec<u8>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unverified, authorities, client } = self;
        let mut certificates = f.debug_struct("Certificates");
        certificates.field("unverified", unverified).field("authorities", &authorities.len());
        // There is a key in it.
        certificates.field("client", &!client.is_empty()).finish()
    }
}

/// An HTTP client as all are here.
fn client() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that somebody else of this process has installed one already: then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("disco/", env!("CARGO_PKG_VERSION")))
}

impl Transport {
    /// Over the network, with rustls and ring, the system's authorities and the proxies that the environment names,
    /// without following redirects.
    ///
    /// # Errors
    /// Certificates that are not PEM.
    pub fn network(certificates: &Certificates) -> Result<Self, reqwest::Error> {
        let mut client = client().tls_danger_accept_invalid_certs(certificates.unverified);
        if !certificates.authorities.is_empty() {
            client = client.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&certificates.authorities)?);
        }
        if !certificates.client.is_empty() {
            client = client.identity(reqwest::Identity::from_pem(&certificates.client)?);
        }
        Ok(Self { way: Way::Network(client.build()?), log: None })
    }

    /// Over the network to this host alone, whatever proxy the environment names for what is elsewhere.
    ///
    /// # Errors
    /// Certificates of the system that cannot be read.
    pub fn to_this_host() -> Result<Self, reqwest::Error> {
        Ok(Self { way: Way::Network(client().no_proxy().build()?), log: None })
    }

    /// To a router in this process.
    pub fn in_process(router: axum::Router) -> Self {
        Self { way: Way::InProcess(router), log: None }
    }

    /// Tells somebody of each exchange.
    #[must_use]
    pub fn told_to(self, log: Option<CallLog>) -> Self {
        Self { log, ..self }
    }

    /// The HTTP client; `None` where the cloud lives in this process.
    pub fn client(&self) -> Option<&reqwest::Client> {
        match &self.way {
            Way::Network(client) => Some(client),
            Way::InProcess(_) => None,
        }
    }

    /// Whether the cloud lives in this process.
    pub fn is_in_process(&self) -> bool {
        matches!(self.way, Way::InProcess(_))
    }

    /// Sends a request once and reads the whole answer, which is waited for as long as `patience` lasts.
    pub(super) async fn carry(&self, request: Request<Bytes>, patience: Duration) -> Result<Response<Bytes>, Cause> {
        let whole = request.uri().to_string();
        let url = whole.split('?').next().unwrap_or_default();
        let sent = self.log.as_ref().map(|log| (log, log.sent(&request), tokio::time::Instant::now()));
        let answer = match tokio::time::timeout(patience, self.exchange(request, url)).await {
            Ok(answer) => answer,
            Err(_) => Err(unanswered(url, format!("no answer within {} s", patience.as_secs_f64()))),
        };
        if let Some((log, sent, began)) = sent {
            log.answered(sent, &answer, began.elapsed());
        }
        answer
    }

    async fn exchange(&self, request: Request<Bytes>, url: &str) -> Result<Response<Bytes>, Cause> {
        match &self.way {
            Way::Network(client) => {
                let request = reqwest::Request::try_from(request).map_err(|source| unreachable(url, source))?;
                let answer = client.execute(request).await.map_err(|source| {
                    let never_left = source.is_connect() || source.is_builder();
                    // The address is told already.
                    let source = source.without_url();
                    if never_left { unreachable(url, source) } else { unanswered(url, source) }
                })?;
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = answer.status();
                *response.headers_mut() = answer.headers().clone();
                *response.body_mut() = answer.bytes().await.map_err(|source| unanswered(url, source.without_url()))?;
                Ok(response)
            }
            Way::InProcess(router) => {
                let request = request.map(axum::body::Body::from);
                let Ok(answer) = router.clone().oneshot(request).await;
                let (parts, body) = answer.into_parts();
                let body = body.collect().await.map_err(|source| broken(url, source))?;
                Ok(Response::from_parts(parts, body.to_bytes()))
            }
        }
    }
}

/// What a router in this process says with a body that breaks off: it has no connection to break, nor a door that does
/// not open.
fn broken(url: &str, source: axum::Error) -> Cause {
    // Every layer of the router has put its own wrapping around it.
    let mut inner = source.into_inner();
    while inner.is::<axum::Error>() {
        inner = match inner.downcast::<axum::Error>() {
            Ok(wrapped) => wrapped.into_inner(),
            Err(other) => other,
        };
    }
    match inner.downcast::<std::io::Error>() {
        Ok(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => unreachable(url, error),
        Ok(error) => unanswered(url, error),
        Err(other) => unanswered(url, other),
    }
}

fn unreachable(url: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Cause {
    Cause::Unreachable { url: url.to_owned(), source: source.into() }
}

fn unanswered(url: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Cause {
    Cause::Unanswered { url: url.to_owned(), source: source.into() }
}
