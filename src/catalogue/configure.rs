//! From a cluster's definition to what its frameworks put on the nodes.

use serde_json::{Map, Value as Json};

use super::composition::Chosen;
use super::evaluation::{self, FrameworkContext, View};
use super::prepare::prepare;
use super::words::text_of;
use super::{Catalogue, ClusterConfiguration, ClusterStep, Framework, GroupConfiguration, OpenPort, PortDeclaration};
use super::{WebUi, budget, cloud, collisions, limits, provision};
use crate::expression::{Kind, Value};
use crate::model::{CloudFacts, ClusterSpec, Members, Role};
use crate::source::{Diagnostics, Sources};

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
    let (prepared, mistakes) = prepare(spec, catalogue, facts, members, sources);
    diagnostics.extend(mistakes);
    let mut configuration = ClusterConfiguration::default();
    for group in &spec.groups {
        configuration.groups.insert(group.name.clone(), GroupConfiguration::default());
    }
    for (context, views) in prepared.iter().filter(|(context, _)| context.usable) {
        diagnostics.extend(limits::check_settings(context, views));
        for view in views {
            let to = configuration.groups.entry(view.group.name.clone()).or_default();
            diagnostics.extend(provision::provision(context, view, to));
        }
        add_open_ports(context.chosen, views, &mut configuration);
        steps(context.chosen, views, &mut configuration);
        fix(context, views, &mut configuration);
        diagnostics.extend(evaluation::complaints(views));
    }
    diagnostics.extend(collisions::check(spec, &prepared, &configuration));
    diagnostics.extend(budget::check(&prepared));
    (configuration, diagnostics)
}

/// Ports that users may be let in on, without computing anything else.
pub fn open_ports(spec: &ClusterSpec, catalogue: &Catalogue, sources: &Sources) -> Vec<OpenPort> {
    let (facts, members) = (CloudFacts::default(), Members::default());
    let mut configuration = ClusterConfiguration::default();
    let (prepared, _) = prepare(spec, catalogue, &facts, &members, sources);
    for (context, views) in &prepared {
        add_open_ports(context.chosen, views, &mut configuration);
    }
    configuration.open_ports
}

fn add_open_ports(chosen: Chosen<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let framework = chosen.framework;
    for port in framework.ports.iter().filter(|port| port.for_users) {
        for view in views.iter().filter(|view| listens(framework, port, view)) {
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

/// Whether something listens on that port on the nodes of a group.
pub(super) fn listens(framework: &Framework, port: &PortDeclaration, view: &View<'_>) -> bool {
    let Some(name) = &port.service else { return view.has(&port.on, port.when.as_ref()) };
    let service = framework.services.iter().find(|service| service.name == *name);
    let runs = service.is_some_and(|service| view.has(&[service.on], service.when.as_ref()));
    runs && view.has(&port.on, port.when.as_ref())
}

fn steps(chosen: Chosen<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let Some(master) = views.iter().find(|view| view.group.role == Role::Master) else { return };
    for step in chosen.framework.steps.iter().filter(|step| master.has(&[], step.when.as_ref())) {
        let members_of: Vec<String> = views
            .iter()
            .filter(|view| step.members_of.is_some_and(|placement| view.has(&[placement], None)))
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
fn fix(context: &FrameworkContext<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let framework = context.chosen.framework;
    for declared in framework.settings.iter().filter(|declared| declared.fixed) {
        let key = format!("{}.{}", framework.name, declared.name);
        if context.overrides.contains_key(&declared.name) {
            // The definition decides as long as it says so; what was fixed is there for when it no longer does.
            if let Some(kept) = context.members.fixed.get(&key) {
                to.fixed.insert(key, kept.clone());
            }
            continue;
        }
        let here = |view: &&View<'_>| !view.idle.contains(declared.name.as_str());
        let Some(view) = views.iter().find(here) else { continue };
        if let Some(text) = text_of(&view.named("setting", &declared.name, declared.origin)) {
            to.fixed.insert(key, text.value);
        }
    }
}
