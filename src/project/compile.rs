//! From what is wanted to templates, for every cluster of the project.

use std::collections::BTreeMap;

use super::Project;
use super::cloud::offline_facts;
use super::definition::Loaded;
use super::failure::{Failure, FailureKind};
use super::provisional;
use crate::catalogue::{self, Catalogue, Causes, ClusterContext, Composition, OpenPort};
use crate::graph::{self, ParameterValue, ResourceGraph};
use crate::language::{Configured, Evaluated};
use crate::model::{CloudFacts, ClusterSpec, FrameworkSpec, Members, ProjectSpec};
use crate::plan::{self, Change, ChangeKind, Plan, WantedCluster};
use crate::source::{Diagnostic, Diagnostics, Severity};
use crate::state::State;
use crate::template::{self, Parameter, Template};

/// Compiles every cluster; `state` tells which nodes there are already.
pub(super) fn compile(
    evaluated: &Evaluated,
    catalogue: &Catalogue,
    facts: &CloudFacts,
    state: Option<&State>,
) -> (BTreeMap<String, WantedCluster>, Diagnostics) {
    let (compiled, diagnostics) = compile_each(evaluated, facts, state, Keep::Templates);
    let mut clusters = BTreeMap::new();
    for Compiled { name, cluster, configured, mut members, templates, batch_sizes } in compiled {
        let configuration = &configured.configuration;
        for (setting, value) in &configuration.fixed {
            let kept = members.fixed.entry(setting.clone()).or_insert_with(|| value.clone());
            if configuration.raised.contains(setting) {
                kept.clone_from(value);
            }
        }
        let wanted = WantedCluster {
            templates,
            members,
            facts: catalogue::facts_in_use(cluster, facts),
            storage_groups: catalogue.storage_groups(cluster),
            open_ports: configuration.open_ports.clone(),
            protections: configuration.protections.clone(),
            prevent_destroy: cluster.lifecycle.prevent_destroy.value,
            on_failure: cluster.lifecycle.on_failure.value,
            timeout_minutes: cluster.lifecycle.timeout_minutes.value,
            batch_sizes,
            refers_to: evaluated.references.get(name).cloned().unwrap_or_default(),
            called: cluster.called.clone(),
            provisional: cluster.frameworks.iter().any(FrameworkSpec::waits),
            origin: Some(cluster.origin),
        };
        clusters.insert(name.clone(), wanted);
    }
    // Only where addresses are lacking something may stand for them.
    if clusters.values().any(|cluster: &WantedCluster| cluster.members.lack_addresses()) {
        for cluster in clusters.values_mut() {
            cluster.provisional |= cluster.templates.values().any(provisional::is_in);
        }
    }
    (clusters, diagnostics)
}

/// What is asked of compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// Everything.
    Templates,
    /// What is wrong. No template is written that is far from all limits.
    Mistakes,
}

/// A cluster with the templates that were written.
struct Compiled<'a> {
    name: &'a String,
    cluster: &'a ClusterSpec,
    configured: &'a Configured,
    members: Members,
    templates: BTreeMap<String, Template>,
    batch_sizes: BTreeMap<String, u32>,
}

/// Makes the resources of every cluster and their templates, and checks both.
fn compile_each<'a>(
    evaluated: &'a Evaluated,
    facts: &CloudFacts,
    state: Option<&State>,
    keep: Keep,
) -> (Vec<Compiled<'a>>, Diagnostics) {
    let spec = &evaluated.spec;
    let mut diagnostics = Diagnostics::new();
    let mut compiled = Vec::new();
    diagnostics.extend(catalogue::check_flavors_and_images(&spec.unfinished, facts));
    let most = spec.provider.most_resources();
    let salt = state.map(State::salt).unwrap_or_default();
    for (name, cluster) in &spec.clusters {
        let Some(configured) = evaluated.clusters.get(name) else { continue };
        let configuration = &configured.configuration;
        let previous = state.and_then(|state| state.clusters.get(name)).map(|cluster| &cluster.members);
        let (mut members, found) = graph::allocate(cluster, previous, most);
        diagnostics.extend(found);
        let is_there = |wanted: &str| {
            let mut nodes =
                members.groups.iter().flat_map(|(group, of)| of.nodes.keys().map(move |index| (group, *index)));
            nodes.any(|(group, index)| cluster.node_name(group, index) == wanted)
        };
        diagnostics.extend(catalogue::absent(cluster, configuration, is_there));
        members.workspace = state.and_then(|state| state.workspace.clone());
        let template = |graph: ResourceGraph| {
            let fits = template::surely_fits(&graph, most);
            ((keep == Keep::Templates || !fits).then(|| Template::from_graph(&graph)), fits)
        };
        let (stacks, found) = graph::compile_each(cluster, configuration, facts, &members, salt, template);
        diagnostics.extend(found);
        let (batch_sizes, found) = plan::batch_sizes(cluster, configuration);
        diagnostics.extend(found);
        for (template, _) in stacks.values().filter(|(_, fits)| !fits) {
            let mut found: Vec<_> =
                template.iter().flat_map(|template| template::check(template, cluster, most)).collect();
            // What makes several stacks too large is said once.
            found.retain(|new| !diagnostics.iter().any(|old| (old.code, old.span()) == (new.code, new.span())));
            diagnostics.extend(found);
        }
        let templates = stacks.into_iter().filter_map(|(stack, (template, _))| Some((stack, template?))).collect();
        compiled.push(Compiled { name, cluster, configured, members, templates, batch_sizes });
    }
    (compiled, diagnostics)
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

    /// Every mistake that [`Project::compile_offline`] finds where there is no state, and how many clusters there are, without
    /// keeping what is made to find them.
    pub(super) fn check_offline(&self, loaded: &Loaded) -> (usize, Diagnostics) {
        let facts = offline_facts(&loaded.settings.provider);
        let (evaluated, catalogue, mut diagnostics) = self.evaluate(loaded, &BTreeMap::new(), &facts, None);
        let (compiled, found) = compile_each(&evaluated, &facts, None, Keep::Mistakes);
        diagnostics.extend(found);
        diagnostics.extend(self.growth(&evaluated, &catalogue, &facts));
        (compiled.len(), diagnostics)
    }

    /// What frameworks of the project's own would change on nodes that are there if clusters grew. Projects without such
    /// frameworks need no look: those inside the program change nothing.
    fn growth(&self, evaluated: &Evaluated, catalogue: &Catalogue, facts: &CloudFacts) -> Diagnostics {
        let (mut diagnostics, created) = (Diagnostics::new(), BTreeMap::new());
        let embedded = self.embedded_catalogue();
        for (name, spec) in &evaluated.spec.clusters {
            let Some(configured) = evaluated.clusters.get(name) else { continue };
            let names = spec.frameworks.iter().map(|framework| framework.name.as_str());
            let own: Vec<&str> = names.filter(|name| embedded.framework_names().all(|known| known != *name)).collect();
            if own.is_empty() {
                continue;
            }
            let composition = &configured.composition;
            let of = ClusterContext { spec, catalogue, composition, facts, fixed: &created, sources: &self.sources };
            let found = catalogue::growth(of, &configured.configuration, &own);
            diagnostics.extend(found.into_iter().map(|found| Diagnostic { severity: Severity::Warning, ..found }));
        }
        diagnostics
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
        if !diagnostics.has_errors() {
            diagnostics.extend(self.growth(&evaluated, &catalogue, facts));
        }
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
