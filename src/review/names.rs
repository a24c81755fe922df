//! Names that nothing uses, and names that hide others.

use super::Reviewed;
use crate::language::NameKind;
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax;

pub(super) fn review(of: Reviewed<'_>, found: &mut Diagnostics) {
    for unused in of.definition.unused() {
        let name = &unused.name;
        found.push(match unused.kind {
            NameKind::Variable => {
                Diagnostic::warning("disco::unused_variable", format!("variable `{name}` is not used"))
                    .at(unused.place, "nothing refers to it")
                    .help(format!("remove it and what sets it, or use it as `var.{name}`"))
            }
            NameKind::Local => Diagnostic::warning("disco::unused_local", format!("local value `{name}` is not used"))
                .at(unused.place, "nothing refers to it")
                .help(format!("remove it, or use it as `local.{name}`")),
        });
    }
    for expression in of.definition.expressions() {
        for name in syntax::hiding_names(expression) {
            found.push(
                Diagnostic::warning("disco::hidden_name", format!("`{}` hides another thing of that name", name.text))
                    .at(name.span, "within this `for`, only this one can be used")
                    .help("give it a name of its own"),
            );
        }
    }
    catalogues(of, found);
}

fn catalogues(of: Reviewed<'_>, found: &mut Diagnostics) {
    for (folder, frameworks) in of.catalogues {
        let used = |name: &String| {
            let of_clusters = of.spec.clusters.values().flat_map(|cluster| &cluster.frameworks);
            of_clusters.into_iter().any(|framework| framework.name == *name)
        };
        if frameworks.iter().any(used) {
            continue;
        }
        found.push(
            Diagnostic::warning("disco::unused_catalogue", format!("catalogue `{}` is not used", folder.value))
                .at_maybe(folder.origin, "no cluster has a framework of it")
                .help("remove it from `catalogues`"),
        );
    }
}
