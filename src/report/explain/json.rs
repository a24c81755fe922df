//! Where a value came from, for programs.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

use crate::catalogue::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin};
use crate::model::ClusterSpec;
use crate::report::document::{FormatVersion, PlaceFile, document};
use crate::source::Sources;

/// The answer of `disco explain --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct ExplanationFile<'a> {
    format_version: FormatVersion,
    cluster: &'a str,
    #[serde(flatten)]
    answer: AnswerFile<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum AnswerFile<'a> {
    /// One value; several where it differs between groups.
    Values { values: Vec<ValueFile<'a>> },
    /// The values of a file, each without what went into it.
    File {
        groups: &'a [String],
        file: LocatedFile<'a>,
        /// The line that gives the whole file, if one does.
        given_as_a_whole: Option<PlaceFile>,
        values: Vec<ExplainedEntry<'a>>,
    },
    /// What there is to ask about.
    Contents {
        groups: &'a [String],
        files: Vec<LocatedFile<'a>>,
        /// As `framework.setting`, each without what went into it.
        settings: Vec<ExplainedEntry<'a>>,
    },
}

/// A value and how it came about.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ExplainedEntry<'a> {
    /// What it is called among all frameworks and groups.
    id: &'a str,
    /// The key of a file, or a name of the manifest.
    name: &'a str,
    /// `null` where nothing is written, where it is not known, and where it is secret.
    value: Option<&'a str>,
    /// Whether it is known: what depends on a flavor is not until the cloud is asked.
    known: bool,
    sensitive: bool,
    unit: Option<&'a str>,
    origin: OriginFile<'a>,
    /// What went into it; empty where that was told before.
    inputs: Vec<ExplainedEntry<'a>>,
}

/// A value on the groups where it is the same and came about in the same way.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ValueFile<'a> {
    #[serde(flatten)]
    explained: ExplainedEntry<'a>,
    groups: &'a [String],
    framework: FrameworkName<'a>,
    /// The file, if it stands in one.
    file: Option<LocatedFile<'a>>,
    description: &'a str,
    change: ChangeFile<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FrameworkName<'a> {
    name: &'a str,
    version: &'a str,
}

/// A file as it goes to nodes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LocatedFile<'a> {
    framework: &'a str,
    /// As `config` blocks call it.
    name: &'a str,
    /// Where it is.
    path: &'a str,
}

/// Where a value came from.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OriginFile<'a> {
    /// A formula of a manifest.
    Formula { formula: &'a str, place: PlaceFile },
    /// The same, but it was computed when the cluster was created, and kept.
    FixedAtCreation {
        formula: &'a str,
        place: PlaceFile,
        /// What it would come to now, if that is something else.
        now: Option<&'a str>,
    },
    /// The definition says so; `instead_of` counts if the line is removed: the manifest's formula, or what was
    /// fixed at creation.
    Definition { place: Option<PlaceFile>, instead_of: Option<&'a str> },
    /// Something that simply is so; `place` is the line that it depends on.
    Fact { words: &'a str, place: Option<PlaceFile> },
}

/// What would have to be written for another value.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ChangeFile<'a> {
    /// A setting of the framework's block.
    Setting { framework: &'a str, setting: &'a str },
    /// A key of a `config` block.
    Key { framework: &'a str, file: &'a str, key: &'a str },
    /// It cannot be changed.
    Protected { reason: &'a str },
    /// It means nothing in this cluster.
    Idle,
    /// It follows from others.
    Follows,
}

/// An answer for programs.
pub fn explanation_json(cluster: &ClusterSpec, answer: &Answer, sources: &Sources) -> Json {
    document(&ExplanationFile {
        format_version: FormatVersion::Current,
        cluster: &cluster.name,
        answer: match answer {
            Answer::Values(values) => {
                AnswerFile::Values { values: values.iter().map(|known| value(known, sources)).collect() }
            }
            Answer::File { groups, file, values, whole } => AnswerFile::File {
                groups,
                file: located(file),
                given_as_a_whole: whole.map(|span| PlaceFile::of(span, sources)),
                values: each(values, sources),
            },
            Answer::Contents { groups, files, settings } => AnswerFile::Contents {
                groups,
                files: files.iter().map(located).collect(),
                settings: each(settings, sources),
            },
        },
    })
}

fn each<'a>(values: &'a [Explanation], sources: &Sources) -> Vec<ExplainedEntry<'a>> {
    values.iter().map(|value| explained(value, sources, &mut BTreeSet::new())).collect()
}

fn value<'a>(known: &'a ExplainedValue, sources: &Sources) -> ValueFile<'a> {
    let (name, version) = &known.framework;
    ValueFile {
        explained: explained(&known.explanation, sources, &mut BTreeSet::new()),
        groups: &known.groups,
        framework: FrameworkName { name, version },
        file: known.file.as_ref().map(located),
        description: &known.description,
        change: match &known.change {
            Change::Setting { framework, setting, .. } => ChangeFile::Setting { framework, setting },
            Change::Key { framework, file, key } => ChangeFile::Key { framework, file, key },
            Change::Protected(reason) => ChangeFile::Protected { reason },
            Change::Idle => ChangeFile::Idle,
            Change::Follows => ChangeFile::Follows,
        },
    }
}

/// The value of a secret is not told. What went into something that was told before is not told again.
fn explained<'a>(explanation: &'a Explanation, sources: &Sources, told: &mut BTreeSet<&'a str>) -> ExplainedEntry<'a> {
    let inputs = if told.insert(&explanation.id) {
        explanation.inputs.iter().map(|input| explained(input, sources, told)).collect()
    } else {
        Vec::new()
    };
    ExplainedEntry {
        id: &explanation.id,
        name: &explanation.name,
        value: explanation.value.as_ref().filter(|value| !value.secret).map(|value| value.value.as_str()),
        known: explanation.known,
        sensitive: explanation.value.as_ref().is_some_and(|value| value.secret),
        unit: explanation.unit.as_deref(),
        origin: origin(&explanation.origin, sources),
        inputs,
    }
}

fn origin<'a>(origin: &'a Origin, sources: &Sources) -> OriginFile<'a> {
    let place = |span| PlaceFile::of(span, sources);
    match origin {
        Origin::Formula { text, place: at } => OriginFile::Formula { formula: text, place: place(*at) },
        Origin::Fixed { text, place: at, now } => {
            OriginFile::FixedAtCreation { formula: text, place: place(*at), now: now.as_deref() }
        }
        Origin::Given { place: at, instead } => {
            OriginFile::Definition { place: at.map(place), instead_of: instead.as_deref() }
        }
        Origin::Fact { words, place: at } => OriginFile::Fact { words, place: at.map(place) },
    }
}

fn located(file: &ExplainedFile) -> LocatedFile<'_> {
    LocatedFile { framework: &file.framework, name: &file.name, path: &file.path }
}
