//! Terraform's protocol for states: `GET`, `POST`, `DELETE`, `LOCK` and `UNLOCK`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, Method, header};
use md5::{Digest as _, Md5};

use super::super::LockInfo;
use super::ask::{Ask, Prepared};
use super::fault::HttpFault;
use crate::model::{HttpPlace, Text};

/// A server that speaks it, and who asks.
#[derive(Clone, Debug)]
pub(super) struct Terraform {
    pub(super) place: HttpPlace,
    pub(super) username: Option<Text>,
    pub(super) password: Option<Text>,
}

impl Terraform {
    /// A question as it is sent.
    pub(super) fn prepare(&self, ask: &Ask<'_>) -> Result<Prepared, HttpFault> {
        let place = &self.place;
        let json = |value: &LockInfo| serde_json::to_vec(value).unwrap_or_default();
        let (method, url, body) = match ask {
            Ask::Read | Ask::ReadLock => (Method::GET, place.address.clone(), None),
            Ask::Write { bytes, lock, .. } => (named(&place.update_method)?, self.locked(*lock), Some(bytes.to_vec())),
            Ask::Remove { lock } => (Method::DELETE, self.locked(*lock), None),
            Ask::Lock(info, _) => (named(&place.lock_method)?, place.lock_address.clone(), Some(json(info))),
            Ask::Unlock(info, _) => (named(&place.unlock_method)?, place.unlock_address.clone(), Some(json(info))),
        };
        let mut headers = HeaderMap::new();
        if let Some(username) = &self.username {
            let password = self.password.as_ref().map(|password| password.value.as_str()).unwrap_or_default();
            let said = format!("Basic {}", STANDARD.encode(format!("{}:{password}", username.value)));
            if let Ok(mut said) = HeaderValue::from_str(&said) {
                said.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, said);
            }
        }
        if let Some(body) = &body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Ok(digest) = HeaderValue::from_str(&STANDARD.encode(Md5::digest(body))) {
                headers.insert("content-md5", digest);
            }
        }
        Ok(Prepared { method, url, headers, body })
    }

    /// The address with the lock that this process has.
    fn locked(&self, lock: Option<&str>) -> String {
        let address = &self.place.address;
        let Some(id) = lock else { return address.clone() };
        let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
        format!("{address}{}ID={id}", if address.contains('?') { '&' } else { '?' })
    }
}

/// A method by its name, which the language has looked at.
fn named(name: &str) -> Result<Method, HttpFault> {
    Method::from_bytes(name.as_bytes())
        .map_err(|source| HttpFault::Unreachable { what: "make a request", source: Box::new(source) })
}
