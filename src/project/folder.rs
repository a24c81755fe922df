//! Folders of projects that a service makes and removes: each is there whole, or not at all.

use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::files::FileKind;
use super::session::{new_id, now};
use super::{FOLDER, NO_DEFINITIONS, Operation, Project, files};

/// What the names begin with of folders that are not there yet.
const NEW: &str = "new-";

/// What the names begin with of folders that are on their way out.
const GONE: &str = "gone-";

/// What version control is asked to leave out of a project that a service makes.
const IGNORED: &str =
    "# What DISCO writes itself, and values of secret variables.\n.disco/\ndisco.state.json\nsecrets.auto.vars.hcl\n";

fn cannot(what: &str, path: &Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::State, format!("cannot {what} `{}`", files::shown(path)))
        .because(fault)
        .help("make room or allow writing, then ask again")
}

/// The folder of a project before it is one: it goes away again unless it is [settled](StagedProject::settle).
#[derive(Debug)]
pub struct StagedProject {
    folder: PathBuf,
}

impl StagedProject {
    /// Makes it, aside in the folder of all projects, with these files, which only their owner reads, and with DISCO's own folder.
    ///
    /// # Errors
    /// What the disk says.
    pub fn new(projects: &Path, all: &[(&str, &[u8])]) -> Result<Self, Failure> {
        let folder = projects.join(NO_DEFINITIONS).join(format!("{NEW}{}", new_id()));
        files::make_folders(&folder).map_err(|fault| cannot("make", &folder, &fault))?;
        let staged = Self { folder };
        let own = staged.folder.join(FOLDER);
        files::make_own_folder(&own).map_err(|fault| cannot("make", &own, &fault))?;
        for (name, bytes) in [(".gitignore", IGNORED.as_bytes())].iter().chain(all) {
            let path = staged.folder.join(name);
            files::write(&path, bytes).map_err(|fault| cannot("write", &path, &fault))?;
        }
        Ok(staged)
    }

    /// From now on it is a project, of that folder.
    ///
    /// # Errors
    /// There is one already; what the disk says.
    pub fn settle(self, folder: &Path) -> Result<(), Failure> {
        files::move_folder(&self.folder, folder).map_err(|fault| cannot("make", folder, &fault))
    }
}

impl Drop for StagedProject {
    fn drop(&mut self) {
        // Otherwise the next service clears it away.
        let _ = files::remove_folder(&self.folder);
    }
}

/// Whether something has that path: a folder, or anything else.
pub fn is_taken(path: &Path) -> bool {
    !matches!(files::kind(path), Ok(FileKind::Nothing))
}

/// Clears away what a service that was killed has left of folders that it was making or removing.
pub fn clear_remains(projects: &Path) {
    let place = projects.join(NO_DEFINITIONS);
    let names = files::everything(&place).unwrap_or_default();
    for name in names.iter().filter(|name| name.starts_with(NEW) || name.starts_with(GONE)) {
        // What cannot be removed harms nobody there.
        let _ = files::remove_folder(&place.join(name));
    }
}

impl Project {
    /// What a service has noted about the project under that name.
    ///
    /// # Errors
    /// What the disk says.
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.folder().join(name);
        files::read(&path).map_err(|fault| cannot("read", &path, &fault))
    }

    /// Notes something about the project, which only its owner reads.
    ///
    /// # Errors
    /// What the disk says.
    pub fn keep_note(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.folder().join(name);
        files::write(&path, bytes).map(drop).map_err(|fault| cannot("write", &path, &fault))
    }

    /// Removes the project from the folder of all projects, with its history and its state.
    ///
    /// # Errors
    /// Something of it still exists in its cloud, or may; another operation is under way; what the disk says.
    pub async fn remove_from(&self, projects: &Path) -> Result<(), Failure> {
        let folder = self.directory();
        let (loaded, _) = self.load_or_remember()?;
        let store = self.store(&loaded)?;
        let lease = self.acquire(&store, Operation::Destroy.verb(), now()).await?;
        let state = store.load().await?;
        if state.is_some_and(|state| !state.clusters.is_empty()) {
            let message = format!("`{}` still has clusters in its cloud", files::shown(folder));
            return Err(Failure::new(FailureKind::Refused, message).help("destroy them first"));
        }
        self.stop_engine().await?;
        self.forget_credential().await;
        let aside = projects.join(NO_DEFINITIONS).join(format!("{GONE}{}", new_id()));
        files::move_folder(folder, &aside).map_err(|fault| cannot("remove", folder, &fault))?;
        drop(lease);
        // It is no project any more; what is left, the next service clears away.
        let _ = files::remove_folder(&aside);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staged_project_is_one_or_leaves_nothing() {
        let all = tempfile::tempdir().unwrap();
        let text: &[(&str, &[u8])] = &[("main.disco.hcl", b"# one\n")];
        drop(StagedProject::new(all.path(), text).unwrap());
        assert!(files::everything(&all.path().join(NO_DEFINITIONS)).unwrap().is_empty());
        let place = all.path().join("lab");
        StagedProject::new(all.path(), text).unwrap().settle(&place).unwrap();
        let names = files::everything(&place).unwrap();
        assert_eq!(names, [".disco", ".gitignore", "main.disco.hcl"]);
        assert!(StagedProject::new(all.path(), text).unwrap().settle(&place).is_err());
        assert_eq!(files::everything(&place).unwrap(), names);
        // One that was killed has no say in what is left.
        std::mem::forget(StagedProject::new(all.path(), text).unwrap());
        clear_remains(all.path());
        assert!(files::everything(&all.path().join(NO_DEFINITIONS)).unwrap().is_empty());
    }
}
