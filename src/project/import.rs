//! Taking a cluster whose state was lost into the state again: everything is read from its stacks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::Value as Json;

use super::addresses::lacking;
use super::cloud::heat_failure;
use super::compile::wrong;
use super::failure::{Failure, FailureKind};
use super::session::{Session, new_state};
use crate::apply;
use crate::graph::{SIGNATURE, allocate};
use crate::heat::{self, StackRef, wire};
use crate::model::{
    Address, ClusterSpec, GroupMembers, Member, Members, cluster_name, cluster_of, heat_type, shard_of,
};
use crate::plan::{self, Observation, ObservedStack, PlanOptions, Wanted};
use crate::source::did_you_mean;
use crate::state::{
    ClusterState, Imported, Recorded, StackState, State, lineage_of, lineage_tag, salt_of, salted_digest,
};
use crate::template::Folded;

impl Session<'_> {
    /// Takes the cluster of a stack, given by name or id, into the state.
    ///
    /// # Errors
    /// A cluster that the definition does not have or the state has already; a stack that does not exist, was not created
    /// by DISCO, is another cluster's or another state's, or that Heat is working on.
    pub async fn import(&self, cluster: &str, stack: &str) -> Result<Imported, Failure> {
        let name = cluster_name(cluster);
        let refused = |message: String| Failure::new(FailureKind::Refused, message);
        let names: BTreeSet<String> = self.cluster_names().into_iter().collect();
        if !names.contains(name) {
            let failure = Failure::new(FailureKind::Definition, format!("cluster `{name}` is not in the definition"));
            let near = did_you_mean(name, names.iter().map(String::as_str));
            return Err(
                failure.help(near.unwrap_or_else(|| format!("write its block first: `cluster \"{name}\" {{ … }}`")))
            );
        }
        let known = self.known_state();
        if known.is_some_and(|state| state.clusters.get(name).is_some_and(|cluster| !cluster.stacks.is_empty())) {
            return Err(refused(format!("cluster `{name}` is in the state already"))
                .help("run `disco plan` to see what differs; nothing needs to be imported"));
        }
        let found = self.find(name, stack).await?;
        let tags = found.tags.clone().unwrap_or_default();
        let Some(lineage) = lineage_of(&tags) else {
            return Err(self.not_ours(&found).await);
        };
        let is_empty = |state: &State| state.clusters.values().all(|cluster| cluster.stacks.is_empty());
        if known.is_some_and(|state| state.lineage != lineage && !is_empty(state)) {
            return Err(refused(format!(
                "stack `{}` was created from another state, of lineage {lineage}",
                found.stack_name
            ))
            .help("import it in a folder of its own: a state has one lineage"));
        }
        let base = vec![name.to_owned()];
        let seen = heat::observe(self.client(), &lineage_tag(lineage), &base).await;
        let mut seen = seen.map_err(|fault| heat_failure(&fault))?;
        seen.stacks.retain(|stack, _| cluster_of(stack) == name);
        if let Some((stack, seen)) = seen.stacks.iter().find(|(_, seen)| seen.status.in_progress()) {
            return Err(refused(format!("Heat is still working on stack `{stack}` ({})", seen.status))
                .help("wait until it has finished, then import it"));
        }
        let mut state = known.filter(|state| !is_empty(state)).cloned().unwrap_or_else(|| {
            let fresh = new_state(Some(lineage.to_owned()));
            State { serial: known.map(|state| state.serial).unwrap_or_default(), ..fresh }
        });
        let mut renames_secrets = false;
        if known.is_none_or(is_empty) {
            // `disco template --out` begins a state that the stack's tags name, with the salt of its secrets.
            let own = known.filter(|known| known.lineage == lineage).and_then(|known| known.salt.clone());
            match salt_of(&tags).map(str::to_owned).or(own) {
                Some(salt) => state.salt = Some(salt),
                None => renames_secrets = seen.stacks.values().any(has_secrets),
            }
        }
        state.clusters.insert(name.to_owned(), rebuilt(name, lineage, &seen));
        let lacking = lacking(&state);
        self.take_addresses(&mut state, &seen, &lacking).await?;
        self.complete(name, &mut state, &seen).await?;
        let mut stacks: Vec<String> = seen.stacks.keys().cloned().collect();
        stacks.sort_by_key(|stack| stack != name);
        let nodes = state.clusters.get(name).map(|known| known.members.count()).unwrap_or_default();
        let imported = Imported { cluster: name.to_owned(), stacks, nodes, renames_secrets };
        self.keep(state)?;
        Ok(imported)
    }

    /// The base stack that was meant.
    async fn find(&self, cluster: &str, word: &str) -> Result<wire::Stack, Failure> {
        let failed = |fault| heat_failure(&fault);
        let all = self.client().stacks_tagged("disco").await.map_err(failed)?;
        let Some(found) = all.iter().find(|stack| stack.stack_name == word || stack.id == word) else {
            if let Some(other) = self.client().find_stack(word).await.map_err(failed)? {
                return Err(self.not_ours(&other).await);
            }
            let failure = Failure::new(FailureKind::Refused, format!("stack `{word}` does not exist"));
            let names = all.iter().map(|stack| stack.stack_name.as_str());
            return Err(failure.help_maybe(did_you_mean(word, names)));
        };
        let base = cluster_of(&found.stack_name);
        if base != cluster {
            let message = format!("stack `{}` is of cluster `{base}`, not of `{cluster}`", found.stack_name);
            return Err(Failure::new(FailureKind::Refused, message)
                .help(format!("a cluster's stack has its name: run `disco import cluster.{base} {base}`")));
        }
        all.iter().find(|stack| stack.stack_name == base).cloned().ok_or_else(|| {
            let message = format!("stack `{base}`, the base of `{}`, does not exist", found.stack_name);
            Failure::new(FailureKind::Refused, message).help("delete what is left of the cluster, and apply")
        })
    }

    /// The refusal of a stack whose tags do not say from which state it is. One that was created from a printed template
    /// can be given them.
    async fn not_ours(&self, stack: &wire::Stack) -> Failure {
        let name = &stack.stack_name;
        let template = self.client().template(&StackRef::new(name, &stack.id)).await;
        let is_printed = template.is_ok_and(|template| is_of_disco(&template));
        if is_printed {
            let message = format!("stack `{name}` has no tags of DISCO, so its state is not known");
            return Failure::new(FailureKind::Refused, message).help(format!(
                "give it the tags that `disco template --out FOLDER` writes to stacks.json, then import it:\n\
                 openstack stack update --existing --tags TAG,TAG {name}"
            ));
        }
        Failure::new(FailureKind::Refused, format!("stack `{name}` was not created by DISCO"))
            .help("import stacks that DISCO created: their tags say from which state")
    }

    /// Adds what stands in the definition only, and what is known only of a living cluster.
    async fn complete(&self, name: &str, state: &mut State, seen: &Observation) -> Result<(), Failure> {
        let facts = heat::facts(self.client()).await.map_err(|fault| heat_failure(&fault))?;
        let known = apply::known(state, seen);
        let (made, diagnostics) = self.compile(&known, &facts, state);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let (Some(spec), Some(wanted)) = (made.spec().clusters.get(name), made.clusters.get(name)) else {
            return Ok(());
        };
        let most = made.spec().provider.most_resources();
        if let Some(cluster) = state.clusters.get_mut(name) {
            reserve(spec, most, &mut cluster.members);
            cluster.members.fixed.clone_from(&wanted.members.fixed);
        }
        let one = BTreeMap::from([(name.to_owned(), wanted.clone())]);
        let wanted = Wanted { clusters: one, ..Wanted::default() };
        let planned = plan::plan(&wanted, state, seen, &PlanOptions::default()).clusters.remove(name);
        if let (Some(cluster), Some(planned)) = (state.clusters.get_mut(name), planned) {
            cluster.facts = planned.facts;
            cluster.storage_groups = planned.storage_groups;
            cluster.frameworks = planned.frameworks;
            cluster.prevent_destroy = planned.prevent_destroy;
            cluster.refers_to = planned.refers_to;
        }
        self.settle(&made, state, seen.clone()).await
    }
}

/// Whether a template is one that DISCO prints.
fn is_of_disco(template: &Folded) -> bool {
    #[derive(Deserialize)]
    struct Described {
        #[serde(default)]
        description: String,
    }
    template.read().is_some_and(|template: Described| template.description.ends_with(SIGNATURE))
}

/// Whether a stack's template names secrets.
fn has_secrets(seen: &ObservedStack) -> bool {
    let parameters = seen.template.as_ref().and_then(|template| template.get("parameters")?.as_object());
    parameters
        .is_some_and(|all| all.values().any(|parameter| parameter.get("hidden").is_some_and(|hidden| hidden == true)))
}

/// A cluster as its stacks tell it.
fn rebuilt(cluster: &str, lineage: &str, seen: &Observation) -> ClusterState {
    let mut known = ClusterState::default();
    for (name, seen) in &seen.stacks {
        let mut stack = StackState::default();
        stack.record_observed(cluster, seen);
        let shown = seen.parameters.iter().filter(|(name, _)| is_shown(seen, name));
        stack.parameters = shown.map(|(name, value)| (name.clone(), salted_digest(lineage, name, value))).collect();
        let shard = shard_of(name);
        for resource in stack.resources.values().filter(|resource| resource.heat_type == heat_type::PORT) {
            let Address::Node(_, group, index) = &resource.address else { continue };
            let Some(fixed_ips) = resource.properties.get("fixed_ips").and_then(Recorded::value) else { continue };
            let group = known.members.groups.entry(group.clone()).or_default();
            group.nodes.insert(*index, Member { address: first_address(&fixed_ips), shard });
        }
        known.stacks.insert(name.clone(), stack);
    }
    known
}

/// Whether a parameter is one of the template's, and no secret. Heat has some of its own.
fn is_shown(seen: &ObservedStack, name: &str) -> bool {
    let parameter = seen.template.as_ref().and_then(|template| template.get("parameters")?.get(name));
    parameter.is_some_and(|parameter| parameter.get("hidden").is_none_or(|hidden| hidden != true))
}

/// The blocks of addresses that the nodes are in: those that the definition would reserve where they have all nodes at
/// their addresses, else those that the nodes have.
fn reserve(spec: &ClusterSpec, most: u32, members: &mut Members) {
    let (fresh, _) = allocate(spec, None, most);
    let holds = |group: &str, nodes: &GroupMembers| {
        let blocks = fresh.groups.get(group).map(|group| group.blocks.as_slice()).unwrap_or_default();
        nodes.nodes.iter().all(|(index, node)| blocks.iter().any(|block| block.address(*index) == node.address))
    };
    let all = members.groups.iter().all(|(name, group)| holds(name, group));
    for (name, group) in &mut members.groups {
        group.blocks = match fresh.groups.get(name).filter(|_| all) {
            Some(fresh) => fresh.blocks.clone(),
            None => group.runs(),
        };
    }
}

/// The address of a port as its template sets it; none where Neutron has chosen it.
fn first_address(fixed_ips: &Json) -> Option<Ipv4Addr> {
    fixed_ips.get(0)?.get("ip_address")?.as_str()?.parse().ok()
}
