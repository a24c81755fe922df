//! Signing in: Keystone v3, each way of [`SignIn`], and the catalog that comes with the token.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use serde_json::{Value as Json, json};
use tokio::sync::Mutex;

use super::auth::{ApplicationCredential, CloudConfig, InDomain, Named, Secret, SignIn};
use super::catalog::{self, Address, Missing, Service};
use super::error::{Cause, Fault};
use super::retry::{Retry, Twice};
use super::transport::Transport;
use super::wire;

/// `{"id": …}`, or `{"name": …}` with its domain.
fn in_domain(of: &InDomain) -> Json {
    match of {
        InDomain::Id(id) => json!({ "id": id }),
        InDomain::Name { name, domain: Named::Id(id) } => json!({ "name": name, "domain": { "id": id } }),
        InDomain::Name { name, domain: Named::Name(domain) } => json!({ "name": name, "domain": { "name": domain } }),
    }
}

impl SignIn {
    /// The body of `POST /v3/auth/tokens` for this way.
    pub fn request(&self) -> Json {
        let (identity, project) = match self {
            Self::Password { user, password, project } => {
                let mut user = in_domain(user);
                user["password"] = json!(password.expose());
                (json!({ "methods": ["password"], "password": { "user": user } }), Some(project))
            }
            Self::Token { token, project } => {
                (json!({ "methods": ["token"], "token": { "id": token.expose() } }), project.as_ref())
            }
            Self::ApplicationCredential { credential, secret } => {
                let mut credential = match credential {
                    ApplicationCredential::Id(id) => json!({ "id": id }),
                    ApplicationCredential::Name { name, user } => json!({ "name": name, "user": in_domain(user) }),
                };
                credential["secret"] = json!(secret.expose());
                (json!({ "methods": ["application_credential"], "application_credential": credential }), None)
            }
        };
        let mut auth = json!({ "identity": identity });
        if let Some(project) = project {
            auth["scope"] = json!({ "project": in_domain(project) });
        }
        json!({ "auth": auth })
    }
}

/// Keystone's address with its version, which is added where it is not said.
fn keystone(config: &CloudConfig) -> String {
    let base = config.endpoints.get(&Service::Identity).unwrap_or(&config.auth_url).trim_end_matches('/');
    let version = if base.ends_with("/v3") { "" } else { "/v3" };
    format!("{base}{version}")
}

/// Who is signed in, as Keystone says it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The person, or the user of a program.
    pub user: wire::TokenUser,
    /// The project that they work in.
    pub project: wire::TokenProject,
    /// Names of what they may be there, such as `member`.
    pub roles: Vec<String>,
    /// Until when, as Keystone says it (RFC 3339).
    pub until: Option<String>,
    /// The token.
    pub token: Secret,
}

/// A token and what came with it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) token: HeaderValue,
    pub(super) who: SignedIn,
    /// Whether one is signed in with an application credential.
    pub(super) is_delegated: bool,
    /// Name of the application credential that one is signed in with, where it may not do all that its owner may.
    pub(super) restricted: Option<String>,
    catalog: Vec<wire::CatalogEntry>,
    /// Addresses that are known already; a service that has to be asked for its versions is asked once.
    addresses: Mutex<BTreeMap<Service, String>>,
}

impl Session {
    /// Signs in, patiently.
    pub(super) async fn open(transport: &Transport, config: &CloudConfig, retry: &Retry) -> Result<Self, Cause> {
        let mut attempt = 1;
        loop {
            match Self::open_once(transport, config, retry.patience).await {
                Ok(session) => return Ok(session),
                // Asking for a token twice does no harm.
                Err(cause) => match retry.wait(attempt, Twice::Same, &cause) {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(cause),
                },
            }
            attempt += 1;
        }
    }

    async fn open_once(transport: &Transport, config: &CloudConfig, patience: Duration) -> Result<Self, Cause> {
        let url = format!("{}/auth/tokens", keystone(config));
        let request = Request::builder().uri(&url).header(http::header::ACCEPT, "application/json");
        let request = match &config.sign_in {
            // It is for a project already: what it is good for is asked with itself.
            SignIn::Token { token, project: None } => {
                let asking = request.header("x-auth-token", token.expose());
                asking.header("x-subject-token", token.expose()).body(Bytes::new())
            }
            sign_in => request
                .method(Method::POST)
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(Bytes::from(sign_in.request().to_string())),
        };
        let request = request.map_err(|source| Cause::Unreachable { url: url.clone(), source: source.into() })?;
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
        let Some(project) = answer.project else { return Err(Cause::NoProject) };
        let who = SignedIn {
            user: answer.user,
            project,
            roles: answer.roles.into_iter().map(|role| role.name).collect(),
            until: answer.expires_at,
            token: Secret::new(token.to_str().unwrap_or_default()),
        };
        // Older Keystones do not say so of a token.
        let by_credential = matches!(config.sign_in, SignIn::ApplicationCredential { .. });
        let is_delegated = by_credential || answer.application_credential.is_some();
        let restricted = answer.application_credential.filter(|credential| credential.restricted);
        let restricted = restricted.map(|credential| credential.name);
        Ok(Self { token, who, is_delegated, restricted, catalog: answer.catalog, addresses: Mutex::default() })
    }

    /// The region that Heat is used in: the one that is configured, or else that of the first in the catalog.
    pub(super) fn region(&self, config: &CloudConfig) -> Option<String> {
        let found = || {
            let endpoint = catalog::find(&self.catalog, Service::Orchestration, config.interface, None).ok()?;
            endpoint.region_id.clone().or_else(|| endpoint.region.clone())
        };
        config.region.clone().or_else(found)
    }

    /// Whether there is such a service.
    pub(super) fn has(&self, service: Service, config: &CloudConfig) -> bool {
        config.endpoints.contains_key(&service)
            || catalog::find(&self.catalog, service, config.interface, config.region.as_deref()).is_ok()
    }

    /// Where a service is, with its version and without a slash at the end.
    pub(super) async fn address(
        &self,
        service: Service,
        config: &CloudConfig,
        transport: &Transport,
        patience: Duration,
    ) -> Result<String, Cause> {
        // Where one has signed in, whichever regions the catalog has it in.
        if service == Service::Identity {
            return Ok(keystone(config));
        }
        let mut known = self.addresses.lock().await;
        if let Some(address) = known.get(&service) {
            return Ok(address.clone());
        }
        let url = match config.endpoints.get(&service) {
            Some(url) => url.clone(),
            None => catalog::find(&self.catalog, service, config.interface, config.region.as_deref())
                .map_err(|missing| no_service(service, config, missing))?
                .url
                .clone(),
        };
        let address =
            match catalog::address(service, &url, &self.who.project.id) {
                Address::Versioned(url) => url,
                Address::Unversioned(url) => {
                    let versions = self.versions(&url, transport, patience).await?;
                    catalog::versioned(service, &url, &versions, &self.who.project.id)
                        .ok_or_else(|| Cause::NoVersion { service: service.name(), url, wanted: service.version().0 })?
                }
            };
        known.insert(service, address.clone());
        Ok(address)
    }

    /// The versions that a service says it has.
    async fn versions(&self, url: &str, transport: &Transport, patience: Duration) -> Result<Vec<String>, Cause> {
        let url = format!("{url}/");
        let request = Request::builder()
            .uri(&url)
            .header(http::header::ACCEPT, "application/json")
            .header("x-auth-token", self.token.clone())
            .body(Bytes::new())
            .map_err(|source| Cause::Unreachable { url: url.clone(), source: source.into() })?;
        let response = transport.carry(request, patience).await?;
        if response.status().is_client_error() || response.status().is_server_error() {
            return Err(Cause::Fault(Fault::read(&response)));
        }
        // Services answer 200 or 300 (multiple choices) with the same body.
        let answer: wire::Versions =
            serde_json::from_slice(response.body()).map_err(|source| Cause::Garbled { url, source })?;
        Ok(answer.versions.into_iter().map(|version| version.id).collect())
    }
}

fn no_service(service: Service, config: &CloudConfig, missing: Missing) -> Cause {
    let (region, others) = match missing {
        Missing::Service => (None, Vec::new()),
        Missing::Region(others) => (config.region.clone(), others),
        Missing::Interface(others) => {
            return Cause::NoInterface { service: service.name(), interface: config.interface.name(), others };
        }
    };
    Cause::NoService { service: service.name(), region, others }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_added_once() {
        let at = |url: &str| keystone(&CloudConfig::password(url, "u", "p", "demo"));
        assert_eq!(at("http://h:5000"), "http://h:5000/v3");
        assert_eq!(at("http://h/identity/v3/"), "http://h/identity/v3");
    }

    #[test]
    fn the_password_is_never_shown() {
        let config = CloudConfig::password("http://h:5000", "u", "hunter2", "demo");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn each_way_asks_as_keystone_wants_it() {
        let project = || InDomain::Name { name: "demo".into(), domain: Named::Id("default".into()) };
        let token = SignIn::Token { token: Secret::new("t"), project: Some(project()) };
        assert_eq!(
            token.request(),
            json!({ "auth": {
                "identity": { "methods": ["token"], "token": { "id": "t" } },
                "scope": { "project": { "name": "demo", "domain": { "id": "default" } } },
            } })
        );
        let user = InDomain::Id("u1".into());
        let credential = ApplicationCredential::Name { name: "ci".into(), user };
        assert_eq!(
            SignIn::ApplicationCredential { credential, secret: Secret::new("s") }.request(),
            json!({ "auth": { "identity": {
                "methods": ["application_credential"],
                "application_credential": { "name": "ci", "user": { "id": "u1" }, "secret": "s" },
            } } }),
            "an application credential has its project in it"
        );
    }
}
