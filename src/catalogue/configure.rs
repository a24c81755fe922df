//! From a cluster's definition to what its frameworks put on the nodes.

use std::collections::BTreeMap;

use super::chosen::Chosen;
use super::generated::GeneratedSecret;
use super::prepare::prepare;
use super::view::{self, FrameworkContext, Prepared, View};
use super::words::text_of;
use super::{Catalogue, ClusterConfiguration, ClusterContext, Composition, GroupConfiguration, OpenPort, WebUi};
use super::{
    assertions, budget, client, cloud, collisions, ensemble, file_keys, image, limits, mounts, protection, provision,
    status, steps,
};
use crate::model::{CloudFacts, ClusterSpec};
use crate::source::{Diagnostic, Diagnostics, Sources};

/// Everything the frameworks of a cluster ask for. Computed by groups, never by nodes.
///
/// Where a flavor is not known (offline, and not remembered), files that depend on it are left out of that group's
/// configuration; where the cloud's list is whole, an unknown flavor or image is an error.
pub fn configure(of: ClusterContext<'_>) -> (ClusterConfiguration, Diagnostics) {
    let spec = of.spec;
    let mut diagnostics = cloud::check_flavors_and_images(&spec.groups, of.facts);
    diagnostics.extend(image::check(spec, of.catalogue));
    let (prepared, mistakes) = prepare(of);
    diagnostics.extend(mistakes);
    let mut configuration = ClusterConfiguration::default();
    for group in &spec.groups {
        configuration.groups.insert(group.name.clone(), GroupConfiguration::default());
    }
    for (context, views) in prepared.iter().filter(|(context, _)| context.usable) {
        let lacking = ensemble::check(context, views);
        if lacking.has_errors() {
            // What else is wrong without these nodes nobody needs to read.
            diagnostics.extend(lacking);
            continue;
        }
        diagnostics.extend(limits::check_settings(context, views));
        diagnostics.extend(assertions::check(context, views));
        diagnostics.extend(limits::check_ports(context, views));
        for view in views {
            let to = configuration.groups.entry(view.group.name.clone()).or_default();
            diagnostics.extend(provision::provision(&prepared, context, view, to));
            steps::of_nodes(context, view, to, &mut diagnostics);
        }
        add_open_ports(context.chosen, views, &mut configuration);
        configuration.protections.extend(protection::protection(context.chosen.framework, views));
        steps::steps(context, views, &mut configuration, &mut diagnostics);
        client::files(context, views, &mut configuration, &mut diagnostics);
        status::questions(context, views, &mut configuration, &mut diagnostics);
        fix(context, views, &mut configuration, &mut diagnostics);
        diagnostics.extend(limits::outgrown(context, views));
        diagnostics.extend(limits::raised(context, views));
        diagnostics.extend(view::complaints(views));
    }
    diagnostics.extend(file_keys::check(&prepared));
    configuration.generated = generated(&prepared, &configuration);
    diagnostics.extend(collisions::check(spec, &prepared, &configuration));
    diagnostics.extend(mounts::check(spec, &configuration));
    diagnostics.extend(budget::check(&prepared));
    (configuration, diagnostics)
}

/// The secrets that files have pieces for.
fn generated(prepared: &[Prepared<'_>], of: &ClusterConfiguration) -> BTreeMap<GeneratedSecret, u32> {
    let length = |secret: &GeneratedSecret| {
        let frameworks = prepared.iter().map(|(context, _)| context.chosen.framework);
        let framework = frameworks.into_iter().find(|framework| framework.name == secret.framework);
        framework?.setting(&secret.setting)?.generated
    };
    let files = of.groups.values().flat_map(|group| &group.files);
    let secrets = files.flat_map(|file| &file.content.pieces).filter_map(|piece| piece.generated.as_ref());
    secrets.filter_map(|secret| Some((secret.clone(), length(secret)?))).collect()
}

/// Ports that users may be let in on, without computing anything else.
pub fn open_ports(
    spec: &ClusterSpec,
    catalogue: &Catalogue,
    composition: &Composition,
    sources: &Sources,
) -> Vec<OpenPort> {
    let (facts, fixed) = (CloudFacts::default(), BTreeMap::new());
    let mut configuration = ClusterConfiguration::default();
    let of = ClusterContext { spec, catalogue, composition, facts: &facts, fixed: &fixed, sources };
    let (prepared, _) = prepare(of);
    for (context, views) in &prepared {
        add_open_ports(context.chosen, views, &mut configuration);
    }
    configuration.open_ports
}

fn add_open_ports(chosen: Chosen<'_>, views: &[View<'_>], to: &mut ClusterConfiguration) {
    let framework = chosen.framework;
    for port in framework.ports.iter().filter(|port| port.for_users) {
        for view in views.iter().filter(|view| view.listens(framework, port)) {
            let Some(ports) = view.range(port) else { continue };
            to.open_ports.push(OpenPort {
                framework: framework.name.clone(),
                name: port.name.clone(),
                group: view.group.name.clone(),
                protocol: port.protocol,
                ports,
                web_ui: port.web_path.clone().map(|path| WebUi { scheme: "http".to_owned(), path }),
                endpoint: port.endpoint.clone(),
                anybody: protection::anybody(view, port),
            });
        }
    }
}

/// What depends on how many nodes there are is written down, so that growth does not change it.
fn fix(
    context: &FrameworkContext<'_>,
    views: &[View<'_>],
    to: &mut ClusterConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let framework = context.chosen.framework;
    for declared in framework.settings.iter().filter(|declared| declared.fixed) {
        let key = format!("{}.{}", framework.name, declared.name);
        if let Some(given) = context.overrides.get(&declared.name) {
            // The definition decides as long as it says so; what was fixed is there for when it no longer does.
            let given = text_of(&given.value).filter(|given| declared.remembers && !given.secret);
            if let Some(given) = given {
                to.raised.insert(key.clone());
                to.fixed.insert(key, given.value);
            } else if let Some(kept) = context.fixed.get(&key) {
                to.fixed.insert(key, kept.clone());
            }
            continue;
        }
        let here = |view: &&View<'_>| !view.idle.contains(declared.name.as_str());
        let Some(view) = views.iter().find(here) else { continue };
        let value = view.named("setting", &declared.name, declared.origin);
        if value.contains_secret() {
            let message =
                format!("`{}` of {} is `fixed`, and its value comes from a secret", declared.name, framework.name);
            diagnostics.push(
                Diagnostic::error("disco::exposed_secret", message)
                    .at(declared.origin, "the state would show it")
                    .at(context.chosen.spec.origin, "the secret is set here")
                    .help("remove `fixed`, or compute the default from values that are not secret"),
            );
        } else if let Some(text) = text_of(&value) {
            let value = |view: &View<'_>| text_of(&view.named("setting", &declared.name, declared.origin));
            let differs = |other: &&View<'_>| value(other).is_some_and(|other| other.value != text.value);
            let other = views.iter().filter(here).find(differs).filter(|_| !context.fixed.contains_key(&key));
            if let Some(other) = other {
                let message = format!(
                    "`{}` of {} is `fixed`, but has one value on `{}` and another on `{}`",
                    declared.name, framework.name, view.group.name, other.group.name
                );
                diagnostics.push(
                    Diagnostic::error("disco::fixed_differs", message)
                        .at(declared.origin, "one value is kept for all nodes")
                        .at(context.chosen.spec.origin, "needed here")
                        .help("compute its default from `cluster` and `slaves` only, or remove `fixed`"),
                );
            }
            if view.raised.contains_key(declared.name.as_str()) {
                to.raised.insert(key.clone());
            }
            to.fixed.insert(key, text.value);
        }
    }
}
