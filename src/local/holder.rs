//! Who holds the store: an operating-system lock, and a file that says who and where it can be reached.

#![expect(clippy::disallowed_methods, reason = "the engine owns its folder and its clock")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::LocalError;

/// Who holds the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Since when, as a timestamp.
    pub since: String,
    /// Where it answers other processes, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// With what to log in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
}

/// What Keystone wants to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub user_domain_name: String,
    pub project_name: String,
    pub project_domain_name: String,
    pub region: String,
    /// Path of Keystone below the engine's address.
    pub auth_path: String,
}

/// The lock, held while it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    information: PathBuf,
    holder: Holder,
    _file: File,
    /// Its holder dies: the information stays as a kill would leave it.
    abandoned: bool,
}

impl Lock {
    pub(crate) fn take(directory: &Path) -> Result<Self, LocalError> {
        let failed = |source| LocalError::Open { path: directory.to_owned(), source };
        make_folder(directory).map_err(failed)?;
        let file = open_private(&directory.join("lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LocalError::Busy { holder: Box::new(read(directory).unwrap_or_default()) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let holder = Holder {
            pid: std::process::id(),
            since: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            ..Holder::default()
        };
        let lock = Self { information: directory.join("holder.json"), holder, _file: file, abandoned: false };
        lock.write().map_err(failed)?;
        Ok(lock)
    }

    /// Leaves the information behind, as a kill would.
    pub(crate) fn abandon(&mut self) {
        self.abandoned = true;
    }

    /// Says where the engine answers.
    pub(crate) fn announce(&mut self, url: Option<String>, credentials: Option<Credentials>) -> std::io::Result<()> {
        self.holder.url = url;
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

/// Fails where something is at a path that is not an ordinary file, links followed. Nothing at all is fine.
pub(crate) fn require_file(path: &Path) -> std::io::Result<()> {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(std::io::Error::other(format!("{shown} is a folder, not a file"))),
        Ok(found) if !found.is_file() => Err(std::io::Error::other(format!("{shown} is not an ordinary file"))),
        _ => Ok(()),
    }
}

/// Opens or makes a file that only its owner can read.
///
/// # Errors
/// What the disk says; something at the path that is not an ordinary file: to open a pipe is to wait for somebody.
pub(crate) fn open_private(path: &Path) -> std::io::Result<File> {
    require_file(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
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

/// Where another process serves the engine of that folder, if one does.
pub fn served_at(directory: &Path) -> Option<String> {
    held_by(directory)?.url
}
