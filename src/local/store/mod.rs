//! The log: one line a transaction, appended; read back when it is opened, and rewritten without what is gone where
//! that is most of it.
//!
//! A line is `{"set":{KEY:VALUE,…},"gone":[KEY,…]}`. It is applied whole or not at all: a last line that is
//! not complete JSON is what a crash left of a transaction nobody was told about, and is dropped.

#![expect(clippy::disallowed_methods, reason = "the engine owns its folder")]

mod read;

use std::fs::{self, File};
use std::io::{BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::MapAccess;

use super::error::LocalError;
use super::files::{is_at, open_private, require_file};
use read::{Found, read};

pub(crate) use read::{Left, Place};

/// What a line has beside its key and value.
pub(crate) const FRAME: usize = "{\"set\":{\"\":}}\n".len();

/// Bytes of history that are never worth a rewriting.
const HISTORY: u64 = 64 << 10;

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

/// Whose records a log keeps. No line has a key both in `set` and in `gone`.
pub(crate) trait Records {
    /// Takes the value of a key from a map that is being read; it takes the place of an older one, of which is said
    /// about how many bytes it had. What is rarely looked at may be left where it is in the log.
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, place: Place<'_>) -> Result<usize, A::Error>;
    /// Forgets a key, and says the same of it.
    fn gone(&mut self, key: &str) -> usize;
    /// Hands over every record: its key and its value.
    fn each(&self, record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()>;
}

impl Store {
    /// Has the records take what is in the log of a folder, and changes nothing.
    pub(crate) fn read(directory: &Path, records: &mut impl Records) -> Result<(), LocalError> {
        let path = directory.join("log.jsonl");
        if !path.is_file() {
            return Ok(());
        }
        let failed = |source| LocalError::Open { path: path.clone(), source };
        let file = File::open(&path).map_err(failed)?;
        read(&Arc::new(file), records).map_err(failed)?.map_err(|(place, source)| LocalError::Damaged {
            path: path.clone(),
            place,
            source,
        })?;
        Ok(())
    }

    /// Opens the log of a folder and has the records take what is in it.
    pub(crate) fn open(directory: &Path, bound: u64, records: &mut impl Records) -> Result<Self, LocalError> {
        let path = directory.join("log.jsonl");
        let failed = |source| LocalError::Open { path: path.clone(), source };
        let (mut found, mut length) = (Found::default(), 0);
        require_file(&path).map_err(failed)?;
        match File::open(&path) {
            Ok(file) => {
                length = file.metadata().map_err(failed)?.len();
                found = read(&Arc::new(file), records)
                    .map_err(failed)?
                    .map_err(|(place, source)| LocalError::Damaged { path: path.clone(), place, source })?;
            }
            // A link whose target is away is no empty store.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !path.is_symlink() => {}
            Err(source) => return Err(failed(source)),
        }
        let file = open_private(&path).map_err(failed)?;
        let mut store = Self { path: path.clone(), file, length: found.whole, base: 0, bound };
        store.settle(length, found.history, records).map_err(failed)?;
        Ok(store)
    }

    /// Makes the file one that can be appended to: without half a line at its end, and without much history, which every
    /// opening would have to read.
    fn settle(&mut self, length: u64, history: u64, records: &impl Records) -> std::io::Result<()> {
        let whole = self.length;
        let live = whole.saturating_sub(history);
        if whole > 2 * live + HISTORY {
            self.rewrite(records)?;
            if self.length < whole {
                return Ok(());
            }
        }
        if whole < length {
            self.file.set_len(whole)?;
        }
        self.file.seek(SeekFrom::Start(whole))?;
        (self.length, self.base) = (whole, live);
        Ok(())
    }

    /// Appends one transaction; `durable` waits for the disk.
    pub(crate) fn append(&mut self, line: &str, durable: bool) -> std::io::Result<()> {
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
    pub(crate) fn is_bloated(&self) -> bool {
        self.length > self.bound && self.length > self.base.saturating_mul(4)
    }

    /// Whether so much has been appended that the next opening gains from a rewriting.
    pub(crate) fn is_untidy(&self) -> bool {
        self.length > self.bound && self.length > self.base + self.base / 4
    }

    /// Writes the log anew: aside, to disk, then in place of the old one. Where there is no room for that, the old one
    /// goes on.
    pub(crate) fn rewrite(&mut self, records: &impl Records) -> std::io::Result<()> {
        let aside = self.path.with_extension("new");
        let Ok((file, length)) = write_aside(&aside, records) else {
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
fn write_aside(aside: &Path, records: &impl Records) -> std::io::Result<(File, u64)> {
    let file = open_private(aside)?;
    file.set_len(0)?;
    let (mut writer, mut length) = (BufWriter::with_capacity(1 << 16, file), 0);
    records.each(&mut |key, value| {
        let line = format!("{{\"set\":{{{}:{value}}}}}\n", serde_json::Value::from(key));
        length += line.len() as u64;
        writer.write_all(line.as_bytes())
    })?;
    let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok((file, length))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;

    use super::read::Mistake;
    use super::*;

    type Entries = BTreeMap<String, String>;

    impl Records for Entries {
        fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, _: Place<'_>) -> Result<usize, A::Error> {
            let old = self.insert(key.to_owned(), map.next_value::<Box<RawValue>>()?.get().to_owned());
            Ok(old.map_or(0, |old| key.len() + old.len() + FRAME))
        }

        fn gone(&mut self, key: &str) -> usize {
            self.remove(key).map_or(0, |old| key.len() + old.len() + FRAME)
        }

        fn each(&self, record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()> {
            self.iter().try_for_each(|(key, value)| record(key, value))
        }
    }

    fn opened(folder: &Path, bound: u64) -> (Store, Entries) {
        let mut entries = Entries::new();
        (Store::open(folder, bound, &mut entries).unwrap(), entries)
    }

    fn read_text(text: &str) -> Result<Entries, Mistake> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, text).unwrap();
        let mut entries = Entries::new();
        read(&Arc::new(File::open(path).unwrap()), &mut entries).unwrap().map(|_| entries)
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_others_are_refused() {
        let entries = read_text("{\"set\":{\"a\":1,\"b\":{\"x\":[2]}}}\n{\"gone\":[\"a\"]}\n{\"set\":{\"c\":").unwrap();
        assert_eq!(entries.into_iter().collect::<Vec<_>>(), [("b".to_owned(), "{\"x\":[2]}".to_owned())]);
        for (text, place) in [
            ("nonsense\n{}\n", "line 1"),
            ("{}\n{\"set\":{\"a\":1}} 7\n", "line 2"),
            ("{\"set\":7}\n", "line 1"),
            ("{\"gone\":7,\"set\":{}}\n", "line 1"),
        ] {
            assert_eq!(read_text(text).unwrap_err().0, place, "{text}");
        }
    }

    #[test]
    fn a_log_that_is_mostly_history_is_rewritten_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        {
            let (mut store, _) = opened(folder.path(), u64::MAX);
            for number in 0..20_000 {
                store.append(&format!("{{\"set\":{{\"a\":{number}}}}}\n"), false).unwrap();
            }
        }
        let (mut store, entries) = opened(folder.path(), u64::MAX);
        assert_eq!(entries["a"], "19999");
        store.append("{\"set\":{\"b\":1}}\n", true).unwrap();
        let again = fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
        assert_eq!(again, "{\"set\":{\"a\":19999}}\n{\"set\":{\"b\":1}}\n");
    }

    /// Keeps nothing but where the values are.
    #[derive(Default)]
    struct Places(BTreeMap<String, Left>);

    impl Records for Places {
        fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, place: Place<'_>) -> Result<usize, A::Error> {
            self.0.insert(key.to_owned(), place.leave(map.next_value::<&RawValue>()?.get()));
            Ok(0)
        }

        fn gone(&mut self, key: &str) -> usize {
            self.0.remove(key);
            0
        }

        fn each(&self, record: &mut dyn FnMut(&str, &str) -> std::io::Result<()>) -> std::io::Result<()> {
            self.0.iter().try_for_each(|(key, value)| record(key, &value.read()?))
        }
    }

    #[test]
    fn what_is_left_in_the_log_is_found_there_also_when_the_log_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        fs::write(&path, "{\"set\":{\"a\":\"é\",\"b\": {\"x\":[1, 2]} }}\n{\"set\":{\"c\":3},\"gone\":[]}\n").unwrap();
        let mut places = Places::default();
        let mut store = Store::open(folder.path(), u64::MAX, &mut places).unwrap();
        let read = |places: &Places| places.0.values().map(|left| left.read().unwrap()).collect::<Vec<_>>();
        assert_eq!(read(&places), ["\"é\"", "{\"x\":[1, 2]}", "3"]);
        store.rewrite(&places).unwrap();
        store.append("{\"set\":{\"a\":0}}\n", true).unwrap();
        assert_eq!(read(&places), ["\"é\"", "{\"x\":[1, 2]}", "3"]);
        drop(store);
        let mut again = Places::default();
        let _store = Store::open(folder.path(), u64::MAX, &mut again).unwrap();
        assert_eq!(read(&again), ["0", "{\"x\":[1, 2]}", "3"]);
    }

    #[test]
    fn what_was_appended_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        {
            let (mut store, entries) = opened(folder.path(), 1_000);
            assert!(entries.is_empty());
            store.append("{\"set\":{\"a\":1}}\n", true).unwrap();
            store.append("{\"set\":{\"a\":2,\"b\":3}}\n", false).unwrap();
            store.append("{\"set\":{\"to", false).unwrap();
        }
        let (_, entries) = opened(folder.path(), 1_000);
        assert_eq!(entries["a"], "2");
        assert_eq!(entries.len(), 2);
        let again = fs::read_to_string(folder.path().join("log.jsonl")).unwrap();
        assert_eq!(again, "{\"set\":{\"a\":1}}\n{\"set\":{\"a\":2,\"b\":3}}\n", "half a line is cut off");
    }

    #[test]
    fn a_log_that_is_mostly_history_is_bloated_and_rewriting_cures_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, mut entries) = opened(folder.path(), 1_000);
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
        let (_, entries) = opened(folder.path(), 1_000);
        assert_eq!((entries["a"].clone(), entries["b"].as_str()), (number.to_string(), "7"));
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn what_a_long_run_leaves_is_tidied() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, mut entries) = opened(folder.path(), 1_000_000);
        let value = format!("\"{}\"", "x".repeat(1_000));
        for _ in 0..900 {
            store.append(&format!("{{\"set\":{{\"a\":{value}}}}}\n"), false).unwrap();
        }
        assert!(!store.is_untidy(), "up to there it keeps its history");
        for _ in 0..200 {
            store.append(&format!("{{\"set\":{{\"a\":{value}}}}}\n"), false).unwrap();
        }
        assert!(store.is_untidy());
        entries.insert("a".to_owned(), value);
        store.rewrite(&entries).unwrap();
        assert!(!store.is_untidy() && store.length < 1_100);
    }

    #[test]
    fn a_log_without_history_is_left_alone_however_large() {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, _) = opened(folder.path(), 10);
        let entries: Entries = (0..50).map(|key| (format!("key-{key}"), "1".to_owned())).collect();
        store.rewrite(&entries).unwrap();
        assert!(store.length > 10 && !store.is_bloated());
    }
}
