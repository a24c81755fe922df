//! The blocks of a file as an outline.

use super::text::{Encoding, Lines};
use super::wire::DocumentSymbol;
use crate::source::{Sources, Span};
use crate::syntax;
use crate::syntax::tree::Body;

/// The protocol's kinds of symbols: of blocks, and of attributes that have a name of their own.
const MODULE: u8 = 2;
const VARIABLE: u8 = 13;

/// The outline of a text.
pub(super) fn outline(text: &str, encoding: Encoding) -> Vec<DocumentSymbol> {
    let sources = Sources::new();
    let id = sources.add("", text);
    let body = syntax::parse(&sources, id).0;
    symbols(&body, &Lines::new(text, encoding), true)
}

/// The blocks of a body, and its attributes where they are values with names.
fn symbols(body: &Body, lines: &Lines<'_>, named: bool) -> Vec<DocumentSymbol> {
    let range = |span: Span| lines.range(span.range());
    let mut all: Vec<DocumentSymbol> = Vec::new();
    for attribute in body.attributes.iter().filter(|_| named) {
        all.push(DocumentSymbol {
            name: attribute.name.text.to_string(),
            detail: String::new(),
            kind: VARIABLE,
            range: range(attribute.span),
            selection_range: range(attribute.name.span),
            children: Vec::new(),
        });
    }
    for block in &body.blocks {
        let labels: Vec<&str> = block.labels.iter().map(|label| &*label.text).collect();
        let word = &block.kind.text;
        all.push(DocumentSymbol {
            name: if labels.is_empty() { word.to_string() } else { format!("{word} {}", labels.join(" ")) },
            detail: String::new(),
            kind: if &**word == "variable" { VARIABLE } else { MODULE },
            range: range(block.span),
            selection_range: range(block.head),
            children: symbols(&block.body, lines, &**word == "locals"),
        });
    }
    all
}
