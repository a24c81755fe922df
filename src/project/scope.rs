//! `--target`, `--exclude` and `--replace`: what a plan is about, and what it replaces, by addresses that people type.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use super::compile::{Made, wrong};
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use crate::model::{Address, Called, KnownCluster, Members, full_address};
use crate::plan::{self, NotAlone, Plan, Targets, Wanted};
use crate::source::did_you_mean;
use crate::state::State;

/// What somebody has named, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeRequest {
    /// `--target`
    pub targets: Vec<String>,
    /// `--exclude`
    pub excluded: Vec<String>,
    /// `--replace`
    pub replaced: Vec<String>,
}

/// What there is to be named.
struct Known {
    addresses: BTreeSet<Address>,
    /// What definitions call the clusters.
    called: BTreeMap<String, Called>,
}

impl Known {
    /// Clusters, groups and nodes of some clusters.
    fn of<'m>(clusters: impl Iterator<Item = (&'m String, &'m Members, &'m Called)>) -> Self {
        let mut all = BTreeSet::new();
        let mut names = BTreeMap::new();
        for (name, members, called) in clusters {
            names.entry(name.clone()).or_insert_with(|| called.clone());
            all.insert(Address::Cluster(name.clone()));
            for (group, members) in &members.groups {
                all.insert(Address::Group(name.clone(), group.clone()));
                all.extend(members.nodes.keys().map(|index| Address::Node(name.clone(), group.clone(), *index)));
            }
        }
        Self { addresses: all, called: names }
    }

    /// The clusters that a word names together, which is not the address of one alone.
    fn within(&self, word: &str) -> BTreeSet<Address> {
        let full = full_address(word);
        let within = self.called.iter().filter(|(name, called)| called.is_within(name, &full));
        within.map(|(name, _)| Address::Cluster(name.clone())).collect()
    }

    /// The address that a word is, if it is of the kind that `fits`.
    fn find(&self, option: &str, word: &str, fits: fn(&Address) -> bool, forms: &str) -> Result<Address, Failure> {
        let full = full_address(word);
        let by_name = self.called.iter().find_map(|(name, called)| called.by_name(name, &full));
        let full = by_name.unwrap_or_else(|| full.into_owned());
        let address = Address::parse(&full);
        if let Some(address) = address.as_ref().filter(|address| fits(address) && self.addresses.contains(*address)) {
            return Ok(address.clone());
        }
        let is_other = address.is_some_and(|address| {
            self.addresses.contains(&address)
                || matches!(address, Address::Network(_) | Address::Security(_) | Address::Framework(..))
        });
        if is_other {
            let message = format!("{option}: `{word}` cannot be named here");
            return Err(Failure::new(FailureKind::Definition, message).help(format!("name {forms}")));
        }
        let names: Vec<String> =
            self.addresses.iter().filter(|address| fits(address)).map(ToString::to_string).collect();
        let near = did_you_mean(&full, names.iter().map(String::as_str));
        Err(Failure::new(FailureKind::Definition, format!("{option}: there is no `{word}`"))
            .help(near.unwrap_or_else(|| format!("name {forms}; `disco state list` lists what there is"))))
    }
}

/// The clusters of a state.
fn standing(state: &State) -> impl Iterator<Item = (&String, &Members, &Called)> {
    state.clusters.iter().map(|(name, known)| (name, &known.members, &known.called))
}

impl ScopeRequest {
    /// Whether anything was named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The part that is planned.
    ///
    /// # Errors
    /// A word that names no cluster and no group.
    pub(super) fn part(&self, made: Option<&Made>, state: &State) -> Result<Targets, Failure> {
        if self.targets.is_empty() && self.excluded.is_empty() {
            return Ok(Targets::default());
        }
        let wanted = made.into_iter().flat_map(|made| &made.clusters);
        let wanted = wanted.map(|(name, wanted)| (name, &wanted.members, &wanted.called));
        let known = Known::of(wanted.chain(standing(state)));
        let fits = |address: &Address| matches!(address, Address::Cluster(_) | Address::Group(..));
        let all = |option: &str, words: &[String]| {
            let forms = "a cluster, cluster.NAME, or one of its groups, cluster.NAME.GROUP";
            let mut all = BTreeSet::new();
            for word in words {
                let together = known.within(word);
                if together.is_empty() {
                    all.insert(known.find(option, word, fits, forms)?);
                }
                all.extend(together);
            }
            Ok::<_, Failure>(all)
        };
        Ok(Targets { only: all("--target", &self.targets)?, except: all("--exclude", &self.excluded)? })
    }

    /// The nodes that are replaced.
    ///
    /// # Errors
    /// A word that names no node and no group that is there.
    pub(super) fn replaced(&self, state: &State) -> Result<BTreeSet<Address>, Failure> {
        let known = Known::of(standing(state));
        let fits = |address: &Address| matches!(address, Address::Group(..) | Address::Node(..));
        let mut nodes = BTreeSet::new();
        for word in &self.replaced {
            let forms = "a node that is there, cluster.NAME.GROUP[INDEX], or a group, cluster.NAME.GROUP";
            match known.find("--replace", word, fits, forms)? {
                Address::Group(cluster, group) => {
                    let of_group = |address: &&Address| matches!(address, Address::Node(of, its, _) if *of == cluster && *its == group);
                    nodes.extend(known.addresses.iter().filter(of_group).cloned());
                }
                node => drop(nodes.insert(node)),
            }
        }
        Ok(nodes)
    }
}

/// Refuses a plan that does not replace what it was to replace, because it is not about it.
pub(super) fn require_replaced(plan: &Plan, nodes: &BTreeSet<Address>) -> Result<(), Failure> {
    let changes = |node: &Address| plan.changes.iter().any(|change| change.address == *node);
    match nodes.iter().find(|node| !changes(node)) {
        None => Ok(()),
        Some(node) => {
            Err(Failure::new(FailureKind::Refused, format!("`{node}` is to be replaced and is not targeted"))
                .help("add it to --target, or leave --target and --exclude out"))
        }
    }
}

/// Why a part cannot be planned alone, for a person.
pub(super) fn not_alone(why: NotAlone) -> Failure {
    Failure::new(FailureKind::Refused, why.message).help(why.help)
}

impl Project {
    /// The outputs of a plan for a part: of clusters that stay as they are they tell what these are.
    pub(super) fn settle_outputs(
        &self,
        loaded: &Loaded,
        made: &Made,
        known: &BTreeMap<String, KnownCluster>,
        state: &State,
        plan: &mut Plan,
    ) -> Result<(), Failure> {
        if plan.scope.is_all() {
            return Ok(());
        }
        let mut members = members_of(state);
        members.extend(plan.clusters.iter().map(|(name, planned)| (name.clone(), planned.members.clone())));
        let (outputs, diagnostics) = self.outputs(loaded, made, &members, known);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let outputs = outputs.into_iter().map(|output| (output.name, (output.json, output.secret)));
        // Those of which nothing is known yet are not worth a word.
        let mut wanted = Wanted { outputs: outputs.collect(), ..Wanted::default() };
        let is_new = !plan.steps.is_empty();
        wanted.outputs.retain(|name, (value, _)| value.is_some() || is_new || state.outputs.contains_key(name));
        plan.outputs = plan::output_changes(&wanted, state, is_new);
        Ok(())
    }
}

/// The nodes that the state knows, by cluster.
pub(super) fn members_of(state: &State) -> BTreeMap<String, Members> {
    state.clusters.iter().map(|(name, known)| (name.clone(), known.members.clone())).collect()
}
