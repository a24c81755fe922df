//! Questions about a cluster's values answered, as values.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::catalogue::own_value::in_words;
use crate::model::Text;
use crate::source::Span;

/// A value and how it came about. What went into several others is shared, so this is cheap to clone.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What it is called among all frameworks and groups: `hadoop/slaves/setting.yarn_memory`.
    pub id: String,
    /// The key of a file, or a name of the manifest: `setting.yarn_memory`, `node.memory`.
    pub name: String,
    /// What it is; `None` where nothing is written, and where it is not known.
    pub value: Option<Text>,
    /// Whether it is known: what depends on a flavor is not until the cloud is asked.
    pub known: bool,
    /// Its unit, if it has one.
    pub unit: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// What went into it.
    pub inputs: Vec<Arc<Explanation>>,
    /// Of everything but the id.
    fingerprint: u64,
}

impl Explanation {
    pub(super) fn new(
        name: String,
        value: Option<Text>,
        unit: Option<String>,
        origin: Origin,
        inputs: Vec<Arc<Self>>,
    ) -> Self {
        // What nodes fill in is told as manifests write it.
        let value = value.map(|text| Text { value: in_words(&text.value), ..text });
        let mut hasher = DefaultHasher::new();
        let text = value.as_ref().map(|value| (value.value.as_str(), value.secret));
        (&name, text, &unit, &origin).hash(&mut hasher);
        for input in &inputs {
            input.fingerprint.hash(&mut hasher);
        }
        Self { id: name.clone(), name, value, known: true, unit, origin, inputs, fingerprint: hasher.finish() }
    }

    pub(super) fn known(self, known: bool) -> Self {
        Self { known, ..self }
    }

    /// Without what went into it.
    pub(super) fn alone(self) -> Self {
        let (id, known) = (self.id, self.known);
        Self { id, known, ..Self::new(self.name, self.value, self.unit, self.origin, Vec::new()) }
    }

    /// The same, called otherwise.
    pub(super) fn called(&self, name: String) -> Self {
        let new = Self::new(name, self.value.clone(), self.unit.clone(), self.origin.clone(), self.inputs.clone());
        Self { id: self.id.clone(), known: self.known, ..new }
    }
}

/// The same value that came about in the same way, whichever group it is on.
impl PartialEq for Explanation {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint && self.name == other.name
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A formula of a manifest.
    Formula {
        /// As written there.
        text: String,
        /// Where.
        place: Span,
    },
    /// The same, but it was computed when the cluster was created, and kept.
    Fixed {
        /// As written there.
        text: String,
        /// Where.
        place: Span,
        /// What it would come to now, if that is something else.
        now: Option<String>,
    },
    /// The definition says so.
    Given {
        /// Where.
        place: Option<Span>,
        /// What counts if the line is removed: the manifest's formula, or the value that was fixed at creation.
        instead: Option<String>,
    },
    /// Something that simply is so.
    Fact {
        /// In words.
        words: String,
        /// The line that it depends on.
        place: Option<Span>,
    },
}

/// What would have to be written for another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A setting of the framework's block.
    Setting {
        /// Framework.
        framework: String,
        /// Setting.
        setting: String,
        /// Whether a text has to be written in quotes.
        quoted: bool,
    },
    /// A key of a `config` block.
    Key {
        /// Framework.
        framework: String,
        /// File.
        file: String,
        /// Key.
        key: String,
    },
    /// It cannot be changed, because …
    Protected(String),
    /// It means nothing in this cluster.
    Idle,
    /// It follows from others.
    Follows,
}

/// A file as it goes to nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedFile {
    /// Framework.
    pub framework: String,
    /// As `config` blocks call it.
    pub name: String,
    /// Where it is.
    pub path: String,
}

/// One value on the groups where it is the same and came about in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedValue {
    /// Groups, in the order written.
    pub groups: Vec<String>,
    /// Framework and version.
    pub framework: (String, String),
    /// The file, if it stands in one.
    pub file: Option<ExplainedFile>,
    /// How it came about.
    pub explanation: Explanation,
    /// What to write for another value.
    pub change: Change,
    /// What it is for, where the manifest says so.
    pub description: String,
}

/// What a question about a cluster is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A value; several where it differs between groups.
    Values(Vec<ExplainedValue>),
    /// The values of a file on some groups, each without what went into it.
    File {
        /// Groups.
        groups: Vec<String>,
        /// The file.
        file: ExplainedFile,
        /// Its keys; empty where it has none.
        values: Vec<Explanation>,
        /// The line that gives the whole file, if one does.
        whole: Option<Span>,
    },
    /// What there is to ask about: the files and settings of a group, or of all.
    Contents {
        /// Groups.
        groups: Vec<String>,
        /// Files.
        files: Vec<ExplainedFile>,
        /// Settings, as `framework.setting`, without what went into them.
        settings: Vec<Explanation>,
    },
}

/// Why there is no answer: a sentence and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What is wrong with the question.
    pub message: String,
    /// What could have been meant.
    pub help: Option<String>,
}
