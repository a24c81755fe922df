//! What is wrong, for programs: the same facts as are drawn.

use serde::Serialize;
use serde_json::Value as Json;

use crate::report::document::{FormatVersion, document};
use crate::source::{Diagnostic, Diagnostics, Label, Severity, Sources};

/// Something that is wrong, or could be.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct DiagnosticFile<'a> {
    severity: SeverityFile,
    /// Stable name of this kind of mistake, `disco::…`; `null` for what is no mistake in a text.
    code: Option<&'a str>,
    /// One sentence.
    message: &'a str,
    /// Places, the one that matters most first.
    labels: Vec<LabelFile<'a>>,
    /// Why, outermost first.
    causes: &'a [String],
    /// The way out.
    help: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum SeverityFile {
    Error,
    Warning,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LabelFile<'a> {
    /// The text: a definition's path, relative to the project, or a manifest of a catalogue.
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// Just behind the last character.
    end: EndFile,
    /// What is to be said about this place; may be empty.
    text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EndFile {
    line: usize,
    column: usize,
}

/// The answer of `disco validate --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct ValidationFile<'a> {
    format_version: FormatVersion,
    /// Whether there is no error.
    valid: bool,
    error_count: usize,
    warning_count: usize,
    diagnostics: Vec<CheckedFile<'a>>,
}

/// A complaint with everything that `terraform validate -json` says of one, so that whoever reads that can read this.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckedFile<'a> {
    #[serde(flatten)]
    diagnostic: DiagnosticFile<'a>,
    /// The same as `message`.
    summary: &'a str,
    /// What is said about the first place, and the way out.
    detail: String,
    /// The first place.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<RangeFile>,
    /// The lines of the first place, as far as they may be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<SnippetFile>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RangeFile {
    filename: String,
    start: PointFile,
    /// Just behind the last character.
    end: PointFile,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PointFile {
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// From 0.
    byte: u32,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SnippetFile {
    /// Always `null`: what stands around the lines.
    context: (),
    /// The first line of the place.
    code: String,
    start_line: usize,
    /// In bytes of `code`.
    highlight_start_offset: usize,
    highlight_end_offset: usize,
    /// Always empty: values of the expressions in it.
    values: [(); 0],
}

impl<'a> CheckedFile<'a> {
    fn of(diagnostic: &'a Diagnostic, sources: &Sources) -> Self {
        let first = diagnostic.labels.first();
        let said = first.map(|label| label.text.as_str()).filter(|text| !text.is_empty());
        let detail: Vec<&str> = said.into_iter().chain(diagnostic.help.as_deref()).collect();
        Self {
            diagnostic: DiagnosticFile::of(diagnostic, sources),
            summary: &diagnostic.message,
            detail: detail.join("\n"),
            range: first.map(|label| RangeFile::of(label, sources)),
            snippet: first.map(|label| SnippetFile::of(label, sources)),
        }
    }

    fn error(message: &'a str, causes: &'a [String], help: Option<&'a str>) -> Self {
        let detail: Vec<&str> = causes.iter().map(String::as_str).chain(help).collect();
        Self {
            diagnostic: DiagnosticFile::error(message, causes, help),
            summary: message,
            detail: detail.join("\n"),
            range: None,
            snippet: None,
        }
    }
}

impl RangeFile {
    fn of(label: &Label, sources: &Sources) -> Self {
        let source = sources.get(label.span.source);
        let point = |byte: u32| {
            let at = source.position(byte as usize);
            PointFile { line: at.line, column: at.column, byte }
        };
        Self { filename: source.name().to_owned(), start: point(label.span.start), end: point(label.span.end) }
    }
}

impl SnippetFile {
    fn of(label: &Label, sources: &Sources) -> Self {
        let source = sources.get(label.span.source);
        let (start, end) = (source.position(label.span.start as usize), source.position(label.span.end as usize));
        // What may not be shown has asterisks there, as many characters as it has.
        let code = sources.shown(label.span.source).line(start.line).to_owned();
        let offset = |column: usize| code.char_indices().nth(column - 1).map_or(code.len(), |(at, _)| at);
        let from = offset(start.column);
        let to = if end.line == start.line { offset(end.column) } else { code.len() };
        Self {
            context: (),
            start_line: start.line,
            highlight_start_offset: from,
            highlight_end_offset: to.max(from),
            values: [],
            code,
        }
    }
}

impl<'a> DiagnosticFile<'a> {
    pub(in crate::report) fn of(diagnostic: &'a Diagnostic, sources: &Sources) -> Self {
        Self {
            severity: match diagnostic.severity {
                Severity::Error => SeverityFile::Error,
                Severity::Warning => SeverityFile::Warning,
            },
            code: Some(diagnostic.code),
            message: &diagnostic.message,
            labels: diagnostic.labels.iter().map(|label| LabelFile::of(label, sources)).collect(),
            causes: &[],
            help: diagnostic.help.as_deref(),
        }
    }

    /// An error that stands in no text.
    pub(in crate::report) fn error(message: &'a str, causes: &'a [String], help: Option<&'a str>) -> Self {
        Self { severity: SeverityFile::Error, code: None, message, labels: Vec::new(), causes, help }
    }

    pub(in crate::report) fn is_error(&self) -> bool {
        self.severity == SeverityFile::Error
    }

    pub(in crate::report) fn message(&self) -> &'a str {
        self.message
    }
}

impl<'a> LabelFile<'a> {
    fn of(label: &'a Label, sources: &Sources) -> Self {
        let source = sources.get(label.span.source);
        let (start, end) = (source.position(label.span.start as usize), source.position(label.span.end as usize));
        Self {
            file: source.name().to_owned(),
            line: start.line,
            column: start.column,
            end: EndFile { line: end.line, column: end.column },
            text: &label.text,
        }
    }
}

/// All complaints as JSON: severity, code, message, places and help.
pub fn diagnostics_json(diagnostics: &Diagnostics, sources: &Sources) -> Json {
    document(&all(diagnostics, sources))
}

fn all<'a>(diagnostics: &'a Diagnostics, sources: &Sources) -> Vec<DiagnosticFile<'a>> {
    diagnostics.iter().map(|diagnostic| DiagnosticFile::of(diagnostic, sources)).collect()
}

/// The answer of `disco validate --json`. What is wrong beside the mistakes in definitions is a sentence with its
/// causes and the way out.
pub fn validation_json(
    diagnostics: &Diagnostics,
    failure: Option<(&str, &[String], Option<&str>)>,
    sources: &Sources,
) -> Json {
    let mut diagnostics: Vec<CheckedFile<'_>> = diagnostics.iter().map(|one| CheckedFile::of(one, sources)).collect();
    diagnostics.extend(failure.map(|(message, causes, help)| CheckedFile::error(message, causes, help)));
    let errors = diagnostics.iter().filter(|found| found.diagnostic.is_error()).count();
    document(&ValidationFile {
        format_version: FormatVersion::Current,
        valid: errors == 0,
        error_count: errors,
        warning_count: diagnostics.len() - errors,
        diagnostics,
    })
}
