//! The state: where it is kept, and a copy of it as it was before each of the last ten operations.

mod backend;
mod remote;
mod local;
mod sealed;
mod words;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;

use super::Notices;
use super::failure::{Failure, FailureKind};
use super::files;
use super::workspace::{self, Workspace};
use crate::state::{self, State, StateFault};

pub(super) use backend::SaveFault;
use backend::{Backend, Version};
use remote::RemoteFault;
pub(super) use remote::{LockInfo, NotLocked, Remote, RemoteLease, RemoteLock};
pub(super) use sealed::{Cipher, Derived, PLAN, is_sealed, is_sealed_plan, open};

/// How many operations can be undone by hand.
const GENERATIONS: usize = 10;

/// What is written beside the project where the state cannot be kept.
const ERRORED: &str = "errored.disco.state.json";

/// Where the state of a project is kept.
#[derive(Debug)]
pub(crate) struct StateStore {
    backend: Backend,
    /// Copies of before the last operations, which are files wherever the state is.
    generations: PathBuf,
    /// Where a state is written that cannot be kept.
    errored: PathBuf,
    workspace: Workspace,
    cipher: Option<Cipher>,
    notices: Option<Notices>,
    seen: Mutex<Version>,
    encoder: Mutex<state::Encoder>,
    /// Whether what is kept was read, or written, without being encrypted.
    plain: AtomicBool,
    /// Whether the last write came to nothing.
    unsaved: AtomicBool,
}

impl StateStore {
    /// The state of a workspace in a file at `path`, with earlier generations below DISCO's own `folder`.
    pub(super) fn local(directory: &Path, path: &str, folder: &Path, workspace: &Workspace) -> Self {
        Self::new(Backend::local(directory.join(path)), directory, folder, workspace)
    }

    /// The same elsewhere.
    pub(super) fn remote(remote: Remote, directory: &Path, folder: &Path, workspace: &Workspace) -> Self {
        Self::new(Backend::Remote(Box::new(remote)), directory, folder, workspace)
    }

    fn new(backend: Backend, directory: &Path, folder: &Path, workspace: &Workspace) -> Self {
        Self {
            backend,
            generations: workspace.folder(folder).join("states"),
            errored: directory.join(workspace.state_path(ERRORED)),
            workspace: workspace.clone(),
            cipher: None,
            notices: None,
            seen: Mutex::default(),
            encoder: Mutex::default(),
            plain: AtomicBool::new(false),
            unsaved: AtomicBool::new(false),
        }
    }

    /// Encrypts, where there is a cipher, and tells somebody when that begins.
    pub(super) fn sealed_with(self, cipher: Option<Cipher>, notices: Option<Notices>) -> Self {
        Self { cipher, notices, ..self }
    }

    /// The file of the state, where it is one.
    pub(super) fn file(&self) -> Option<&Path> {
        self.backend.file()
    }

    /// The place of the state, where it is no file of this machine.
    pub(super) fn elsewhere(&self) -> Option<&Remote> {
        match &self.backend {
            Backend::Local(_) => None,
            Backend::Remote(remote) => Some(remote),
        }
    }

    /// The way out of what was said elsewhere.
    fn help_of(&self, fault: &RemoteFault) -> &'static str {
        self.elsewhere().map_or_else(Default::default, |remote| remote.help(fault))
    }

    /// Where the state is, for a person.
    pub(super) fn shown(&self) -> String {
        self.backend.shown()
    }

    /// The same with the whole path.
    pub(super) fn named(&self) -> String {
        self.file().map_or_else(|| self.shown(), |path| path.display().to_string())
    }

    /// What encrypts it.
    pub(super) fn cipher(&self) -> Option<&Cipher> {
        self.cipher.as_ref()
    }

    /// What is remembered; `None` for a project that has never been applied.
    ///
    /// # Errors
    /// A file that is empty, torn, foreign or of a newer format is refused with the way out. So is a file that is
    /// missing although earlier generations are there, or a link to it is: taking it for a new project would create
    /// everything again.
    pub(crate) async fn load(&self) -> Result<Option<State>, Failure> {
        let found = self.backend.load().await.map_err(|fault| self.unreadable(&fault))?;
        let Some((bytes, version)) = found else {
            self.see(Version::Nothing);
            self.plain.store(true, Ordering::Relaxed);
            return self.missing();
        };
        self.see(version);
        self.plain.store(!is_sealed(&bytes), Ordering::Relaxed);
        let bytes = self.opened(bytes)?;
        match state::decode(&bytes) {
            Ok(mut state) => {
                self.require_own(&state, &format!("state `{}`", self.shown()))?;
                // An older copy that was put back goes on counting: generations are in the order of their serials.
                state.serial = state.serial.max(self.last_serial());
                Ok(Some(state))
            }
            Err(fault) => {
                let help = match fault {
                    StateFault::Newer { .. } | StateFault::Foreign { .. } => fault.help().to_owned(),
                    _ => format!("{}\n{}", fault.help(), self.way_back()),
                };
                let message = format!("state `{}` cannot be used", self.shown());
                Err(Failure::new(FailureKind::State, message).because(&fault).help(help))
            }
        }
    }

    /// The same for whoever cannot wait.
    pub(super) fn load_now(&self) -> Result<Option<State>, Failure> {
        // A file is waited for by nobody.
        if self.elsewhere().is_none()
            && let Some(loaded) = self.load().now_or_never()
        {
            return loaded;
        }
        let failed = || Failure::new(FailureKind::State, format!("cannot read `{}`", self.shown()));
        let load = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|fault| failed().because(&fault))?.block_on(self.load())
        };
        std::thread::scope(|scope| scope.spawn(load).join().unwrap_or_else(|_| Err(failed())))
    }

    /// What can be known of the state without waiting, if it can be used: of one on a server as it was before the last
    /// operation here.
    pub(super) fn at_hand(&self) -> Option<State> {
        if self.elsewhere().is_none() {
            return self.load_now().ok().flatten();
        }
        let bytes = files::read(&self.last_generation()?).ok().flatten()?;
        state::decode(&self.opened(bytes).ok()?).ok()
    }

    /// What was encrypted, if it was.
    ///
    /// # Errors
    /// A key that is missing or another one, bytes that were changed.
    pub(super) fn opened(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        open(self.cipher.as_ref(), bytes, None).map_err(|fault| {
            let message = format!("state `{}` cannot be used", self.shown());
            Failure::new(FailureKind::State, message).because(&fault).help(fault.help())
        })
    }

    /// Whether there is a state, or a copy of before, that is not encrypted.
    pub(super) async fn is_open(&self) -> Result<bool, Failure> {
        let found = self.backend.load().await.map_err(|fault| self.unreadable(&fault))?;
        let copies = self.generations().map_err(|fault| self.unreadable(&fault.into()))?;
        let copies = copies.iter().filter_map(|path| files::read(path).ok().flatten());
        Ok(found.map(|(bytes, _)| bytes).into_iter().chain(copies).any(|bytes| !is_sealed(&bytes)))
    }

    /// The bytes of the state as they are kept; where they are encrypted, what they were before.
    pub(super) async fn pull(&self) -> Result<Option<Vec<u8>>, Failure> {
        let found = self.backend.load().await.map_err(|fault| self.unreadable(&fault))?;
        found.map(|(bytes, _)| self.opened(bytes)).transpose()
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
    pub(crate) async fn load_or_lost(&self) -> Result<Option<State>, Failure> {
        if self.backend.load().await.map_err(|fault| self.unreadable(&fault))?.is_some() {
            return self.load().await;
        }
        self.see(Version::Nothing);
        self.require_folder().map(|()| None)
    }

    /// Keeps a copy of the state as it is before an operation. An unreadable state has no generation.
    pub(crate) async fn begin(&self, serial: u64, now: &str) -> Result<(), Failure> {
        let seen = match &*self.seen() {
            Version::Remote(bytes) => Some(bytes.clone()),
            _ => None,
        };
        let found = match seen {
            Some(bytes) => Some(bytes),
            None => self.backend.load().await.map_err(|fault| self.unreadable(&fault))?.map(|(bytes, _)| bytes),
        };
        let Some(bytes) = found else { return Ok(()) };
        let bytes = self.sealed_copy(bytes)?;
        let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        let name = format!("{serial:08}-{stamp}.json");
        let failed = |fault: io::Error| self.unwritable(&fault.into());
        files::make_folder(&self.generations).map_err(failed)?;
        files::write(&self.generations.join(name), &bytes).map_err(failed)?;
        let names = files::list(&self.generations).map_err(failed)?;
        for old in names.iter().rev().skip(GENERATIONS) {
            files::remove(&self.generations.join(old)).map_err(failed)?;
        }
        Ok(())
    }

    /// Bytes of a state as a copy of them is kept: once states are encrypted no plain one is written anywhere.
    fn sealed_copy(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
        match (&self.cipher, state::decode(&bytes)) {
            (Some(cipher), Ok(state)) => {
                let sealed = cipher.seal(&bytes, &state.lineage, state.serial, None);
                sealed.map_err(|fault| self.unwritable(&fault.into()))
            }
            _ => Ok(bytes),
        }
    }

    /// Encrypts the copies of before with the present key; how many there are.
    ///
    /// # Errors
    /// What the disk says; a copy whose key is not there.
    pub(super) fn seal_generations(&self) -> Result<usize, Failure> {
        let failed = |fault: io::Error| self.unwritable(&fault.into());
        let paths = self.generations().map_err(failed)?;
        for path in &paths {
            let Some(bytes) = files::read(path).map_err(failed)? else { continue };
            let sealed = self.sealed_copy(self.opened(bytes)?)?;
            files::write(path, &sealed).map_err(failed)?;
        }
        Ok(paths.len())
    }

    /// Takes the state as it is now and writes it; it is durable when what is returned has ended.
    ///
    /// # Errors
    /// What the disk or the server says; and a state that somebody else has changed or removed since it was read here, which
    /// is left as it is.
    pub(crate) fn save(&self, state: &State) -> impl Future<Output = Result<(), SaveFault>> + Send + '_ {
        let bytes = self.encoded(state);
        let lineage = state.lineage.clone();
        async move {
            let saved = match bytes {
                Ok(bytes) => {
                    // It may be large, and nobody else writes meanwhile.
                    let expected = std::mem::take(&mut *self.seen());
                    let saved = self.backend.save(bytes, &expected).await;
                    self.see(expected);
                    saved
                }
                Err(fault) => Err(fault),
            };
            self.unsaved.store(saved.is_err(), Ordering::Relaxed);
            self.see(saved?);
            self.say_encrypted(&lineage);
            Ok(())
        }
    }

    /// The bytes of a state as they are kept.
    fn encoded(&self, state: &State) -> Result<Vec<u8>, SaveFault> {
        let mut encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        let plain = encoder.encode(state);
        match &self.cipher {
            Some(cipher) => Ok(cipher.seal(plain, &state.lineage, state.serial, None)?),
            None => Ok(plain.to_vec()),
        }
    }

    /// Writes a state beside the project where it could not be kept on its server; what to say of it.
    pub(super) fn rescue(&self, state: &State) -> Option<String> {
        if !self.unsaved.load(Ordering::Relaxed) || self.elsewhere().is_none() {
            return None;
        }
        let shown = files::shown(&self.errored).to_string();
        let written = self.encoded(state).map_err(|fault| fault.to_string());
        let written = written.and_then(|bytes| files::write(&self.errored, &bytes).map_err(|fault| fault.to_string()));
        Some(match written {
            Ok(_) => format!(
                "The state could not be kept at {}. It is in {shown}: once the server answers, put it there with\n  \
                 disco state push {shown}\nbefore anything else is done.",
                self.shown()
            ),
            Err(why) => format!("The state could be kept neither at {} nor in {shown}: {why}", self.shown()),
        })
    }

    /// Takes the state away.
    ///
    /// # Errors
    /// What the disk or the server says.
    pub(super) async fn remove(&self) -> Result<(), Failure> {
        self.backend.remove().await.map_err(|fault| {
            Failure::new(FailureKind::State, format!("cannot remove `{}`", self.shown())).because(&fault)
        })
    }

    fn see(&self, version: Version) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = version;
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Version> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &Path) -> StateStore {
        StateStore::local(folder, "disco.state.json", &folder.join(".disco"), &Workspace::default())
    }

    #[tokio::test]
    async fn generations_are_in_the_order_of_their_serials_whatever_the_clock_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".disco")).unwrap();
        let store = store(folder.path());
        let mut state = State::new("lineage");
        for (serial, now) in [(9, "2026-11-25T20:48:12Z"), (10, "2001-01-01T00:00:00Z"), (11, "1970-01-01T00:00:00Z")] {
            state.serial = serial;
            store.begin(serial, now).await.unwrap();
            store.save(&state).await.unwrap();
        }
        let last = store.last_generation().unwrap();
        assert_eq!(last.file_name().unwrap(), "00000011-19700101T000000.json");
        assert_eq!(state::decode(&files::read(&last).unwrap().unwrap()).unwrap().serial, 10);
    }

    #[tokio::test]
    async fn only_what_was_seen_here_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (mine, theirs) = (store(folder.path()), store(folder.path()));
        assert!(mine.load().await.unwrap().is_none() && theirs.load().await.unwrap().is_none());
        theirs.save(&State::new("theirs")).await.unwrap();
        assert!(mine.save(&State::new("mine")).await.unwrap_err().to_string().contains("changed"));
        assert_eq!(mine.load().await.unwrap().unwrap().lineage, "theirs");
        mine.save(&State::new("mine")).await.unwrap();
        // Another file that says the same is nobody's change.
        let again = |store: &StateStore| {
            let bytes = files::read(store.file().unwrap()).unwrap().unwrap();
            files::remove(store.file().unwrap()).unwrap();
            files::write(store.file().unwrap(), &bytes).unwrap();
        };
        again(&mine);
        mine.save(&State::new("mine")).await.unwrap();
        mine.load().await.unwrap();
        again(&mine);
        mine.save(&State::new("mine")).await.unwrap();
        files::remove(mine.file().unwrap()).unwrap();
        assert!(mine.save(&State::new("mine")).await.unwrap_err().to_string().contains("removed"));
    }
}
