//! Which frameworks of a cluster go together, and in which order.

mod additions;
mod order;
mod parts;
mod provider;
mod requirements;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chosen::Chosen;
use super::evaluation;
use super::overrides::{Override, overrides};
use super::view::{FrameworkContext, holds};
use super::{Catalogue, Nodes};
use crate::model::{ClusterSpec, FrameworkSpec};
use crate::source::{Diagnostics, Sources};
pub use additions::{complete, told};
use provider::{Provider, providers};

/// The frameworks of one cluster, those that others build on first: what the definition sets, and who provides what.
/// Machines have no say in it, so one is made for all that is asked about a cluster.
#[derive(Clone, Debug, Default)]
pub struct Composition {
    frameworks: Vec<Composed>,
    /// What they bring, and is not there yet.
    lacking: Vec<FrameworkSpec>,
}

/// A framework in a composition.
#[derive(Clone, Debug)]
struct Composed {
    name: String,
    overrides: Arc<BTreeMap<String, Override>>,
    providers: Arc<BTreeMap<String, String>>,
    usable: bool,
}

impl Composition {
    /// The frameworks, for the cluster and the catalogue that this was made of.
    pub(super) fn contexts<'a>(
        &self,
        spec: &'a ClusterSpec,
        catalogue: &'a Catalogue,
        fixed: &'a BTreeMap<String, String>,
        sources: &'a Sources,
    ) -> Vec<FrameworkContext<'a>> {
        let context = |composed: &Composed| {
            let asked = spec.frameworks.iter().find(|asked| asked.name == composed.name)?;
            let framework = catalogue.framework(&asked.name)?;
            let version = framework.version(&asked.version.value)?;
            Some(FrameworkContext {
                chosen: Chosen { spec: asked, framework, version },
                spec,
                catalogue,
                fixed,
                sources,
                overrides: Arc::clone(&composed.overrides),
                caps: BTreeMap::new(),
                providers: Arc::clone(&composed.providers),
                usable: composed.usable,
            })
        };
        self.frameworks.iter().filter_map(context).collect()
    }
}

/// Puts the frameworks of a cluster in order. What cannot go together is said here, and so is what the definition
/// cannot set.
pub fn compose(spec: &ClusterSpec, catalogue: &Catalogue, sources: &Sources) -> (Composition, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let chosen = choose(spec, catalogue, &mut diagnostics);
    let order = match order::order(&chosen) {
        Ok(order) => order,
        Err(circle) => {
            diagnostics.push(circle);
            return (Composition::default(), diagnostics);
        }
    };
    diagnostics.extend(parts::check(spec, &chosen));
    let nodes = Nodes::of(&spec.groups);
    let fixed = BTreeMap::new();
    let mut contexts: Vec<Provider<'_>> = Vec::new();
    let mut lacking = Vec::new();
    for chosen in order {
        let (overrides, mistakes) = overrides(chosen);
        let providers = providers(chosen, &contexts);
        let enough =
            chosen.framework.needs.iter().all(|placement| evaluation::count(spec, chosen.framework, *placement) > 0);
        let sound =
            |name: &String| contexts.iter().any(|(other, _)| other.chosen.framework.name == *name && other.usable);
        // Where a setting is wrong, its default stands in for it: the others are still worth a look.
        let usable = enough && providers.values().all(sound);
        diagnostics.extend(mistakes);
        diagnostics.extend(chosen.framework.check_nodes(&nodes, chosen.spec.origin, spec.origin));
        let mut context = FrameworkContext {
            chosen,
            spec,
            catalogue,
            fixed: &fixed,
            sources,
            overrides: Arc::new(overrides),
            caps: BTreeMap::new(),
            providers: Arc::new(providers),
            usable,
        };
        let scope = evaluation::scope_before_nodes(&context);
        let there = chosen.framework.provides.iter().filter(|provided| holds(&scope, provided.when.as_ref()));
        let provided = there.map(|provided| provided.name.as_str()).collect();
        lacking.extend(additions::lacking(&context, &scope, &contexts));
        let missing = requirements::missing(&context, &scope, &contexts);
        context.usable &= !missing.has_errors();
        diagnostics.extend(missing);
        diagnostics.extend(scope.take_diagnostics());
        contexts.push((context, provided));
    }
    diagnostics.extend(requirements::conflicts(&contexts));
    let composed = contexts.into_iter().map(|(context, _)| Composed {
        name: context.chosen.framework.name.clone(),
        overrides: context.overrides,
        providers: context.providers,
        usable: context.usable,
    });
    (Composition { frameworks: composed.collect(), lacking }, diagnostics)
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
