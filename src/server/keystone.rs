//! Doors that open for whoever a Keystone knows: programs show a token with each request, browsers sign in and get a cookie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use tokio::time::Instant;

use super::auth::{self, digest};
use super::caller::{Caller, Failures, May, TenantName};
use super::entrance::{Admitted, not_known};
use super::fault::Problem;
use super::tenants::Tenants;
use crate::heat::SignedIn;
use crate::heat::auth::{InDomain, Named, Secret, SignIn};
use crate::project::{CredentialKey, Failure, SignInFault, TeamAccess, TeamCloud};

/// How long it is believed of a token what Keystone said of it.
const BELIEVED: Duration = Duration::from_mins(1);

/// So many tokens, and so many browsers, are known at a time.
const KNOWN: usize = 1024;

/// The header that names the cloud of a token, where a service has several.
const CLOUD: &str = "x-disco-cloud";

type Digest = [u8; 32];

/// The doors.
#[derive(Debug)]
pub(super) struct Keystone {
    clouds: BTreeMap<String, Arc<TeamCloud>>,
    names: Arc<Vec<String>>,
    pub(super) tenants: Tenants,
    key: CredentialKey,
    embedded: bool,
    /// Whether browsers come by HTTPS.
    pub(super) is_secure: bool,
    failures: Failures,
    known: Mutex<BTreeMap<Digest, Known>>,
    sessions: Mutex<BTreeMap<Digest, Session>>,
}

/// A token of which Keystone has said whose it is.
#[derive(Debug)]
struct Known {
    since: Instant,
    until: Option<Timestamp>,
    admitted: Admitted,
}

/// A browser that was let in.
#[derive(Clone, Debug)]
struct Session {
    since: Instant,
    cloud: String,
    token: Secret,
    until: Option<Timestamp>,
}

fn has_ended(until: Option<Timestamp>) -> bool {
    until.is_some_and(|until| until <= now())
}

#[expect(clippy::disallowed_methods, reason = "tokens end by the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// When a token ends, where Keystone says so.
fn end_of(who: &SignedIn) -> Option<Timestamp> {
    who.until.as_ref()?.parse().ok()
}

/// By what a token of a cloud is known again.
fn known_as(cloud: &TeamCloud, token: &Secret) -> Digest {
    digest(&format!("{}\n{}", cloud.name(), token.expose()))
}

/// Whether an id of Keystone is one that a folder can have.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl Keystone {
    pub(super) fn new(
        clouds: Vec<TeamCloud>,
        tenants: Tenants,
        key: CredentialKey,
        embedded: bool,
        is_secure: bool,
        failed_sign_ins: u32,
    ) -> Self {
        let clouds: BTreeMap<_, _> =
            clouds.into_iter().map(|cloud| (cloud.name().to_owned(), Arc::new(cloud))).collect();
        Self {
            names: Arc::new(clouds.keys().cloned().collect()),
            clouds,
            tenants,
            key,
            embedded,
            is_secure,
            failures: Failures::new(failed_sign_ins),
            known: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// Names of the clouds at which one can sign in.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The cloud of a name; without one, the only one there is.
    fn cloud(&self, name: Option<&str>) -> Result<&Arc<TeamCloud>, Problem> {
        let found = match name {
            Some(name) => self.clouds.get(name),
            None if self.clouds.len() == 1 => self.clouds.values().next(),
            None => None,
        };
        found.ok_or_else(|| {
            let title = match name {
                Some(name) => format!("this service knows no cloud `{}`", name.escape_debug()),
                None => "this service has several clouds, and the request names none".to_owned(),
            };
            Problem::new(StatusCode::BAD_REQUEST, "no_cloud", title)
                .help(format!("send the header `X-Disco-Cloud` with one of these: {}", self.names.join(", ")))
        })
    }

    /// Who asks, by the token of a program or by the cookie of a browser.
    ///
    /// # Errors
    /// Nobody that Keystone knows; somebody whose roles come to nothing here; a Keystone that does not answer.
    pub(super) async fn admit(&self, headers: &HeaderMap, from: &str) -> Result<Admitted, Problem> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = || text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        if let Some(token) = text("x-auth-token").or_else(bearer) {
            let cloud = self.cloud(text(CLOUD))?;
            return self.by_token(cloud, &Secret::new(token.trim()), from).await;
        }
        let session = auth::session_of(headers, self.is_secure).map(digest).and_then(|session| {
            let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.get(&session).cloned()
        });
        let unknown = || not_known("send `X-Auth-Token` with a token that Keystone gave you: `openstack token issue`");
        let session = session.filter(|session| !has_ended(session.until)).ok_or_else(unknown)?;
        let cloud = self.cloud(Some(&session.cloud))?;
        self.by_token(cloud, &session.token, from).await
    }

    /// Who has a token, of the only cloud there is.
    ///
    /// # Errors
    /// Those of [`Keystone::admit`].
    pub(super) async fn by_program(&self, token: &str, from: &str) -> Result<Admitted, Problem> {
        self.by_token(self.cloud(None)?, &Secret::new(token), from).await
    }

    /// Who a user is that signs in for a tenant, both of the domain that every Keystone has. The password is used once.
    ///
    /// # Errors
    /// Those of [`Keystone::admit`].
    pub(super) async fn by_password(
        &self,
        user: &str,
        password: &str,
        tenant: &str,
        from: &str,
    ) -> Result<Admitted, Problem> {
        let named = |name: &str| InDomain::Name { name: name.to_owned(), domain: Named::Id("default".to_owned()) };
        let sign_in = SignIn::Password { user: named(user), password: Secret::new(password), project: named(tenant) };
        let cloud = self.cloud(None)?;
        let who = self.signed_in(cloud, sign_in, &[from, &format!("user {user}")]).await?;
        self.remember(cloud, who)
    }

    /// Who has a token.
    async fn by_token(&self, cloud: &TeamCloud, token: &Secret, from: &str) -> Result<Admitted, Problem> {
        if let Some(admitted) = self.believed(cloud, token) {
            return Ok(admitted);
        }
        let who = self.signed_in(cloud, SignIn::Token { token: token.clone(), project: None }, &[from]).await?;
        self.remember(cloud, who)
    }

    /// Whose a token is, where Keystone said so a moment ago.
    fn believed(&self, cloud: &TeamCloud, token: &Secret) -> Option<Admitted> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(&known_as(cloud, token))?;
        (known.since.elapsed() < BELIEVED && !has_ended(known.until)).then(|| known.admitted.clone())
    }

    /// Who signs in, unless somebody has failed too often from there, or with that name.
    async fn signed_in(&self, cloud: &TeamCloud, sign_in: SignIn, who: &[&str]) -> Result<SignedIn, Problem> {
        if who.iter().any(|who| self.failures.are_too_many(who, Instant::now())) {
            let problem =
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sign_ins", "signing in has failed too often");
            return Err(
                problem.help("wait a minute; `limits { failed_sign_ins }` of the service says how often it may")
            );
        }
        match cloud.sign_in(sign_in).await {
            Ok(signed_in) => Ok(signed_in),
            Err(SignInFault::Unknown) => {
                for who in who {
                    self.failures.note(who, Instant::now());
                }
                Err(not_known(
                    "Keystone does not know this token, or not any more: get another one with `openstack token issue`",
                ))
            }
            Err(SignInFault::NoTenant) => {
                Err(not_known("the token is for no project of Keystone: ask for one that is"))
            }
            Err(SignInFault::Failed(failure)) => Err(Problem::from(failure)),
        }
    }

    /// Opens the service of somebody, and remembers it for a while.
    fn remember(&self, cloud: &TeamCloud, who: SignedIn) -> Result<Admitted, Problem> {
        let (key, until) = (known_as(cloud, &who.token), end_of(&who));
        let admitted = self.let_in(cloud, who)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, known| known.since.elapsed() < BELIEVED);
        if known.len() < KNOWN {
            known.insert(key, Known { since: Instant::now(), until, admitted: admitted.clone() });
        }
        Ok(admitted)
    }

    fn let_in(&self, cloud: &TeamCloud, who: SignedIn) -> Result<Admitted, Problem> {
        let roles = &cloud.settings().roles;
        let Some(may) = May::of(&who.roles, roles) else {
            let title = format!("user `{}` may do nothing here", who.user.name);
            let wanted = [&roles.see[..], &roles.work, &roles.manage].concat().join("`, `");
            return Err(Problem::new(StatusCode::FORBIDDEN, "not_allowed", title)
                .help(format!("ask for one of these roles in project `{}`: `{wanted}`", who.project.name)));
        };
        if !is_plain(&who.project.id) {
            return Err(Problem::new(StatusCode::BAD_GATEWAY, "cloud", "Keystone names a project with an odd id"));
        }
        let tenant = self.tenants.of(cloud.name(), &who.project.id)?;
        let caller = Caller {
            allowance: self.tenants.allowance(&tenant, &who.user.id),
            user_id: who.user.id,
            user: who.user.name,
            tenant: Some(TenantName { cloud: cloud.name().to_owned(), id: who.project.id, name: who.project.name }),
            may,
        };
        let sign_in = SignIn::Token { token: who.token, project: None };
        let access = self.access(cloud, Some(sign_in));
        Ok(Admitted::new(Arc::new(self.tenants.service(&tenant, caller, access?))))
    }

    fn access(&self, cloud: &TeamCloud, sign_in: Option<SignIn>) -> Result<TeamAccess, Problem> {
        Ok(TeamAccess {
            cloud: Arc::clone(self.cloud(Some(cloud.name()))?),
            clouds: Arc::clone(&self.names),
            sign_in,
            lasting: None,
            embedded: self.embedded,
            key: self.key.clone(),
        })
    }

    /// A browser is let in, with the value of its cookie.
    ///
    /// # Errors
    /// Those of [`Keystone::admit`].
    pub(super) async fn open_session(
        &self,
        cloud: Option<&str>,
        sign_in: SignIn,
        who: &[&str],
    ) -> Result<String, Problem> {
        let cloud = self.cloud(cloud)?;
        let who = self.signed_in(cloud, sign_in, who).await?;
        let (token, until) = (who.token.clone(), end_of(&who));
        self.remember(cloud, who)?;
        let no_secret =
            |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "this system gives no randomness");
        let session = auth::secret().map_err(no_secret)?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| !has_ended(session.until));
        if sessions.len() >= KNOWN {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.since).map(|(key, _)| *key);
            oldest.and_then(|oldest| sessions.remove(&oldest));
        }
        let cloud = cloud.name().to_owned();
        sessions.insert(digest(&session), Session { since: Instant::now(), cloud, token, until });
        Ok(session)
    }

    /// The browser of these headers is known no longer.
    pub(super) fn show_out(&self, headers: &HeaderMap) {
        if let Some(session) = auth::session_of(headers, self.is_secure) {
            self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(session));
        }
    }

    /// A service of each tenant that has been here, in nobody's name, for what was begun earlier.
    ///
    /// # Errors
    /// Folders that cannot be listed.
    pub(super) fn earlier(&self) -> Result<Vec<Arc<super::Service>>, Failure> {
        let mut all = Vec::new();
        for cloud in self.clouds.values() {
            for id in self.tenants.known(cloud.name())?.into_iter().filter(|id| is_plain(id)) {
                let tenant = self.tenants.of(cloud.name(), &id)?;
                let name = TenantName { cloud: cloud.name().to_owned(), id: id.clone(), name: id };
                let caller = Caller { tenant: Some(name), ..Caller::owner("disco") };
                let Ok(access) = self.access(cloud, None) else { continue };
                all.push(Arc::new(self.tenants.service(&tenant, caller, access)));
            }
        }
        Ok(all)
    }
}
