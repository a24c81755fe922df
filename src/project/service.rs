//! What a service asks of folders: which projects there are, its token, and definitions with a revision.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::failure::{Failure, FailureKind};
use super::lock::{LockError, ProjectLock};
use super::session::now;
use super::{FOLDER, Project, files, is_taken};

/// Folder of what a service keeps, in DISCO's own.
const SERVICE: &str = "service";

/// Letters of a token.
const TOKEN: usize = 64;

/// The longest name of a definition, in bytes: file systems have 255, and DISCO writes files aside.
const LONGEST_NAME: usize = 200;

/// A folder in a service's own that has no definitions, whatever happens beside it.
pub const NO_DEFINITIONS: &str = ".disco/service";

/// The projects in a folder, by name: its folders that have a definition.
///
/// # Errors
/// A folder that cannot be listed.
pub fn projects_below(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let unreadable = |fault: &std::io::Error| {
        Failure::new(FailureKind::Definition, format!("cannot list the projects in `{}`", files::shown(folder)))
            .because(fault)
            .help("name a folder that has a folder for each project")
    };
    files::require_folder(folder).map_err(|fault| unreadable(&fault))?;
    let names = files::everything(folder).map_err(|fault| unreadable(&fault))?;
    let mut all = BTreeMap::new();
    for name in names.into_iter().filter(|name| !name.starts_with('.')) {
        let place = folder.join(&name);
        if files::definitions(&place).is_ok_and(|found| !found.is_empty()) {
            all.insert(name, place);
        }
    }
    Ok(all)
}

/// A secret of 256 bits, in hexadecimal digits.
///
/// # Errors
/// A system that has no randomness.
pub fn new_secret() -> Result<String, ring::error::Unspecified> {
    let random: [u8; 32] = ring::rand::generate(&ring::rand::SystemRandom::new())?.expose();
    Ok(data_encoding::HEXLOWER.encode(&random))
}

/// Makes a folder and those that lead to it.
///
/// # Errors
/// What the disk says.
pub fn make_folders(folder: &Path) -> Result<(), Failure> {
    files::make_folders(folder).map_err(|fault| {
        Failure::new(FailureKind::State, format!("cannot make the folder `{}`", files::shown(folder)))
            .because(&fault)
            .help("make room or allow writing, then run again")
    })
}

/// The names of the folders in a folder, but for hidden ones; none where there is no such folder.
///
/// # Errors
/// What the disk says.
pub fn subfolders(folder: &Path) -> Result<Vec<String>, Failure> {
    if !is_taken(folder) {
        return Ok(Vec::new());
    }
    let names = files::everything(folder).map_err(|fault| {
        Failure::new(FailureKind::State, format!("cannot list the folder `{}`", files::shown(folder))).because(&fault)
    })?;
    let is_folder = |name: &String| !name.starts_with('.') && files::require_folder(&folder.join(name)).is_ok();
    Ok(names.into_iter().filter(is_folder).collect())
}

/// The folder itself, whatever led to it.
pub fn real_folder(folder: &Path) -> PathBuf {
    files::real(folder)
}

/// The right to be the only service of a folder; given back when dropped.
#[derive(Debug)]
pub struct ServiceSeat {
    _lock: ProjectLock,
}

/// The folder of what a service keeps in a folder of projects, made where there is none.
fn place(folder: &Path) -> std::io::Result<PathBuf> {
    let own = folder.join(FOLDER);
    let place = own.join(SERVICE);
    files::make_own_folder(&own).and_then(|()| files::make_folder(&place)).map(|()| place)
}

fn unusable(folder: &Path, fault: &dyn std::error::Error) -> Failure {
    let place = folder.join(NO_DEFINITIONS);
    Failure::new(FailureKind::State, format!("the service cannot keep anything in `{}`", files::shown(&place)))
        .because(fault)
        .help("make room or allow writing, then run again")
}

impl Project {
    /// Makes whoever asks the service of a folder, at `address`.
    ///
    /// # Errors
    /// Another service of the folder, with its address; what the disk says.
    pub fn take_service_seat(&self, folder: &Path, address: SocketAddr) -> Result<ServiceSeat, Failure> {
        let place = place(folder).map_err(|fault| unusable(folder, &fault))?;
        let holder = self.holder(&format!("serve --listen {address}"), now());
        let lock = ProjectLock::take(&place, &holder).map_err(|fault| match fault {
            LockError::Held(holder) => {
                let by = holder.map_or_else(|| "another `disco serve`".to_owned(), |holder| holder.to_string());
                Failure::new(FailureKind::Locked, format!("`{}` is served already, by {by}", files::shown(folder)))
                    .help("end that one first, with ctrl-c where it runs; each service has a new address to sign in")
            }
            LockError::Use { .. } => unusable(folder, &fault),
        })?;
        Ok(ServiceSeat { _lock: lock })
    }

    /// The token of the service of a folder and its file, which only its owner reads: that of the service before, where there is
    /// one, or this.
    ///
    /// # Errors
    /// What the disk says.
    pub fn service_token(&self, folder: &Path, token: &str) -> Result<(PathBuf, String), Failure> {
        let path = place(folder).map_err(|fault| unusable(folder, &fault))?.join("token");
        let kept = kept_token(&path);
        if kept.is_none() {
            // A file that is written aside is its owner's alone.
            files::write(&path, format!("{token}\n").as_bytes()).map_err(|fault| unusable(folder, &fault))?;
        }
        Ok((path, kept.unwrap_or_else(|| token.to_owned())))
    }
}

/// The token of the service before, if nobody else can have read or written it: programs that know it go on with it.
fn kept_token(path: &Path) -> Option<String> {
    if files::is_link(path) || !files::is_private(path) {
        return None;
    }
    let text = String::from_utf8(files::read(path).ok()??).ok()?;
    let is_token =
        |word: &&str| word.len() == TOKEN && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    Some(text.trim()).filter(is_token).map(str::to_owned)
}

/// Digest of a set of definitions.
fn revision(all: &BTreeMap<String, Vec<u8>>) -> String {
    let mut digest = Sha256::new();
    for (name, text) in all {
        for part in [name.as_bytes(), text] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
    }
    data_encoding::HEXLOWER.encode(&digest.finalize())[..16].to_owned()
}

/// What whoever changes a definition believes there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The set has one of these revisions.
    Revisions(Vec<String>),
    /// There is a file of that name.
    There,
    /// There is none.
    New,
}

impl Project {
    /// The definitions with their bytes, and the revision of the set.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn definition_files(&self) -> Result<(String, BTreeMap<String, Vec<u8>>), Failure> {
        let folder = self.directory();
        let unreadable = |fault: &std::io::Error| {
            Failure::new(FailureKind::Definition, format!("cannot read the definitions in `{}`", files::shown(folder)))
                .because(fault)
                .help("allow reading them, then ask again")
        };
        let names = files::definitions(folder).map_err(|fault| unreadable(&fault))?;
        let mut all = BTreeMap::new();
        for name in names {
            let bytes = files::read_existing(&folder.join(&name)).map_err(|fault| unreadable(&fault))?;
            all.insert(name, bytes);
        }
        Ok((revision(&all), all))
    }

    /// The text of a definition, and the revision of the set; `None` where there is no file of that name.
    ///
    /// # Errors
    /// Files that cannot be read; one that is no text, of which bytes would be lost.
    pub fn definition_text(&self, name: &str) -> Result<(String, Option<String>), Failure> {
        let (revision, mut all) = self.definition_files()?;
        let text = all.remove(name).map(String::from_utf8).transpose();
        let text = text.map_err(|_| {
            Failure::new(FailureKind::Definition, format!("`{name}` is not UTF-8 text"))
                .help("save it as UTF-8 with an editor of your own: nothing of it was changed")
        })?;
        Ok((revision, text))
    }

    /// Writes or, where there is no text, removes a definition; only where things are as expected. Returns the revision there is
    /// then; as an error the one there is instead.
    ///
    /// # Errors
    /// A name that no definition may have; what the disk says.
    pub fn save_definition(
        &self,
        name: &str,
        text: Option<&str>,
        expected: &Expected,
    ) -> Result<Result<String, String>, Failure> {
        let odd = name.contains(['/', '\\']) || name.contains(char::is_control);
        if !files::is_definition(name) || odd || name.starts_with('.') || name.len() > LONGEST_NAME {
            let start: String = name.chars().take(LONGEST_NAME).collect();
            return Err(Failure::new(FailureKind::Definition, format!("`{start}` is no name of a definition"))
                .help(format!("definitions are called NAME.disco.hcl, with at most {LONGEST_NAME} letters")));
        }
        let (before, all) = self.definition_files()?;
        let as_expected = match expected {
            Expected::Revisions(revisions) => revisions.contains(&before),
            Expected::There => all.contains_key(name),
            Expected::New => !all.contains_key(name),
        };
        if !as_expected {
            return Ok(Err(before));
        }
        let path = self.directory().join(name);
        let written = match text {
            Some(text) => files::write(&path, text.as_bytes()).map(drop),
            None => files::remove(&path),
        };
        written.map_err(|fault| {
            Failure::new(FailureKind::Definition, format!("cannot write `{}`", files::shown(&path)))
                .because(&fault)
                .help("make room or allow writing, then save again: the file from before is unchanged")
        })?;
        Ok(Ok(self.definition_files()?.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_tells_names_and_texts_apart() {
        let of = |pairs: &[(&str, &str)]| {
            revision(&pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect())
        };
        let all = [of(&[]), of(&[("a", "bc")]), of(&[("ab", "c")]), of(&[("a", "b"), ("c", "")])];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn projects_are_folders_with_definitions() {
        let folder = tempfile::tempdir().unwrap();
        for (name, file) in [("a", "main.disco.hcl"), ("b", "notes.txt"), (".hidden", "main.disco.hcl")] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            files::write(&folder.path().join(name).join(file), b"").unwrap();
        }
        files::write(&folder.path().join("main.disco.hcl"), b"").unwrap();
        assert_eq!(projects_below(folder.path()).unwrap().into_keys().collect::<Vec<_>>(), ["a"]);
        assert!(projects_below(&folder.path().join("nowhere")).is_err());
    }
}
