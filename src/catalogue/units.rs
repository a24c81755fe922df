//! The services of one framework on the nodes of one group, as systemd's units.

use std::collections::BTreeMap;

use super::content;
use super::own_value;
use super::usage::Usage;
use super::view::{FrameworkContext, View};
use super::words::{peeled, text_of};
use super::{
    ConfiguredFile, Framework, GroupConfiguration, KillMode, MaxUnavailable, Probe, ProbeKind, Readiness,
    ServiceDeclaration, SettingDeclaration, Unit,
};
use crate::expression::{Number, Value};
use crate::model::Text;
use crate::source::Diagnostics;
use crate::syntax::tree::{Expression, ExpressionKind, Template, TemplatePart};

/// Folder of the files with what only the units may read.
const ENVIRONMENTS: &str = "/etc/disco";

/// systemd's name of a service's unit.
pub(super) fn unit_name(service: &ServiceDeclaration) -> String {
    format!("{}.service", service.unit)
}

/// Adds the units of a framework, what waits for them, and the files with their secrets.
pub(super) fn services(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let framework = context.chosen.framework;
    let here = |service: &&ServiceDeclaration| view.runs(service);
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
        let (environment, secret) = environment(context, view, service, diagnostics);
        let only = view.only(context, service.ensemble.as_ref());
        let file = (!secret.is_empty()).then(|| environment_file(&framework.name, service, only.clone(), &secret));
        to.units.push(Unit {
            name: unit_name(service),
            framework: framework.name.clone(),
            service: service.name.clone(),
            description: service.description.clone(),
            user: service.user.clone(),
            group: service.group.clone(),
            exec: match &service.exec {
                Some(exec) => {
                    let usage = usage(context, view, service, "exec", peeled(&view.scope, exec));
                    arguments(&usage, diagnostics).unwrap_or_default()
                }
                None => Vec::new(),
            },
            packaged: service.packaged,
            options: options(context, view, service, diagnostics),
            only,
            environment,
            environment_file: file.as_ref().map(|file| file.path.clone()),
            after,
            memory_mib: view.mebibytes(&service.memory),
            kill_mode: kill_mode(context, view, service, diagnostics),
            success_exit_status: success_exit_status(context, view, service, diagnostics),
            needs_step: needs_step(framework, view, service),
        });
        to.files.extend(file);
        for (name, size) in [("memory", Some(&service.memory)), ("workload_memory", service.workload_memory.as_ref())] {
            if let Some(expression) = size {
                let usage = usage(context, view, service, name, expression);
                let value = usage.value(diagnostics);
                if value.is_some_and(|value| value.as_number().is_none_or(Number::is_negative)) {
                    diagnostics.push(
                        usage.wrong("is not a size in MiB", "write a number of at least 0, or a formula for one"),
                    );
                }
            }
        }
        if let Some(expression) = &service.max_unavailable {
            let usage = usage(context, view, service, "max_unavailable", expression);
            let value = usage.value(diagnostics);
            if value.is_some_and(|value| !value.is_null() && value.as_number().is_none()) {
                diagnostics.push(
                    usage.wrong("is not a number of nodes", "write a number of at least 1, or a formula for one"),
                );
            }
        }
        let limit = max_unavailable(context, view, service);
        let strictest = to.max_unavailable.take().into_iter().chain(limit).min_by_key(|limit| limit.nodes);
        to.max_unavailable = strictest;
        to.probes.extend(probe(context, view, service, diagnostics));
    }
}

/// The steps that a service waits for, as far as there are such steps here.
fn needs_step(framework: &Framework, view: &View<'_>, service: &ServiceDeclaration) -> Option<String> {
    let is_there = |name: &&String| {
        let mut steps = framework.steps.iter();
        steps.any(|step| step.name == **name && view.has(&[], step.when.as_ref()))
    };
    let names: Vec<&str> = service.needs_steps.iter().filter(is_there).map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn usage<'u, 's, 'v>(
    context: &'u FrameworkContext<'s>,
    view: &'u View<'v>,
    service: &ServiceDeclaration,
    name: &str,
    expression: &'u Expression,
) -> Usage<'u, 's, 'v> {
    Usage { context, view, what: format!("`{name}` of service `{}`", service.name), expression }
}

/// Which processes end with the unit, where its manifest says so.
fn kill_mode(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<KillMode> {
    let usage = usage(context, view, service, "kill_mode", service.kill_mode.as_ref()?);
    let value = usage.open_value(diagnostics)?;
    let text = usage.text(&value, diagnostics)??;
    let mode = KillMode::named(&text.value);
    if mode.is_none() {
        let known = KillMode::ALL.map(KillMode::name).join("`, `");
        diagnostics.push(usage.wrong(&format!("is `{}`", text.value.escape_debug()), &format!("use one of `{known}`")));
    }
    mode
}

/// The exit status that counts as a clean end beside 0, where its manifest names one.
fn success_exit_status(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<u8> {
    let usage = usage(context, view, service, "success_exit_status", service.success_exit_status.as_ref()?);
    let value = usage.open_value(diagnostics)?;
    if value.is_null() {
        return None;
    }
    let status = value.as_number().and_then(Number::to_u64).and_then(|status| u8::try_from(status).ok());
    if status.is_none_or(|status| status == 0) {
        diagnostics.push(usage.wrong("is not an exit status", "use a whole number from 1 to 255"));
        return None;
    }
    status
}

/// What tells that a service is ready.
fn probe(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<Probe> {
    let number = |name: &str| {
        let port = context.chosen.framework.ports.iter().find(|known| known.name == name);
        port.and_then(|port| view.range(port)).map(|ports| ports.first)
    };
    let kind = match service.ready.as_ref()? {
        Readiness::Port(port) => ProbeKind::Tcp { port: number(port)? },
        Readiness::Page(port, path) => {
            let usage = usage(context, view, service, "ready.path", path);
            let value = usage.open_value(diagnostics)?;
            let Some(path) = usage.text(&value, diagnostics)?.filter(|path| path.value.starts_with('/')) else {
                diagnostics.push(usage.wrong("is no path of a page", "write a path that begins with `/`"));
                return None;
            };
            ProbeKind::Http { port: number(port)?, path: path.value }
        }
        Readiness::Words(port, send, expect) => {
            ProbeKind::Words { port: number(port)?, send: send.clone(), expect: expect.clone() }
        }
        Readiness::Command { command, expect, user } => {
            let usage = usage(context, view, service, "ready.command", peeled(&view.scope, command));
            let command = arguments(&usage, diagnostics)?;
            ProbeKind::Command { command, expect: expect.clone(), user: user.clone() }
        }
    };
    let only = view.only(context, service.ensemble.as_ref());
    Some(Probe { name: service.description.clone(), kind, timeout_seconds: service.ready_timeout_seconds, only })
}

/// Lines of the section `Service` that DISCO writes itself.
const OWN_LINES: [&str; 10] = [
    "User",
    "Group",
    "ExecStart",
    "ExecStartPre",
    "ExecStartPost",
    "ExecStop",
    "ExecReload",
    "Environment",
    "EnvironmentFile",
    "KillMode",
];

/// Further lines of a unit's section `Service`.
fn options(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let mut options = BTreeMap::new();
    for (name, expression) in &service.options {
        let expression = peeled(&view.scope, expression);
        let usage = usage(context, view, service, &format!("options.{name}"), expression);
        if OWN_LINES.contains(&name.as_str()) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let help = "use `exec`, `user`, `environment` and `kill_mode` for these, and names of systemd.service(5) for others";
            diagnostics.push(usage.wrong("is no line that may be added to a unit", help));
            continue;
        }
        let Some(value) = usage.open_value(diagnostics) else { continue };
        let Some(Some(text)) = usage.text(&value, diagnostics) else { continue };
        if has_control(&text.value) {
            diagnostics.push(usage.wrong("contains a control character", CONTROL));
        } else {
            options.insert(name.clone(), text.value);
        }
    }
    options
}

/// What an expression was with the settings that were fixed at creation and that the definition now sets, or that go up
/// now: what is stored by them is still there.
fn before_the_change(context: &FrameworkContext<'_>, view: &View<'_>, expression: &Expression) -> Option<Value> {
    let declared = context.chosen.framework.settings.iter();
    let declared = declared.filter(|declared| declared.fixed && !view.idle.contains(declared.name.as_str()));
    let is_raised = |declared: &SettingDeclaration| view.raised.contains_key(declared.name.as_str());
    let changed = declared.filter(|declared| context.overrides.contains_key(&declared.name) || is_raised(declared));
    let fixed: Vec<(&str, Value)> =
        changed.filter_map(|declared| Some((declared.name.as_str(), context.fixed_value(declared)?))).collect();
    (!fixed.is_empty()).then(|| view.scope.supposing("setting", fixed, || view.scope.evaluate(expression)))
}

/// On how many of these nodes a service may be away at a time, where its manifest says so and it can be told.
fn max_unavailable(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
) -> Option<MaxUnavailable> {
    let expression = service.max_unavailable.as_ref()?;
    let now = view.scope.evaluate(expression);
    let limits = [Some(now), before_the_change(context, view, expression)].into_iter().flatten();
    let nodes = limits.filter_map(|limit| limit.as_number().and_then(Number::to_u64)).min()?;
    Some(MaxUnavailable {
        nodes: u32::try_from(nodes).unwrap_or(u32::MAX).max(1),
        framework: context.chosen.framework.name.clone(),
        service: service.description.clone(),
        stores_data: service.stores_data,
    })
}

/// The environment that everybody may see, and the part that nobody may.
fn environment(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    service: &ServiceDeclaration,
    diagnostics: &mut Diagnostics,
) -> (BTreeMap<String, String>, Vec<(String, Text)>) {
    let (mut open, mut secret) = (BTreeMap::new(), Vec::new());
    for (name, expression) in &service.environment {
        let expression = peeled(&view.scope, expression);
        let usage = usage(context, view, service, &format!("environment.{name}"), expression);
        let Some(value) = usage.value(diagnostics) else { continue };
        let Some(Some(text)) = usage.text(&value, diagnostics) else { continue };
        if has_control(&text.value) {
            diagnostics.push(usage.wrong("contains a control character", CONTROL));
        } else if text.secret {
            secret.push((name.clone(), text));
        } else {
            open.insert(name.clone(), text.value);
        }
    }
    (open, secret)
}

const CONTROL: &str =
    "remove line breaks, tabs and other control characters: systemd would read them as lines of the unit";

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The file with a unit's secrets: systemd reads it as root, nobody else can.
fn environment_file(
    framework: &str,
    service: &ServiceDeclaration,
    only: Option<String>,
    secret: &[(String, Text)],
) -> ConfiguredFile {
    let content = content::environment(secret);
    ConfiguredFile {
        framework: framework.to_owned(),
        name: format!("{}.env", service.unit),
        path: format!("{ENVIRONMENTS}/{}.env", service.unit),
        owner: "root:root".to_owned(),
        mode: "0600".to_owned(),
        is_filled_in: own_value::is_filled_in(&content),
        content,
        origin: None,
        is_base64: false,
        concerns: BTreeMap::new(),
        restarts: vec![unit_name(service)],
        keep: false,
        only,
        values: Vec::new(),
    }
}

/// The command line, argument by argument: what a value holds is never more than one of them.
fn arguments(usage: &Usage<'_, '_, '_>, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let (view, expression) = (usage.view, usage.expression);
    let value = usage.open_value(diagnostics)?;
    let arguments = if let Some(elements) = value.elements() {
        let mut arguments = Vec::with_capacity(elements.len());
        for element in elements {
            arguments.extend(usage.text(element, diagnostics)?.map(|text| text.value));
        }
        arguments
    } else if let Some(words) = words(view, expression) {
        words
    } else {
        diagnostics.push(usage.wrong("must be a list of arguments", HOW));
        return None;
    };
    let wrong = match arguments.first() {
        None => Some("is empty"),
        Some(program) if !is_program(program) => Some("must begin with the path or the name of a program"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        diagnostics.push(usage.wrong(wrong, HOW));
        return None;
    }
    if arguments.iter().any(|argument| has_control(argument)) {
        diagnostics.push(usage.wrong("contains a control character", CONTROL));
        return None;
    }
    Some(arguments)
}

/// An absolute path, or a name that systemd looks up; a sign before it would be an order to systemd.
fn is_program(text: &str) -> bool {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.starts_with('/') || text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(sign)
}

const HOW: &str = "write the program and its arguments: `exec = [\"${install.home}/bin/server\", \"--port\", port.x]`";

/// A command line that is written as one text: its own blanks separate arguments, those of values do not.
fn words(view: &View<'_>, expression: &Expression) -> Option<Vec<String>> {
    let parts = match &expression.kind {
        ExpressionKind::String(text) => return Some(text.split_whitespace().map(str::to_owned).collect()),
        ExpressionKind::Template(template) => &template.parts,
        _ => return None,
    };
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for part in parts {
        let (text, literal) = match part {
            TemplatePart::Literal(text, _) => (text.to_string(), true),
            part => {
                let alone = Template { parts: vec![part.clone()], heredoc: false };
                let alone = Expression { kind: ExpressionKind::Template(alone), span: expression.span };
                (text_of(&view.scope.evaluate(&alone))?.value, false)
            }
        };
        let mut pieces: Vec<&str> = if literal { text.split(char::is_whitespace).collect() } else { vec![&text] };
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            extend(&mut words, &mut open, piece);
            open = false;
        }
        extend(&mut words, &mut open, last);
    }
    Some(words)
}

/// Adds to the word that is open, or opens one.
fn extend(words: &mut Vec<String>, open: &mut bool, piece: &str) {
    match words.last_mut().filter(|_| *open) {
        Some(word) => word.push_str(piece),
        None if piece.is_empty() => {}
        None => {
            words.push(piece.to_owned());
            *open = true;
        }
    }
}
