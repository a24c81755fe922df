//! The first word of a line: blocks, attributes and settings, and in a file of variables the variables.

use super::super::hover::setting_help;
use super::super::lookup;
use super::super::wire::kind;
use super::{DYNAMIC_ATTRIBUTES, Item, Offer};
use crate::language::{AttributeSchema, BlockSchema, Kind, Label, Often, Presence};
use crate::report;

/// What can stand in the block around.
pub(super) fn items(offer: &mut Offer<'_>) {
    let blocks = &offer.here.blocks;
    if lookup::is_in(blocks, lookup::DYNAMIC) {
        for (name, says) in DYNAMIC_ATTRIBUTES {
            offer.add(assigned(offer, name, "").help(says));
        }
        offer.add(braced(Item::new("content", kind::MODULE).help("The block that is repeated."), "content"));
        return;
    }
    let Some(schema) = lookup::schema(blocks) else { return };
    let written = offer.written();
    for attribute in schema.attributes().filter(|attribute| !written.iter().any(|name| name == attribute.name)) {
        let required = matches!(attribute.presence, Presence::Required(_));
        let item = assigned(offer, attribute.name, value_of(attribute));
        let item = item.detail(report::attribute_kind(attribute)).help(report::attribute_help(attribute));
        offer.add(item.rank(if required { 0 } else { 2 }));
    }
    if lookup::is_in(blocks, "framework")
        && let Some(framework) = lookup::framework(offer.analysis, blocks)
    {
        for setting in framework.settings.iter().filter(|setting| !written.contains(&setting.name)) {
            let item = assigned(offer, &setting.name, "").detail(setting.kind.name());
            offer.add(item.help(setting_help(framework, setting)).rank(3));
        }
    }
    for inner in schema.blocks {
        offer.add(block(inner.schema).rank(u8::from(inner.often != Often::Once)));
    }
    if schema.blocks.iter().any(|inner| repeats(inner.schema)) && !blocks.is_empty() {
        let item = Item::new("dynamic", kind::MODULE).help("A block of another kind, repeated.");
        offer.add(
            item.text("dynamic \"\" {\n}")
                .snippet("dynamic \"$1\" {\n  for_each = $2\n  content {\n    $0\n  }\n}")
                .rank(4),
        );
    }
}

/// Whether a block may stand for several things.
fn repeats(schema: &BlockSchema) -> bool {
    schema.attributes().any(|attribute| attribute.name == "for_each")
}

/// The variables of the project that have no value in the file yet.
pub(super) fn variables(offer: &mut Offer<'_>) {
    let written = offer.written();
    let analysis = offer.analysis;
    for declared in lookup::blocks(analysis, "variable") {
        let Some(name) = declared.labels.first().map(|label| &*label.text) else { continue };
        if written.iter().any(|known| known == name) {
            continue;
        }
        let text = |attribute: &str| {
            let found = declared.body.attributes.iter().find(|found| &*found.name.text == attribute);
            found.map(|found| analysis.project.sources().snippet(found.value.span)).unwrap_or_default()
        };
        let item = Item { kind: kind::VARIABLE, ..assigned(offer, name, "") };
        offer.add(item.detail(text("type")).help(text("description").trim_matches('"').to_owned()));
    }
}

/// `name = …`; the name alone where `=` is there already.
fn assigned(offer: &Offer<'_>, name: &str, value: &str) -> Item {
    let item = Item::new(name, kind::PROPERTY);
    if offer.behind().starts_with('=') {
        return item;
    }
    item.text(format!("{name} = ")).snippet(format!("{name} = {}", if value.is_empty() { "$0" } else { value }))
}

/// What is filled in as an attribute's value.
fn value_of(attribute: &AttributeSchema) -> &'static str {
    match attribute.kind {
        Kind::String(_) | Kind::OneOf(_) => "\"$0\"",
        Kind::Strings(_) => "[\"$0\"]",
        Kind::Other(what) if what.starts_with("an object") => "{\n  $0\n}",
        Kind::Bool | Kind::Whole { .. } | Kind::Other(_) => "$0",
    }
}

fn block(schema: &BlockSchema) -> Item {
    let item = match schema.label {
        Label::Word(word) => Item::new(format!("{} \"{word}\"", schema.word), kind::MODULE),
        _ => Item::new(schema.word, kind::MODULE),
    };
    let head = match schema.label {
        Label::None => schema.word.to_owned(),
        Label::Optional(_) => format!("{}${{1: \"name\"}}", schema.word),
        Label::Required(_) => format!("{} \"$1\"", schema.word),
        Label::Word(word) => format!("{} \"{word}\"", schema.word),
    };
    braced(item.detail(schema.name).help(report::block_help(schema)), &head)
}

fn braced(item: Item, head: &str) -> Item {
    let plain = item.label.clone();
    let plain = if head.contains("\"$1\"") { format!("{plain} \"\" {{\n}}") } else { format!("{plain} {{\n}}") };
    item.text(plain).snippet(format!("{head} {{\n  $0\n}}"))
}
