//! `disco workspace`: which there are, making and deleting them.

use std::collections::BTreeSet;
use std::path::Path;

use super::Project;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::files::{self, FileKind};
use super::session::now;
use super::store::is_sealed;
use super::workspace::{DEFAULT, FOLDERS, VARIABLE, Workspace, beside};
use crate::source::{did_you_mean, listed, nearest};
use crate::state;

/// The workspaces of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspaces {
    /// All names, the default one first.
    pub names: Vec<String>,
    /// The one that is worked on.
    pub current: String,
    /// Whether the environment says so, not a selection.
    pub overridden: bool,
}

/// A workspace that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedWorkspace {
    /// Stacks of its state, which stay as they are and which nobody manages any more.
    pub left: Vec<String>,
}

impl Project {
    /// The workspace that is worked on.
    ///
    /// # Errors
    /// A name that no workspace can have, a selection that cannot be read.
    pub(super) fn workspace(&self) -> Result<&Workspace, Failure> {
        if let Some(known) = self.workspace.get() {
            return Ok(known);
        }
        let current = Workspace::current(self.request.variable(VARIABLE), &self.folder())?;
        Ok(self.workspace.get_or_init(|| current))
    }

    /// Where this workspace keeps what is its own beside the state.
    pub(super) fn workspace_folder(&self) -> Result<std::path::PathBuf, Failure> {
        Ok(self.workspace()?.folder(&self.folder()))
    }

    /// Name of the workspace that is worked on; `None` for the default one, which needs no mention.
    ///
    /// # Errors
    /// A name that no workspace can have, a selection that cannot be read.
    pub fn workspace_name(&self) -> Result<Option<&str>, Failure> {
        self.workspace().map(Workspace::name)
    }

    /// The file with values of variables for a workspace, where there is one.
    pub(super) fn workspace_variables(&self, workspace: &Workspace) -> Option<String> {
        let name = workspace.variable_file();
        let nothing = matches!(files::kind(&self.directory().join(&name)), Ok(FileKind::Nothing));
        (!nothing).then_some(name)
    }

    /// Refuses to work in a workspace that nobody has made: its name may be a slip. One that has values of variables is there.
    ///
    /// # Errors
    /// One of which there is neither a state nor a file of variables, and that was not created here.
    pub(super) fn require_workspace(&self, loaded: &Loaded) -> Result<(), Failure> {
        let workspace = self.workspace()?;
        let Some(name) = workspace.name() else { return Ok(()) };
        let nothing = |path: &Path| matches!(files::kind(path), Ok(FileKind::Nothing));
        let is_there = loaded.state_path().is_some_and(|path| !nothing(&self.directory().join(path)))
            || !nothing(&workspace.folder(&self.folder()))
            || self.workspace_variables(workspace).is_some();
        if is_there {
            return Ok(());
        }
        let known = self.known_workspaces()?;
        let near = did_you_mean(name, known.iter().map(String::as_str)).filter(|help| help.starts_with("did you"));
        Err(Failure::new(FailureKind::Definition, format!("workspace `{name}` does not exist"))
            .help(format!("create it with `disco workspace new {name}`, or give it values in vars/{name}.vars.hcl"))
            .help_maybe(near))
    }

    /// The same project in another workspace.
    fn in_workspace(&self, workspace: Workspace) -> Self {
        let other = Self { sources: self.sources.clone(), ..Self::new(self.request.clone()) };
        let _ = other.workspace.set(workspace);
        other
    }

    /// All workspaces of the project: the default one, those that were made here, those of which there is a state, and the
    /// one that is worked on.
    ///
    /// # Errors
    /// Folders that cannot be read; no project.
    pub fn workspaces(&self) -> Result<Workspaces, Failure> {
        let current = self.workspace()?;
        let mut names: BTreeSet<String> = self.known_workspaces()?;
        names.insert(current.word().to_owned());
        names.remove(DEFAULT);
        let names = std::iter::once(DEFAULT.to_owned()).chain(names).collect();
        Ok(Workspaces { names, current: current.word().to_owned(), overridden: current.overridden })
    }

    /// Those of which something is kept, and the default one.
    fn known_workspaces(&self) -> Result<BTreeSet<String>, Failure> {
        let folder = self.folder().join(FOLDERS);
        let unreadable = |fault: &std::io::Error| {
            Failure::new(FailureKind::State, "cannot find out which workspaces there are").because(fault)
        };
        let made = files::list(&folder).map_err(|fault| unreadable(&fault))?;
        let mut names: BTreeSet<String> = made.into_iter().filter(|name| Workspace::named(name).is_ok()).collect();
        names.insert(DEFAULT.to_owned());
        // What is wrong with the definitions is no reason not to tell what is known.
        let (loaded, _) = self.in_workspace(Workspace::default()).load_or_remember()?;
        if let Some(state_path) = loaded.state_path().filter(|_| loaded.placed) {
            let path = self.directory().join(state_path);
            let there = files::list(files::folder_of(&path)).map_err(|fault| unreadable(&fault))?;
            let states = beside(state_path, &there).filter(|(name, file)| {
                let bytes = files::read(&files::folder_of(&path).join(file)).ok().flatten();
                bytes.is_some_and(|bytes| {
                    // One that is encrypted need not be opened to be one.
                    is_sealed(&bytes)
                        || state::decode(&bytes).is_ok_and(|state| state.workspace.as_deref() == Some(name))
                })
            });
            names.extend(states.map(|(name, _)| name.to_owned()));
        }
        Ok(names)
    }

    /// The project in each other workspace of which something is kept, by the workspace's name.
    pub(super) fn other_workspaces(&self) -> Result<Vec<(String, Self)>, Failure> {
        let here = self.workspace()?.word().to_owned();
        let others = self.known_workspaces()?.into_iter().filter(|name| *name != here);
        others
            .map(|name| {
                let workspace = if name == DEFAULT { Workspace::default() } else { Workspace::named(&name)? };
                Ok((name, self.in_workspace(workspace)))
            })
            .collect()
    }

    /// Makes a workspace and selects it.
    ///
    /// # Errors
    /// One of that name; `DISCO_WORKSPACE` is set; a folder that cannot be written.
    pub fn new_workspace(&self, name: &str) -> Result<(), Failure> {
        self.refuse_overridden("a workspace cannot be created")?;
        let workspace = Workspace::named(name)?;
        if self.known_workspaces()?.contains(name) {
            return Err(refused(format!("workspace `{name}` exists already"))
                .help(format!("select it: disco workspace select {name}")));
        }
        self.make_and_select(&workspace)
    }

    /// Selects a workspace for the commands to come; gives whether it was made.
    ///
    /// # Errors
    /// None of that name, unless it may be made; `DISCO_WORKSPACE` is set; a folder that cannot be written.
    pub fn select_workspace(&self, name: &str, or_create: bool) -> Result<bool, Failure> {
        self.refuse_overridden("a workspace cannot be selected")?;
        let workspace = Workspace::named(name)?;
        let known = self.known_workspaces()?;
        let is_new = !known.contains(name);
        if is_new && !or_create {
            let names = known.iter().map(String::as_str);
            let create = format!("create it: disco workspace new {name}");
            return Err(unknown(name).help(create).help_maybe(nearest(name, names)));
        }
        self.make_and_select(&workspace)?;
        Ok(is_new)
    }

    fn make_and_select(&self, workspace: &Workspace) -> Result<(), Failure> {
        let folder = self.folder();
        workspace.make_folder(&folder).and_then(|()| workspace.select(&folder)).map_err(|fault| {
            Failure::new(FailureKind::State, format!("workspace `{}` cannot be selected", workspace.word()))
                .because(&fault)
                .help("allow writing in the project's .disco folder, where DISCO keeps the selection")
        })
    }

    /// Deletes a workspace: its state, and what is kept beside it. One with clusters only where that is `forced`; its stacks
    /// stay.
    ///
    /// # Errors
    /// The default one, the one that is worked on, one that does not exist; clusters; files that cannot be removed.
    pub async fn delete_workspace(&self, name: &str, forced: bool) -> Result<DeletedWorkspace, Failure> {
        let workspace = Workspace::named(name)?;
        if workspace.name().is_none() {
            return Err(refused("the default workspace cannot be deleted"));
        }
        if self.workspace()?.word() == name {
            let help = if self.workspace()?.overridden {
                format!("unset {VARIABLE} first, or set it to another one")
            } else {
                "select another one first: disco workspace select default".to_owned()
            };
            return Err(refused(format!("workspace `{name}` is the current one")).help(help));
        }
        let known = self.known_workspaces()?;
        if !known.contains(name) {
            return Err(unknown(name).help_maybe(did_you_mean(name, known.iter().map(String::as_str))));
        }
        let other = self.in_workspace(workspace.clone());
        let (loaded, diagnostics) = other.load_or_remember()?;
        if !loaded.placed {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        let store = other.store(&loaded)?;
        let lease = other.acquire(&store, "workspace delete", now()).await?;
        let state = match store.load().await {
            // One that cannot be used is no reason to keep it where somebody insists.
            Err(_) if forced => None,
            loaded => loaded?,
        };
        let state = state.unwrap_or_default();
        if !state.clusters.is_empty() && !forced {
            let names: Vec<String> = state.clusters.keys().map(|name| format!("`{name}`")).collect();
            let clusters = if names.len() == 1 { "cluster" } else { "clusters" };
            return Err(refused(format!("workspace `{name}` has {clusters} {}", listed(&names))).help(format!(
                "destroy them first: {VARIABLE}={name} disco destroy; `disco workspace delete --force {name}` forgets them, \
                 and their stacks stay"
            )));
        }
        let left = state.stacks().map(|(_, stack, _)| stack.to_owned()).collect();
        let folder = workspace.folder(&self.folder());
        let failed = || Failure::new(FailureKind::State, format!("workspace `{name}` cannot be deleted"));
        store.remove().await.map_err(|failure| Failure { causes: failure.causes, ..failed() })?;
        files::remove_folder(&folder).map_err(|fault| failed().because(&fault))?;
        drop(lease);
        Ok(DeletedWorkspace { left })
    }

    fn refuse_overridden(&self, what: &str) -> Result<(), Failure> {
        match self.request.variable(VARIABLE).filter(|name| !name.is_empty()) {
            None => Ok(()),
            Some(name) => Err(refused(format!("{what} while {VARIABLE} is set, to `{name}`"))
                .help(format!("unset {VARIABLE}: it wins over the selection"))),
        }
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Refused, message)
}

fn unknown(name: &str) -> Failure {
    refused(format!("workspace `{name}` does not exist"))
}
