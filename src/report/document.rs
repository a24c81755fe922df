//! What the documents for programs have in common. The schemas in `schemas/` are derived from their types.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::graph::ParameterValue;
use crate::source::{Sources, Span};
use crate::state::salted_digest;
use crate::template::Template;

/// The format of a document; another first number comes with a change that could mislead a reader of this one.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) enum FormatVersion {
    #[serde(rename = "1.0")]
    Current,
}

/// A document as JSON.
pub(super) fn document(file: &impl Serialize) -> Json {
    // Serialising to memory fails only for maps whose keys are not texts; there are none here.
    serde_json::to_value(file).unwrap_or_default()
}

/// Where something begins in a text.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PlaceFile {
    /// The text: a definition's path, relative to the project, or a manifest of a catalogue.
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
}

impl PlaceFile {
    pub(super) fn of(span: Span, sources: &Sources) -> Self {
        let (file, at) = sources.locate(span);
        Self { file, line: at.line, column: at.column }
    }
}

/// Where the value of a template's parameter comes from. Secrets are not written down.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum ParameterFile<'a> {
    /// This is it.
    Value(&'a str),
    /// A secret, by its salted digest.
    Digest(String),
    /// A secret that whoever deploys has to know.
    Secret(True),
    /// The physical id of a resource of another stack, which that stack has as an output of the same name.
    IdOf { stack: &'a str, resource: &'a str },
    /// A secret that Heat makes up: the attribute `value` of a random string of another stack.
    SecretOf { stack: &'a str, resource: &'a str },
    /// What the stack has already.
    Kept(True),
}

/// `true`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(super) struct True(#[cfg_attr(test, schemars(extend("const" = true)))] bool);

/// The parameters of a template; secret ones by their digest where there is something to salt it with.
pub(super) fn parameters<'a>(template: &'a Template, salt: Option<&str>) -> BTreeMap<&'a str, ParameterFile<'a>> {
    let value = |name: &str, value: &'a ParameterValue| match value {
        ParameterValue::Given(text) if text.secret => match salt {
            Some(salt) => ParameterFile::Digest(salted_digest(salt, name, &text.value)),
            None => ParameterFile::Secret(True(true)),
        },
        ParameterValue::Given(text) => ParameterFile::Value(&text.value),
        ParameterValue::IdOf { stack, resource } => ParameterFile::IdOf { stack, resource },
        ParameterValue::SecretOf { stack, resource } => ParameterFile::SecretOf { stack, resource },
        ParameterValue::Kept => ParameterFile::Kept(True(true)),
    };
    template.parameters.iter().map(|(name, parameter)| (name.as_str(), value(name, &parameter.value))).collect()
}
