//! What one framework puts on the nodes of one group.

use std::collections::BTreeMap;

use super::content;
use super::evaluation::{FrameworkContext, View};
use super::overrides::linked;
use super::words::{peeled, shown, text_of};
use super::{
    Archive, ComputedValue, ConfiguredFile, Content, Directory, FileDeclaration, GroupConfiguration, MaxUnavailable,
    Probe, ServiceDeclaration, SystemUser, Unit,
};
use crate::expression::Value;
use crate::model::{FileOverride, Text};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Expression;

/// Settings that every framework with an archive can have.
const MIRRORS: &str = "mirrors";
const SHA512: &str = "sha512";

/// systemd's name of a service's unit.
fn unit_name(service: &ServiceDeclaration) -> String {
    format!("{}.service", service.unit)
}

/// Adds everything of a framework to what a group's nodes get.
pub(super) fn provision(context: &FrameworkContext<'_>, view: &View<'_>, to: &mut GroupConfiguration) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let package = view.java.as_ref().map(|java| &java.package);
    if let Some(package) = package.filter(|package| !to.packages.contains(package)) {
        to.packages.push(package.clone());
    }
    to.archives.extend(archive(context, view));
    for user in context.chosen.framework.users.iter().filter(|user| view.has(&user.on, user.when.as_ref())) {
        let user = SystemUser { name: user.name.clone(), group: user.group.clone(), home: user.home.clone() };
        if to.users.iter().all(|known| known.name != user.name) {
            to.users.push(user);
        }
    }
    let directories = context.chosen.framework.directories.iter();
    for directory in directories.filter(|directory| view.has(&directory.on, directory.when.as_ref())) {
        let value = view.scope.evaluate(&directory.path);
        let paths = value.elements().unwrap_or_else(|| vec![&value]);
        for path in paths.into_iter().filter_map(Value::as_str) {
            if to.directories.iter().all(|known| known.path != path) {
                to.directories.push(Directory {
                    path: path.to_owned(),
                    owner: directory.owner.clone(),
                    mode: directory.mode.clone(),
                    holds_data: directory.holds_data,
                });
            }
        }
    }
    for file in context.chosen.framework.files.iter().filter(|file| view.has(&file.on, file.when.as_ref())) {
        to.files.extend(configured_file(context, view, file, &mut diagnostics));
    }
    services(context, view, to);
    to.settings.extend(settings(context, view));
    diagnostics
}

fn archive(context: &FrameworkContext<'_>, view: &View<'_>) -> Option<Archive> {
    let chosen = context.chosen;
    if chosen.version.archive.is_empty() {
        return None;
    }
    let value = |name: &str| {
        let declared = chosen.framework.setting(name)?;
        Some(view.named("setting", name, declared.origin))
    };
    let mirrors = value(MIRRORS);
    let urls = mirrors
        .as_ref()
        .and_then(Value::elements)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|mirror| format!("{}/{}", mirror.trim_end_matches('/'), chosen.version.archive))
        .collect();
    let sha512 = value(SHA512).as_ref().and_then(Value::as_str).map(str::to_lowercase);
    let sha512 = sha512.or_else(|| chosen.version.sha512.clone());
    let sha512_url = if sha512.is_some() { None } else { chosen.version.sha512_url.clone() };
    Some(Archive {
        name: chosen.framework.name.clone(),
        version: chosen.version.name.clone(),
        urls,
        sha512,
        sha512_url,
        directory: view.home.clone(),
    })
}

fn services(context: &FrameworkContext<'_>, view: &View<'_>, to: &mut GroupConfiguration) {
    let framework = context.chosen.framework;
    let here = |service: &&ServiceDeclaration| view.has(&[service.on], service.when.as_ref());
    let here: Vec<&ServiceDeclaration> = framework.services.iter().filter(here).collect();
    // Units of the frameworks that this one builds on come first at every boot.
    let providers =
        to.units.iter().filter(|unit| context.providers.values().any(|provider| *provider == unit.framework));
    let providers: Vec<String> = providers.map(|unit| unit.name.clone()).collect();
    for service in &here {
        let after = service
            .after
            .iter()
            .filter_map(|name| here.iter().find(|other| other.name == *name))
            .map(|other| unit_name(other));
        let after = providers.iter().cloned().chain(after).collect();
        let environment: BTreeMap<String, String> = service
            .environment
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), text_of(&view.scope.evaluate(value))?.value)))
            .collect();
        to.units.push(Unit {
            name: unit_name(service),
            framework: framework.name.clone(),
            service: service.name.clone(),
            description: service.description.clone(),
            user: service.user.clone(),
            group: service.group.clone(),
            exec: text_of(&view.scope.evaluate(&service.exec)).map(|text| text.value).unwrap_or_default(),
            environment,
            after,
            memory_mib: mebibytes(view, &service.memory),
            needs_step: service.needs_step.clone().filter(|name| {
                let mut steps = framework.steps.iter();
                steps.any(|step| step.name == *name && view.has(&[], step.when.as_ref()))
            }),
        });
        let limit = max_unavailable(context, view, service);
        let strictest = to.max_unavailable.take().into_iter().chain(limit).min_by_key(|limit| limit.nodes);
        to.max_unavailable = strictest;
        let port = service.ready_port.as_ref().and_then(|name| framework.ports.iter().find(|port| port.name == *name));
        if let Some(port) = port {
            let (name, port) = (service.description.clone(), port.ports.first);
            let timeout_seconds = service.ready_timeout_seconds;
            to.probes.push(match service.ready_path.clone() {
                Some(path) => Probe::Http { name, port, path, timeout_seconds },
                None => Probe::Tcp { name, port, timeout_seconds },
            });
        }
    }
}

/// On how many of these nodes a service may be away at a time, where its manifest says so and it can be told.
fn max_unavailable(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
) -> Option<MaxUnavailable> {
    let value = view.scope.evaluate(service.max_unavailable.as_ref()?);
    let nodes = value.as_number().and_then(crate::expression::Number::to_u64)?;
    Some(MaxUnavailable {
        nodes: u32::try_from(nodes).unwrap_or(u32::MAX).max(1),
        framework: context.chosen.framework.name.clone(),
        service: service.description.clone(),
        stores_data: service.stores_data,
    })
}

/// A size in MiB; 0 where it is not known.
pub(super) fn mebibytes(view: &View<'_>, expression: &Expression) -> u64 {
    let value = view.scope.evaluate(expression);
    value.as_number().and_then(crate::expression::Number::to_u64).unwrap_or(0)
}

fn configured_file(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<ConfiguredFile> {
    let framework = context.chosen.framework;
    let file_override = context.chosen.spec.files.get(&file.name);
    let (written, values) = match file_override.and_then(|file_override| file_override.content.as_ref()) {
        Some(whole) => (Content { pieces: vec![whole.value.clone()] }, Vec::new()),
        None => computed_content(context, view, file, file_override, diagnostics)?,
    };
    let services = framework.services.iter().filter(|service| view.has(&[service.on], service.when.as_ref()));
    Some(ConfiguredFile {
        framework: framework.name.clone(),
        name: file.name.clone(),
        path: file.path.clone(),
        owner: file.owner.clone(),
        mode: file.mode.clone(),
        content: written,
        origin: file_override.map(|file_override| file_override.origin),
        restarts: services.filter(|service| file.restarts.contains(&service.name)).map(unit_name).collect(),
        keep: file.keep,
        values,
    })
}

/// What the manifest, and keys of the definition, make of a file.
fn computed_content(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    file_override: Option<&FileOverride>,
    diagnostics: &mut Diagnostics,
) -> Option<(Content, Vec<ComputedValue>)> {
    let beginning = match &file.template {
        Some(template) => text_of(&view.scope.evaluate(template))?,
        None => Text::plain(""),
    };
    let values = values(context, view, file, file_override)?;
    for value in &values {
        if let Some(reason) = content::refusal(file.format, &value.key, &value.value.value) {
            let message = format!("`{}` cannot be written to `{}`: {reason}", value.key, file.name);
            diagnostics.push(
                Diagnostic::error("disco::unwritable_value", message)
                    .at(value.overridden_at.unwrap_or(file.origin), "set here"),
            );
        }
    }
    let keys: Vec<(&str, &Text)> = values.iter().map(|value| (value.key.as_str(), &value.value)).collect();
    Some((content::write(file.format, &beginning, &keys), values))
}

/// The keys of a file with their values; `None` where one depends on something that is not known yet.
fn values(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    file_override: Option<&FileOverride>,
) -> Option<Vec<ComputedValue>> {
    let mut values = Vec::with_capacity(file.keys.len());
    for (key, expression) in &file.keys {
        let wished = file_override.and_then(|file_override| file_override.set.get(key));
        let expression = peeled(&view.scope, expression);
        if let Some(wished) = wished {
            // A key that is not for these nodes stays away from them.
            let applies = !view.scope.evaluate(expression).is_null();
            if let (Some(text), true) = (&wished.value, applies) {
                values.push(given(
                    key,
                    text,
                    wished.origin.or(file_override.map(|file_override| file_override.origin)),
                ));
            }
            continue;
        }
        let value = view.scope.evaluate(expression);
        if value.is_failed() || value.is_null() {
            continue;
        }
        if value.contains_unknown() {
            return None;
        }
        if let Some(text) = text_of(&value) {
            let of_setting = linked(expression).and_then(|(name, _)| context.overrides.get(name));
            let overridden_at = of_setting.and_then(|given| given.origin);
            values.push(ComputedValue { key: key.clone(), value: text, overridden_at });
        }
    }
    let known = |key: &String| file.keys.iter().any(|(known, _)| known == key);
    for (key, wished) in
        file_override.iter().flat_map(|file_override| &file_override.set).filter(|(key, _)| !known(key))
    {
        if let Some(text) = &wished.value {
            values.push(given(key, text, wished.origin.or(file_override.map(|file_override| file_override.origin))));
        }
    }
    Some(values)
}

fn given(key: &str, text: &Text, origin: Option<Span>) -> ComputedValue {
    ComputedValue { key: key.to_owned(), value: text.clone(), overridden_at: origin }
}

fn settings(context: &FrameworkContext<'_>, view: &View<'_>) -> Vec<ComputedValue> {
    let framework = context.chosen.framework;
    let mut values = Vec::new();
    for declared in framework.settings.iter().filter(|declared| !view.idle.contains(declared.name.as_str())) {
        let value = view.named("setting", &declared.name, declared.origin);
        if value.is_null() || value.contains_unknown() || value.contains_failed() {
            continue;
        }
        let secret = declared.secret || value.contains_secret();
        let text = Text { value: text_of(&value).map_or_else(|| shown(&value), |text| text.value), secret };
        let key = format!("{}.{}", framework.name, declared.name);
        let overridden_at = context.overrides.get(&declared.name).and_then(|given| given.origin);
        values.push(ComputedValue { key, value: text, overridden_at });
    }
    values
}
