//! Which clusters come before which: what a cluster refers to is there before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::source::{Diagnostic, Diagnostics, Span, listed};
use crate::syntax::references;
use crate::syntax::tree::{Attribute, Block, Body, Expression};

/// The clusters that each cluster refers to, by its name.
pub type ClusterReferences = BTreeMap<String, BTreeSet<String>>;

/// What one cluster refers to, in its block or through `locals`.
#[derive(Default)]
struct Referred<'d> {
    /// Clusters, each with the place in the block that says so first.
    clusters: BTreeMap<&'d str, Span>,
    /// It may be any: `cluster[var.name]`.
    any: bool,
}

/// The clusters that each cluster refers to. Where it cannot be told which one is meant, it is after all those of which that
/// can be told, save those that refer to it.
pub(crate) fn cluster_references<'d>(
    clusters: &'d [Block],
    locals: &'d BTreeMap<String, Attribute>,
) -> (ClusterReferences, Diagnostics) {
    let names: BTreeSet<&str> = clusters.iter().filter_map(name).collect();
    let mut all: BTreeMap<&str, Referred<'_>> = BTreeMap::new();
    for block in clusters {
        let Some(own) = name(block) else { continue };
        let mut walk = Walk { names: &names, own, locals, followed: BTreeSet::new(), found: Referred::default() };
        walk.body(&block.body);
        all.insert(own, walk.found);
    }
    let diagnostics = cycles(&all);
    let mut references: ClusterReferences = BTreeMap::new();
    for (name, referred) in &all {
        let told = all.iter().filter(|(other, its)| referred.any && !its.any && other != &name);
        let untold = told.map(|(other, _)| *other).filter(|other| way(&all, other, name).is_none());
        let before = referred.clusters.keys().copied().chain(untold).map(str::to_owned);
        references.insert((*name).to_owned(), before.collect());
    }
    (references, diagnostics)
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
        body.attributes.iter().for_each(|attribute| self.expression(&attribute.value, None));
        body.blocks.iter().for_each(|block| self.body(&block.body));
    }

    /// `place` is what leads to an expression that is not in the block.
    fn expression(&mut self, expression: &Expression, place: Option<Span>) {
        for reference in references(expression) {
            let place = place.unwrap_or(reference.span);
            match (&*reference.root, reference.steps.into_iter().next()) {
                ("cluster", None) => self.found.any = true,
                ("cluster", Some((name, _))) if *name != *self.own => {
                    if let Some(name) = self.names.get(&*name) {
                        self.found.clusters.entry(name).or_insert(place);
                    }
                }
                ("local", Some((name, _))) => {
                    let local = self.locals.get(&*name);
                    if let Some(local) = local.filter(|_| self.followed.insert(name)) {
                        self.expression(&local.value, Some(place));
                    }
                }
                _ => {}
            }
        }
    }
}

/// The shortest way from one cluster to another along what refers to what, both included; one that refers to itself takes
/// at least another.
fn way<'d>(all: &BTreeMap<&'d str, Referred<'d>>, from: &'d str, to: &str) -> Option<Vec<&'d str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(name) = waiting.pop_front() {
        for next in all.get(name).into_iter().flat_map(|referred| referred.clusters.keys().copied()) {
            if next == to {
                let mut way = vec![next, name];
                while let Some(before) = way.last().filter(|name| **name != from).and_then(|name| came_from.get(name)) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if next != from && !came_from.contains_key(next) {
                came_from.insert(next, name);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// Clusters that wait for each other, each circle once.
fn cycles(all: &BTreeMap<&str, Referred<'_>>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for name in all.keys() {
        let Some(way) = (!told.contains(name)).then(|| way(all, name, name)).flatten() else { continue };
        told.extend(&way);
        // The last one is the first again.
        let names: Vec<String> = way.iter().take(way.len() - 1).map(|name| format!("`{name}`")).collect();
        let circle = if names.len() == 2 { "" } else { " in a circle" };
        let message = format!("clusters {} refer to each other{circle}", listed(&names));
        let mut diagnostic = Diagnostic::error("disco::cluster_cycle", message);
        for pair in way.windows(2) {
            let [from, to] = pair else { continue };
            let place = all.get(from).and_then(|referred| referred.clusters.get(to));
            diagnostic = diagnostic.at_maybe(place.copied(), format!("`{from}` refers to `{to}`"));
        }
        diagnostics.push(
            diagnostic
                .help("write the value itself in one of the clusters, or in a `locals` entry that both of them use"),
        );
    }
    diagnostics
}
