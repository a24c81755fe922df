//! A plan without a cloud: from the definitions, the state and the facts that it remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::cloud::offline_facts;
use super::compile::wrong;
use super::definition::Loaded;
use super::failure::Failure;
use super::handover::hand_over;
use super::lock::Lease;
use super::planned::{Planned, wanted};
use super::scope::{ScopeRequest, not_alone, require_replaced};
use super::session::{new_state, now};
use super::store::StateStore;
use super::victims::Victims;
use super::{Operation, Project, saved};
use crate::apply;
use crate::model::{CloudFacts, CloudIdentity, ClusterSpec, Found, KnownCluster, Provider};
use crate::plan::{self, Observation, PlanOptions};
use crate::source::{Diagnostic, Diagnostics, listed};
use crate::state::State;

/// The project's lock and its state, held together, and no cloud.
pub struct Offline<'a> {
    project: &'a Project,
    operation: Operation,
    loaded: Loaded,
    store: StateStore,
    state: Option<State>,
    victims: Victims,
    scope: ScopeRequest,
    _lease: Lease,
}

impl Project {
    /// Takes the lock and reads the state; asks no cloud anything.
    ///
    /// # Errors
    /// The same as of [`Project::open`], but for those of the cloud.
    pub async fn open_offline(&self, operation: Operation) -> Result<Offline<'_>, Failure> {
        let loaded = self.load_for(operation)?;
        let store = self.store(&loaded)?;
        let lease = self.acquire(&store, operation.verb(), now()).await?;
        let state = store.load().await?;
        self.provider(&loaded, state.as_ref())?;
        let (victims, scope) = (Victims::default(), ScopeRequest::default());
        Ok(Offline { project: self, operation, loaded, store, state, victims, scope, _lease: lease })
    }
}

impl Offline<'_> {
    /// Who leaves where a group becomes smaller: words that name nodes.
    ///
    /// # Errors
    /// A word that names no node, or several.
    pub fn set_victims(&mut self, words: &[String]) -> Result<(), Failure> {
        self.victims = Victims::read(words, self.state.as_ref())?;
        Ok(())
    }

    /// What is planned, where that is not everything, and what is replaced.
    pub fn set_scope(&mut self, scope: &ScopeRequest) {
        self.scope.clone_from(scope);
    }

    /// What would change, as far as the state knows what is there.
    ///
    /// # Errors
    /// Mistakes in the definitions that can be found without a cloud.
    pub fn plan(&self, accept_data_loss: bool) -> Result<Planned, Failure> {
        let mut state = self.state.clone().unwrap_or_else(|| new_state(&self.loaded.workspace, None));
        let provider = &self.loaded.settings.provider;
        if matches!(provider, Provider::Local { .. }) {
            state.cloud.get_or_insert(CloudIdentity::Embedded);
        }
        let unseen = Observation::default();
        if self.operation.destroys() {
            return self.project.plan_destroy(&self.loaded, &self.scope, state, &unseen, accept_data_loss);
        }
        let (state_changes, warned) = hand_over(&self.loaded.handover, &mut state);
        let facts = remembered(provider, &state);
        let known = known(&state);
        let (made, mut diagnostics) =
            self.project.compile_loaded(&self.loaded, &known, &facts, Some(&*self.victims.without(&state)));
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        self.victims.check(&made, &state)?;
        let (outputs, found) = self.project.outputs(&self.loaded, &made, &made.members(), &known);
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(wrong(diagnostics));
        }
        diagnostics.extend(unknown(&made.spec().clusters, &facts));
        diagnostics.extend(warned);
        let replace = self.scope.replaced(&state)?;
        let targets = self.scope.part(Some(&made), &state)?;
        let options = PlanOptions { accept_data_loss, replace, ..PlanOptions::default() };
        let whole = wanted(&self.loaded, &made, outputs, &state);
        let mut plan = plan::plan_part(&whole, &state, &unseen, &options, &targets).map_err(not_alone)?;
        require_replaced(&plan, &options.replace)?;
        self.project.settle_outputs(&self.loaded, &made, &known, &state, &mut plan)?;
        self.project.explain_plan(&mut plan, &made, &facts);
        let diagnostics = self.project.heard(&self.loaded, &mut plan, diagnostics);
        plan.state_changes = state_changes;
        let (victims, scope) = (self.victims.clone(), self.scope.clone());
        let planned = Planned { victims, scope, ..Planned::of(plan, accept_data_loss, state, &unseen) };
        Ok(Planned { warnings: diagnostics, made: Some(made), ..planned })
    }

    /// Keeps a plan in a file; `apply` looks at the cloud before it carries it out.
    ///
    /// # Errors
    /// The same as of [`Session::save`](super::Session::save); a project that was never applied, whose cloud is not known.
    pub async fn save(&self, planned: &Planned, path: &Path) -> Result<(), Failure> {
        if planned.state.cloud.is_none() {
            let message = "the plan cannot be saved: it does not say which cloud it is for, which nobody has asked";
            return Err(Failure::new(super::FailureKind::Refused, message).help("plan without --offline"));
        }
        saved::keep(self.project, &self.store, self.state.is_none(), planned, &self.loaded, self.operation, path).await
    }
}

/// What the state remembers of the cloud; of the embedded Heat everything is known.
pub(super) fn remembered(provider: &Provider, state: &State) -> CloudFacts {
    let mut facts = offline_facts(provider);
    for known in state.clusters.values().map(|cluster| &cluster.facts) {
        facts.flavors.extend(known.flavors.clone());
        facts.images.extend(known.images.clone());
        facts.external_networks.extend(known.external_networks.clone());
        let members = known.quotas.server_group_members;
        facts.quotas.server_group_members = facts.quotas.server_group_members.or(members);
    }
    facts
}

/// Ids and addresses of the living clusters, as the state has them.
pub(super) fn known(state: &State) -> BTreeMap<String, KnownCluster> {
    let mut known = apply::known(state, &Observation::default());
    for (name, cluster) in &state.clusters {
        let Some(known) = known.get_mut(name) else { continue };
        for (node, address) in &cluster.floating_ips {
            let group = known.nodes.get_mut(&node.group);
            if let Some(node) = group.and_then(|nodes| nodes.get_mut(&node.index)) {
                node.floating_ip = Some(*address);
            }
        }
    }
    known
}

/// What the definitions name and the state does not remember, as a warning at each place.
fn unknown(clusters: &BTreeMap<String, ClusterSpec>, facts: &CloudFacts) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut said: BTreeSet<(&str, &str)> = BTreeSet::new();
    for group in clusters.values().flat_map(|cluster| &cluster.groups) {
        let mut place = None;
        let mut missing = Vec::new();
        let flavor = &group.flavor;
        if facts.flavors.find(&flavor.value) == Found::Nothing && said.insert(("flavor", &flavor.value)) {
            missing.push(format!("flavor `{}`", flavor.value));
            place = flavor.origin;
        }
        let image = &group.image;
        if facts.images.find(&image.value) == Found::Nothing && said.insert(("image", &image.value)) {
            missing.push(format!("image `{}`", image.value));
            place = place.or(image.origin);
        }
        if missing.is_empty() {
            continue;
        }
        let are = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("{} {are} not known offline", listed(&missing));
        let sizes = "not looked up; what depends on its size is not known either";
        diagnostics.push(
            Diagnostic::warning("disco::not_known_offline", message)
                .at(
                    place.unwrap_or(group.origin),
                    if missing[0].starts_with("flavor") { sizes } else { "not looked up" },
                )
                .help("plan without --offline to look it up"),
        );
    }
    diagnostics
}
