//! Where an expression comes to use the number of nodes.

use std::collections::BTreeSet;

use crate::catalogue::{Framework, names};
use crate::source::Span;
use crate::syntax::references;
use crate::syntax::tree::Expression;

/// Names that mean something else when there are more nodes.
const COUNTS: [&str; 5] =
    ["cluster.nodes", "cluster.slaves", "cluster.storage_nodes", "cluster.slave_groups", "group.count"];

/// A use of the number of nodes.
pub(super) struct Counted {
    /// `cluster.slaves`
    pub(super) name: String,
    /// Where it stands.
    pub(super) place: Span,
    /// The setting in whose default it stands, if it is one.
    pub(super) setting: Option<String>,
}

/// The nearest one that an expression comes to, through settings that are not fixed and locals.
pub(super) fn in_expression(framework: &Framework, expression: &Expression) -> Option<Counted> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<(&Expression, Option<String>)> = vec![(expression, None)];
    while !open.is_empty() {
        let mut further = Vec::new();
        for (expression, setting) in open {
            for reference in references(expression) {
                let Some((entry, place)) = reference.entry() else { continue };
                let name = match &*reference.root {
                    "slaves" => format!("{}.{entry}", names::root_of(framework, entry)),
                    root => format!("{root}.{entry}"),
                };
                if COUNTS.contains(&name.as_str()) {
                    return Some(Counted { name, place, setting });
                }
                let fixed = name.strip_prefix("setting.").and_then(|name| framework.setting(name));
                if fixed.is_some_and(|setting| setting.fixed) || !seen.insert(name.clone()) {
                    continue;
                }
                let through = name.strip_prefix("setting.").map(str::to_owned).or_else(|| setting.clone());
                further.extend(names::declaration(framework, &name).map(|behind| (behind, through)));
            }
        }
        open = further;
    }
    None
}
