//! How frameworks share the memory of a node.
//!
//! What the operating system keeps comes off first, then what services of frameworks need that state no minimum. The
//! rest goes to the frameworks that state one, in proportion to it. A node that has the sum of the minima leaves each
//! at least what it would have alone on a node of its own minimum, because the larger a node is, the smaller is the
//! part that the system keeps; and a framework that is alone gets everything.

use super::evaluation::{self, View};
use super::prepare::Prepared;
use super::provision::mebibytes;
use crate::model::{CloudFacts, GroupSpec};
use crate::source::Diagnostic;

/// Memory counts in steps, so that rounding never makes a larger machine offer less.
const STEP_MIB: u64 = 64;

/// Memory in whole steps.
pub(super) fn counted(memory_mib: u64) -> u64 {
    memory_mib - memory_mib % STEP_MIB
}

/// How the memory of a group's nodes is shared, MiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// What a node has.
    pub(super) memory: u64,
    /// What the operating system keeps.
    pub(super) reserved: u64,
    /// What services of frameworks without a minimum need, by framework.
    pub(super) fixed: Vec<(String, u64)>,
    /// The minima of the frameworks that share the rest.
    pub(super) minima: Vec<(String, u64)>,
    /// The minima of those that want no share of their own.
    pub(super) guests: Vec<(String, u64)>,
}

impl Share {
    /// How a group's nodes are shared out among all frameworks; `None` where the flavor is not known.
    pub(super) fn of(all: &[Prepared<'_>], group: usize) -> Option<Self> {
        let mut share = Self::default();
        let mut reserved: Option<u64> = None;
        for (context, views) in all {
            let view = views.get(group)?;
            let framework = context.chosen.framework;
            share.memory = view.flavor?.memory_mib;
            let minimum = framework.minimum_memory.get(&view.group.role).map_or(0, |minimum| mebibytes(view, minimum));
            let shares = evaluation::holds(&view.scope, framework.shares_memory.get(&view.group.role));
            if minimum > 0 && shares {
                share.minima.push((framework.name.clone(), minimum));
            } else {
                share.guests.extend((minimum > 0).then(|| (framework.name.clone(), minimum)));
                let promised = promised(context.chosen.framework, view);
                share.fixed.extend((promised > 0).then(|| (framework.name.clone(), promised)));
            }
            if let Some(stated) = &framework.reserved_memory {
                reserved = reserved.max(Some(mebibytes(view, stated)));
            }
        }
        let own = || {
            let view = all.first().and_then(|(_, views)| views.get(group))?;
            view.named("node", "reserved", view.group.origin).as_number().and_then(crate::expression::Number::to_u64)
        };
        share.reserved = reserved.or_else(own).unwrap_or(0);
        Some(share)
    }

    fn least(&self) -> u64 {
        self.minima.iter().map(|(_, minimum)| minimum).sum()
    }

    fn fixed(&self) -> u64 {
        self.fixed.iter().map(|(_, fixed)| fixed).sum()
    }

    /// What one framework may promise on a node; less than nothing where more is set aside than there is.
    pub(super) fn part(&self, framework: &str) -> i64 {
        let signed = |number: u64| i128::from(number);
        let Some((_, own)) = self.minima.iter().find(|(name, _)| name == framework) else { return 0 };
        let free = signed(counted(self.memory)) - signed(self.reserved) - signed(self.fixed());
        let part = (free * signed(*own)).div_euclid(signed(self.least().max(1)));
        i64::try_from(part).unwrap_or(i64::MAX)
    }

    /// What a node would need for all: the sum of the minima and, at the rate at which the system takes its part here,
    /// what is fixed; and what each of those needs that want no share.
    fn needed(&self) -> u64 {
        let left = self.memory.saturating_sub(self.reserved).max(1);
        let sum = self.least() + (self.fixed() * self.memory).div_ceil(left);
        self.guests.iter().map(|(_, minimum)| *minimum).fold(sum, u64::max)
    }

    /// A flavor that is too small for all that shall run on it.
    pub(super) fn too_small(&self, all: &[Prepared<'_>], group: &GroupSpec, facts: &CloudFacts) -> Option<Diagnostic> {
        let needed = self.needed();
        let stated = || self.minima.iter().chain(&self.guests);
        if stated().next().is_none() || self.memory >= needed {
            return None;
        }
        let role = group.role.name();
        let has = format!("flavor `{}` has {} MiB of memory, but", group.flavor.value, self.memory);
        let (all_stated, fixed): (Vec<_>, _) = (stated().collect(), self.fixed.iter());
        let parts: Vec<String> = stated().chain(fixed).map(|(name, memory)| format!("{name} {memory}")).collect();
        let message = match (all_stated.as_slice(), self.guests.iter().find(|(_, minimum)| *minimum == needed)) {
            (_, Some((name, _))) => format!("{has} {name} needs {needed} MiB on a {role}"),
            ([(name, _)], None) if self.fixed.is_empty() => format!("{has} {name} needs {needed} MiB on a {role}"),
            _ => format!("{has} a {role} needs {needed} MiB here: {}", parts.join(", ")),
        };
        let enough = facts.flavors.iter().filter(|(_, flavor)| flavor.memory_mib >= needed);
        let help = match enough.min_by_key(|(name, flavor)| (flavor.memory_mib, flavor.vcpus, *name)) {
            Some((name, flavor)) => format!("the smallest flavor that is enough: `{name}` ({} MiB)", flavor.memory_mib),
            None => "the cloud has no flavor that is enough".to_owned(),
        };
        let mut diagnostic = Diagnostic::error("disco::flavor_too_small", message)
            .at(group.flavor.origin.unwrap_or(group.origin), "too small");
        for (context, _) in all {
            let named = |(name, _): &&(String, u64)| *name == context.chosen.framework.name;
            if stated().chain(&self.fixed).any(|entry| named(&entry)) {
                diagnostic = diagnostic.at(context.chosen.spec.origin, "asked for here");
            }
        }
        Some(diagnostic.help(help))
    }
}

/// What the services of a framework are promised on a node, for themselves and for work, MiB.
pub(super) fn promised(framework: &super::Framework, view: &View<'_>) -> u64 {
    let services = framework.services.iter().filter(|service| view.has(&[service.on], service.when.as_ref()));
    services
        .flat_map(|service| [&service.memory].into_iter().chain(&service.workload_memory))
        .map(|memory| mebibytes(view, memory))
        .sum()
}
