//! What groups say of the frameworks that their nodes are part of.

use crate::catalogue::chosen::Chosen;
use crate::catalogue::{Placement, Relation};
use crate::model::{ClusterSpec, GroupSpec, Membership};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};

/// Names of frameworks that the cluster does not have, and of frameworks that nobody can only use.
pub(super) fn check(spec: &ClusterSpec, chosen: &[Chosen<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for group in &spec.groups {
        for listed in group.frameworks.iter().flatten() {
            let place = listed.origin.unwrap_or(group.origin);
            let name = &listed.name;
            let Some(known) = chosen.iter().find(|chosen| chosen.framework.name == *name) else {
                if spec.frameworks.iter().any(|asked| asked.name == *name) {
                    continue;
                }
                let message = format!("`{}` lists framework `{name}`, which the cluster does not have", group.name);
                let names = chosen.iter().map(|chosen| chosen.framework.name.as_str());
                diagnostics.push(
                    Diagnostic::error("disco::unknown_framework", message)
                        .at(place, "not in this cluster")
                        .help(format!("add the block `framework \"{name}\" {{}}`, or remove the name"))
                        .help_maybe(did_you_mean(name, names)),
                );
                continue;
            };
            diagnostics.extend(lacks(group, known, chosen, place));
            if listed.is_client && !known.framework.has_clients {
                let message = format!("framework `{name}` has no part for nodes that only use it");
                diagnostics.push(
                    Diagnostic::error("disco::unknown_role", message)
                        .at(place, "no `client` in its manifest")
                        .help(format!("write `\"{name}\"`, and its services run there, or remove it")),
                );
            }
        }
    }
    diagnostics
}

/// Says that nothing of a framework is there that another one on the same nodes works with.
fn lacks(group: &GroupSpec, framework: &Chosen<'_>, chosen: &[Chosen<'_>], place: Span) -> Option<Diagnostic> {
    let works_here = |on: &Placement| matches!(on, Placement::Slaves | Placement::Storage);
    if !framework.framework.services.iter().any(|service| service.on.iter().any(works_here)) {
        return None;
    }
    let relations = framework.framework.relations().flat_map(Relation::names);
    let offers = |name: &str| chosen.iter().find(|other| other.framework.may_offer(name));
    let others = relations.filter_map(offers).filter(|other| other.framework.name != framework.framework.name);
    let other = others.into_iter().find(|other| group.part_of(&other.framework.name) == Membership::Nothing)?;
    let (name, other, group) = (&framework.framework.name, other.framework, &group.name);
    let part = if other.has_clients { format!("{}.client", other.name) } else { other.name.clone() };
    let message = format!("`{group}` has {name}, which works with {}, and nothing of that", other.name);
    let diagnostic = Diagnostic::error("disco::missing_requirement", message).at(place, "needs it on the same nodes");
    Some(diagnostic.help(format!("add \"{part}\" to `frameworks`")))
}
