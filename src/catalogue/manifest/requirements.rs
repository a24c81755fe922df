//! What a manifest says about other frameworks: what it provides and what it requires.

use crate::source::Diagnostic;

use super::fields::Fields;
use crate::catalogue::{Provision, Requirement};

/// `provides = ["hdfs"]`, and `provide` blocks where there is more to say.
pub(super) fn provides(fields: &mut Fields<'_>) -> Vec<Provision> {
    let mut all: Vec<Provision> = Vec::new();
    for (name, origin) in fields.spanned_texts("provides") {
        all.push(Provision { name, when: None, values: Vec::new(), origin });
    }
    for block in fields.blocks("provide") {
        let name = fields.label(block);
        let origin = block.labels.first().map_or(block.head, |label| label.span);
        all.push(fields.inside(block, |inner| Provision {
            name,
            when: inner.expression("when"),
            values: inner.entries("values"),
            origin,
        }));
    }
    for at in (1..all.len()).rev() {
        if let Some(first) = all[..at].iter().position(|earlier| earlier.name == all[at].name) {
            let again = all.remove(at);
            fields.complain(
                Diagnostic::error("disco::manifest_duplicate", format!("`{}` is provided twice", again.name))
                    .at(again.origin, "again here")
                    .at(all[first].origin, "first here")
                    .help("remove one of them"),
            );
        }
    }
    all
}

/// `requires = ["hdfs"]`, and `requirement` blocks where there is a condition or a reason.
pub(super) fn requires(fields: &mut Fields<'_>) -> Vec<Requirement> {
    let always = fields.relations("requires").into_iter();
    let mut all: Vec<Requirement> =
        always.map(|relation| Requirement { relation, when: None, adds: false, reason: None }).collect();
    for block in fields.blocks("requirement") {
        let text = fields.label(block);
        let origin = block.labels.first().map_or(block.head, |label| label.span);
        let relation = fields.relation(&text, origin);
        let (when, adds, reason) =
            fields.inside(block, |inner| (inner.expression("when"), inner.boolean("adds"), inner.text("reason")));
        all.extend(relation.map(|relation| Requirement { relation, when, adds, reason }));
    }
    all
}
