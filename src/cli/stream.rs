//! What programs read while things happen: one message a line. The history keeps the same lines.

use std::time::Duration;

use super::exit::Exit;
use super::printer::{Printer, Verbosity};
use crate::apply::Event;
use crate::plan::Plan;
use crate::project::{Failure, FailureKind, OperationLog};
use crate::report::{Message, StreamEnd};
use crate::source::{Diagnostics, Sources};

/// Where the messages of one command go: to stdout, where programs read it, and into the history once an operation has begun.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    printer: Printer,
    /// Whether stdout carries JSON.
    prints: bool,
    /// Whether that is a whole stream, with its beginning and its end.
    streams: bool,
    log: OperationLog,
}

impl Stream {
    /// The messages of a command: `prints` where stdout carries them, `streams` where it carries nothing else.
    pub(super) fn new(printer: Printer, prints: bool, streams: bool, log: OperationLog) -> Self {
        Self { printer, prints, streams, log }
    }

    /// Says the first message.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn begin(&self) -> Result<(), Failure> {
        self.framing(&Message::version())
    }

    /// What only a whole stream has.
    fn framing(&self, message: &Message<'_>) -> Result<(), Failure> {
        let line = self.log.tell(message);
        if self.streams { self.printer.data(&line) } else { Ok(()) }
    }

    /// Whether anybody reads them.
    pub(super) fn is_heard(&self) -> bool {
        self.prints || self.log.is_open()
    }

    /// Says a message.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn say(&self, message: &Message<'_>) -> Result<(), Failure> {
        let line = self.log.tell(message);
        if self.prints { self.printer.data(&line) } else { Ok(()) }
    }

    /// Keeps a message that stdout does not carry.
    pub(super) fn keep(&self, message: &Message<'_>) {
        if self.log.is_open() {
            self.log.tell(message);
        }
    }

    /// Keeps a plan that stdout does not carry.
    pub(super) fn keep_plan(&self, plan: &Plan, sources: &Sources) {
        if self.log.is_open() {
            self.log.tell_plan(plan, sources, None);
        }
    }

    /// Says what happens, as far as is wanted; what users know by name is kept in any case. What is under way goes on where
    /// stdout takes no more: the printer remembers, and the command fails in the end.
    pub(super) fn event(&self, at: Duration, event: &Event) {
        let told = match self.printer.verbosity {
            Verbosity::Quiet => matches!(event, Event::Failed { .. }),
            Verbosity::Normal => !event.is_plumbing(),
            Verbosity::Verbose => true,
        };
        let kept = !event.is_plumbing();
        if !(told && self.prints || kept && self.log.is_open()) {
            return;
        }
        for message in Message::event(at, event) {
            let line = if kept { self.log.tell(&message) } else { OperationLog::line(&message) };
            if told && self.prints {
                let _ = self.printer.data(&line);
            }
        }
    }

    /// Says mistakes and warnings.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) -> Result<(), Failure> {
        diagnostics.iter().try_for_each(|diagnostic| self.say(&Message::diagnostic(diagnostic, sources)))
    }

    /// Says a failure: a message for each mistake.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn failure(&self, failure: &Failure, sources: &Sources) -> Result<(), Failure> {
        self.diagnostics(&failure.diagnostics, sources)?;
        if failure.message.is_empty() {
            return Ok(());
        }
        self.say(&Message::error(&failure.message, &failure.causes, failure.help.as_deref()))
    }

    /// Says the last message.
    ///
    /// # Errors
    /// A stdout that takes no more.
    pub(super) fn end(&self, exit: Exit) -> Result<(), Failure> {
        let end = match exit {
            Exit::Done | Exit::Of(_) => StreamEnd::Done,
            Exit::Changes | Exit::OtherLayout => StreamEnd::ChangesWaiting,
            Exit::Failed(kind) => kind.stream_end(),
            Exit::Usage => FailureKind::Definition.stream_end(),
        };
        let said = self.framing(&Message::end(end, exit.code()));
        self.log.end();
        said
    }
}
