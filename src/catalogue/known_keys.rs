//! Which keys a framework knows, file by file, and what their values can be.

use std::collections::BTreeMap;

use super::key_list::{KeyList, Reader};
use super::{FileDeclaration, FileFormat, Framework};
use crate::model::Text;
use crate::source::{Diagnostic, Span, similar_word};

/// What a key's value must look like, as far as its default tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyType {
    /// `true` or `false`.
    Boolean,
    /// A number, with or without a unit.
    Number,
    /// Whatever it is.
    Any,
}

/// What a framework knows about the keys of one of its files.
pub(super) struct KnownKeys<'a> {
    framework: &'a Framework,
    file: &'a FileDeclaration,
    list: &'a KeyList,
    keys: &'a BTreeMap<String, Vec<Reader>>,
}

impl<'a> KnownKeys<'a> {
    /// What is known about a file; `None` where the manifest says nothing of its keys.
    pub(super) fn of(framework: &'a Framework, file: &'a FileDeclaration) -> Option<Self> {
        let list = framework.known_keys.as_ref().filter(|_| !file.known_keys.is_empty())?;
        Some(Self { framework, file, list, keys: list.keys() })
    }

    /// The default of a key that is read from this file.
    fn here(&self, key: &str) -> Option<&'a str> {
        self.keys.get(key)?.iter().find(|reader| self.is_here(reader)).map(|reader| reader.default.as_str())
    }

    /// The first file that reads a key which this one does not.
    fn elsewhere(&self, key: &str) -> Option<&'a str> {
        self.keys.get(key)?.first().map(|reader| reader.file.as_str())
    }

    /// All keys that are read from this file.
    fn all_here(&self) -> impl Iterator<Item = &'a str> {
        let here = self.keys.iter().filter(|(_, readers)| readers.iter().any(|reader| self.is_here(reader)));
        here.map(|(key, _)| key.as_str())
    }

    fn is_here(&self, reader: &Reader) -> bool {
        self.file.known_keys.contains(&reader.file)
    }

    /// What is wrong with a key that a definition sets: nothing reads it, or its value cannot be read.
    pub(super) fn check(&self, key: &str, value: Option<&Text>, place: Span) -> Option<Diagnostic> {
        match self.here(key) {
            Some(default) => self.check_value(key, default, value?, place),
            None => self.check_name(key, place),
        }
    }

    fn check_value(&self, key: &str, default: &str, value: &Text, place: Span) -> Option<Diagnostic> {
        // What is secret is not judged in public, and what is put together on the node is not known here.
        if value.secret || value.value.contains("${") {
            return None;
        }
        let text = value.value.trim();
        let expected = match key_type(key, default) {
            KeyType::Boolean if !["true", "false"].contains(&text.to_ascii_lowercase().as_str()) => "`true` or `false`",
            KeyType::Number if !is_number(text) => "a number, with or without a unit",
            _ => return None,
        };
        let message = format!("`{key}` of `{}` is \"{}\", expected {expected}", self.file.name, value.value);
        Some(
            Diagnostic::error("disco::wrong_type", message)
                .at(place, format!("{} cannot read this", self.framework.name))
                .help(format!("write it in the form of its default: {default}")),
        )
    }

    fn check_name(&self, key: &str, place: Span) -> Option<Diagnostic> {
        let own = self.file.keys.iter().any(|(own, _)| own == key) || self.file.protected.contains_key(key);
        if own || self.file.key_families.iter().any(|family| key.starts_with(family)) || self.extends_a_known_key(key) {
            return None;
        }
        let (file, name) = (&self.file.name, &self.framework.name);
        if let Some(successor) = self.list.successor(key) {
            let message = format!("`{key}` is the old name of `{successor}`");
            let help = if self.here(successor).is_some() {
                format!("write `{successor}`: {name} warns of the old name, and may forget it")
            } else {
                format!("write `{successor}` where {name} reads it")
            };
            return Some(Diagnostic::warning("disco::deprecated_key", message).at(place, "set here").help(help));
        }
        if let Some(other) = self.elsewhere(key) {
            let message = format!("`{key}` is a key of `{other}`, but is set in `{file}`");
            let help = format!("move it to `config \"{other}\"`, where {name} reads it");
            return Some(Diagnostic::warning("disco::key_of_another_file", message).at(place, "set here").help(help));
        }
        let candidates = self.all_here().chain(self.file.keys.iter().map(|(key, _)| key.as_str()));
        let similar = similar_word(key, candidates)
            .filter(|similar| strsim::damerau_levenshtein(key, similar) <= 1 + key.chars().count() / 10);
        if similar.is_none() && !self.is_in_its_realm(key) {
            return None;
        }
        let message = format!("{name} has no key `{key}` in `{file}`");
        let help = match similar {
            Some(similar) => format!("did you mean `{similar}`? {name} does not read `{key}`"),
            None => format!("remove it, unless a program of your own reads it: {name} does not"),
        };
        Some(Diagnostic::warning("disco::unknown_key", message).at(place, "written unchanged").help(help))
    }

    /// `dfs.namenode.rpc-address.nn1`: a known key for one of several services.
    fn extends_a_known_key(&self, key: &str) -> bool {
        key.match_indices('.').any(|(at, _)| self.here(&key[..at]).is_some())
    }

    /// Whether a key begins as the framework's own do. Anybody may have keys of another kind in its files, but
    /// variables of the environment are everybody's.
    fn is_in_its_realm(&self, key: &str) -> bool {
        let first = key.split('.').next();
        self.file.format != FileFormat::Shell && self.all_here().any(|known| known.split('.').next() == first)
    }
}

impl Framework {
    /// The keys of a file that definitions call so, each with the default that the framework has for it; without one where
    /// only DISCO writes it.
    pub fn keys_of(&self, file: &str) -> BTreeMap<&str, Option<&str>> {
        let mut keys = BTreeMap::new();
        for declared in self.files.iter().filter(|declared| declared.name == file) {
            if let Some(known) = KnownKeys::of(self, declared) {
                keys.extend(known.all_here().map(|key| (key, known.here(key))));
            }
            for (key, _) in &declared.keys {
                keys.entry(key.as_str()).or_insert(None);
            }
        }
        keys
    }
}

/// The type that a default tells.
fn key_type(key: &str, default: &str) -> KeyType {
    // Permissions are written as `700` and as `rwx------`.
    let permissions = ["perm", "umask"].iter().any(|word| key.contains(word)) || default.starts_with("00");
    match default {
        "true" | "false" => KeyType::Boolean,
        number if is_number(number) && !permissions => KeyType::Number,
        _ => KeyType::Any,
    }
}

/// `128`, `-1`, `0.75f`, `0x10`, `128m`, `30s`, `10MB`, `90%`, `1e-3`.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hexadecimal) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return !hexadecimal.is_empty() && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let unit = digits.trim_start_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '_'));
    let number = &digits[..digits.len() - unit.len()];
    let exponent = unit.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['-', '+']).unwrap_or(rest));
    let unit = exponent.map_or(unit, |rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    number.bytes().any(|byte| byte.is_ascii_digit())
        && number.matches('.').count() <= 1
        && unit.len() <= 7
        && unit.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units_and_no_blanks() {
        for text in ["0", "-1", "128", "0.75f", ".5", "0x1F", "128m", "30s", "10MB", "90%", "1e-3", "1E6", "5 ".trim()]
        {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "-", "foo", "128 MB", "1.2.3", "org.apache.X", "0-2", "0x", "1,5", "10.0.0.1"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn a_default_tells_the_type() {
        assert_eq!(key_type("dfs.replication", "3"), KeyType::Number);
        assert_eq!(key_type("dfs.datanode.data.dir.perm", "700"), KeyType::Any);
        assert_eq!(key_type("fs.permissions.umask-mode", "022"), KeyType::Any);
        assert_eq!(key_type("dfs.permissions.enabled", "true"), KeyType::Boolean);
        assert_eq!(key_type("mapreduce.task.profile.maps", "0-2"), KeyType::Any);
    }
}
