//! A cloud one is signed in to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, RwLock};

use super::auth::CloudConfig;
use super::catalog::Service;
use super::error::{Cause, Fault, HeatError};
use super::keystone::{Session, SignedIn};
use super::retry::{Retry, Twice};
use super::transport::Transport;
use crate::model::{CloudIdentity, ProjectIdentity};

/// A cloud one is signed in to. Cheap to clone; clones share the token.
#[derive(Clone, Debug)]
pub struct Cloud {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    transport: Transport,
    config: CloudConfig,
    retry: Retry,
    session: RwLock<Arc<Session>>,
    /// Held while signing in again, so that many requests that meet an expired token sign in once.
    renewal: Mutex<()>,
}

/// A request before it knows where the service is.
pub(super) struct Ask {
    service: Service,
    method: Method,
    path: String,
    body: Option<Bytes>,
    twice: Twice,
}

impl Ask {
    /// A request that may be repeated. `path` begins with a slash and may carry a query.
    pub(super) fn new(service: Service, method: Method, path: String) -> Self {
        let twice = if method == Method::GET { Twice::Reads } else { Twice::Same };
        Self { service, method, path, body: None, twice }
    }

    /// A `GET` of Heat.
    pub(super) fn heat(path: String) -> Self {
        Self::new(Service::Orchestration, Method::GET, path)
    }

    /// With a JSON body.
    pub(super) fn with(mut self, body: &impl Serialize) -> Result<Self, Cause> {
        let body = serde_json::to_vec(body).map_err(|source| Cause::Garbled { url: self.path.clone(), source })?;
        self.body = Some(Bytes::from(body));
        Ok(self)
    }

    /// Never sent again where it may have arrived.
    pub(super) fn once(mut self) -> Self {
        self.twice = Twice::Never;
        self
    }
}

impl Cloud {
    /// Signs in.
    pub async fn connect(transport: Transport, config: CloudConfig) -> Result<Self, HeatError> {
        Self::connect_with(transport, config, Retry::default()).await
    }

    /// Signs in, with other bounds of repetition.
    pub async fn connect_with(transport: Transport, config: CloudConfig, retry: Retry) -> Result<Self, HeatError> {
        let session = Session::open(&transport, &config, &retry).await.map_err(|source| HeatError::Authenticate {
            auth_url: config.auth_url.clone(),
            who: config.who(),
            source,
        })?;
        let session = RwLock::new(Arc::new(session));
        let inner = Inner { transport, config, retry, session, renewal: Mutex::new(()) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether the cloud lives in this process.
    pub fn is_in_process(&self) -> bool {
        self.inner.transport.is_in_process()
    }

    /// Id of the project one is signed in to.
    pub async fn project_id(&self) -> String {
        self.inner.session.read().await.who.project.id.clone()
    }

    /// Who one is, as Keystone said it at the last time of signing in.
    pub async fn signed_in(&self) -> SignedIn {
        self.inner.session.read().await.who.clone()
    }

    /// Whether one is an administrator, who may choose addresses in anybody's network.
    pub(super) async fn is_admin(&self) -> bool {
        // By the name that OpenStack's policies give that role.
        self.inner.session.read().await.who.roles.iter().any(|role| role == "admin")
    }

    /// Whether one is signed in with an application credential, which may do less than its user.
    pub(super) async fn is_delegated(&self) -> bool {
        self.inner.session.read().await.is_delegated
    }

    /// Name of the application credential that one is signed in with, where it is restricted: Heat cannot act for its owner
    /// later then.
    pub async fn restricted_credential(&self) -> Option<String> {
        self.inner.session.read().await.restricted.clone()
    }

    /// Whether the catalog, or the configuration, has an address of a service.
    pub async fn has(&self, service: Service) -> bool {
        let session = self.inner.session.read().await;
        session.has(service, &self.inner.config)
    }

    /// Which cloud it is, whoever signs in and however.
    pub async fn identity(&self) -> CloudIdentity {
        let session = self.inner.session.read().await;
        let project = session.who.project.clone();
        CloudIdentity::OpenStack {
            auth_url: self.inner.config.keystone(),
            region: session.region(&self.inner.config),
            project: ProjectIdentity { id: project.id, name: project.name },
        }
    }

    /// How long the cloud wants to be left alone after an error; not longer than the bounds of repetition allow.
    pub fn patience_after(&self, error: &HeatError) -> Duration {
        error.retry_after().unwrap_or_default().min(self.inner.retry.longest_wait)
    }

    /// Asks and reads the answer's JSON.
    pub(super) async fn read<T: DeserializeOwned>(&self, ask: Ask) -> Result<T, Cause> {
        let url = ask.path.clone();
        let read = |response: Response<Bytes>| {
            serde_json::from_slice(response.body()).map_err(|source| Cause::Garbled { url: url.clone(), source })
        };
        self.ask_until(ask, read).await
    }

    /// Asks until there is an answer that is no refusal, within the bounds of repetition.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Response<Bytes>, Cause> {
        self.ask_until(ask, Ok).await
    }

    /// Asks until there is an answer that can be read, within the bounds of repetition.
    async fn ask_until<T>(&self, ask: Ask, read: impl Fn(Response<Bytes>) -> Result<T, Cause>) -> Result<T, Cause> {
        let mut attempt = 1;
        let mut renewed = false;
        loop {
            let session = Arc::clone(&*self.inner.session.read().await);
            let answer = Box::pin(self.carry(&ask, &session)).await;
            let cause = match answer {
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED && !renewed => {
                    renewed = true;
                    self.renew(&session.token).await?;
                    continue;
                }
                Ok(response) if response.status().is_client_error() || response.status().is_server_error() => {
                    Cause::Fault(Fault::read(&response))
                }
                Ok(response) => match read(response) {
                    Ok(answer) => return Ok(answer),
                    Err(cause) => cause,
                },
                Err(cause) => cause,
            };
            match self.inner.retry.wait(attempt, ask.twice, &cause) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(cause),
            }
            attempt += 1;
        }
    }

    async fn carry(&self, ask: &Ask, session: &Session) -> Result<Response<Bytes>, Cause> {
        let Inner { transport, config, retry, .. } = &*self.inner;
        let address = session.address(ask.service, config, transport, retry.patience).await?;
        transport.carry(request(ask, &address, session)?, retry.patience).await
    }

    /// Replaces the token that was refused, unless somebody else has done so meanwhile.
    async fn renew(&self, refused: &HeaderValue) -> Result<(), Cause> {
        let _alone = self.inner.renewal.lock().await;
        if self.inner.session.read().await.token != *refused {
            return Ok(());
        }
        let inner = &self.inner;
        let other = inner.config.renewal.clone().map(|sign_in| CloudConfig { sign_in, ..inner.config.clone() });
        let config = other.as_ref().unwrap_or(&inner.config);
        let session = Box::pin(Session::open(&inner.transport, config, &inner.retry)).await?;
        *inner.session.write().await = Arc::new(session);
        Ok(())
    }
}

fn request(ask: &Ask, address: &str, session: &Session) -> Result<Request<Bytes>, Cause> {
    let url = format!("{address}{}", ask.path);
    let mut request = Request::builder()
        .method(ask.method.clone())
        .uri(&url)
        .header(http::header::ACCEPT, "application/json")
        .header("x-auth-token", session.token.clone());
    if ask.body.is_some() {
        request = request.header(http::header::CONTENT_TYPE, "application/json");
    }
    request
        .body(ask.body.clone().unwrap_or_default())
        .map_err(|source| Cause::Unreachable { url, source: source.into() })
}

/// A name as it stands in a path or a query.
pub(super) fn escaped(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_escaped() {
        assert_eq!(super::escaped("slaves-3_a.b"), "slaves-3_a.b");
        assert_eq!(super::escaped("a/b é"), "a%2Fb%20%C3%A9");
    }
}
