//! What can go wrong between here and the place of a state.

use std::time::Duration;

use super::http::HttpFault;
use super::postgres::DatabaseFault;

/// Something that was asked and came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::project) enum RemoteFault {
    /// What a server says, or the way to it.
    #[error(transparent)]
    Http(#[from] HttpFault),
    /// What a database says, or the way to it.
    #[error(transparent)]
    Postgres(#[from] DatabaseFault),
}

impl RemoteFault {
    /// Whether the same may come to a good end a little later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Http(fault) => fault.may_pass(),
            Self::Postgres(fault) => fault.may_pass(),
        }
    }

    /// Whether what was asked may be done.
    pub(super) fn may_have_arrived(&self) -> bool {
        match self {
            Self::Http(fault) => fault.may_have_arrived(),
            Self::Postgres(fault) => fault.may_have_arrived(),
        }
    }

    /// How long it asks to wait, where it does.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Http(fault) => fault.retry_after(),
            Self::Postgres(_) => None,
        }
    }
}

/// Why a state was not written.
#[derive(Debug)]
pub(in crate::project::store) enum Contested {
    /// Somebody else has written.
    Conflict(String),
    /// Somebody else has the lock.
    Lost(String),
    /// The request came to nothing.
    Fault(RemoteFault),
}

impl From<RemoteFault> for Contested {
    fn from(fault: RemoteFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DatabaseFault> for Contested {
    fn from(fault: DatabaseFault) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<HttpFault> for Contested {
    fn from(fault: HttpFault) -> Self {
        Self::Fault(fault.into())
    }
}
