//! What the façade refuses, as the interface says it.

use crate::project::{Failure, FailureKind, Project};
use crate::server::occi::{Refusal, RefusalKind};
use crate::source::{Diagnostic, Diagnostics, Severity, Sources};

/// The one table from kinds of failure to what this interface answers.
fn kind(kind: FailureKind) -> RefusalKind {
    match kind {
        FailureKind::Definition => RefusalKind::Invalid,
        FailureKind::Locked | FailureKind::Refused => RefusalKind::Conflict,
        FailureKind::Cloud | FailureKind::Apply => RefusalKind::Cloud,
        FailureKind::Interrupted => RefusalKind::Unavailable,
        FailureKind::State | FailureKind::Output => RefusalKind::Failed,
    }
}

/// A failure on that project.
pub(super) fn refused(failure: &Failure, project: &Project) -> Refusal {
    let mut lines = mistakes(&failure.diagnostics, project.sources());
    if !failure.message.is_empty() {
        let causes = failure.causes.iter().map(|cause| format!(": {cause}"));
        let help = failure.help.iter().map(|help| format!("; {help}"));
        lines.push(format!("{}{}{}", failure.message, causes.collect::<String>(), help.collect::<String>()));
    }
    Refusal::new(kind(failure.kind), lines.join("\n"))
}

/// The errors among what was found, a line each.
pub(super) fn mistakes(found: &Diagnostics, sources: &Sources) -> Vec<String> {
    found.iter().filter(|one| one.severity == Severity::Error).map(|one| sentence(one, sources)).collect()
}

/// What is wrong, where it stands and the way out, in a line.
fn sentence(one: &Diagnostic, sources: &Sources) -> String {
    let place = one.span().map(|span| {
        let (file, position) = sources.locate(span);
        format!(" ({file}, line {})", position.line)
    });
    let help = one.help.as_ref().map(|help| format!("; {}", help.replace('\n', " ")));
    format!("{}{}{}", one.message.replace('\n', " "), place.unwrap_or_default(), help.unwrap_or_default())
}
