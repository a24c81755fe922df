//! Whether what belongs together is on the same nodes: a service and its account, its software and its files. What has a
//! condition of its own may be there only when it is needed, so that nothing is said of it.

use super::found::named;
use super::places::{Places, attribute, entries, label, literals, place, text};
use crate::catalogue::{Framework, Placement, Readiness, ServiceDeclaration, StepMoment, UserDeclaration, names};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Body, Expression, ExpressionKind};

/// Everything that could only fail on nodes.
pub(super) fn check(framework: &Framework, body: &Body) -> Diagnostics {
    let mut found = Apart { framework, places: Places(body), diagnostics: Diagnostics::new() };
    found.accounts();
    found.software();
    found.restarts();
    found.steps();
    found.diagnostics
}

/// Whether all nodes of `these` are among those of `on`; nothing means all nodes.
fn covers(on: &[Placement], these: &[Placement]) -> bool {
    let has = |one: Placement| on.contains(&one) || one == Placement::Storage && on.contains(&Placement::Slaves);
    let all = [Placement::Master, Placement::Slaves];
    on.is_empty() || if these.is_empty() { &all[..] } else { these }.iter().all(|one| has(*one))
}

fn overlap(one: &[Placement], other: &[Placement]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|one| other.iter().any(|other| one.overlaps(*other)))
}

fn shown(on: &[Placement]) -> String {
    let names: Vec<String> = on.iter().map(|on| format!("\"{}\"", on.name())).collect();
    match names.as_slice() {
        [] => "all nodes".to_owned(),
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

struct Apart<'a> {
    framework: &'a Framework,
    places: Places<'a>,
    diagnostics: Diagnostics,
}

impl Apart<'_> {
    fn wrong(&mut self, message: String, place: Span, other: Option<Span>, help: String) {
        self.diagnostics.push(
            Diagnostic::error("disco::manifest_value", message)
                .at(place, "needed here")
                .at_maybe(other, "only on these nodes")
                .help(help),
        );
    }

    /// Where the `on` of the first block of a kind is that is called so.
    fn on_of(&self, kind: &'static str, name: Option<&str>) -> Option<Span> {
        let mut blocks = self.places.blocks(kind);
        let block = blocks.find(|block| name.is_none_or(|name| label(block) == name))?;
        attribute(block, "on").map(|attribute| attribute.value.span)
    }

    /// Says that an account is not where it is needed.
    fn account(&mut self, what: &str, name: &str, these: &[Placement], place: Span) {
        let called = |user: &&UserDeclaration| user.name == name || user.group == name;
        let users: Vec<&UserDeclaration> = self.framework.users.iter().filter(called).collect();
        let lacking = |user: &&UserDeclaration| user.when.is_none() && !covers(&user.on, these);
        if users.is_empty() || !users.iter().all(lacking) {
            return;
        }
        let message = format!("{what} is on {}, where there is no `{name}`", shown(these));
        let declared = users.first().map_or_else(String::new, |user| user.name.clone());
        let other = self.on_of("user", Some(&declared));
        self.wrong(message, place, other, format!("add these nodes to `on` of `user \"{declared}\"`, or remove it"));
    }

    fn accounts(&mut self) {
        let (framework, places) = (self.framework, self.places);
        for service in &framework.services {
            let what = format!("`service \"{}\"`", service.name);
            let at = |attribute: &str| places.of("service", &service.name, attribute).unwrap_or(service.origin);
            self.account(&what, &service.user, &service.on, at("user"));
            if service.group != service.user {
                self.account(&what, &service.group, &service.on, at("group"));
            }
            if let Some(Readiness::Command { user: Some(user), .. }) = &service.ready {
                let block = places.blocks("service").find(|block| label(block) == service.name);
                let ready = block.and_then(|block| block.body.blocks.iter().find(|one| &*one.kind.text == "ready"));
                let at = ready.map_or(service.origin, |ready| place(ready, "user"));
                self.account(&format!("`ready` of {what}"), user, &service.on, at);
            }
        }
        // Blocks stand in the order in which they are declared; one that could not be read would be missing.
        let folders: Vec<_> = places.blocks("directory").collect();
        if folders.len() == framework.directories.len() {
            for (block, declared) in folders.into_iter().zip(&framework.directories) {
                self.owner(&named(block), literals(block, "owner"), &declared.on);
            }
        }
        for declared in &framework.files {
            let block = places.blocks("file").find(|block| label(block) == declared.name);
            if let Some(block) = block {
                self.owner(&named(block), literals(block, "owner"), &declared.on);
            }
        }
        for step in &framework.steps {
            let master = [Placement::Master];
            let these = if step.on.is_empty() { &master[..] } else { &step.on };
            let fields = entries(&step.action).unwrap_or_default();
            let user = fields.iter().find(|(name, ..)| *name == "user").map(|(.., value)| *value);
            if let Some((name, place)) = user.and_then(|user| Some((text(user)?, user.span))) {
                self.account(&format!("`step \"{}\"`", step.name), name, these, place);
            }
        }
    }

    fn owner(&mut self, what: &str, owners: Vec<(&str, Span)>, these: &[Placement]) {
        for (owner, place) in owners {
            for name in owner.split(':') {
                self.account(what, name, these, place);
            }
        }
    }

    fn software(&mut self) {
        let framework = self.framework;
        let installed = &framework.installation;
        if installed.when.is_none() {
            let other = self.on_of("installation", None);
            let services = framework.services.iter().flat_map(|service| {
                let ready = match &service.ready {
                    Some(Readiness::Command { command, .. }) => Some(command),
                    _ => None,
                };
                let environment = service.environment.iter().map(|(_, value)| value);
                let all = service.exec.iter().chain(ready).chain(environment);
                all.map(|one| (format!("`service \"{}\"`", service.name), service.on.clone(), one))
            });
            let steps = framework.steps.iter().map(|step| {
                let on = if step.on.is_empty() { vec![Placement::Master] } else { step.on.clone() };
                (format!("`step \"{}\"`", step.name), on, &step.action)
            });
            let all: Vec<_> = services.chain(steps).collect();
            for (what, these, expression) in all {
                if !covers(&installed.on, &these) && reaches_home(framework, expression) {
                    let message = format!("{what} is on {}, where nothing is installed", shown(&these));
                    let help = "add these nodes to `on` of the block `installation`, or remove it".to_owned();
                    self.wrong(message, expression.span, other, help);
                }
            }
        }
        for service in framework.services.iter().filter(|service| service.packaged) {
            self.package(service);
        }
        for service in &framework.services {
            self.own_files(service);
        }
    }

    /// A unit that a package of its name brings.
    fn package(&mut self, service: &ServiceDeclaration) {
        let (mut brings, mut enough, mut other) = (false, false, None);
        for (block, declared) in self.places.blocks("packages").zip(&self.framework.packages) {
            if literals(block, "names").iter().any(|(name, _)| *name == service.unit) {
                brings = true;
                enough |= declared.when.is_some() || covers(&declared.on, &service.on);
                other = other.or(attribute(block, "on").map(|on| on.value.span));
            }
        }
        if brings && !enough {
            let (name, on) = (&service.unit, shown(&service.on));
            let message = format!("`service \"{}\"` is on {on}, where the package `{name}` is not", service.name);
            let place = self.places.of("service", &service.name, "on").unwrap_or(service.origin);
            self.wrong(message, place, other, "add these nodes to `on` of the block `packages`".to_owned());
        }
    }

    /// Files that a command line names by their paths.
    fn own_files(&mut self, service: &ServiceDeclaration) {
        let Some(exec) = &service.exec else { return };
        let ExpressionKind::Tuple(arguments) = &exec.kind else { return };
        for argument in arguments {
            let Some(path) = text(argument) else { continue };
            let files: Vec<_> = self.framework.files.iter().filter(|file| text(&file.path) == Some(path)).collect();
            let lacking = files.iter().all(|file| file.when.is_none() && !overlap(&file.on, &service.on));
            if let Some(first) = files.first().filter(|_| lacking) {
                let message =
                    format!("`service \"{}\"` is on {}, where `{path}` is not", service.name, shown(&service.on));
                let other = self.on_of("file", Some(&first.name));
                let help = format!("add these nodes to `on` of `file \"{}\"`, or remove it", first.name);
                self.wrong(message, argument.span, other, help);
            }
        }
    }

    /// A file restarts services beside it.
    fn restarts(&mut self) {
        let (framework, places) = (self.framework, self.places);
        for file in &framework.files {
            let services = framework.services.iter().filter(|service| file.restarts.contains(&service.name));
            for service in services.filter(|service| !overlap(&file.on, &service.on)) {
                let message = format!(
                    "`file \"{}\"` is on {}, where the service `{}` is not",
                    file.name,
                    shown(&file.on),
                    service.name
                );
                let place = places.of("file", &file.name, "restarts").unwrap_or(file.origin);
                let other = self.on_of("service", Some(&service.name));
                let help = "remove it from `restarts`: a file restarts only services on its own node".to_owned();
                self.wrong(message, place, other, help);
            }
        }
    }

    /// The first master's steps let nobody elsewhere wait.
    fn steps(&mut self) {
        let (framework, places) = (self.framework, self.places);
        let needed = framework.services.iter().flat_map(|of| of.needs_steps.iter().map(move |step| (of, step)));
        for (service, name) in needed {
            let step = framework.steps.iter().find(|step| step.name == *name);
            // One that runs later is told as that.
            let Some(step) = step.filter(|step| step.moment == StepMoment::BeforeStart) else { continue };
            let master = [Placement::Master];
            let these = if step.on.is_empty() { &master[..] } else { &step.on };
            if !overlap(these, &service.on) {
                let message = format!(
                    "`service \"{}\"` is on {}, and the step `{}` runs on {}",
                    service.name,
                    shown(&service.on),
                    step.name,
                    shown(these)
                );
                let place = places.of("service", &service.name, "needs_step").unwrap_or(service.origin);
                let other = self.on_of("step", Some(&step.name));
                let help =
                    format!("write `on = {}` in the step, so that each of these nodes runs it", shown(&service.on));
                self.wrong(message, place, other, help);
            }
        }
    }
}

fn reaches_home(framework: &Framework, expression: &Expression) -> bool {
    names::reached(framework, expression).contains("install.home")
}
