//! Logging in: Keystone v3, password, and the catalogue that comes with the token.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use serde_json::{Value as Json, json};

use super::error::{Cause, Fault};
use super::retry::Retry;
use super::transport::Transport;
use super::wire;

/// Who asks. `Debug` never shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Keystone's address, with or without `/v3`.
    pub auth_url: String,
    /// User's name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Project's name.
    pub project: String,
    /// Domain of the user.
    pub user_domain: String,
    /// Domain of the project.
    pub project_domain: String,
    /// Region; absent: the first that has a service.
    pub region: Option<String>,
    /// `public`, `internal` or `admin`.
    pub interface: String,
}

impl Credentials {
    /// A user and project of the domain `Default`, public endpoints of any region.
    pub fn new(
        auth_url: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
        project: impl Into<String>,
    ) -> Self {
        Self {
            auth_url: auth_url.into(),
            user: user.into(),
            password: password.into(),
            project: project.into(),
            user_domain: "Default".to_owned(),
            project_domain: "Default".to_owned(),
            region: None,
            interface: "public".to_owned(),
        }
    }

    fn body(&self) -> Json {
        json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": {
                "name": self.user, "domain": { "name": self.user_domain }, "password": self.password,
            } } },
            "scope": { "project": { "name": self.project, "domain": { "name": self.project_domain } } },
        } })
    }

    fn tokens_url(&self) -> String {
        let base = self.auth_url.trim_end_matches('/');
        let version = if base.ends_with("/v3") { "" } else { "/v3" };
        format!("{base}{version}/auth/tokens")
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("auth_url", &self.auth_url)
            .field("user", &self.user)
            .field("project", &self.project)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The services DISCO speaks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Heat.
    Orchestration,
    /// Nova.
    Compute,
    /// Glance.
    Image,
    /// Neutron.
    Network,
}

impl Service {
    /// As the catalogue says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orchestration => "orchestration",
            Self::Compute => "compute",
            Self::Image => "image",
            Self::Network => "network",
        }
    }
}

/// A token and what came with it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) token: HeaderValue,
    pub(super) project_id: String,
    endpoints: BTreeMap<String, String>,
    region: Option<String>,
}

impl Session {
    /// Logs in, patiently.
    pub(super) async fn open(transport: &Transport, credentials: &Credentials, retry: &Retry) -> Result<Self, Cause> {
        let body = Bytes::from(credentials.body().to_string());
        let mut attempt = 1;
        loop {
            match Self::open_once(transport, credentials, body.clone(), retry.patience).await {
                Ok(session) => return Ok(session),
                // Asking for a token twice does no harm.
                Err(cause) => match retry.wait(attempt, true, &cause) {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(cause),
                },
            }
            attempt += 1;
        }
    }

    async fn open_once(
        transport: &Transport,
        credentials: &Credentials,
        body: Bytes,
        patience: Duration,
    ) -> Result<Self, Cause> {
        let url = credentials.tokens_url();
        let request = Request::builder()
            .method(Method::POST)
            .uri(&url)
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(http::header::ACCEPT, "application/json")
            .body(body)
            .map_err(|source| Cause::Unreachable { url: url.clone(), source: source.into() })?;
        let response = transport.carry(request, patience).await?;
        if !response.status().is_success() {
            return Err(Cause::Fault(Fault::read(&response)));
        }
        let Some(token) = response.headers().get("x-subject-token") else {
            return Err(Cause::Unanswered { url, source: "no token in the answer".into() });
        };
        let mut token = token.clone();
        token.set_sensitive(true);
        let wire::TokenAnswer { token: answer } =
            serde_json::from_slice(response.body()).map_err(|source| Cause::Garbled { url: url.clone(), source })?;
        Ok(Self {
            token,
            project_id: answer.project.map(|project| project.id).unwrap_or_default(),
            endpoints: endpoints(&answer.catalog, credentials),
            region: credentials.region.clone(),
        })
    }

    /// Where a service is, without a slash at the end.
    pub(super) fn endpoint(&self, service: Service) -> Result<&str, Cause> {
        self.endpoints
            .get(service.name())
            .map(String::as_str)
            .ok_or_else(|| Cause::NoService { service: service.name(), region: self.region.clone() })
    }
}

/// The addresses of the wanted interface and region, by type of service.
fn endpoints(catalogue: &[wire::CatalogEntry], credentials: &Credentials) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in catalogue {
        let endpoint = entry.endpoints.iter().find(|endpoint| {
            endpoint.interface == credentials.interface
                && credentials.region.as_ref().is_none_or(|region| {
                    [&endpoint.region_id, &endpoint.region].into_iter().flatten().any(|at| at == region)
                })
        });
        if let Some(endpoint) = endpoint {
            found.entry(entry.kind.clone()).or_insert_with(|| endpoint.url.trim_end_matches('/').to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_added_once() {
        let at = |url: &str| Credentials::new(url, "u", "p", "demo").tokens_url();
        assert_eq!(at("http://h:5000"), "http://h:5000/v3/auth/tokens");
        assert_eq!(at("http://h/identity/v3/"), "http://h/identity/v3/auth/tokens");
    }

    #[test]
    fn the_password_is_never_shown() {
        let credentials = Credentials::new("http://h:5000", "u", "hunter2", "demo");
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
