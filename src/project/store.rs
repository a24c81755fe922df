//! The state on disk: the file itself, and a copy of it as it was before each of the last ten operations.

use std::io;
use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::files;
use crate::state::{self, State, StateFault};

/// How many operations can be undone by hand.
const GENERATIONS: usize = 10;

/// Where the state of a project is kept.
#[derive(Debug)]
pub(crate) struct StateStore {
    path: PathBuf,
    generations: PathBuf,
}

impl StateStore {
    /// The state file at `path` (as the definition names it), with earlier generations below `folder`.
    pub(crate) fn new(directory: &Path, path: &str, folder: &Path) -> Self {
        Self { path: directory.join(path), generations: folder.join("states") }
    }

    /// The state file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is remembered; `None` for a project that has never been applied.
    ///
    /// # Errors
    /// A file that is empty, torn, foreign or of a newer format is refused with the way out. So is a file that is
    /// missing although earlier generations are there: taking it for a new project would create everything again.
    pub(crate) fn load(&self) -> Result<Option<State>, Failure> {
        let bytes = files::read(&self.path).map_err(|fault| self.unreadable(&fault))?;
        match bytes {
            Some(bytes) => match state::decode(&bytes) {
                Ok(state) => Ok(Some(state)),
                Err(fault) => Err(Failure::new(FailureKind::State, format!("{} is refused", self.path.display()))
                    .because(&fault)
                    .help(match fault {
                        StateFault::Newer { .. } | StateFault::Foreign { .. } => fault.help().to_owned(),
                        _ => format!("{}\n{}", fault.help(), self.way_back()),
                    })),
            },
            None => {
                match self.last_generation() {
                    Some(_) => Err(Failure::new(FailureKind::State, format!("{} is gone", self.path.display()))
                        .help(self.way_back())),
                    None => Ok(None),
                }
            }
        }
    }

    /// Keeps a copy of the state as it is before an operation. An unreadable state has no generation.
    pub(crate) fn begin(&self, serial: u64, now: &str) -> Result<(), Failure> {
        let Some(bytes) = files::read(&self.path).map_err(|fault| self.unreadable(&fault))? else { return Ok(()) };
        let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
        let name = format!("{serial:08}-{stamp}.json");
        files::write(&self.generations.join(name), &bytes).map_err(|fault| self.unwritable(&fault))?;
        let names = files::list(&self.generations).map_err(|fault| self.unwritable(&fault))?;
        for old in names.iter().rev().skip(GENERATIONS) {
            files::remove(&self.generations.join(old)).map_err(|fault| self.unwritable(&fault))?;
        }
        Ok(())
    }

    /// Writes the state, durable when this returns.
    pub(crate) fn save(&self, state: &State) -> io::Result<()> {
        files::write(&self.path, &state::encode(state))
    }

    fn last_generation(&self) -> Option<PathBuf> {
        let name = files::list(&self.generations).ok()?.pop()?;
        Some(self.generations.join(name))
    }

    fn way_back(&self) -> String {
        match self.last_generation() {
            Some(copy) => {
                format!("the last good copy is put back with\n  cp {} {}", copy.display(), self.path.display())
            }
            None => format!(
                "put a good copy back; if this project was never applied, remove {} and run again",
                self.path.display()
            ),
        }
    }

    fn unreadable(&self, fault: &io::Error) -> Failure {
        Failure::new(FailureKind::State, format!("cannot read {}", self.path.display())).because(fault)
    }

    /// The failure to report when [`StateStore::save`] did not succeed.
    pub(crate) fn unwritable(&self, fault: &io::Error) -> Failure {
        Failure::new(FailureKind::State, format!("cannot write {}", self.path.display()))
            .because(fault)
            .help("the file that was there before is untouched; make room or allow writing, then run again")
    }
}
