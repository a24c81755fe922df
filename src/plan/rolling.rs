//! Nodes whose services stop for a while are changed a few at a time, so that those who stay can carry the load and hold
//! the data.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::disks::DiskChange;
use super::known::{KnownStack, KnownValue};
use super::takeover::Takeover;
use super::{Change, ChangeKind, ResourceChange};
use crate::model::{Address, heat_type};
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
        if let Address::Node(.., index) = &change.address
            && takeover.differs_by_node()
        {
            takeover = Cow::Owned(takeover.of_node(*index));
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

/// The nodes of a stack to change, in order.
#[derive(Default)]
pub(super) struct Batches {
    /// Those whose configuration failed and now changes, all together: Heat configures each of them again with whatever update
    /// comes next, so that the first one has to bring the mended configuration to all of them.
    pub(super) failed: Batch,
    /// The others whose services stop for a while, one batch after the other.
    pub(super) others: Vec<Batch>,
}

impl Batches {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::from(!self.failed.is_empty()) + self.others.len()
    }

    /// All nodes in them.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Address> {
        self.failed.iter().chain(self.others.iter().flatten())
    }

    /// The nodes of a stack: after those that failed those that an earlier apply has left without a disk, then masters, then
    /// group by group, in the order of their indices. `sizes` says how many nodes of a group may be in a batch.
    pub(super) fn of(
        known: &KnownStack<'_>,
        changes: &[Change],
        takeovers: &Takeovers,
        disks: &BTreeMap<Address, DiskChange>,
        sizes: &BTreeMap<String, u32>,
    ) -> Self {
        let failed = known.failed_nodes();
        let is_mended = |change: &Change| {
            change.kind == ChangeKind::Update
                && failed.contains(&change.address)
                && change.resources.iter().any(|part| is_deployment(part) && !part.properties.is_empty())
        };
        let waits = |address: &Address| disks.get(address).is_some_and(|disks| !disks.released.is_empty());
        let mut groups: BTreeMap<(bool, bool, bool, &str), BTreeSet<&Address>> = BTreeMap::new();
        let rolls = |change: &&Change| interrupts(change, takeovers, disks) && !is_mended(change);
        for change in changes.iter().filter(rolls) {
            if let Address::Node(_, group, _) = &change.address {
                let address = &change.address;
                let place = (!failed.contains(address), !waits(address), group != "master", group.as_str());
                groups.entry(place).or_default().insert(address);
            }
        }
        let mut others: Vec<Batch> = Vec::new();
        for ((.., group), nodes) in groups {
            let size = sizes.get(group).copied().unwrap_or(1).max(1) as usize;
            let nodes: Vec<&Address> = nodes.into_iter().collect();
            others.extend(nodes.chunks(size).map(|batch| batch.iter().map(|address| (*address).clone()).collect()));
        }
        let mended = changes.iter().filter(|change| is_mended(change)).map(|change| change.address.clone());
        Self { failed: mended.collect::<BTreeSet<_>>().into_iter().collect(), others }
    }
}

fn is_deployment(change: &ResourceChange) -> bool {
    change.heat_type == heat_type::SOFTWARE_DEPLOYMENT
}
