//! What stands where a file is expected.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a path leads to, links followed. Its words go on after the path's name: "is a folder, not a file".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A file with bytes in it.
    Ordinary,
    /// A folder.
    Folder,
    /// A named pipe, which is read for as long as somebody writes.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// A link to this path, where nothing is.
    Dangling(PathBuf),
    /// Nothing, not even a link.
    Nothing,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ordinary => f.write_str("is a file"),
            Self::Folder => f.write_str("is a folder, not a file"),
            Self::Pipe => f.write_str("is a named pipe, not a file"),
            Self::Socket => f.write_str("is a socket, not a file"),
            Self::Device => f.write_str("is a device, not a file"),
            Self::Dangling(target) => write!(f, "is a link to {}, which does not exist", target.display()),
            Self::Nothing => f.write_str("does not exist"),
        }
    }
}

impl FileKind {
    /// The error of whoever needs an ordinary file here.
    pub(crate) fn fault(&self) -> io::Error {
        let kind = match self {
            Self::Folder => io::ErrorKind::IsADirectory,
            Self::Dangling(_) | Self::Nothing => io::ErrorKind::NotFound,
            Self::Ordinary | Self::Pipe | Self::Socket | Self::Device => io::ErrorKind::InvalidInput,
        };
        io::Error::new(kind, format!("it {self}"))
    }
}

/// What is at a path. Nothing is opened, so nothing is waited for.
///
/// # Errors
/// What the disk says: a folder on the way that may not be entered, links that go round in circles.
pub(crate) fn kind(path: &Path) -> io::Result<FileKind> {
    let found = match fs::metadata(path) {
        Ok(found) => found.file_type(),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Ok(match fs::read_link(path) {
                Ok(target) => FileKind::Dangling(target),
                Err(_) => FileKind::Nothing,
            });
        }
        Err(fault) => return Err(fault),
    };
    Ok(if found.is_file() {
        FileKind::Ordinary
    } else if found.is_dir() {
        FileKind::Folder
    } else {
        special(found)
    })
}

#[cfg(unix)]
fn special(found: fs::FileType) -> FileKind {
    use std::os::unix::fs::FileTypeExt as _;
    if found.is_fifo() {
        FileKind::Pipe
    } else if found.is_socket() {
        FileKind::Socket
    } else {
        FileKind::Device
    }
}

#[cfg(not(unix))]
fn special(_found: fs::FileType) -> FileKind {
    FileKind::Device
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn every_kind_is_told_apart_without_being_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        symlink("file", at("link")).unwrap();
        symlink("away", at("dangling")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let rows = [
            ("file", "is a file"),
            ("link", "is a file"),
            (".", "is a folder, not a file"),
            ("pipe", "is a named pipe, not a file"),
            ("socket", "is a socket, not a file"),
            ("dangling", "is a link to away, which does not exist"),
            ("missing", "does not exist"),
        ];
        for (name, words) in rows {
            assert_eq!(kind(&at(name)).unwrap().to_string(), words, "{name}");
        }
        assert_eq!(kind(Path::new("/dev/null")).unwrap(), FileKind::Device);
    }
}
