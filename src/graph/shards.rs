//! Which stack a node lives in. A cluster of few slaves is one stack. Where there are more, the base stack has the masters,
//! the slaves live in further ones, and those that come later in further ones again: Heat walks all resources of a stack that
//! is updated, so a cluster grows as fast as the stack that grows is small. Room is limited twice more: by the resources that
//! a stack may have, and by the bytes that its template may have.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AddressBlock, ClusterSpec, FileOverride, GroupMembers, GroupSpec, Role};

/// A cluster with so many slaves is one stack, and stacks grow up to as many. On a cloud of two cores Heat's update of a stack
/// of 300 resources took 52 to 56 s, of one with 100 of them 17 s.
const FEW_SLAVES: u32 = 32;

/// A cluster that grows by and by has no more than about so many stacks, as far as there is room in them: each costs a plan
/// three questions, and of stacks, too, a project may have a limited number (Heat's `max_stacks_per_tenant`: 512, on older
/// clouds 100).
const MOST_STACKS: u32 = 16;

/// Resources of a stack that are kept free of nodes: network, security rules, configurations old and new.
const RESERVED: u32 = 64;

/// Most bytes of a template: Heat's `max_template_size`.
pub const TEMPLATE_LIMIT: usize = 524_288;

/// Most bytes of a template that is sent: 5 % below the limit, for Heat measures it in its own way.
pub(crate) const TEMPLATE_ROOM: usize = TEMPLATE_LIMIT - TEMPLATE_LIMIT / 20;

/// Bytes of a template that are kept free of nodes: while nodes move from one configuration to another, some at a time,
/// both are in it, for each group.
const RESERVED_BYTES: usize = 192 * 1024;

/// How many groups' configurations, old and new, fit into [`RESERVED_BYTES`].
const RESERVED_GROUPS: usize = 3;

/// Bytes of a group's configuration, old and new, without the files that the definition gives as a whole.
const GROUP_BYTES: usize = 2 * 32 * 1024;

/// Bytes of files given as a whole that are counted in with [`GROUP_BYTES`].
const USUAL_FILES: usize = 16 * 1024;

/// Bytes of a rule of `/etc/hosts` in a configuration, the name apart.
const HOST_BYTES: usize = 96;

/// Rules of `/etc/hosts` that are counted in with [`GROUP_BYTES`].
const USUAL_HOSTS: usize = 32;

/// How many security rules fit into [`RESERVED`].
const RESERVED_RULES: u32 = 32;

/// Bytes of a security rule.
const RULE_BYTES: usize = 320;

/// Rules of a framework's web pages, rather too many than too few.
const WEB_PAGES: usize = 8;

/// Bytes that a node may take of a template at most, for its names apart: what [`compile`](super::compile()) writes, with
/// some secrets.
const NODE_BYTES: usize = 1_100;
/// A second address of its port.
const IPV6_BYTES: usize = 100;
const VOLUME_BYTES: usize = 620;
const FLOATING_IP_BYTES: usize = 560;
/// How often a node's name is in it.
const NAMES: usize = 9;

/// Heat resources of one node: port, server, deployment; two more a volume, two more for a floating IP.
pub(crate) fn resources_of_node(group: &GroupSpec) -> u32 {
    let volumes = u32::try_from(group.volumes.len()).unwrap_or(u32::MAX / 4);
    3 + 2 * volumes + if group.floating_ip.value { 2 } else { 0 }
}

/// Bytes of one node in a template, rather too many than too few.
pub(crate) fn bytes_of_node(spec: &ClusterSpec, group: &GroupSpec) -> usize {
    let name = spec.node_name(&group.name, 99_999).len();
    let volumes: usize = group.volumes.iter().map(|volume| VOLUME_BYTES + 4 * name + 8 * volume.name.len()).sum();
    let floating = if group.floating_ip.value { FLOATING_IP_BYTES + 5 * name } else { 0 };
    let words = group.flavor.value.len() * 2 + group.image.value.len() * 2;
    let ipv6 = if spec.network.ipv6_cidr().is_some() { IPV6_BYTES } else { 0 };
    NODE_BYTES + NAMES * name + words + volumes + floating + ipv6
}

/// What nodes take of a stack.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    resources: u32,
    bytes: usize,
}

impl Room {
    fn of(spec: &ClusterSpec, group: &GroupSpec) -> Self {
        Self { resources: resources_of_node(group), bytes: bytes_of_node(spec, group) }
    }

    fn with(self, other: Self) -> Self {
        Self {
            resources: self.resources.saturating_add(other.resources),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    fn exceeds(self, capacity: Self) -> bool {
        self.resources > capacity.resources || self.bytes > capacity.bytes
    }
}

/// Bytes of files that the definition gives as a whole, old and new, as far as they are more than usual.
fn bytes_of_files(spec: &ClusterSpec) -> usize {
    let files = spec.frameworks.iter().flat_map(|framework| framework.files.values());
    let bytes: usize = files.map(FileOverride::content_bytes).sum();
    2 * bytes.saturating_sub(USUAL_FILES)
}

/// Bytes of the names and addresses of all nodes, old and new, as far as they are more than usual: each group's
/// configuration has a rule for each block. Addresses that Neutron chooses may come in any order: a rule for each node.
fn bytes_of_hosts(spec: &ClusterSpec, groups: &BTreeMap<String, GroupMembers>) -> usize {
    let chosen = spec.network.addresses().is_none();
    let bytes = spec.groups.iter().flat_map(|group| {
        let blocks = groups.get(&group.name).map_or(0, |members| members.blocks.len());
        let rules = if chosen { group.count.value as usize } else { blocks };
        std::iter::repeat_n(HOST_BYTES + spec.name.len() + group.name.len() + 2, rules)
    });
    2 * bytes.skip(USUAL_HOSTS).sum::<usize>()
}

/// What security rules take of the base stack, as far as they are more than usual.
fn room_of_rules(spec: &ClusterSpec) -> Room {
    let rules = spec.security.iter().fold(0, |rules: usize, rule| rules.saturating_add(rule.rules(WEB_PAGES)));
    let rules = u32::try_from(rules).unwrap_or(u32::MAX);
    let resources = rules.saturating_sub(RESERVED_RULES).min(u32::MAX / 2);
    Room { resources, bytes: RULE_BYTES.saturating_mul(resources as usize) }
}

/// What is in a stack.
#[derive(Debug, Default)]
struct Used<'a> {
    room: Room,
    groups: BTreeSet<&'a str>,
    slaves: u32,
}

impl<'a> Used<'a> {
    fn take(&mut self, group: &'a GroupSpec, room: Room) {
        self.room = self.room.with(room);
        self.groups.insert(&group.name);
        self.slaves += u32::from(group.role == Role::Slave);
    }
}

/// Up to how many slaves a stack is filled.
#[derive(Clone, Copy, Debug)]
struct Spread {
    base: u32,
    further: u32,
}

impl Spread {
    fn of(spec: &ClusterSpec, groups: &BTreeMap<String, GroupMembers>) -> Self {
        let (mut slaves, mut new) = (0_u32, 0_u32);
        for group in spec.groups.iter().filter(|group| group.role == Role::Slave) {
            let wanted = group.count.value;
            let there = groups.get(&group.name).map_or(0, |members| members.nodes.len());
            slaves = slaves.saturating_add(wanted);
            new = new.saturating_add(wanted.saturating_sub(u32::try_from(there).unwrap_or(u32::MAX)));
        }
        let base = if slaves > FEW_SLAVES { 0 } else { FEW_SLAVES };
        // Those that come together are made together.
        Self { base, further: new.max(slaves / MOST_STACKS).max(FEW_SLAVES) }
    }

    fn most(self, shard: u32) -> u32 {
        if shard == 0 { self.base } else { self.further }
    }
}

/// How full each stack is.
pub(crate) struct Shards<'a> {
    capacity: Room,
    /// What each group's configuration takes beyond [`GROUP_BYTES`].
    more_of_group: usize,
    rules: Room,
    spread: Spread,
    /// What one node of each group takes.
    of_node: BTreeMap<&'a str, Room>,
    used: BTreeMap<u32, Used<'a>>,
}

impl<'a> Shards<'a> {
    pub(crate) fn new(spec: &'a ClusterSpec, groups: &BTreeMap<String, GroupMembers>, max_resources: u32) -> Self {
        let mut used: BTreeMap<u32, Used<'_>> = BTreeMap::new();
        let mut of_node = BTreeMap::new();
        for group in &spec.groups {
            let cost = Room::of(spec, group);
            of_node.insert(group.name.as_str(), cost);
            for member in groups.get(&group.name).into_iter().flat_map(|members| members.nodes.values()) {
                used.entry(member.shard).or_default().take(group, cost);
            }
        }
        let resources = max_resources - RESERVED.min(max_resources / 2);
        let bytes = TEMPLATE_ROOM - RESERVED_BYTES;
        Self {
            capacity: Room { resources, bytes },
            more_of_group: bytes_of_files(spec) + bytes_of_hosts(spec, groups),
            rules: room_of_rules(spec),
            spread: Spread::of(spec, groups),
            of_node,
            used,
        }
    }

    /// Whether a stack has no room for one more node of a group, which takes `node`.
    fn is_full(&self, shard: u32, group: &GroupSpec, node: Room) -> bool {
        let slaves = self.used.get(&shard).map_or(0, |used| used.slaves);
        if group.role == Role::Slave && slaves >= self.spread.most(shard) {
            return true;
        }
        let Some(used) = self.used.get(&shard) else { return false };
        let new = usize::from(!used.groups.contains(group.name.as_str()));
        let groups = used.groups.len() + new;
        let bytes = groups.saturating_sub(RESERVED_GROUPS) * GROUP_BYTES + groups * self.more_of_group;
        let mut room = used.room.with(node).with(Room { resources: 0, bytes });
        if shard == 0 {
            room = room.with(self.rules);
        }
        room.exceeds(self.capacity)
    }

    /// Takes room for one node of a group in the first stack that has some, from `shard` on.
    pub(crate) fn first_with_room(&mut self, group: &'a GroupSpec, mut shard: u32) -> u32 {
        let node = self.of_node.get(group.name.as_str()).copied().unwrap_or_default();
        // A further stack without nodes takes one in any case, so this ends.
        while self.is_full(shard, group, node) {
            shard += 1;
        }
        self.used.entry(shard).or_default().take(group, node);
        shard
    }

    /// Decides where a new node lives, and cuts its block in two where that is another stack than the block's.
    pub(crate) fn place(&mut self, group: &'a GroupSpec, members: &mut GroupMembers, index: u32) -> u32 {
        let holds = |block: &AddressBlock| index >= block.first_index && index - block.first_index < block.count;
        let Some(at) = members.blocks.iter().position(holds) else { return 0 };
        let block = members.blocks[at];
        let shard = self.first_with_room(group, block.shard);
        if shard != block.shard {
            let later = members.nodes.range(index..block.first_index + block.count).next().is_some();
            let parts = cut(block, index, shard, later);
            members.blocks.splice(at..=at, parts);
        }
        shard
    }
}

/// The block's parts when `index` moves to another stack: alone if nodes behind it stay, else with all behind it.
fn cut(block: AddressBlock, index: u32, shard: u32, alone: bool) -> Vec<AddressBlock> {
    let part = |first: u32, end: u32, shard: u32| AddressBlock {
        first_index: first,
        first_address: (u32::from(block.first_address) + (first - block.first_index)).into(),
        count: end - first,
        shard,
    };
    let end = block.first_index + block.count;
    let cut_end = if alone { index + 1 } else { end };
    [part(block.first_index, index, block.shard), part(index, cut_end, shard), part(cut_end, end, block.shard)]
        .into_iter()
        .filter(|part| part.count > 0)
        .collect()
}
