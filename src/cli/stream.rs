//! What programs read while things happen: one message a line.
#![expect(clippy::disallowed_methods, reason = "a message says when it was written")]

use super::exit::Exit;
use super::printer::Printer;
use crate::project::Failure;
use crate::report::{Message, StreamEnd};
use crate::source::{Diagnostics, Sources};

/// Says a message.
pub(super) fn say(message: &Message<'_>) {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    Printer::data(&message.line(&now));
}

/// Says mistakes and warnings.
pub(super) fn diagnostics(diagnostics: &Diagnostics, sources: &Sources) {
    for diagnostic in diagnostics {
        say(&Message::diagnostic(diagnostic, sources));
    }
}

/// Says a failure: a message for each mistake.
pub(super) fn failure(failure: &Failure, sources: &Sources) {
    diagnostics(&failure.diagnostics, sources);
    if !failure.message.is_empty() {
        say(&Message::error(&failure.message, &failure.causes, failure.help.as_deref()));
    }
}

/// Says the last message.
pub(super) fn end(exit: Exit) {
    let end = match exit {
        Exit::Done => StreamEnd::Done,
        Exit::Changes => StreamEnd::ChangesWaiting,
        Exit::Failed(kind) => StreamEnd::Failed(kind.name()),
        Exit::Usage => StreamEnd::Failed(crate::project::FailureKind::Definition.name()),
    };
    say(&Message::end(end, exit.code()));
}
