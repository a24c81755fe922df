//! Whether the names that a manifest uses are names that it declares.

use std::collections::BTreeSet;

use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::Expression;
use crate::syntax::{Reference, references};

use crate::catalogue::Framework;
use crate::catalogue::names::{self, CLUSTER, GROUP, INSTALL, NODE, ROOTS, VERSION};

/// Everything wrong with the names in a manifest.
pub(super) fn check(framework: &Framework) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_words(framework, &mut diagnostics);
    for expression in expressions(framework) {
        for reference in references(expression) {
            diagnostics.extend(check_reference(framework, &reference));
        }
    }
    if let Err(way) = names::slave_lists(framework) {
        let place = way.first().and_then(|name| names::declaration(framework, name)).map(|expression| expression.span);
        diagnostics.push(
            Diagnostic::error("disco::cycle", format!("these values depend on one another: {}", way.join(" → ")))
                .at(place.unwrap_or(framework.origin), "one of them")
                .help("a value cannot be made from itself: take one of these uses out"),
        );
    }
    if framework.versions.is_empty() {
        diagnostics.push(
            Diagnostic::error("disco::manifest_missing", format!("framework `{}` has no version", framework.name))
                .at(framework.origin, "no `version` block here"),
        );
    }
    diagnostics
}

fn check_words(framework: &Framework, diagnostics: &mut Diagnostics) {
    let services: Vec<&str> = framework.services.iter().map(|service| service.name.as_str()).collect();
    let ports: Vec<&str> = framework.ports.iter().map(|port| port.name.as_str()).collect();
    let steps: Vec<&str> = framework.steps.iter().map(|step| step.name.as_str()).collect();
    let users: Vec<&str> = framework.users.iter().map(|user| user.name.as_str()).chain(["root"]).collect();
    let mut word = |what: &str, word: &str, known: &[&str], place: Span| {
        if !known.contains(&word) {
            diagnostics.push(
                Diagnostic::error("disco::manifest_unknown", format!("the manifest declares no {what} `{word}`"))
                    .at(place, "used here")
                    .help_maybe(did_you_mean(word, known.iter().copied())),
            );
        }
    };
    for service in &framework.services {
        word("user", &service.user, &users, service.origin);
        service.after.iter().for_each(|after| word("service", after, &services, service.origin));
        service.needs_step.iter().for_each(|step| word("step", step, &steps, service.origin));
        service.ready_port.iter().for_each(|port| word("port", port, &ports, service.origin));
    }
    for port in &framework.ports {
        word("service", &port.service, &services, port.origin);
    }
    for file in &framework.files {
        file.restarts.iter().for_each(|service| word("service", service, &services, file.origin));
    }
}

fn expressions(framework: &Framework) -> Vec<&Expression> {
    let mut all: Vec<&Expression> = Vec::new();
    all.extend(&framework.reserved_memory);
    all.extend(framework.locals.iter().map(|(_, expression)| expression));
    for setting in &framework.settings {
        all.extend([&setting.default, &setting.minimum, &setting.maximum, &setting.limit_reason].into_iter().flatten());
    }
    all.extend(framework.directories.iter().map(|directory| &directory.path));
    for service in &framework.services {
        all.extend([&service.exec, &service.memory].into_iter().chain(&service.workload_memory));
        all.extend(service.environment.iter().map(|(_, expression)| expression));
    }
    for file in &framework.files {
        all.extend(file.template.iter().chain(file.keys.iter().map(|(_, expression)| expression)));
    }
    all.extend(framework.steps.iter().map(|step| &step.action));
    all
}

fn check_reference(framework: &Framework, reference: &Reference) -> Option<Diagnostic> {
    let root = &*reference.root;
    let (name, place) = reference.entry()?;
    let known: BTreeSet<&str> = match root {
        "node" => NODE.into(),
        "group" => GROUP.into(),
        "cluster" => CLUSTER.into(),
        "version" => VERSION.into(),
        "install" => INSTALL.into(),
        "setting" => framework.setting_names().collect(),
        "local" => framework.locals.iter().map(|(name, _)| name.as_str()).collect(),
        "port" => framework.ports.iter().map(|port| port.name.as_str()).collect(),
        "slaves" => names::everything(framework).chain(NODE).collect(),
        _ => {
            let message = format!("`{root}` means nothing in a manifest");
            return Some(
                Diagnostic::error("disco::unknown_name", message)
                    .at(place, "not known")
                    .help_maybe(did_you_mean(root, ROOTS)),
            );
        }
    };
    if known.contains(name) {
        return None;
    }
    Some(
        Diagnostic::error("disco::unknown_name", format!("`{root}` has no `{name}`"))
            .at(place, "not known")
            .help_maybe(did_you_mean(name, known)),
    )
}
