//! Which clusters come before which: what a cluster refers to is there before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::syntax::references;
use crate::syntax::tree::{Attribute, Block, Body, Expression};

/// The clusters that each cluster refers to, by its name.
pub type ClusterReferences = BTreeMap<String, BTreeSet<String>>;

/// What one cluster refers to, in its block or through `locals`.
#[derive(Default)]
struct Referred<'d> {
    /// Clusters by name.
    clusters: BTreeSet<&'d str>,
    /// It may be any: `cluster[var.name]`.
    any: bool,
}

/// The clusters that each cluster refers to, be it that these refer to it. Where it cannot be told which one is meant, it is
/// after all those of which that can be told, save those that refer to it.
pub(crate) fn cluster_references<'d>(
    clusters: &'d [Block],
    locals: &'d BTreeMap<String, Attribute>,
) -> ClusterReferences {
    let names: BTreeSet<&str> = clusters.iter().filter_map(name).collect();
    let mut all: BTreeMap<&str, Referred<'_>> = BTreeMap::new();
    for block in clusters {
        let Some(own) = name(block) else { continue };
        let mut walk = Walk { names: &names, own, locals, followed: BTreeSet::new(), found: Referred::default() };
        walk.body(&block.body);
        all.insert(own, walk.found);
    }
    let mut references: ClusterReferences = BTreeMap::new();
    for (name, referred) in &all {
        let others = all.iter().filter(|(other, its)| referred.any && !its.any && other != &name);
        let untold = others.map(|(other, _)| *other).filter(|other| !reaches(&all, other, name));
        let before = referred.clusters.iter().copied().chain(untold).map(str::to_owned);
        references.insert((*name).to_owned(), before.collect());
    }
    references
}

fn name(block: &Block) -> Option<&str> {
    block.labels.first().map(|label| &*label.text)
}

struct Walk<'w, 'd> {
    names: &'w BTreeSet<&'d str>,
    own: &'d str,
    locals: &'d BTreeMap<String, Attribute>,
    followed: BTreeSet<Arc<str>>,
    found: Referred<'d>,
}

impl Walk<'_, '_> {
    fn body(&mut self, body: &Body) {
        body.attributes.iter().for_each(|attribute| self.expression(&attribute.value));
        body.blocks.iter().for_each(|block| self.body(&block.body));
    }

    fn expression(&mut self, expression: &Expression) {
        for reference in references(expression) {
            match (&*reference.root, reference.steps.into_iter().next()) {
                ("cluster", None) => self.found.any = true,
                ("cluster", Some((name, _))) if *name != *self.own => {
                    if let Some(name) = self.names.get(&*name) {
                        self.found.clusters.insert(name);
                    }
                }
                ("local", Some((name, _))) => {
                    let local = self.locals.get(&*name);
                    if let Some(local) = local.filter(|_| self.followed.insert(name)) {
                        self.expression(&local.value);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether one cluster refers to another, be it through others.
fn reaches<'d>(all: &BTreeMap<&'d str, Referred<'d>>, from: &'d str, to: &str) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(name) = waiting.pop() {
        for next in all.get(name).into_iter().flat_map(|referred| referred.clusters.iter().copied()) {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                waiting.push(next);
            }
        }
    }
    false
}
