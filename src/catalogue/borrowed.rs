//! Frameworks whose slaves go by what another framework has on the same nodes, on groups that only use the other.

use super::evaluation::counted_slaves;
use super::names;
use super::view::{FrameworkContext, View};
use crate::model::Membership;
use crate::source::Diagnostic;

/// Says that a framework counts nodes as its slaves which lack the numbers of another one that it goes by: YARN's memory
/// of a node, where Hadoop is only used. All that follows from these numbers would lack them too, on every node.
pub(super) fn check(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Option<Diagnostic> {
    let framework = context.chosen.framework;
    let lists = names::slave_lists(framework).unwrap_or_default();
    let slaves = || counted_slaves(views).into_iter().filter(|view| view.complete);
    slaves().find_map(|view| {
        let only_used = |name: &str| view.group.part_of(name) == Membership::Client;
        let other = lists.iter().find_map(|list| {
            let (root, name) = list.split_once('.')?;
            let reached = names::reached(framework, names::declaration(framework, list)?);
            let asked = reached.iter().filter_map(|name| name.strip_prefix("with."));
            let other = asked.filter_map(|asked| context.providers.get(asked)).find(|provider| only_used(provider))?;
            view.named(root, name, context.chosen.spec.origin).contains_unknown().then_some(other)
        })?;
        let (name, group) = (&framework.name, &view.group.name);
        let listed = view.group.frameworks.iter().flatten().find(|listed| listed.name == *name);
        let place = listed.and_then(|listed| listed.origin).unwrap_or(view.group.origin);
        let message = format!(
            "`{group}` has {name}, which goes by what {other} has on the same nodes, and only the client of that"
        );
        let with = format!("write \"{other}\", and its services run there too");
        let help = if framework.has_clients {
            format!("write \"{name}.client\": the nodes can use {name} then, and are none of its slaves\nor {with}")
        } else {
            with
        };
        Some(Diagnostic::error("disco::missing_requirement", message).at(place, "counts as its slaves").help(help))
    })
}
