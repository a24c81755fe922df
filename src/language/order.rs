//! Which clusters come before which: what a cluster refers to is there before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::clusters::Clusters;
use super::schema::attribute;
use super::space::{ModulePath, Space};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Body, Expression};
use crate::syntax::{Reference, references};

/// The clusters that each cluster refers to, by its name.
pub type ClusterReferences = BTreeMap<String, BTreeSet<String>>;

/// The clusters of a block, in one of the spaces.
type Place = (usize, Arc<str>);

/// What the clusters of a block refer to, in the block or through values with a name, be it in another module.
#[derive(Default)]
struct Referred {
    clusters: BTreeSet<Place>,
    /// They may be any: `cluster[var.name]`.
    any: bool,
}

/// The clusters that each cluster refers to, be it that these refer to it. Where it cannot be told which one is meant, it is
/// after all those of which that can be told, save those that refer to it.
pub(super) fn cluster_references(
    spaces: &[Space<'_>],
    clusters: &BTreeMap<ModulePath, Clusters<'_>>,
) -> (ClusterReferences, Diagnostics) {
    let mut all: BTreeMap<Place, Referred> = BTreeMap::new();
    let mut said: BTreeMap<Place, Said> = BTreeMap::new();
    for (at, space) in spaces.iter().enumerate() {
        for block in &space.contents.clusters {
            let Some(label) = block.labels.first() else { continue };
            let own = (at, Arc::clone(&label.text));
            let mut walk = Walk { spaces, own: &own, followed: BTreeSet::new(), found: Referred::default() };
            walk.body(at, &block.body);
            walk.calls(at);
            let found = walk.found;
            if let Some(depends_on) = attribute(&block.body, "depends_on") {
                let mut walk = Walk { spaces, own: &own, followed: BTreeSet::new(), found: Referred::default() };
                walk.expression(at, &depends_on.value);
                let own_too = references(&depends_on.value).iter().any(|reference| is_own(reference, &own.1));
                let clusters = walk.found.clusters.into_iter().chain(own_too.then(|| own.clone())).collect();
                said.insert(own.clone(), Said { clusters, place: depends_on.value.span });
            }
            all.insert(own, found);
        }
    }
    let names = |(at, label): &Place| {
        let of_space = spaces.get(*at).and_then(|space| clusters.get(&space.path));
        let all = of_space.into_iter().flat_map(|clusters| &clusters.all);
        all.filter(|one| one.label == *label).map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    let mut references: ClusterReferences = BTreeMap::new();
    for (place, referred) in &all {
        let others = all.iter().filter(|(other, its)| referred.any && !its.any && *other != place);
        let untold = others.map(|(other, _)| other).filter(|other| !reaches(&all, other, place));
        let before: BTreeSet<String> = referred.clusters.iter().chain(untold).flat_map(names).collect();
        for name in names(place) {
            references.insert(name, before.clone());
        }
    }
    (references, cycles(&said))
}

/// What `depends_on` of the clusters of a block names.
struct Said {
    clusters: BTreeSet<Place>,
    place: Span,
}

fn is_own(reference: &Reference, label: &str) -> bool {
    &*reference.root == "cluster" && reference.steps.first().is_some_and(|(name, _)| **name == *label)
}

/// Complains of clusters that depend on themselves by what `depends_on` says, each cycle once.
fn cycles(said: &BTreeMap<Place, Said>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut told: BTreeSet<&Place> = BTreeSet::new();
    for start in said.keys() {
        if told.contains(start) {
            continue;
        }
        let Some(way) = way_back(said, start) else { continue };
        told.extend(way.iter().copied());
        let mut names: Vec<&str> = way.iter().map(|(_, label)| &**label).collect();
        names.extend(names.first().copied());
        let mut diagnostic =
            Diagnostic::error("disco::cycle", format!("clusters depend on each other: {}", names.join(" → ")));
        for place in way.iter().filter_map(|place| said.get(*place)) {
            diagnostic = diagnostic.at(place.place, "depends on the next");
        }
        diagnostics.push(diagnostic.help("remove one of these: a cluster cannot be created before itself"));
    }
    diagnostics
}

/// The shortest way from a place back to itself, which begins with it.
fn way_back<'s>(said: &'s BTreeMap<Place, Said>, start: &'s Place) -> Option<Vec<&'s Place>> {
    let mut waiting: VecDeque<Vec<&Place>> = VecDeque::from([vec![start]]);
    let mut seen: BTreeSet<&Place> = BTreeSet::new();
    while let Some(way) = waiting.pop_front() {
        for next in way.last().and_then(|last| said.get(*last)).into_iter().flat_map(|said| &said.clusters) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                waiting.push_back(way.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

/// What was looked at already: a name in one of the spaces.
type Followed = (usize, &'static str, Arc<str>);

struct Walk<'w, 'd> {
    spaces: &'w [Space<'d>],
    own: &'w Place,
    followed: BTreeSet<Followed>,
    found: Referred,
}

impl Walk<'_, '_> {
    fn body(&mut self, at: usize, body: &Body) {
        body.attributes.iter().for_each(|attribute| self.expression(at, &attribute.value));
        body.blocks.iter().for_each(|block| self.body(at, &block.body));
    }

    /// What the calls that lead to a module depend on, everything in it does.
    fn calls(&mut self, at: usize) {
        let mut space = self.spaces.get(at);
        while let Some((call, caller)) = space.and_then(|space| Some((space.call()?, space.caller?))) {
            if let Some(depends_on) = attribute(&call.body, "depends_on") {
                self.expression(caller, &depends_on.value);
            }
            space = self.spaces.get(caller);
        }
    }

    fn expression(&mut self, at: usize, expression: &Expression) {
        let spaces = self.spaces;
        let Some(space) = spaces.get(at) else { return };
        for reference in references(expression) {
            let Some((name, _)) = reference.steps.first() else {
                self.found.any |= &*reference.root == "cluster";
                continue;
            };
            match &*reference.root {
                "cluster" => {
                    let place = (at, Arc::clone(name));
                    let mut labels = space.contents.clusters.iter().filter_map(|block| block.labels.first());
                    if place != *self.own && labels.any(|label| label.text == *name) {
                        self.found.clusters.insert(place);
                    }
                }
                "local" => {
                    let local = space.contents.locals.get(&**name);
                    if let Some(local) = local.filter(|_| self.is_new(at, "local", name)) {
                        self.expression(at, &local.value);
                    }
                }
                "var" => {
                    let given = space.call().and_then(|call| attribute(&call.body, name));
                    if let (Some(given), Some(caller)) = (given, space.caller)
                        && self.is_new(at, "var", name)
                    {
                        self.expression(caller, &given.value);
                    }
                }
                "module" => self.module(space, name, &reference),
                _ => {}
            }
        }
    }

    /// Follows what a module tells.
    fn module(&mut self, space: &Space<'_>, name: &Arc<str>, reference: &Reference) {
        for (key, at) in space.modules.get(name).into_iter().flatten() {
            let mut steps = reference.steps.iter().skip(1).map(|(step, _)| step);
            if let Some(key) = key {
                // Where it cannot be told which, it may be any.
                if steps.next().is_some_and(|step| **step != *key.suffix()) {
                    continue;
                }
            }
            let named = steps.next();
            if named.is_none() {
                self.clusters(*at);
            }
            let Some(module) = self.spaces.get(*at) else { continue };
            for (output, block) in &module.contents.outputs {
                let output: Arc<str> = output.as_str().into();
                if named.is_none_or(|named| *named == output) && self.is_new(*at, "output", &output) {
                    self.body(*at, &block.body);
                }
            }
        }
    }

    /// All clusters of a module, and of those in it.
    fn clusters(&mut self, at: usize) {
        let Some(space) = self.spaces.get(at) else { return };
        let labels = space.contents.clusters.iter().filter_map(|block| block.labels.first());
        self.found.clusters.extend(labels.map(|label| (at, Arc::clone(&label.text))).filter(|place| place != self.own));
        let within: Vec<usize> = space.modules.values().flatten().map(|(_, at)| *at).collect();
        for at in within {
            self.clusters(at);
        }
    }

    fn is_new(&mut self, at: usize, root: &'static str, name: &Arc<str>) -> bool {
        self.followed.insert((at, root, Arc::clone(name)))
    }
}

/// Whether the clusters of one block refer to those of another, be it through others.
fn reaches(all: &BTreeMap<Place, Referred>, from: &Place, to: &Place) -> bool {
    let mut seen: BTreeSet<&Place> = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(place) = waiting.pop() {
        for next in all.get(place).into_iter().flat_map(|referred| &referred.clusters) {
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
