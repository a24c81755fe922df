//! Files: the only place that touches the world.
#![expect(clippy::disallowed_methods, reason = "this is a command of its own, not a room of DISCO")]

use std::fs;
use std::io::Read;
use std::path::Path;

use disco::expression::Scope;
use disco::source::{Diagnostic, Diagnostics, SourceId, Span};
use disco::syntax::{parse, tree};

use super::body::Body;
use super::code;
use super::json;
use super::place::Places;
use super::spec::{self, Specification};

/// A file in one of the two syntaxes.
#[derive(Debug)]
pub(super) enum File {
    Native(tree::Body),
    Json(json::Node),
}

impl File {
    /// Its content.
    pub(super) fn body(&self) -> Body<'_> {
        match self {
            Self::Native(body) => Body::Native(body),
            Self::Json(node) => Body::Json(node),
        }
    }
}

/// Reads and parses a file; as JSON if its name ends so.
pub(super) fn file(name: &str, places: &Places<'_>) -> (Option<File>, Diagnostics) {
    match fs::read(name) {
        Ok(bytes) => parsed(name, bytes, is_json(name), places),
        Err(reason) => unreadable(name, &reason),
    }
}

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "json")
}

fn unreadable(name: &str, reason: &std::io::Error) -> (Option<File>, Diagnostics) {
    (None, Diagnostic::error(code::FILE, format!("{name} cannot be read: {reason}")).into())
}

/// Parses a text.
pub(super) fn parsed(name: &str, bytes: Vec<u8>, json: bool, places: &Places<'_>) -> (Option<File>, Diagnostics) {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(broken) => {
            let at = broken.utf8_error().valid_up_to();
            let id = places.add(name, String::from_utf8_lossy(broken.as_bytes()).into_owned(), json);
            let complaint = Diagnostic::error(code::FILE, "this is not UTF-8 text");
            return (None, complaint.at(Span::new(id, at, at + 1), "").into());
        }
    };
    let id = places.add(name, text, json);
    let (file, found) = tree(id, json, places);
    (Some(file), found)
}

fn tree(id: SourceId, json: bool, places: &Places<'_>) -> (File, Diagnostics) {
    if json {
        let (node, found) = json::parse(places.sources, id);
        return (File::Json(node), found);
    }
    let (body, found) = parse(places.sources, id);
    (File::Native(body), found)
}

/// Reads a specification; nothing where it is broken, which is then reported.
pub(super) fn specification<'a>(
    name: &str,
    places: &Places<'_>,
    scope: impl Fn() -> Scope<'a>,
    found: &mut Diagnostics,
) -> Option<Specification<'a>> {
    let (body, problems) = match fs::read(name) {
        Ok(bytes) => parsed(name, bytes, false, places),
        Err(reason) => unreadable(name, &reason),
    };
    found.extend(problems);
    match body {
        Some(File::Native(body)) if !found.has_errors() => {
            let (specification, problems) = spec::read(&body, scope);
            found.extend(problems);
            specification
        }
        _ => None,
    }
}

/// Reads and parses all inputs that are named, or stdin.
pub(super) fn all(names: &[String], from: &mut dyn Read, places: &Places<'_>, found: &mut Diagnostics) -> Vec<File> {
    let mut files = Vec::new();
    let mut keep = |(file, problems): (Option<File>, Diagnostics)| {
        found.extend(problems);
        files.extend(file);
    };
    if names.is_empty() {
        let mut bytes = Vec::new();
        keep(match from.read_to_end(&mut bytes) {
            Ok(_) => parsed("<stdin>", bytes, false, places),
            Err(reason) => unreadable("stdin", &reason),
        });
    }
    for name in names {
        keep(file(name, places));
    }
    files
}

/// Writes the result.
pub(super) fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|reason| format!("can't open {file} for writing: {reason}"))
}
