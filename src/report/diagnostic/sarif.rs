//! SARIF 2.1.0, which GitHub's code scanning and many editors read.

use serde_json::{Value as Json, json};

use super::found::{Finding, Findings, Place};
use crate::source::{Severity, meaning_of_code};

/// What was found as a SARIF log.
pub fn sarif(Findings(found): &Findings<'_>) -> Json {
    let mut codes: Vec<&str> = found.iter().map(|one| one.code).filter(|code| !code.is_empty()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Json> = codes.iter().map(|code| rule(code)).collect();
    let results: Vec<Json> = found.iter().map(|one| result(one, &codes)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "disco",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &str) -> Json {
    let meaning = meaning_of_code(code).unwrap_or_default();
    let help = format!("disco explain {code}");
    json!({
        "id": code,
        "shortDescription": { "text": meaning },
        "help": { "text": help },
    })
}

fn result(of: &Finding<'_>, codes: &[&str]) -> Json {
    let text = match of.help {
        Some(help) => format!("{}\nhelp: {help}", of.message),
        None => of.message.to_owned(),
    };
    let mut result = json!({
        "level": match of.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": { "text": text },
        "partialFingerprints": { "disco/v1": of.fingerprint },
    });
    if let Ok(index) = codes.binary_search(&of.code) {
        result["ruleId"] = of.code.into();
        result["ruleIndex"] = index.into();
    }
    let mut places = of.places.iter();
    if let Some((place, _)) = places.next() {
        result["locations"] = json!([location(place)]);
    }
    let related: Vec<Json> = places
        .map(|(place, words)| {
            let mut related = location(place);
            if !words.is_empty() {
                related["message"] = json!({ "text": words });
            }
            related
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

fn location(place: &Place) -> Json {
    let uri: String = place.path.split('/').map(segment).collect::<Vec<_>>().join("/");
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": {
                "startLine": place.start.line,
                "startColumn": place.start.column,
                "endLine": place.end.line,
                "endColumn": place.end.column,
            },
        },
    })
}

/// A part of a path as it stands in an address.
fn segment(part: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(part, KEPT).to_string()
}
