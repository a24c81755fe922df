//! The language for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::{blocks, default, kind};
use crate::language::{AttributeSchema, BlockSchema, Kind, Label, Often, Presence};
use crate::report::document::{FormatVersion, document};
use crate::source::CODES;

/// The answer of `disco language --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct LanguageFile {
    format_version: FormatVersion,
    /// The outer ones before those in them.
    blocks: Vec<BlockFile>,
    codes: Vec<CodeFile>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BlockFile {
    word: &'static str,
    label: LabelFile,
    /// The one label that it can have, if it is that.
    label_is: Option<&'static str>,
    description: &'static str,
    /// Where it may stand; a definition itself has no words.
    r#in: Vec<PlaceFile>,
    attributes: Vec<AttributeFile>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum LabelFile {
    None,
    Optional,
    Required,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlaceFile {
    /// The words of the blocks around it, from the outside in.
    path: Vec<&'static str>,
    minimum: u32,
    /// `null`: any number.
    maximum: Option<u32>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AttributeFile {
    name: &'static str,
    /// `string`, `bool`, `number`, `list of strings` or `expression`.
    r#type: &'static str,
    /// What more is to be said of its type, in words.
    form: String,
    minimum: Option<i64>,
    maximum: Option<i64>,
    unit: Option<&'static str>,
    one_of: Option<Vec<&'static str>>,
    required: bool,
    /// In words.
    default: String,
    description: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CodeFile {
    code: &'static str,
    meaning: &'static str,
}

/// All of the language.
pub fn language_json() -> Json {
    let block = |schema: &'static BlockSchema, places: &[super::Place]| BlockFile {
        word: schema.word,
        label: match schema.label {
            Label::None => LabelFile::None,
            Label::Optional(_) => LabelFile::Optional,
            Label::Required(_) | Label::Word(_) => LabelFile::Required,
        },
        label_is: match schema.label {
            Label::Word(word) => Some(word),
            _ => None,
        },
        description: schema.says,
        r#in: places
            .iter()
            .map(|place| PlaceFile {
                path: place.path.clone(),
                minimum: u32::from(place.often == Often::Once),
                maximum: (place.often != Often::Any).then_some(1),
            })
            .collect(),
        attributes: schema.attributes().map(attribute).collect(),
    };
    document(&LanguageFile {
        format_version: FormatVersion::Current,
        blocks: blocks().into_iter().map(|(schema, places)| block(schema, &places)).collect(),
        codes: CODES.iter().map(|(code, meaning)| CodeFile { code, meaning }).collect(),
    })
}

fn attribute(schema: &AttributeSchema) -> AttributeFile {
    let (of, form) = kind(schema);
    let (minimum, maximum, unit) = match schema.kind {
        Kind::Whole { least, most, unit } => (Some(least), Some(most), Some(unit)),
        _ => (None, None, None),
    };
    AttributeFile {
        name: schema.name,
        r#type: of,
        form,
        minimum,
        maximum,
        unit,
        one_of: match schema.kind {
            Kind::OneOf(words) => Some(words.iter().map(|(word, _)| *word).collect()),
            _ => None,
        },
        required: matches!(schema.presence, Presence::Required(_)),
        default: default(schema),
        description: schema.says,
    }
}
