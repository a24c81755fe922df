//! What expressions in a manifest may name, and in which order what is asked of all slaves can be computed.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::references;
use crate::syntax::tree::Expression;

use super::Framework;

/// All roots.
pub(super) const ROOTS: [&str; 9] =
    ["node", "group", "cluster", "version", "install", "setting", "local", "port", "slaves"];
/// `node.…`
pub(super) const NODE: [&str; 4] = ["memory", "vcpus", "root_disk", "disks"];
/// `group.…`
pub(super) const GROUP: [&str; 3] = ["name", "role", "storage"];
/// `cluster.…`
pub(super) const CLUSTER: [&str; 4] = ["name", "master", "slaves", "storage_nodes"];
/// `version.…`
pub(super) const VERSION: [&str; 2] = ["name", "java"];
/// `install.…`
pub(super) const INSTALL: [&str; 1] = ["home"];

/// Names of all settings and locals.
pub(super) fn everything(framework: &Framework) -> impl Iterator<Item = &str> {
    framework.setting_names().chain(framework.locals.iter().map(|(name, _)| name.as_str()))
}

/// The expression behind `setting.NAME` or `local.NAME`.
pub(super) fn declaration<'a>(framework: &'a Framework, name: &str) -> Option<&'a Expression> {
    let (root, name) = name.split_once('.')?;
    match root {
        "setting" => framework.setting(name).and_then(|setting| setting.default.as_ref()),
        "local" => framework.locals.iter().find(|(local, _)| local == name).map(|(_, expression)| expression),
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
    let locals = framework.locals.iter().map(|(name, expression)| (format!("local.{name}"), expression));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (name, expression) in settings.chain(locals) {
        needs.insert(name, uses(framework, expression, &mut wanted));
    }
    let others = framework.files.iter().flat_map(|file| file.keys.iter().map(|(_, expression)| expression));
    let templates = framework.files.iter().filter_map(|file| file.template.as_ref());
    let limits = framework
        .settings
        .iter()
        .flat_map(|setting| [&setting.minimum, &setting.maximum, &setting.limit_reason].into_iter().flatten());
    let services = framework.services.iter().flat_map(|service| [&service.exec, &service.memory]);
    let steps = framework.steps.iter().map(|step| &step.action);
    for expression in others.chain(templates).chain(limits).chain(services).chain(steps) {
        uses(framework, expression, &mut wanted);
    }
    let mut walk = Walk { needs: &needs, done: BTreeSet::new(), way: Vec::new(), order: Vec::new() };
    for name in needs.keys().chain(&wanted) {
        walk.visit(name)?;
    }
    Ok(walk.order.into_iter().filter(|name| wanted.contains(name)).collect())
}

/// What an expression needs.
fn uses(framework: &Framework, expression: &Expression, wanted: &mut BTreeSet<String>) -> Vec<String> {
    let mut uses = Vec::new();
    for reference in references(expression) {
        let Some((entry, _)) = reference.entry() else { continue };
        match &*reference.root {
            "setting" | "local" => uses.push(format!("{}.{entry}", reference.root)),
            "slaves" => {
                let root = if NODE.contains(&entry) {
                    "node"
                } else if framework.setting(entry).is_some() {
                    "setting"
                } else {
                    "local"
                };
                let name = format!("{root}.{entry}");
                wanted.insert(name.clone());
                uses.push(name);
            }
            _ => {}
        }
    }
    uses
}

struct Walk<'a> {
    needs: &'a BTreeMap<String, Vec<String>>,
    done: BTreeSet<String>,
    way: Vec<String>,
    order: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, name: &str) -> Result<(), Vec<String>> {
        if self.done.contains(name) {
            return Ok(());
        }
        if let Some(start) = self.way.iter().position(|earlier| earlier == name) {
            let mut circle = self.way.split_off(start);
            circle.push(name.to_owned());
            return Err(circle);
        }
        self.way.push(name.to_owned());
        for need in self.needs.get(name).into_iter().flatten() {
            self.visit(need)?;
        }
        self.way.pop();
        self.done.insert(name.to_owned());
        self.order.push(name.to_owned());
        Ok(())
    }
}
