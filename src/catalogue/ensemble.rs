//! Nodes that are chosen once: which they are, and what is wrong where there are too few.
//!
//! Their names follow from settings that are fixed when the cluster is created, so growth does not change them: masters come
//! first, then the nodes 0, 1, … of one group of slaves.

use std::collections::BTreeMap;

use super::view::{FrameworkContext, View, holds};
use super::{ClusterConfiguration, EnsembleDeclaration, Placement};
use crate::expression::{Number, Scope, Type, Value};
use crate::model::{ClusterSpec, GroupSpec, Membership, Role};
use crate::source::{Diagnostic, Diagnostics};

/// The nodes of an ensemble, in the order of their places: group and index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Members {
    nodes: Vec<(String, u32)>,
    /// Whether nobody was chosen: all nodes of its places are meant, as if they stood there instead of its name.
    pub(super) are_all: bool,
}

impl Members {
    /// Whether a node of that group is among them.
    pub(super) fn are_in(&self, group: &str) -> bool {
        self.are_all || self.nodes.iter().any(|(name, _)| name == group)
    }

    /// Host names, in order.
    pub(super) fn names(&self, context: &FrameworkContext<'_>) -> Vec<String> {
        self.nodes.iter().map(|(group, index)| context.spec.node_name(group, *index)).collect()
    }
}

/// What an ensemble asks for.
struct Wish {
    size: u64,
    group: Option<String>,
}

fn wish(declared: &EnsembleDeclaration, scope: &Scope<'_>) -> Option<Wish> {
    let size = scope.evaluate(&declared.size).as_number().and_then(Number::to_u64)?;
    let group = declared.group.as_ref().map(|group| scope.evaluate(group));
    let group = group.and_then(|group| group.as_str().map(str::to_owned));
    Some(Wish { size, group })
}

/// The groups that an ensemble takes its nodes from, in order.
fn candidates<'s>(
    context: &FrameworkContext<'s>,
    declared: &EnsembleDeclaration,
    wish: &Wish,
) -> impl Iterator<Item = &'s GroupSpec> {
    let on = declared.on.clone();
    let groups: &'s [GroupSpec] = &context.spec.groups;
    let masters = groups.iter().filter(|group| group.role == Role::Master);
    let wanted = wish.group.clone();
    let framework = &context.chosen.framework.name;
    let slaves = groups.iter().filter(move |group| {
        group.role == Role::Slave
            && wanted.as_ref() == Some(&group.name)
            && group.part_of(framework) == Membership::Whole
    });
    masters.chain(slaves).filter(move |group| on.iter().any(|on| on.covers(group.role, group.storage)))
}

/// The nodes of an ensemble; `None` where that is not known. There may be fewer than it asks for.
pub(super) fn members(
    context: &FrameworkContext<'_>,
    declared: &EnsembleDeclaration,
    scope: &Scope<'_>,
) -> Option<Members> {
    let wish = wish(declared, scope)?;
    let nodes = candidates(context, declared, &wish)
        .flat_map(|group| (0..group.count.value).map(move |index| (group.name.clone(), index)));
    let are_all = !holds(scope, declared.when.as_ref());
    let size = if are_all { usize::MAX } else { usize::try_from(wish.size).unwrap_or(usize::MAX) };
    Some(Members { nodes: nodes.take(size).collect(), are_all })
}

/// `ensemble.NAME`: a list of objects with a host name and a place from 1.
pub(super) fn value(context: &FrameworkContext<'_>, members: Option<&Members>) -> Value {
    let Some(members) = members else { return Value::unknown(Type::Any) };
    let names = members.names(context).into_iter();
    let nodes = (1..)
        .zip(names)
        .map(|(place, name)| Value::object([("name", Value::string(name)), ("place", Value::integer(place))]));
    Value::tuple(nodes.collect())
}

/// An ensemble of a framework, as the nodes of a cluster call it.
pub(super) fn ensemble_name(context: &FrameworkContext<'_>, ensemble: &str) -> String {
    format!("{}.{ensemble}", context.chosen.framework.name)
}

/// Nodes of ensembles that a cluster does not have, or would not have any more.
pub(crate) fn absent(
    spec: &ClusterSpec,
    configuration: &ClusterConfiguration,
    is_there: impl Fn(&str) -> bool,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut ensembles: BTreeMap<&String, &Vec<String>> = BTreeMap::new();
    for group in configuration.groups.values() {
        ensembles.extend(&group.ensembles);
    }
    for (ensemble, names) in ensembles {
        let (framework, ensemble) = ensemble.split_once('.').unwrap_or(("", ensemble));
        let asked = spec.frameworks.iter().find(|asked| asked.name == framework);
        for name in names.iter().filter(|name| !is_there(name)) {
            let message = format!("{name} is of the {ensemble} of {framework}, and would not be there");
            diagnostics.push(
                Diagnostic::error("disco::ensemble_too_small", message)
                    .at(asked.map_or(spec.origin, |asked| asked.origin), "chosen when the cluster was created")
                    .help("let other nodes leave: `--victims` names them"),
            );
        }
    }
    diagnostics
}

/// Ensembles that lack nodes.
pub(super) fn check(context: &FrameworkContext<'_>, views: &[View<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let Some(view) = views.first() else { return diagnostics };
    let chosen = context.chosen;
    for declared in &chosen.framework.ensembles {
        let size = view.scope.evaluate(&declared.size);
        let whole = size.as_number().and_then(Number::to_u64).is_some_and(|size| size > 0);
        if !whole && !size.contains_unknown() && !size.contains_failed() {
            let message = format!(
                "the size of {}'s {} is not a whole number of at least 1",
                chosen.framework.name, declared.name
            );
            diagnostics.push(
                Diagnostic::error("disco::ensemble_too_small", message)
                    .at(chosen.spec.origin, "needed here")
                    .at(declared.size.span, "comes from here")
                    .help("set it to 1 or more"),
            );
            continue;
        }
        let (Some(wish), Some(members)) = (wish(declared, &view.scope), view.ensembles.get(declared.name.as_str()))
        else {
            continue;
        };
        let there = members.nodes.len() as u64;
        if members.are_all || there >= wish.size {
            continue;
        }
        let (name, size) = (&declared.name, wish.size);
        let message = format!("{} needs {size} nodes for its {name}, and there are {there}", chosen.framework.name);
        let group = candidates(context, declared, &wish).last();
        let place = group.and_then(|group| group.count.origin);
        let of_group = wish.group.as_ref().map(|group| format!(" of masters and `{group}`"));
        let of_group = of_group.filter(|_| declared.on.iter().any(|on| *on != Placement::Master)).unwrap_or_default();
        diagnostics.push(
            Diagnostic::error("disco::ensemble_too_small", message)
                .at_maybe(place, "too few nodes here")
                .at(chosen.spec.origin, "needed here")
                .help(format!(
                    "keep at least {size} nodes{of_group}: which they are was decided when the cluster was created"
                )),
        );
    }
    diagnostics
}
