//! Frameworks that come by themselves, because others cannot do without them and say so.

use super::provider::{Provider, fulfils};
use super::requirements::suitable;
use crate::catalogue::view::{FrameworkContext, holds};
use crate::catalogue::{Catalogue, Composition};
use crate::expression::Scope;
use crate::model::{ClusterSpec, FrameworkSpec, NeededBy};
use crate::source::{Diagnostic, Diagnostics, Sources};

/// What a framework requires, nobody before it provides, and is to come by itself.
pub(super) fn lacking(
    context: &FrameworkContext<'_>,
    scope: &Scope<'_>,
    earlier: &[Provider<'_>],
) -> Vec<FrameworkSpec> {
    let chosen = context.chosen;
    let open = chosen.framework.requires.iter().filter(|requirement| {
        requirement.adds
            && !earlier.iter().any(|provider| fulfils(provider, &requirement.relation))
            && holds(scope, requirement.when.as_ref())
    });
    let added = open.filter_map(|requirement| {
        let relation = &requirement.relation;
        let framework = relation.names().find_map(|name| context.catalogue.framework(name))?;
        let version = suitable(framework, relation)?;
        let needed_by = NeededBy { framework: chosen.framework.name.clone(), reason: requirement.reason.clone() };
        Some(FrameworkSpec::added(&framework.name, &version.name, chosen.spec.origin, needed_by))
    });
    added.collect()
}

/// Adds to a cluster what its frameworks bring.
pub fn complete(spec: &mut ClusterSpec, catalogue: &Catalogue, sources: &Sources) {
    let may_add = |asked: &FrameworkSpec| {
        let framework = catalogue.framework(&asked.name);
        framework.is_some_and(|framework| framework.requires.iter().any(|requirement| requirement.adds))
    };
    while spec.frameworks.iter().any(may_add) {
        let (composition, _) = super::compose(spec, catalogue, sources);
        let Composition { lacking, .. } = composition;
        let before = spec.frameworks.len();
        for framework in lacking {
            if spec.frameworks.iter().all(|asked| asked.name != framework.name) {
                spec.frameworks.push(framework);
            }
        }
        if spec.frameworks.len() == before {
            return;
        }
    }
}

/// Says what has come by itself.
pub fn told(spec: &ClusterSpec) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for added in &spec.frameworks {
        let Some(by) = &added.needed_by else { continue };
        let because = by.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let message = format!("{} comes with {}{because}", added.name, by.framework);
        diagnostics.push(
            Diagnostic::warning("disco::framework_added", message)
                .at(added.origin, format!("brings {} {}", added.name, added.version.value))
                .help(format!(
                    "write `framework \"{}\" {{}}` beside it, which is also where its settings go",
                    added.name
                )),
        );
    }
    diagnostics
}
