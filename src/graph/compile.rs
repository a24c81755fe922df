//! From what is wanted to resources: a pure function.

use super::draft::Draft;
use super::{ResourceGraph, delivery, limits, network, nodes, security};
use crate::catalogue::{self, Catalogue, ClusterConfiguration};
use crate::model::{CloudFacts, ClusterSpec, Members};
use crate::source::{Diagnostics, Sources};

/// What a cluster becomes: its base stack's resources, and what its frameworks put on the nodes.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Resources of the base stack.
    pub graph: ResourceGraph,
    /// What the frameworks ask for.
    pub configuration: ClusterConfiguration,
}

/// The resources of a cluster whose configuration is known. `lineage` is the state's: it salts the names of secrets.
pub fn compile_with(
    spec: &ClusterSpec,
    configuration: &ClusterConfiguration,
    facts: &CloudFacts,
    members: &Members,
    lineage: &str,
) -> (ResourceGraph, Diagnostics) {
    let mut draft = Draft::new(spec, configuration, members, lineage);
    limits::check(&mut draft, facts);
    let place = network::add(&mut draft);
    let security = security::add(&mut draft);
    delivery::add_user_data(&mut draft);
    let mut deployments = Vec::new();
    for group in &spec.groups {
        nodes::add(&mut draft, group, &place, &security);
        deployments.extend(delivery::add_group(&mut draft, group));
    }
    delivery::add_verification(&mut draft, deployments);
    let description = format!("Cluster {}, made by DISCO", spec.name);
    let (mut graph, joined) = ResourceGraph::new(description, draft.resources);
    graph.parameters = draft.parameters;
    graph.outputs = draft.outputs;
    let mut diagnostics = draft.diagnostics;
    diagnostics.extend(joined);
    (graph, diagnostics)
}

/// What a cluster becomes: pure, so the same definition, facts and members give the same resources. `lineage` is the
/// state's: it salts the names of secrets.
pub fn compile(
    spec: &ClusterSpec,
    catalogue: &Catalogue,
    facts: &CloudFacts,
    members: &Members,
    lineage: &str,
    sources: &Sources,
) -> (Compiled, Diagnostics) {
    let (configuration, mut diagnostics) = catalogue::configure(spec, catalogue, facts, members, sources);
    let (graph, found) = compile_with(spec, &configuration, facts, members, lineage);
    diagnostics.extend(found);
    (Compiled { graph, configuration }, diagnostics)
}
