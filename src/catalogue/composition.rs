//! Which frameworks of a cluster go together, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, Framework, Placement, Version};
use crate::model::{ClusterSpec, FrameworkSpec, Role};
use crate::source::{Diagnostic, Diagnostics, did_you_mean};

/// A framework that a cluster asks for, and what the catalogue says of it.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) spec: &'a FrameworkSpec,
    pub(super) framework: &'a Framework,
    pub(super) version: &'a Version,
}

/// The frameworks of a cluster, those that others need first. What cannot go together is said here.
pub(super) fn compose<'a>(spec: &'a ClusterSpec, catalogue: &'a Catalogue) -> (Vec<Chosen<'a>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut chosen: Vec<Chosen<'a>> = Vec::new();
    for asked in &spec.frameworks {
        let Some(framework) = catalogue.framework(&asked.name) else {
            diagnostics.push(
                Diagnostic::error("disco::unknown_framework", format!("no framework is called `{}`", asked.name))
                    .at(asked.origin, "not in the catalogue")
                    .help_maybe(did_you_mean(&asked.name, catalogue.framework_names())),
            );
            continue;
        };
        let Some(version) = framework.version(&asked.version.value) else {
            let message = format!("{} has no version `{}` here", asked.name, asked.version.value);
            diagnostics.push(
                Diagnostic::error("disco::unknown_version", message)
                    .at(asked.version.origin.unwrap_or(asked.origin), "not in the catalogue")
                    .help_maybe(did_you_mean(
                        &asked.version.value,
                        framework.versions.iter().map(|version| version.name.as_str()),
                    )),
            );
            continue;
        };
        if chosen.iter().any(|earlier| earlier.framework.name == framework.name) {
            continue;
        }
        chosen.push(Chosen { spec: asked, framework, version });
    }
    for one in &chosen {
        diagnostics.extend(check_groups(spec, *one));
        diagnostics.extend(check_company(*one, &chosen, catalogue));
    }
    let order = sort(&chosen, &mut diagnostics);
    (order, diagnostics)
}

fn check_groups(spec: &ClusterSpec, chosen: Chosen<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let framework = chosen.framework;
    for group in spec.groups.iter().filter(|group| group.role == Role::Master) {
        if group.count.value > framework.maximum_masters {
            let message = format!(
                "{} can have {} {}, not {}",
                framework.name,
                framework.maximum_masters,
                if framework.maximum_masters == 1 { "master" } else { "masters" },
                group.count.value
            );
            diagnostics.push(
                Diagnostic::error("disco::too_many_masters", message)
                    .at(group.count.origin.unwrap_or(group.origin), "more than it can have")
                    .help_maybe(
                        (!framework.maximum_masters_reason.is_empty())
                            .then(|| framework.maximum_masters_reason.clone()),
                    ),
            );
        }
    }
    for placement in &framework.needs {
        let nodes: u64 = spec
            .groups
            .iter()
            .filter(|group| placement.covers(group.role, group.storage))
            .map(|group| u64::from(group.count.value))
            .sum();
        if nodes == 0 {
            let (what, help) = match placement {
                Placement::Master => ("a master", "add a `master` block"),
                Placement::Slaves => ("a slave", "add a `slaves` block with a `count` of at least 1"),
                Placement::Storage => (
                    "a slave that stores data",
                    "add a `slaves` block with a `count` of at least 1 and without `storage = false`",
                ),
            };
            diagnostics.push(
                Diagnostic::error("disco::no_slaves", format!("{} needs {what}, and there is none", framework.name))
                    .at(chosen.spec.origin, "asked for here")
                    .at(spec.origin, "in this cluster")
                    .help(help),
            );
        }
    }
    diagnostics
}

/// Whether `framework` is, or provides, `what`.
fn offers(framework: &Framework, what: &str) -> bool {
    framework.name == what || framework.provides.iter().any(|provided| provided == what)
}

fn check_company(one: Chosen<'_>, chosen: &[Chosen<'_>], catalogue: &Catalogue) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let others = || chosen.iter().filter(|other| other.framework.name != one.framework.name);
    for need in &one.framework.requires {
        if !others().any(|other| offers(other.framework, need)) {
            let who: Vec<String> = catalogue
                .frameworks()
                .filter(|framework| offers(framework, need))
                .map(|framework| format!("`framework \"{}\" {{}}`", framework.name))
                .collect();
            diagnostics.push(
                Diagnostic::error("disco::missing_requirement", format!("{} needs `{need}`", one.framework.name))
                    .at(one.spec.origin, format!("nothing in this cluster provides `{need}`"))
                    .help_maybe((!who.is_empty()).then(|| format!("add {}", who.join(" or ")))),
            );
        }
    }
    for other in others() {
        let clash = one.framework.conflicts.iter().find(|what| offers(other.framework, what));
        if let Some(what) = clash {
            let message = format!("{} and {} cannot share a cluster", one.framework.name, other.framework.name);
            diagnostics.push(
                Diagnostic::error("disco::conflict", message)
                    .at(one.spec.origin, format!("conflicts with `{what}`"))
                    .at(other.spec.origin, format!("`{what}` comes from here"))
                    .help("give each a cluster of its own"),
            );
        }
        let same = one.framework.provides.iter().find(|what| other.framework.provides.contains(what));
        if let (Some(what), true) = (same, one.framework.name < other.framework.name) {
            let message = format!("{} and {} both provide `{what}`", one.framework.name, other.framework.name);
            diagnostics.push(
                Diagnostic::error("disco::conflict", message)
                    .at(one.spec.origin, "one of them")
                    .at(other.spec.origin, "the other")
                    .help("keep one of them, or give each a cluster of its own"),
            );
        }
        let fits = one.version.compatible.get(&other.framework.name);
        let clash = |fits: &&Vec<String>| !fits.iter().any(|wanted| version_matches(wanted, &other.version.name));
        if let Some(fits) = fits.filter(clash) {
            let message = format!(
                "{} {} does not go with {} {}",
                one.framework.name, one.version.name, other.framework.name, other.version.name
            );
            diagnostics.push(
                Diagnostic::error("disco::incompatible_versions", message)
                    .at(one.spec.version.origin.unwrap_or(one.spec.origin), "this version")
                    .at(other.spec.version.origin.unwrap_or(other.spec.origin), "with this one")
                    .help(format!("it goes with {} {}", other.framework.name, fits.join(", "))),
            );
        }
    }
    diagnostics
}

/// Whether `version` is `wanted` or, part by part, begins with it: `3.5` fits `3.5.0` but not `3.50`.
fn version_matches(wanted: &str, version: &str) -> bool {
    version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// Those that others need first, otherwise as written; circles are explained.
fn sort<'a>(chosen: &[Chosen<'a>], diagnostics: &mut Diagnostics) -> Vec<Chosen<'a>> {
    let mut order: Vec<Chosen<'a>> = Vec::new();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    let needs: BTreeMap<&str, Vec<&str>> = chosen
        .iter()
        .map(|one| {
            let needed = chosen.iter().filter(|other| {
                other.framework.name != one.framework.name
                    && one.framework.requires.iter().any(|need| offers(other.framework, need))
            });
            (one.framework.name.as_str(), needed.map(|other| other.framework.name.as_str()).collect())
        })
        .collect();
    while order.len() < chosen.len() {
        let next = chosen.iter().find(|one| {
            let name = one.framework.name.as_str();
            !placed.contains(name) && needs[name].iter().all(|need| placed.contains(need))
        });
        let Some(next) = next else {
            let rest: Vec<Chosen<'a>> =
                chosen.iter().filter(|one| !placed.contains(one.framework.name.as_str())).copied().collect();
            diagnostics.push(circle(&rest, &needs));
            order.extend(rest);
            break;
        };
        placed.insert(&next.framework.name);
        order.push(*next);
    }
    order
}

fn circle(rest: &[Chosen<'_>], needs: &BTreeMap<&str, Vec<&str>>) -> Diagnostic {
    let left: BTreeSet<&str> = rest.iter().map(|one| one.framework.name.as_str()).collect();
    let mut way: Vec<&str> = left.first().copied().into_iter().collect();
    let start = loop {
        let last = way.last().copied().unwrap_or_default();
        let next = needs.get(last).and_then(|needed| needed.iter().find(|need| left.contains(**need)));
        let Some(next) = next.copied() else { break 0 };
        if let Some(start) = way.iter().position(|name| *name == next) {
            way.push(next);
            break start;
        }
        way.push(next);
    };
    let message = format!("these frameworks need one another: {}", way[start..].join(" → "));
    let mut diagnostic = Diagnostic::error("disco::framework_cycle", message);
    for one in rest.iter().filter(|one| way[start..].contains(&one.framework.name.as_str())) {
        diagnostic = diagnostic.at(one.spec.origin, format!("needs {}", needs[one.framework.name.as_str()].join(", ")));
    }
    diagnostic.help("one of their manifests asks for too much")
}
