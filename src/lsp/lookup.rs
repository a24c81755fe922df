//! What the blocks around a place are, and what they say so far.

use super::analysis::{Analysis, File};
use crate::catalogue::Framework;
use crate::language::{BlockSchema, FILE};
use crate::model::ClusterSpec;
use crate::project::Examined;
use crate::syntax::Enclosing;
use crate::syntax::tree::{Block, Body};

/// The word of a block that stands for others.
pub(super) const DYNAMIC: &str = "dynamic";

/// What may stand in the innermost of these blocks; nothing in one that does not exist, or stands for others.
pub(super) fn schema(blocks: &[Enclosing]) -> Option<&'static BlockSchema> {
    let mut schema = &FILE;
    let mut blocks = blocks.iter();
    while let Some(block) = blocks.next() {
        let (word, labels) = if block.word == DYNAMIC {
            blocks.next().filter(|content| content.word == "content")?;
            (block.labels.first()?, &[][..])
        } else {
            (&block.word, block.labels.as_slice())
        };
        schema = schema.inner(word, labels.first().map(String::as_str))?;
    }
    Some(schema)
}

/// The label of the block with this word among those around a place.
pub(super) fn label<'b>(blocks: &'b [Enclosing], word: &str) -> Option<&'b str> {
    blocks.iter().find(|block| block.word == word)?.labels.first().map(String::as_str)
}

/// Whether a place is in a block with this word, itself.
pub(super) fn is_in(blocks: &[Enclosing], word: &str) -> bool {
    blocks.last().is_some_and(|block| block.word == word)
}

/// The framework whose block a place is in.
pub(super) fn framework<'a>(analysis: &'a Analysis, blocks: &[Enclosing]) -> Option<&'a Framework> {
    analysis.examined.as_ref().ok()?.catalogue().framework(label(blocks, "framework")?)
}

/// The cluster that a place is in, as it is defined; one of several where its block stands for several.
pub(super) fn cluster<'a>(analysis: &'a Analysis, label: &str) -> Option<&'a ClusterSpec> {
    let block = cluster_block(analysis, label)?;
    let mut all = analysis.examined.as_ref().ok()?.clusters();
    all.find(|cluster| cluster.origin == block.head)
}

/// The block of a cluster.
pub(super) fn cluster_block<'a>(analysis: &'a Analysis, label: &str) -> Option<&'a Block> {
    blocks(analysis, "cluster").find(|block| block.labels.first().is_some_and(|own| &*own.text == label))
}

/// All blocks with a word at the top of the project's files.
pub(super) fn blocks<'a>(analysis: &'a Analysis, word: &'a str) -> impl Iterator<Item = &'a Block> {
    let definitions = analysis.files().iter().filter(|file| !file.is_variables);
    definitions.flat_map(|file| &file.body.blocks).filter(move |block| &*block.kind.text == word)
}

/// The frameworks that a cluster's block names.
pub(super) fn frameworks_of<'a>(analysis: &'a Analysis, cluster: &'a Block) -> impl Iterator<Item = &'a Framework> {
    let named = cluster.body.blocks.iter().filter(|block| &*block.kind.text == "framework");
    let catalogue = analysis.examined.as_ref().ok().map(Examined::catalogue);
    named.filter_map(move |block| catalogue?.framework(&block.labels.first()?.text))
}

/// The names of the groups of a cluster.
pub(super) fn groups(cluster: &Block) -> Vec<&str> {
    let groups = cluster.body.blocks.iter().filter_map(|block| match &*block.kind.text {
        "master" => Some("master"),
        "slaves" => Some(block.labels.first().map_or("slaves", |label| &*label.text)),
        _ => None,
    });
    groups.collect()
}

/// The innermost body of a file that a place is in, as far as the file could be read.
pub(super) fn body_at(file: &File, offset: usize) -> &Body {
    let mut body = &file.body;
    while let Some(block) = body.blocks.iter().find(|block| {
        let range = block.body.span.range();
        range.start <= offset && offset <= range.end
    }) {
        body = &block.body;
    }
    body
}
