//! The state on disk: the file itself, and a copy of it as it was before each of the last ten operations.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::workspace::{self, Workspace};
use crate::state::{self, State, StateFault};

/// How many operations can be undone by hand.
const GENERATIONS: usize = 10;

/// Where the state of a project is kept.
#[derive(Debug)]
pub(crate) struct StateStore {
    path: PathBuf,
    generations: PathBuf,
    workspace: Workspace,
    seen: Mutex<Seen>,
    encoder: Mutex<state::Encoder>,
}

/// The state file as it was last read or written here.
#[derive(Debug, Default)]
enum Seen {
    /// Nobody has looked yet.
    #[default]
    Never,
    /// There was none.
    Missing,
    /// It was read: which file, and SHA-256 of its bytes.
    Read(files::Identity, [u8; 32]),
    /// It was written: which file. Its bytes are what the encoder gave last.
    Written(files::Identity),
}

impl StateStore {
    /// The state file of a workspace at `path`, with earlier generations below DISCO's own `folder`.
    pub(crate) fn new(directory: &Path, path: &str, folder: &Path, workspace: &Workspace) -> Self {
        Self {
            path: directory.join(path),
            generations: workspace.folder(folder).join("states"),
            workspace: workspace.clone(),
            seen: Mutex::default(),
            encoder: Mutex::default(),
        }
    }

    /// The state file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is remembered; `None` for a project that has never been applied.
    ///
    /// # Errors
    /// A file that is empty, torn, foreign or of a newer format is refused with the way out. So is a file that is
    /// missing although earlier generations are there, or a link to it is: taking it for a new project would create
    /// everything again.
    pub(crate) fn load(&self) -> Result<Option<State>, Failure> {
        // In this order: what somebody writes in between is not taken for what was read.
        let identity = files::identity(&self.path).map_err(|fault| self.unreadable(&fault))?;
        let bytes = files::read(&self.path).map_err(|fault| self.unreadable(&fault))?;
        self.see(match (&bytes, identity) {
            (Some(bytes), Some(identity)) => Seen::Read(identity, Sha256::digest(bytes).into()),
            _ => Seen::Missing,
        });
        let Some(bytes) = bytes else { return self.missing() };
        match state::decode(&bytes) {
            Ok(mut state) => {
                self.require_own(&state, &format!("state `{}`", files::shown(&self.path)))?;
                // An older copy that was put back goes on counting: generations are in the order of their serials.
                state.serial = state.serial.max(self.last_serial());
                Ok(Some(state))
            }
            Err(fault) => {
                let help = match fault {
                    StateFault::Newer { .. } | StateFault::Foreign { .. } => fault.help().to_owned(),
                    _ => format!("{}\n{}", fault.help(), self.way_back()),
                };
                let message = format!("state `{}` cannot be used", files::shown(&self.path));
                Err(Failure::new(FailureKind::State, message).because(&fault).help(help))
            }
        }
    }

    /// Refuses a state of another workspace, whose stacks have other names: all of them would be replaced.
    ///
    /// # Errors
    /// That; `what` it is.
    pub(crate) fn require_own(&self, state: &State, what: &str) -> Result<(), Failure> {
        if state.workspace.as_deref() == self.workspace.name() {
            return Ok(());
        }
        let (of, here) = (state.workspace.as_deref().unwrap_or(workspace::DEFAULT), self.workspace.word());
        let message = format!("{what} is of workspace `{of}`, this is `{here}`");
        Err(Failure::new(FailureKind::State, message).help(format!(
            "work in `{of}` (disco workspace select {of}), or put a state of `{here}` there: stacks are not moved from one \
             workspace to another"
        )))
    }

    /// The same where the state is about to be rebuilt: that there was one is no reason to stop.
    pub(crate) fn load_or_lost(&self) -> Result<Option<State>, Failure> {
        if files::read(&self.path).map_err(|fault| self.unreadable(&fault))?.is_some() {
            return self.load();
        }
        self.see(Seen::Missing);
        self.require_folder().map(|()| None)
    }

    /// There is no state: only where there never was one that is fine.
    fn missing(&self) -> Result<Option<State>, Failure> {
        let shown = files::shown(&self.path);
        let target = files::target(&self.path).map_err(|fault| self.unreadable(&fault))?;
        if target != self.path {
            let message = format!("`{shown}` points to `{}`, which does not exist", target.display());
            return Err(Failure::new(FailureKind::State, message).help(format!(
                "bring back what it points to (a disk that is not mounted?), or remove {shown} if this project was never \
                 applied"
            )));
        }
        match self.last_generation() {
            Some(_) => {
                Err(Failure::new(FailureKind::State, format!("`{shown}` does not exist any more"))
                    .help(self.way_back()))
            }
            None => self.require_folder().map(|()| None),
        }
    }

    /// Fails where the folder of the state does not exist: a project whose disk is not mounted is not a new one.
    fn require_folder(&self) -> Result<(), Failure> {
        let folder = files::folder_of(&self.path);
        files::require_folder(folder).map_err(|fault| {
            let message = format!("cannot keep the state in `{}`", files::shown(&self.path));
            Failure::new(FailureKind::State, message).because(&fault).help(format!(
                "mount its disk if it is on one; for a project that was never applied create the folder: mkdir -p {}",
                files::shown(folder)
            ))
        })
    }

    /// Keeps a copy of the state as it is before an operation. An unreadable state has no generation.
    pub(crate) fn begin(&self, serial: u64, now: &str) -> Result<(), Failure> {
        let Some(bytes) = files::read(&self.path).map_err(|fault| self.unreadable(&fault))? else { return Ok(()) };
        let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        let name = format!("{serial:08}-{stamp}.json");
        files::make_folder(&self.generations).map_err(|fault| self.unwritable(&fault))?;
        files::write(&self.generations.join(name), &bytes).map_err(|fault| self.unwritable(&fault))?;
        let names = files::list(&self.generations).map_err(|fault| self.unwritable(&fault))?;
        for old in names.iter().rev().skip(GENERATIONS) {
            files::remove(&self.generations.join(old)).map_err(|fault| self.unwritable(&fault))?;
        }
        Ok(())
    }

    /// Writes the state, durable when this returns.
    ///
    /// # Errors
    /// What the disk says; and a file that somebody else has changed or removed since it was read here, which is left
    /// as it is.
    pub(crate) fn save(&self, state: &State) -> io::Result<()> {
        let mut encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_as_seen(encoder.last())? {
            let how = if files::identity(&self.path)?.is_some() { "changed" } else { "removed" };
            return Err(io::Error::other(format!("another program has {how} it since this command read it")));
        }
        self.see(Seen::Written(files::write(&self.path, encoder.encode(state))?));
        Ok(())
    }

    /// Whether the file is the one last seen here, or says the same. `written` is what was last written.
    fn is_as_seen(&self, written: &[u8]) -> io::Result<bool> {
        let now = files::identity(&self.path)?;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match &*seen {
            Seen::Never => Ok(true),
            Seen::Missing => Ok(now.is_none()),
            Seen::Read(identity, _) | Seen::Written(identity) if now.as_ref() == Some(identity) => Ok(true),
            Seen::Read(_, digest) => {
                let bytes = files::read(&self.path)?;
                Ok(bytes.is_some_and(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == *digest))
            }
            Seen::Written(_) => Ok(files::read(&self.path)?.is_some_and(|bytes| bytes == written)),
        }
    }

    fn see(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// Serial of the newest generation; 0 where there is none.
    pub(crate) fn last_serial(&self) -> u64 {
        let name = self.last_generation().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        name.and_then(|name| name.split('-').next()?.parse().ok()).unwrap_or_default()
    }

    /// The files of the generations, the oldest first.
    pub(crate) fn generations(&self) -> io::Result<Vec<PathBuf>> {
        let names = files::list(&self.generations)?;
        Ok(names.into_iter().map(|name| self.generations.join(name)).collect())
    }

    fn last_generation(&self) -> Option<PathBuf> {
        let name = files::list(&self.generations).ok()?.pop()?;
        Some(self.generations.join(name))
    }

    fn way_back(&self) -> String {
        match self.last_generation() {
            Some(copy) => {
                format!(
                    "put the last good copy back with\n  cp {} {}\nor rebuild it from Heat with `disco import`",
                    copy.display(),
                    files::shown(&self.path)
                )
            }
            None => format!(
                "put a good copy back; if this project was never applied, remove {} and run again",
                files::shown(&self.path)
            ),
        }
    }

    fn unreadable(&self, fault: &io::Error) -> Failure {
        let help = match files::kind(&self.path) {
            Ok(FileKind::Folder) => format!("move that folder away; {}", self.way_back()),
            Ok(FileKind::Pipe | FileKind::Socket | FileKind::Device) => {
                "name a file in `disco { state \"local\" { path = \"…\" } }`, or move away what has its name".to_owned()
            }
            _ => "allow reading it, then run again: the file is unchanged".to_owned(),
        };
        Failure::new(FailureKind::State, format!("cannot read `{}`", files::shown(&self.path)))
            .because(fault)
            .help(help)
    }

    /// The failure to report when [`StateStore::save`] did not succeed.
    pub(crate) fn unwritable(&self, fault: &io::Error) -> Failure {
        Failure::new(FailureKind::State, format!("cannot write `{}`", files::shown(&self.path)))
            .because(fault)
            .help("make room or allow writing, then run again: the file from before is unchanged")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generations_are_in_the_order_of_their_serials_whatever_the_clock_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".disco")).unwrap();
        let store =
            StateStore::new(folder.path(), "disco.state.json", &folder.path().join(".disco"), &Workspace::default());
        let mut state = State::new("lineage");
        for (serial, now) in [(9, "2026-11-25T20:48:12Z"), (10, "2001-01-01T00:00:00Z"), (11, "1970-01-01T00:00:00Z")] {
            state.serial = serial;
            store.begin(serial, now).unwrap();
            store.save(&state).unwrap();
        }
        let last = store.last_generation().unwrap();
        assert_eq!(last.file_name().unwrap(), "00000011-19700101T000000.json");
        assert_eq!(state::decode(&files::read(&last).unwrap().unwrap()).unwrap().serial, 10);
    }

    #[test]
    fn only_what_was_seen_here_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            || StateStore::new(folder.path(), "disco.state.json", &folder.path().join(".disco"), &Workspace::default());
        let (mine, theirs) = (store(), store());
        assert!(mine.load().unwrap().is_none() && theirs.load().unwrap().is_none());
        theirs.save(&State::new("theirs")).unwrap();
        assert!(mine.save(&State::new("mine")).unwrap_err().to_string().contains("changed"));
        assert_eq!(mine.load().unwrap().unwrap().lineage, "theirs");
        mine.save(&State::new("mine")).unwrap();
        // Another file that says the same is nobody's change.
        let again = |store: &StateStore| {
            let bytes = files::read(store.path()).unwrap().unwrap();
            files::remove(store.path()).unwrap();
            files::write(store.path(), &bytes).unwrap();
        };
        again(&mine);
        mine.save(&State::new("mine")).unwrap();
        mine.load().unwrap();
        again(&mine);
        mine.save(&State::new("mine")).unwrap();
        files::remove(mine.path()).unwrap();
        assert!(mine.save(&State::new("mine")).unwrap_err().to_string().contains("removed"));
    }
}
