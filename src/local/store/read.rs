//! Reading a log, and what is left in it.

use std::fmt;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use super::Records;

/// A mistake in a log, and where it is.
pub(super) type Mistake = (String, serde_json::Error);

/// Where a line is in a log that is being read.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    log: &'a Arc<File>,
    start: u64,
    line: &'a [u8],
}

impl Place<'_> {
    /// Leaves a text of the line in the log.
    pub(crate) fn leave(self, text: &str) -> Left {
        let before = text.as_ptr().addr().saturating_sub(self.line.as_ptr().addr());
        Left { log: Arc::clone(self.log), at: self.start + before as u64, length: text.len() }
    }
}

/// A text that was left in the log. It stays good when the log is rewritten: the old file lives as long as this does.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    log: Arc<File>,
    at: u64,
    length: usize,
}

impl Left {
    /// Bytes of it.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Reads it. Nobody else reads by this handle meanwhile: the engine does one thing at a time.
    pub(crate) fn read(&self) -> std::io::Result<String> {
        let mut log = &*self.log;
        log.seek(SeekFrom::Start(self.at))?;
        let mut bytes = vec![0; self.length];
        log.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(std::io::Error::other)
    }
}

/// What has been read of a log, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// All lines that are whole.
    pub(super) whole: u64,
    /// About how much of them is of records that have changed since, or are gone.
    pub(super) history: u64,
}

/// Reads a log.
pub(super) fn read(log: &Arc<File>, records: &mut impl Records) -> std::io::Result<Result<Found, Mistake>> {
    let mut lines = BufReader::with_capacity(1 << 16, &**log);
    let (mut found, mut number, mut line, mut key) = (Found::default(), 0, Vec::new(), String::new());
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            // Only the last line can lack its end: what a crash left of a transaction.
            return Ok(Ok(found));
        }
        let place = Place { log, start: found.whole, line: &line };
        found.whole += line.len() as u64;
        number += 1;
        key.clear();
        let mut reader = serde_json::Deserializer::from_slice(&line);
        let part = Part { records: &mut *records, key: &mut key, history: &mut found.history, place, at: Where::Line };
        let read = part.deserialize(&mut reader);
        if let Err(error) = read.and_then(|()| reader.end()) {
            let place =
                if error.is_data() && !key.is_empty() { format!("record {key}") } else { format!("line {number}") };
            return Ok(Err((place, error)));
        }
    }
}

/// Where in a line a part stands.
#[derive(Clone, Copy)]
enum Where {
    Line,
    Set,
    Gone,
}

/// A part of a line, on its way to the records; `key` tells of which of them something is wrong.
struct Part<'a, R> {
    records: &'a mut R,
    key: &'a mut String,
    history: &'a mut u64,
    place: Place<'a>,
    at: Where,
}

impl<'de, R: Records> DeserializeSeed<'de> for Part<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.at {
            Where::Line | Where::Set => deserializer.deserialize_map(self),
            Where::Gone => deserializer.deserialize_seq(self),
        }
    }
}

impl<'de, R: Records> Visitor<'de> for Part<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a transaction")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Key(&mut *self.key))?.is_some() {
            let at = match (self.at, self.key.as_str()) {
                (Where::Line, "set") => Where::Set,
                (Where::Line, "gone") => Where::Gone,
                (Where::Line, _) => {
                    self.key.clear();
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                _ => {
                    *self.history += self.records.set(self.key, &mut map, self.place)? as u64;
                    continue;
                }
            };
            self.key.clear();
            let (records, key, history) = (&mut *self.records, &mut *self.key, &mut *self.history);
            map.next_value_seed(Part { records, key, history, place: self.place, at })?;
            self.key.clear();
        }
        Ok(())
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Key(&mut *self.key))?.is_some() {
            *self.history += self.records.gone(self.key) as u64;
        }
        Ok(())
    }
}

/// Reads a key into a text that is there already.
struct Key<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(), E> {
        self.0.clear();
        self.0.push_str(key);
        Ok(())
    }
}
