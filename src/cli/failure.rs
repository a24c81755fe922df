//! A failure as words.

use std::fmt::Write;

use super::printer::sentence;
use crate::project::Failure;
use crate::report::{self, DiagnosticDrawing};
use crate::source::{Severity, Sources};

/// The failure as a person reads it: mistakes drawn under their lines, or the sentence, its causes and the way out.
pub(super) fn words(failure: &Failure, sources: &Sources, drawing: DiagnosticDrawing) -> String {
    let mut text = report::diagnostics(&failure.diagnostics, sources, drawing);
    let errors = failure.diagnostics.iter().filter(|found| found.severity == Severity::Error).count();
    if errors > 1 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{errors} errors");
    }
    if failure.message.is_empty() {
        return text;
    }
    text + &sentence(failure)
}
