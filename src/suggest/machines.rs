//! Which flavor and how many nodes: the smallest offered that fits and whose nodes number between 3 and 100.

use crate::catalogue::Framework;
use crate::model::{CloudFacts, Flavor, Role};
use crate::syntax::tree::{Expression, ExpressionKind};

use super::sizing::{DISK_OF_A_NODE, whole};
use super::write::number;

/// Nodes of a group at most: with more, larger ones are better.
pub(super) const MOST_NODES: u64 = 100;
/// Processors of a slave that are usual.
const VCPUS: std::ops::RangeInclusive<u32> = 4..=16;
/// Memory that something needs which says nothing of it, MiB.
const UNSAID_MEMORY: u64 = 768;
/// The flavor where the cloud's are not known.
const UNKNOWN_FLAVOR: &str = "m1.large";
/// Its memory, MiB, as far as anybody can guess.
const ASSUMED_MEMORY: u64 = 16_384;

/// Nodes that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Name of the group.
    pub group: &'static str,
    /// How many.
    pub count: u64,
    /// Flavor.
    pub flavor: String,
    /// Its processors; 0 where the flavor is not known.
    pub vcpus: u32,
    /// Its memory, MiB.
    pub memory_mib: u64,
    /// Size of the volume of each, GB; 0 where there is none.
    pub disk_gb: u64,
    /// Whether they store data.
    pub stores: bool,
}

/// What the nodes have to have together.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    pub(super) cores: f64,
    pub(super) memory_per_core_gib: f64,
    pub(super) disk_gb: f64,
    /// Whether the slaves keep data.
    pub(super) stores: bool,
    /// Slaves at least.
    pub(super) nodes: u64,
    /// Slaves that the network asks for.
    pub(super) network_nodes: u64,
    /// Whether few large nodes are better.
    pub(super) large: bool,
    pub(super) frameworks: Vec<Framework>,
    /// Memory of the master beside the usual.
    pub(super) master_memory_mib: f64,
}

impl Needs {
    /// What a node must have for its services to start, with what its operating system keeps.
    fn minimum_mib(&self, role: Role) -> u64 {
        let least = |framework: &Framework| {
            let here = framework.services.iter().any(|service| service.on.iter().any(|on| on.covers(role, true)));
            match framework.minimum_memory.get(&role) {
                Some(minimum) => largest_literal(minimum).max(UNSAID_MEMORY),
                None if here => UNSAID_MEMORY,
                None => 0,
            }
        };
        let sum: u64 = self.frameworks.iter().map(least).sum();
        // What is reserved grows with memory, and is at most a third of it.
        (sum + 1024) * 4 / 3
    }
}

/// The largest number that a formula writes out: what it can ask for.
fn largest_literal(formula: &Expression) -> u64 {
    match &formula.kind {
        ExpressionKind::Number(number) => number.parse().unwrap_or_default(),
        ExpressionKind::Conditional(conditional) => {
            largest_literal(&conditional.then).max(largest_literal(&conditional.otherwise))
        }
        ExpressionKind::Parenthesis(inner) => largest_literal(inner),
        ExpressionKind::Binary(binary) => largest_literal(&binary.left).max(largest_literal(&binary.right)),
        _ => 0,
    }
}

/// The flavors that new servers may have, smallest first, up to the largest that is allowed. Where the cloud's are not known
/// one is assumed.
fn offered<'f>(facts: &'f CloudFacts, largest: Option<&str>) -> Vec<(&'f str, Flavor)> {
    if facts.flavors.is_empty() {
        let id = UNKNOWN_FLAVOR.to_owned();
        let assumed = Flavor { id, vcpus: 4, memory_mib: ASSUMED_MEMORY, disk_gib: 80, disabled: false };
        return vec![(UNKNOWN_FLAVOR, assumed)];
    }
    let most = largest.and_then(|name| facts.flavors.get(name));
    let fits =
        |flavor: &Flavor| most.is_none_or(|most| flavor.vcpus <= most.vcpus && flavor.memory_mib <= most.memory_mib);
    let usable = facts.flavors.iter().filter(|(_, flavor)| !flavor.disabled && flavor.vcpus > 0 && fits(flavor));
    let mut all: Vec<(&str, Flavor)> = usable.map(|(name, flavor)| (name, flavor.clone())).collect();
    all.sort_by_key(|(name, flavor)| (flavor.vcpus, flavor.memory_mib, *name));
    all
}

fn machine(group: &'static str, count: u64, flavor: Option<&(&str, Flavor)>) -> Machine {
    let of = flavor.map(|(_, flavor)| flavor);
    Machine {
        group,
        count,
        flavor: flavor.map_or(UNKNOWN_FLAVOR, |(name, _)| *name).to_owned(),
        vcpus: of.map_or(0, |flavor| flavor.vcpus),
        memory_mib: of.map_or(0, |flavor| flavor.memory_mib),
        disk_gb: 0,
        stores: false,
    }
}

/// The master, and what is odd about it. `alone`: it is all there is.
pub(super) fn master(needs: &Needs, alone: bool, facts: &CloudFacts, largest: Option<&str>) -> (Machine, Vec<String>) {
    let all = offered(facts, largest);
    let memory = needs.minimum_mib(Role::Master) + whole(needs.master_memory_mib);
    let memory =
        if alone { memory.max(whole(needs.memory_per_core_gib * needs.cores.max(2.0) * 1024.0)) } else { memory };
    let cores = if alone { needs.cores } else { 2.0 };
    let fits = |(_, flavor): &&(&str, Flavor)| {
        flavor.memory_mib >= memory && flavor.vcpus >= 2 && f64::from(flavor.vcpus) >= cores
    };
    let biggest = all.iter().max_by_key(|(_, flavor)| (flavor.memory_mib, flavor.vcpus));
    let least = all.iter().filter(fits).min_by_key(|(name, flavor)| (flavor.memory_mib, flavor.vcpus, *name));
    let chosen = least.or(biggest);
    let mut machine = machine("master", 1, chosen);
    let mut notes = Vec::new();
    if chosen.is_some_and(|(_, flavor)| flavor.memory_mib < memory) {
        notes.push(format!(
            "the master needs {memory} MiB of memory, and the largest flavor that may be used has {}",
            machine.memory_mib
        ));
    }
    if alone {
        machine.disk_gb = whole(needs.disk_gb).min(whole(DISK_OF_A_NODE * 8.0));
    }
    (machine, notes)
}

/// The slaves, what is odd about them, and whether they are too many. `apart`: those that store and those that compute may be
/// two groups.
pub(super) fn machines(
    needs: &Needs,
    apart: bool,
    facts: &CloudFacts,
    largest: Option<&str>,
) -> (Vec<Machine>, Vec<String>, bool) {
    let mut notes = Vec::new();
    if facts.flavors.is_empty() {
        notes.push(format!(
            "the flavors of the cloud are not known: `{UNKNOWN_FLAVOR}` with 4 cores and {ASSUMED_MEMORY} MiB is assumed"
        ));
    }
    let minimum = needs.minimum_mib(Role::Slave);
    let offered = offered(facts, largest);
    let mut all: Vec<&(&str, Flavor)> = offered.iter().filter(|(_, flavor)| flavor.memory_mib >= minimum).collect();
    if all.is_empty() && !offered.is_empty() {
        all = offered.iter().max_by_key(|(_, flavor)| (flavor.memory_mib, flavor.vcpus)).into_iter().collect();
        let has = all.first().map_or(0, |(_, flavor)| flavor.memory_mib);
        notes.push(format!("slaves need {minimum} MiB of memory, and the largest flavor that may be used has {has}"));
    }
    let usual: Vec<_> = all.iter().copied().filter(|(_, flavor)| VCPUS.contains(&flavor.vcpus)).collect();
    let usual = if usual.is_empty() { all } else { usual };
    let wide = |flavor: &Flavor| gib(flavor) + 1e-9 >= needs.memory_per_core_gib * f64::from(flavor.vcpus);
    let mut fitting: Vec<_> = usual.iter().copied().filter(|(_, flavor)| wide(flavor)).collect();
    if fitting.is_empty() {
        fitting.clone_from(&usual);
        if let Some((name, flavor)) = usual.first() {
            notes.push(format!(
                "no flavor that may be used has {} GiB of memory for a core: `{name}` has {}, so memory decides how many there are",
                number(needs.memory_per_core_gib),
                number(gib(flavor) / f64::from(flavor.vcpus))
            ));
        }
    }
    if needs.large {
        fitting.reverse();
    }
    let storing = whole(needs.disk_gb / DISK_OF_A_NODE);
    let computing = |flavor: &Flavor| {
        let memory = needs.cores * needs.memory_per_core_gib / gib(flavor).max(0.1);
        whole(needs.cores / f64::from(flavor.vcpus)).max(whole(memory)).max(needs.network_nodes).max(needs.nodes)
    };
    // Where disks decide, larger nodes change nothing.
    let chosen = fitting.iter().find(|(_, flavor)| computing(flavor) <= MOST_NODES).or(fitting.last()).copied();
    let compute = chosen.map_or(needs.nodes, |(_, flavor)| computing(flavor));
    let (store, total) = (storing.max(needs.nodes), compute.max(storing));
    let disk = |nodes: u64| {
        let of_each = needs.disk_gb / f64::from(u32::try_from(nodes).unwrap_or(u32::MAX).max(1));
        if needs.disk_gb > 0.0 { whole(of_each).max(10) } else { 0 }
    };
    let absurd = total > MOST_NODES;
    if apart && needs.stores && total >= store * 2 {
        let storage = Machine { disk_gb: disk(store), stores: true, ..machine("storage", store, chosen) };
        return (vec![storage, machine("compute", total - store, chosen)], notes, absurd);
    }
    if total == 0 {
        return (Vec::new(), Vec::new(), false);
    }
    let slaves = Machine { disk_gb: disk(total), stores: needs.stores, ..machine("slaves", total, chosen) };
    (vec![slaves], notes, absurd)
}

fn gib(flavor: &Flavor) -> f64 {
    f64::from(u32::try_from(flavor.memory_mib).unwrap_or(u32::MAX)) / 1024.0
}
