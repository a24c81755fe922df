//! The names of a project and of each module that it calls: a space for each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::Definition;
use super::blocks::{OutputAttributes, RepeatAttributes};
use super::clusters::Clusters;
use super::contents::Contents;
use super::decode::Decoder;
use super::folder::{Module, in_cluster_names};
use super::instances::{Key, nothing_of};
use super::module_variable::ModuleVariable;
use super::schema::attribute;
use super::secrets::is_sensitive;
use super::settings::VERSION;
use super::variable::Variable;
use crate::expression::{FileReader, Scope, Spaces, Type, Value};
use crate::source::{Diagnostics, Sources};
use crate::syntax::references;
use crate::syntax::tree::{Attribute, Block, Expression};

/// Which of the modules of a project: the names of those that lead there, the outermost first, each with its key. Empty for
/// the project itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModulePath(Vec<(Arc<str>, Option<Key>)>);

impl ModulePath {
    /// A module that is called in this one.
    fn within(&self, name: &Arc<str>, key: Option<Key>) -> Self {
        let mut path = self.0.clone();
        path.push((Arc::clone(name), key));
        Self(path)
    }

    /// The name of a cluster of this module, where `name` is what it is called inside: `site-bonn-storage`.
    pub(crate) fn cluster_name(&self, name: &str) -> String {
        let mut whole = String::new();
        for (module, key) in &self.0 {
            whole.push_str(&in_cluster_names(module));
            whole.push('-');
            if let Some(key) = key {
                whole.push_str(&key.suffix());
                whole.push('-');
            }
        }
        whole + name
    }

    /// What addresses in this module begin with: `module.site["bonn"].`
    pub(crate) fn address(&self) -> String {
        let mut whole = String::new();
        for (module, key) in &self.0 {
            let index = key.as_ref().map(Key::index).unwrap_or_default();
            // Writing to a String cannot fail.
            let _ = write!(whole, "module.{module}{index}.");
        }
        whole
    }

    /// The address of a cluster of this module: `module.site["bonn"].cluster.storage`.
    pub(crate) fn cluster_address(&self, label: &str, key: Option<&Key>) -> String {
        format!("{}cluster.{label}{}", self.address(), key.map(Key::index).unwrap_or_default())
    }
}

/// One of the modules of a project, or the project itself, with its names.
pub(super) struct Space<'d> {
    /// What its folder says.
    pub(super) contents: &'d Contents,
    /// Which it is.
    pub(super) path: ModulePath,
    /// Its names.
    pub(super) scope: Scope<'d>,
    /// Its variables, where it is a module.
    variables: Vec<ModuleVariable<'d>>,
    /// The blocks that lead here, the innermost first, each with the name of its module.
    calls: Vec<(Arc<str>, &'d Module)>,
    /// The space that calls it.
    pub(super) caller: Option<usize>,
    /// The spaces of the modules that it calls.
    pub(super) modules: BTreeMap<Arc<str>, Vec<(Option<Key>, usize)>>,
}

impl<'d> Space<'d> {
    /// What was found inside the module, with the calls that lead there.
    pub(super) fn placed(&self, found: Diagnostics) -> Diagnostics {
        let mut placed = Diagnostics::new();
        placed.extend(
            found
                .into_iter()
                .map(|found| self.calls.iter().fold(found, |found, (name, module)| module.called(name, found))),
        );
        placed
    }

    /// The block that calls it.
    pub(super) fn call(&self) -> Option<&'d Block> {
        self.calls.first().map(|(_, module)| &module.call)
    }

    /// Its variables with their values, where it is a module.
    pub(super) fn variables(&self, decoder: &mut Decoder<'_, '_>) -> BTreeMap<String, Variable> {
        let all = self.variables.iter().map(|variable| variable.evaluated(decoder));
        all.map(|variable| (variable.name.clone(), variable)).collect()
    }

    /// Gives every name but those of variables and of modules its meaning.
    fn define(&self, folder: &str, workspace: &str, clusters: Option<&Foreknown<'_>>) {
        let scope = &self.scope;
        for root in ["var", "local", "cluster", "module"] {
            scope.define_root(root);
        }
        for (name, local) in &self.contents.locals {
            scope.define_lazy("local", name, &local.value);
        }
        scope.define("path", Value::object([("project", Value::string(".")), ("module", Value::string(folder))]));
        scope.define("disco", Value::object([("version", Value::string(VERSION))]));
        scope.define("workspace", Value::object([("name", Value::string(workspace))]));
        for label in self.contents.clusters.iter().filter_map(|block| block.labels.first()) {
            scope.define_entry("cluster", &label.text, Value::unknown(Type::Any));
        }
        for name in self.contents.modules.keys() {
            scope.define_entry("module", name, Value::unknown(Type::Any));
        }
        for (name, block) in &self.contents.outputs {
            if let Some(value) = OutputAttributes::ALL.value.written(&block.body) {
                scope.define_output(name, &value.value, is_sensitive(block));
            }
        }
        if let Some(Foreknown { clusters, values }) = clusters
            && let Some(clusters) = clusters.get(&self.path)
        {
            clusters.define(scope, values);
        }
    }
}

/// What is known of clusters before they are evaluated.
#[derive(Clone, Copy)]
pub(super) struct Foreknown<'f> {
    /// The clusters of each space.
    pub(super) clusters: &'f BTreeMap<ModulePath, Clusters<'f>>,
    /// What expressions see of them, by name.
    pub(super) values: &'f BTreeMap<String, Value>,
}

impl Definition {
    /// The project itself, without its modules.
    pub(super) fn space<'d>(
        &'d self,
        clusters: Option<&Foreknown<'_>>,
        sources: &'d Sources,
        reader: &'d dyn FileReader,
    ) -> Space<'d> {
        let scope = Scope::new(sources, reader);
        if self.contents.all().iter().any(|contents| contents.partial) {
            scope.lacks_names();
        }
        let root = Space {
            contents: &self.contents,
            path: ModulePath::default(),
            scope,
            variables: Vec::new(),
            calls: Vec::new(),
            caller: None,
            modules: BTreeMap::new(),
        };
        root.define(".", self.workspace_name(), clusters);
        for (name, variable) in &self.variables {
            root.scope.define_entry("var", name, variable.value.clone());
        }
        root
    }

    fn workspace_name(&self) -> &str {
        self.workspace.as_deref().unwrap_or("default")
    }

    /// The project, and all its modules after those that call them.
    pub(super) fn spaces<'d>(
        &'d self,
        clusters: Option<&Foreknown<'_>>,
        sources: &'d Sources,
        reader: &'d dyn FileReader,
    ) -> (Vec<Space<'d>>, Diagnostics) {
        let mut spaces = vec![self.space(clusters, sources, reader)];
        let mut diagnostics = Diagnostics::new();
        let mut at = 0;
        while at < spaces.len() {
            let contents = spaces[at].contents;
            for name in in_order(contents) {
                let Some(module) = contents.modules.get(&name) else { continue };
                self.call(at, &name, module, clusters, &mut spaces, &mut diagnostics);
            }
            at += 1;
        }
        (spaces, diagnostics)
    }

    /// Adds the spaces of a module that the one at `caller` calls.
    fn call<'d>(
        &'d self,
        caller: usize,
        name: &Arc<str>,
        module: &'d Module,
        clusters: Option<&Foreknown<'_>>,
        spaces: &mut Vec<Space<'d>>,
        diagnostics: &mut Diagnostics,
    ) {
        let from = &spaces[caller];
        let scope = from.scope.clone();
        let mut decoder = self.decoder(&scope);
        let instances = module.instances(&mut decoder);
        diagnostics.extend(from.placed(decoder.diagnostics));
        let (Some(contents), Ok(instances)) = (&module.contents, instances) else {
            scope.define_entry("module", name, Value::failed());
            return;
        };
        if instances.is_empty() {
            scope.define_entry("module", name, nothing_of(&module.call));
        }
        let mut shown: Vec<(Option<Key>, Scope<'d>)> = Vec::new();
        for one in instances {
            let from = &spaces[caller];
            let space = Space {
                contents,
                path: from.path.within(name, one.key.clone()),
                scope: scope.new_space(),
                variables: Vec::new(),
                calls: std::iter::once((Arc::clone(name), module)).chain(from.calls.iter().cloned()).collect(),
                caller: Some(caller),
                modules: BTreeMap::new(),
            };
            space.define(&module.path, self.workspace_name(), clusters);
            let mut decoder = self.decoder(&space.scope);
            let variables = variables(name, module, contents, &one.scope(&scope), &mut decoder);
            diagnostics.extend(space.placed(decoder.diagnostics));
            shown.push((one.key.clone(), space.scope.clone()));
            let at = spaces.len();
            spaces[caller].modules.entry(Arc::clone(name)).or_default().push((one.key, at));
            spaces.push(Space { variables, ..space });
        }
        if let Some(all) = together(shown) {
            scope.define_outputs("module", name, all);
        }
    }
}

/// Gives the variables of a module their meaning in its space, that of `decoder`.
fn variables<'d>(
    name: &str,
    module: &'d Module,
    contents: &'d Contents,
    caller: &Scope<'d>,
    decoder: &mut Decoder<'_, 'd>,
) -> Vec<ModuleVariable<'d>> {
    module.check(name, contents, decoder);
    let by = format!("module `{name}`");
    let define = |(variable, block): (&String, &'d Block)| {
        let given: Option<&'d Attribute> = attribute(&module.call.body, variable);
        ModuleVariable::define(block, given, &by, caller, decoder, |decoder| module.lacks(name, block, decoder))
    };
    contents.declared.iter().map(define).collect()
}

/// What tells several spaces apart, as one value.
fn together(all: Vec<(Option<Key>, Scope<'_>)>) -> Option<Spaces<Scope<'_>>> {
    let mut named = BTreeMap::new();
    let mut numbered = Vec::new();
    for (key, scope) in all {
        match key {
            None => return Some(Spaces::One(scope)),
            Some(Key::Name(name)) => drop(named.insert(name, scope)),
            Some(Key::Index(_)) => numbered.push(scope),
        }
    }
    match (named.is_empty(), numbered.is_empty()) {
        (false, _) => Some(Spaces::Named(named)),
        (true, false) => Some(Spaces::Numbered(numbered)),
        (true, true) => None,
    }
}

/// The modules that a folder calls: those after others whose number depends on what these say.
fn in_order(contents: &Contents) -> Vec<Arc<str>> {
    let mut walk = Walk { contents, seen: BTreeSet::new(), ordered: Vec::new() };
    contents.modules.keys().for_each(|name| walk.module(name));
    walk.ordered
}

struct Walk<'w> {
    contents: &'w Contents,
    /// Modules and local values that were visited.
    seen: BTreeSet<(&'static str, Arc<str>)>,
    ordered: Vec<Arc<str>>,
}

impl Walk<'_> {
    fn module(&mut self, name: &Arc<str>) {
        let Some(module) = self.contents.modules.get(name) else { return };
        if !self.seen.insert(("module", Arc::clone(name))) {
            return;
        }
        let repeat = RepeatAttributes::ALL;
        let body = &module.call.body;
        let counted = attribute(body, "count");
        for attribute in repeat.for_each.written(body).into_iter().chain(repeat.enabled.written(body)).chain(counted) {
            self.expression(&attribute.value);
        }
        self.ordered.push(Arc::clone(name));
    }

    fn expression(&mut self, expression: &Expression) {
        for reference in references(expression) {
            let Some((name, _)) = reference.steps.first() else { continue };
            match &*reference.root {
                "module" => self.module(name),
                "local" => {
                    let contents = self.contents;
                    if let Some(local) = contents.locals.get(&**name)
                        && self.seen.insert(("local", Arc::clone(name)))
                    {
                        self.expression(&local.value);
                    }
                }
                _ => {}
            }
        }
    }
}
