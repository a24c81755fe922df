//! A state in a file.

use std::io;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::backend::{SaveFault, Version};
use crate::project::files;

/// The file.
#[derive(Debug)]
pub(super) struct LocalBackend {
    pub(super) path: PathBuf,
}

/// What was in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// SHA-256 of what was read.
    Digest([u8; 32]),
    /// What was written.
    Bytes(Vec<u8>),
}

impl Content {
    fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Digest(digest) => <[u8; 32]>::from(Sha256::digest(bytes)) == *digest,
            Self::Bytes(written) => written == bytes,
        }
    }
}

impl LocalBackend {
    pub(super) fn load(&self) -> io::Result<Option<(Vec<u8>, Version)>> {
        // In this order: what somebody writes in between is not taken for what was read.
        let identity = files::identity(&self.path)?;
        let bytes = files::read(&self.path)?;
        let (Some(bytes), Some(identity)) = (bytes, identity) else { return Ok(None) };
        let content = Content::Digest(Sha256::digest(&bytes).into());
        Ok(Some((bytes, Version::File(identity, content))))
    }

    /// Writes the file where it is as it was seen, or says the same.
    pub(super) fn save(&self, bytes: Vec<u8>, expected: &Version) -> Result<Version, SaveFault> {
        if !self.is_as_seen(expected)? {
            let how = if files::identity(&self.path)?.is_some() { "changed" } else { "removed" };
            return Err(SaveFault::Conflict(format!("another program has {how} it since this command read it")));
        }
        let identity = files::write(&self.path, &bytes)?;
        Ok(Version::File(identity, Content::Bytes(bytes)))
    }

    fn is_as_seen(&self, expected: &Version) -> io::Result<bool> {
        let now = files::identity(&self.path)?;
        match expected {
            Version::Unseen | Version::Remote(_) => Ok(true),
            Version::Nothing => Ok(now.is_none()),
            Version::File(identity, _) if now.as_ref() == Some(identity) => Ok(true),
            Version::File(_, content) => Ok(files::read(&self.path)?.is_some_and(|bytes| content.is(&bytes))),
        }
    }
}
