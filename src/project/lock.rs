//! One operation at a time: an OS lock, which a dying process cannot leave behind, and a file that says who has it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Project;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::session::new_id;
use super::store::{NotLocked, Remote, RemoteLease, StateStore};

/// How often a lock that somebody else holds is tried.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The same where a server is asked.
const SERVER_PAUSE: Duration = Duration::from_millis(500);

const WAIT: &str = "wait for it to end, or add --lock-timeout=1m to wait in this command";

/// Who holds the lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// `apply`, `plan`, …
    pub operation: String,
    /// Process id.
    pub pid: u32,
    /// User name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// When it began, RFC 3339.
    pub since: String,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { operation, pid, user, host, since } = self;
        write!(f, "`disco {operation}` of {user} on {host}, process {pid}, since {since}")
    }
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Somebody has it; who, if that is known.
    #[error("the project is in use")]
    Held(Option<Holder>),
    /// The lock file could not be used.
    #[error("cannot lock {path}")]
    Use {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

/// The right to be the only operation on a project; given back when dropped.
#[derive(Debug)]
pub(crate) struct ProjectLock {
    _file: File,
    information: PathBuf,
}

impl ProjectLock {
    /// Takes the lock if nobody has it.
    ///
    /// # Errors
    /// [`LockError::Held`] with its holder if somebody has.
    pub(crate) fn take(folder: &Path, holder: &Holder) -> Result<Self, LockError> {
        let path = folder.join("lock");
        let information = folder.join("lock.json");
        let using = |cause| LockError::Use { path: path.clone(), cause };
        files::make_own_folder(folder).map_err(using)?;
        match files::kind(&path).map_err(using)? {
            FileKind::Ordinary | FileKind::Nothing => {}
            other => return Err(using(other.fault())),
        }
        let file = loop {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(using)?;
            match file.try_lock() {
                // A lock on a file that was removed meanwhile keeps nobody out.
                Ok(()) if is_at(&file, &path) => break file,
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let holder = files::read(&information).ok().flatten();
                    return Err(LockError::Held(holder.and_then(|bytes| serde_json::from_slice(&bytes).ok())));
                }
                Err(TryLockError::Error(cause)) => return Err(using(cause)),
            }
        };
        let said = serde_json::to_vec_pretty(holder).map_err(|fault| using(fault.into()))?;
        files::write(&information, &said).map_err(using)?;
        Ok(Self { _file: file, information })
    }
}

/// Whether an operation has the lock.
pub(super) fn is_held(folder: &Path) -> bool {
    let file = OpenOptions::new().write(true).open(folder.join("lock"));
    file.is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Who has the lock, as the file beside it says.
pub(super) fn holder(folder: &Path) -> Option<Holder> {
    serde_json::from_slice(&files::read(&folder.join("lock.json")).ok()??).ok()
}

/// Takes the lock away from whoever has it: the next operation makes another one.
///
/// # Errors
/// What the disk says.
pub(super) fn break_open(folder: &Path) -> io::Result<()> {
    files::remove(&folder.join("lock"))?;
    files::remove(&folder.join("lock.json"))
}

/// Whether that path is still the one of an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(file), Ok(there)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (file.dev(), file.ino()) == (there.dev(), there.ino())
}

/// Whether that path is still the one of an open file: elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

impl Drop for ProjectLock {
    fn drop(&mut self) {
        // The OS lock is what counts; a leftover information file is overwritten by the next holder.
        let _ = files::remove(&self.information);
    }
}

/// The right to be the only operation on a project and its state; given back when dropped.
#[derive(Debug)]
pub(super) struct Lease {
    // The other place's first: whoever waits for the folder's finds the state free.
    _remote: Option<RemoteLease>,
    _folder: ProjectLock,
}

fn in_use(holder: Option<&Holder>) -> Failure {
    let message = match holder {
        Some(holder) => format!("the project is in use by {holder}"),
        None => "the project is in use by another `disco`".to_owned(),
    };
    Failure::new(FailureKind::Locked, message).help(WAIT)
}

impl Project {
    /// Takes the project's lock and its state's for an operation that begins at `since`; waits for them as long as the user
    /// said.
    pub(super) async fn acquire(&self, store: &StateStore, operation: &str, since: String) -> Result<Lease, Failure> {
        let holder = self.holder(operation, since);
        let folder = self.lock(&holder).await?;
        let remote = match store.elsewhere() {
            Some(remote) => Some(self.lock_remote(remote, &holder).await?),
            None => None,
        };
        Ok(Lease { _remote: remote, _folder: folder })
    }

    /// This process, as others are told who has the lock.
    pub(super) fn holder(&self, operation: &str, since: String) -> Holder {
        Holder {
            operation: operation.to_owned(),
            pid: std::process::id(),
            user: self.request.user.clone(),
            host: self.request.host.clone(),
            since,
        }
    }

    async fn lock(&self, holder: &Holder) -> Result<ProjectLock, Failure> {
        let workspace = self.workspace()?;
        let folder = workspace.folder(&self.folder());
        // What it cannot make it cannot lock either, and says why.
        let _ = workspace.make_folder(&self.folder());
        let mut waited = Duration::ZERO;
        loop {
            let fault = match ProjectLock::take(&folder, holder) {
                Ok(lock) => return Ok(lock),
                Err(LockError::Held(_)) if waited < self.request.lock_timeout => {
                    tokio::time::sleep(LOCK_PAUSE).await;
                    waited += LOCK_PAUSE;
                    continue;
                }
                Err(fault) => fault,
            };
            return Err(match fault {
                LockError::Held(holder) => in_use(holder.as_ref()),
                LockError::Use { .. } => Failure::new(FailureKind::State, "the project cannot be locked")
                    .because(&fault)
                    .help("make room or allow writing in the project's .disco folder, where DISCO keeps its lock"),
            });
        }
    }

    /// Fails where somebody has the folder's lock now.
    ///
    /// # Errors
    /// Who has it.
    pub(super) fn require_unlocked(&self) -> Result<(), Failure> {
        let folder = self.workspace_folder()?;
        if is_held(&folder) { Err(in_use(holder(&folder).as_ref())) } else { Ok(()) }
    }

    async fn lock_remote(&self, remote: &Remote, holder: &Holder) -> Result<RemoteLease, Failure> {
        // The same one each time: what was asked without an answer is had already.
        let id = new_id();
        let mut waited = Duration::ZERO;
        loop {
            match remote.acquire(id.clone(), holder, self.notices.clone()).await {
                Ok(lease) => return Ok(lease),
                Err(NotLocked::Held { .. }) if waited < self.request.lock_timeout => {
                    tokio::time::sleep(SERVER_PAUSE).await;
                    waited += SERVER_PAUSE;
                }
                Err(NotLocked::Held { holder, lasts }) => {
                    let id = holder.as_ref().map(|holder| holder.id.clone());
                    let message = match holder {
                        Some(holder) => format!("the state is in use by {holder}"),
                        None => "the state is in use, and the server does not say by whom".to_owned(),
                    };
                    let otherwise = match (lasts, id) {
                        (Some(lasts), _) => {
                            format!("if that process has died, its lock ends by itself within {} s", lasts.as_secs())
                        }
                        (None, id) => format!(
                            "this server's locks do not end by themselves: if that process has died, run \
                             `disco force-unlock {}`",
                            id.as_deref().unwrap_or("ID")
                        ),
                    };
                    return Err(Failure::new(FailureKind::Locked, message).help(format!("{WAIT}\n{otherwise}")));
                }
                Err(NotLocked::Fault(fault)) => {
                    return Err(Failure::new(
                        FailureKind::State,
                        format!("the state at {} cannot be locked", remote.address()),
                    )
                    .because(&fault)
                    .help(remote.help(&fault)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(operation: &str) -> Holder {
        let text = |text: &str| text.to_owned();
        Holder { operation: text(operation), pid: 7, user: text("u"), host: text("h"), since: text("now") }
    }

    #[test]
    fn a_second_one_learns_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = ProjectLock::take(folder.path(), &holder("apply")).unwrap();
        match ProjectLock::take(folder.path(), &holder("plan")) {
            Err(LockError::Held(Some(found))) => assert_eq!(found.operation, "apply"),
            other => panic!("{other:?}"),
        }
        drop(first);
        assert!(ProjectLock::take(folder.path(), &holder("plan")).is_ok());
    }
}
