//! The file of one operation while it grows.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Asked, KEPT, name, read_name};
use crate::project::files;

/// Takes the messages of one operation, and keeps them once it is known where. Clones are of the same operation.
///
/// What is lost of it, on a full disk for instance, never stops the operation itself.
#[derive(Clone, Debug, Default)]
pub struct OperationLog(Arc<Mutex<Kept>>);

#[derive(Debug)]
enum Kept {
    /// What was said before the operation began.
    Before(Vec<String>),
    /// Its file, and its number.
    Open(File, u64),
    /// Nothing more is kept: it has ended, or cannot be kept.
    Ended,
}

impl Default for Kept {
    fn default() -> Self {
        Self::Before(Vec::new())
    }
}

impl OperationLog {
    /// Whether the operation has begun, and is kept.
    pub fn is_open(&self) -> bool {
        matches!(*self.kept(), Kept::Open(..))
    }

    /// The operation's number, once it has begun.
    pub fn number(&self) -> Option<u64> {
        match *self.kept() {
            Kept::Open(_, number) => Some(number),
            _ => None,
        }
    }

    /// Keeps a message: a line, without its end.
    pub fn say(&self, line: &str) {
        let mut kept = self.kept();
        match &mut *kept {
            Kept::Before(lines) => lines.push(line.to_owned()),
            Kept::Open(file, _) => {
                if write_line(file, line).is_err() {
                    *kept = Kept::Ended;
                }
            }
            Kept::Ended => {}
        }
    }

    /// The operation begins: from now on it is kept in that folder, with what was said before.
    ///
    /// # Errors
    /// What the disk says; nothing is kept then.
    pub(in crate::project) fn begin(&self, folder: &Path, asked: &Asked) -> io::Result<()> {
        let mut kept = self.kept();
        let Kept::Before(lines) = &mut *kept else { return Ok(()) };
        let lines = std::mem::take(lines);
        let opened = open(folder, asked, &lines);
        *kept = match &opened {
            Ok(_) => Kept::Ended,
            Err(_) => Kept::Before(lines),
        };
        let (file, number) = opened?;
        *kept = Kept::Open(file, number);
        Ok(())
    }

    /// An operation that was cut off continues: what it says now comes after what it said before.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn reopen(path: &Path, number: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().append(true).open(path)?;
        // The last line may be torn.
        if files::read(path)?.is_some_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n')) {
            file.write_all(b"\n")?;
        }
        Ok(Self(Arc::new(Mutex::new(Kept::Open(file, number)))))
    }

    /// The operation has ended: this was its last message.
    pub fn end(&self) {
        let mut kept = self.kept();
        if let Kept::Open(file, _) = &*kept {
            // Whoever reads it after a power cut sees an operation that was cut off.
            let _ = file.sync_data();
        }
        *kept = Kept::Ended;
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_line(file: &mut File, line: &str) -> io::Result<()> {
    file.write_all(format!("{line}\n").as_bytes())
}

/// A new file for an operation, with the number after the last one; the oldest of too many goes.
fn open(folder: &Path, asked: &Asked, lines: &[String]) -> io::Result<(File, u64)> {
    files::make_folder(folder)?;
    let names = files::list(folder)?;
    let mut numbers: Vec<(u64, &String)> = names.iter().filter_map(|name| Some((read_name(name)?, name))).collect();
    numbers.sort_unstable();
    for (_, old) in numbers.iter().rev().skip(KEPT - 1) {
        files::remove(&folder.join(old))?;
    }
    let mut number = numbers.last().map_or(0, |(number, _)| *number) + 1;
    let verb = asked.operation.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    loop {
        let path = folder.join(name(number, &verb));
        match new_file(&path) {
            // Somebody was quicker.
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(fault) => return Err(fault),
            Ok(mut file) => {
                let mut begun = [serde_json::to_string(asked)?].into_iter().chain(lines.iter().cloned());
                let written = begun.try_for_each(|line| write_line(&mut file, &line)).and_then(|()| file.sync_data());
                if let Err(fault) = written {
                    // A record of nothing would be of an operation that was cut off.
                    let _ = files::remove(&path);
                    return Err(fault);
                }
                return Ok((file, number));
            }
        }
    }
}

/// A new file that is its owner's alone: what operations say has outputs in it.
fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked::now("state rm", "ada", "lab", "2026-11-30T12:00:00Z")
    }

    #[test]
    fn an_operation_has_the_next_number_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("operations");
        for number in 1..=KEPT as u64 + 3 {
            let log = OperationLog::default();
            log.say("before");
            assert!(!log.is_open());
            log.begin(&folder, &asked()).unwrap();
            log.say("then");
            assert_eq!(log.number(), Some(number));
            log.end();
            log.say("after");
        }
        let names = files::list(&folder).unwrap();
        assert_eq!((names.len(), names[0].as_str()), (KEPT, "00000004-state-rm.jsonl"));
        let text = String::from_utf8(files::read(&folder.join(&names[0])).unwrap().unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1..], ["before", "then"]);
        assert_eq!(serde_json::from_str::<Asked>(lines[0]).unwrap(), asked());
    }

    #[test]
    fn files_that_the_history_did_not_write_count_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for odd in
            ["18446744073709551615-apply.jsonl", "9007199254740992-apply.jsonl", "7-apply.jsonl", "+0000009-x.jsonl"]
        {
            files::write(&folder.path().join(odd), b"").unwrap();
        }
        let log = OperationLog::default();
        log.begin(folder.path(), &asked()).unwrap();
        assert_eq!(log.number(), Some(1));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        OperationLog::default().begin(folder.path(), &asked()).unwrap();
        let path = folder.path().join("00000001-state-rm.jsonl");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn where_nothing_can_be_kept_the_operation_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        files::write(&folder.path().join("operations"), b"").unwrap();
        let log = OperationLog::default();
        assert!(log.begin(&folder.path().join("operations"), &asked()).is_err());
        log.say("nobody keeps it");
        assert!(!log.is_open());
    }
}
