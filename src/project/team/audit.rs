//! The audit of a service: who has changed what, and when. Lines are only added, and no value is in them.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::project::session::now;
use crate::project::{Failure, FailureKind, NO_DEFINITIONS, files};

/// One thing that somebody did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// When, RFC 3339.
    #[serde(default)]
    pub at: String,
    /// The number of the request, since the service began.
    pub request: u64,
    /// Who, by Keystone's id.
    pub user_id: String,
    /// Who, by name.
    pub user: String,
    /// In which cloud.
    pub cloud: String,
    /// For which tenant, by id.
    pub tenant_id: String,
    /// From which address.
    pub from: String,
    /// The method and the path of the request.
    pub what: String,
    /// The status of the answer.
    pub outcome: u16,
}

/// Where the records of a tenant are.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    alone: Mutex<()>,
}

impl AuditLog {
    /// That of a folder of projects.
    pub fn of(projects: &Path) -> Self {
        Self { path: projects.join(NO_DEFINITIONS).join("audit.jsonl"), alone: Mutex::default() }
    }

    /// Adds a record, with the time.
    ///
    /// # Errors
    /// What the disk says.
    pub fn add(&self, record: AuditRecord) -> Result<(), Failure> {
        let line = serde_json::to_string(&AuditRecord { at: now(), ..record }).unwrap_or_default();
        let _alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        self.append(&line).map_err(|fault| {
            Failure::new(FailureKind::State, format!("cannot write the audit `{}`", files::shown(&self.path)))
                .because(&fault)
        })
    }

    fn append(&self, line: &str) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        files::make_folders(files::folder_of(&self.path))?;
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()
    }

    /// The records before the `before`th, the newest first and at most `limit`; each with its number from 1. A line that is torn is
    /// passed over.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read(&self, limit: usize, before: Option<usize>) -> Result<Vec<(usize, AuditRecord)>, Failure> {
        let bytes = files::read(&self.path).map_err(|fault| {
            Failure::new(FailureKind::State, format!("cannot read the audit `{}`", files::shown(&self.path)))
                .because(&fault)
        })?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        let all = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let mut wanted: Vec<_> = all.filter(|(number, _)| before.is_none_or(|before| *number < before)).collect();
        wanted.reverse();
        let read = |(number, line): (usize, &str)| Some((number, serde_json::from_str(line).ok()?));
        Ok(wanted.into_iter().filter_map(read).take(limit).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_added_and_read_from_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let log = AuditLog::of(folder.path());
        assert!(log.read(10, None).unwrap().is_empty());
        for request in 1..=3 {
            log.add(AuditRecord { request, ..AuditRecord::default() }).unwrap();
        }
        std::fs::OpenOptions::new().append(true).open(&log.path).unwrap().write_all(b"{\"torn\n").unwrap();
        let numbers = |limit, before| -> Vec<(usize, u64)> {
            log.read(limit, before).unwrap().into_iter().map(|(number, record)| (number, record.request)).collect()
        };
        assert_eq!(numbers(2, None), [(3, 3), (2, 2)]);
        assert_eq!(numbers(2, Some(2)), [(1, 1)]);
        assert!(files::is_private(&log.path));
    }
}
