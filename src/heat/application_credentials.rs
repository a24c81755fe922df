//! Application credentials: what goes on working for its owner when the token that it was made with has run out.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::auth::Secret;
use super::catalog::Service;
use super::cloud::{Ask, Cloud, escaped};
use super::error::{Cause, HeatError};

/// An application credential that was just made. Keystone tells its secret this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

#[derive(Deserialize)]
struct Made {
    application_credential: MadeCredential,
}

#[derive(Deserialize)]
struct MadeCredential {
    id: String,
    secret: String,
}

impl Cloud {
    /// Makes an application credential for whoever is signed in, for the project that they are signed in to, with all of their
    /// roles there. It is unrestricted, because Heat makes a trust of it; `until` is when it ends, RFC 3339 in UTC.
    ///
    /// # Errors
    /// A name that the user has given to another one; a user that is signed in with a restricted credential.
    pub async fn make_application_credential(
        &self,
        name: &str,
        description: &str,
        until: &str,
    ) -> Result<NewCredential, HeatError> {
        let made = async {
            let user = self.signed_in().await.user.id;
            let path = format!("/users/{}/application_credentials", escaped(&user));
            // Keystone wants no time zone.
            let expires_at = until.trim_end_matches('Z');
            let body = json!({ "application_credential": {
                "name": name, "description": description, "expires_at": expires_at, "unrestricted": true,
            } });
            self.read::<Made>(Ask::new(Service::Identity, Method::POST, path).with(&body)?.once()).await
        };
        let made = made.await.map_err(|source| HeatError::MakeCredential { name: name.to_owned(), source })?;
        let MadeCredential { id, secret } = made.application_credential;
        Ok(NewCredential { id, secret: Secret::new(secret) })
    }

    /// Deletes one of whoever is signed in. One that does not exist is one that was deleted before.
    ///
    /// # Errors
    /// A refusal; what keeps the cloud from answering.
    pub async fn delete_application_credential(&self, id: &str) -> Result<(), HeatError> {
        let user = self.signed_in().await.user.id;
        let path = format!("/users/{}/application_credentials/{}", escaped(&user), escaped(id));
        match self.ask(Ask::new(Service::Identity, Method::DELETE, path)).await {
            Ok(_) => Ok(()),
            Err(Cause::Fault(fault)) if fault.status == http::StatusCode::NOT_FOUND => Ok(()),
            Err(source) => Err(HeatError::DeleteCredential { id: id.to_owned(), source }),
        }
    }
}
