//! What a server for states is asked, whatever it speaks.

use http::{HeaderMap, Method};

use super::super::LockInfo;

/// A question.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ask<'a> {
    /// The state's bytes.
    Read,
    /// The state is to be these bytes.
    Write {
        /// They.
        bytes: &'a [u8],
        /// The id of this process's lock.
        lock: Option<&'a str>,
        /// What is to be there now, of a server that compares by itself.
        over: Over<'a>,
    },
    /// The state is to go.
    Remove {
        /// The id of this process's lock.
        lock: Option<&'a str>,
    },
    /// The lock, where nobody has it, or where it has this tag, of a server that compares by itself.
    Lock(&'a LockInfo, Over<'a>),
    /// Who has the lock, of a server that can say so.
    ReadLock,
    /// The lock is to go; where it has this tag, of a server that compares by itself.
    Unlock(&'a LockInfo, Option<&'a str>),
}

/// What is to be there for something to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over<'a> {
    /// Nothing.
    Nothing,
    /// What has this tag.
    Tag(&'a str),
}

impl Ask<'_> {
    /// What could not be done, in a message.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Read => "read the state",
            Self::Write { .. } => "write the state",
            Self::Remove { .. } => "delete the state",
            Self::Lock(..) => "lock the state",
            Self::ReadLock => "read the lock of the state",
            Self::Unlock(..) => "unlock the state",
        }
    }
}

/// A question as it is sent.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
}
