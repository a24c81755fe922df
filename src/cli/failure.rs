//! A failure as words.

use crate::project::Failure;
use crate::report;
use crate::source::Sources;

/// The failure as a person reads it: mistakes drawn under their lines, or the sentence, its causes and the way out.
pub(super) fn words(failure: &Failure, sources: &Sources, colour: bool, width: usize) -> String {
    let mut text = report::diagnostics(&failure.diagnostics, sources, colour, width);
    if !failure.message.is_empty() {
        text.push_str(&format!("Error: {}\n", failure.message));
        for cause in &failure.causes {
            text.push_str(&format!("  because {}\n", cause.replace('\n', "\n  ")));
        }
        if let Some(help) = &failure.help {
            text.push_str(&format!("  help: {}\n", help.replace('\n', "\n  ")));
        }
    }
    let errors = failure.diagnostics.iter().filter(|found| found.severity == crate::source::Severity::Error).count();
    if errors > 1 {
        text.push_str(&format!("{errors} errors\n"));
    }
    text
}
