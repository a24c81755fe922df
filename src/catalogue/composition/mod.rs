//! Which frameworks of a cluster go together, and in which order.

mod requirements;
mod order;

use std::collections::BTreeMap;

use super::evaluation::{self, FrameworkContext};
use super::overrides::overrides;
use super::{Catalogue, Framework, Nodes, Relation, Version};
use crate::model::{ClusterSpec, FrameworkSpec, Members};
use crate::source::{Diagnostics, Sources};

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
    let nodes = Nodes::of(&spec.groups);
    let mut contexts: Vec<(FrameworkContext<'a>, Vec<&'a str>)> = Vec::new();
    for chosen in order {
        let (overrides, mistakes) = overrides(chosen);
        let providers = providers(chosen, &contexts);
        let enough = chosen.framework.needs.iter().all(|placement| evaluation::count(spec, *placement) > 0);
        let sound = |name: &str| contexts.iter().any(|(other, _)| other.chosen.framework.name == name && other.usable);
        // Where a setting is wrong, its default stands in for it: the others are still worth a look.
        let usable = enough && providers.values().all(|provider| sound(provider));
        diagnostics.extend(mistakes);
        diagnostics.extend(chosen.framework.check_nodes(&nodes, chosen.spec.origin, spec.origin));
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
        let framework = match catalogue.choose(&asked.name, asked.origin) {
            Ok(framework) => framework,
            Err(unknown) => {
                diagnostics.extend(unknown);
                continue;
            }
        };
        let place = asked.version.origin.unwrap_or(asked.origin);
        let version = match framework.choose_version(&asked.version.value, Some(place)) {
            Ok(version) => version,
            Err(unknown) => {
                diagnostics.push(unknown);
                continue;
            }
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
