//! Which frameworks a stack has: frameworks have no resource of their own, they are what the configurations hold.

use std::collections::{BTreeMap, BTreeSet};

use super::configuration::frameworks;
use super::known::{KnownStack, KnownValue};
use super::{Change, ChangeKind, ServiceChanges};
use crate::model::{Address, heat_type};
use crate::source::Span;
use crate::template::Template;

/// The frameworks of a cluster that come, change or go; `stacks` gives each wanted template with what is known of its stack.
pub(super) fn framework_changes<'s, I>(cluster: &str, origin: Option<Span>, stacks: impl Fn() -> I) -> Vec<Change>
where
    I: Iterator<Item = (&'s Template, Option<&'s KnownStack<'s>>)>,
{
    if stacks().all(|(_, known)| known.is_some_and(KnownStack::is_as_wanted)) {
        return Vec::new();
    }
    let wanted = wanted_frameworks(stacks().map(|(template, _)| template));
    let change = |name: &str, kind: ChangeKind, reason: Option<String>| Change {
        address: Address::Framework(cluster.to_owned(), name.to_owned()),
        kind,
        reasons: reason.into_iter().collect(),
        services: ServiceChanges::default(),
        rules: Vec::new(),
        protections: Vec::new(),
        resources: Vec::new(),
        lost: Vec::new(),
        drained: false,
        undrained: None,
        origin,
    };
    let version = |version: &Option<String>| version.as_ref().map(|version| format!("version {version}"));
    let known: Vec<&KnownStack<'_>> = stacks().filter_map(|(_, known)| known).collect();
    if known.is_empty() {
        return wanted.iter().map(|(name, number)| change(name, ChangeKind::Create, version(number))).collect();
    }
    let mut before = BTreeMap::new();
    for known in known {
        let Some(found) = known_frameworks(known) else { return Vec::new() };
        before.extend(found);
    }
    let names: BTreeSet<&String> = before.keys().chain(wanted.keys()).collect();
    let changes = names.into_iter().filter_map(|name| match (before.get(name), wanted.get(name)) {
        (None, Some(number)) => Some(change(name, ChangeKind::Create, version(number))),
        (Some(_), None) => {
            let memory = "its memory is divided among the other frameworks".to_owned();
            Some(change(name, ChangeKind::Delete, Some(memory).filter(|_| !wanted.is_empty())))
        }
        (Some(old), Some(new)) if old != new => {
            let word = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
            let reason = format!("version: {} → {}", word(old), word(new));
            Some(change(name, ChangeKind::Update, Some(reason)))
        }
        _ => None,
    });
    changes.collect()
}

/// Frameworks that the configurations of templates hold.
pub(super) fn wanted_frameworks<'t>(templates: impl Iterator<Item = &'t Template>) -> BTreeMap<String, Option<String>> {
    let resources = templates.flat_map(|template| template.resources.values());
    let configurations = resources.filter(|resource| resource.heat_type == heat_type::SOFTWARE_CONFIG);
    configurations.filter_map(|resource| resource.properties.get("config")).flat_map(frameworks).collect()
}

/// Frameworks of a stack as it is; `None` where its configurations are known only by digest.
pub(super) fn known_frameworks(known: &KnownStack<'_>) -> Option<BTreeMap<String, Option<String>>> {
    let mut found = BTreeMap::new();
    for resource in known
        .resources
        .values()
        .filter(|resource| resource.heat_type == heat_type::SOFTWARE_CONFIG && resource.exists())
    {
        match resource.properties.get("config") {
            Some(KnownValue::Value(config)) => found.extend(frameworks(&config)),
            Some(KnownValue::Digest(_)) => return None,
            None => {}
        }
    }
    Some(found)
}
