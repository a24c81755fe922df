//! What is wrong, told to the client file by file.

use std::collections::BTreeMap;

use super::analysis::Analysis;
use super::document::Document;
use super::text::{Encoding, Lines};
use super::wire::{Diagnostic, Position, Range, Related};
use crate::source::{self, Severity, Sources, Span};
use crate::syntax;

/// Where what has no place of its own is told.
const TOP: Range = Range { start: Position { line: 0, character: 0 }, end: Position { line: 0, character: 0 } };

/// The protocol's tag for what is not needed.
const UNNECESSARY: u8 = 1;

/// All that is wrong with a project, by file. What stands in no file of it is told at the top of `open`.
pub(super) fn by_file(analysis: &Analysis, open: &str) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut all: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for found in analysis.diagnostics() {
        let (uri, told) = diagnostic(analysis, found, open);
        all.entry(uri).or_default().push(told);
    }
    if let Err(failure) = &analysis.examined
        && !failure.message.is_empty()
    {
        let words: Vec<&str> = std::iter::once(&failure.message).chain(&failure.causes).map(String::as_str).collect();
        let message = with_help(words.join(": "), failure.help.as_deref());
        let told = plain(TOP, Severity::Error, "", message);
        all.entry(open.to_owned()).or_default().push(told);
    }
    all
}

fn diagnostic(analysis: &Analysis, found: &source::Diagnostic, open: &str) -> (String, Diagnostic) {
    let mut labels = found.labels.iter();
    let first = labels.clone().next();
    let place = first.and_then(|label| analysis.location(label.span));
    if place.is_some() {
        labels.next();
    }
    let related = labels
        .filter_map(|label| {
            let message = if label.text.is_empty() { "see also" } else { &label.text };
            Some(Related { location: analysis.location(label.span)?, message: message.to_owned() })
        })
        .collect();
    let said = first.map(|label| label.text.as_str()).filter(|text| !text.is_empty());
    let message = match said {
        Some(said) => format!("{} ({said})", found.message),
        None => found.message.clone(),
    };
    let (uri, range) = place.map_or_else(|| (open.to_owned(), TOP), |place| (place.uri, place.range));
    let told = plain(range, found.severity, found.code, with_help(message, found.help.as_deref()));
    (uri, Diagnostic { related_information: related, ..told })
}

fn plain(range: Range, severity: Severity, code: &'static str, message: String) -> Diagnostic {
    let unused = ["disco::unused_local", "disco::unused_variable"].contains(&code);
    Diagnostic {
        range,
        severity: if severity == Severity::Error { 1 } else { 2 },
        code,
        source: "disco",
        message,
        tags: if unused { vec![UNNECESSARY] } else { Vec::new() },
        related_information: Vec::new(),
    }
}

fn with_help(message: String, help: Option<&str>) -> String {
    match help {
        Some(help) => format!("{message}\nhelp: {help}"),
        None => message,
    }
}

/// What is wrong with a text that is no part of a project: its syntax alone.
pub(super) fn of_syntax(document: &Document, encoding: Encoding) -> Vec<Diagnostic> {
    let sources = Sources::new();
    let id = sources.add(document.name().unwrap_or_default(), document.text.as_str());
    let lines = Lines::new(&document.text, encoding);
    let range = |span: Option<Span>| span.map_or(TOP, |span| lines.range(span.range()));
    let found = syntax::parse(&sources, id).1;
    found
        .iter()
        .map(|one| {
            plain(range(one.span()), one.severity, one.code, with_help(one.message.clone(), one.help.as_deref()))
        })
        .collect()
}
