//! What a caller shows to be let in.

use std::fmt;

use super::message::OcciRequest;
use super::refusal::Refusal;

/// A token or a password. Nothing shows it but [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Who calls, not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Keystone's project, by name.
    pub tenant: String,
    /// What shows it.
    pub proof: Proof,
}

/// What shows who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `X-Auth-Token`
    Token(Secret),
    /// `X-User-Name` and `X-Password` of DISCO 0.1, or the attributes of a deployer: to be exchanged for a token at once,
    /// used for that only and never kept.
    Password {
        /// Who.
        user: String,
        /// Their password.
        password: Secret,
    },
}

/// The header of the token.
const TOKEN: &str = "X-Auth-Token";
/// The header of the tenant.
const TENANT: &str = "X-Tenant-Name";

/// The credentials of a request; `attributes` gives what the attributes of a creation say, which count where there is no
/// token and nothing else.
pub(super) fn credentials(
    request: &OcciRequest,
    attributes: impl FnOnce() -> Option<(String, Secret)>,
) -> Result<Credentials, Refusal> {
    let given = |name: &str| request.single(name).map(|value| value.filter(|value| !value.is_empty()));
    let (token, user, password) = (given(TOKEN)?, given("X-User-Name")?, given("X-Password")?);
    let proof = match (token, user, password) {
        (Some(token), ..) => Proof::Token(Secret::new(token)),
        (None, Some(user), Some(password)) => Proof::Password { user, password: Secret::new(password) },
        (None, ..) => match attributes() {
            Some((user, password)) => Proof::Password { user, password },
            None => return Err(Refusal::invalid(format!("header `{TOKEN}` is missing"))),
        },
    };
    let tenant = given(TENANT)?.ok_or_else(|| Refusal::invalid(format!("header `{TENANT}` is missing")))?;
    Ok(Credentials { tenant, proof })
}
