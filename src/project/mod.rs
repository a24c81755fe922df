//! A directory of definitions, its state and its cloud: the one façade both faces use.
//!
//! [`Project::validate`] and [`Project::templates`] are offline. Everything else is done in a [`Session`], which holds
//! the project's lock, its state and its cloud from the first look to the last word.

mod access;
mod addresses;
mod allowance;
mod candidates;
mod catalogue;
mod catalogues;
mod checked_framework;
mod client;
mod cloud;
mod compared;
mod compile;
mod console;
mod containers;
mod definition;
mod doubt;
mod drift;
mod embedded;
mod examine;
mod existing;
mod failure;
mod files;
mod folder;
mod form;
mod graphs;
mod handed_on;
mod handover;
mod history;
mod image;
mod import;
mod init;
mod journal;
mod kept;
mod kept_at;
mod layout;
mod lint;
mod lock;
mod modules;
mod new_framework;
mod nodes;
mod offline;
mod operation;
mod openstack;
mod others;
mod outputs;
mod planned;
mod provisional;
mod rebuilt;
mod rehearsal;
mod remembered;
mod resume;
mod revision;
mod saved;
mod scope;
mod secrets;
mod serve;
mod service;
mod session;
mod state_edit;
mod encrypted;
mod status;
mod store;
mod suggest;
mod switch;
mod team;
mod templates;
mod times;
mod verify;
mod victims;
mod workspace;
mod workspaces;
mod written_file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use access::{LogsWanted, NodeProgram, Program};
pub use candidates::{Named, Paths};
pub use catalogue::Explained;
pub use checked_framework::{CheckedFramework, MachineSize};
pub use compared::Compared;
pub use console::{Console, keep_history, read_history};
pub use encrypted::Encrypted;
pub use examine::Examined;
pub use failure::{Failure, FailureKind};
pub use folder::{StagedProject, clear_remains, is_taken};
pub use form::{
    Addable, AddableLabel, FieldKind, FieldValue, FileChange, FormBlock, FormBody, FormEdit, FormFault, FormField,
};
pub use graphs::ProjectGraphs;
pub use history::{Asked, Ending, OperationLog, PastOperation};
pub use init::{Answers, Begun, Example, Place, examples};
pub use layout::{LayoutRequest, OtherLayout};
pub use lock::Holder;
pub use offline::Offline;
pub use operation::{CutOff, Order, PlanWish};
pub use planned::Planned;
pub use revision::Side;
pub use saved::SavedPlan;
pub use scope::ScopeRequest;
pub use secrets::{GeneratedSecrets, generated_secrets};
pub use serve::{ServeOptions, Server};
pub use service::{
    Expected, NO_DEFINITIONS, ServiceSeat, make_folders, new_secret, projects_below, real_folder, subfolders,
};
pub use session::{Applied, Meanwhile, Session};
pub use state_edit::{Behind, Locked, addresses, behind};
pub use suggest::Suggested;
pub use switch::{PlannedSwitch, Switched};
pub use team::{
    AuditLog, AuditRecord, CloudAccess, CredentialKey, SignInFault, TeamAccess, TeamCloud, read_service_settings,
};
pub use templates::WrittenTemplates;
pub use workspaces::{DeletedWorkspace, Workspaces};
pub use written_file::{GroupFiles, OwnValue, WrittenFile, WrittenKey};

use workspace::Workspace;

use definition::unreadable;

use crate::catalogue::Catalogue;
use crate::heat::CallLog;
use crate::source::{Diagnostics, Sources};
use crate::state::State;

/// Folder of everything DISCO keeps beside the state, relative to the project.
const FOLDER: &str = ".disco";

/// What a face knows when it turns to a project.
#[derive(Clone, Debug)]
pub struct Request {
    /// The project's folder.
    pub directory: PathBuf,
    /// The user's home folder, for `~` in paths.
    pub home: Option<PathBuf>,
    /// Who asks; told to others who find the project locked.
    pub user: String,
    /// On which host.
    pub host: String,
    /// `DISCO_…`, `OS_…` and `AWS_…` variables of the environment, and `XDG_CONFIG_HOME`.
    pub environment: Vec<(String, String)>,
    /// `--var` and `--var-file`, in the order typed.
    pub variables: Vec<VariableArgument>,
    /// Whether the user wants to hear of what is passed over.
    pub verbose: bool,
    /// How long to wait for another operation to end.
    pub lock_timeout: Duration,
    /// The program itself, for an engine that outlives this process.
    pub program: Option<PathBuf>,
    /// Which clouds definitions may use.
    pub clouds: CloudAccess,
}

impl Request {
    /// A variable of the environment, be it empty.
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A variable's value, or a file with some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableArgument {
    /// `NAME=VALUE`
    Assignment(String),
    /// A file's path.
    File(String),
}

/// What is about to be done, for the lock's information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Looks.
    Plan,
    /// Looks at what destroying would do.
    PlanDestroy,
    /// Changes.
    Apply,
    /// Removes.
    Destroy,
    /// Compares the cloud with the state.
    Drift,
    /// Takes stacks into the state.
    Import,
    /// Stops servers, and keeps all else.
    Suspend,
    /// Has them go on.
    Resume,
}

impl Operation {
    /// The verb as typed.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::PlanDestroy => "plan --destroy",
            Self::Apply => "apply",
            Self::Destroy => "destroy",
            Self::Drift => "drift",
            Self::Import => "import",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }

    /// Whether the history keeps it: whoever only looks leaves no trace.
    fn is_kept(self) -> bool {
        matches!(self, Self::Apply | Self::Destroy | Self::Import | Self::Suspend | Self::Resume)
    }

    /// Whether what the definitions say of clusters does not matter: the state is enough.
    fn needs_state_only(self) -> bool {
        matches!(self, Self::PlanDestroy | Self::Destroy | Self::Suspend | Self::Resume)
    }

    /// Whether everything is to go.
    pub fn destroys(self) -> bool {
        matches!(self, Self::PlanDestroy | Self::Destroy)
    }
}

/// A folder with definitions.
#[derive(Debug)]
pub struct Project {
    request: Request,
    sources: Sources,
    /// What the names of its files begin with, for people who see those of another project beside them.
    prefix: String,
    /// Texts that count instead of what files of these names hold, be they there or not.
    texts: BTreeMap<String, String>,
    embedded: OnceLock<Catalogue>,
    /// The workspace that is worked on, once somebody has asked.
    workspace: OnceLock<Workspace>,
    calls: Option<CallLog>,
    log: Option<OperationLog>,
    notices: Option<Notices>,
    /// Keys that were derived from passphrases.
    derived: Arc<store::Derived>,
}

/// Somebody who is told what is done besides what was asked for.
#[derive(Clone)]
pub struct Notices(Arc<dyn Fn(&str) + Send + Sync>);

impl Notices {
    /// Has `tell` called with each line.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }
}

impl std::fmt::Debug for Notices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Notices")
    }
}

/// The bytes of a file that a user has named, which may be a pipe or a device too.
///
/// # Errors
/// What the disk says.
pub fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    files::read_stream(path)
}

impl Project {
    /// Takes note of where the project is; reads nothing yet.
    pub fn new(request: Request) -> Self {
        Self {
            request,
            sources: Sources::new(),
            prefix: String::new(),
            texts: BTreeMap::new(),
            embedded: OnceLock::new(),
            workspace: OnceLock::new(),
            calls: None,
            log: None,
            notices: None,
            derived: Arc::default(),
        }
    }

    /// The project of another folder with the same options, where these texts count instead of what is in the files of these
    /// names: those that an editor has open.
    #[must_use]
    pub fn edited(&self, directory: PathBuf, texts: BTreeMap<String, String>) -> Self {
        Self { texts, ..Self::new(Request { directory, ..self.request.clone() }) }
    }

    /// Tells somebody of each exchange with the cloud; with the embedded Heat of this process only where headers and
    /// bodies are wanted too.
    #[must_use]
    pub fn told_to(self, calls: CallLog) -> Self {
        Self { calls: Some(calls), ..self }
    }

    /// Keeps what the next operation says in the history, from its beginning.
    #[must_use]
    pub fn kept_in(self, log: OperationLog) -> Self {
        Self { log: Some(log), ..self }
    }

    /// Tells somebody what is done besides what was asked for: an engine that is started, say.
    #[must_use]
    pub fn noticed_by(self, notices: Notices) -> Self {
        Self { notices: Some(notices), ..self }
    }

    fn notice(&self, line: &str) {
        if let Some(Notices(tell)) = &self.notices {
            tell(line);
        }
    }

    /// The texts read so far, for drawing diagnostics.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How it was asked for.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The project's folder.
    pub fn directory(&self) -> &Path {
        &self.request.directory
    }

    /// The files that a definition is read from, in their order, as far as their folder can be listed.
    pub fn files(&self) -> Vec<String> {
        let mut names = files::definitions(self.directory()).unwrap_or_default();
        names.extend(files::variable_files(self.directory()).unwrap_or_default());
        names.extend(self.workspace().ok().and_then(|workspace| self.workspace_variables(workspace)));
        names.extend(self.request.variables.iter().filter_map(|variable| match variable {
            VariableArgument::File(path) => Some(path.clone()),
            VariableArgument::Assignment(_) => None,
        }));
        names
    }

    fn folder(&self) -> PathBuf {
        self.request.directory.join(FOLDER)
    }

    /// Checks everything that can be checked without a cloud. Returns how many clusters were looked at.
    ///
    /// # Errors
    /// Files that cannot be read. Mistakes in them are diagnostics.
    pub fn validate(&self) -> Result<(usize, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load_to_check()?;
        let (clusters, found) = self.check_offline(&loaded);
        diagnostics.extend(found);
        Ok((clusters, self.silence(&loaded).judge(diagnostics)))
    }

    /// What is remembered, without asking the cloud; `None` for a project that was never applied. Needs no definition.
    ///
    /// # Errors
    /// Neither a definition nor a state, a definition whose state path cannot be told, or a state that is refused.
    pub async fn state(&self) -> Result<Option<State>, Failure> {
        let (loaded, diagnostics) = self.load_or_remember()?;
        if !loaded.placed {
            return Err(Failure::of(FailureKind::Definition, diagnostics));
        }
        self.store(&loaded)?.load().await
    }
}
