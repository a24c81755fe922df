//! How an answer differs from a recorded one in what a client can notice: status, headers, which fields each object has
//! and of which kind, and in refusals every word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::tape::Answer;

pub(super) fn differences(recorded: &Answer, given: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if recorded.status != given.status {
        found.push(format!("status is {}, not {}", given.status, recorded.status));
    }
    for name in recorded.headers.keys().filter(|name| !given.headers.contains_key(*name)) {
        found.push(format!("has no header {name}"));
    }
    if recorded.status >= 400 && given.status >= 400 {
        words("", &recorded.body, &given.body, &mut found);
    }
    let (there, here) = (statuses(&recorded.body), statuses(&given.body));
    for (what, status) in &there {
        match here.get(what) {
            Some(same) if same == status => {}
            other => found.push(format!("{what} is {}, not {status}", other.map_or("not there", String::as_str))),
        }
    }
    let (there, here) = (shape(&recorded.body), shape(&given.body));
    for (path, kinds) in &there {
        match here.get(path) {
            Some(same) if same == kinds => {}
            Some(other) => found.push(format!("{} is {}, not {}", shown(path), list(other), list(kinds))),
            // Of what is missing only the outermost is told.
            None if has_above(&here, path) => found.push(format!("{} is missing", shown(path))),
            None => {}
        }
    }
    for path in here.keys().filter(|path| !there.contains_key(*path) && has_above(&there, path)) {
        found.push(format!("{} is more", shown(path)));
    }
    found
}

/// Statuses, and the reasons of them, of a stack and of its resources by their names. Of events only those are compared
/// that both have: their order is chance.
fn statuses(body: &Json) -> BTreeMap<String, String> {
    let told = |value: &Json, what: &str| {
        let text = |name: &str| value[format!("{what}_{name}")].as_str().map(without_ids);
        Some(format!("{} ({})", text("status")?, text("status_reason")?))
    };
    let mut found = BTreeMap::new();
    found.extend(told(&body["stack"], "stack").map(|told| ("the stack".to_owned(), told)));
    let one = &body["resource"];
    let all = body["resources"].as_array().into_iter().flatten();
    for resource in all.chain(one.is_object().then_some(one)) {
        let name = resource["resource_name"].as_str().unwrap_or_default().to_owned();
        found.extend(told(resource, "resource").map(|told| (name, told)));
    }
    found
}

/// Which kinds of values there are at each path; elements of a list are one.
fn shape(body: &Json) -> BTreeMap<String, BTreeSet<&'static str>> {
    fn walk(path: &str, value: &Json, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
        let kind = match value {
            Json::Null => "null",
            Json::Bool(_) => "a bool",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        found.entry(path.to_owned()).or_default().insert(kind);
        match value {
            Json::Array(elements) => elements.iter().for_each(|element| walk(&format!("{path}[]"), element, found)),
            Json::Object(fields) => {
                fields.iter().for_each(|(name, field)| walk(&format!("{path}.{name}"), field, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    walk("", body, &mut found);
    found
}

fn has_above(shape: &BTreeMap<String, BTreeSet<&'static str>>, path: &str) -> bool {
    let above = match path.strip_suffix("[]") {
        Some(above) => above,
        None => path.rsplit_once('.').map_or("", |(above, _)| above),
    };
    shape.contains_key(above)
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "the body" } else { path.trim_start_matches('.') }
}

fn list(kinds: &BTreeSet<&'static str>) -> String {
    kinds.iter().copied().collect::<Vec<_>>().join(" or ")
}

/// The words of a refusal, without the ids in them.
fn words(path: &str, recorded: &Json, given: &Json, found: &mut Vec<String>) {
    match (recorded, given) {
        (Json::Object(there), Json::Object(here)) => {
            for (name, value) in there {
                if let Some(other) = here.get(name) {
                    words(&format!("{path}.{name}"), value, other, found);
                }
            }
        }
        (Json::String(there), Json::String(here)) if without_ids(there) != without_ids(here) => {
            found.push(format!("{} is {here:?}, not {there:?}", shown(path)));
        }
        (Json::Number(there), Json::Number(here)) if there != here => {
            found.push(format!("{} is {here}, not {there}", shown(path)));
        }
        _ => {}
    }
}

/// A text in which every id, and every name in braces that stands for one, is `ID`.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| {
        let hex = word.chars().filter(char::is_ascii_hexdigit).count();
        (hex == 32 && word.chars().all(|it| it.is_ascii_hexdigit() || it == '-')) || word.starts_with("req-")
    };
    let mut told = String::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || "-_{}".contains(letter) {
            word.push(letter);
            continue;
        }
        let named = word.starts_with('{') && word.ends_with('}');
        told.push_str(if named || is_id(&word) { "ID" } else { &word });
        told.push(letter);
        word.clear();
    }
    told
}
