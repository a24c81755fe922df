//! Why an operation of the façade did not succeed: one type, whatever room it came from.

use crate::apply::ApplyError;
use crate::source::{Diagnostics, causes};

/// What went wrong, for a person.
#[derive(Debug)]
pub struct Failure {
    /// What kind, for exit codes and statuses.
    pub kind: FailureKind,
    /// One sentence; empty where the diagnostics say it all.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// The way out.
    pub help: Option<String>,
    /// Mistakes with their places.
    pub diagnostics: Diagnostics,
}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The definition, or what was typed, is wrong.
    Definition,
    /// The state cannot be read or written.
    State,
    /// Another operation is under way.
    Locked,
    /// The cloud cannot be reached or refuses.
    Cloud,
    /// The plan is refused: data loss, protection, a stranger's stack, stale, or the user said no.
    Refused,
    /// Heat did not do what was asked.
    Apply,
    /// A signal has ended it early.
    Interrupted,
    /// What it gave could not be written to stdout.
    Output,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Definition,
        Self::State,
        Self::Locked,
        Self::Cloud,
        Self::Refused,
        Self::Apply,
        Self::Interrupted,
        Self::Output,
    ];

    /// One word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::State => "state",
            Self::Locked => "locked",
            Self::Cloud => "cloud",
            Self::Refused => "refused",
            Self::Apply => "apply",
            Self::Interrupted => "interrupted",
            Self::Output => "output",
        }
    }
}

impl Failure {
    /// A failure with its sentence.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), help: None, diagnostics: Diagnostics::new() }
    }

    /// Mistakes in the definition, or refusals, that say it all.
    pub fn of(kind: FailureKind, diagnostics: Diagnostics) -> Self {
        Self { diagnostics, ..Self::new(kind, "") }
    }

    /// Adds an error and what caused it, outermost first.
    #[must_use]
    pub fn because(mut self, cause: &dyn std::error::Error) -> Self {
        self.causes.extend(causes(cause));
        self
    }

    /// Says the way out, where there is one.
    #[must_use]
    pub fn help_maybe(self, help: Option<String>) -> Self {
        Self { help: help.or(self.help), ..self }
    }

    /// Says the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What could not be done, the first failure first.
pub(super) fn failed(errors: &[ApplyError]) -> Failure {
    let mut diagnostics = Diagnostics::new();
    diagnostics.extend(errors.iter().map(ApplyError::diagnostic));
    Failure::of(FailureKind::Apply, diagnostics)
}
