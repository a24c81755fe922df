//! The clusters that `cluster` blocks stand for, and what expressions call them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Definition;
use super::blocks::ClusterAttributes;
use super::cluster::{ClusterDraft, cluster};
use super::decode::Decoder;
use super::instances::{Instance, Key, instances};
use super::names::duplicate;
use super::order::ClusterReferences;
use crate::catalogue::Catalogue;
use crate::expression::{Scope, Type, Value};
use crate::syntax::tree::Block;

/// One of the clusters that a block stands for.
pub(super) struct ClusterInstance<'d> {
    pub(super) block: &'d Block,
    /// What expressions call all of the block's.
    pub(super) label: Arc<str>,
    /// The name of this one.
    pub(super) name: String,
    one: Instance,
}

impl ClusterInstance<'_> {
    /// What is known of it.
    pub(super) fn read(&self, catalogue: &Catalogue, decoder: &mut Decoder<'_, '_>) -> ClusterDraft {
        self.one.read(decoder, |decoder| cluster(self.block, &self.name, catalogue, decoder))
    }
}

/// References between blocks as those between their clusters.
pub(super) fn of_instances(references: &ClusterReferences, instances: &[ClusterInstance<'_>]) -> ClusterReferences {
    let before = |one: &ClusterInstance<'_>| {
        let labels = references.get(&*one.label);
        let is_before = |other: &&ClusterInstance<'_>| labels.is_some_and(|labels| labels.contains(&*other.label));
        instances.iter().filter(is_before).map(|other| other.name.clone()).collect()
    };
    instances.iter().map(|one| (one.name.clone(), before(one))).collect()
}

impl Definition {
    /// The clusters that the blocks stand for; those of blocks of which that cannot be told are missing.
    pub(super) fn instances<'d>(&'d self, decoder: &mut Decoder<'_, '_>) -> Vec<ClusterInstance<'d>> {
        let mut all: Vec<ClusterInstance<'d>> = Vec::new();
        for block in &self.clusters {
            let Some(label) = block.labels.first() else { continue };
            let Ok(found) = instances(block, Some(&ClusterAttributes::ALL.count), decoder) else { continue };
            for one in found {
                let name = one.named(&label.text);
                if let Some(first) = all.iter().find(|other| other.name == name) {
                    decoder.report(duplicate("cluster", &name, block.head, first.block.head));
                    continue;
                }
                all.push(ClusterInstance { block, label: Arc::clone(&label.text), name, one });
            }
        }
        all
    }
}

/// Gives `cluster.NAME` its value, as far as clusters have one: of a block that stands for several it is an object or a
/// list of them, of one that stands for none it is empty or `null`.
pub(super) fn define_clusters(scope: &Scope<'_>, instances: &[ClusterInstance<'_>], values: &BTreeMap<String, Value>) {
    let value = |one: &ClusterInstance<'_>| values.get(&one.name).cloned();
    for of_block in instances.chunk_by(|one, next| one.label == next.label) {
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
