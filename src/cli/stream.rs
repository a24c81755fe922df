//! What programs read while things happen: one message a line.
#![expect(clippy::disallowed_methods, reason = "a message says when it was written")]

use super::exit::Exit;
use super::printer::Printer;
use crate::project::Failure;
use crate::report::{Message, StreamEnd};
use crate::source::{Diagnostics, Sources};

/// Says a message.
pub(super) fn say(printer: &Printer, message: &Message<'_>) -> Result<(), Failure> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    printer.data(&message.line(&now))
}

/// Says mistakes and warnings.
pub(super) fn diagnostics(printer: &Printer, diagnostics: &Diagnostics, sources: &Sources) -> Result<(), Failure> {
    diagnostics.iter().try_for_each(|diagnostic| say(printer, &Message::diagnostic(diagnostic, sources)))
}

/// Says a failure: a message for each mistake.
pub(super) fn failure(printer: &Printer, failure: &Failure, sources: &Sources) -> Result<(), Failure> {
    diagnostics(printer, &failure.diagnostics, sources)?;
    if failure.message.is_empty() {
        return Ok(());
    }
    say(printer, &Message::error(&failure.message, &failure.causes, failure.help.as_deref()))
}

/// Says the last message.
pub(super) fn end(printer: &Printer, exit: Exit) -> Result<(), Failure> {
    let end = match exit {
        Exit::Done | Exit::Of(_) => StreamEnd::Done,
        Exit::Changes | Exit::OtherLayout => StreamEnd::ChangesWaiting,
        Exit::Failed(kind) => StreamEnd::Failed(kind.name()),
        Exit::Usage => StreamEnd::Failed(crate::project::FailureKind::Definition.name()),
    };
    say(printer, &Message::end(end, exit.code()))
}
