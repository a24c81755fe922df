//! From what is wanted to resources: a pure function.

use std::collections::BTreeMap;

use super::draft::{Draft, StackNodes};
use super::{ResourceGraph, StackGraphs, delivery, limits, network, nodes, security};
use crate::catalogue::ClusterConfiguration;
use crate::model::{CloudFacts, ClusterSpec, GroupSpec, Members};
use crate::node;
use crate::source::{Diagnostic, Diagnostics};

/// How the description of every template ends, by which one is known that somebody else has deployed.
pub const SIGNATURE: &str = ", made by DISCO";

/// The resources of a cluster by stack name: pure, so the same definition, configuration, facts and members give the
/// same resources. `salt` is the state's, for the names of secrets.
pub fn compile(
    spec: &ClusterSpec,
    configuration: &ClusterConfiguration,
    facts: &CloudFacts,
    members: &Members,
    salt: &str,
) -> (StackGraphs, Diagnostics) {
    compile_each(spec, configuration, facts, members, salt, |graph| graph)
}

/// The same, where the resources of a stack go to `finish` before those of the next are made, so that a large cluster
/// need not be there as resources all at once.
pub fn compile_each<T>(
    spec: &ClusterSpec,
    configuration: &ClusterConfiguration,
    facts: &CloudFacts,
    members: &Members,
    salt: &str,
    mut finish: impl FnMut(ResourceGraph) -> T,
) -> (BTreeMap<String, T>, Diagnostics) {
    let mut diagnostics = limits::check(spec, members, facts);
    let mut stacks = BTreeMap::new();
    let hosts = node::Hosts::of(spec, members);
    let bundle = |group: &GroupSpec| (group.name.clone(), node::bundle(spec, group, configuration, &hosts, salt));
    let bundles = spec.groups.iter().map(bundle).collect();
    for (shard, nodes) in nodes_by_stack(members) {
        let (graph, found) = stack(Draft::new(spec, configuration, members, &bundles, shard, &nodes));
        // What is wrong with a group is wrong with it in every stack, and said once.
        let known: Vec<Diagnostic> = diagnostics.iter().cloned().collect();
        diagnostics.extend(found.into_iter().filter(|found| !known.contains(found)));
        stacks.insert(members.stack_name(&spec.name, shard), finish(graph));
    }
    (stacks, diagnostics)
}

/// Which nodes live in which stack; the base stack is there in any case.
fn nodes_by_stack(members: &Members) -> BTreeMap<u32, StackNodes<'_>> {
    let mut stacks = BTreeMap::from([(0, StackNodes::new())]);
    for (name, group) in &members.groups {
        for (&index, &member) in &group.nodes {
            stacks.entry(member.shard).or_default().entry(name.as_str()).or_default().push((index, member));
        }
    }
    stacks
}

/// The resources of one stack. What all nodes share lives in the base stack; the others are told its ids.
fn stack(mut draft: Draft<'_>) -> (ResourceGraph, Diagnostics) {
    let spec = draft.spec;
    let place = network::add(&mut draft);
    let security = security::add(&mut draft);
    delivery::add_user_data(&mut draft);
    delivery::add_secrets(&mut draft);
    let mut deployments = Vec::new();
    for group in &spec.groups {
        nodes::add(&mut draft, group, &place, &security);
        deployments.extend(delivery::add_group(&mut draft, group));
    }
    let description = if draft.is_base() {
        delivery::add_verification(&mut draft, deployments);
        format!("Cluster {}{SIGNATURE}", spec.name)
    } else {
        format!("More nodes of cluster {}{SIGNATURE}", spec.name)
    };
    let (mut graph, joined) = ResourceGraph::new(description, draft.resources);
    graph.parameters = draft.parameters;
    graph.outputs = draft.outputs;
    let mut diagnostics = draft.diagnostics;
    diagnostics.extend(joined);
    (graph, diagnostics)
}
