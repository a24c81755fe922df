//! From what is wanted to templates, for every cluster of the project.

use std::collections::BTreeMap;

use super::Project;
use super::cloud::offline_facts;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::provisional;
use crate::catalogue::{self, Catalogue, Causes, ClusterContext, Composition, OpenPort};
use crate::graph::{self, ParameterValue};
use crate::language::{Configured, Evaluated};
use crate::model::{CloudFacts, Members, ProjectSpec};
use crate::plan::{self, Change, ChangeKind, Plan, WantedCluster};
use crate::source::Diagnostics;
use crate::state::State;
use crate::template::{self, Parameter, Template};

/// Compiles every cluster; `state` tells which nodes there are already.
pub(super) fn compile(
    evaluated: &Evaluated,
    catalogue: &Catalogue,
    facts: &CloudFacts,
    state: Option<&State>,
) -> (BTreeMap<String, WantedCluster>, Diagnostics) {
    let spec = &evaluated.spec;
    let mut diagnostics = Diagnostics::new();
    let mut clusters = BTreeMap::new();
    diagnostics.extend(catalogue::check_flavors_and_images(&spec.unfinished, facts));
    let most = spec.provider.most_resources();
    let salt = state.map(State::salt).unwrap_or_default();
    for (name, cluster) in &spec.clusters {
        let Some(Configured { configuration, .. }) = evaluated.clusters.get(name) else { continue };
        let previous = state.and_then(|state| state.clusters.get(name)).map(|cluster| &cluster.members);
        let (mut members, found) = graph::allocate(cluster, previous, most);
        diagnostics.extend(found);
        members.workspace = state.and_then(|state| state.workspace.clone());
        let template = |graph| Template::from_graph(&graph);
        let (templates, found) = graph::compile_each(cluster, configuration, facts, &members, salt, template);
        diagnostics.extend(found);
        for (setting, value) in &configuration.fixed {
            members.fixed.entry(setting.clone()).or_insert_with(|| value.clone());
        }
        let (batch_sizes, found) = plan::batch_sizes(cluster, configuration);
        diagnostics.extend(found);
        for template in templates.values() {
            let mut found: Vec<_> = template::check(template, cluster, most).into_iter().collect();
            // What makes several stacks too large is said once.
            found.retain(|new| !diagnostics.iter().any(|old| (old.code, old.span()) == (new.code, new.span())));
            diagnostics.extend(found);
        }
        let wanted = WantedCluster {
            templates,
            members,
            facts: catalogue::facts_in_use(cluster, facts),
            storage_groups: catalogue.storage_groups(cluster),
            open_ports: configuration.open_ports.clone(),
            prevent_destroy: cluster.lifecycle.prevent_destroy.value,
            on_failure: cluster.lifecycle.on_failure.value,
            timeout_minutes: cluster.lifecycle.timeout_minutes.value,
            batch_sizes,
            refers_to: evaluated.references.get(name).cloned().unwrap_or_default(),
            called: cluster.called.clone(),
            provisional: false,
            origin: Some(cluster.origin),
        };
        clusters.insert(name.clone(), wanted);
    }
    // Only where addresses are lacking something may stand for them.
    if clusters.values().any(|cluster: &WantedCluster| cluster.members.lack_addresses()) {
        for cluster in clusters.values_mut() {
            cluster.provisional = cluster.templates.values().any(provisional::is_in);
        }
    }
    (clusters, diagnostics)
}

/// Whether the templates of a cluster name secrets.
pub(super) fn has_secrets(cluster: &WantedCluster) -> bool {
    // What Heat makes up has a name that tells nothing.
    let named = |parameter: &Parameter| parameter.hidden && matches!(parameter.value, ParameterValue::Given(_));
    cluster.templates.values().any(|template| template.parameters.values().any(named))
}

impl Project {
    /// The same as [`Project::compile_loaded`] without asking a cloud, with every mistake that can be found that way.
    pub(super) fn compile_offline(&self, loaded: &Loaded, state: Option<&State>) -> (Made, Diagnostics) {
        let facts = offline_facts(&loaded.settings.provider);
        self.compile_loaded(loaded, &BTreeMap::new(), &facts, state)
    }

    /// Evaluates and compiles what has no mistakes.
    pub(super) fn compile_loaded(
        &self,
        loaded: &Loaded,
        known: &BTreeMap<String, crate::model::KnownCluster>,
        facts: &CloudFacts,
        state: Option<&State>,
    ) -> (Made, Diagnostics) {
        let (evaluated, catalogue, mut diagnostics) = self.evaluate(loaded, known, facts, state);
        let (clusters, found) = compile(&evaluated, &catalogue, facts, state);
        diagnostics.extend(found);
        let mut made = Made { evaluated, catalogue, clusters };
        if !diagnostics.has_errors() {
            self.hand_on(loaded, &mut made);
        }
        (made, diagnostics)
    }

    /// Finds the lines of the definitions that a plan's changes come from. It costs about as much as configuring a cluster
    /// does, so clusters whose configurations do not differ are left out.
    pub(super) fn trace(&self, plan: &mut Plan, made: &Made, facts: &CloudFacts) {
        for (name, cluster) in &made.spec().clusters {
            let (Some(wanted), Some(configured)) = (made.clusters.get(name), made.evaluated.clusters.get(name)) else {
                continue;
            };
            let differs = |change: &Change| {
                change.address.cluster() == name
                    && change
                        .resources
                        .iter()
                        .any(|resource| resource.kind > ChangeKind::Create || resource.replaces.is_some())
            };
            if plan.changes.iter().any(differs) {
                let of = ClusterContext {
                    spec: cluster,
                    catalogue: &made.catalogue,
                    composition: &configured.composition,
                    facts,
                    fixed: &wanted.members.fixed,
                    sources: self.sources(),
                };
                plan.trace(cluster, &Causes::new(of));
            }
        }
    }
}

/// What a project's definitions come to.
#[derive(Debug)]
pub(super) struct Made {
    /// What is wanted, and what the frameworks make of it.
    evaluated: Evaluated,
    /// The frameworks to choose from.
    catalogue: Catalogue,
    /// As templates, by name.
    pub(super) clusters: BTreeMap<String, WantedCluster>,
}

impl Made {
    /// What is wanted.
    pub(super) fn spec(&self) -> &ProjectSpec {
        &self.evaluated.spec
    }

    /// The frameworks to choose from.
    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// How the frameworks of a cluster go together.
    pub(super) fn composition(&self, cluster: &str) -> Option<&Composition> {
        self.evaluated.clusters.get(cluster).map(|configured| &configured.composition)
    }

    /// Which nodes there shall be, by cluster.
    pub(super) fn members(&self) -> BTreeMap<String, Members> {
        self.by_cluster(|cluster| &cluster.members)
    }

    /// Ports that users may be let in on, by cluster.
    pub(super) fn open_ports(&self) -> BTreeMap<String, Vec<OpenPort>> {
        self.by_cluster(|cluster| &cluster.open_ports)
    }

    fn by_cluster<T: Clone>(&self, part: impl Fn(&WantedCluster) -> &T) -> BTreeMap<String, T> {
        self.clusters.iter().map(|(name, cluster)| (name.clone(), part(cluster).clone())).collect()
    }
}

/// The failure that stops an operation because of mistakes in the definitions.
pub(super) fn wrong(diagnostics: Diagnostics) -> Failure {
    Failure::of(FailureKind::Definition, diagnostics)
}
