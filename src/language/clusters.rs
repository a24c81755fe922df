//! The clusters that `cluster` blocks stand for, and what expressions call them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocks::ClusterAttributes;
use super::cluster::{ClusterDraft, Naming, cluster};
use super::contents::Contents;
use super::decode::Decoder;
use super::evaluated::EvaluationContext;
use super::instances::{Instance, Key, instances, nothing_of};
use super::mention::{Mentioned, Parts};
use super::names::duplicate;
use super::space::Space;
use crate::expression::{Scope, Type, Value};
use crate::model::Called;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Block;

/// One of the clusters that a block stands for.
pub(super) struct ClusterInstance<'d> {
    pub(super) block: &'d Block,
    /// What expressions call all of the block's.
    pub(super) label: Arc<str>,
    /// The name of this one.
    pub(super) name: String,
    /// What people call it and its groups.
    pub(super) called: Called,
    one: Instance,
}

impl ClusterInstance<'_> {
    /// What is known of it.
    pub(super) fn read(&self, context: EvaluationContext<'_>, decoder: &mut Decoder<'_, '_>) -> ClusterDraft {
        let standing = context.standing.get(&self.name);
        let named = Naming { name: &self.name, called: &self.called, standing };
        self.one.read(decoder, |decoder| cluster(self.block, named, context.catalogue, decoder))
    }

    /// What of it expressions name. Of one of several that is not told: what comes after the label is its key.
    pub(super) fn parts<'m>(&self, mentioned: &'m Mentioned) -> &'m Parts {
        if self.one.key.is_some() { &Parts::All } else { mentioned.parts(&self.label) }
    }
}

/// The clusters that the blocks of a space stand for; those of blocks of which that cannot be told are missing.
pub(super) struct Clusters<'d> {
    /// Those of a block after each other.
    pub(super) all: Vec<ClusterInstance<'d>>,
    /// Labels of blocks that stand for none, and what expressions see of them.
    none: Vec<(Arc<str>, Value)>,
}

impl Clusters<'_> {
    /// Gives `cluster.NAME` its value, as far as clusters have one: of a block that stands for several it is an object or a
    /// list of them, of one that stands for none it is empty or `null`.
    pub(super) fn define(&self, scope: &Scope<'_>, values: &BTreeMap<String, Value>) {
        for (label, value) in &self.none {
            scope.define_entry("cluster", label, value.clone());
        }
        let value = |one: &ClusterInstance<'_>| values.get(&one.name).cloned();
        for of_block in self.all.chunk_by(|one, next| one.label == next.label) {
            let Some(first) = of_block.first() else { continue };
            // Where nothing is known of any it is unknown, as it was.
            if of_block.iter().all(|one| value(one).is_none()) {
                continue;
            }
            let or_unknown = |one: &ClusterInstance<'_>| value(one).unwrap_or_else(|| Value::unknown(Type::Any));
            let all = match &first.one.key {
                None => or_unknown(first),
                Some(Key::Name(_)) => Value::object(of_block.iter().filter_map(|one| match &one.one.key {
                    Some(Key::Name(key)) => Some((Arc::clone(key), or_unknown(one))),
                    _ => None,
                })),
                Some(Key::Index(_)) => Value::tuple(of_block.iter().map(or_unknown).collect()),
            };
            scope.define_entry("cluster", &first.label, all);
        }
    }
}

/// What clusters are called.
#[derive(Clone, Copy)]
pub(super) struct Named<'n> {
    /// Those that live, by their names on the cloud.
    pub(super) living: &'n BTreeMap<String, Called>,
    /// The addresses of all that are defined.
    pub(super) defined: &'n BTreeSet<String>,
}

/// What a block stands for, before it is decided what each is called on the cloud.
pub(super) struct Addressed<'d> {
    block: &'d Block,
    label: Arc<str>,
    /// Each with its address.
    all: Vec<(Instance, String)>,
}

impl Addressed<'_> {
    /// The addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &String> {
        self.all.iter().map(|(_, address)| address)
    }
}

/// What the blocks of a space stand for; those of which that cannot be told are missing.
pub(super) fn addressed<'d>(space: &Space<'d>, decoder: &mut Decoder<'_, '_>) -> Vec<Addressed<'d>> {
    let contents: &'d Contents = space.contents;
    let mut all = Vec::new();
    for block in &contents.clusters {
        let Some(label) = block.labels.first() else { continue };
        let Ok(found) = instances(block, Some(&ClusterAttributes::ALL.count), decoder) else { continue };
        let address = |one: &Instance| space.path.cluster_address(&label.text, one.key.as_ref());
        let found = found.into_iter().map(|one| (one.clone(), address(&one))).collect();
        all.push(Addressed { block, label: Arc::clone(&label.text), all: found });
    }
    all
}

/// The message about a name that another cluster has kept.
fn name_in_use(name: &str, other: &str, block: &Block) -> Diagnostic {
    Diagnostic::error("disco::name_in_use", format!("`{other}` has the name `{name}` on the cloud"))
        .at(block.head, "would get the same name")
        .help(format!(
            "give this one another name, or write `moved {{ from = {other} … }}` if it is the same cluster; a cluster that was \
             moved keeps its name as long as it lives"
        ))
}

/// The clusters of a space, with their names. `firsts` has those of the spaces before it, by name.
pub(super) fn clusters<'d>(
    space: &Space<'d>,
    blocks: Vec<Addressed<'d>>,
    named: Named<'_>,
    firsts: &mut BTreeMap<String, Span>,
    diagnostics: &mut Diagnostics,
) -> Clusters<'d> {
    let Named { living, defined } = named;
    let mut clusters = Clusters { all: Vec::new(), none: Vec::new() };
    for Addressed { block, label, all } in blocks {
        if all.is_empty() {
            clusters.none.push((Arc::clone(&label), nothing_of(block)));
        }
        for (one, address) in all {
            let is_this = |called: &Called| called.address.as_ref() == Some(&address);
            let (name, groups) = if let Some((name, called)) = living.iter().find(|(_, called)| is_this(called)) {
                (name.clone(), called.groups.clone())
            } else {
                let mut name = space.path.cluster_name(&one.named(&label));
                let kept_by = |name: &str| living.get(name).and_then(|called| called.address.as_deref());
                if let Some(other) = kept_by(&name) {
                    // That one was moved and keeps its name; where it is not defined any more, it may be meant to be this one.
                    if !defined.contains(other) {
                        diagnostics.push(name_in_use(&name, other, block));
                        continue;
                    }
                    let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
                    name = numbered.into_iter().find(|name| kept_by(name).is_none()).unwrap_or_default();
                }
                let groups = living.get(&name).map(|called| called.groups.clone()).unwrap_or_default();
                (name, groups)
            };
            if let Some(first) = firsts.get(&name) {
                diagnostics.push(duplicate("cluster", &name, block.head, *first));
                continue;
            }
            firsts.insert(name.clone(), block.head);
            let called = Called { address: Some(address), groups };
            clusters.all.push(ClusterInstance { block, label: Arc::clone(&label), name, called, one });
        }
    }
    clusters
}
