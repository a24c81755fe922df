//! What can be written at a place.

mod block;
mod expression;
mod string;

use super::analysis::Analysis;
use super::client::Client;
use super::document::Document;
use super::lookup;
use super::text::Lines;
use super::wire::{CompletionItem, Markdown, Range, TextEdit};
use crate::syntax::{Cursor, Site, cursor};

/// What stands in a `dynamic` block besides `content`.
pub(super) const DYNAMIC_ATTRIBUTES: [(&str, &str); 3] = [
    ("for_each", "One block for each element of a map, an object or a set of strings."),
    ("labels", "The labels of the blocks, a list of strings."),
    ("iterator", "By which name expressions in `content` call the element, instead of the block's word."),
];

/// All that can be written at a place.
pub(super) fn complete(analysis: &Analysis, document: &Document, offset: usize, client: Client) -> Vec<CompletionItem> {
    let here = cursor(&document.text, offset);
    let range = Lines::new(&document.text, client.encoding).range(here.start..here.end);
    let mut offer = Offer { analysis, document, here: &here, offset, client, range, items: Vec::new() };
    match &here.site {
        Site::Nothing => {}
        Site::Item if document.is_variables() => block::variables(&mut offer),
        Site::Item => block::items(&mut offer),
        Site::Label(word) => string::labels(&mut offer, word),
        Site::Value(_) if document.is_variables() => expression::literals(&mut offer),
        Site::Value(site) if site.quoted => string::strings(&mut offer, site),
        Site::Value(site) => expression::expressions(&mut offer, site),
    }
    offer.items
}

/// What is offered at a place.
struct Offer<'a> {
    analysis: &'a Analysis,
    document: &'a Document,
    here: &'a Cursor,
    offset: usize,
    client: Client,
    range: Range,
    items: Vec<CompletionItem>,
}

/// Something to offer.
#[derive(Clone, Debug, Default)]
struct Item {
    label: String,
    kind: u8,
    detail: String,
    help: String,
    /// What is written; the label where it is empty.
    text: String,
    /// The same with places to fill in, as `$1` and `${2:default}`; empty where there are none.
    snippet: String,
    /// What comes first, from 0.
    rank: u8,
}

impl Item {
    fn new(label: impl Into<String>, kind: u8) -> Self {
        Self { label: label.into(), kind, rank: 5, ..Self::default() }
    }

    fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    fn snippet(self, snippet: impl Into<String>) -> Self {
        Self { snippet: snippet.into(), ..self }
    }

    fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

impl Offer<'_> {
    fn add(&mut self, item: Item) {
        if self.items.iter().any(|known| known.label == item.label) {
            return;
        }
        let filled = self.client.snippets && !item.snippet.is_empty();
        let plain = if item.text.is_empty() { item.label.clone() } else { item.text };
        self.items.push(CompletionItem {
            sort_text: format!("{}{:04}", item.rank, self.items.len()),
            label: item.label,
            kind: item.kind,
            detail: item.detail,
            documentation: (!item.help.is_empty()).then(|| Markdown::new(item.help)),
            insert_text_format: if filled { 2 } else { 1 },
            text_edit: Some(TextEdit { range: self.range, new_text: if filled { item.snippet } else { plain } }),
        });
    }

    /// Names of the attributes that the body around has already.
    fn written(&self) -> Vec<String> {
        let Some(file) = self.analysis.file(self.document) else { return Vec::new() };
        let body = lookup::body_at(file, self.offset);
        let here = |start: u32| start as usize == self.here.start;
        let others = body.attributes.iter().filter(|attribute| !here(attribute.name.span.start));
        others.map(|attribute| attribute.name.text.to_string()).collect()
    }

    /// What follows the word on its line.
    fn behind(&self) -> &str {
        let rest = &self.document.text[self.here.end..];
        rest.split(['\n', '\r']).next().unwrap_or_default().trim_start()
    }
}
