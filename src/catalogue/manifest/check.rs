//! Whether the names that a manifest uses are names that it declares.

use std::collections::BTreeSet;

use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean, nearest};
use crate::syntax::tree::{Body, Expression};
use crate::syntax::{Reference, references};

use super::places::{Places, label, place};
use crate::catalogue::generated;
use crate::catalogue::names::{self, CLUSTER, EACH, GROUP, INSTALL, NODE, OF_ITSELF, ROOTS, VERSION};
use crate::catalogue::own_value;
use crate::catalogue::{Framework, Placement, Readiness, Relation, SettingDeclaration, StepMoment};
use crate::model::Role;

/// Everything wrong with the names in a manifest.
pub(super) fn check(framework: &Framework, body: &Body) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    check_words(framework, Places(body), &mut diagnostics);
    let defaults = framework.settings.iter().filter_map(|setting| setting.default.as_ref());
    let locals = framework.locals.iter().map(|local| &local.value);
    for expression in defaults.chain(locals).chain(names::evaluated(framework)) {
        for reference in references(expression) {
            diagnostics.extend(check_reference(framework, &reference));
        }
    }
    check_each(framework, &mut diagnostics);
    for given in framework.contributions.iter().filter(|given| given.framework == framework.name) {
        let message = format!("framework `{}` gives keys to a file of its own", framework.name);
        let diagnostic = Diagnostic::error("disco::manifest_value", message).at(given.origin, "its own file");
        diagnostics.push(diagnostic.help(format!("write them in `keys` of file `{}`", given.file)));
    }
    check_ensembles(framework, &mut diagnostics);
    check_steps(framework, Places(body), &mut diagnostics);
    check_early(framework, &mut diagnostics);
    diagnostics.extend(generated::check(framework));
    diagnostics.extend(own_value::check(framework));
    check_shares(framework, &mut diagnostics);
    check_data(framework, &mut diagnostics);
    check_known_keys(framework, Places(body), &mut diagnostics);
    if let Err(way) = names::slave_lists(framework) {
        let place = way.first().and_then(|name| names::declaration(framework, name)).map(|expression| expression.span);
        diagnostics.push(
            Diagnostic::error("disco::cycle", format!("these values depend on each other: {}", way.join(" → ")))
                .at(place.unwrap_or(framework.origin), "one of them")
                .help("remove one of these references: a value cannot be computed from itself"),
        );
    }
    if framework.versions.is_empty() {
        diagnostics.push(
            Diagnostic::error("disco::manifest_missing", format!("framework `{}` has no version", framework.name))
                .at(framework.origin, "no `version` block")
                .help("add the block `version \"1.0\" {}`"),
        );
    }
    diagnostics
}

fn check_words(framework: &Framework, places: Places<'_>, diagnostics: &mut Diagnostics) {
    let services: Vec<&str> = framework.services.iter().map(|service| service.name.as_str()).collect();
    let ports: Vec<&str> = framework.ports.iter().map(|port| port.name.as_str()).collect();
    let steps: Vec<&str> = framework.steps.iter().map(|step| step.name.as_str()).collect();
    let users: Vec<&str> = framework.users.iter().map(|user| user.name.as_str()).chain(["root"]).collect();
    let groups = framework.users.iter().flat_map(|user| [user.group.as_str(), user.name.as_str()]);
    let groups: Vec<&str> = groups.chain(["root"]).collect();
    let mut word = |what: &str, word: &str, known: &[&str], place: Span| {
        if !known.contains(&word) {
            diagnostics.push(
                Diagnostic::error("disco::manifest_unknown", format!("the manifest declares no {what} `{word}`"))
                    .at(place, "used here")
                    .help(nearest(word, known.iter().copied()).unwrap_or_else(|| match what {
                        "group" => format!("add `group = \"{word}\"` to a block `user`"),
                        _ => format!("add the block `{what} \"{word}\" {{ … }}`"),
                    })),
            );
        }
    };
    for service in &framework.services {
        let at = |attribute: &str| places.of("service", &service.name, attribute).unwrap_or(service.origin);
        word("user", &service.user, &users, at("user"));
        if service.group != service.user {
            word("group", &service.group, &groups, at("group"));
        }
        service.after.iter().for_each(|after| word("service", after, &services, at("after")));
        service.needs_steps.iter().for_each(|step| word("step", step, &steps, at("needs_step")));
        let block = places.blocks("service").find(|block| label(block) == service.name);
        let ready = block.and_then(|block| block.body.blocks.iter().find(|inner| &*inner.kind.text == "ready"));
        let ready = ready.map_or(service.origin, |ready| place(ready, "port"));
        service.ready.iter().filter_map(Readiness::port).for_each(|port| word("port", port, &ports, ready));
    }
    for port in &framework.ports {
        let at = places.of("port", &port.name, "service").unwrap_or(port.origin);
        port.service.iter().for_each(|service| word("service", service, &services, at));
    }
    for file in &framework.files {
        let at = places.of("file", &file.name, "restarts").unwrap_or(file.origin);
        file.restarts.iter().for_each(|service| word("service", service, &services, at));
    }
    for archive in &framework.archives {
        let at = places.of("archive", &archive.name, "restarts").unwrap_or(archive.origin);
        archive.restarts.iter().for_each(|service| word("service", service, &services, at));
    }
    for service in &framework.services {
        let needed = framework.steps.iter().filter(|step| service.needs_steps.contains(&step.name));
        for step in needed.filter(|step| step.moment != StepMoment::BeforeStart) {
            let message = format!("service `{}` waits for the step `{}`, which runs after it", service.name, step.name);
            diagnostics.push(
                Diagnostic::error("disco::manifest_value", message)
                    .at(places.of("service", &service.name, "needs_step").unwrap_or(service.origin), "waits here")
                    .at(step.origin, "runs when all nodes are there")
                    .help("write `moment = \"before-start\"` in the step, or remove `needs_step`"),
            );
        }
    }
}

/// `each` means something in files that are made for each of something.
fn check_each(framework: &Framework, diagnostics: &mut Diagnostics) {
    let repeated = framework.files.iter().filter(|file| file.for_each.is_some());
    let within: Vec<Span> = repeated
        .flat_map(|file| {
            let keys = file.keys.iter().map(|(_, value)| value).chain(&file.computed_keys);
            [&file.path].into_iter().chain(&file.template).chain(keys).chain(&file.owner).chain(&file.mode)
        })
        .map(|expression| expression.span)
        .collect();
    for expression in names::evaluated(framework).into_iter().filter(|expression| !within.contains(&expression.span)) {
        if let Some(each) = references(expression).into_iter().find(|reference| &*reference.root == "each") {
            diagnostics.push(
                Diagnostic::error("disco::unknown_name", "`each` has no value here")
                    .at(each.span, "used here")
                    .help("use it in a `file` with `for_each = …`, in `path`, `content`, `keys`, `owner` and `mode`"),
            );
        }
    }
}

/// Who is in an ensemble never changes by itself, and only who is in one has a place in it.
fn check_ensembles(framework: &Framework, diagnostics: &mut Diagnostics) {
    let fixed = |reference: &Reference| {
        let setting = reference.entry().filter(|_| &*reference.root == "setting");
        let stays = |setting: &SettingDeclaration| setting.fixed && setting.rises.is_none();
        setting.and_then(|(name, _)| framework.setting(name)).is_none_or(stays) && matches!(&*reference.root, "setting")
    };
    for ensemble in &framework.ensembles {
        for expression in ensemble.group.iter().chain([&ensemble.size]).chain(&ensemble.when) {
            if let Some(other) = references(expression).into_iter().find(|reference| !fixed(reference)) {
                let message = format!("ensemble `{}` follows from what may change", ensemble.name);
                diagnostics.push(
                    Diagnostic::error("disco::manifest_value", message)
                        .at(other.span, "not a `fixed` setting")
                        .help("make a setting of it with `fixed = true`, whose default is this formula"),
                );
            }
        }
    }
    let place = "node.place".to_owned();
    let files = framework.files.iter().filter(|file| file.ensemble.is_none());
    let of_files = files.flat_map(|file| {
        file.template.iter().chain(&file.computed_keys).chain(file.keys.iter().map(|(_, value)| value))
    });
    let services = framework.services.iter().filter(|service| service.ensemble.is_none());
    let of_services = services.flat_map(|of| of.exec.iter().chain(of.environment.iter().map(|(_, value)| value)));
    for expression in of_files.chain(of_services) {
        if names::reached(framework, expression).contains(&place) {
            diagnostics.push(
                Diagnostic::error("disco::manifest_value", "`node.place` is used where nodes have none")
                    .at(expression.span, "on nodes that are in no ensemble, too")
                    .help("write `on = \"…\"` with the name of the ensemble"),
            );
        }
    }
}

/// Steps of nodes run before their services start.
fn check_steps(framework: &Framework, places: Places<'_>, diagnostics: &mut Diagnostics) {
    for step in framework.steps.iter().filter(|step| !step.on.is_empty() && step.moment != StepMoment::BeforeStart) {
        let message = format!("step `{}` has `on`, and its moment is `{}`", step.name, step.moment.name());
        diagnostics.push(
            Diagnostic::error("disco::manifest_value", message)
                .at(places.of("step", &step.name, "on").unwrap_or(step.origin), "steps of each node")
                .help("remove `on`: the first master runs it; or write `moment = \"before-start\"`"),
        );
    }
}

/// What must be known before the nodes are: conditions, and what a node needs at least.
fn check_early(framework: &Framework, diagnostics: &mut Diagnostics) {
    let mut check = |expression: &Expression, late: &[&str], help: &str| {
        let mut reached = names::reached(framework, expression);
        // What each node fills in itself is told as that.
        reached.retain(|name| OF_ITSELF.iter().all(|own| name.strip_prefix("node.") != Some(*own)));
        let found = reached.iter().find(|name| late.iter().any(|late| name.starts_with(late)));
        if let Some(found) = found {
            diagnostics.push(
                Diagnostic::error(
                    "disco::manifest_too_early",
                    format!("`{found}` is not known yet when this is computed"),
                )
                .at(expression.span, "leads to its use")
                .help(help),
            );
        }
    };
    let relations = framework.provides.iter().filter_map(|provided| provided.when.as_ref());
    let relations: Vec<&Expression> =
        relations.chain(framework.requires.iter().filter_map(|requirement| requirement.when.as_ref())).collect();
    for when in &relations {
        let help = "use only settings and `has` in what frameworks require of each other";
        check(when, &["node.", "slaves.", "with.", "version.java", "group.", "ensemble."], help);
    }
    for number in framework.ports.iter().flat_map(|port| [&port.first].into_iter().chain(&port.last)) {
        let help = "use only settings: rules are made for ports before any node is";
        check(number, &["node.", "slaves.", "with.", "version.java", "group.", "ensemble."], help);
    }
    let memory = framework.minimum_memory.values().chain(framework.shares_memory.values());
    for expression in names::conditions(framework).into_iter().chain(memory) {
        let help = "use only settings, the group and `has` in `when` and in a minimum of memory";
        if !relations.contains(&expression) {
            check(expression, &["node.", "slaves.", "with.", "version.java"], help);
        }
    }
}

/// `known_keys` names sections of the list of keys.
fn check_known_keys(framework: &Framework, places: Places<'_>, diagnostics: &mut Diagnostics) {
    for file in framework.files.iter().filter(|file| !file.known_keys.is_empty()) {
        let place = places.of("file", &file.name, "known_keys").unwrap_or(file.origin);
        let Some(list) = &framework.known_keys else {
            let message = format!("`known_keys` of `file \"{}\"` needs the list `keys.txt`", file.name);
            diagnostics.push(
                Diagnostic::error("disco::manifest_missing", message)
                    .at(place, "sections of it")
                    .help("write it beside the manifest: `# NAME`, then lines of a key, a tab and its default"),
            );
            continue;
        };
        for section in file.known_keys.iter().filter(|known| list.sections().all(|section| section != *known)) {
            let message = format!("`keys.txt` has no section `{section}`");
            diagnostics.push(
                Diagnostic::error("disco::manifest_unknown", message).at(place, "named here").help(
                    did_you_mean(section, list.sections())
                        .unwrap_or_else(|| format!("begin the section there with the line `# {section}`")),
                ),
            );
        }
    }
}

/// What a service stores lies in a folder: without one that says so, nobody would be told when it goes.
fn check_data(framework: &Framework, diagnostics: &mut Diagnostics) {
    for service in framework.services.iter().filter(|service| service.stores_data) {
        let together = |on: &[Placement]| {
            on.is_empty() || on.iter().any(|place| service.on.iter().any(|other| place.overlaps(*other)))
        };
        let mut holding = framework.directories.iter().filter(|directory| directory.holds_data);
        if !holding.any(|directory| together(&directory.on)) {
            let message = format!(
                "service `{}` has `stores_data`, but no `directory` on its nodes has `holds_data`",
                service.name
            );
            diagnostics.push(
                Diagnostic::error("disco::manifest_missing", message)
                    .at(service.origin, "`stores_data = true` here")
                    .help("write `holds_data = true` in the `directory` block of the folder with the data"),
            );
        }
    }
}

/// Memory is shared out among the frameworks that say how much they need, after that of the others is known.
fn check_shares(framework: &Framework, diagnostics: &mut Diagnostics) {
    for service in &framework.services {
        let roles = [(Role::Master, Placement::Master), (Role::Slave, Placement::Slaves)];
        let runs = |place: Placement| service.on.iter().any(|on| on.overlaps(place));
        let mut unsaid = roles.into_iter().filter(|(_, place)| runs(*place)).map(|(role, _)| role);
        let Some(role) = unsaid.find(|role| !framework.minimum_memory.contains_key(role)) else { continue };
        let memory = [&service.memory].into_iter().chain(&service.workload_memory);
        let reached: BTreeSet<String> = memory.flat_map(|memory| names::reached(framework, memory)).collect();
        let late = reached
            .iter()
            .find(|name| *name == "node.share" || name.starts_with("slaves.") || name.starts_with("with."));
        if let Some(late) = late {
            let message = format!("the memory of `{}` on a {} comes from `{late}`", service.name, role.name());
            diagnostics.push(
                Diagnostic::error("disco::manifest_missing", message)
                    .at(service.origin, "so it is a share of what the others leave")
                    .help(format!("set its minimum: `minimum_memory = {{ {} = 2048 }}`", role.name())),
            );
        }
    }
}

fn check_reference(framework: &Framework, reference: &Reference) -> Option<Diagnostic> {
    let root = &*reference.root;
    let (name, place) = reference.entry()?;
    let known: BTreeSet<&str> = match root {
        "node" => NODE.into_iter().chain(OF_ITSELF).collect(),
        "group" => GROUP.into(),
        "cluster" => CLUSTER.into(),
        "version" => VERSION.into(),
        "install" => INSTALL.into(),
        "each" => EACH.into(),
        "setting" => framework.setting_names().collect(),
        "local" => framework.locals.iter().map(|local| local.name.as_str()).collect(),
        "ensemble" => framework.ensembles.iter().map(|ensemble| ensemble.name.as_str()).collect(),
        "port" => framework.ports.iter().map(|port| port.name.as_str()).collect(),
        "slaves" => names::everything(framework).chain(NODE).collect(),
        "has" | "with" => framework.relations().flat_map(Relation::names).collect(),
        _ => {
            let message = format!("`{root}` does not exist in manifests");
            return Some(
                Diagnostic::error("disco::unknown_name", message)
                    .at(place, "unknown")
                    .help_maybe(did_you_mean(root, ROOTS)),
            );
        }
    };
    if known.contains(name) {
        return None;
    }
    let help = match root {
        "has" | "with" => Some(format!("add `uses = [\"{name}\"]`")),
        "setting" | "port" | "ensemble" => Some(format!("declare it: add the block `{root} \"{name}\" {{ … }}`")),
        "local" => Some(format!("add `{name} = …` to the block `locals`")),
        _ => None,
    };
    let meant = nearest(name, known.iter().copied()).or(help).or_else(|| did_you_mean(name, known));
    Some(
        Diagnostic::error("disco::unknown_name", format!("`{root}` has no `{name}`"))
            .at(place, "unknown")
            .help_maybe(meant),
    )
}
