//! Ways to sign in at a cloud, as values.

use std::collections::BTreeMap;
use std::fmt;

use super::catalog::{Interface, Service};

/// A domain that every Keystone has, by its id: taken where a name needs one and none is said, as `openstack` does.
pub(super) const DEFAULT_DOMAIN: &str = "default";

/// Text that is never shown: `Debug` prints its length class only, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one request that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(…)" })
    }
}

/// A thing of Keystone that has a name and an id, of which people give either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Unique on the whole cloud.
    Id(String),
    /// A domain's name is unique on the cloud.
    Name(String),
}

/// A user or a project: by its id, or by a name that is unique within a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InDomain {
    /// Unique on the whole cloud.
    Id(String),
    /// Unique in its domain.
    Name {
        /// Its name.
        name: String,
        /// The domain it belongs to.
        domain: Named,
    },
}

/// An application credential: by its id, or by a name that is unique for its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicationCredential {
    /// Unique on the whole cloud.
    Id(String),
    /// Unique for its user.
    Name {
        /// Its name.
        name: String,
        /// Whose it is.
        user: InDomain,
    },
}

/// How to sign in, with all that this way needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// A user and a password, for a project.
    Password {
        /// Who.
        user: InDomain,
        /// Their password.
        password: Secret,
        /// The project to work in.
        project: InDomain,
    },
    /// A token that somebody else got; it is exchanged for one of the project where a project is named.
    Token {
        /// The token.
        token: Secret,
        /// The project to work in; absent: the one that the token is for.
        project: Option<InDomain>,
    },
    /// An application credential, which belongs to one project. Heat makes a trust from it, so it must be unrestricted.
    ApplicationCredential {
        /// Which.
        credential: ApplicationCredential,
        /// Its secret.
        secret: Secret,
    },
}

/// A certificate with which the client shows who it is; paths of PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate; may hold the key, too.
    pub certificate: String,
    /// The key, where it has a file of its own.
    pub key: Option<String>,
}

/// How the cloud's own certificates are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whether they are judged at all.
    pub verify: bool,
    /// Path of a PEM file with authorities to trust besides the system's.
    pub authorities: Option<String>,
    /// What the client shows of itself.
    pub client: Option<ClientCertificate>,
}

impl Default for Tls {
    /// The system's authorities, no certificate of one's own.
    fn default() -> Self {
        Self { verify: true, authorities: None, client: None }
    }
}

/// Where a configuration came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudName {
    /// An entry of `clouds.yaml`.
    Entry(String),
    /// The `OS_*` variables.
    Environment,
}

impl fmt::Display for CloudName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(name) => f.write_str(name),
            Self::Environment => f.write_str("OS_* environment"),
        }
    }
}

/// Everything needed to speak with a cloud, read from whatever place says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudConfig {
    /// Where it came from.
    pub name: CloudName,
    /// Keystone's address as it was given, with or without `/v3`.
    pub auth_url: String,
    /// How to sign in.
    pub sign_in: SignIn,
    /// How to sign in again when the token is refused that this gave; absent: in the same way.
    pub renewal: Option<SignIn>,
    /// Region; absent: the only one, or the first that has a service.
    pub region: Option<String>,
    /// Which of a service's addresses are used.
    pub interface: Interface,
    /// Certificates.
    pub tls: Tls,
    /// Addresses that count instead of the catalog's.
    pub endpoints: BTreeMap<Service, String>,
}

impl CloudConfig {
    /// A user and project of the default domain, with a password; public addresses, the system's authorities.
    pub fn password(
        auth_url: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
        project: impl Into<String>,
    ) -> Self {
        let domain = || Named::Id(DEFAULT_DOMAIN.to_owned());
        Self {
            name: CloudName::Environment,
            auth_url: auth_url.into(),
            sign_in: SignIn::Password {
                user: InDomain::Name { name: user.into(), domain: domain() },
                password: Secret::new(password),
                project: InDomain::Name { name: project.into(), domain: domain() },
            },
            renewal: None,
            region: None,
            interface: Interface::Public,
            tls: Tls::default(),
            endpoints: BTreeMap::new(),
        }
    }

    /// Keystone's address, without a version, a user or a slash at its end.
    pub(super) fn keystone(&self) -> String {
        let url = self.auth_url.trim_end_matches('/');
        let url = url.strip_suffix("/v3").unwrap_or(url).trim_end_matches('/');
        match url.split_once("://") {
            // A user and a password may stand before the host, and nowhere else.
            Some((scheme, rest)) => {
                let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or(host))
            }
            None => url.to_owned(),
        }
    }

    /// Who signs in, for messages.
    pub(crate) fn who(&self) -> String {
        let named = |of: &InDomain| match of {
            InDomain::Id(name) | InDomain::Name { name, .. } => name.clone(),
        };
        match &self.sign_in {
            SignIn::Password { user, .. } => format!("user `{}`", named(user)),
            SignIn::Token { .. } => "a token".to_owned(),
            SignIn::ApplicationCredential { credential, .. } => match credential {
                ApplicationCredential::Id(name) | ApplicationCredential::Name { name, .. } => {
                    format!("application credential `{name}`")
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keystone_is_known_again_and_nobody_is_named() {
        let at = |url: &str| CloudConfig::password(url, "anna", "hunter2", "lab").keystone();
        for url in [
            "https://keystone.example.org:5000",
            "https://keystone.example.org:5000/",
            "https://keystone.example.org:5000/v3",
            "https://anna:hunter2@keystone.example.org:5000/v3/",
        ] {
            assert_eq!(at(url), "https://keystone.example.org:5000");
        }
        assert_eq!(at("https://example.org/identity/v3"), "https://example.org/identity");
    }
}
