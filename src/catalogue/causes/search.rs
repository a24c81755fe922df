//! The search from a value back to the lines of the definition.

use std::collections::BTreeSet;

use super::cause::{Cause, CauseKind, Part};
use crate::catalogue::evaluation::counted_slaves;
use crate::catalogue::file_keys::file_keys;
use crate::catalogue::names;
use crate::catalogue::overrides::linked;
use crate::catalogue::software::archive_name;
use crate::catalogue::view::{FrameworkContext, Prepared, View};
use crate::catalogue::words::{conditions, peeled};
use crate::catalogue::{FileDeclaration, Provision};
use crate::model::{GroupSpec, Role};
use crate::source::Span;
use crate::syntax::tree::Expression;
use crate::syntax::{Reference, references};

/// A search from a value back to the definition, breadth first.
pub(super) struct Search<'p, 'a> {
    all: &'p [Prepared<'a>],
    seen: BTreeSet<(&'p str, usize, String)>,
    pub(super) found: Vec<Cause>,
    /// What is found, to find each once.
    kinds: BTreeSet<CauseKind>,
}

/// A name of a manifest as one framework sees it on one group.
type Open<'p, 'a> = (&'p FrameworkContext<'a>, &'p View<'a>, Reference);

impl<'p, 'a> Search<'p, 'a> {
    pub(super) fn new(all: &'p [Prepared<'a>]) -> Self {
        Self { all, seen: BTreeSet::new(), found: Vec::new(), kinds: BTreeSet::new() }
    }

    pub(super) fn part(&mut self, context: &'p FrameworkContext<'a>, view: &'p View<'a>, part: Part<'_>) {
        let framework = context.chosen.framework;
        match part {
            Part::Key(file, key) => {
                for file in files(context, view, file) {
                    self.key(context, view, file, key);
                }
            }
            Part::File(file) => {
                for file in files(context, view, file) {
                    self.file(context, view, file);
                }
            }
            Part::Unit(unit) => {
                let unit = unit.trim_end_matches(".service");
                for service in framework.services.iter().filter(|service| service.unit == unit) {
                    let lines = service.environment.iter().chain(&service.options).map(|(_, value)| value);
                    let ends = service.kill_mode.iter().chain(&service.success_exit_status);
                    let all = service.when.iter().chain(&service.exec).chain(lines).chain(ends);
                    self.follow(context, view, all);
                    self.present(context);
                }
            }
            Part::Directory(path) => {
                for directory in &framework.directories {
                    let value = view.scope.evaluate(&directory.path);
                    let paths = value.elements().unwrap_or_else(|| vec![&value]);
                    if paths.iter().any(|known| known.as_str() == Some(path)) {
                        self.follow(context, view, directory.when.iter().chain([&directory.path]));
                        self.present(context);
                    }
                }
            }
            Part::Archive(name) if name == framework.name => {
                self.add(version(context), context.chosen.spec.version.origin);
                for setting in ["mirrors", "sha512"] {
                    self.setting(context, view, setting, &mut Vec::new());
                }
                self.present(context);
            }
            Part::Setting(name, setting) if name == framework.name => {
                let mut open = Vec::new();
                self.setting(context, view, setting, &mut open);
                self.backwards(open);
            }
            Part::Archive(name) => {
                let mut archives = framework.archives.iter();
                if let Some(archive) = archives.find(|archive| archive_name(framework, archive) == name) {
                    self.follow(context, view, archive.formulas().chain(&archive.when));
                    self.present(context);
                }
            }
            Part::Setting(..) => {}
        }
    }

    /// What the services on these nodes take for themselves and hand out.
    pub(super) fn memory(&mut self, context: &'p FrameworkContext<'a>, view: &'p View<'a>) {
        let services = context.chosen.framework.services.iter();
        for service in services.filter(|service| view.runs(service)) {
            self.follow(context, view, [&service.memory].into_iter().chain(&service.workload_memory));
        }
    }

    fn key(&mut self, context: &'p FrameworkContext<'a>, view: &'p View<'a>, file: &'p FileDeclaration, key: &str) {
        let given = context.chosen.spec.files.get(&file.name);
        let framework = || context.chosen.framework.name.clone();
        if let Some(content) = given.and_then(|given| given.content.as_ref()) {
            let kind = CauseKind::Content { framework: framework(), file: file.name.clone() };
            return self.add(kind, content.origin);
        }
        if let Some(set) = given.and_then(|given| given.set.get(key)) {
            let kind = CauseKind::Key { framework: framework(), file: file.name.clone(), key: key.to_owned() };
            return self.add(kind, set.origin.or(given.map(|given| given.origin)));
        }
        let formula = file.keys.iter().find(|(known, _)| known == key).map(|(_, formula)| formula);
        // Where the formula is simply a setting, that one is named even if no line sets it.
        let setting = formula.and_then(|formula| linked(peeled(&view.scope, formula)));
        self.follow(context, view, formula.or(file.computed_keys.as_ref()));
        if let Some((name, _)) = setting {
            self.add(CauseKind::Setting { framework: framework(), name: name.to_owned() }, None);
        }
        self.given(context, view, file, Some(key));
        self.present(context);
    }

    fn file(&mut self, context: &'p FrameworkContext<'a>, view: &'p View<'a>, file: &'p FileDeclaration) {
        if let Some(given) = context.chosen.spec.files.get(&file.name) {
            if let Some(content) = &given.content {
                let kind =
                    CauseKind::Content { framework: context.chosen.framework.name.clone(), file: file.name.clone() };
                return self.add(kind, content.origin);
            }
            given.set.keys().for_each(|key| self.key(context, view, file, key));
        }
        let formulas = file.when.iter().chain(&file.template).chain(file.keys.iter().map(|(_, formula)| formula));
        self.follow(context, view, formulas.chain(&file.computed_keys));
        self.given(context, view, file, None);
        self.present(context);
    }

    /// What other frameworks give to a file, or to that key of it.
    fn given(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        file: &'p FileDeclaration,
        key: Option<&str>,
    ) {
        let keys = file_keys(self.all, context, view, file).into_iter();
        let given = keys.filter(|known| known.gift.is_some() && key.is_none_or(|key| known.key == key));
        for known in given {
            self.follow(known.context, known.view, [known.expression]);
            self.present(known.context);
        }
    }

    /// All else comes from the framework's being there.
    fn present(&mut self, context: &FrameworkContext<'_>) {
        let kind = CauseKind::Framework { framework: context.chosen.framework.name.clone() };
        self.add(kind, Some(context.chosen.spec.origin));
    }

    fn add(&mut self, kind: CauseKind, place: Option<Span>) {
        if self.kinds.insert(kind.clone()) {
            self.found.push(Cause { kind, place });
        }
    }

    fn follow<'e>(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) {
        let open = expressions.into_iter().flat_map(|expression| used(context, view, expression)).collect();
        self.backwards(open);
    }

    /// Goes back name by name, so that what is near is found first.
    fn backwards(&mut self, mut open: Vec<Open<'p, 'a>>) {
        while !open.is_empty() {
            let mut further = Vec::new();
            for (context, view, reference) in open {
                let Some((entry, _)) = reference.entry() else { continue };
                let name = match reference.steps.get(1) {
                    Some((value, _)) if &*reference.root == "with" => format!("with.{entry}.{value}"),
                    _ => format!("{}.{entry}", reference.root),
                };
                if self.seen.insert((&context.chosen.framework.name, view.at, name)) {
                    self.step(context, view, &reference, &mut further);
                }
            }
            open = further;
        }
    }

    /// One name: lines that it simply is, and the names behind it.
    fn step(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        reference: &Reference,
        open: &mut Vec<Open<'p, 'a>>,
    ) {
        let Some((entry, place)) = reference.entry() else { return };
        let framework = context.chosen.framework;
        match &*reference.root {
            "setting" => self.setting(context, view, entry, open),
            "local" => {
                let local = names::declaration(framework, &format!("local.{entry}"));
                open.extend(local.into_iter().flat_map(|local| used(context, view, local)));
            }
            "node" => self.node(context, view, entry, open),
            "slaves" => {
                let root = names::root_of(framework, entry);
                let views = self.all.iter().find(|(other, _)| other.chosen.framework.name == framework.name);
                let slaves = views.map(|(_, views)| counted_slaves(views)).unwrap_or_default();
                open.extend(slaves.into_iter().map(|view| {
                    let steps = vec![(entry.into(), place)];
                    (context, view, Reference { root: root.into(), steps, span: place })
                }));
            }
            "with" => self.with(context, view, entry, reference, open),
            "has" => {
                if let Some((provider, offer)) = self.provider(context, entry) {
                    self.present(provider);
                    let there = offer.when.as_ref().and_then(|when| Some((self.view_of(provider, view)?, when)));
                    open.extend(there.into_iter().flat_map(|(view, when)| used(provider, view, when)));
                }
            }
            "cluster" if matches!(entry, "nodes" | "slaves" | "slave_groups" | "storage_nodes") => {
                let groups = context.spec.groups.iter();
                let counted = groups.filter(|group| entry == "nodes" || group.role == Role::Slave);
                counted.filter(|group| entry != "storage_nodes" || group.storage).for_each(|group| self.count(group));
            }
            "ensemble" => {
                let declared = framework.ensembles.iter().filter(|ensemble| ensemble.name == entry);
                let chosen = declared.flat_map(|ensemble| ensemble.group.iter().chain([&ensemble.size]));
                open.extend(chosen.flat_map(|chosen| used(context, view, chosen)));
            }
            "group" if entry == "count" => self.count(view.group),
            "group" if entry == "storage" => {
                self.add(CauseKind::Group { group: view.group.name.clone() }, Some(view.group.origin));
            }
            "version" if entry == "java" => {
                self.setting(context, view, "java", open);
                self.add(CauseKind::Image { group: view.group.name.clone() }, view.group.image.origin);
            }
            "version" | "install" => self.add(version(context), context.chosen.spec.version.origin),
            _ => {}
        }
    }

    fn count(&mut self, group: &GroupSpec) {
        self.add(CauseKind::Count { group: group.name.clone() }, group.count.origin);
    }

    fn setting(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        name: &str,
        open: &mut Vec<Open<'p, 'a>>,
    ) {
        let framework = context.chosen.framework;
        let Some(declared) = framework.setting(name).filter(|_| !view.idle.contains(name)) else { return };
        let kind = CauseKind::Setting { framework: framework.name.clone(), name: name.to_owned() };
        if let Some(given) = context.overrides.get(name) {
            return self.add(kind, given.origin);
        }
        // A value that was fixed at creation comes from no line that is there now.
        if view.fixed.contains(name) {
            return self.add(kind, None);
        }
        open.extend(declared.default.iter().flat_map(|default| used(context, view, default)));
    }

    fn node(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        entry: &str,
        open: &mut Vec<Open<'p, 'a>>,
    ) {
        let group = view.group;
        if entry == "disks" {
            for volume in &group.volumes {
                let kind = CauseKind::Volume { group: group.name.clone(), name: volume.name.clone() };
                self.add(kind, Some(volume.origin));
            }
            return;
        }
        self.add(CauseKind::Flavor { group: group.name.clone() }, group.flavor.origin);
        match entry {
            "reserved" => {
                open.extend(context.catalogue.reserved_memory().iter().flat_map(|all| used(context, view, all)));
            }
            "share" => {
                // Everybody on the node has a say in how its memory is shared out.
                for (other, _) in self.all {
                    let framework = other.chosen.framework;
                    let Some(there) = self.view_of(other, view) else { continue };
                    let own = framework.minimum_memory.get(&group.role).into_iter().chain(&framework.reserved_memory);
                    open.extend(own.flat_map(|own| used(other, there, own)));
                    if framework.name != context.chosen.framework.name {
                        self.present(other);
                    }
                }
            }
            _ => {}
        }
    }

    fn with(
        &mut self,
        context: &'p FrameworkContext<'a>,
        view: &'p View<'a>,
        asked: &str,
        reference: &Reference,
        open: &mut Vec<Open<'p, 'a>>,
    ) {
        let Some((value, _)) = reference.steps.get(1) else { return };
        let Some((provider, offer)) = self.provider(context, asked) else { return };
        let expression = offer.values.iter().find(|(name, _)| **name == **value).map(|(_, expression)| expression);
        if let (Some(view), Some(expression)) = (self.view_of(provider, view), expression) {
            open.extend(used(provider, view, expression));
        }
        self.present(provider);
    }

    /// The framework that provides what is asked for, and what it says of it.
    fn provider(
        &self,
        context: &FrameworkContext<'_>,
        asked: &str,
    ) -> Option<(&'p FrameworkContext<'a>, &'p Provision)> {
        let name = context.providers.get(asked)?;
        let (provider, _) = self.all.iter().find(|(other, _)| other.chosen.framework.name == **name)?;
        Some((provider, provider.chosen.framework.provides.iter().find(|offer| offer.name == asked)?))
    }

    /// How another framework sees the same group.
    fn view_of(&self, context: &FrameworkContext<'_>, view: &View<'_>) -> Option<&'p View<'a>> {
        let (_, views) =
            self.all.iter().find(|(other, _)| other.chosen.framework.name == context.chosen.framework.name)?;
        views.get(view.at)
    }
}

fn version(context: &FrameworkContext<'_>) -> CauseKind {
    CauseKind::Version { framework: context.chosen.framework.name.clone() }
}

/// The names in the branches of an expression that are taken, then those that decided which are.
fn used<'p, 'a>(context: &'p FrameworkContext<'a>, view: &'p View<'a>, expression: &Expression) -> Vec<Open<'p, 'a>> {
    let decided = conditions(&view.scope, expression);
    let taken = peeled(&view.scope, expression);
    let all = [taken].into_iter().chain(decided);
    all.flat_map(references).map(|reference| (context, view, reference)).collect()
}

/// The files of that name or path that go to these nodes.
fn files<'p>(context: &FrameworkContext<'p>, view: &View<'_>, name: &str) -> Vec<&'p FileDeclaration> {
    let files = context.chosen.framework.files.iter();
    let meant = files.filter(|file| file.name == name || view.path_of(file) == name);
    meant.filter(|file| view.has(&file.on, file.when.as_ref())).collect()
}
