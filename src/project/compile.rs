//! From what is wanted to templates, for every cluster of the project.

use std::collections::BTreeMap;

use super::Project;
use super::cloud::offline_facts;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use crate::catalogue::{self, Catalogue, ClusterConfiguration, MaxUnavailable, OpenPort};
use crate::graph;
use crate::model::{CloudFacts, ClusterSpec, GroupSpec, Members, ProjectSpec, Provider, Sourced};
use crate::plan::WantedCluster;
use crate::source::{Diagnostic, Diagnostics, Sources};
use crate::state::State;
use crate::template::{self, Template};

/// All clusters, compiled.
#[derive(Debug, Default)]
pub(super) struct CompiledProject {
    /// By name.
    pub(super) clusters: BTreeMap<String, WantedCluster>,
    /// Ports that users may be let in on, by cluster.
    pub(super) open_ports: BTreeMap<String, Vec<OpenPort>>,
}

impl CompiledProject {
    /// Which nodes there shall be, by cluster.
    pub(super) fn members(&self) -> BTreeMap<String, Members> {
        self.clusters.iter().map(|(name, cluster)| (name.clone(), cluster.members.clone())).collect()
    }
}

/// Compiles every cluster; `state` tells which nodes there are already.
pub(super) fn compile(
    spec: &ProjectSpec,
    catalogue: &Catalogue,
    facts: &CloudFacts,
    state: Option<&State>,
    sources: &Sources,
) -> (CompiledProject, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut compiled = CompiledProject::default();
    diagnostics.extend(catalogue::check_machines(&spec.unfinished, facts));
    let most = most_resources(&spec.provider);
    let salt = state.map(State::salt).unwrap_or_default();
    for (name, cluster) in &spec.clusters {
        let previous = state.and_then(|state| state.clusters.get(name)).map(|cluster| &cluster.members);
        let (mut members, found) = graph::allocate(cluster, previous, most);
        diagnostics.extend(found);
        let template = |graph| Template::from_graph(&graph);
        let (made, found) = graph::compile(cluster, catalogue, facts, &members, salt, sources, template);
        diagnostics.extend(found);
        for (setting, value) in &made.configuration.fixed {
            members.fixed.entry(setting.clone()).or_insert_with(|| value.clone());
        }
        let (batch_sizes, found) = batch_sizes(cluster, &made.configuration);
        diagnostics.extend(found);
        for template in made.stacks.values() {
            diagnostics.extend(template::check(template, cluster, most));
        }
        let wanted = WantedCluster {
            templates: made.stacks,
            members,
            facts: in_use(cluster, facts),
            storage_groups: storage_groups(cluster, catalogue),
            prevent_destroy: cluster.lifecycle.prevent_destroy.value,
            on_failure: cluster.lifecycle.on_failure.value,
            timeout_minutes: cluster.lifecycle.timeout_minutes.value,
            batch_sizes,
            origin: Some(cluster.origin),
        };
        compiled.clusters.insert(name.clone(), wanted);
        compiled.open_ports.insert(name.clone(), made.configuration.open_ports);
    }
    (compiled, diagnostics)
}

/// Whether the templates of a cluster name secrets.
pub(super) fn has_secrets(cluster: &WantedCluster) -> bool {
    cluster.templates.values().any(|template| template.parameters.values().any(|parameter| parameter.hidden))
}

/// How many resources a stack may have.
pub(super) fn most_resources(provider: &Provider) -> u32 {
    match *provider {
        Provider::Local { max_resources_per_stack, .. } | Provider::OpenStack { max_resources_per_stack, .. } => {
            max_resources_per_stack
        }
    }
}

/// How many nodes of each group may be without their services at a time: what the owner says, or a tenth of them, and
/// no more than their frameworks bear. An owner who says more is warned, and has it.
fn batch_sizes(cluster: &ClusterSpec, configuration: &ClusterConfiguration) -> (BTreeMap<String, u32>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut sizes = BTreeMap::new();
    for group in &cluster.groups {
        let limit = configuration.groups.get(&group.name).and_then(|group| group.max_unavailable.as_ref());
        let most = limit.map_or(u32::MAX, |limit| limit.nodes);
        let size = match &cluster.lifecycle.batch_size {
            Some(size) => {
                let together = size.value.min(group.count.value);
                let beyond = limit.filter(|limit| limit.nodes < together);
                diagnostics.extend(beyond.map(|limit| too_many_at_once(group, size, together, limit)));
                size.value
            }
            None => (group.count.value / 10).max(1).min(most),
        };
        sizes.insert(group.name.clone(), size);
    }
    (sizes, diagnostics)
}

fn too_many_at_once(group: &GroupSpec, size: &Sourced<u32>, together: u32, limit: &MaxUnavailable) -> Diagnostic {
    let MaxUnavailable { nodes, framework, service, stores_data } = limit;
    let why = if *stores_data {
        "data whose copies are all on them cannot be read meanwhile"
    } else {
        "those that are left do not make up for them"
    };
    let message = format!(
        "`batch_size` takes the {service} of {framework} away on {together} nodes of `{}` at a time, and it bears {nodes}",
        group.name
    );
    Diagnostic::warning("disco::batch_too_large", message)
        .at_maybe(size.origin, why)
        .help(format!("say `batch_size = {nodes}`, or leave it out: then no framework is asked for more than it bears"))
}

/// The part of the cloud's facts that a cluster's words refer to: what is worth remembering.
fn in_use(cluster: &ClusterSpec, facts: &CloudFacts) -> CloudFacts {
    let mut used = CloudFacts { limits: facts.limits.clone(), ..CloudFacts::default() };
    for group in &cluster.groups {
        if let Some((name, flavor)) = facts.flavors.get_key_value(&group.flavor.value) {
            used.flavors.insert(name.clone(), flavor.clone());
        }
        if let Some((name, image)) = facts.images.get_key_value(&group.image.value) {
            used.images.insert(name.clone(), image.clone());
        }
    }
    if let Some(network) = cluster.network.external_network() {
        used.external_networks.extend(facts.external_networks.iter().filter(|name| **name == network.value).cloned());
    }
    used
}

/// Groups whose nodes store data, with the frameworks that store it.
fn storage_groups(cluster: &ClusterSpec, catalogue: &Catalogue) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for framework in cluster.frameworks.iter().filter_map(|used| catalogue.framework(&used.name)) {
        for group in &cluster.groups {
            if framework.stores_data_on(group.role, group.storage) {
                groups.entry(group.name.clone()).or_default().push(framework.name.clone());
            }
        }
    }
    groups
}

impl Project {
    /// All clusters without asking a cloud, with every mistake that can be found that way. Which nodes there are already
    /// counts only `with_state`.
    pub(super) fn compile_offline(
        &self,
        with_state: bool,
    ) -> Result<(BTreeMap<String, WantedCluster>, Diagnostics), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let state = if with_state && loaded.placed { self.store(&loaded).load()? } else { None };
        let facts = offline_facts(&loaded.settings.provider);
        let (compiled, found) = self.compile_loaded(&loaded, &BTreeMap::new(), &facts, state.as_ref());
        diagnostics.extend(found);
        Ok((compiled.project.clusters, diagnostics))
    }

    /// Evaluates and compiles what has no mistakes.
    pub(super) fn compile_loaded(
        &self,
        loaded: &Loaded,
        known: &BTreeMap<String, crate::model::KnownCluster>,
        facts: &CloudFacts,
        state: Option<&State>,
    ) -> (Made, Diagnostics) {
        let (spec, catalogue, mut diagnostics) = self.evaluate(loaded, known);
        let (project, found) = compile(&spec, &catalogue, facts, state, self.sources());
        diagnostics.extend(found);
        (Made { spec, project }, diagnostics)
    }
}

/// What a project's definitions come to.
#[derive(Debug)]
pub(super) struct Made {
    /// What is wanted.
    pub(super) spec: ProjectSpec,
    /// As templates.
    pub(super) project: CompiledProject,
}

/// The failure that stops an operation because of mistakes in the definitions.
pub(super) fn wrong(diagnostics: Diagnostics) -> Failure {
    Failure::of(FailureKind::Definition, diagnostics)
}
