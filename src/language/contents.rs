//! The blocks of one folder, sorted by kind.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blocks::{CLUSTER, FILE, LOCALS};
use super::check::twice;
use super::condition::check_name;
use super::dynamic::unrolled;
use super::folder::{Folder, Module};
use super::mention::Mentioned;
use super::names::{duplicate, identifier, plain_name};
use super::output::output_name;
use super::reported::Decoded;
use super::variable::variable_name;
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::{Attribute, Block, Body, Reading};

/// What the files of a folder say: those of a project, or of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    pub(super) disco: Option<Block>,
    pub(super) provider: Option<Block>,
    /// Declarations of variables.
    pub(super) declared: BTreeMap<String, Block>,
    pub(super) locals: BTreeMap<String, Attribute>,
    pub(super) clusters: Vec<Block>,
    /// Clusters whose name another one has: read for what else is wrong with them.
    pub(super) namesakes: Vec<Block>,
    pub(super) outputs: BTreeMap<String, Block>,
    pub(super) checks: BTreeMap<String, Block>,
    pub(super) moved: Vec<Block>,
    pub(super) removed: Vec<Block>,
    pub(super) imports: Vec<Block>,
    /// Calls of modules, each with what its folder says.
    pub(super) modules: BTreeMap<Arc<str>, Module>,
    /// Blocks may be missing because files could not be read.
    pub(super) partial: bool,
}

impl Contents {
    /// Sorts the blocks of all files of a folder, and of those of the modules that it calls.
    pub(super) fn read(folder: Folder, is_module: bool, diagnostics: &mut Diagnostics) -> Self {
        let mut contents = Self::default();
        let mut calls: BTreeMap<String, Block> = BTreeMap::new();
        for body in folder.bodies {
            contents.partial |= !body.is_whole();
            if body.reading != Reading::Guessed {
                attributes_are_out_of_place(&body, diagnostics);
            }
            let body = Body { attributes: Vec::new(), ..body };
            let body = unrolled(body, diagnostics);
            FILE.check_words(&body, diagnostics);
            for block in body.blocks {
                let found = &mut *diagnostics;
                match &*block.kind.text {
                    "disco" | "provider" | "removed" | "import" if is_module => found.push(of_the_project(&block)),
                    "disco" => only_one(&mut contents.disco, block, found),
                    "provider" => only_one(&mut contents.provider, block, found),
                    "variable" => {
                        named(&mut contents.declared, variable_name(&block, found), block, "variable", found);
                    }
                    "output" => named(&mut contents.outputs, output_name(&block, found), block, "output", found),
                    "moved" => contents.moved.push(block),
                    "removed" => contents.removed.push(block),
                    "import" => contents.imports.push(block),
                    "check" => named(&mut contents.checks, check_name(&block, found), block, "check", found),
                    "locals" => {
                        contents.partial |= !block.body.is_whole();
                        locals(&mut contents.locals, block, found);
                    }
                    "cluster" => clusters(&mut contents, block, found),
                    "module" => named(&mut calls, Module::name(&block, found), block, "module", found),
                    _ => {}
                }
            }
        }
        contents.modules = Module::read_all(calls, folder.modules, diagnostics);
        contents
    }

    /// Every block whose expressions are evaluated in the folder's own names, calls of modules among them.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &Block> {
        let single = self.disco.iter().chain(&self.provider).chain(self.outputs.values()).chain(self.checks.values());
        single.chain(&self.clusters).chain(&self.namesakes).chain(self.modules.values().map(|module| &module.call))
    }

    /// This and the contents of all modules, as often as they are called.
    pub(super) fn all(&self) -> Vec<&Self> {
        let mut all = vec![self];
        let mut at = 0;
        while let Some(one) = all.get(at).copied() {
            all.extend(one.modules.values().filter_map(|module| module.contents.as_ref()));
            at += 1;
        }
        all
    }

    /// Whether it has no `moved`, `removed` and `import` blocks.
    pub(super) fn is_silent_on_what_lives(&self) -> bool {
        self.moved.is_empty() && self.removed.is_empty() && self.imports.is_empty()
    }

    /// The clusters that any expression names, but for those of conditions of variables.
    pub(super) fn mentioned(&self) -> Mentioned {
        let mut mentioned = Mentioned::default();
        self.blocks().for_each(|block| mentioned.body(&block.body));
        self.locals.values().for_each(|local| mentioned.expression(&local.value));
        self.declared.values().for_each(|variable| mentioned.body(&variable.body));
        mentioned
    }
}

/// The message about a block that only a project may have.
fn of_the_project(block: &Block) -> Diagnostic {
    let word = &block.kind.text;
    Diagnostic::error("disco::unknown_block", format!("a module cannot have a `{word}` block"))
        .at(block.head, "inside a module")
        .help(format!(
            "move it to the project that uses the module: a project has one `{word}` block for all its modules"
        ))
}

fn attributes_are_out_of_place(body: &Body, diagnostics: &mut Diagnostics) {
    for attribute in &body.attributes {
        let name = &attribute.name.text;
        diagnostics.push(
            Diagnostic::error("disco::unknown_attribute", format!("`{name} = …` is outside of any block"))
                .at(attribute.name.span, "must be inside a block")
                .help(format!(
                    "write `locals {{ {name} = … }}` for a value to use elsewhere; set a variable's value in `disco.vars.hcl`"
                )),
        );
    }
}

fn only_one(place: &mut Option<Block>, block: Block, diagnostics: &mut Diagnostics) {
    match place {
        Some(first) => diagnostics.push(twice("a project", &block, first)),
        None => *place = Some(block),
    }
}

fn named(
    all: &mut BTreeMap<String, Block>,
    name: Decoded<String>,
    block: Block,
    what: &str,
    diagnostics: &mut Diagnostics,
) {
    let Ok(name) = name else { return };
    match all.get(&name) {
        Some(first) => diagnostics.push(duplicate(what, &name, block.head, first.head)),
        None => drop(all.insert(name, block)),
    }
}

fn locals(all: &mut BTreeMap<String, Attribute>, block: Block, diagnostics: &mut Diagnostics) {
    let _ = LOCALS.label(&block, diagnostics);
    for inner in &block.body.blocks {
        diagnostics.push(
            Diagnostic::error("disco::unknown_block", "`locals` holds values only, no blocks")
                .at(inner.head, "a block")
                .help(format!("write `{} = {{ … }}` for an object", inner.kind.text)),
        );
    }
    for attribute in block.body.attributes {
        let Ok(name) = identifier(&attribute.name, "a local value", diagnostics) else { continue };
        match all.get(&name) {
            Some(first) => diagnostics.push(duplicate("local value", &name, attribute.name.span, first.name.span)),
            None => drop(all.insert(name, attribute)),
        }
    }
}

fn clusters(contents: &mut Contents, block: Block, diagnostics: &mut Diagnostics) {
    let Ok(label) = CLUSTER.named_label(&block, diagnostics) else { return };
    let Ok(name) = plain_name(label, "a cluster", diagnostics) else { return };
    let has_name = |other: &&Block| other.labels.first().is_some_and(|label| *label.text == *name);
    match contents.clusters.iter().find(has_name) {
        Some(first) => {
            diagnostics.push(duplicate("cluster", &name, block.head, first.head));
            contents.namesakes.push(block);
        }
        None => contents.clusters.push(block),
    }
}
