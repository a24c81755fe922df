//! The files that definitions may read.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::{FileKind, kind, read_existing, real, tree};
use crate::expression::FileReader;

/// Reads files for `file()` and its like: relative to the project, `~` is the user's home, and whatever the user may
/// read is allowed.
#[derive(Debug)]
pub(crate) struct UserFiles {
    /// The project's folder.
    pub(crate) directory: PathBuf,
    /// The user's home folder.
    pub(crate) home: Option<PathBuf>,
    /// Whether nothing outside of the project may be read.
    pub(crate) confined: bool,
}

impl UserFiles {
    /// The whole of a path that a user wrote: below the project, or below the home folder with `~`.
    ///
    /// # Errors
    /// `~` where no home folder is known; a path that leads out of the project where none may.
    pub(crate) fn resolve(&self, path: &str) -> Result<PathBuf, String> {
        let resolved = self.whole(path)?;
        if self.confined && !is_within(&self.directory, &resolved) {
            return Err(format!("{path} is outside of the project, and a service reads nothing there"));
        }
        Ok(resolved)
    }

    fn whole(&self, path: &str) -> Result<PathBuf, String> {
        match (path.strip_prefix('~'), &self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                Ok(home.join(rest.trim_start_matches('/')))
            }
            (Some(rest), None) if rest.is_empty() || rest.starts_with('/') => {
                Err("`~` stands for the home folder, but HOME is not set".to_owned())
            }
            _ => Ok(self.directory.join(path)),
        }
    }
}

/// Whether a path leads to something in a folder, or would if it existed; whatever links there are on the way.
pub(crate) fn is_within(folder: &Path, path: &Path) -> bool {
    // What does not exist is where its last folder is that does.
    let Some(known) = path.ancestors().find(|one| std::fs::symlink_metadata(one).is_ok()) else { return false };
    let missing = path.strip_prefix(known).unwrap_or(Path::new(""));
    let goes_up = missing.components().any(|part| part == Component::ParentDir);
    !goes_up && std::fs::canonicalize(known).is_ok_and(|known| known.starts_with(real(folder)))
}

impl FileReader for UserFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let resolved = self.resolve(path)?;
        match kind(&resolved) {
            Ok(FileKind::Ordinary) => {}
            Ok(FileKind::Nothing) => return Err(format!("file {} does not exist", resolved.display())),
            Ok(other) => return Err(format!("{} {other}", resolved.display())),
            Err(fault) => return Err(format!("{} cannot be read: {fault}", resolved.display())),
        }
        read_existing(&resolved).map_err(|fault| format!("{} cannot be read: {fault}", resolved.display()))
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        let resolved = self.resolve(path)?;
        match kind(&resolved) {
            Ok(FileKind::Ordinary) => Ok(true),
            Ok(FileKind::Nothing | FileKind::Dangling(_)) => Ok(false),
            Ok(other) => Err(format!("{} {other}", resolved.display())),
            Err(fault) if fault.kind() == io::ErrorKind::NotADirectory => Ok(false),
            Err(fault) => Err(format!("{} cannot be read: {fault}", resolved.display())),
        }
    }

    fn home(&self) -> Option<String> {
        Some(self.home.as_ref()?.to_str()?.to_owned())
    }

    fn folder(&self) -> Option<String> {
        Some(std::path::absolute(&self.directory).ok()?.to_str()?.to_owned())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, String> {
        let resolved = self.resolve(folder)?;
        tree(&resolved).map_err(|fault| format!("{} cannot be listed: {fault}", resolved.display()))
    }

    fn check(&self, path: &str) -> Result<(), String> {
        let resolved = self.resolve(path)?;
        match kind(&resolved) {
            Ok(FileKind::Ordinary) => Ok(()),
            Ok(other) => Err(format!("{} {other}", resolved.display())),
            Err(fault) => Err(format!("{} cannot be read: {fault}", resolved.display())),
        }
    }
}
