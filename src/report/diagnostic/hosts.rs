//! What hosts of code show beside the lines of a change: GitHub's annotations, GitLab's code quality.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::found::Findings;
use crate::source::Severity;

/// Lines that a GitHub workflow prints to have its lines annotated.
pub fn github_annotations(Findings(found): &Findings<'_>) -> String {
    let mut text = String::new();
    for one in found {
        let word = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut properties = Vec::new();
        if let Some((place, _)) = one.places.first() {
            properties.push(format!("file={}", property(&place.path)));
            properties.push(format!("line={}", place.start.line));
            properties.push(format!("endLine={}", place.end.line));
            // Columns make sense within a line only.
            if place.start.line == place.end.line {
                properties.push(format!("col={}", place.start.column));
                properties.push(format!("endColumn={}", place.end.column));
            }
        }
        if !one.code.is_empty() {
            properties.push(format!("title={}", property(one.code)));
        }
        let properties = if properties.is_empty() { String::new() } else { format!(" {}", properties.join(",")) };
        let help = one.help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "::{word}{properties}::{}", data(&format!("{}{help}", one.message)));
    }
    text
}

/// The words of an annotation, as GitHub's runner decodes them.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// GitLab's report of code quality.
pub fn gitlab_report(Findings(found): &Findings<'_>) -> Json {
    let entries = found.iter().map(|one| {
        let help = one.help.map(|help| format!("; {help}")).unwrap_or_default();
        // What stands in no file needs one all the same.
        let (path, line) = one.places.first().map_or((".", 1), |(place, _)| (place.path.as_str(), place.start.line));
        json!({
            "description": format!("{}{help}", one.message).replace('\n', " "),
            "check_name": if one.code.is_empty() { "disco" } else { one.code },
            "fingerprint": one.fingerprint,
            "severity": match one.severity {
                Severity::Error => "critical",
                Severity::Warning => "minor",
            },
            "location": { "path": path, "lines": { "begin": line } },
        })
    });
    entries.collect()
}
