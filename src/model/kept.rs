//! Where a project's state is kept, and what it is encrypted with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Sourced, Text};
use crate::source::Span;

/// Where the state is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum StatePlace {
    /// In a file.
    Local {
        /// Its path, relative to the project.
        path: String,
    },
    /// On a server that speaks Terraform's protocol for it.
    Http(Box<HttpPlace>),
    /// In an S3 store.
    S3(Box<S3Place>),
    /// In a PostgreSQL database.
    Postgres(Box<PostgresPlace>),
}

/// A server for states, as a definition names it.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpPlace {
    /// Where the state is read, written and deleted.
    pub address: String,
    /// The method that writes it.
    pub update_method: String,
    /// Where it is locked.
    pub lock_address: String,
    /// The method that locks it.
    pub lock_method: String,
    /// Where it is unlocked.
    pub unlock_address: String,
    /// The method that unlocks it.
    pub unlock_method: String,
    /// Who signs in; absent: the environment says so, or nobody.
    pub username: Option<Text>,
    /// With which password.
    pub password: Option<Text>,
    /// Where it is said.
    pub origin: Option<Span>,
}

/// An object of an S3 store, as a definition names it.
#[derive(Clone, Debug, PartialEq)]
pub struct S3Place {
    /// The bucket.
    pub bucket: String,
    /// The object of the state; its lock has `.lock` at its end.
    pub key: String,
    /// The region; absent: the environment says so.
    pub region: Option<String>,
    /// The address of the store; absent: the environment says so, or it is Amazon's.
    pub endpoint: Option<String>,
    /// Whether the bucket is in the path of addresses instead of in their host.
    pub use_path_style: Option<bool>,
    /// Who signs in; absent: the environment says so.
    pub access_key: Option<Text>,
    /// With which secret.
    pub secret_key: Option<Text>,
    /// Where it is said.
    pub origin: Option<Span>,
}

impl S3Place {
    /// The same in a workspace; `None` where it would be that of another one as well.
    pub fn in_workspace(&self, name: &str, is_default: bool) -> Option<Self> {
        let fits = is_default || self.key.contains(WORKSPACE_MARK);
        fits.then(|| Self { key: self.key.replace(WORKSPACE_MARK, name), ..self.clone() })
    }
}

/// A row of a PostgreSQL database, as a definition names it. Each workspace has a row of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct PostgresPlace {
    /// The database, in libpq's words; absent: the environment says so.
    pub conn_str: Option<Text>,
    /// The schema of DISCO's tables.
    pub schema_name: String,
    /// What the state is called there.
    pub name: String,
    /// Where it is said.
    pub origin: Option<Span>,
}

/// What stands in an address for the name of the workspace.
pub const WORKSPACE_MARK: &str = "{workspace}";

impl HttpPlace {
    /// The same in a workspace; `None` where it would be that of another one as well.
    pub fn in_workspace(&self, name: &str, is_default: bool) -> Option<Self> {
        let marked = [&self.address, &self.lock_address, &self.unlock_address];
        if !is_default && !marked.iter().all(|address| address.contains(WORKSPACE_MARK)) {
            return None;
        }
        let put = |address: &str| address.replace(WORKSPACE_MARK, name);
        Some(Self {
            address: put(&self.address),
            lock_address: put(&self.lock_address),
            unlock_address: put(&self.unlock_address),
            ..self.clone()
        })
    }
}

/// What states and saved plans are encrypted with.
#[derive(Clone, Debug, PartialEq)]
pub struct Encryption {
    /// The first one encrypts, all of them read.
    pub keys: Vec<Sourced<Key>>,
}

/// A key, or what it is made from. `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub enum Key {
    /// The key itself.
    Bytes([u8; 32]),
    /// What it is derived from.
    Passphrase(String),
}

impl Key {
    /// The key that a text is: 32 bytes as hexadecimal digits or as Base64.
    pub fn of_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let hexadecimal = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
        let bytes = hexadecimal.filter(|bytes| bytes.len() == 32).or_else(|| STANDARD.decode(text).ok())?;
        <[u8; 32]>::try_from(bytes).ok().map(Self::Bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes(_) => "Bytes(secret)",
            Self::Passphrase(_) => "Passphrase(secret)",
        })
    }
}
