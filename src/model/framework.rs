//! What the owner says about a framework; what the framework itself says is in the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use super::Sourced;
use crate::source::Span;

/// What stands for a text that nobody knows before apply, such as an address that another cluster will have.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

/// A text that may be secret. `Debug` and plans never show a secret one.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Whether it must never be shown.
    pub secret: bool,
}

impl Text {
    /// A text everybody may read.
    pub fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), secret: false }
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.secret { f.write_str("Text(secret)") } else { write!(f, "Text({:?})", self.value) }
    }
}

/// The value of a framework's setting, already of the type its manifest declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Text.
    Text(Text),
    /// A whole number (units are the manifest's: MiB, seconds, …).
    Integer(i64),
    /// A decimal, as written.
    Decimal(String),
    /// Yes or no.
    Boolean(bool),
    /// Texts.
    List(Vec<Text>),
    /// Texts by names.
    Map(BTreeMap<String, Text>),
}

/// One `framework` block.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkSpec {
    /// Name in the catalogue.
    pub name: String,
    /// The block's head; of the framework that brings it, where no block asks for it.
    pub origin: Span,
    /// Who brings it, where no block asks for it.
    pub needed_by: Option<NeededBy>,
    /// Wanted version; the catalogue's newest if nothing is said.
    pub version: Sourced<String>,
    /// Settings that the definition gives; the manifest has defaults for the others.
    pub settings: BTreeMap<String, Sourced<SettingValue>>,
    /// What the definition does to files, by file name (`hdfs-site.xml`).
    pub files: BTreeMap<String, FileOverride>,
    /// Settings whose texts are known only after apply, wholly or in part: [`KNOWN_AFTER_APPLY`] stands for these, or for their
    /// elements. What is made of them can be looked at, and is made again before it is sent.
    pub later: BTreeSet<String>,
}

/// Why a framework is in a cluster that does not ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededBy {
    /// The framework that cannot do without it.
    pub framework: String,
    /// Why, for people.
    pub reason: Option<String>,
}

impl FrameworkSpec {
    /// A framework that another one brings, as its manifest has it.
    pub fn added(name: &str, version: &str, origin: Span, needed_by: NeededBy) -> Self {
        Self {
            name: name.to_owned(),
            origin,
            needed_by: Some(needed_by),
            version: Sourced::default_of(version.to_owned()),
            settings: BTreeMap::new(),
            files: BTreeMap::new(),
            later: BTreeSet::new(),
        }
    }

    /// Whether something of it is known only after apply.
    pub fn waits(&self) -> bool {
        !self.later.is_empty() || self.files.values().any(|file| !file.later.is_empty())
    }
}

/// One `config` block.
#[derive(Clone, Debug, PartialEq)]
pub struct FileOverride {
    /// The block's head.
    pub origin: Span,
    /// Keys to write (or, with `None`, to remove).
    pub set: BTreeMap<String, Sourced<Option<Text>>>,
    /// The whole file, byte for byte, instead of what DISCO would write: its parts in order, secret ones apart.
    pub content: Option<Sourced<Vec<Text>>>,
    /// Keys whose values are known only after apply; [`KNOWN_AFTER_APPLY`] stands for each. Where the whole file is given and
    /// is not known, `content` is among them.
    pub later: BTreeSet<String>,
}

impl FileOverride {
    /// How many bytes the whole file has, where it is given as a whole.
    pub(crate) fn content_bytes(&self) -> usize {
        let pieces = self.content.as_ref().map_or(&[][..], |content| &content.value);
        pieces.iter().map(|piece| piece.value.len()).sum()
    }
}
