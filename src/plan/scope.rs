//! Plans for a part of the project: what is targeted, what comes along with it, and what is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::narrow::narrowed;
use super::object::is_plumbing;
use super::{Change, ChangeKind, Observation, Plan, PlanOptions, Wanted, destroy, plan};
use crate::model::{Address, cluster_of};
use crate::state::State;

/// What a person has named: clusters and groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Only these; all where none is named.
    pub only: BTreeSet<Address>,
    /// All but these.
    pub except: BTreeSet<Address>,
}

impl Targets {
    /// Whether everything is meant.
    pub fn is_all(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }
}

/// What a plan is about, where that is not everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What was named.
    pub targets: Targets,
    /// Clusters that were not named and are planned, because of what refers to what.
    pub along: BTreeSet<String>,
    /// Clusters that stay as they are.
    pub untouched: BTreeSet<String>,
    /// What would change, and is left out.
    pub left_out: BTreeSet<Address>,
}

impl Scope {
    /// Whether the plan is about everything.
    pub fn is_all(&self) -> bool {
        self.targets.is_all()
    }
}

/// Why a part of a project cannot be planned alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAlone {
    /// What stands in the way.
    pub message: String,
    /// What to target instead.
    pub help: String,
}

/// How much of a cluster is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Whole,
    Part,
    Nothing,
}

/// Which clusters are planned, and how much of them.
struct Reach<'t> {
    targets: &'t Targets,
    clusters: BTreeMap<String, Extent>,
}

impl<'t> Reach<'t> {
    /// What was named, with what has to come before it, or has to stay because of what stays. `comes_before` says which
    /// clusters a cluster has to come after.
    fn of(targets: &'t Targets, names: &BTreeSet<&str>, comes_before: impl Fn(&str) -> BTreeSet<String>) -> Self {
        let said = |addresses: &BTreeSet<Address>, cluster: &str| {
            let mut of_it = addresses.iter().filter(|address| address.cluster() == cluster).peekable();
            of_it.peek()?;
            let is_whole = of_it.any(|address| matches!(address, Address::Cluster(_)));
            Some(if is_whole { Extent::Whole } else { Extent::Part })
        };
        let extent = |cluster: &str| match (targets.only.is_empty(), said(&targets.except, cluster)) {
            (false, _) => said(&targets.only, cluster).unwrap_or(Extent::Nothing),
            (true, None) => Extent::Whole,
            (true, Some(Extent::Whole)) => Extent::Nothing,
            (true, Some(_)) => Extent::Part,
        };
        let mut clusters: BTreeMap<String, Extent> =
            names.iter().map(|name| ((*name).to_owned(), extent(name))).collect();
        loop {
            let mut next = clusters.clone();
            for (name, extent) in &clusters {
                let before = comes_before(name);
                let before = || before.iter().filter(|other| other.as_str() != name);
                if targets.only.is_empty() {
                    let waits = || before().any(|other| clusters.get(other) == Some(&Extent::Nothing));
                    if *extent != Extent::Nothing && waits() {
                        next.insert(name.clone(), Extent::Nothing);
                    }
                } else if *extent != Extent::Nothing {
                    next.extend(
                        before()
                            .filter(|other| names.contains(other.as_str()))
                            .map(|other| (other.clone(), Extent::Whole)),
                    );
                }
            }
            if next == clusters {
                return Self { targets, clusters };
            }
            clusters = next;
        }
    }

    fn extent(&self, cluster: &str) -> Extent {
        self.clusters.get(cluster).copied().unwrap_or(Extent::Nothing)
    }

    /// Whether an address of a cluster that is planned in part is among what is planned.
    fn reaches(&self, address: &Address) -> bool {
        let group = match address {
            Address::Group(cluster, group) | Address::Node(cluster, group, _) => {
                Some(Address::Group(cluster.clone(), group.clone()))
            }
            _ => None,
        };
        match group {
            Some(group) if self.targets.only.is_empty() => !self.targets.except.contains(&group),
            Some(group) => self.targets.only.contains(&group),
            None => self.targets.only.is_empty(),
        }
    }

    /// The state without the clusters that stay as they are.
    fn state(&self, state: &State) -> State {
        let mut part = state.clone();
        part.clusters.retain(|name, _| self.extent(name) != Extent::Nothing);
        part
    }

    /// What was seen, without the stacks of clusters that stay as they are.
    fn observation(&self, seen: &Observation) -> Observation {
        let mut part = seen.clone();
        part.stacks.retain(|stack, _| self.extent(cluster_of(stack)) != Extent::Nothing);
        part
    }

    /// What the plan is about, beside the whole one.
    fn scope(&self, part: &Plan, whole: &[Change]) -> Scope {
        let named = |name: &str| self.targets.only.iter().any(|address| address.cluster() == name);
        let touched = |name: &&String| self.extent(name) != Extent::Nothing;
        let planned: BTreeSet<&Address> = part.changes.iter().map(|change| &change.address).collect();
        let left = whole.iter().map(|change| &change.address).filter(|address| !planned.contains(address));
        let of_whole = |address: &Address| match self.extent(address.cluster()) {
            Extent::Nothing => Address::Cluster(address.cluster().to_owned()),
            _ => address.clone(),
        };
        let left: BTreeSet<Address> = left.map(of_whole).collect();
        let clusters: BTreeSet<&str> =
            left.iter().filter(|address| !is_plumbing(address)).map(Address::cluster).collect();
        // Heat's plumbing is a word worth only where nothing else is left.
        let says = |address: &&Address| {
            !is_plumbing(address) || !clusters.contains(address.cluster()) || matches!(address, Address::Cluster(_))
        };
        Scope {
            targets: self.targets.clone(),
            along: self
                .clusters
                .keys()
                .filter(touched)
                .filter(|name| !self.targets.only.is_empty() && !named(name))
                .cloned()
                .collect(),
            untouched: self.clusters.keys().filter(|name| !touched(name)).cloned().collect(),
            left_out: left.iter().filter(says).cloned().collect(),
        }
    }
}

/// The same as [`plan()`] for a part of the project.
///
/// # Errors
/// A part that cannot be planned alone.
pub fn plan_part(
    wanted: &Wanted,
    state: &State,
    observation: &Observation,
    options: &PlanOptions,
    targets: &Targets,
) -> Result<Plan, NotAlone> {
    let whole = plan(wanted, state, observation, options);
    if targets.is_all() {
        return Ok(whole);
    }
    let names: BTreeSet<&str> = wanted.clusters.keys().chain(state.clusters.keys()).map(String::as_str).collect();
    let reach = Reach::of(targets, &names, |name| match wanted.clusters.get(name) {
        Some(cluster) => cluster.refers_to.clone(),
        // One that goes does so once nothing refers to it any more.
        None => referring(state, name),
    });
    let mut part = Wanted { clusters: BTreeMap::new(), ..wanted.clone() };
    for (name, cluster) in &wanted.clusters {
        let cluster = match reach.extent(name) {
            Extent::Nothing => continue,
            Extent::Whole => cluster.clone(),
            Extent::Part => {
                let reaches = |address: &Address| reach.reaches(address);
                narrowed(name, cluster, state.clusters.get(name), observation, &reaches)?
            }
        };
        part.clusters.insert(name.clone(), cluster);
    }
    if let Some(name) = reach
        .clusters
        .iter()
        .find_map(|(name, extent)| (*extent == Extent::Part && !wanted.clusters.contains_key(name)).then_some(name))
    {
        return Err(goes_whole(name));
    }
    let mut planned = plan(&part, &reach.state(state), &reach.observation(observation), options);
    for change in &planned.changes {
        let is_mended = matches!(change.kind, ChangeKind::Heal | ChangeKind::Create | ChangeKind::Verify);
        let is_node = matches!(change.address, Address::Node(..));
        let cluster = change.address.cluster();
        if reach.extent(cluster) == Extent::Part && is_node && !is_mended && !reach.reaches(&change.address) {
            let message = format!("`{}` would change as well, because of what it refers to", change.address);
            return Err(NotAlone { message, help: format!("target the whole cluster: --target cluster.{cluster}") });
        }
    }
    planned.scope = reach.scope(&planned, &whole.changes);
    Ok(planned)
}

/// The same as [`destroy()`](destroy::destroy) for a part of the project.
///
/// # Errors
/// A group: clusters are destroyed whole.
pub fn destroy_part(state: &State, observation: &Observation, targets: &Targets) -> Result<Plan, NotAlone> {
    let whole = destroy::destroy(state, observation);
    if targets.is_all() {
        return Ok(whole);
    }
    if let Some(group) =
        targets.only.iter().chain(&targets.except).find(|address| !matches!(address, Address::Cluster(_)))
    {
        return Err(goes_whole(group.cluster()));
    }
    let names: BTreeSet<&str> = state.clusters.keys().map(String::as_str).collect();
    let reach = Reach::of(targets, &names, |name| referring(state, name));
    let mut planned = destroy::destroy(&reach.state(state), &reach.observation(observation));
    // What is left has outputs, too.
    planned.outputs.clear();
    planned.scope = reach.scope(&planned, &whole.changes);
    Ok(planned)
}

/// Clusters that refer to one.
fn referring(state: &State, name: &str) -> BTreeSet<String> {
    let referring = state.clusters.iter().filter(|(_, known)| known.refers_to.contains(name));
    referring.map(|(other, _)| other.clone()).collect()
}

fn goes_whole(name: &str) -> NotAlone {
    NotAlone {
        message: format!("a group of cluster `{name}` cannot be destroyed alone: the cluster goes as a whole"),
        help: format!("name the cluster, cluster.{name}; to remove a group, remove its block and run `disco apply`"),
    }
}
