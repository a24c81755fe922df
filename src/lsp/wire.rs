//! The protocol's own types, as far as they are used.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Codes of errors.
pub(super) mod code {
    /// What came is no JSON.
    pub(in crate::lsp) const PARSE: i32 = -32700;
    /// What came is no request.
    pub(in crate::lsp) const INVALID_REQUEST: i32 = -32600;
    /// A method that is not known.
    pub(in crate::lsp) const METHOD_NOT_FOUND: i32 = -32601;
    /// Parameters that do not fit.
    pub(in crate::lsp) const INVALID_PARAMS: i32 = -32602;
    /// A request before `initialize`.
    pub(in crate::lsp) const NOT_INITIALIZED: i32 = -32002;
    /// A request that the client has taken back.
    pub(in crate::lsp) const CANCELLED: i32 = -32800;
    /// A request that cannot be done.
    pub(in crate::lsp) const FAILED: i32 = -32803;
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: i32,
    pub(super) message: String,
}

impl Fault {
    /// A fault of this kind.
    pub(super) fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// A place in a document: both from 0, the character in units of the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) character: u32,
}

/// From one place to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// The parameters of all requests and notifications about a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Params {
    pub(super) text_document: TextDocument,
    pub(super) position: Option<Position>,
    pub(super) new_name: Option<String>,
    #[serde(default)]
    pub(super) content_changes: Vec<ContentChange>,
    pub(super) context: Option<Json>,
}

/// A document, with its text where it is opened.
#[derive(Debug, Deserialize)]
pub(super) struct TextDocument {
    pub(super) uri: String,
    pub(super) text: Option<String>,
}

/// A change of a document; without a range of all of it.
#[derive(Debug, Deserialize)]
pub(super) struct ContentChange {
    pub(super) range: Option<Range>,
    pub(super) text: String,
}

/// A range of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Location {
    pub(super) uri: String,
    pub(super) range: Range,
}

/// A change to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextEdit {
    pub(super) range: Range,
    pub(super) new_text: String,
}

/// Something that can be written at a place.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompletionItem {
    pub(super) label: String,
    pub(super) kind: u8,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) documentation: Option<Markdown>,
    pub(super) sort_text: String,
    pub(super) insert_text_format: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text_edit: Option<TextEdit>,
}

/// Text in Markdown.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Markdown {
    kind: &'static str,
    value: String,
}

impl Markdown {
    /// The text as Markdown.
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self { kind: "markdown", value: value.into() }
    }
}

/// Kinds of completion items.
pub(super) mod kind {
    /// A function.
    pub(in crate::lsp) const FUNCTION: u8 = 3;
    /// A part of a value.
    pub(in crate::lsp) const FIELD: u8 = 5;
    /// A variable or local value.
    pub(in crate::lsp) const VARIABLE: u8 = 6;
    /// A block.
    pub(in crate::lsp) const MODULE: u8 = 9;
    /// An attribute.
    pub(in crate::lsp) const PROPERTY: u8 = 10;
    /// A value.
    pub(in crate::lsp) const VALUE: u8 = 12;
    /// One of some words.
    pub(in crate::lsp) const ENUM_MEMBER: u8 = 20;
}

/// A diagnostic of a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Diagnostic {
    pub(super) range: Range,
    pub(super) severity: u8,
    pub(super) code: &'static str,
    pub(super) source: &'static str,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_information: Vec<Related>,
}

/// Another place that explains a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Related {
    pub(super) location: Location,
    pub(super) message: String,
}

/// A part of a document, with those in it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentSymbol {
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) kind: u8,
    pub(super) range: Range,
    pub(super) selection_range: Range,
    pub(super) children: Vec<DocumentSymbol>,
}
