//! A block or an attribute in a few lines of Markdown, for editors.

use std::fmt::Write as _;

use super::{default, kind};
use crate::language::{AttributeSchema, BlockSchema, Often};

/// What a block is, and what stands in it.
pub fn block_help(schema: &BlockSchema) -> String {
    let mut text = format!("`{}`\n\n{}", schema.head(), schema.says);
    let names: Vec<String> = schema.attributes().map(|attribute| format!("`{}`", attribute.name)).collect();
    if !names.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n\nAttributes: {}", names.join(", "));
    }
    let inner = |often: Often| if often == Often::Once { " (required)" } else { "" };
    let blocks: Vec<String> =
        schema.blocks.iter().map(|block| format!("`{}`{}", block.schema.word, inner(block.often))).collect();
    if !blocks.is_empty() {
        let _ = write!(text, "\n\nBlocks: {}", blocks.join(", "));
    }
    text
}

/// What an attribute is, what it holds and what holds where it is not written.
pub fn attribute_help(schema: &AttributeSchema) -> String {
    let default = default(schema);
    let default = if default.starts_with("required") { default } else { format!("default: {default}") };
    format!("`{}`: {}, {default}\n\n{}", schema.name, attribute_kind(schema), schema.says)
}

/// What an attribute holds, in a line.
pub fn attribute_kind(schema: &AttributeSchema) -> String {
    match kind(schema) {
        (of, form) if form.is_empty() => of.to_owned(),
        (of, form) => format!("{of}: {form}"),
    }
}
