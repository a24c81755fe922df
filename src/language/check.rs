//! What to say about words that a block does not know, and about blocks and names that are there twice or not at all.

use std::collections::BTreeMap;

use super::blocks::FILE;
use super::later::{counterpart, still_to_come};
use super::reported::{Decoded, Reported};
use super::schema::{BlockSchema, InnerBlock, Label, Often};
use crate::source::{Diagnostic, Diagnostics, either, listed, nearest};
use crate::syntax::tree::{Block, Body, Name, Reading};

/// A block as it may be written, by its schema and by what only the reader of the block knows.
struct Known<'a> {
    name: &'a str,
    attributes: Vec<&'a str>,
    blocks: Vec<&'a str>,
}

impl BlockSchema {
    /// Reports what `block` holds but may not, what it holds twice, and labels that are missing or too many; its label.
    pub(crate) fn open<'b>(&self, block: &'b Block, diagnostics: &mut Diagnostics) -> Decoded<Option<&'b Name>> {
        self.check(&block.body, diagnostics);
        self.label(block, diagnostics)
    }

    /// Like [`BlockSchema::open`] for a block that has one label.
    pub(crate) fn open_named<'b>(&self, block: &'b Block, diagnostics: &mut Diagnostics) -> Decoded<&'b Name> {
        self.check(&block.body, diagnostics);
        self.named_label(block, diagnostics)
    }

    /// Like [`BlockSchema::label`] for a block that has one label.
    pub(crate) fn named_label<'b>(&self, block: &'b Block, diagnostics: &mut Diagnostics) -> Decoded<&'b Name> {
        self.label(block, diagnostics)?.ok_or(Reported)
    }

    /// Reports what `body` holds but may not, and what it holds twice.
    pub(crate) fn check(&self, body: &Body, diagnostics: &mut Diagnostics) {
        self.check_as(self.name, [], body, diagnostics);
    }

    /// Reports words in `body` that the block does not know.
    pub(crate) fn check_words(&self, body: &Body, diagnostics: &mut Diagnostics) {
        if body.reading != Reading::Guessed {
            self.unknown_words(self.name, [], body, diagnostics);
        }
    }

    /// Like [`BlockSchema::check`], where the block has a `name` of its own, and further `attributes`.
    pub(crate) fn check_as<'a>(
        &'a self,
        name: &'a str,
        attributes: impl IntoIterator<Item = &'a str>,
        body: &Body,
        diagnostics: &mut Diagnostics,
    ) {
        if body.reading == Reading::Guessed {
            // Nobody knows whether what is here belongs here.
            return;
        }
        self.unknown_words(name, attributes, body, diagnostics);
        let mut firsts: BTreeMap<&str, &Block> = BTreeMap::new();
        for block in &body.blocks {
            let word = &*block.kind.text;
            let once = |inner: &InnerBlock| inner.schema.word == word && inner.often != Often::Any;
            if !self.blocks.iter().any(once) {
                continue;
            }
            match firsts.get(word) {
                Some(first) => diagnostics.push(twice(name, block, first)),
                None => drop(firsts.insert(word, block)),
            }
        }
    }

    fn unknown_words<'a>(
        &'a self,
        name: &'a str,
        attributes: impl IntoIterator<Item = &'a str>,
        body: &Body,
        diagnostics: &mut Diagnostics,
    ) {
        let mut blocks: Vec<&str> = Vec::new();
        for inner in self.blocks {
            if blocks.last() != Some(&inner.schema.word) {
                blocks.push(inner.schema.word);
            }
        }
        let own = self.attributes().map(|attribute| attribute.name);
        let known = Known { name, attributes: own.chain(attributes).collect(), blocks };
        for attribute in &body.attributes {
            if !known.attributes.contains(&&*attribute.name.text) {
                diagnostics.push(known.unknown_attribute(&attribute.name));
            }
        }
        for block in &body.blocks {
            if !known.blocks.contains(&&*block.kind.text) {
                diagnostics.push(known.unknown_block(&block.kind));
            }
        }
    }

    /// Reports labels that are missing or too many; the label there is.
    pub(crate) fn label<'b>(&self, block: &'b Block, diagnostics: &mut Diagnostics) -> Decoded<Option<&'b Name>> {
        let kind = &block.kind.text;
        let most = usize::from(self.label != Label::None);
        if block.labels.is_empty() && matches!(self.label, Label::Required(_) | Label::Word(_)) {
            diagnostics.push(
                Diagnostic::error("disco::missing_label", format!("this `{kind}` block needs a label"))
                    .at(block.kind.span, "needs a name in quotes")
                    .help(format!("write `{} {{ … }}`", self.head())),
            );
            return Err(Reported);
        }
        if let Some(extra) = block.labels.get(most) {
            let rule = if most == 0 { "takes no label" } else { "takes one label" };
            diagnostics.push(
                Diagnostic::error("disco::extra_label", format!("a `{kind}` block {rule}"))
                    .at(extra.span, "unexpected label")
                    .help(format!("write `{} {{ … }}`", self.head())),
            );
        }
        Ok(block.labels.first().filter(|_| most > 0))
    }
}

/// The complaint about a second block of a kind of which `name` has one.
pub(crate) fn twice(name: &str, block: &Block, first: &Block) -> Diagnostic {
    Diagnostic::error("disco::duplicate_block", format!("{name} takes at most one `{}` block", block.kind.text))
        .at(block.head, "second block")
        .at(first.head, "the first one")
        .help("merge both into one block")
}

impl Known<'_> {
    fn unknown_attribute(&self, name: &Name) -> Diagnostic {
        if let Some(later) = still_to_come(name) {
            return later;
        }
        let text = &*name.text;
        if self.blocks.contains(&text) {
            return Diagnostic::error("disco::unknown_attribute", format!("`{text}` is a block, not an attribute"))
                .at(name.span, "written with `=`")
                .help(format!("write `{text} {{ … }}`, without `=`"));
        }
        Diagnostic::error("disco::unknown_attribute", format!("{} has no attribute `{text}`", self.name))
            .at(name.span, "not valid here")
            .help(self.suggestion(text))
    }

    fn unknown_block(&self, name: &Name) -> Diagnostic {
        if let Some(later) = still_to_come(name) {
            return later;
        }
        let text = &*name.text;
        if self.attributes.contains(&text) {
            return Diagnostic::error("disco::unknown_block", format!("`{text}` is an attribute, not a block"))
                .at(name.span, "written with `{ }`")
                .help(format!("write `{text} = …`"));
        }
        Diagnostic::error("disco::unknown_block", format!("{} has no block `{text}`", self.name))
            .at(name.span, "not valid here")
            .help(self.suggestion(text))
    }

    /// The way out for a word that is not known in this block.
    fn suggestion(&self, word: &str) -> String {
        if let Some(counterpart) = counterpart(word) {
            return counterpart.to_owned();
        }
        if word == "provider" && self.name != FILE.name {
            return "remove it: a project has one provider for all its clusters; put clusters of another cloud or \
                    region into a project of their own"
                .to_owned();
        }
        if let Some(homes) = homes(word) {
            return format!("move `{word}` into {homes}");
        }
        if let Some(nearest) = nearest(word, self.attributes.iter().chain(&self.blocks).copied()) {
            return nearest;
        }
        let list = |words: &[&str]| either(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>());
        let attributes = list(&self.attributes);
        let blocks = list(&self.blocks);
        match (attributes.is_empty(), blocks.is_empty()) {
            (true, true) => "remove it: this block takes no attributes and no blocks".to_owned(),
            (false, true) => format!("use the attribute {attributes}"),
            (true, false) => format!("use the block {blocks}"),
            (false, false) => format!("use the attribute {attributes}, or the block {blocks}"),
        }
    }
}

/// Where a word lives that somebody put elsewhere, in words.
fn homes(word: &str) -> Option<String> {
    if FILE.blocks.iter().any(|inner| inner.schema.word == word) {
        return Some("the file, outside of any block".to_owned());
    }
    let mut found: Vec<String> = Vec::new();
    collect_homes(&FILE, word, &mut found);
    if word == "replication" {
        found.push("`framework`".to_owned());
    }
    (!found.is_empty()).then(|| listed(&found))
}

fn collect_homes(schema: &BlockSchema, word: &str, found: &mut Vec<String>) {
    let attribute = schema.attributes().any(|attribute| attribute.name == word);
    if attribute || schema.blocks.iter().any(|inner| inner.schema.word == word) {
        let home = match schema.label {
            Label::Word(_) => format!("`{}`", schema.head()),
            _ => format!("`{}`", schema.word),
        };
        if !found.contains(&home) {
            found.push(home);
        }
    }
    for inner in schema.blocks {
        collect_homes(inner.schema, word, found);
    }
}
