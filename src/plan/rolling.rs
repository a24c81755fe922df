//! Nodes whose services stop for a while are changed a few at a time, so that those who stay can carry the load and hold
//! the data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::configuration::Takeover;
use super::disks::DiskChange;
use super::known::{KnownStack, KnownValue};
use super::{Change, ChangeKind, ResourceChange};
use crate::model::Address;
use crate::template::Template;

/// Nodes that are changed together, in order.
pub(super) type Batch = Vec<Address>;

/// What becomes of running services where one configuration takes over from another: by the old one's name, then the new
/// one's.
pub(super) struct Takeovers(BTreeMap<String, BTreeMap<String, Option<Takeover>>>);

impl Takeovers {
    /// Of all configurations of a stack that take over from another.
    pub(super) fn of(changes: &[Change], known: Option<&KnownStack<'_>>, wanted: &Template) -> Self {
        let resources = changes.iter().flat_map(|change| &change.resources);
        let takeovers = resources.filter_map(|resource| {
            let old = resource.replaces.clone()?;
            let before = known?.resources.get(old.as_str())?;
            let before = before.properties.get("config").and_then(KnownValue::whole);
            let after = wanted.resources.get(&resource.name)?.properties.get("config");
            Some((old, resource.name.clone(), Takeover::of(before.as_deref(), after)))
        });
        let mut all: BTreeMap<String, BTreeMap<String, Option<Takeover>>> = BTreeMap::new();
        for (old, new, takeover) in takeovers {
            all.entry(old).or_default().insert(new, takeover);
        }
        Self(all)
    }

    /// What a node's change means for it; `None` where that is not known.
    pub(super) fn takeover<'s>(&'s self, change: &Change) -> Option<Cow<'s, Takeover>> {
        let mut takeover = Cow::Owned(Takeover::default());
        for property in change.resources.iter().filter_map(ResourceChange::configuration) {
            let (old, new) = property.moved()?;
            takeover = Cow::Borrowed(self.0.get(old)?.get(new)?.as_ref()?);
        }
        Some(takeover)
    }

    /// Whether nodes that stay have to learn names of nodes that are to come.
    pub(super) fn bring_names(&self) -> bool {
        self.0.values().flat_map(BTreeMap::values).flatten().any(|takeover| !takeover.ranges.is_empty())
    }
}

/// Whether a node's services stop for a while.
fn interrupts(change: &Change, takeovers: &Takeovers, disks: &BTreeMap<Address, DiskChange>) -> bool {
    match change.kind {
        ChangeKind::Resize | ChangeKind::Rebuild | ChangeKind::Replace | ChangeKind::Heal => true,
        ChangeKind::Update => {
            change.services.interrupted()
                || disks.get(&change.address).is_some_and(DiskChange::interrupts)
                || takeovers.takeover(change).is_none()
        }
        _ => false,
    }
}

/// The nodes of a stack to change one batch after the other: those that an earlier apply has left without a disk first,
/// then masters, then group by group, in the order of their indices. `sizes` says how many nodes of a group may be in a
/// batch.
pub(super) fn batches(
    changes: &[Change],
    takeovers: &Takeovers,
    disks: &BTreeMap<Address, DiskChange>,
    sizes: &BTreeMap<String, u32>,
) -> Vec<Batch> {
    let waits = |address: &Address| disks.get(address).is_some_and(|disks| !disks.released.is_empty());
    let mut groups: BTreeMap<(bool, bool, &str), BTreeSet<&Address>> = BTreeMap::new();
    for change in changes.iter().filter(|change| interrupts(change, takeovers, disks)) {
        if let Address::Node(_, group, _) = &change.address {
            let place = (!waits(&change.address), group != "master", group.as_str());
            groups.entry(place).or_default().insert(&change.address);
        }
    }
    let mut batches: Vec<Batch> = Vec::new();
    for ((.., group), nodes) in groups {
        let size = sizes.get(group).copied().unwrap_or(1).max(1) as usize;
        let nodes: Vec<&Address> = nodes.into_iter().collect();
        batches.extend(nodes.chunks(size).map(|batch| batch.iter().map(|address| (*address).clone()).collect()));
    }
    batches
}
