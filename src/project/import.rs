//! Taking a cluster whose state was lost into the state again: everything is read from its stacks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::addresses::lacking;
use super::cloud::heat_failure;
use super::compile::{Made, wrong};
use super::failure::{Failure, FailureKind};
use super::rebuilt::{fixed_value, rebuilt, reserve};
use super::session::{Session, new_state};
use super::workspace::DEFAULT;
use crate::apply;
use crate::graph::SIGNATURE;
use crate::heat::{self, StackRef, wire};
use crate::model::{
    ResourceName, base_of, cluster_of, full_address, is_base_stack, name_of_address, stack_name, workspace_of,
};
use crate::plan::{self, Observation, ObservedStack, PlanOptions, Scope, Wanted};
use crate::source::{Diagnostics, did_you_mean};
use crate::state::{ClusterState, Imported, State, lineage_of, lineage_tag, salt_of};
use crate::template::Folded;

impl Session<'_> {
    /// Takes the cluster of a stack, given by name or id, into the state.
    ///
    /// # Errors
    /// A cluster that the definition does not have or the state has already; a stack that does not exist, was not created
    /// by DISCO, is another cluster's or another state's, or that Heat is working on.
    pub async fn import(&self, cluster: &str, stack: &str) -> Result<Imported, Failure> {
        let (state, imported, _) = self.imported(self.known_state(), &self.name_to_import(cluster), stack).await?;
        self.keep(state).await?;
        Ok(imported)
    }

    /// The name on the cloud of what somebody calls so: that of a cluster that was forgotten, or what an address tells.
    fn name_to_import(&self, word: &str) -> String {
        let full = full_address(word);
        let forgotten = self.known_state().into_iter().flat_map(|state| &state.released);
        let mut named =
            forgotten.filter(|(name, called)| called.address_of(name) == full).map(|(name, _)| name.clone());
        named.next().unwrap_or_else(|| name_of_address(word))
    }

    /// A state with the cluster of a stack in it besides those that are in `known`, and what was seen of it.
    pub(super) async fn imported(
        &self,
        known: Option<&State>,
        name: &str,
        stack: &str,
    ) -> Result<(State, Imported, Observation), Failure> {
        let refused = |message: String| Failure::new(FailureKind::Refused, message);
        let names: BTreeSet<String> = self.cluster_names().into_iter().collect();
        let forgotten = known.is_some_and(|known| known.released.contains_key(name));
        if !names.contains(name) && !forgotten {
            let failure = Failure::new(FailureKind::Definition, format!("cluster `{name}` is not in the definition"));
            let near = did_you_mean(name, names.iter().map(String::as_str));
            return Err(
                failure.help(near.unwrap_or_else(|| format!("write its block first: `cluster \"{name}\" {{ … }}`")))
            );
        }
        if known.is_some_and(|state| state.clusters.get(name).is_some_and(|cluster| !cluster.stacks.is_empty())) {
            return Err(refused(format!("cluster `{name}` is in the state already"))
                .help("run `disco plan` to see what differs; nothing needs to be imported"));
        }
        let workspace = &self.loaded.workspace;
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
        let base = vec![stack_name(workspace.name(), name, 0)];
        let seen = heat::observe(self.client(), &lineage_tag(lineage), &base).await;
        let mut seen = seen.map_err(|fault| heat_failure(&fault))?;
        seen.stacks.retain(|stack, _| base_of(stack) == base[0]);
        if let Some((stack, seen)) = seen.stacks.iter().find(|(_, seen)| seen.status.in_progress()) {
            return Err(refused(format!("Heat is still working on stack `{stack}` ({})", seen.status))
                .help("wait until it has finished, then import it"));
        }
        let mut state = known.filter(|state| !is_empty(state)).cloned().unwrap_or_else(|| {
            let fresh = new_state(workspace, Some(lineage.to_owned()));
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
        state.released.remove(name);
        let called = known.and_then(|known| known.released.get(name)).cloned().unwrap_or_default();
        state.clusters.insert(name.to_owned(), ClusterState { called, ..rebuilt(name, lineage, &seen) });
        let lacking = lacking(&state);
        self.take_addresses(&mut state, &seen, &lacking).await?;
        let recomputed = self.complete(name, &mut state, &seen).await?;
        let mut stacks: Vec<String> = seen.stacks.keys().cloned().collect();
        stacks.sort_by_key(|stack| !is_base_stack(stack));
        let nodes = state.clusters.get(name).map(|known| known.members.count()).unwrap_or_default();
        let imported = Imported { cluster: name.to_owned(), stacks, nodes, renames_secrets, recomputed };
        Ok((state, imported, seen))
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
        let (of, base) = (cluster_of(&found.stack_name), base_of(&found.stack_name));
        if of != cluster {
            let message = format!("stack `{}` is of cluster `{of}`, not of `{cluster}`", found.stack_name);
            return Err(Failure::new(FailureKind::Refused, message)
                .help(format!("a cluster's stack has its name: run `disco import cluster.{of} {base}`")));
        }
        let (workspace, here) = (workspace_of(base).unwrap_or(DEFAULT), self.loaded.workspace.word());
        if workspace != here {
            let message = format!("stack `{}` is of workspace `{workspace}`, this is `{here}`", found.stack_name);
            return Err(Failure::new(FailureKind::Refused, message)
                .help(format!("import it there: disco workspace select --or-create {workspace}")));
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

    /// Adds what stands in the definition only, and what is known only of a living cluster. Returns the settings that were
    /// computed when the cluster was created, and that its stacks do not tell.
    async fn complete(&self, name: &str, state: &mut State, seen: &Observation) -> Result<Vec<String>, Failure> {
        let facts = heat::facts(self.client()).await.map_err(|fault| heat_failure(&fault))?;
        let known = apply::known(state, seen);
        let (made, diagnostics) = self.compile(&known, &facts, state);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        let most = made.spec().provider.most_resources();
        if let (Some(spec), Some(cluster)) = (made.spec().clusters.get(name), state.clusters.get_mut(name)) {
            reserve(spec, most, &mut cluster.members, seen);
        }
        let compile = |state: &State| self.compile(&known, &facts, state);
        let recomputed = find_fixed(name, state, seen, &compile);
        let (made, _) = compile(state);
        let Some(wanted) = made.clusters.get(name) else { return Ok(recomputed) };
        if let Some(cluster) = state.clusters.get_mut(name) {
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
            cluster.called = planned.called;
        }
        self.settle(&made, &Scope::default(), state, seen.clone()).await?;
        Ok(recomputed)
    }
}

/// Settings that were computed when a cluster was created: of stacks whose tags do not tell them, they are read from the
/// configurations. Returns those that were not found, and are computed anew.
fn find_fixed(
    name: &str,
    state: &mut State,
    seen: &Observation,
    compile: &dyn Fn(&State) -> (Made, Diagnostics),
) -> Vec<String> {
    let fixed =
        |state: &State| state.clusters.get(name).map(|cluster| cluster.members.fixed.clone()).unwrap_or_default();
    let told = fixed(state);
    let (made, _) = compile(state);
    let Some(wanted) = made.clusters.get(name) else { return Vec::new() };
    let untold = wanted.members.fixed.iter().filter(|(key, _)| !told.contains_key(*key));
    let mut recomputed = Vec::new();
    let mut found = BTreeMap::new();
    for (key, now) in untold {
        // With another value what depends on it is another, too: there it stands.
        let others =
            [now.parse::<u64>().ok().and_then(|now| now.checked_sub(1)), now.parse().ok().map(|now: u64| now + 1)];
        let value = others.into_iter().flatten().find_map(|other| {
            let mut trial = state.clone();
            let cluster = trial.clusters.get_mut(name)?;
            cluster.members.fixed.insert(key.clone(), other.to_string());
            let (other_made, _) = compile(&trial);
            fixed_value(now, wanted, &other.to_string(), other_made.clusters.get(name)?, seen)
        });
        match value {
            Some(value) => drop(found.insert(key.clone(), value)),
            None => recomputed.push(key.clone()),
        }
    }
    if let Some(cluster) = state.clusters.get_mut(name) {
        cluster.members.fixed.extend(found);
    }
    recomputed
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
    parameters.is_some_and(|all| {
        let hidden = all.iter().filter(|(_, parameter)| parameter.get("hidden").is_some_and(|hidden| *hidden == true));
        // What Heat makes up bears the name of its resource, not one that the state's salt gives.
        hidden.into_iter().any(|(name, _)| ResourceName::parse(name).is_none())
    })
}
