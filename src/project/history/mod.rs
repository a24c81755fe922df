//! What operations said, kept beside the state: a file of messages each, of which the first line says who asked for it.
//!
//! The messages are those that `--json` prints. A file without an `end` is of an operation that is under way, or that was
//! cut off.

mod past;
mod record;
mod telling;

pub use past::{Ending, PastOperation};
pub use record::OperationLog;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::failure::{Failure, FailureKind};
use super::lock;
use super::{Project, files};

/// So many operations are kept.
pub(super) const KEPT: usize = 200;

/// Folder of the operations, in that of the workspace.
const OPERATIONS: &str = "operations";

/// The format of an operation's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[default]
    #[serde(rename = "disco-operation/1")]
    Current,
}

/// The first line of an operation's file: what it is, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    format: Format,
    /// The verb as typed: `apply`.
    pub operation: String,
    /// Who.
    pub user: String,
    /// On which host.
    pub host: String,
    /// When it began, RFC 3339.
    pub since: String,
    /// Digest of the plan that it was to carry out, where that was made before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The key by which whoever asked knows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl Asked {
    /// An operation that somebody asks for now.
    pub(super) fn now(operation: &str, user: &str, host: &str, since: &str) -> Self {
        Self {
            format: Format::Current,
            operation: operation.to_owned(),
            user: user.to_owned(),
            host: host.to_owned(),
            since: since.to_owned(),
            plan: None,
            key: None,
        }
    }
}

/// The number and the verb that a file's name tells.
fn read_name(name: &str) -> Option<(u64, &str)> {
    let (number, verb) = name.strip_suffix(".jsonl")?.split_once('-')?;
    Some((number.parse().ok()?, verb))
}

fn name(number: u64, verb: &str) -> String {
    format!("{number:08}-{verb}.jsonl")
}

impl Project {
    /// From now on the history keeps what the operation says. Where it cannot, the operation goes on, and that is told.
    pub(super) fn keep_history(&self, verb: &str, since: &str) {
        let Some(log) = &self.log else { return };
        let asked = Asked::now(verb, &self.request.user, &self.request.host, since);
        if let Err(failure) = self.open_log(log, &asked) {
            let why = failure.causes.first().map(|cause| format!(": {cause}")).unwrap_or_default();
            self.notice(&format!("The history does not keep this {verb}{why}."));
        }
    }

    /// Begins the file of an operation, unless it has begun.
    pub(super) fn open_log(&self, log: &OperationLog, asked: &Asked) -> Result<(), Failure> {
        let folder = self.operations_folder()?;
        let made = self.workspace()?.make_folder(&self.folder()).and_then(|()| log.begin(&folder, asked));
        made.map_err(|fault| {
            Failure::new(FailureKind::State, format!("cannot keep the history in `{}`", files::shown(&folder)))
                .because(&fault)
                .help("make room or allow writing, then run again")
        })
    }

    /// Forgets what earlier operations said. Returns how many they were.
    pub(super) fn forget_history(&self) -> Result<usize, Failure> {
        let folder = self.operations_folder()?;
        let removed = || {
            let names = files::list(&folder)?;
            let kept: Vec<&String> = names.iter().filter(|name| read_name(name).is_some()).collect();
            kept.iter().try_for_each(|name| files::remove(&folder.join(name)))?;
            Ok(kept.len())
        };
        removed().map_err(|fault: std::io::Error| unreadable(&folder, &fault))
    }

    fn operations_folder(&self) -> Result<PathBuf, Failure> {
        Ok(self.workspace()?.folder(&self.folder()).join(OPERATIONS))
    }

    /// The operations that are kept, the newest first; at most so many.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn history(&self, most: usize) -> Result<Vec<PastOperation>, Failure> {
        let folder = self.operations_folder()?;
        let unreadable = |fault: &std::io::Error| unreadable(&folder, fault);
        let names = files::list(&folder).map_err(|fault| unreadable(&fault))?;
        let locked = self.workspace_folder()?;
        let under_way = lock::holder(&locked).filter(|_| lock::is_held(&locked));
        let kept = names.iter().rev().filter_map(|name| Some((read_name(name)?.0, name))).take(most);
        let read = kept.map(|(number, name)| PastOperation::read(&folder.join(name), number, under_way.as_ref()));
        read.filter_map(Result::transpose).collect::<std::io::Result<_>>().map_err(|fault| unreadable(&fault))
    }

    /// One of them, with its messages, a line each.
    ///
    /// # Errors
    /// A number that no operation has; a file that cannot be read.
    pub fn past_operation(&self, number: u64) -> Result<(PastOperation, Vec<String>), Failure> {
        let folder = self.operations_folder()?;
        let names = files::list(&folder).map_err(|fault| unreadable(&folder, &fault))?;
        let known = || names.iter().filter_map(|name| read_name(name)).map(|(number, _)| number);
        let Some(name) = names.iter().find(|name| read_name(name).is_some_and(|(of, _)| of == number)) else {
            let message = format!("operation {number} is not in the history");
            let help = match (known().min(), known().max()) {
                (Some(first), Some(last)) => format!("it has {first} to {last}: see them with `disco history`"),
                _ => "nothing was applied here yet".to_owned(),
            };
            return Err(Failure::new(FailureKind::Definition, message).help(help));
        };
        let path = folder.join(name);
        let locked = self.workspace_folder()?;
        let under_way = lock::holder(&locked).filter(|_| lock::is_held(&locked));
        let told = |fault: &std::io::Error| unreadable(&path, fault);
        let past = PastOperation::read(&path, number, under_way.as_ref()).map_err(|fault| told(&fault))?;
        let bytes = files::read(&path).map_err(|fault| told(&fault))?;
        let (Some(past), Some(bytes)) = (past, bytes) else {
            let message = format!("`{}` is not the file of an operation", files::shown(&path));
            return Err(
                Failure::new(FailureKind::State, message).help("move it away: DISCO did not write it like this")
            );
        };
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.split_inclusive('\n').skip(1).filter(|line| line.ends_with('\n'));
        Ok((past, lines.map(|line| line.trim_end().to_owned()).collect()))
    }
}

fn unreadable(path: &std::path::Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::State, format!("cannot read the history in `{}`", files::shown(path)))
        .because(fault)
        .help("allow reading it, then run again: nothing was changed")
}
