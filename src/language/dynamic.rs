//! `dynamic`: a block of another kind, repeated.

use std::sync::Arc;

use super::schema::{attribute, block};
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::{Block, Body, ExpressionKind, Name};

/// The word of such a block.
const DYNAMIC: &str = "dynamic";

/// Puts the blocks that `dynamic` blocks stand for into their places: `dynamic "allow" { for_each = … content { … } }` is
/// `allow` with that `for_each`, whose expressions call what they are for `allow` instead of `each`.
pub(super) fn unrolled(mut body: Body, diagnostics: &mut Diagnostics) -> Body {
    let blocks = std::mem::take(&mut body.blocks);
    for block in blocks {
        let block = if &*block.kind.text == DYNAMIC { repeated(&block, diagnostics) } else { Some(block) };
        body.blocks.extend(block.map(|block| Block { body: unrolled(block.body, diagnostics), ..block }));
    }
    body
}

/// The block that a `dynamic` block stands for; `None` where something is wrong with it.
fn repeated(of: &Block, diagnostics: &mut Diagnostics) -> Option<Block> {
    let mut wrong = |diagnostic: Diagnostic| -> Option<Block> {
        diagnostics.push(diagnostic.help(
            "write `dynamic \"allow\" { for_each = … labels = [\"custom\"] content { … } }`, or `for_each` in the block itself",
        ));
        None
    };
    let [kind] = of.labels.as_slice() else {
        return wrong(
            Diagnostic::error("disco::missing_label", "a `dynamic` block has the kind of the block that it stands for")
                .at(of.head, "one label is needed"),
        );
    };
    let Some(content) = block(&of.body, "content") else {
        return wrong(
            Diagnostic::error("disco::missing_block", "`dynamic` needs a `content` block").at(of.head, "has none"),
        );
    };
    let Some(for_each) = attribute(&of.body, "for_each") else {
        return wrong(
            Diagnostic::error("disco::missing_attribute", "`dynamic` needs `for_each`").at(of.head, "has none"),
        );
    };
    let mut labels: Vec<Name> = Vec::new();
    if let Some(written) = attribute(&of.body, "labels") {
        let ExpressionKind::Tuple(items) = &written.value.kind else {
            return wrong(
                Diagnostic::error("disco::wrong_type", "`labels` is not a list of strings")
                    .at(written.value.span, "expected a list"),
            );
        };
        for item in items {
            let ExpressionKind::String(text) = &item.kind else {
                return wrong(
                    Diagnostic::error("disco::wrong_type", "a label is not a plain string")
                        .at(item.span, "expected a string without `${…}`"),
                );
            };
            labels.push(Name { text: Arc::clone(text), span: item.span });
        }
    }
    let known = ["for_each", "labels", "iterator"];
    if let Some(other) = of.body.attributes.iter().find(|attribute| !known.contains(&&*attribute.name.text)) {
        return wrong(
            Diagnostic::error("disco::unknown_attribute", format!("`dynamic` has no attribute `{}`", other.name.text))
                .at(other.name.span, "belongs into `content`"),
        );
    }
    let iterator = match attribute(&of.body, "iterator").map(|attribute| &attribute.value.kind) {
        Some(ExpressionKind::Variable(name)) => Arc::clone(name),
        _ => Arc::clone(&kind.text),
    };
    let mut body = content.body.clone();
    body.attributes.push(for_each.clone());
    Some(Block { kind: kind.clone(), labels, body, iterator: Some(iterator), head: of.head, span: of.span })
}
