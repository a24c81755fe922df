//! Files as manifests declare them, and what they give to files of others.

use std::collections::BTreeMap;

use super::Placement;
use crate::source::Span;
use crate::syntax::tree::Expression;

/// A file on the nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct FileDeclaration {
    /// What `config` calls it.
    pub name: String,
    /// Where it goes.
    pub path: Expression,
    /// A map for each of whose entries there is such a file: `each.key` and `each.value` in its expressions.
    pub for_each: Option<Expression>,
    /// Whether its text is base64, which nodes decode.
    pub is_base64: bool,
    /// How it is written.
    pub format: FileFormat,
    /// `user:group`; root's where there is none.
    pub owner: Option<Expression>,
    /// Octal; everybody reads it where there is none.
    pub mode: Option<Expression>,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Of these only the members of this ensemble.
    pub ensemble: Option<String>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// Services to restart when it changes.
    pub restarts: Vec<String>,
    /// Which of them restart for which keys, where not all do for all: patterns with their services, the first that fits
    /// counts.
    pub restarts_by_key: Vec<(String, Vec<String>)>,
    /// Under which condition the patterns count; where it does not hold, all of them restart for every change.
    pub by_keys: Option<Expression>,
    /// Text at its beginning, from a file beside the manifest, with `${…}`; for a template all of it.
    pub template: Option<Expression>,
    /// Keys with their values, in the order written.
    pub keys: Vec<(String, Expression)>,
    /// All keys as one expression that gives an object, where they are not written out.
    pub computed_keys: Option<Expression>,
    /// What stands between a key and its value, in the format `lines`.
    pub separator: Option<String>,
    /// The sign at which keys are split into levels, where the format has levels.
    pub nested: Option<String>,
    /// Keys that a definition must not touch, with the reason.
    pub protected: BTreeMap<String, String>,
    /// Sections of the list of known keys that this file's readers know: names of files.
    pub known_keys: Vec<String>,
    /// Beginnings of keys of which there are as many as people want.
    pub key_families: Vec<String>,
    /// Keys that those need who use the cluster from elsewhere: a list.
    pub client_keys: Option<Expression>,
    /// Written only where nothing is there yet: something else owns what is in it later.
    pub keep: bool,
    /// The block's head.
    pub origin: Span,
}

/// Keys that a framework gives to a file of another one, where both are on a node.
#[derive(Clone, Debug, PartialEq)]
pub struct ContributionDeclaration {
    /// The other framework.
    pub framework: String,
    /// What that calls its file.
    pub file: String,
    /// Keys with their values.
    pub keys: Vec<(String, Expression)>,
    /// Keys whose values come behind what is there already.
    pub append: Vec<(String, Expression)>,
    /// What stands between values that are appended.
    pub separator: String,
    /// On which nodes; empty: all.
    pub on: Vec<Placement>,
    /// Under which condition.
    pub when: Option<Expression>,
    /// Where its label stands.
    pub origin: Span,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileFormat {
    /// `<configuration><property>…`
    HadoopXml,
    /// `key=value`
    Properties,
    /// `export KEY="value"`
    Shell,
    /// `key: value`
    Yaml,
    /// `{ "key": value }`
    Json,
    /// `key = value`, below `[table]`s.
    Toml,
    /// `key = value`, below `[section]`s.
    Ini,
    /// A line for each key, with a separator of its own before the value.
    Lines,
    /// Text with `${…}`.
    Template,
}

impl FileFormat {
    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::HadoopXml => "hadoop-xml",
            Self::Properties => "properties",
            Self::Shell => "shell",
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Toml => "toml",
            Self::Ini => "ini",
            Self::Lines => "lines",
            Self::Template => "template",
        }
    }

    /// The format that manifests call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::HadoopXml,
        Self::Properties,
        Self::Shell,
        Self::Yaml,
        Self::Json,
        Self::Toml,
        Self::Ini,
        Self::Lines,
        Self::Template,
    ];

    /// Whether a value may be a list or an object.
    pub fn is_structured(self) -> bool {
        matches!(self, Self::Yaml | Self::Json | Self::Toml)
    }

    /// Whether keys may be on levels: an object within an object, or a section.
    pub fn has_levels(self) -> bool {
        self.is_structured() || self == Self::Ini
    }
}
