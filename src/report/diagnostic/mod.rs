//! What is wrong, drawn under the lines that are wrong.
//!
//! miette draws; it counts bytes and prints lines in full, so it is handed a view of our own: only the lines that
//! matter, long ones cut around what is pointed at, with columns that count characters.

mod found;
mod hosts;
mod json;
mod sarif;
mod view;

use std::fmt::{self, Write as _};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::visible;
use crate::source::{Diagnostic, Diagnostics, Label, Severity, SourceId, Sources};

use view::View;

pub use found::Findings;
pub use hosts::{github_annotations, gitlab_report};
pub(super) use json::DiagnosticFile;
#[cfg(test)]
pub(super) use json::ValidationFile;
pub use json::{diagnostics_json, validation_json};
pub use sarif::sarif;

/// Lines shown before and after the one that is wrong.
const CONTEXT: usize = 1;

/// How many complaints are drawn; more than that nobody reads.
const MOST_DRAWN: usize = 20;

/// How complaints are drawn.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosticDrawing {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// All of them, however many there are.
    pub all: bool,
}

impl DiagnosticDrawing {
    /// For a terminal that is `width` columns wide, no more than anybody reads.
    pub fn new(colour: bool, width: usize) -> Self {
        Self { colour, width, all: false }
    }
}

/// All complaints as text for a terminal, each with an empty line after it.
pub fn diagnostics(diagnostics: &Diagnostics, sources: &Sources, drawing: DiagnosticDrawing) -> String {
    let DiagnosticDrawing { colour, width, all } = drawing;
    let width = width.max(40);
    let most = if all { usize::MAX } else { MOST_DRAWN };
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_links(false)
        .with_context_lines(CONTEXT)
        .without_syntax_highlighting();
    let mut text = String::new();
    for diagnostic in drawn(diagnostics, most) {
        let drawing = Drawing::new(diagnostic, sources, width);
        if handler.render_report(&mut text, &drawing).is_err() {
            text.push_str(&diagnostic.message);
            text.push('\n');
        }
        text.push('\n');
    }
    if diagnostics.len() > most {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} more are not shown; --all shows all\n", diagnostics.len() - most);
    }
    without_trailing_blanks(&text)
}

/// Those that are drawn: where they are too many, no warning takes the place of an error.
fn drawn(all: &Diagnostics, most: usize) -> Vec<&Diagnostic> {
    let mut drawn: Vec<&Diagnostic> = all.iter().collect();
    if drawn.len() > most {
        drawn.sort_by_key(|one| one.severity != Severity::Error);
        drawn.truncate(most);
    }
    drawn
}

/// Takes the blanks at the end of each line away, also those before the escapes that end a colour there.
fn without_trailing_blanks(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    for line in text.lines() {
        let mut rest = line.trim_end();
        let mut escapes = Vec::new();
        while let Some((before, escape)) = rest.rsplit_once('\u{1b}')
            && escape.strip_suffix('m').is_some_and(|codes| !codes.contains('m'))
        {
            escapes.push(&rest[before.len()..]);
            rest = before.trim_end();
        }
        trimmed.push_str(rest);
        trimmed.extend(escapes.into_iter().rev());
        trimmed.push('\n');
    }
    trimmed
}

/// One complaint as miette wants it: the labels of one text, those of further texts as related ones.
#[derive(Debug)]
struct Drawing {
    severity: miette::Severity,
    code: Option<&'static str>,
    message: String,
    help: Option<String>,
    view: Option<View>,
    labels: Vec<LabeledSpan>,
    related: Vec<Drawing>,
}

impl Drawing {
    fn new(diagnostic: &Diagnostic, sources: &Sources, width: usize) -> Self {
        let mut texts: Vec<(SourceId, Vec<&Label>)> = Vec::new();
        for label in &diagnostic.labels {
            match texts.iter_mut().find(|(source, _)| *source == label.span.source) {
                Some((_, labels)) => labels.push(label),
                None => texts.push((label.span.source, vec![label])),
            }
        }
        let mut texts = texts.into_iter();
        let (view, labels) = match texts.next() {
            Some((source, labels)) => {
                let (view, labels) = View::new(&sources.get(source), &sources.shown(source), &labels, width);
                (Some(view), labels)
            }
            None => (None, Vec::new()),
        };
        let related = texts.map(|(source, labels)| {
            let (view, spans) = View::new(&sources.get(source), &sources.shown(source), &labels, width);
            let message = labels.iter().map(|label| label.text.as_str()).find(|text| !text.is_empty());
            Self {
                severity: miette::Severity::Advice,
                code: None,
                message: visible(message.unwrap_or("see also")).into_owned(),
                help: None,
                view: Some(view),
                labels: spans,
                related: Vec::new(),
            }
        });
        Self {
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            code: Some(diagnostic.code),
            message: visible(&diagnostic.message).into_owned(),
            help: diagnostic.help.as_deref().map(|help| visible(help).into_owned()),
            related: related.collect(),
            view,
            labels,
        }
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.view.as_ref().map(|view| view as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|related| related as &dyn miette::Diagnostic)))
    }
}
