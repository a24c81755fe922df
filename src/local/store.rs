//! The log: one line a transaction, appended; read back when it is opened, and rewritten without what is gone where
//! that is most of it.
//!
//! A line is `{"set":{KEY:VALUE,…},"gone":[KEY,…]}`. It is applied whole or not at all: a last line that is
//! not complete JSON is what a crash left of a transaction nobody was told about, and is dropped.

#![expect(clippy::disallowed_methods, reason = "the engine owns its folder")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::LocalError;
use super::holder::open_private;

/// What a line has beside its key and value.
const FRAME: usize = "{\"set\":{\"\":}}\n".len();

/// Bytes of history that are never worth a rewriting.
const HISTORY: usize = 64 << 10;

/// An open log.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    file: File,
    length: u64,
    /// Length right after the last rewriting.
    base: u64,
    /// Length up to which history is never in the way.
    bound: u64,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    set: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    gone: Vec<String>,
}

/// What a log says: the last value of every key that is not gone.
pub(crate) type Entries = BTreeMap<String, String>;

impl Store {
    /// Opens the log of a folder and says what is in it.
    pub fn open(directory: &Path, bound: u64) -> Result<(Self, Entries), LocalError> {
        let path = directory.join("log.jsonl");
        let failed = |source| LocalError::Open { path: path.clone(), source };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(failed(source)),
        };
        let entries = read(&bytes).map_err(|(line, source)| {
            let place = format!("line {line}");
            LocalError::Damaged { path: path.clone(), place, source }
        })?;
        let file = open_private(&path).map_err(failed)?;
        let mut store = Self { path: path.clone(), file, length: 0, base: 0, bound };
        store.settle(&bytes, &entries).map_err(failed)?;
        Ok((store, entries))
    }

    /// Makes the file one that can be appended to: without half a line at its end, and without much history, which every
    /// opening would have to read.
    fn settle(&mut self, bytes: &[u8], entries: &Entries) -> std::io::Result<()> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.length = whole as u64;
        let live: usize = entries.iter().map(|(key, value)| key.len() + value.len() + FRAME).sum();
        if whole > 2 * live + HISTORY {
            self.rewrite(entries)?;
            if self.length < whole as u64 {
                return Ok(());
            }
        }
        if whole < bytes.len() {
            self.file.set_len(whole as u64)?;
        }
        self.file.seek(SeekFrom::Start(whole as u64))?;
        (self.length, self.base) = (whole as u64, live as u64);
        Ok(())
    }

    /// Appends one transaction; `durable` waits for the disk.
    pub fn append(&mut self, line: &str, durable: bool) -> std::io::Result<()> {
        if !is_at(&self.file, &self.path) {
            return Err(std::io::Error::other("somebody has removed or replaced it"));
        }
        let written = self.file.write_all(line.as_bytes());
        if let Err(error) = written {
            // Half a line must not stand before the next one.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            return Err(error);
        }
        self.length += line.len() as u64;
        if durable { self.file.sync_data() } else { Ok(()) }
    }

    /// Whether most of the log is history, and that much of it that rewriting is worth its while.
    pub fn is_bloated(&self) -> bool {
        self.length > self.bound && self.length > self.base.saturating_mul(4)
    }

    /// Writes the log anew: aside, to disk, then in place of the old one. Where there is no room for that, the old one
    /// goes on.
    pub fn rewrite(&mut self, entries: &Entries) -> std::io::Result<()> {
        let aside = self.path.with_extension("new");
        let Ok((file, length)) = write_aside(&aside, entries) else {
            let _ = fs::remove_file(&aside);
            self.base = self.length;
            return Ok(());
        };
        fs::rename(&aside, &self.path)?;
        (self.file, self.length, self.base) = (file, length, length);
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// Writes a log without history, and says how long it is.
fn write_aside(aside: &Path, entries: &Entries) -> std::io::Result<(File, u64)> {
    let mut file = open_private(aside)?;
    file.set_len(0)?;
    let mut text = String::new();
    for (key, value) in entries {
        text.push_str("{\"set\":{");
        text.push_str(&serde_json::Value::from(key.as_str()).to_string());
        text.push(':');
        text.push_str(value);
        text.push_str("}}\n");
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok((file, text.len() as u64))
}

/// Whether that path is still the one of an open file: what is written to another is lost with the process.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(file), Ok(there)) = (file.metadata(), fs::metadata(path)) else { return false };
    (file.dev(), file.ino()) == (there.dev(), there.ino())
}

/// Whether that path is still the one of an open file: elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Reads a log; a mistake comes with its line.
fn read(bytes: &[u8]) -> Result<Entries, (usize, serde_json::Error)> {
    let mut entries = Entries::new();
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if line.last() != Some(&b'\n') {
            // Only the last line can lack its end: what a crash left of a transaction.
            break;
        }
        let line: Line<'_> = serde_json::from_slice(line).map_err(|error| (number + 1, error))?;
        for key in line.gone {
            entries.remove(&key);
        }
        for (key, value) in line.set {
            entries.insert(key, value.get().to_owned());
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_dropped_and_others_are_refused() {
        let entries = read(b"{\"set\":{\"a\":1,\"b\":{\"x\":[2]}}}\n{\"gone\":[\"a\"]}\n{\"set\":{\"c\":").unwrap();
        assert_eq!(entries.into_iter().collect::<Vec<_>>(), [("b".to_owned(), "{\"x\":[2]}".to_owned())]);
        assert_eq!(read(b"nonsense\n{}\n").unwrap_err().0, 1);
    }

    #[test]
    fn a_log_that_is_mostly_history_is_rewritten_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        {
            let (mut store, _) = Store::open(folder.path(), u64::MAX).unwrap();
            for number in 0..20_000 {
                store.append(&format!("{{\"set\":{{\"a\":{number}}}}}\n"), false).unwrap();
            }
        }
        let (mut store, entries) = Store::open(folder.path(), u64::MAX).unwrap();
        assert_eq!(entries["a"], "19999");
        store.append("{\"set\":{\"b\":1}}\n", true).unwrap();
        let again = fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
        assert_eq!(again, "{\"set\":{\"a\":19999}}\n{\"set\":{\"b\":1}}\n");
    }

    #[test]
    fn what_was_appended_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        {
            let (mut store, entries) = Store::open(folder.path(), 1_000).unwrap();
            assert!(entries.is_empty());
            store.append("{\"set\":{\"a\":1}}\n", true).unwrap();
            store.append("{\"set\":{\"a\":2,\"b\":3}}\n", false).unwrap();
            store.append("{\"set\":{\"to", false).unwrap();
        }
        let (_, entries) = Store::open(folder.path(), 1_000).unwrap();
        assert_eq!(entries["a"], "2");
        assert_eq!(entries.len(), 2);
        let again = fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
        assert_eq!(again, "{\"set\":{\"a\":1}}\n{\"set\":{\"a\":2,\"b\":3}}\n", "half a line is cut off");
    }

    #[test]
    fn a_log_that_is_mostly_history_is_bloated_and_rewriting_cures_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, mut entries) = Store::open(folder.path(), 1_000).unwrap();
        let mut number = 0;
        while !store.is_bloated() {
            number += 1;
            store.append(&format!("{{\"set\":{{\"a\":{number}}}}}\n"), false).unwrap();
        }
        assert!(store.length > 1_000 && store.length < 1_020, "{}", store.length);
        entries.insert("a".to_owned(), number.to_string());
        store.rewrite(&entries).unwrap();
        assert!(!store.is_bloated());
        // What is appended afterwards goes to the new file.
        store.append("{\"set\":{\"b\":7}}\n", true).unwrap();
        drop(store);
        let (_, entries) = Store::open(folder.path(), 1_000).unwrap();
        assert_eq!((entries["a"].clone(), entries["b"].as_str()), (number.to_string(), "7"));
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn a_log_without_history_is_left_alone_however_large() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(folder.path(), 10).unwrap();
        let entries = (0..50).map(|key| (format!("key-{key}"), "1".to_owned())).collect();
        store.rewrite(&entries).unwrap();
        assert!(store.length > 10 && !store.is_bloated());
    }
}
