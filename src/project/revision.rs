//! Earlier versions of a project, as git keeps them. The program `git` is asked; nothing in the user's repository is
//! written, not even its index.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::{Project, Request};

/// One side of a comparison.
#[derive(Debug)]
pub struct Side {
    /// The project there.
    pub project: Project,
    /// Its name for people: a folder, a revision, or `the working tree`.
    pub name: String,
    /// What was taken out of git lies here, and goes with it.
    _files: Option<tempfile::TempDir>,
}

/// What is compared with what.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// The project's folder as it is.
    Working,
    /// A folder.
    Folder(PathBuf),
    /// A version of the project.
    Revision(String),
}

impl Project {
    /// The two sides that words name: `A B`, `A..B`, `A...B` (what B has beyond its common ancestor with A), or `A`, which
    /// is compared with the project as it is; no word is `HEAD`. Each is a folder or a revision of git.
    ///
    /// # Errors
    /// A word that names neither, or both; what git says.
    pub fn sides(&self, words: &[String]) -> Result<(Side, Side), Failure> {
        let (first, second) = match words {
            [] => (Named::Revision("HEAD".to_owned()), Named::Working),
            [one] => match one.split_once("...") {
                Some((first, second)) => {
                    let (first, second) = (or_head(first), or_head(second));
                    let base = self.git(&["merge-base", &first, &second])?;
                    (Named::Revision(base.trim().to_owned()), Named::Revision(second))
                }
                None => match one.split_once("..").filter(|_| !self.is_folder(one)) {
                    Some((first, second)) => (Named::Revision(or_head(first)), Named::Revision(or_head(second))),
                    None => (self.named(one)?, Named::Working),
                },
            },
            [one, other, ..] => (self.named(one)?, self.named(other)?),
        };
        Ok((self.side(first)?, self.side(second)?))
    }

    fn is_folder(&self, word: &str) -> bool {
        files::kind(&self.directory().join(word)).is_ok_and(|kind| kind == FileKind::Folder)
    }

    fn named(&self, word: &str) -> Result<Named, Failure> {
        let revision = self.is_revision(word);
        match (self.is_folder(word), revision) {
            (true, true) if !word.contains('/') && word != "." => {
                let message = format!("`{word}` is both a folder and a revision");
                Err(Failure::new(FailureKind::Definition, message)
                    .help(format!("write `./{word}` for the folder, `refs/heads/{word}` for the branch")))
            }
            (true, _) => Ok(Named::Folder(PathBuf::from(word))),
            (false, true) => Ok(Named::Revision(word.to_owned())),
            (false, false) => {
                let message = format!("`{word}` is neither a folder nor a revision of git");
                Err(Failure::new(FailureKind::Definition, message)
                    .help("name folders with definitions, or what `git log` takes: a branch, a tag, a commit, A..B"))
            }
        }
    }

    fn side(&self, named: Named) -> Result<Side, Failure> {
        let plain = |directory: PathBuf, name: String, prefix: &str| Side {
            project: self.beside(directory, prefix),
            name,
            _files: None,
        };
        match named {
            Named::Working => Ok(plain(self.directory().to_path_buf(), "the working tree".to_owned(), "")),
            Named::Folder(path) => {
                let name = path.display().to_string();
                let prefix = format!("{}/", name.trim_end_matches('/'));
                Ok(plain(self.directory().join(&path), name, &prefix))
            }
            Named::Revision(revision) => {
                let (files, directory) = self.check_out(&revision)?;
                let name = shown_revision(&revision);
                let project = self.beside(directory, &format!("{name}:"));
                Ok(Side { project, name, _files: Some(files) })
            }
        }
    }

    /// The same project elsewhere; its texts are known beside those of this one, each by its `prefix` and its name.
    fn beside(&self, directory: PathBuf, prefix: &str) -> Self {
        let request = Request { directory, ..self.request.clone() };
        // Both sides are those of the workspace that is worked on here; that it cannot be told is said when they are read.
        let _ = self.workspace();
        let workspace = self.workspace.clone();
        Self { sources: self.sources.clone(), prefix: prefix.to_owned(), workspace, ..Self::new(request) }
    }

    fn is_revision(&self, word: &str) -> bool {
        !word.starts_with('-') && self.git(&["rev-parse", "--verify", "--quiet", &format!("{word}^{{commit}}")]).is_ok()
    }

    /// All files of a revision in a folder of their own, and the project's folder in there.
    fn check_out(&self, revision: &str) -> Result<(tempfile::TempDir, PathBuf), Failure> {
        let top = self.git(&["rev-parse", "--show-toplevel"])?;
        let within = self.git(&["rev-parse", "--show-prefix"])?;
        if !self.is_revision(revision) {
            let message = format!("git knows no revision `{revision}`");
            return Err(Failure::new(FailureKind::Definition, message).help("see `git log` and `git branch --all`"));
        }
        let failed = |fault: std::io::Error| cannot_run().because(&fault);
        let folder = tempfile::Builder::new().prefix("disco-").tempdir().map_err(failed)?;
        let index = folder.path().join("index");
        let tree = folder.path().join("tree/");
        let top = Path::new(top.trim_end_matches(['\n', '\r']));
        let prefix = format!("--prefix={}/", tree.display());
        run(git(top).args(["read-tree", revision]).env("GIT_INDEX_FILE", &index))?;
        run(git(top).args(["checkout-index", "--all", "--quiet", &prefix]).env("GIT_INDEX_FILE", &index))?;
        let directory = tree.join(within.trim_end_matches(['\n', '\r']));
        if !files::kind(&directory).is_ok_and(|kind| kind == FileKind::Folder) {
            let message = format!("`{revision}` does not have the folder of this project");
            return Err(Failure::new(FailureKind::Definition, message)
                .help("compare with a revision that has it, or with a folder"));
        }
        Ok((folder, directory))
    }

    fn git(&self, arguments: &[&str]) -> Result<String, Failure> {
        run(git(self.directory()).args(arguments))
    }
}

fn or_head(word: &str) -> String {
    if word.is_empty() { "HEAD".to_owned() } else { word.to_owned() }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) -> Result<String, Failure> {
    let Output { status, stdout, stderr } = command.output().map_err(|fault| cannot_run().because(&fault))?;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&stderr).trim().to_owned();
    let failure = Failure::new(FailureKind::Definition, "git does not give an earlier version of the project");
    Err(Failure { causes: vec![if said.is_empty() { status.to_string() } else { said }], ..failure }
        .help("run in a clone that has the revision (`git fetch`), or compare two folders"))
}

fn cannot_run() -> Failure {
    Failure::new(FailureKind::Definition, "cannot run `git`").help("install git, or compare two folders")
}

/// A revision as people write it: an id that nobody has typed is cut.
fn shown_revision(revision: &str) -> String {
    let is_id = revision.len() >= 40 && revision.chars().all(|letter| letter.is_ascii_hexdigit());
    if is_id { revision.chars().take(12).collect() } else { revision.to_owned() }
}
