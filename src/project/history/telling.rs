//! The messages of an operation, written as they come: what every face keeps, and shows in its own way.
#![expect(clippy::disallowed_methods, reason = "a message says when it was written")]

use std::time::Duration;

use super::OperationLog;
use crate::apply::{Event, Observer};
use crate::plan::{Plan, Summary};
use crate::project::{Applied, Failure, FailureKind};
use crate::report::{self, Message, StreamEnd};
use crate::source::{Diagnostics, Sources};

impl FailureKind {
    /// How messages end that tell such a failure.
    pub fn stream_end(self) -> StreamEnd {
        match self {
            Self::Interrupted => StreamEnd::Interrupted(self.name()),
            _ => StreamEnd::Failed(self.name()),
        }
    }
}

impl OperationLog {
    /// Keeps a message, and returns it as the line that it is.
    pub fn tell(&self, message: &Message<'_>) -> String {
        let line = Self::line(message);
        self.say(&line);
        line
    }

    /// A message as the line that it is now, which nobody keeps.
    pub fn line(message: &Message<'_>) -> String {
        message.line(&jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
    }

    /// Keeps mistakes and warnings.
    pub fn tell_diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        for diagnostic in diagnostics {
            self.tell(&Message::diagnostic(diagnostic, sources));
        }
    }

    /// Keeps a plan.
    pub fn tell_plan(&self, plan: &Plan, sources: &Sources, expected: Option<Duration>) {
        self.tell(&Message::plan(plan, sources));
        self.tell(&Message::planned(plan.summary(), report::summary_line(plan), expected));
    }

    /// Keeps what became of a plan.
    pub fn tell_applied(&self, destroys: bool, applied: &Applied, done: Summary) {
        if !applied.timeline.is_empty() {
            self.tell(&Message::timeline(&applied.timeline));
        }
        let verb = if destroys { "destroy" } else { "apply" };
        self.tell(&Message::summary(verb, done, report::done_line(destroys, done, applied.took)));
        self.tell(&Message::outputs(&applied.outputs));
    }

    /// Keeps a failure: a message for each mistake.
    pub fn tell_failure(&self, failure: &Failure, sources: &Sources) {
        self.tell_diagnostics(&failure.diagnostics, sources);
        if !failure.message.is_empty() {
            self.tell(&Message::error(&failure.message, &failure.causes, failure.help.as_deref()));
        }
    }

    /// Keeps the last message.
    pub fn tell_end(&self, end: StreamEnd, exit_code: u8) -> String {
        let line = self.tell(&Message::end(end, exit_code));
        self.end();
        line
    }
}

/// An event that users know by name is kept.
impl Observer for OperationLog {
    fn on(&mut self, at: Duration, event: &Event) {
        if !event.is_plumbing() {
            for message in Message::event(at, event) {
                self.tell(&message);
            }
        }
    }
}
