//! One complaint, and a collection of them.

use std::collections::BTreeMap;

use super::Span;

/// How bad it is: an error stops the operation, a warning does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The operation goes on.
    Warning,
    /// The operation stops.
    Error,
}

/// A remark at a place. The first label of a [`Diagnostic`] is the place of the mistake, the others explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, a few words; may be empty.
    pub text: String,
}

/// What is wrong, where, and what to do about it.
///
/// `code` is stable and named like `disco::unknown_flavor`; the list of codes is the manual's error index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Stable name of this kind of mistake.
    pub code: &'static str,
    /// One sentence without a full stop, in the user's words.
    pub message: String,
    /// Places, the most important first.
    pub labels: Vec<Label>,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake that stops the operation.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), labels: Vec::new(), help: None }
    }

    /// Something to know that does not stop the operation.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a place; the first one added is the place of the mistake.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a place where it is known.
    #[must_use]
    pub fn at_maybe(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.at(span, text),
            None => self,
        }
    }

    /// Says the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says the way out where there is one.
    #[must_use]
    pub fn help_maybe(mut self, help: Option<String>) -> Self {
        if help.is_some() {
            self.help = help;
        }
        self
    }

    /// The place of the mistake.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// From so many on it is noted which complaints are alike: a file may have ten thousand mistakes.
const MANY: usize = 16;

/// Complaints by place and code, as their numbers: only those of one place and code can be the same.
type Alike = BTreeMap<(Option<Span>, &'static str), Vec<usize>>;

/// Everything that was found. Phases return their value *and* this, and go on past the first mistake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    /// Nothing where nothing was found: it is passed around everywhere, and deep down.
    found: Option<Box<Found>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    all: Vec<Diagnostic>,
    /// Empty where there are fewer than [`MANY`].
    alike: Alike,
}

impl Found {
    fn push(&mut self, diagnostic: Diagnostic) {
        let (key, number) = (key(&diagnostic), self.all.len());
        if number < MANY {
            if self.all.contains(&diagnostic) {
                return;
            }
        } else {
            let alike = self.alike.entry(key).or_default();
            if alike.iter().any(|known| self.all[*known] == diagnostic) {
                return;
            }
            alike.push(number);
        }
        self.all.push(diagnostic);
        if self.all.len() == MANY {
            for (number, diagnostic) in self.all.iter().enumerate() {
                self.alike.entry(self::key(diagnostic)).or_default().push(number);
            }
        }
    }
}

impl Diagnostics {
    /// Nothing found.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; the same complaint at the same place is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.get_or_insert_default().push(diagnostic);
    }

    /// Adds all of another phase.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in other {
            self.push(diagnostic);
        }
    }

    /// Whether one of them stops the operation.
    pub fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_none()
    }

    /// How many were found.
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// All of them, in the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.found.as_ref().map_or(&[][..], |found| &found.all).iter()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.map(|found| found.all).unwrap_or_default().into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Self::new();
        diagnostics.push(diagnostic);
        diagnostics
    }
}

fn key(diagnostic: &Diagnostic) -> (Option<Span>, &'static str) {
    (diagnostic.span(), diagnostic.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn the_same_complaint_is_kept_once_however_many_there_are() {
        let id = Sources::new().add("a", "text");
        let place = |number: usize| Span::new(id, number / 3, number / 3);
        let complaint = |number: usize| Diagnostic::error("disco::syntax", format!("{number}")).at(place(number), "");
        let mut found = Diagnostics::new();
        for round in 0..3 {
            found.extend((0..40 + round).map(complaint));
            found.push(Diagnostic::error("disco::syntax", "nowhere"));
            assert_eq!(found.len(), 41 + round);
        }
        let order: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
        let expected: Vec<String> = (0..40).map(|number| number.to_string()).collect();
        assert_eq!(order[..40], expected);
        assert_eq!(order[40..], ["nowhere", "40", "41"]);
    }
}
