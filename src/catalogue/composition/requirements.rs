//! Whether each framework finds what it requires in the cluster, and nothing it conflicts with.

use super::provider::{Provider, fulfils, offers};
use crate::catalogue::chosen::Chosen;
use crate::catalogue::relation::compare_versions;
use crate::catalogue::view::{FrameworkContext, holds};
use crate::catalogue::{Framework, Relation, Requirement, Version};
use crate::expression::Scope;
use crate::source::{Diagnostic, Diagnostics};

/// What a framework requires and nobody before it provides.
pub(super) fn missing(context: &FrameworkContext<'_>, scope: &Scope<'_>, earlier: &[Provider<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for requirement in &context.chosen.framework.requires {
        let fulfilled = earlier.iter().any(|provider| fulfils(provider, &requirement.relation));
        if !fulfilled && holds(scope, requirement.when.as_ref()) {
            diagnostics.push(unfulfilled(context, requirement, earlier));
        }
    }
    diagnostics
}

fn unfulfilled(context: &FrameworkContext<'_>, requirement: &Requirement, earlier: &[Provider<'_>]) -> Diagnostic {
    let (name, relation) = (&context.chosen.framework.name, &requirement.relation);
    let because = requirement.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!("{name} needs `{relation}`{because}");
    let mut diagnostic = Diagnostic::error("disco::missing_requirement", message)
        .at(context.chosen.spec.origin, "not provided in this cluster");
    let mut ways: Vec<String> = Vec::new();
    for provider in earlier {
        let (other, wanted) = (provider.0.chosen, relation.alternatives.iter());
        for wanted in wanted.filter(|wanted| other.framework.may_offer(&wanted.name)) {
            let origin = other.spec.version.origin.unwrap_or(other.spec.origin);
            if offers(provider, &wanted.name) {
                let is = format!("{} here is {}", wanted.name, other.version.name);
                diagnostic = diagnostic.at(origin, is);
                ways.extend(suitable(other.framework, relation).map(|version| {
                    format!("write `version = \"{}\"` in framework \"{}\"", version.name, other.framework.name)
                }));
            } else {
                let provided = other.framework.provides.iter().find(|provided| provided.name == wanted.name);
                let when = provided.and_then(|provided| provided.when.as_ref());
                let condition = when.map(|when| context.sources.snippet(when.span)).unwrap_or_default();
                diagnostic = diagnostic.at(other.spec.origin, format!("provides `{}` when {condition}", wanted.name));
                ways.push(format!("have {} provide `{}`: {condition}", other.framework.name, wanted.name));
            }
        }
    }
    let present =
        |framework: &Framework| earlier.iter().any(|(other, _)| other.chosen.framework.name == framework.name);
    for framework in context.catalogue.frameworks().filter(|framework| !present(framework)) {
        let default = framework.versions.first().map_or("", |version| version.name.as_str());
        let fits = suitable(framework, relation);
        let offered = relation.names().find(|name| framework.may_offer(name));
        if let (Some(version), Some(offered)) = (fits, offered) {
            let says =
                if version.name == default { String::new() } else { format!(" version = \"{}\" ", version.name) };
            let what =
                if *offered == *framework.name { String::new() } else { format!(", which provides `{offered}`") };
            ways.push(format!("add `framework \"{}\" {{{says}}}`{what}", framework.name));
        }
    }
    if ways.is_empty() {
        ways.push(format!("remove it: no framework of the catalogue provides `{relation}`"));
    }
    diagnostic.help(ways.join("\nor "))
}

/// The best version of a framework that would do.
pub(super) fn suitable<'a>(framework: &'a Framework, relation: &Relation) -> Option<&'a Version> {
    framework.versions.iter().find(|version| {
        let wanted = relation.alternatives.iter();
        wanted.filter(|wanted| framework.may_offer(&wanted.name)).any(|wanted| wanted.allows(&version.name))
    })
}

/// Frameworks that exclude one another, do the same, or have versions that do not go together.
pub(super) fn conflicts(all: &[Provider<'_>]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (at, one) in all.iter().enumerate() {
        for (other_at, other) in all.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
            diagnostics.extend(exclusion(one, other));
            diagnostics.extend(incompatible(one.0.chosen, other.0.chosen));
            if at < other_at {
                diagnostics.extend(same(one, other));
            }
        }
    }
    diagnostics
}

fn exclusion(one: &Provider<'_>, other: &Provider<'_>) -> Option<Diagnostic> {
    let (chosen, partner) = (one.0.chosen, other.0.chosen);
    let what = chosen.framework.conflicts.iter().find(|relation| fulfils(other, relation))?;
    let message = format!("{} and {} cannot share a cluster", chosen.framework.name, partner.framework.name);
    Some(
        Diagnostic::error("disco::conflict", message)
            .at(chosen.spec.origin, format!("conflicts with `{what}`"))
            .at(partner.spec.origin, format!("`{what}` comes from here"))
            .help("put each into a cluster of its own"),
    )
}

/// Two that provide the same, or call a port by the same name.
fn same(one: &Provider<'_>, other: &Provider<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let (chosen, partner) = (one.0.chosen, other.0.chosen);
    let names = format!("{} and {}", chosen.framework.name, partner.framework.name);
    let mut clash = |message: String, help: &str| {
        diagnostics.push(
            Diagnostic::error("disco::conflict", message)
                .at(chosen.spec.origin, "one of them")
                .at(partner.spec.origin, "the other")
                .help(help),
        );
    };
    for what in one.1.iter().filter(|what| other.1.contains(what)) {
        clash(format!("{names} both provide `{what}`"), "keep one of them, or put each into a cluster of its own");
    }
    let called = |name: &str| partner.framework.ports.iter().any(|port| port.name == name);
    if let Some(port) = chosen.framework.ports.iter().find(|port| called(&port.name)) {
        let message = format!("{names} both have a port `{}`", port.name);
        clash(message, "rename the port in one of their manifests: `allow` and `ui` use these names");
    }
    diagnostics
}

fn incompatible(one: Chosen<'_>, other: Chosen<'_>) -> Option<Diagnostic> {
    let fits = one.version.compatible.get(&other.framework.name)?;
    if fits.iter().any(|wanted| version_matches(wanted, &other.version.name)) {
        return None;
    }
    let because = one.version.compatible_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!(
        "{} {} is not compatible with {} {}{because}",
        one.framework.name, one.version.name, other.framework.name, other.version.name
    );
    let mut known: Vec<&Version> = other.framework.versions.iter().collect();
    known.sort_by(|left, right| compare_versions(&right.name, &left.name));
    let would = known.iter().find(|version| fits.iter().any(|wanted| version_matches(wanted, &version.name)));
    let say = would
        .map(|version| format!(": write `version = \"{}\"` in framework \"{}\"", version.name, other.framework.name));
    Some(
        Diagnostic::error("disco::incompatible_versions", message)
            .at(one.spec.version.origin.unwrap_or(one.spec.origin), "this version")
            .at(other.spec.version.origin.unwrap_or(other.spec.origin), "with this one")
            .help(format!("use {} {}{}", other.framework.name, fits.join(", "), say.unwrap_or_default())),
    )
}

/// Whether `version` is `wanted` or, part by part, begins with it: `3.5` fits `3.5.0` but not `3.50`.
fn version_matches(wanted: &str, version: &str) -> bool {
    version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}
