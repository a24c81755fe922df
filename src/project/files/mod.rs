//! The files of a project: read whole, written aside and renamed, so that none is ever half there.
//!
//! Only ordinary files are read and replaced, links followed: a named pipe would have to be waited for, a device has no
//! end, and what is renamed over one of them is lost. This is the only module above the engine that touches the disk.
#![expect(clippy::disallowed_methods, reason = "project owns the project's files")]

mod kind;
mod reader;

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use kind::{FileKind, kind};
pub(crate) use reader::{UserFiles, is_within};

/// Ending of definition files.
const DEFINITION: &str = ".disco.hcl";

/// Ending of files with variables that are read by themselves.
const AUTOMATIC_VARIABLES: &str = ".auto.vars.hcl";

/// The file with variables that is read first.
const VARIABLES: &str = "disco.vars.hcl";

/// Names of the definition files of a folder, sorted; hidden files and editors' backups are none. Whatever bears such a
/// name is in it, readable or not: a definition that cannot be read is not one that was deleted.
pub(crate) fn definitions(directory: &Path) -> io::Result<Vec<String>> {
    Ok(names(directory)?.into_iter().filter(|name| is_definition(name)).collect())
}

/// Whether a file of this name is read as a definition.
pub(crate) fn is_definition(name: &str) -> bool {
    name.ends_with(DEFINITION)
}

/// Names of the variable files that are read by themselves, in order: `disco.vars.hcl`, then `*.auto.vars.hcl`. Whatever
/// bears such a name is in it, readable or not.
pub(crate) fn variable_files(directory: &Path) -> io::Result<Vec<String>> {
    let names = names(directory)?;
    let first = names.iter().filter(|name| *name == VARIABLES);
    let then = names.iter().filter(|name| name.ends_with(AUTOMATIC_VARIABLES));
    Ok(first.chain(then).cloned().collect())
}

/// Whether a file of this name is read as one with variables.
pub(crate) fn is_variables(name: &str) -> bool {
    name == VARIABLES || name.ends_with(AUTOMATIC_VARIABLES)
}

/// Where a file's name stands among those with variables: the one that is read first before the others.
pub(crate) fn variables_order(name: &str) -> bool {
    name != VARIABLES
}

/// Names of everything in a folder that is not hidden, sorted. Bytes of a name that are not UTF-8 are replaced; nothing
/// is found under such a name.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = all_names(directory)?;
    names.retain(|name| !name.starts_with('.'));
    Ok(names)
}

fn all_names(directory: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

/// Names of everything in a folder, hidden or not, sorted; empty where there is no folder.
pub(crate) fn everything(folder: &Path) -> io::Result<Vec<String>> {
    match all_names(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// Paths of everything below a folder that is not a folder, relative to it, sorted. Links are followed; one that leads
/// back to a folder that it lies in is an error, since it has no end.
pub(crate) fn tree(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![(PathBuf::new(), vec![fs::canonicalize(folder)?])];
    while let Some((relative, above)) = folders.pop() {
        for entry in fs::read_dir(folder.join(&relative))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if !entry.path().is_dir() {
                found.push(path.to_string_lossy().into_owned());
                continue;
            }
            let mut above = above.clone();
            if entry.file_type()?.is_symlink() {
                let real = fs::canonicalize(entry.path())?;
                if above.contains(&real) {
                    return Err(io::Error::other(format!("{} links to a folder that it lies in", path.display())));
                }
            }
            above.push(fs::canonicalize(entry.path())?);
            folders.push((path, above));
        }
    }
    found.sort();
    Ok(found)
}

/// The bytes of a file; `None` where there is nothing, not even at the end of a link.
///
/// # Errors
/// What the disk says; whatever is not an ordinary file, without waiting for it.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match kind(path)? {
        FileKind::Ordinary => {}
        FileKind::Nothing | FileKind::Dangling(_) => return Ok(None),
        other => return Err(other.fault()),
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The bytes of a file that has to be there.
///
/// # Errors
/// The same, and where there is nothing: that a link's target does not exist, if it is that.
pub(crate) fn read_existing(path: &Path) -> io::Result<Vec<u8>> {
    match kind(path)? {
        FileKind::Ordinary => fs::read(path),
        other => Err(other.fault()),
    }
}

/// Most bytes that are read of what may have no end.
const LONGEST_STREAM: u64 = 16 << 20;

/// The bytes of what a user has named, which may be a pipe or a device too: `<(…)` of a shell, `/dev/stdin`.
pub(crate) fn read_stream(path: &Path) -> io::Result<Vec<u8>> {
    match kind(path)? {
        FileKind::Ordinary => fs::read(path),
        FileKind::Pipe | FileKind::Device => {
            let mut bytes = Vec::new();
            File::open(path)?.take(LONGEST_STREAM + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > LONGEST_STREAM {
                return Err(io::Error::other(format!("it gives more than {} MiB", LONGEST_STREAM >> 20)));
            }
            Ok(bytes)
        }
        other => Err(other.fault()),
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
    match kind(path)? {
        FileKind::Ordinary => {}
        FileKind::Nothing | FileKind::Dangling(_) => return Ok(None),
        other => return Err(other.fault()),
    }
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

/// Which folder a path is, links followed, as far as it exists.
pub(crate) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
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
    Err(io::Error::other("its links form a circle"))
}

/// How many bytes a file has.
pub(crate) fn size(path: &Path) -> io::Result<u64> {
    fs::metadata(path).map(|found| found.len())
}

/// Whether there is something that nobody but its owner can read or write.
pub(crate) fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    let is_owners =
        |found: fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&found.permissions()).trailing_zeros() >= 6;
    #[cfg(not(unix))]
    let is_owners = |_| true;
    fs::metadata(path).is_ok_and(is_owners)
}

/// Whether a path is a link.
pub(crate) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Writes a file that is there already like [`write()`]; whoever could read or write it still can.
///
/// # Errors
/// The same, and where there is no file.
pub(crate) fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<Identity> {
    let permissions = fs::metadata(path)?.permissions();
    replace(path, bytes, Some(permissions))
}

/// Writes a file so that either the old or the new bytes are there, whatever happens: aside in the same folder,
/// synced, renamed, and the folder synced too. A link stays one: what it points to is written. Readable by its owner
/// only. Tells which file it is now.
///
/// # Errors
/// What the disk says; a folder that does not exist, which is not made here; something that is not an ordinary file,
/// which is left as it is.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<Identity> {
    replace(path, bytes, None)
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<Identity> {
    let path = &target(path)?;
    match kind(path)? {
        FileKind::Ordinary | FileKind::Nothing => {}
        other => return Err(other.fault()),
    }
    let folder = folder_of(path);
    require_folder(folder)?;
    let aside = tempfile::Builder::new().prefix(".disco-").suffix(".tmp").tempfile_in(folder).map_err(plain)?;
    aside.as_file().write_all(bytes)?;
    if let Some(permissions) = permissions {
        aside.as_file().set_permissions(permissions)?;
    }
    aside.as_file().sync_all()?;
    let identity = aside.as_file().metadata()?.into();
    aside.persist(path).map_err(|fault| fault.error)?;
    File::open(folder)?.sync_all()?;
    Ok(identity)
}

/// The folder that a path lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Fails where there is no such folder: it may be on a disk that is not mounted, and is not made unasked.
pub(crate) fn require_folder(folder: &Path) -> io::Result<()> {
    match kind(folder)? {
        FileKind::Folder => Ok(()),
        FileKind::Nothing => {
            let message = format!("the folder {} does not exist", folder.display());
            Err(io::Error::new(io::ErrorKind::NotFound, message))
        }
        other => Err(io::Error::new(io::ErrorKind::NotADirectory, format!("{} {other}", folder.display()))),
    }
}

/// Makes a folder of DISCO's own in one that exists. It asks version control to leave out all that is in it: the store of
/// the embedded engine holds secrets.
pub(crate) fn make_own_folder(folder: &Path) -> io::Result<()> {
    make_folder(folder)?;
    let ignore = folder.join(".gitignore");
    match kind(&ignore)? {
        FileKind::Nothing => write(&ignore, b"*\n").map(drop),
        _ => Ok(()),
    }
}

/// Makes a folder in one that exists; one that is there already is fine.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    match kind(folder)? {
        FileKind::Folder => return Ok(()),
        FileKind::Nothing => require_folder(folder_of(folder))?,
        other => return Err(io::Error::new(io::ErrorKind::NotADirectory, format!("{} {other}", folder.display()))),
    }
    match fs::create_dir(folder) {
        // Another process was quicker.
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Makes a folder and those that it lies in; what is there already is fine.
pub(crate) fn make_folders(folder: &Path) -> io::Result<()> {
    if !folder.as_os_str().is_empty() && kind(folder)? == FileKind::Nothing {
        make_folders(folder_of(folder))?;
    }
    make_folder(folder)
}

/// Writes a file where there is none, whole or not at all, for all whom the user's `umask` allows it.
///
/// # Errors
/// What the disk says; that it is there already.
pub(crate) fn create(path: &Path, bytes: &[u8], is_program: bool) -> io::Result<()> {
    let folder = folder_of(path);
    let mut aside = tempfile::Builder::new();
    aside.prefix(".disco-").suffix(".tmp");
    #[cfg(unix)]
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(if is_program { 0o777 } else { 0o666 });
    #[cfg(unix)]
    aside.permissions(permissions);
    let mut aside = aside.tempfile_in(folder).map_err(plain)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    aside.persist_noclobber(path).map_err(|fault| fault.error)?;
    File::open(folder)?.sync_all()
}

/// Whether a folder is in a working tree of git.
pub(crate) fn is_in_repository(folder: &Path) -> bool {
    let whole = fs::canonicalize(folder).unwrap_or_default();
    whole.ancestors().any(|folder| folder.join(".git").exists())
}

/// Without the name of the file aside, which helps nobody.
fn plain(fault: io::Error) -> io::Error {
    match fault.to_string().split_once(" at path \"") {
        Some((what, _)) => io::Error::new(fault.kind(), what),
        None => fault,
    }
}

/// A path as people write it: without the `./` of a project in the current folder, which is itself `.`.
pub(crate) fn shown(path: &Path) -> std::path::Display<'_> {
    match path.strip_prefix(".") {
        Ok(rest) if rest.as_os_str().is_empty() => Path::new(".").display(),
        Ok(rest) => rest.display(),
        Err(_) => path.display(),
    }
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it; one that is not there is fine.
pub(crate) fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => Ok(()),
    }
}

/// Gives a folder another place on the same disk, where nothing is. Either it is here or it is there, whatever happens.
pub(crate) fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    if kind(to)? != FileKind::Nothing {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "something is there already"));
    }
    fs::rename(from, to)?;
    [from, to].iter().try_for_each(|path| File::open(folder_of(path))?.sync_all())
}

/// Names in a folder, sorted; empty where there is no folder.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<String>> {
    match names(folder) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
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
