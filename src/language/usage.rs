//! Names that a project declares, and whether anything in it uses them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Definition;
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
    /// Every expression of the project, those of variables' conditions too.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut all = Vec::new();
        for body in self.bodies() {
            gather(body, &mut all);
        }
        all.extend(self.locals.values().map(|local| &local.value));
        all.extend(self.variables.values().flat_map(super::variable::Variable::expressions));
        all
    }

    fn bodies(&self) -> impl Iterator<Item = &Body> {
        let single = self.disco.iter().chain(&self.provider).chain(self.outputs.values());
        single.chain(&self.clusters).chain(&self.namesakes).map(|block| &block.body)
    }

    /// Variables and local values that nothing refers to. That a variable is looked at by its own conditions is no use of it.
    pub fn unused(&self) -> Vec<UnusedName> {
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
        self.bodies().for_each(|body| gather(body, &mut all));
        for expression in all {
            use_all(expression, None);
        }
        self.locals.values().for_each(|local| use_all(&local.value, None));
        for variable in self.variables.values() {
            variable.expressions().for_each(|expression| use_all(expression, Some(&variable.name)));
        }
        let is_used = |root: &str, name: &str| {
            // `var[…]` may be any of them.
            let root: Arc<str> = root.into();
            used.contains(&(Arc::clone(&root), Some(name.into()))) || used.contains(&(root, None))
        };
        let variables = self.variables.values().filter(|variable| !is_used("var", &variable.name));
        let mut unused: Vec<UnusedName> = variables
            .map(|variable| UnusedName { kind: NameKind::Variable, name: variable.name.clone(), place: variable.head })
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
