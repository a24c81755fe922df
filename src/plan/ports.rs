//! Where Neutron chooses the addresses of nodes, their ports are made first: everything else names these addresses.

use std::collections::{BTreeMap, BTreeSet};

use super::intermediate::IntermediateTemplate;
use super::known::{KnownStack, Standing};
use super::object::{brief, is_plumbing};
use super::stack_steps::Composer;
use super::{ChangeKind, Plan, Step, StepAction};
use crate::model::{Address, NodePart, ResourceName, shard_of};
use crate::source::Diagnostic;

/// The step that makes the ports of those new nodes of a stack that have no address yet; `None` where they are there.
///
/// # Errors
/// A stack of which it is not wholly known what it has: nothing else of it would stay as it is.
pub(super) fn step(composer: &Composer<'_>, known: Option<&KnownStack<'_>>) -> Result<Option<Step>, Diagnostic> {
    let of_stack = |(group, index): &(&str, u32)| {
        let node = composer.wanted.members.node(group, *index);
        node.is_some_and(|node| node.shard == shard_of(composer.stack))
    };
    let waiting = composer.wanted.members.without_address().filter(of_stack);
    let exists = |port: &str| {
        let port = known.and_then(|known| known.resources.get(port));
        port.is_some_and(|port| port.exists() && !matches!(port.standing, Standing::Vanished))
    };
    let missing: Vec<(Address, String)> = waiting
        .map(|(group, index)| {
            let port = ResourceName::Node(group, index, NodePart::Port).to_string();
            (Address::Node(composer.cluster.to_owned(), group.to_owned(), index), port)
        })
        .filter(|(_, port)| !exists(port))
        .collect();
    if missing.is_empty() {
        return Ok(None);
    }
    let (nodes, ports): (Vec<Address>, Vec<String>) = missing.into_iter().unzip();
    let template = IntermediateTemplate::with(known, composer.template, ports);
    let Some(template) = template.and_then(|template| template.template()) else {
        let message =
            format!("ports of new nodes cannot be created while stack `{}` is not wholly known", composer.stack);
        return Err(Diagnostic::error("disco::ports_not_possible", message)
            .at_maybe(composer.wanted.origin, "an update of it has failed halfway")
            .help("run `disco apply` without the new nodes first, then add them"));
    };
    let tags = composer.tags.clone();
    let action = match known {
        Some(_) => StepAction::Update(template, tags),
        None => StepAction::Create(template, tags),
    };
    Ok(Some(composer.step(format!("create ports: {}", brief(&nodes)), action, nodes, false)))
}

impl Plan {
    /// What can be carried out before new ports have told their addresses, and other clusters their values: a plan of its own,
    /// after which everything is planned again. `None` where nothing waits for any of it.
    pub fn until_known(&self) -> Option<Self> {
        let waiting = self.steps.iter().filter(|step| step.lacks_addresses).map(|step| step.cluster.clone());
        let mut unfinished: BTreeSet<String> = waiting.collect();
        if unfinished.is_empty() {
            return None;
        }
        // Whoever comes after such a cluster waits for the whole of it.
        let waits = |name: &&String| unfinished.iter().any(|other| self.waits(name, other));
        let later: BTreeSet<String> = self.after.keys().filter(waits).cloned().collect();
        let steps = self.steps.iter().filter(|step| !step.lacks_addresses && !later.contains(&step.cluster));
        let steps = steps.cloned().collect();
        unfinished.extend(later);
        Some(Self { steps, unfinished, ..self.clone() })
    }

    /// Whether this plan, made once the first part of another one is done, does nothing that the other did not say.
    pub fn continues(&self, told: &Self) -> bool {
        let kinds = |plan: &Self| -> BTreeMap<Address, ChangeKind> {
            plan.changes.iter().map(|change| (change.address.clone(), change.kind)).collect()
        };
        let told = kinds(told);
        kinds(self).into_iter().all(|(address, kind)| {
            let plumbing = is_plumbing(&address) || kind == ChangeKind::Verify;
            // What was to be made is there in part: a security group that still lacks its rules.
            let is_begun = |told: ChangeKind| told == ChangeKind::Create && kind == ChangeKind::Update;
            plumbing || told.get(&address).is_some_and(|told| kind == *told || is_begun(*told))
        })
    }
}
