//! The files of a project: read whole, written aside and renamed, so that none is ever half there.
//!
//! This is the only module above the engine that touches the disk.
#![expect(clippy::disallowed_methods, reason = "project owns the project's files")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::expression::FileReader;

/// Ending of definition files.
const DEFINITION: &str = ".disco.hcl";

/// Ending of files with variables that are read by themselves.
const AUTOMATIC_VARIABLES: &str = ".auto.vars.hcl";

/// The file with variables that is read first.
const VARIABLES: &str = "disco.vars.hcl";

/// Names of the definition files of a folder, sorted; hidden files and editors' backups are none.
pub(crate) fn definitions(directory: &Path) -> io::Result<Vec<String>> {
    Ok(names(directory)?.into_iter().filter(|name| name.ends_with(DEFINITION)).collect())
}

/// Names of the variable files that are read by themselves, in order: `disco.vars.hcl`, then `*.auto.vars.hcl`.
pub(crate) fn variable_files(directory: &Path) -> io::Result<Vec<String>> {
    let names = names(directory)?;
    let first = names.iter().filter(|name| *name == VARIABLES);
    let then = names.iter().filter(|name| name.ends_with(AUTOMATIC_VARIABLES));
    Ok(first.chain(then).cloned().collect())
}

fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// All files below a folder by their path relative to it, sorted; for catalogues.
pub(crate) fn tree(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        for entry in fs::read_dir(folder.join(&relative))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else {
                found.push((path.to_string_lossy().into_owned(), fs::read(entry.path())?));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The bytes of a file; `None` where there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Which file a path is: another one, or another content, has another identity, as far as the disk tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number there.
    place: (u64, u64),
}

/// Which file a path is now; `None` where there is none. It is opened, because over a network only that asks anew.
pub(crate) fn identity(path: &Path) -> io::Result<Option<Identity>> {
    let found = match File::open(path) {
        Ok(file) => file.metadata()?,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    Ok(Some(found.into()))
}

impl From<fs::Metadata> for Identity {
    fn from(found: fs::Metadata) -> Self {
        Self { length: found.len(), modified: found.modified().ok(), place: place(&found) }
    }
}

#[cfg(unix)]
fn place(found: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
fn place(_found: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Where a link points, in the end and even if nothing is there; the path itself where it is none.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {
                let link = fs::read_link(&path)?;
                // An absolute one replaces the folder, too.
                path = path.parent().unwrap_or(Path::new("")).join(link);
            }
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("its links go round in circles"))
}

/// Writes a file so that either the old or the new bytes are there, whatever happens: aside in the same folder,
/// synced, renamed, and the folder synced too. A link stays one: what it points to is written. Readable by its owner
/// only. Tells which file it is now.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<Identity> {
    let path = &target(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let aside = tempfile::Builder::new().prefix(".disco-").suffix(".tmp").tempfile_in(folder).map_err(plain)?;
    aside.as_file().write_all(bytes)?;
    aside.as_file().sync_all()?;
    let identity = aside.as_file().metadata()?.into();
    aside.persist(path).map_err(|fault| fault.error)?;
    File::open(folder)?.sync_all()?;
    Ok(identity)
}

/// Without the name of the file aside, which helps nobody.
fn plain(fault: io::Error) -> io::Error {
    match fault.kind() {
        io::ErrorKind::Other => fault,
        kind => kind.into(),
    }
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

/// Names in a folder, sorted; empty where there is no folder.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<String>> {
    match names(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// Reads files for `file()` and its like: relative to the project, `~` is the user's home, and whatever the user may
/// read is allowed.
#[derive(Debug)]
pub(crate) struct UserFiles {
    /// The project's folder.
    pub(crate) directory: PathBuf,
    /// The user's home folder.
    pub(crate) home: Option<PathBuf>,
}

impl UserFiles {
    fn resolve(&self, path: &str) -> Result<PathBuf, String> {
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

impl FileReader for UserFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let resolved = self.resolve(path)?;
        fs::read(&resolved).map_err(|fault| match fault.kind() {
            io::ErrorKind::NotFound => format!("there is no file {}", resolved.display()),
            _ => format!("{} cannot be read: {fault}", resolved.display()),
        })
    }

    fn exists(&self, path: &str) -> Result<bool, String> {
        let resolved = self.resolve(path)?;
        match fs::metadata(&resolved) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(found) if found.is_dir() => Err(format!("{} is a folder, not a file", resolved.display())),
            Ok(_) => Err(format!("{} is no ordinary file", resolved.display())),
            Err(fault) if matches!(fault.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            Err(fault) => Err(format!("{} cannot be looked at: {fault}", resolved.display())),
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
        let found = tree(&resolved).map_err(|fault| format!("{} cannot be read: {fault}", resolved.display()))?;
        Ok(found.into_iter().map(|(path, _)| path).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_files_come_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.auto.vars.hcl", "disco.vars.hcl", "a.auto.vars.hcl", "other.vars.hcl", ".x.auto.vars.hcl"] {
            write(&folder.path().join(name), b"").unwrap();
        }
        let files = variable_files(folder.path()).unwrap();
        assert_eq!(files, ["disco.vars.hcl", "a.auto.vars.hcl", "b.auto.vars.hcl"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("elsewhere")).unwrap();
        std::os::unix::fs::symlink("elsewhere/x", at("near")).unwrap();
        std::os::unix::fs::symlink(at("near"), at("far")).unwrap();
        write(&at("far"), b"one").unwrap();
        assert!(fs::symlink_metadata(at("far")).unwrap().is_symlink());
        assert_eq!(read(&at("elsewhere/x")).unwrap().unwrap(), b"one");
        std::os::unix::fs::symlink("b", at("a")).unwrap();
        std::os::unix::fs::symlink("a", at("b")).unwrap();
        assert!(write(&at("a"), b"round").is_err());
    }

    #[test]
    fn a_write_leaves_nothing_aside() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("x"), b"one").unwrap();
        write(&folder.path().join("x"), b"two").unwrap();
        assert_eq!(list(folder.path()).unwrap(), ["x"]);
        assert_eq!(read(&folder.path().join("x")).unwrap().unwrap(), b"two");
        assert_eq!(read(&folder.path().join("y")).unwrap(), None);
    }
}
