//! Names that a project declares, and whether anything in it uses them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Definition;
use super::contents::Contents;
use crate::source::Span;
use crate::syntax::references;
use crate::syntax::tree::{Body, Expression};

/// What declares a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// A `variable` block.
    Variable,
    /// An attribute of `locals`.
    Local,
}

/// A name that nothing uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedName {
    /// What declares it.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// Where it is declared.
    pub place: Span,
}

impl Definition {
    /// Every expression of the project and of its modules, those of variables' conditions too.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut all = Vec::new();
        for contents in self.contents.all() {
            contents.blocks().chain(contents.declared.values()).for_each(|block| gather(&block.body, &mut all));
            all.extend(contents.locals.values().map(|local| &local.value));
        }
        all
    }

    /// Variables and local values of the project and of its modules that nothing refers to. That a variable is looked at by
    /// its own conditions is no use of it.
    pub fn unused(&self) -> Vec<UnusedName> {
        let mut unused: Vec<UnusedName> = Vec::new();
        for found in self.contents.all().into_iter().flat_map(Contents::unused) {
            // A module may be called more than once.
            if !unused.contains(&found) {
                unused.push(found);
            }
        }
        unused
    }
}

impl Contents {
    fn unused(&self) -> Vec<UnusedName> {
        let mut used: BTreeSet<(Arc<str>, Option<Arc<str>>)> = BTreeSet::new();
        let mut use_all = |expression: &Expression, but: Option<&str>| {
            for reference in references(expression) {
                let name = reference.steps.first().map(|(name, _)| Arc::clone(name));
                if &*reference.root != "var" || but.is_none() || name.as_deref() != but {
                    used.insert((reference.root, name));
                }
            }
        };
        let mut all = Vec::new();
        self.blocks().for_each(|block| gather(&block.body, &mut all));
        for expression in all {
            use_all(expression, None);
        }
        self.locals.values().for_each(|local| use_all(&local.value, None));
        for (name, variable) in &self.declared {
            let mut own = Vec::new();
            variable.body.blocks.iter().for_each(|block| gather(&block.body, &mut own));
            for expression in own {
                use_all(expression, Some(name));
            }
        }
        let is_used = |root: &str, name: &str| {
            // `var[…]` may be any of them.
            let root: Arc<str> = root.into();
            used.contains(&(Arc::clone(&root), Some(name.into()))) || used.contains(&(root, None))
        };
        let variables = self.declared.iter().filter(|(name, _)| !is_used("var", name));
        let mut unused: Vec<UnusedName> = variables
            .map(|(name, block)| UnusedName { kind: NameKind::Variable, name: name.clone(), place: block.head })
            .collect();
        let locals = self.locals.iter().filter(|(name, _)| !is_used("local", name));
        unused.extend(locals.map(|(name, local)| UnusedName {
            kind: NameKind::Local,
            name: name.clone(),
            place: local.name.span,
        }));
        unused
    }
}

fn gather<'b>(body: &'b Body, all: &mut Vec<&'b Expression>) {
    all.extend(body.attributes.iter().map(|attribute| &attribute.value));
    body.blocks.iter().for_each(|block| gather(&block.body, all));
}
