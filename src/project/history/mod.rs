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

/// Numbers end before this one: every program that reads JSON can tell them apart.
const NUMBERS: u64 = 1 << 53;

/// The number that a file's name tells, if the history writes such names.
fn read_name(file: &str) -> Option<u64> {
    let (number, verb) = file.strip_suffix(".jsonl")?.split_once('-')?;
    let number = number.parse().ok().filter(|number| (1..NUMBERS).contains(number))?;
    (name(number, verb) == file).then_some(number)
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
        let under_way = self.under_way()?;
        let mut kept: Vec<(u64, &String)> = names.iter().filter_map(|name| Some((read_name(name)?, name))).collect();
        kept.sort_unstable();
        let read = kept
            .iter()
            .rev()
            .map(|(number, name)| PastOperation::read(&folder.join(name), *number, under_way.as_ref()));
        let read = read.filter_map(Result::transpose).take(most);
        read.collect::<std::io::Result<_>>().map_err(|fault| unreadable(&fault))
    }

    /// The number of the newest operation and that of the oldest one.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn history_range(&self) -> Result<Option<(u64, u64)>, Failure> {
        let folder = self.operations_folder()?;
        let names = files::list(&folder).map_err(|fault| unreadable(&folder, &fault))?;
        let numbers = || names.iter().filter_map(|name| read_name(name));
        Ok(numbers().max().zip(numbers().min()))
    }

    /// Has an operation that was cut off go on in its own record.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn reopen_log(&self, number: u64) -> Result<Option<OperationLog>, Failure> {
        let folder = self.operations_folder()?;
        let told = |fault: &std::io::Error| unreadable(&folder, fault);
        let names = files::list(&folder).map_err(|fault| told(&fault))?;
        let Some(name) = names.iter().find(|name| read_name(name) == Some(number)) else { return Ok(None) };
        OperationLog::reopen(&folder.join(name), number).map(Some).map_err(|fault| told(&fault))
    }

    /// Who has the workspace's lock, where somebody has.
    fn under_way(&self) -> Result<Option<lock::Holder>, Failure> {
        let locked = self.workspace_folder()?;
        Ok(lock::holder(&locked).filter(|_| lock::is_held(&locked)))
    }

    /// One of them, with its messages, a line each; `None` where none has that number.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn past_operation(&self, number: u64) -> Result<Option<(PastOperation, Vec<String>)>, Failure> {
        let folder = self.operations_folder()?;
        let names = files::list(&folder).map_err(|fault| unreadable(&folder, &fault))?;
        let Some(name) = names.iter().find(|name| read_name(name) == Some(number)) else { return Ok(None) };
        let path = folder.join(name);
        let told = |fault: &std::io::Error| unreadable(&path, fault);
        let past = PastOperation::read(&path, number, self.under_way()?.as_ref()).map_err(|fault| told(&fault))?;
        let bytes = files::read(&path).map_err(|fault| told(&fault))?;
        let (Some(past), Some(bytes)) = (past, bytes) else {
            let message = format!("`{}` is not the file of an operation", files::shown(&path));
            return Err(
                Failure::new(FailureKind::State, message).help("move it away: DISCO did not write it like this")
            );
        };
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.split_inclusive('\n').skip(1).filter(|line| line.ends_with('\n'));
        Ok(Some((past, lines.map(|line| line.trim_end().to_owned()).collect())))
    }
}

fn unreadable(path: &std::path::Path, fault: &std::io::Error) -> Failure {
    Failure::new(FailureKind::State, format!("cannot read the history in `{}`", files::shown(path)))
        .because(fault)
        .help("allow reading it, then run again: nothing was changed")
}
