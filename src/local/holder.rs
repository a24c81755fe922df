//! Who holds the store: an operating-system lock, and a file that says who and where it can be reached.

#![expect(clippy::disallowed_methods, reason = "the engine owns its folder and its clock")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::entity::NodeDriver;
use super::error::LocalError;
use super::files::{is_at, open_private};
use super::status::{Credentials, Holder};

/// How often a lock is tried again that perhaps nobody holds, and how long is waited before.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, held while it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    information: PathBuf,
    holder: Holder,
    path: PathBuf,
    file: File,
    /// Its holder dies: the information stays as a kill would leave it.
    abandoned: bool,
}

impl Lock {
    pub(crate) fn take(directory: &Path, nodes: NodeDriver) -> Result<Self, LocalError> {
        let failed = |source| LocalError::Open { path: directory.to_owned(), source };
        make_folder(directory).map_err(failed)?;
        let path = directory.join("lock");
        let file = open_private(&path).map_err(failed)?;
        let mut tries = TRIES;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let holder = read(directory);
                    // A process that was just begun has all open files of this one until it runs its program.
                    let maybe_begun = holder.as_ref().is_none_or(|holder| holder.pid == std::process::id());
                    if tries == 0 || !maybe_begun {
                        return Err(LocalError::Busy { holder: Box::new(holder.unwrap_or_default()) });
                    }
                    tries -= 1;
                    std::thread::sleep(PAUSE);
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        let holder = Holder {
            pid: std::process::id(),
            since: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            nodes,
            ..Holder::default()
        };
        let lock = Self { information: directory.join("holder.json"), holder, path, file, abandoned: false };
        lock.write().map_err(failed)?;
        Ok(lock)
    }

    /// Whether the lock is still the one that others find.
    pub(crate) fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    /// Leaves the information behind, as a kill would.
    pub(crate) fn abandon(&mut self) {
        self.abandoned = true;
    }

    /// Says where the engine answers.
    pub(crate) fn announce(
        &mut self,
        url: Option<String>,
        kept: bool,
        credentials: Option<Credentials>,
    ) -> std::io::Result<()> {
        self.holder.url = url;
        self.holder.kept = kept;
        self.holder.credentials = credentials;
        self.write()
    }

    fn write(&self) -> std::io::Result<()> {
        let aside = self.information.with_extension("new");
        let mut file = open_private(&aside)?;
        file.set_len(0)?;
        file.write_all(serde_json::to_string_pretty(&self.holder).unwrap_or_default().as_bytes())?;
        drop(file);
        fs::rename(&aside, &self.information)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.abandoned {
            return;
        }
        // The file is only information; the lock itself goes with the process.
        let _ = fs::remove_file(&self.information);
    }
}

/// Makes the engine's folder in one that exists.
fn make_folder(directory: &Path) -> std::io::Result<()> {
    match fs::create_dir(directory) {
        Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        other => other,
    }
}

fn read(directory: &Path) -> Option<Holder> {
    let path = directory.join("holder.json");
    if !path.is_file() {
        return None;
    }
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Who holds the store of that folder now; `None` when nobody does, whatever files lie about.
pub fn held_by(directory: &Path) -> Option<Holder> {
    let path = directory.join("lock");
    if !path.is_file() {
        return None;
    }
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Some(read(directory).unwrap_or_default()),
        _ => None,
    }
}

/// Removes what a holder has left that was killed: information about nobody.
pub fn forget_dead(directory: &Path) {
    if held_by(directory).is_none() {
        // It is only information.
        let _ = fs::remove_file(directory.join("holder.json"));
    }
}

/// Where another process serves the engine of that folder, if one does.
pub fn served_at(directory: &Path) -> Option<String> {
    held_by(directory)?.url
}
