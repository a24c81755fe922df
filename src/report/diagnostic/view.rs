//! The lines of a text that a drawing shows, cut and written so that they fit and that marks stand under what they mean.

use std::collections::BTreeMap;

use miette::{LabeledSpan, MietteError, SourceCode, SourceSpan, SpanContents};
use unicode_width::UnicodeWidthChar as _;

use super::super::visible::{acts, push_written_out};
use super::CONTEXT;
use crate::source::{Label, Source};

/// The lines of a text that matter, as they are to be shown.
#[derive(Debug)]
pub(super) struct View {
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
    pub(super) fn new(source: &Source, shown: &Source, labels: &[&Label], width: usize) -> (Self, Vec<LabeledSpan>) {
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
            let texts: Vec<&str> = marks.iter().map(|(index, _, _)| labels[*index].text.as_str()).collect();
            let line = Line::new(shown.line(number), &marks, &texts, width);
            for ((index, first, _), mark) in marks.iter().zip(&line.marks) {
                let at = view.text.len() + mark.start;
                view.columns.entry(at).or_insert(first + 1);
                let text = Some(mark.text.clone()).filter(|text| !text.is_empty());
                let place = (at, mark.end - mark.start);
                spans[*index] = Some(if *index == 0 {
                    LabeledSpan::new_primary_with_span(text, place)
                } else {
                    LabeledSpan::new_with_span(text, place)
                });
            }
            let start = view.text.len();
            view.text.push_str(&line.text);
            view.lines.push(ViewLine { number, start, end: view.text.len() });
            view.text.push('\n');
        }
        (view, spans.into_iter().flatten().collect())
    }
}

/// A line as it is shown.
struct Line {
    text: String,
    marks: Vec<Mark>,
}

/// What is pointed at in a line, in bytes of what is shown, and what is said about it, broken so that it fits.
struct Mark {
    start: usize,
    end: usize,
    text: String,
}

/// Columns that the frame around a line takes.
const FRAME: usize = 10;
/// Columns that what is said about a mark gets at least.
const LABEL: usize = 28;
/// Columns that a tab takes.
const TAB: usize = 4;

impl Line {
    /// Cuts a line to what is pointed at if it is too long. `marks` are in characters.
    fn new(line: &str, marks: &[(usize, usize, usize)], texts: &[&str], width: usize) -> Self {
        let room = width.saturating_sub(FRAME).max(30);
        let pieces: Vec<(String, usize)> = line.chars().map(piece).collect();
        // Where each character begins on the screen, and where the last ends.
        let mut columns = Vec::with_capacity(pieces.len() + 1);
        let mut column = 0;
        for (_, width) in &pieces {
            columns.push(column);
            column += width;
        }
        columns.push(column);
        let length = pieces.len();
        let at = |character: usize| columns[character.min(length)];
        let (from, to) = window(&columns, marks, texts, room);
        let mut text = String::new();
        if from > 0 {
            text.push('…');
        }
        let mut offsets = Vec::with_capacity(to - from + 1);
        for (piece, _) in &pieces[from..to] {
            offsets.push(text.len());
            text.push_str(piece);
        }
        offsets.push(text.len());
        // Room to point behind the last character.
        if to < length {
            text.push('…');
        } else if marks.iter().any(|(_, first, _)| *first >= to) {
            text.push(' ');
        }
        let marks = marks.iter().zip(texts).map(|((_, first, last), said)| {
            let (first, last) = ((*first).clamp(from, to), (*last).clamp(from, to));
            let (start, end) = (offsets[first - from], offsets[last - from]);
            let one = text[start..].chars().next().map_or(0, char::len_utf8);
            let middle = usize::midpoint(at(first), at(last)) - at(from);
            let room = room.saturating_sub(middle).max(LABEL - 4);
            Mark { start, end: end.max(start + one), text: broken(&super::visible(said), room) }
        });
        let marks = marks.collect();
        Self { text, marks }
    }
}

/// A character as it is shown, and the columns it takes.
fn piece(char: char) -> (String, usize) {
    let mut shown = String::new();
    match char {
        '\t' => shown.push_str(&" ".repeat(TAB)),
        char if acts(char) => push_written_out(char, &mut shown),
        char => shown.push(char),
    }
    let width = shown.chars().map(|char| char.width().unwrap_or(0)).sum();
    (shown, width)
}

/// The characters of a line that are shown: all of it if it fits, and there is room for what is said about the marks.
fn window(columns: &[usize], marks: &[(usize, usize, usize)], texts: &[&str], room: usize) -> (usize, usize) {
    let length = columns.len() - 1;
    let first_mark = marks.iter().map(|(_, first, _)| *first).min().unwrap_or(0).min(length);
    let mut from = 0;
    if columns[length] > room {
        let before = columns[first_mark].saturating_sub(room / 3).min(columns[length].saturating_sub(room));
        from = columns.partition_point(|column| *column < before).min(first_mark);
    }
    // What is said stands right of the middle of its mark.
    let said = |((_, first, last), text): (&(usize, usize, usize), &&str)| {
        let end = columns.partition_point(|column| *column <= columns[from] + room) - 1;
        let middle = usize::midpoint(columns[(*first).min(length)], columns[(*last).min(end.max(*first)).min(length)]);
        (middle + text.chars().count().min(LABEL)).saturating_sub(columns[from] + room)
    };
    let beyond = marks.iter().zip(texts).filter(|(_, text)| !text.is_empty()).map(said).max().unwrap_or(0);
    if beyond > 0 {
        let begin = columns[from] + beyond;
        from = columns.partition_point(|column| *column < begin).min(first_mark);
    }
    let to = columns.partition_point(|column| *column <= columns[from] + room) - 1;
    (from, to.clamp(from, length))
}

/// Breaks a text between words into lines of at most `room` characters.
fn broken(text: &str, room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
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
