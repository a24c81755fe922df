//! What is said where a state cannot be read or written.

use std::sync::atomic::Ordering;

use super::backend::{LoadFault, SaveFault};
use super::{Notices, StateStore};
use crate::project::failure::{Failure, FailureKind};
use crate::project::files::{self, FileKind};
use crate::state::State;

impl StateStore {
    /// There is no state: only where there never was one that is fine.
    pub(super) fn missing(&self) -> Result<Option<State>, Failure> {
        let shown = self.shown();
        if let Some(path) = self.file() {
            let target = files::target(path).map_err(|fault| self.unreadable(&fault.into()))?;
            if target != *path {
                let message = format!("`{shown}` points to `{}`, which does not exist", target.display());
                return Err(Failure::new(FailureKind::State, message).help(format!(
                    "bring back what it points to (a disk that is not mounted?), or remove {shown} if this project was \
                     never applied"
                )));
            }
        }
        match self.last_generation() {
            Some(_) if self.file().is_none() => {
                Err(Failure::new(FailureKind::State, format!("`{shown}` has no state any more")).help(self.way_back()))
            }
            Some(_) => {
                Err(Failure::new(FailureKind::State, format!("`{shown}` does not exist any more"))
                    .help(self.way_back()))
            }
            None => self.require_folder().map(|()| None),
        }
    }

    /// Fails where the folder of the state does not exist: a project whose disk is not mounted is not a new one.
    pub(super) fn require_folder(&self) -> Result<(), Failure> {
        let Some(path) = self.file() else { return Ok(()) };
        let folder = files::folder_of(path);
        files::require_folder(folder).map_err(|fault| {
            let message = format!("cannot keep the state in `{}`", files::shown(path));
            Failure::new(FailureKind::State, message).because(&fault).help(format!(
                "mount its disk if it is on one; for a project that was never applied create the folder: mkdir -p {}",
                files::shown(folder)
            ))
        })
    }

    pub(super) fn way_back(&self) -> String {
        let shown = self.shown();
        match (self.last_generation(), self.file()) {
            (Some(copy), Some(_)) => {
                format!(
                    "put the last good copy back with\n  cp {} {shown}\nor rebuild it from Heat with `disco import`",
                    copy.display(),
                )
            }
            (Some(copy), None) => {
                format!(
                    "put the last good copy back with\n  disco state push --force {}\nor rebuild it from Heat with \
                     `disco import`",
                    copy.display(),
                )
            }
            (None, Some(_)) => {
                format!("put a good copy back; if this project was never applied, remove {shown} and run again")
            }
            (None, None) => "put a good copy back: disco state push --force FILE".to_owned(),
        }
    }

    pub(super) fn unreadable(&self, fault: &LoadFault) -> Failure {
        let help = match (fault, self.file()) {
            (LoadFault::Remote(fault), _) => self.help_of(fault).to_owned(),
            (_, Some(path)) => match files::kind(path) {
                Ok(FileKind::Folder) => format!("move that folder away; {}", self.way_back()),
                Ok(FileKind::Pipe | FileKind::Socket | FileKind::Device) => {
                    "name a file in `disco { state \"local\" { path = \"…\" } }`, or move away what has its name"
                        .to_owned()
                }
                _ => "allow reading it, then run again: the file is unchanged".to_owned(),
            },
            (LoadFault::Disk(_), None) => "allow reading it, then run again".to_owned(),
        };
        Failure::new(FailureKind::State, format!("cannot read `{}`", self.shown())).because(fault).help(help)
    }

    /// The failure to report when [`StateStore::save`] did not succeed.
    pub(crate) fn unwritable(&self, fault: &SaveFault) -> Failure {
        let help = match (fault, self.file()) {
            (SaveFault::Remote(fault), _) => self.help_of(fault),
            (SaveFault::Lost(_), _) => "look at what the other one has done, then run again",
            (SaveFault::Sealed(fault), _) => fault.help(),
            (_, Some(_)) => "make room or allow writing, then run again: the file from before is unchanged",
            (_, None) => "look at what is there with `disco state pull`, then run again",
        };
        Failure::new(FailureKind::State, format!("cannot write `{}`", self.shown())).because(fault).help(help)
    }

    /// Says once, when states begin to be encrypted, what that means.
    pub(super) fn say_encrypted(&self, lineage: &str) {
        let (Some(cipher), true) = (&self.cipher, self.plain.swap(false, Ordering::Relaxed)) else { return };
        let Some(Notices(tell)) = &self.notices else { return };
        let name = cipher.fingerprints(lineage).into_iter().next().unwrap_or_default();
        let before = match self.generations() {
            Ok(copies) if !copies.is_empty() => {
                "\nCopies of earlier states that are not encrypted may be in .disco/states: `disco state encrypt` encrypts \
                 them too."
            }
            _ => "",
        };
        tell(&format!(
            "States are encrypted from now on, with the key {name}. Whoever loses that key has lost the state.{before}"
        ));
    }
}
