//! Secrets that are written in files: drawings of mistakes show lines, and must not show those.

use std::collections::BTreeMap;

use crate::source::{Diagnostics, SourceId, Sources, Span};

/// Copies of texts in which secrets are starred out, by the text they stand for. A place in the text is the same
/// place in the copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct Veil {
    copies: BTreeMap<SourceId, SourceId>,
}

impl Veil {
    /// Covers `secrets`.
    pub(crate) fn new(secrets: &[Span], sources: &Sources) -> Self {
        let mut texts: BTreeMap<SourceId, Vec<u8>> = BTreeMap::new();
        for secret in secrets {
            let text =
                texts.entry(secret.source).or_insert_with(|| sources.get(secret.source).text().as_bytes().to_vec());
            for byte in text.get_mut(secret.range()).into_iter().flatten() {
                if !byte.is_ascii_whitespace() {
                    *byte = b'*';
                }
            }
        }
        let copies = texts.into_iter().map(|(id, text)| {
            let name = sources.get(id).name().to_owned();
            (id, sources.add(name, String::from_utf8_lossy(&text).into_owned()))
        });
        Self { copies: copies.collect() }
    }

    /// The same place where no secret can be seen.
    pub(crate) fn place(&self, span: Span) -> Span {
        self.copies.get(&span.source).map_or(span, |copy| Span { source: *copy, ..span })
    }

    /// The same complaints with places where no secret can be seen.
    pub(crate) fn over(&self, diagnostics: Diagnostics) -> Diagnostics {
        if self.copies.is_empty() {
            return diagnostics;
        }
        let mut veiled = Diagnostics::new();
        veiled.extend(diagnostics.into_iter().map(|mut diagnostic| {
            for label in &mut diagnostic.labels {
                label.span = self.place(label.span);
            }
            diagnostic
        }));
        veiled
    }
}
