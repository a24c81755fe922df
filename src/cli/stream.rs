//! What programs read: one JSON document, or one message a line, of Terraform's types where they fit.

use serde_json::{Value as Json, json};

use crate::project::Failure;
use crate::report;
use crate::source::{Diagnostics, Severity, Sources};

/// The answer of `validate --json`.
pub(super) fn validation(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    json!({
        "format_version": "1.0",
        "valid": count(Severity::Error) == 0,
        "error_count": count(Severity::Error),
        "warning_count": count(Severity::Warning),
        "diagnostics": report::diagnostics_json(diagnostics, sources),
    })
    .to_string()
}

/// One message: its type, a sentence for people, and whatever belongs to the type.
pub(super) fn message(kind: &str, level: &str, sentence: &str, mut body: Json) -> String {
    if let Json::Object(fields) = &mut body {
        fields.insert("@level".to_owned(), level.into());
        fields.insert("@message".to_owned(), sentence.into());
        fields.insert("@module".to_owned(), "disco.ui".into());
        fields.insert("type".to_owned(), kind.into());
    }
    body.to_string()
}

/// The messages of a failure, one for each mistake.
pub(super) fn failure(failure: &Failure, sources: &Sources) -> String {
    let mut lines = Vec::new();
    if let Json::Array(found) = report::diagnostics_json(&failure.diagnostics, sources) {
        for diagnostic in found {
            let sentence = format!("Error: {}", diagnostic["message"].as_str().unwrap_or_default());
            let level = diagnostic["severity"].as_str().unwrap_or("error").to_owned();
            lines.push(message("diagnostic", &level, &sentence, json!({ "diagnostic": diagnostic })));
        }
    }
    if !failure.message.is_empty() {
        let diagnostic = json!({
            "severity": "error",
            "message": failure.message,
            "causes": failure.causes,
            "help": failure.help,
        });
        let sentence = format!("Error: {}", failure.message);
        lines.push(message("diagnostic", "error", &sentence, json!({ "diagnostic": diagnostic })));
    }
    lines.join("\n")
}
