//! The frameworks of a cluster as seen from each of its groups, with everything defined that expressions may name.

use super::view::{FrameworkContext, Prepared};
use super::{Catalogue, ClusterContext, borrowed, evaluation, java, python, sharing};
use crate::expression::{Type, Value};
use crate::model::{CloudFacts, ClusterSpec, Membership};
use crate::source::Diagnostics;

/// All frameworks of a cluster, those that others build on first. Where one is not `usable`, its values are worth
/// nothing, and its complaints follow from what the composition complained about.
pub(super) fn prepare(of: ClusterContext<'_>) -> (Vec<Prepared<'_>>, Diagnostics) {
    let ClusterContext { spec, catalogue, composition, facts, fixed, sources } = of;
    let mut contexts = composition.contexts(spec, catalogue, fixed, sources);
    // What was fixed may be more than is possible by now, and what is possible may follow from everything else: then
    // everything is looked at once more. Each round lowers a value, so there are few.
    let rounds = contexts.iter().map(|context| context.chosen.framework.settings.len()).sum::<usize>();
    for _ in 0..rounds {
        let (mut all, found) = look(contexts, spec, catalogue, facts);
        let mut lowered = false;
        for (context, views) in &mut all {
            let caps = evaluation::exceeding(context, views);
            lowered |= !caps.is_empty();
            context.caps.extend(caps);
        }
        if !lowered {
            return (all, found);
        }
        contexts = all.into_iter().map(|(context, _)| context).collect();
    }
    look(contexts, spec, catalogue, facts)
}

/// The frameworks as each group sees them.
fn look<'a>(
    contexts: Vec<FrameworkContext<'a>>,
    spec: &'a ClusterSpec,
    catalogue: &'a Catalogue,
    facts: &'a CloudFacts,
) -> (Vec<Prepared<'a>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut all: Vec<Prepared<'a>> = Vec::new();
    for context in contexts {
        let mut views = Vec::new();
        for (at, group) in spec.groups.iter().enumerate() {
            let is_there = group.part_of(&context.chosen.framework.name) != Membership::Nothing;
            let java = is_there.then(|| java::java_for(context.chosen, group, catalogue.platforms()));
            let java = java.unwrap_or(Ok(None)).unwrap_or_else(|unsuitable| {
                diagnostics.push(unsuitable);
                None
            });
            let flavor = facts.flavors.get(&group.flavor.value);
            views.push(evaluation::view(&context, at, flavor, java));
        }
        diagnostics.extend(python::check(context.chosen, &spec.groups, catalogue.platforms()));
        all.push((context, views));
    }
    for (at, group) in spec.groups.iter().enumerate() {
        let mut share = sharing::share(&all, at);
        if let Some(too_small) = share.as_ref().and_then(|share| sharing::too_small(share, &all, group, facts)) {
            diagnostics.push(too_small);
            share = None;
            for (context, views) in &mut all {
                let java = views[at].java.take();
                views[at] = evaluation::view(context, at, None, java);
            }
        }
        for (context, views) in &mut all {
            let own = share.as_ref().map(|share| Value::integer(share.part(&context.chosen.framework.name)));
            views[at].scope.define_entry("node", "share", own.unwrap_or_else(|| Value::unknown(Type::Number)));
            views[at].share.clone_from(&share);
        }
    }
    let complete = all.iter().all(|(_, views)| views.iter().all(|view| view.share.is_some()));
    for (_, views) in &mut all {
        for view in views {
            view.complete = complete;
        }
    }
    for at in 0..all.len() {
        let (earlier, rest) = all.split_at_mut(at);
        if let Some((context, views)) = rest.first_mut() {
            evaluation::define_providers(context, views, earlier);
            evaluation::define_lists(context, views);
            let lacking = borrowed::check(context, views).filter(|_| context.usable);
            let unusable =
                |name: &String| earlier.iter().any(|(other, _)| other.chosen.framework.name == *name && !other.usable);
            context.usable &= lacking.is_none() && !context.providers.values().any(unusable);
            diagnostics.extend(lacking);
        }
    }
    (all, diagnostics)
}
