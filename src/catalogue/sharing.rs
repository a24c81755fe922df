//! How the frameworks of a cluster come to share the memory of a group's nodes.

use super::Framework;
use super::share::Share;
use super::view::{Prepared, View, holds};
use crate::expression::Number;
use crate::model::{CloudFacts, GroupSpec, Membership};
use crate::source::Diagnostic;

/// How a group's nodes are shared out among all frameworks; `None` where the flavor is not known.
pub(super) fn share(all: &[Prepared<'_>], group: usize) -> Option<Share> {
    let mut share = Share::default();
    let mut reserved: Option<u64> = None;
    for (context, views) in all {
        let view = views.get(group)?;
        let framework = context.chosen.framework;
        share.memory = view.flavor?.memory_mib;
        if view.part != Membership::Whole {
            continue;
        }
        let minimum = framework.minimum_memory.get(&view.group.role).map_or(0, |minimum| view.mebibytes(minimum));
        let shares = holds(&view.scope, framework.shares_memory.get(&view.group.role));
        if minimum > 0 && shares {
            share.minima.push((framework.name.clone(), minimum));
        } else {
            share.guests.extend((minimum > 0).then(|| (framework.name.clone(), minimum)));
            let promised = promised(context.chosen.framework, view);
            share.fixed.extend((promised > 0).then(|| (framework.name.clone(), promised)));
        }
        if let Some(stated) = &framework.reserved_memory {
            reserved = reserved.max(Some(view.mebibytes(stated)));
        }
    }
    let own = || {
        let view = all.first().and_then(|(_, views)| views.get(group))?;
        view.named("node", "reserved", view.group.origin).as_number().and_then(Number::to_u64)
    };
    share.reserved = reserved.or_else(own).unwrap_or(0);
    Some(share)
}

/// A flavor that is too small for all that shall run on it.
pub(super) fn too_small(
    share: &Share,
    all: &[Prepared<'_>],
    group: &GroupSpec,
    facts: &CloudFacts,
) -> Option<Diagnostic> {
    let needed = share.needed();
    let stated = || share.minima.iter().chain(&share.guests);
    if stated().next().is_none() || share.memory >= needed {
        return None;
    }
    let role = group.role.name();
    let has = format!("flavor `{}` has {} MiB of memory, but", group.flavor.value, share.memory);
    let (all_stated, fixed): (Vec<_>, _) = (stated().collect(), share.fixed.iter());
    let parts: Vec<String> = stated().chain(fixed).map(|(name, memory)| format!("{name} {memory}")).collect();
    let message = match (all_stated.as_slice(), share.guests.iter().find(|(_, minimum)| *minimum == needed)) {
        (_, Some((name, _))) => format!("{has} {name} needs {needed} MiB on a {role}"),
        ([(name, _)], None) if share.fixed.is_empty() => format!("{has} {name} needs {needed} MiB on a {role}"),
        _ => format!("{has} a {role} needs {needed} MiB here: {}", parts.join(", ")),
    };
    let enough = facts.flavors.iter().filter(|(_, flavor)| flavor.memory_mib >= needed);
    let help = match enough.min_by_key(|(name, flavor)| (flavor.memory_mib, flavor.vcpus, *name)) {
        Some((name, flavor)) => format!("use flavor `{name}` ({} MiB), the smallest that is enough", flavor.memory_mib),
        None => "put the frameworks into several clusters: no flavor of the cloud has that much memory".to_owned(),
    };
    let mut diagnostic = Diagnostic::error("disco::flavor_too_small", message)
        .at(group.flavor.origin.unwrap_or(group.origin), "too small");
    for (context, _) in all {
        let named = |(name, _): &&(String, u64)| *name == context.chosen.framework.name;
        if stated().chain(&share.fixed).any(|entry| named(&entry)) {
            diagnostic = diagnostic.at(context.chosen.spec.origin, "needed here");
        }
    }
    Some(diagnostic.help(help))
}

/// What the services of a framework are promised on a node, for themselves and for work, MiB.
pub(super) fn promised(framework: &Framework, view: &View<'_>) -> u64 {
    let services = framework.services.iter().filter(|service| view.runs(service));
    services
        .flat_map(|service| [&service.memory].into_iter().chain(&service.workload_memory))
        .map(|memory| view.mebibytes(memory))
        .sum()
}
