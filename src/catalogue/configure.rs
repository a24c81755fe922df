//! From a cluster's definition to what its frameworks put on the nodes.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::composition::{self, Chosen};
use super::evaluation::{self, Setting, View, text_of};
use super::{Catalogue, ClusterConfiguration, ClusterStep, GroupConfiguration, OpenPort, WebUi};
use super::{cloud, java, limits, overrides, provision};
use crate::expression::{Kind, Value};
use crate::model::{CloudFacts, ClusterSpec, Members, Protocol, Role};
use crate::source::{Diagnostic, Diagnostics, Sources};

/// Everything the frameworks of a cluster ask for. Computed by groups, never by nodes.
///
/// Where a flavor is not known (offline, and not remembered), files that depend on it are left out of that group's
/// configuration; where the cloud's list is whole, an unknown flavor or image is an error.
pub fn configure(
    spec: &ClusterSpec,
    catalogue: &Catalogue,
    facts: &CloudFacts,
    members: &Members,
    sources: &Sources,
) -> (ClusterConfiguration, Diagnostics) {
    let mut diagnostics = cloud::check_machines(&spec.groups, facts);
    let (chosen, mistakes) = composition::compose(spec, catalogue);
    diagnostics.extend(mistakes);
    let mut configuration = ClusterConfiguration::default();
    for group in &spec.groups {
        configuration.groups.insert(group.name.clone(), GroupConfiguration::default());
    }
    let mut budget = Budget::default();
    for chosen in chosen {
        let (overrides, mistakes) = overrides::overrides(chosen);
        let refused = mistakes.has_errors();
        diagnostics.extend(mistakes);
        let setting = Setting { chosen, spec, members, sources, overrides: &overrides };
        let groups: Vec<_> = spec
            .groups
            .iter()
            .map(|group| {
                let flavor = match limits::check_flavor(chosen, group, facts) {
                    Some(too_small) => {
                        diagnostics.push(too_small);
                        None
                    }
                    None => facts.flavors.get(&group.flavor.value),
                };
                let java = java::java_for(chosen, group, catalogue.platforms()).unwrap_or_else(|unsuitable| {
                    diagnostics.push(unsuitable);
                    None
                });
                (group, flavor, java)
            })
            .collect();
        if refused || evaluation::storage_nodes(spec) == 0 && !chosen.framework.needs.is_empty() {
            continue;
        }
        let views = evaluation::views(&setting, groups.into_iter());
        diagnostics.extend(limits::check_settings(&setting, &views));
        for view in &views {
            let to = configuration.groups.entry(view.group.name.clone()).or_default();
            diagnostics.extend(provision::provision(&setting, view, to));
            budget.add(&setting, view);
        }
        open_ports(chosen, &views, &mut configuration);
        steps(chosen, &views, &mut configuration);
        fix(&setting, &views, &mut configuration);
        diagnostics.extend(evaluation::complaints(&views));
    }
    diagnostics.extend(check_collisions(spec, &configuration));
    diagnostics.extend(budget.check(spec, facts));
    (configuration, diagnostics)
}

fn open_ports(chosen: Chosen<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let framework = chosen.framework;
    for port in framework.ports.iter().filter(|port| port.for_users) {
        let Some(service) = framework.services.iter().find(|service| service.name == port.service) else { continue };
        for view in views.iter().filter(|view| view.has(&[service.on])) {
            to.open_ports.push(OpenPort {
                framework: framework.name.clone(),
                name: port.name.clone(),
                group: view.group.name.clone(),
                protocol: port.protocol,
                ports: port.ports,
                web_ui: port.web_path.clone().map(|path| WebUi { scheme: "http".to_owned(), path }),
            });
        }
    }
}

fn steps(chosen: Chosen<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let Some(master) = views.iter().find(|view| view.group.role == Role::Master) else { return };
    for step in &chosen.framework.steps {
        let members_of: Vec<String> = views
            .iter()
            .filter(|view| step.members_of.is_some_and(|placement| view.has(&[placement])))
            .map(|view| view.group.name.clone())
            .collect();
        if step.members_of.is_some() && members_of.is_empty() {
            continue;
        }
        to.steps.push(ClusterStep {
            framework: chosen.framework.name.clone(),
            name: step.name.clone(),
            moment: step.moment,
            action: json(&master.scope.evaluate(&step.action)),
            members_of,
            timeout_seconds: step.timeout_seconds,
        });
    }
}

fn json(value: &Value) -> Json {
    if let Some(entries) = value.entries() {
        return Json::Object(entries.iter().map(|(key, value)| (key.to_string(), json(value))).collect::<Map<_, _>>());
    }
    if let Some(elements) = value.elements() {
        return Json::Array(elements.into_iter().map(json).collect());
    }
    match value.kind() {
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(number) => number.to_i64().map_or_else(|| Json::String(number.to_string()), Json::from),
        _ => text_of(value).map_or(Json::Null, |text| Json::String(text.value)),
    }
}

/// What depends on how many nodes there are is written down, so that growth does not change it.
fn fix(setting: &Setting<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let framework = setting.chosen.framework;
    for declared in framework.settings.iter().filter(|declared| declared.fixed) {
        let key = format!("{}.{}", framework.name, declared.name);
        if setting.overrides.contains_key(&declared.name) {
            // The definition decides as long as it says so; what was fixed is there for when it no longer does.
            if let Some(kept) = setting.members.fixed.get(&key) {
                to.fixed.insert(key, kept.clone());
            }
            continue;
        }
        let Some(view) = views.iter().find(|view| view.has(&declared.on)) else { continue };
        if let Some(text) = text_of(&view.named("setting", &declared.name, declared.origin)) {
            to.fixed.insert(key, text.value);
        }
    }
}

/// Frameworks that would be in each other's way on a node: the same file, unit or port.
fn check_collisions(spec: &ClusterSpec, configuration: &ClusterConfiguration) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let place = |framework: &str| {
        let asked = spec.frameworks.iter().find(|asked| asked.name == framework);
        asked.map_or(spec.origin, |asked| asked.origin)
    };
    let mut collide = |what: String, one: &str, other: &str| {
        diagnostics.push(
            Diagnostic::error("disco::conflict", format!("{one} and {other} both want {what}"))
                .at(place(one), "one of them")
                .at(place(other), "the other")
                .help("give each a cluster of its own"),
        );
    };
    for group in configuration.groups.values() {
        let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
        for file in &group.files {
            if let Some(other) = paths.insert(&file.path, &file.framework).filter(|other| *other != file.framework) {
                collide(format!("the file `{}`", file.path), other, &file.framework);
            }
        }
    }
    let mut ports: BTreeMap<(&str, Protocol, u16), &str> = BTreeMap::new();
    for port in &configuration.open_ports {
        for number in port.ports.first..=port.ports.last {
            let key = (port.group.as_str(), port.protocol, number);
            if let Some(other) = ports.insert(key, &port.framework).filter(|other| *other != port.framework) {
                collide(format!("port {number}"), other, &port.framework);
            }
        }
    }
    diagnostics
}

/// What is promised on the nodes of each group, over all frameworks, MiB.
#[derive(Default)]
struct Budget {
    promised: BTreeMap<String, u64>,
    reserved: BTreeMap<String, u64>,
}

impl Budget {
    fn add(&mut self, setting: &Setting<'_>, view: &View<'_>) {
        if view.flavor.is_none() {
            return;
        }
        let framework = setting.chosen.framework;
        let promised = self.promised.entry(view.group.name.clone()).or_default();
        for service in framework.services.iter().filter(|service| view.has(&[service.on])) {
            *promised += provision::mebibytes(view, &service.memory);
            *promised += service.workload_memory.as_ref().map_or(0, |memory| provision::mebibytes(view, memory));
        }
        let reserved = framework.reserved_memory.as_ref().map_or(0, |memory| provision::mebibytes(view, memory));
        let most = self.reserved.entry(view.group.name.clone()).or_default();
        *most = (*most).max(reserved);
    }

    /// Only what a definition sets, or several frameworks on one node, can ask for too much.
    fn check(&self, spec: &ClusterSpec, facts: &CloudFacts) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for group in &spec.groups {
            let (Some(flavor), Some(promised)) =
                (facts.flavors.get(&group.flavor.value), self.promised.get(&group.name))
            else {
                continue;
            };
            let left = flavor.memory_mib.saturating_sub(self.reserved.get(&group.name).copied().unwrap_or(0));
            if *promised > left {
                let message = format!(
                    "services and containers on a node of `{}` are promised {promised} MiB, but the system of a `{}` \
                     leaves them {left}",
                    group.name, group.flavor.value
                );
                diagnostics.push(
                    Diagnostic::warning("disco::memory_overcommitted", message)
                        .at(group.flavor.origin.unwrap_or(group.origin), format!("{} MiB", flavor.memory_mib))
                        .help("take a larger flavor, or set less memory"),
                );
            }
        }
        diagnostics
    }
}
