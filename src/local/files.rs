//! The engine's own files.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

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

/// Whether that path is still the one of an open file: what is written to another is lost with the process.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(file), Ok(there)) = (file.metadata(), fs::metadata(path)) else { return false };
    (file.dev(), file.ino()) == (there.dev(), there.ino())
}

/// Whether that path is still the one of an open file: elsewhere an open file cannot be removed.
#[cfg(not(unix))]
pub(crate) fn is_at(_file: &File, _path: &Path) -> bool {
    true
}
