//! Who provides what among the frameworks of a cluster.

use std::collections::BTreeMap;

use crate::catalogue::Relation;
use crate::catalogue::chosen::Chosen;
use crate::catalogue::view::FrameworkContext;

/// A framework with the names of what it provides in this cluster.
pub(super) type Provider<'a> = (FrameworkContext<'a>, Vec<&'a str>);

/// Who provides what a framework asks for or makes use of.
pub(super) fn providers(chosen: Chosen<'_>, earlier: &[Provider<'_>]) -> BTreeMap<String, String> {
    let asked = chosen.framework.relations().flat_map(|relation| &relation.alternatives);
    asked
        .filter_map(|wanted| {
            let provider = earlier
                .iter()
                .find(|provider| offers(provider, &wanted.name) && wanted.allows(&provider.0.chosen.version.name))?;
            Some((wanted.name.clone(), provider.0.chosen.framework.name.clone()))
        })
        .collect()
}

/// Whether a framework of the cluster is, or provides, `what`.
pub(super) fn offers(provider: &Provider<'_>, what: &str) -> bool {
    provider.0.chosen.framework.name == what || provider.1.contains(&what)
}

/// Whether one of a relation's alternatives is fulfilled by a framework.
pub(super) fn fulfils(provider: &Provider<'_>, relation: &Relation) -> bool {
    relation
        .alternatives
        .iter()
        .any(|wanted| offers(provider, &wanted.name) && wanted.allows(&provider.0.chosen.version.name))
}
