//! What expressions in a manifest may name, and in which order what is asked of all slaves can be computed.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::tree::Expression;
use crate::syntax::{Reference, references};

use super::{ArchiveDeclaration, Framework, MachineDeclaration, Readiness};

/// All roots.
pub(super) const ROOTS: [&str; 13] = [
    "node", "group", "cluster", "version", "install", "setting", "local", "port", "slaves", "has", "with", "ensemble",
    "each",
];
/// `each.…`
pub(super) const EACH: [&str; 2] = ["key", "value"];
/// `node.…`
pub(super) const NODE: [&str; 7] = ["memory", "counted", "vcpus", "root_disk", "disks", "reserved", "share"];
/// `node.…` that each node fills in itself.
pub(super) const OF_ITSELF: [&str; 5] = ["name", "index", "address", "number", "place"];
/// `group.…`
pub(super) const GROUP: [&str; 5] = ["name", "role", "storage", "count", "zone"];
/// `cluster.…`
pub(super) const CLUSTER: [&str; 7] = ["name", "master", "masters", "nodes", "slaves", "slave_groups", "storage_nodes"];
/// `version.…`
pub(super) const VERSION: [&str; 2] = ["name", "java"];
/// `install.…`
pub(super) const INSTALL: [&str; 1] = ["home"];

/// Whether a reference names the same for all groups of a cluster.
pub(super) fn is_common(reference: &Reference) -> bool {
    let entry = reference.entry().map(|(entry, _)| entry);
    match &*reference.root {
        "slaves" | "cluster" | "has" | "install" | "port" | "ensemble" => entry.is_some(),
        "version" => entry == Some("name"),
        _ => false,
    }
}

/// Names of all settings and locals.
pub(super) fn everything(framework: &Framework) -> impl Iterator<Item = &str> {
    framework.setting_names().chain(framework.locals.iter().map(|local| local.name.as_str()))
}

/// The expression behind `setting.NAME` or `local.NAME`.
pub(super) fn declaration<'a>(framework: &'a Framework, name: &str) -> Option<&'a Expression> {
    let (root, name) = name.split_once('.')?;
    match root {
        "setting" => framework.setting(name).and_then(|setting| setting.default.as_ref()),
        "local" => framework.locals.iter().find(|local| local.name == name).map(|local| &local.value),
        _ => None,
    }
}

/// The names that are used as `slaves.NAME`, each as `setting.NAME`, `local.NAME` or `node.NAME`, in an order in which
/// each needs only those before it. An error is a circle of names.
pub(super) fn slave_lists(framework: &Framework) -> Result<Vec<String>, Vec<String>> {
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let settings = framework.settings.iter().filter_map(|setting| {
        setting.default.as_ref().map(|expression| (format!("setting.{}", setting.name), expression))
    });
    let locals = framework.locals.iter().map(|local| (format!("local.{}", local.name), &local.value));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (name, expression) in settings.chain(locals) {
        needs.insert(name, uses(framework, expression, &mut wanted));
    }
    for expression in evaluated(framework) {
        uses(framework, expression, &mut wanted);
    }
    let mut sorting = DependencyOrder { needs: &needs, done: BTreeSet::new(), path: Vec::new(), order: Vec::new() };
    for name in needs.keys().chain(&wanted) {
        sorting.visit(name)?;
    }
    Ok(sorting.order.into_iter().filter(|name| wanted.contains(name)).collect())
}

/// Every expression of a manifest but settings' defaults and locals.
pub(super) fn evaluated(framework: &Framework) -> Vec<&Expression> {
    let mut all: Vec<&Expression> = conditions(framework);
    all.extend(framework.reserved_memory.iter());
    all.extend(framework.minimum_memory.values().chain(framework.shares_memory.values()));
    for setting in &framework.settings {
        all.extend([&setting.minimum, &setting.maximum, &setting.limit_reason].into_iter().flatten());
        all.extend(&setting.rises);
    }
    all.extend(framework.provides.iter().flat_map(|provided| provided.values.iter().map(|(_, value)| value)));
    all.extend(framework.directories.iter().map(|directory| &directory.path));
    for service in &framework.services {
        all.extend(service.exec.iter().chain([&service.memory]).chain(&service.workload_memory));
        all.extend(service.options.iter().map(|(_, expression)| expression));
        if let Some(Readiness::Command { command, .. }) = &service.ready {
            all.push(command);
        }
        if let Some(Readiness::Page(_, path)) = &service.ready {
            all.push(path);
        }
        all.extend(service.max_unavailable.iter().chain(&service.kill_mode).chain(&service.success_exit_status));
        all.extend(service.environment.iter().map(|(_, expression)| expression));
    }
    for file in &framework.files {
        all.extend(file.template.iter().chain(file.keys.iter().map(|(_, expression)| expression)));
        all.extend([&file.path].into_iter().chain(&file.for_each));
        all.extend(file.owner.iter().chain(&file.mode).chain(&file.client_keys).chain(&file.computed_keys));
        all.extend(&file.by_keys);
    }
    for given in &framework.contributions {
        all.extend(given.keys.iter().chain(&given.append).map(|(_, expression)| expression));
    }
    all.extend(framework.ports.iter().filter_map(|port| port.anybody.as_ref()));
    all.extend(framework.ports.iter().flat_map(|port| [&port.first].into_iter().chain(&port.last)));
    all.extend(framework.archives.iter().flat_map(ArchiveDeclaration::formulas));
    all.extend(framework.machines.iter().flat_map(MachineDeclaration::formulas));
    all.extend(framework.steps.iter().map(|step| &step.action));
    all.extend(framework.packages.iter().map(|packages| &packages.names));
    for ensemble in &framework.ensembles {
        all.extend(ensemble.group.iter().chain([&ensemble.size]).chain(&ensemble.when));
    }
    for assertion in &framework.assertions {
        all.extend([&assertion.condition, &assertion.message]);
    }
    for status in &framework.statuses {
        all.extend([&status.ask].into_iter().chain(&status.active).chain(&status.members).chain(&status.facts));
    }
    all
}

/// Every `when` of a manifest.
pub(super) fn conditions(framework: &Framework) -> Vec<&Expression> {
    let mut all: Vec<&Expression> = Vec::new();
    all.extend(framework.provides.iter().filter_map(|provided| provided.when.as_ref()));
    all.extend(framework.requires.iter().filter_map(|requirement| requirement.when.as_ref()));
    all.extend(framework.settings.iter().filter_map(|setting| setting.when.as_ref()));
    all.extend(framework.installation.when.iter());
    all.extend(framework.packages.iter().filter_map(|packages| packages.when.as_ref()));
    all.extend(framework.users.iter().filter_map(|user| user.when.as_ref()));
    all.extend(framework.directories.iter().filter_map(|directory| directory.when.as_ref()));
    all.extend(framework.services.iter().filter_map(|service| service.when.as_ref()));
    all.extend(framework.ports.iter().filter_map(|port| port.when.as_ref()));
    all.extend(framework.protections.iter().filter_map(|protection| protection.when.as_ref()));
    all.extend(framework.files.iter().filter_map(|file| file.when.as_ref()));
    all.extend(framework.archives.iter().filter_map(|archive| archive.when.as_ref()));
    all.extend(framework.machines.iter().filter_map(|machine| machine.when.as_ref()));
    all.extend(framework.contributions.iter().filter_map(|given| given.when.as_ref()));
    all.extend(framework.steps.iter().filter_map(|step| step.when.as_ref()));
    all.extend(framework.statuses.iter().filter_map(|status| status.when.as_ref()));
    all
}

/// Everything an expression comes to use, through settings and locals: `root.entry`, each once.
pub(super) fn reached(framework: &Framework, expression: &Expression) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        for reference in references(expression) {
            let Some((entry, _)) = reference.entry() else { continue };
            let name = format!("{}.{entry}", reference.root);
            if reached.insert(name.clone()) {
                open.extend(declaration(framework, &name));
            }
        }
    }
    reached
}

/// Whose name stands in `slaves.NAME`.
pub(super) fn root_of(framework: &Framework, entry: &str) -> &'static str {
    if NODE.contains(&entry) {
        "node"
    } else if framework.setting(entry).is_some() {
        "setting"
    } else {
        "local"
    }
}

/// What an expression needs.
fn uses(framework: &Framework, expression: &Expression, wanted: &mut BTreeSet<String>) -> Vec<String> {
    let mut uses = Vec::new();
    for reference in references(expression) {
        let Some((entry, _)) = reference.entry() else { continue };
        match &*reference.root {
            "setting" | "local" => uses.push(format!("{}.{entry}", reference.root)),
            "slaves" => {
                let name = format!("{}.{entry}", root_of(framework, entry));
                wanted.insert(name.clone());
                uses.push(name);
            }
            _ => {}
        }
    }
    uses
}

struct DependencyOrder<'a> {
    needs: &'a BTreeMap<String, Vec<String>>,
    done: BTreeSet<String>,
    path: Vec<String>,
    order: Vec<String>,
}

impl DependencyOrder<'_> {
    fn visit(&mut self, name: &str) -> Result<(), Vec<String>> {
        if self.done.contains(name) {
            return Ok(());
        }
        if let Some(start) = self.path.iter().position(|earlier| earlier == name) {
            let mut circle = self.path.split_off(start);
            circle.push(name.to_owned());
            return Err(circle);
        }
        self.path.push(name.to_owned());
        for need in self.needs.get(name).into_iter().flatten() {
            self.visit(need)?;
        }
        self.path.pop();
        self.done.insert(name.to_owned());
        self.order.push(name.to_owned());
        Ok(())
    }
}
