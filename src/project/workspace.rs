//! Which workspace of the project is worked on: each has a state, variables and a prefix of its stacks' names of its own.

use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::files;

/// The workspace that every project has.
pub(super) const DEFAULT: &str = "default";

/// What the environment selects a workspace by.
pub(super) const VARIABLE: &str = "DISCO_WORKSPACE";

/// The file in DISCO's own folder that says which one is selected.
const SELECTED: &str = "workspace";

/// The folder in DISCO's own folder with a folder for each workspace but the default one.
pub(super) const FOLDERS: &str = "workspaces";

/// The project's folder with values of variables for a workspace each.
const VARIABLES: &str = "vars";

/// Longest name: it stands before those of clusters, in names of stacks that have 255 characters at most.
const LONGEST: usize = 63;

/// A workspace, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Workspace {
    /// `None` for the default one.
    name: Option<String>,
    /// Whether the environment says so.
    pub(super) overridden: bool,
}

impl Workspace {
    /// That of a name that somebody has typed.
    ///
    /// # Errors
    /// A name that no workspace can have.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        let rule = "use lower-case letters a–z, digits and dashes, beginning with a letter, 63 at most";
        if !is_name(name) {
            return Err(
                Failure::new(FailureKind::Definition, format!("`{name}` cannot be the name of a workspace")).help(rule)
            );
        }
        let name = (name != DEFAULT).then(|| name.to_owned());
        Ok(Self { name, overridden: false })
    }

    /// The one that is worked on in a project: what the `environment` says, else what was selected last, else the default
    /// one. `folder` is DISCO's own there.
    ///
    /// # Errors
    /// A name that no workspace can have, a selection that cannot be read.
    pub(super) fn current(environment: Option<&str>, folder: &Path) -> Result<Self, Failure> {
        if let Some(name) = environment.filter(|name| !name.is_empty()) {
            let named = Self::named(name)
                .map_err(|failure| Failure { message: format!("{VARIABLE}: {}", failure.message), ..failure })?;
            return Ok(Self { overridden: true, ..named });
        }
        let path = folder.join(SELECTED);
        let again = "select one again: disco workspace select default";
        let unreadable = |fault: &std::io::Error| {
            let message = format!("cannot read `{}`, which says which workspace is selected", files::shown(&path));
            Failure::new(FailureKind::State, message).because(fault).help(again)
        };
        let bytes = match files::read(&path) {
            // Something else has the name of the folder, and whoever writes there says so.
            Err(fault) if fault.kind() == std::io::ErrorKind::NotADirectory => None,
            read => read.map_err(|fault| unreadable(&fault))?,
        };
        let Some(bytes) = bytes else { return Ok(Self::default()) };
        let text = String::from_utf8_lossy(&bytes);
        Self::named(text.trim()).map_err(|_| {
            let message = format!("`{}` does not say which workspace is selected", files::shown(&path));
            Failure::new(FailureKind::State, message).help(again)
        })
    }

    /// Selects it for the commands to come.
    pub(super) fn select(&self, folder: &Path) -> std::io::Result<()> {
        let path = folder.join(SELECTED);
        match &self.name {
            None => files::remove(&path),
            Some(name) => {
                files::make_own_folder(folder)?;
                files::write(&path, format!("{name}\n").as_bytes()).map(drop)
            }
        }
    }

    /// Its name; `None` for the default one.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its name, whichever it is.
    pub(super) fn word(&self) -> &str {
        self.name().unwrap_or(DEFAULT)
    }

    /// Where it keeps everything beside its state, in DISCO's own `folder`.
    pub(super) fn folder(&self, folder: &Path) -> PathBuf {
        match &self.name {
            None => folder.to_path_buf(),
            Some(name) => folder.join(FOLDERS).join(name),
        }
    }

    /// Makes that folder.
    pub(super) fn make_folder(&self, folder: &Path) -> std::io::Result<()> {
        files::make_own_folder(folder)?;
        if self.name.is_some() {
            files::make_folder(&folder.join(FOLDERS))?;
            files::make_folder(&self.folder(folder))?;
        }
        Ok(())
    }

    /// Its state's path, where the definition says that of the default one: the name comes before the ending, so that no two
    /// workspaces have one state whatever the definition says.
    pub(super) fn state_path(&self, path: &str) -> String {
        let Some(name) = &self.name else { return path.to_owned() };
        let (before, after) = around(path);
        format!("{before}.{name}{after}")
    }

    /// The file with its values of variables, in the project's folder.
    pub(super) fn variable_file(&self) -> String {
        format!("{VARIABLES}/{}.vars.hcl", self.word())
    }
}

/// The names of workspaces that files beside a state's `path` would have as theirs, with the files' names.
pub(super) fn beside<'f>(path: &str, names: &'f [String]) -> impl Iterator<Item = (&'f str, &'f str)> {
    let file = Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (before, after) = around(&file);
    let (before, after) = (format!("{before}."), after.to_owned());
    names.iter().filter_map(move |name| {
        let workspace = name.strip_prefix(&before)?.strip_suffix(&after)?;
        (is_name(workspace) && workspace != DEFAULT).then_some((workspace, name.as_str()))
    })
}

/// A path before its ending, and the ending.
fn around(path: &str) -> (&str, &str) {
    let ending = Path::new(path).extension().map_or(0, |ending| ending.len() + 1);
    path.split_at(path.len() - ending)
}

/// The rule for the names of clusters.
fn is_name(name: &str) -> bool {
    let rest = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.chars().all(rest) && name.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_workspace_has_a_state_of_its_own() {
        let (staging, default) = (Workspace::named("staging").unwrap(), Workspace::named("default").unwrap());
        assert_eq!(default, Workspace::default());
        for (path, meant) in [
            ("disco.state.json", "disco.state.staging.json"),
            ("../states/lab", "../states/lab.staging"),
            ("lab.d/state", "lab.d/state.staging"),
            (".state", ".state.staging"),
        ] {
            assert_eq!((default.state_path(path).as_str(), staging.state_path(path).as_str()), (path, meant));
            let name = meant.rsplit('/').next().unwrap().to_owned();
            let names = [path.to_owned(), name.clone(), "other.json".to_owned()];
            assert_eq!(beside(path, &names).collect::<Vec<_>>(), [("staging", name.as_str())]);
        }
        assert_eq!(staging.variable_file(), "vars/staging.vars.hcl");
    }

    #[test]
    fn names_are_those_that_clusters_may_have() {
        for name in ["", "Staging", "a_b", "a.b", "1a", "../a", "é", &"a".repeat(64)] {
            assert!(Workspace::named(name).unwrap_err().message.contains("cannot be the name"), "{name}");
        }
        assert!(Workspace::named(&"a".repeat(63)).is_ok());
    }

    #[test]
    fn the_environment_wins_over_what_was_selected() {
        let folder = tempfile::tempdir().unwrap();
        let current = |environment| Workspace::current(environment, folder.path()).unwrap();
        assert_eq!(current(None), Workspace::default());
        Workspace::named("staging").unwrap().select(folder.path()).unwrap();
        assert_eq!((current(None).word(), current(Some("")).word()), ("staging", "staging"));
        assert_eq!((current(Some("prod")).word(), current(Some("prod")).overridden), ("prod", true));
        assert_eq!(current(Some("default")).word(), "default");
        files::write(&folder.path().join("workspace"), b"a\nb").unwrap();
        assert!(Workspace::current(None, folder.path()).unwrap_err().message.contains("does not say"));
        Workspace::default().select(folder.path()).unwrap();
        assert_eq!(current(None), Workspace::default());
    }
}
