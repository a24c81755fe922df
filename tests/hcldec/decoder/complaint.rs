//! What is wrong, as the original writes it.

use disco::report;
use disco::source::{Diagnostic, Diagnostics, Severity};
use serde_json::{Value as Json, json};

use super::options::Format;
use super::place::Places;

/// How wide drawings are; the original takes the terminal's width, or this.
const WIDTH: usize = 80;

/// All complaints as text; empty where there are none.
pub(super) fn written(complaints: &Diagnostics, places: &Places<'_>, format: Format) -> String {
    if complaints.is_empty() {
        return String::new();
    }
    match format {
        Format::Text => report::diagnostics(complaints, places.sources, report::DiagnosticDrawing::new(false, WIDTH)),
        Format::Json => {
            let all: Vec<Json> = complaints.iter().map(|complaint| object(complaint, places)).collect();
            format!("{:#}\n", json!({ "diagnostics": all }))
        }
    }
}

fn object(complaint: &Diagnostic, places: &Places<'_>) -> Json {
    let severity = match complaint.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut object = json!({ "severity": severity, "summary": complaint.message });
    if let Some(help) = &complaint.help {
        object["detail"] = json!(help);
    }
    if let Some(span) = complaint.span() {
        object["subject"] = places.range(span);
    }
    object
}
