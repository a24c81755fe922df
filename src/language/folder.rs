//! Folders of definitions: that of a project, and those of the modules that it calls.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::blocks::{MODULE, ModuleAttributes};
use super::contents::Contents;
use super::decode::Decoder;
use super::instances::{Instance, instances};
use super::names::{identifier, plain_name};
use super::reported::{Decoded, Reported};
use crate::source::{Diagnostic, Diagnostics, SourceId, Span};
use crate::syntax::tree::{Block, Body, ExpressionKind, Name};

const AT: ModuleAttributes = ModuleAttributes::ALL;

/// The definitions of a folder, and of the folders that its modules name.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Its files.
    pub bodies: Vec<Body>,
    /// What [`module_sources`] of these files names, by the name of the module; those that could not be found are missing.
    pub modules: BTreeMap<Arc<str>, ModuleFolder>,
}

/// The folder of a module.
#[derive(Clone, Debug)]
pub struct ModuleFolder {
    /// Its path relative to the project: `modules/site`.
    pub path: Arc<str>,
    /// What is in it.
    pub folder: Rc<Folder>,
}

impl From<Vec<Body>> for Folder {
    fn from(bodies: Vec<Body>) -> Self {
        Self { bodies, modules: BTreeMap::new() }
    }
}

impl Folder {
    /// The folders of all modules, as often as they are called.
    pub(super) fn within(&self) -> Vec<&Self> {
        let mut all: Vec<&Self> = self.modules.values().map(|module| &*module.folder).collect();
        let mut at = 0;
        while let Some(one) = all.get(at).copied() {
            all.extend(one.modules.values().map(|module| &*module.folder));
            at += 1;
        }
        all
    }
}

/// A folder that a `module` block names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleSource {
    /// The module's name.
    pub name: Arc<str>,
    /// The folder as written: `./modules/site`.
    pub path: Arc<str>,
    /// Where it is written.
    pub place: Span,
}

/// The folders that the `module` blocks of a folder's files name, as far as they name one: what is wrong with others is
/// said when they are read.
pub fn module_sources(bodies: &[Body]) -> Vec<ModuleSource> {
    let blocks = bodies.iter().flat_map(|body| &body.blocks).filter(|block| &*block.kind.text == MODULE.word);
    let named = blocks.filter_map(|block| {
        let (path, place) = written_source(block).ok()?;
        Some(ModuleSource { name: Arc::clone(&block.labels.first()?.text), path, place })
    });
    let mut found: Vec<ModuleSource> = Vec::new();
    for one in named {
        if found.iter().all(|other| other.name != one.name) {
            found.push(one);
        }
    }
    found
}

/// The folder that a block names, or what is wrong with that.
fn written_source(block: &Block) -> Result<(Arc<str>, Span), Option<Diagnostic>> {
    let Some(source) = AT.source.written(&block.body) else { return Err(None) };
    let place = source.value.span;
    let wrong = |message: &str, label: &str| Diagnostic::error("disco::module_source", message).at(place, label);
    let ExpressionKind::String(path) = &source.value.kind else {
        return Err((source.value.kind != ExpressionKind::Unread).then(|| {
            wrong("`source` is not a plain string", "must be known before anything is evaluated")
                .help("write the folder: `source = \"./modules/site\"`")
        }));
    };
    if path.starts_with("./") || path.starts_with("../") || matches!(&**path, "." | "..") {
        return Ok((Arc::clone(path), place));
    }
    Err(Some(wrong("`source` is not a folder of this project", "expected a path that begins with `./` or `../`").help(
        "copy the module into a folder of the project, and write `source = \"./FOLDER\"`: modules are not downloaded",
    )))
}

/// A call of a module, with what its folder says.
#[derive(Clone, Debug)]
pub(super) struct Module {
    /// The block that calls it.
    pub(super) call: Block,
    /// Its folder, relative to the project.
    pub(super) path: Arc<str>,
    /// What it says; nothing where it could not be found.
    pub(super) contents: Option<Contents>,
    /// Its files, and those of the modules in it.
    files: BTreeSet<SourceId>,
}

impl Module {
    /// The name of a block whose label is in order.
    pub(super) fn name(block: &Block, diagnostics: &mut Diagnostics) -> Decoded<String> {
        let label = MODULE.named_label(block, diagnostics)?;
        let name = identifier(label, "a module", diagnostics)?;
        let in_names = Name { text: in_cluster_names(&name).into(), span: label.span };
        plain_name(&in_names, "a module", diagnostics).map(|_| name)
    }

    /// The modules that blocks call.
    pub(super) fn read_all(
        calls: BTreeMap<String, Block>,
        mut folders: BTreeMap<Arc<str>, ModuleFolder>,
        diagnostics: &mut Diagnostics,
    ) -> BTreeMap<Arc<str>, Self> {
        let mut modules = BTreeMap::new();
        for (name, call) in calls {
            match written_source(&call) {
                Ok(_) => {}
                Err(Some(wrong)) => diagnostics.push(wrong),
                Err(None) => {
                    let _ = AT.source.written(&call.body).is_none() && {
                        diagnostics.push(lacks_source(&call));
                        true
                    };
                }
            }
            let name: Arc<str> = name.into();
            let folder = folders.remove(&name);
            let path = folder.as_ref().map_or_else(|| ".".into(), |folder| Arc::clone(&folder.path));
            let mut module = Self { call, path, contents: None, files: BTreeSet::new() };
            if let Some(folder) = folder.map(|folder| folder.folder) {
                let all = std::iter::once(&*folder).chain(folder.within());
                module.files = all.flat_map(|one| &one.bodies).map(|body| body.span.source).collect();
                let mut found = Diagnostics::new();
                module.contents = Some(Contents::read(Rc::unwrap_or_clone(folder), true, &mut found));
                diagnostics.extend(found.into_iter().map(|found| module.called(&name, found)));
            }
            modules.insert(name, module);
        }
        modules
    }

    /// What the block stands for, read where it stands.
    pub(super) fn instances(&self, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<Instance>> {
        instances(&self.call, Some(&AT.count), decoder)
    }

    /// Reports arguments that the module does not take, and those that it needs.
    pub(super) fn check(&self, name: &str, contents: &Contents, decoder: &mut Decoder<'_, '_>) {
        if contents.partial {
            return;
        }
        let takes = contents.declared.keys().map(String::as_str);
        let what = format!("module `{name}`");
        MODULE.check_as(&what, takes, &self.call.body, &mut decoder.diagnostics);
    }

    /// What was found, with the block that calls the module if it was found in that.
    pub(super) fn called(&self, name: &str, found: Diagnostic) -> Diagnostic {
        let says_it = found.labels.iter().any(|label| label.span == self.call.head);
        if says_it || found.span().is_none_or(|span| !self.files.contains(&span.source)) {
            return found;
        }
        found.at(self.call.head, format!("module `{name}` is used here"))
    }

    /// Complains that the module needs a value.
    pub(super) fn lacks(&self, name: &str, variable: &Block, decoder: &mut Decoder<'_, '_>) -> Reported {
        if !self.call.body.is_whole() {
            return Reported;
        }
        let needed = variable.labels.first().map_or("", |label| &*label.text);
        decoder.report(
            Diagnostic::error("disco::missing_variable", format!("module `{name}` needs a value for `{needed}`"))
                .at(self.call.head, "not given here")
                .at(variable.head, "has no default")
                .help(format!("add `{needed} = …` to this block")),
        )
    }
}

/// What a module is called in the names of its clusters, which are host names.
pub(super) fn in_cluster_names(module: &str) -> String {
    module.to_lowercase().replace('_', "-")
}

fn lacks_source(call: &Block) -> Diagnostic {
    Diagnostic::error("disco::missing_attribute", "`module` needs the attribute `source`")
        .at(call.head, "`source` is missing in this block")
        .help("add `source = \"./FOLDER\"`, the folder with the module's files")
}
