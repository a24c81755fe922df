//! `depends_on`: what comes before a cluster, or before those of a module.

use super::decode::Decoder;
use super::schema::{Attribute, Unread};
use crate::source::{Diagnostic, Span, did_you_mean};
use crate::syntax::references;
use crate::syntax::tree::{Block, ExpressionKind};

/// Reports what is no cluster or module in `depends_on`; in which order they come is told by the reference alone.
pub(super) fn depends_on(of: &Block, attribute: &Attribute<Unread>, decoder: &mut Decoder<'_, '_>) {
    let Some(attribute) = attribute.written(&of.body) else { return };
    let wrong = |place: Span| {
        Diagnostic::error("disco::wrong_type", "`depends_on` is a list of clusters and modules")
            .at(place, "not a cluster, and not a module")
            .help("write for instance `depends_on = [cluster.storage, module.network]`")
    };
    let ExpressionKind::Tuple(items) = &attribute.value.kind else {
        decoder.report(wrong(attribute.value.span));
        return;
    };
    for item in items {
        let named = references(item).into_iter().next().filter(|reference| reference.span == item.span);
        match named.as_ref().and_then(|reference| Some((reference, reference.entry()?))) {
            Some((reference, (name, _))) if matches!(&*reference.root, "cluster" | "module") => {
                let known = decoder.scope().entries(&reference.root);
                if !known.iter().any(|known| **known == *name) {
                    let what = &reference.root;
                    decoder.report(
                        Diagnostic::error("disco::unknown_name", format!("{what} `{name}` does not exist"))
                            .at(item.span, "not defined")
                            .help("name what is defined beside this cluster, or remove it")
                            .help_maybe(did_you_mean(name, known.iter().map(|known| &**known))),
                    );
                }
            }
            _ => drop(decoder.report(wrong(item.span))),
        }
    }
}
