//! The places where a state may be kept, behind one face.

use std::io;
use std::path::{Path, PathBuf};

use super::local::{Content, LocalBackend};
use super::remote::{Contested, Expected, Remote, RemoteFault};
use crate::project::files;

/// Where a state is kept.
#[derive(Debug)]
pub(super) enum Backend {
    /// In a file.
    Local(LocalBackend),
    /// Elsewhere.
    Remote(Box<Remote>),
}

/// A state as it was last seen: what is there now has to be that for it to be written over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Version {
    /// Nobody has looked, or what is there does not count.
    #[default]
    Unseen,
    /// There was none.
    Nothing,
    /// That of a file.
    File(files::Identity, Content),
    /// What was said elsewhere.
    Remote(Vec<u8>),
}

/// Why a state could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadFault {
    /// What the disk says.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// What the place elsewhere says, or the way to it.
    #[error(transparent)]
    Remote(#[from] RemoteFault),
}

/// Why a state could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SaveFault {
    /// Somebody else has written it, or taken it away.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else has the lock now.
    #[error("the lock is lost: {0}")]
    Lost(String),
    /// It could not be encrypted.
    #[error(transparent)]
    Sealed(#[from] super::sealed::SealFault),
    /// What the disk says.
    #[error(transparent)]
    Disk(#[from] io::Error),
    /// What the place elsewhere says, or the way to it.
    #[error(transparent)]
    Remote(#[from] RemoteFault),
}

impl From<Contested> for SaveFault {
    fn from(contested: Contested) -> Self {
        match contested {
            Contested::Conflict(why) => Self::Conflict(why),
            Contested::Lost(why) => Self::Lost(why),
            Contested::Fault(fault) => Self::Remote(fault),
        }
    }
}

impl Backend {
    /// What is there, and which version of it.
    pub(super) async fn load(&self) -> Result<Option<(Vec<u8>, Version)>, LoadFault> {
        match self {
            Self::Local(local) => Ok(local.load()?),
            Self::Remote(remote) => {
                let found = remote.load().await?;
                Ok(found.map(|bytes| (bytes.clone(), Version::Remote(bytes))))
            }
        }
    }

    /// Writes it where it still is as expected.
    pub(super) async fn save(&self, bytes: Vec<u8>, expected: &Version) -> Result<Version, SaveFault> {
        match self {
            Self::Local(local) => local.save(bytes, expected),
            Self::Remote(remote) => {
                let expected = match expected {
                    Version::Unseen | Version::File(..) => Expected::Anything,
                    Version::Nothing => Expected::Nothing,
                    Version::Remote(bytes) => Expected::These(bytes),
                };
                remote.save(&bytes, expected).await?;
                Ok(Version::Remote(bytes))
            }
        }
    }

    /// Takes it away.
    pub(super) async fn remove(&self) -> Result<(), LoadFault> {
        match self {
            Self::Local(local) => Ok(files::remove(&local.path)?),
            Self::Remote(remote) => Ok(remote.remove().await?),
        }
    }

    /// The file, where it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Local(local) => Some(&local.path),
            Self::Remote(_) => None,
        }
    }

    /// The place for a person.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Local(local) => files::shown(&local.path).to_string(),
            Self::Remote(remote) => remote.address().to_owned(),
        }
    }

    /// A file at that path.
    pub(super) fn local(path: PathBuf) -> Self {
        Self::Local(LocalBackend { path })
    }
}
