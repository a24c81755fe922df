//! Which projects a service has, and how one is turned to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::project::{CloudAccess, Failure, FailureKind, Project, Request, StagedProject, projects_below};

/// How long work that nobody waits for waits for an operation of another process to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// The longest name of a project, in letters.
const LONGEST_NAME: usize = 63;

/// The projects of a service.
#[derive(Debug)]
pub(super) struct Projects {
    /// How they are asked for: whoever serves them.
    request: Request,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// One folder, with the name of the project.
    One(String, PathBuf),
    /// Every folder in this one that has a definition.
    Below(PathBuf),
}

impl Projects {
    /// The project of one folder.
    pub(super) fn one(request: Request, folder: PathBuf) -> Self {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { request, place: Place::One(name.unwrap_or_else(|| "project".to_owned()), folder) }
    }

    /// All projects in a folder.
    pub(super) fn below(request: Request, folder: PathBuf) -> Self {
        Self { request, place: Place::Below(folder) }
    }

    /// The folder that the service is about.
    pub(super) fn folder(&self) -> &Path {
        match &self.place {
            Place::One(_, folder) | Place::Below(folder) => folder,
        }
    }

    /// The region of the cloud that their callers have signed in at, where it is said.
    pub(super) fn region(&self) -> Option<String> {
        match &self.request.clouds {
            CloudAccess::OwnMachine => None,
            CloudAccess::Team(access) => access.cloud.settings().region.clone(),
        }
    }

    /// Whether they are all those in a folder, to which others may come.
    pub(super) fn are_many(&self) -> bool {
        matches!(self.place, Place::Below(_))
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn all(&self) -> Result<BTreeMap<String, PathBuf>, Failure> {
        match &self.place {
            Place::One(name, folder) => Ok(BTreeMap::from([(name.clone(), folder.clone())])),
            Place::Below(folder) => projects_below(folder),
        }
    }

    /// One of them.
    ///
    /// # Errors
    /// None has that name.
    pub(super) fn open(&self, name: &str) -> Result<Project, Failure> {
        let all = self.all()?;
        match all.get(name) {
            Some(folder) => Ok(self.of(folder.clone())),
            None => Err(Failure::new(FailureKind::Definition, format!("there is no project `{name}`"))
                .help("`GET /v1/projects` lists those there are")),
        }
    }

    /// The same for work that nobody waits for: another operation is waited for, a while.
    ///
    /// # Errors
    /// None has that name.
    pub(super) fn open_patiently(&self, name: &str) -> Result<Project, Failure> {
        let request = self.open(name)?.request().clone();
        Ok(Project::new(Request { lock_timeout: request.lock_timeout.max(PATIENCE), ..request }))
    }

    /// Whether a project may begin: in a folder that is served alone, the first one only.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn may_begin(&self) -> Result<bool, Failure> {
        match &self.place {
            Place::One(_, folder) => Ok(self.of(folder.clone()).definition_files()?.1.is_empty()),
            Place::Below(_) => Ok(true),
        }
    }

    /// Makes a project with a first definition, which is called like it; in a folder that is served alone, that folder's.
    /// Returns the names of the project and of its file.
    ///
    /// # Errors
    /// A name that no folder should have; one that is taken; what the disk says.
    pub(super) fn begin(&self, name: &str, text: &str) -> Result<(String, String), Failure> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let begins = name.starts_with(|first: char| first.is_ascii_alphanumeric());
        if !begins || !name.chars().all(fits) || name.len() > LONGEST_NAME {
            let message = format!("a project cannot be called `{}`", name.escape_debug());
            return Err(Failure::new(FailureKind::Definition, message).help(format!(
                "take letters, digits, - and _, at most {LONGEST_NAME} of them, a letter or digit first"
            )));
        }
        let file = format!("{name}.disco.hcl");
        match &self.place {
            Place::One(own, folder) => {
                let project = self.of(folder.clone());
                if !self.may_begin()? {
                    return Err(Failure::new(FailureKind::Refused, format!("`{own}` is a project already"))
                        .help("serve a folder of projects to have several: disco serve --projects FOLDER"));
                }
                project.write_suggested(Path::new("."), name, text)?;
                Ok((own.clone(), file))
            }
            Place::Below(folder) => {
                let place = folder.join(name);
                if crate::project::is_taken(&place) {
                    return Err(Failure::new(FailureKind::Refused, format!("there is a folder `{name}` already"))
                        .help("take another name"));
                }
                StagedProject::new(folder, &[(&file, text.as_bytes())])?.settle(&place)?;
                Ok((name.to_owned(), file))
            }
        }
    }

    /// A project without definitions: what all projects have.
    pub(super) fn without_definitions(&self) -> Project {
        self.of(self.folder().join(crate::project::NO_DEFINITIONS))
    }

    /// The project of a folder, asked for by the service.
    fn of(&self, directory: PathBuf) -> Project {
        Project::new(Request { directory, variables: Vec::new(), ..self.request.clone() })
    }
}
