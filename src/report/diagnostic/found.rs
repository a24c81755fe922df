//! What is wrong, for programs that look through code: each finding with its file as their host knows it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::source::{Diagnostic, Diagnostics, Position, Severity, Sources, Span};

/// How many bytes of a digest tell findings apart.
const FINGERPRINT: usize = 16;

/// A place as such programs want it.
pub(super) struct Place {
    /// Path of the file below the folder that the host's review is about.
    pub(super) path: String,
    pub(super) start: Position,
    /// Just behind the last character.
    pub(super) end: Position,
}

/// Something that is wrong, or could be.
pub(super) struct Finding<'a> {
    pub(super) severity: Severity,
    /// `disco::…`; empty for what is no mistake in a text.
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) help: Option<&'a str>,
    /// The first is where it is; the others, with their words, explain it.
    pub(super) places: Vec<(Place, &'a str)>,
    /// Stays the same while lines move: the code, the file, the message and the text of the line.
    pub(super) fingerprint: String,
}

/// What was found, in order, for programs that look through code.
pub struct Findings<'a>(pub(super) Vec<Finding<'a>>);

impl<'a> Findings<'a> {
    /// Those that diagnostics are. `folder` is where the files' names begin; a failure beside them is a sentence and a way out.
    pub fn of(
        diagnostics: &'a Diagnostics,
        failure: Option<(&'a str, Option<&'a str>)>,
        sources: &Sources,
        folder: &str,
    ) -> Self {
        let mut all: Vec<Finding<'a>> = diagnostics.iter().map(|one| finding(one, sources, folder)).collect();
        all.extend(failure.map(|(message, help)| Finding {
            severity: Severity::Error,
            code: "",
            message,
            help,
            places: Vec::new(),
            fingerprint: digest(&[message]),
        }));
        // Two that are alike are still two.
        let mut alike: BTreeMap<String, usize> = BTreeMap::new();
        for one in &mut all {
            let before = alike.entry(one.fingerprint.clone()).or_default();
            if *before > 0 {
                one.fingerprint = digest(&[&one.fingerprint, &before.to_string()]);
            }
            *before += 1;
        }
        Self(all)
    }
}

fn finding<'a>(of: &'a Diagnostic, sources: &Sources, folder: &str) -> Finding<'a> {
    let places: Vec<(Place, &str)> =
        of.labels.iter().map(|label| (place(label.span, sources, folder), label.text.as_str())).collect();
    let first = places.first().map(|(place, _)| place);
    let line =
        of.span().zip(first).map(|(span, first)| sources.get(span.source).line(first.start.line).trim().to_owned());
    let path = first.map_or("", |place| place.path.as_str());
    let fingerprint = digest(&[of.code, path, &of.message, &line.unwrap_or_default()]);
    let Diagnostic { severity, code, message, help, .. } = of;
    Finding { severity: *severity, code, message, help: help.as_deref(), places, fingerprint }
}

fn place(span: Span, sources: &Sources, folder: &str) -> Place {
    let source = sources.get(span.source);
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let path = match folder {
        "" | "." => source.name().to_owned(),
        folder => format!("{folder}/{}", source.name()),
    };
    Place { path, start: source.position(span.start as usize), end: source.position(span.end as usize) }
}

fn digest(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    data_encoding::HEXLOWER.encode(&digest[..FINGERPRINT])
}
