//! The list of the keys that a framework knows, beside its manifest.
//!
//! It is a text with a section for each file: `# hdfs-site.xml`, then lines of a key, a tab and its default. Other lines that
//! begin with `#` are comments.

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

    /// The names of its sections, in the order listed.
    pub(super) fn sections(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter_map(section)
    }

    /// Who reads each key, in the order listed.
    pub(super) fn keys(&self) -> &BTreeMap<String, Vec<Reader>> {
        self.keys.get_or_init(|| {
            let mut keys: BTreeMap<String, Vec<Reader>> = BTreeMap::new();
            let mut file = "";
            for line in self.text.lines() {
                if let Some(name) = section(line) {
                    file = name;
                } else if !line.starts_with('#') && !line.trim().is_empty() {
                    let (key, default) = line.split_once('\t').unwrap_or((line, ""));
                    let reader = Reader { file: file.to_owned(), default: default.to_owned() };
                    keys.entry(key.to_owned()).or_default().push(reader);
                }
            }
            keys
        })
    }
}

/// The section that a line begins: the name of a file alone. A sentence is a comment.
fn section(line: &str) -> Option<&str> {
    let name = line.strip_prefix("# ")?.trim_end();
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

impl PartialEq for KeyList {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.deprecated == other.deprecated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_no_section() {
        let text = "# Keys of version 3, by hand.\n# a.conf\n# those of the server\nx\t1\n\n#y\t2\n# b.conf\nz\t\n";
        let list = KeyList::new(Some(text.to_owned()), None).unwrap();
        assert_eq!(list.sections().collect::<Vec<_>>(), ["a.conf", "b.conf"]);
        let read: Vec<(&str, &str)> =
            list.keys().iter().map(|(key, readers)| (key.as_str(), readers[0].file.as_str())).collect();
        assert_eq!(read, [("x", "a.conf"), ("z", "b.conf")]);
    }
}
