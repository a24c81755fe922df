//! The list of the keys that a framework knows, beside its manifest.
//!
//! It is a text with a section for each file: `# hdfs-site.xml`, then lines of a key, a tab and its default.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Name of the list in a framework's folder.
pub(super) const KNOWN_KEYS: &str = "keys.txt";

/// Name of the list of old names of keys there: lines of an old name, a tab and the new one.
pub(super) const DEPRECATED_KEYS: &str = "deprecated.txt";

/// The list of keys that a framework knows, read when it is first asked.
#[derive(Clone, Debug)]
pub struct KeyList {
    text: String,
    keys: OnceLock<BTreeMap<String, Vec<Reader>>>,
    deprecated: String,
}

/// A file that reads a key, and the key's default there.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) file: String,
    pub(super) default: String,
}

impl KeyList {
    /// The list with this text, and the one of old names; `None` where there is no list of keys.
    pub(super) fn new(text: Option<String>, deprecated: Option<String>) -> Option<Self> {
        Some(Self { text: text?, keys: OnceLock::new(), deprecated: deprecated.unwrap_or_default() })
    }

    /// The new name of a key that has one.
    pub(super) fn successor(&self, key: &str) -> Option<&str> {
        let pairs = self.deprecated.lines().filter_map(|line| line.split_once('\t'));
        pairs.into_iter().find(|(old, _)| *old == key).map(|(_, now)| now)
    }

    /// Who reads each key, in the order listed.
    pub(super) fn keys(&self) -> &BTreeMap<String, Vec<Reader>> {
        self.keys.get_or_init(|| {
            let mut keys: BTreeMap<String, Vec<Reader>> = BTreeMap::new();
            let mut file = "";
            for line in self.text.lines() {
                if let Some(name) = line.strip_prefix("# ") {
                    file = name;
                } else {
                    let (key, default) = line.split_once('\t').unwrap_or((line, ""));
                    let reader = Reader { file: file.to_owned(), default: default.to_owned() };
                    keys.entry(key.to_owned()).or_default().push(reader);
                }
            }
            keys
        })
    }
}

impl PartialEq for KeyList {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.deprecated == other.deprecated
    }
}
