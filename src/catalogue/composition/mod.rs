//! Which frameworks of a cluster go together, and in which order.

mod requirements;
mod order;

use std::collections::BTreeMap;

use super::evaluation::{self, FrameworkContext};
use super::overrides::overrides;
use super::{Catalogue, Framework, Placement, Relation, Version};
use crate::model::{ClusterSpec, FrameworkSpec, Members, Role};
use crate::source::{Diagnostic, Diagnostics, Sources, did_you_mean};

/// A framework that a cluster asks for, and what the catalogue says of it.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) spec: &'a FrameworkSpec,
    pub(super) framework: &'a Framework,
    pub(super) version: &'a Version,
}

/// The frameworks of a cluster, those that others build on first. What cannot go together is said here, and so is
/// what the definition cannot set.
pub(super) fn compose<'a>(
    spec: &'a ClusterSpec,
    catalogue: &'a Catalogue,
    members: &'a Members,
    sources: &'a Sources,
) -> (Vec<FrameworkContext<'a>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let chosen = choose(spec, catalogue, &mut diagnostics);
    let order = match order::order(&chosen) {
        Ok(order) => order,
        Err(circle) => {
            diagnostics.push(circle);
            return (Vec::new(), diagnostics);
        }
    };
    let mut contexts: Vec<(FrameworkContext<'a>, Vec<&'a str>)> = Vec::new();
    for chosen in order {
        let (overrides, mistakes) = overrides(chosen);
        let providers = providers(chosen, &contexts);
        let enough = chosen.framework.needs.iter().all(|placement| evaluation::count(spec, *placement) > 0);
        let sound = |name: &str| contexts.iter().any(|(other, _)| other.chosen.framework.name == name && other.usable);
        // Where a setting is wrong, its default stands in for it: the others are still worth a look.
        let usable = enough && providers.values().all(|provider| sound(provider));
        diagnostics.extend(mistakes);
        diagnostics.extend(check_groups(spec, chosen));
        let mut context = FrameworkContext {
            chosen,
            spec,
            catalogue,
            members,
            sources,
            overrides,
            caps: BTreeMap::new(),
            providers,
            usable,
        };
        let scope = evaluation::scope_before_nodes(&context);
        let there =
            chosen.framework.provides.iter().filter(|provided| evaluation::holds(&scope, provided.when.as_ref()));
        let provided = there.map(|provided| provided.name.as_str()).collect();
        let missing = requirements::missing(&context, &scope, &contexts);
        context.usable &= !missing.has_errors();
        diagnostics.extend(missing);
        diagnostics.extend(scope.take_diagnostics());
        contexts.push((context, provided));
    }
    diagnostics.extend(requirements::conflicts(&contexts));
    (contexts.into_iter().map(|(context, _)| context).collect(), diagnostics)
}

/// What the catalogue says of each framework asked for.
fn choose<'a>(spec: &'a ClusterSpec, catalogue: &'a Catalogue, diagnostics: &mut Diagnostics) -> Vec<Chosen<'a>> {
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
            let known = framework.versions.iter().map(|version| version.name.as_str());
            diagnostics.push(
                Diagnostic::error("disco::unknown_version", message)
                    .at(asked.version.origin.unwrap_or(asked.origin), "not in the catalogue")
                    .help_maybe(did_you_mean(&asked.version.value, known)),
            );
            continue;
        };
        if chosen.iter().all(|earlier| earlier.framework.name != framework.name) {
            chosen.push(Chosen { spec: asked, framework, version });
        }
    }
    chosen
}

/// A framework with the names of what it provides in this cluster.
type Provider<'a> = (FrameworkContext<'a>, Vec<&'a str>);

/// Who provides what a framework asks for or makes use of.
fn providers<'a>(chosen: Chosen<'a>, earlier: &[Provider<'a>]) -> BTreeMap<&'a str, &'a str> {
    let asked = chosen.framework.relations().flat_map(|relation| &relation.alternatives);
    asked
        .filter_map(|wanted| {
            let provider = earlier
                .iter()
                .find(|provider| offers(provider, &wanted.name) && wanted.allows(&provider.0.chosen.version.name))?;
            Some((wanted.name.as_str(), provider.0.chosen.framework.name.as_str()))
        })
        .collect()
}

/// Whether a framework of the cluster is, or provides, `what`.
fn offers(provider: &Provider<'_>, what: &str) -> bool {
    provider.0.chosen.framework.name == what || provider.1.contains(&what)
}

/// Whether one of a relation's alternatives is fulfilled by a framework.
fn fulfils(provider: &Provider<'_>, relation: &Relation) -> bool {
    relation
        .alternatives
        .iter()
        .any(|wanted| offers(provider, &wanted.name) && wanted.allows(&provider.0.chosen.version.name))
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
    for placement in framework.needs.iter().filter(|placement| evaluation::count(spec, **placement) == 0) {
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
    diagnostics
}
