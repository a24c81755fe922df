//! What is wrong, drawn under the lines that are wrong.
//!
//! miette draws; it counts bytes and prints lines in full, so it is handed a view of our own: only the lines that
//! matter, long ones cut around what is pointed at, with columns that count characters.

mod json;

use std::collections::BTreeMap;
use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};

use crate::source::{Diagnostic, Diagnostics, Label, Severity, Source, SourceId, Sources};

pub(super) use json::DiagnosticFile;
#[cfg(test)]
pub(super) use json::ValidationFile;
pub use json::{diagnostics_json, validation_json};

/// Lines shown before and after the one that is wrong.
const CONTEXT: usize = 1;

/// All complaints as text for a terminal that is `width` columns wide, each with an empty line after it.
pub fn diagnostics(diagnostics: &Diagnostics, sources: &Sources, colour: bool, width: usize) -> String {
    let width = width.max(40);
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_links(false)
        .with_context_lines(CONTEXT)
        .without_syntax_highlighting();
    let mut text = String::new();
    for diagnostic in diagnostics {
        let drawing = Drawing::new(diagnostic, sources, width);
        if handler.render_report(&mut text, &drawing).is_err() {
            text.push_str(&diagnostic.message);
            text.push('\n');
        }
        text.push('\n');
    }
    without_trailing_blanks(&text)
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
                message: message.unwrap_or("see also").to_owned(),
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
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
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

/// The lines of a text that matter, as they are to be shown.
#[derive(Debug)]
struct View {
    name: String,
    text: String,
    lines: Vec<ViewLine>,
    /// The columns, from one, of what is pointed at, by where it is in this view.
    columns: BTreeMap<usize, usize>,
}

#[derive(Debug)]
struct ViewLine {
    /// In the original, from one.
    number: usize,
    start: usize,
    end: usize,
}

impl View {
    /// Places are those of `source`; `shown` is what may be seen of it.
    fn new(source: &Source, shown: &Source, labels: &[&Label], width: usize) -> (Self, Vec<LabeledSpan>) {
        // A label is drawn in its first line only: blocks would fill the screen.
        let mut marks: BTreeMap<usize, Vec<(usize, usize, usize)>> = BTreeMap::new();
        for (index, label) in labels.iter().enumerate() {
            let start = source.position(label.span.start as usize);
            let end = source.position(label.span.end as usize);
            let length = source.line(start.line).chars().count();
            let last = if end.line == start.line { end.column - 1 } else { length };
            let first = (start.column - 1).min(length);
            marks.entry(start.line).or_default().push((index, first, last.max(first)));
        }
        let mut lines: BTreeMap<usize, Vec<(usize, usize, usize)>> = BTreeMap::new();
        let last = source.position(usize::MAX).line;
        for line in marks.keys() {
            for near in line.saturating_sub(CONTEXT).max(1)..=(line + CONTEXT).min(last) {
                lines.entry(near).or_default();
            }
        }
        lines.extend(marks);
        let mut view =
            Self { name: source.name().to_owned(), text: String::new(), lines: Vec::new(), columns: BTreeMap::new() };
        let mut spans: Vec<Option<LabeledSpan>> = labels.iter().map(|_| None).collect();
        for (number, marks) in lines {
            view.line(shown.line(number), number, &marks, width, |index, start, length| {
                let text = Some(labels[index].text.clone()).filter(|text| !text.is_empty());
                spans[index] = Some(if index == 0 {
                    LabeledSpan::new_primary_with_span(text, (start, length))
                } else {
                    LabeledSpan::new_with_span(text, (start, length))
                });
            });
        }
        (view, spans.into_iter().flatten().collect())
    }

    /// Adds a line, cut to what is pointed at if it is too long.
    fn line(
        &mut self,
        text: &str,
        number: usize,
        marks: &[(usize, usize, usize)],
        width: usize,
        mut place: impl FnMut(usize, usize, usize),
    ) {
        let room = width.saturating_sub(10).max(30);
        let length = text.chars().count();
        let first_mark = marks.iter().map(|(_, first, _)| *first).min().unwrap_or(0);
        let (from, to) = if length <= room {
            (0, length)
        } else {
            let from = first_mark.saturating_sub(room / 3).min(length - room);
            (from, from + room)
        };
        let start = self.text.len();
        if from > 0 {
            self.text.push('…');
        }
        // Where each character of the window begins in the view, and where the last ends.
        let mut offsets = Vec::with_capacity(to - from + 1);
        for char in text.chars().skip(from).take(to - from) {
            offsets.push(self.text.len());
            self.text.push(if char.is_control() && char != '\t' { '\u{fffd}' } else { char });
        }
        offsets.push(self.text.len());
        // Room to point behind the last character.
        if to < length {
            self.text.push('…');
        } else if marks.iter().any(|(_, first, _)| *first >= to) {
            self.text.push(' ');
        }
        let at = |column: usize| offsets[column.clamp(from, to) - from];
        for (index, first, last) in marks {
            let (first_at, last_at) = (at(*first), at(*last));
            self.columns.entry(first_at).or_insert(first + 1);
            let length = self.text[first_at..].chars().next().map_or(0, char::len_utf8);
            place(*index, first_at, last_at.saturating_sub(first_at).max(length));
        }
        self.lines.push(ViewLine { number, start, end: self.text.len() });
        self.text.push('\n');
    }
}

impl SourceCode for View {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line_of = |offset: usize| self.lines.partition_point(|line| line.start <= offset).checked_sub(1);
        let (Some(mut first), Some(mut last)) = (line_of(span.offset()), line_of(span.offset() + span.len())) else {
            return Err(MietteError::OutOfBounds);
        };
        for _ in 0..context_lines_before {
            if first > 0 && self.lines[first - 1].number + 1 == self.lines[first].number {
                first -= 1;
            }
        }
        for _ in 0..context_lines_after {
            if last + 1 < self.lines.len() && self.lines[last].number + 1 == self.lines[last + 1].number {
                last += 1;
            }
        }
        let (start, end) = (self.lines[first].start, self.lines[last].end);
        let column =
            if context_lines_before == 0 { self.columns.get(&span.offset()).map_or(0, |column| column - 1) } else { 0 };
        Ok(Box::new(Lines {
            view: self,
            span: SourceSpan::from((start, end - start)),
            line: self.lines[first].number - 1,
            column,
            count: last - first + 1,
        }))
    }
}

/// Some lines of a view.
struct Lines<'a> {
    view: &'a View,
    span: SourceSpan,
    line: usize,
    column: usize,
    count: usize,
}

impl<'a> SpanContents<'a> for Lines<'a> {
    fn data(&self) -> &'a [u8] {
        &self.view.text.as_bytes()[self.span.offset()..self.span.offset() + self.span.len()]
    }

    fn span(&self) -> &SourceSpan {
        &self.span
    }

    fn name(&self) -> Option<&str> {
        Some(&self.view.name)
    }

    fn line(&self) -> usize {
        self.line
    }

    fn column(&self) -> usize {
        self.column
    }

    fn line_count(&self) -> usize {
        self.count
    }
}
