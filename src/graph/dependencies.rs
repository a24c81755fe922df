//! Resources and what must be there before what.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::{Resource, StackOutput, StackParameter};
use crate::source::{Diagnostic, Diagnostics};

/// Why a resource comes after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependency {
    /// A property refers to it.
    Reference,
    /// `depends_on`
    Explicit,
}

/// Everything one stack is made of. Edges lead from what is needed to what needs it.
#[derive(Clone, Debug, Default)]
pub struct ResourceGraph {
    /// For people.
    pub description: String,
    /// Parameters by name.
    pub parameters: BTreeMap<String, StackParameter>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, StackOutput>,
    graph: DiGraph<Resource, Dependency>,
    by_name: BTreeMap<String, NodeIndex>,
}

/// The graphs of one cluster by stack name.
pub type StackGraphs = BTreeMap<String, ResourceGraph>;

impl ResourceGraph {
    /// Joins resources by their references and dependencies. What cannot be joined (a name twice, a name that
    /// nobody has, a cycle) is reported.
    pub fn new(description: impl Into<String>, mut resources: Vec<Resource>) -> (Self, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let graph = DiGraph::with_capacity(resources.len(), 0);
        let mut joined = Self { description: description.into(), graph, ..Self::default() };
        resources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut places: Vec<NodeIndex> = Vec::with_capacity(resources.len());
        for resource in resources {
            let before = places.last().map(|at| &joined.graph[*at]);
            if let Some(other) = before.filter(|before| before.name == resource.name) {
                let message = format!("two resources have the name `{}`", resource.name);
                diagnostics.push(
                    Diagnostic::error("disco::name_collision", message)
                        .at_maybe(resource.origin, "first")
                        .at_maybe(other.origin, "second")
                        .help("give one of the groups another name"),
                );
                continue;
            }
            places.push(joined.graph.add_node(resource));
        }
        joined.by_name = places.into_iter().map(|at| (joined.graph[at].name.clone(), at)).collect();
        joined.connect(&mut diagnostics);
        joined.report_cycles(&mut diagnostics);
        (joined, diagnostics)
    }

    fn connect(&mut self, diagnostics: &mut Diagnostics) {
        let mut edges: Vec<((NodeIndex, NodeIndex), Dependency)> = Vec::with_capacity(2 * self.graph.node_count());
        for (&at, resource) in self.graph.node_indices().collect::<Vec<_>>().iter().zip(self.graph.node_weights()) {
            let mut found = |name: &str, why: Dependency| {
                if let Some(&needed) = self.by_name.get(name) {
                    edges.push(((needed, at), why));
                } else {
                    diagnostics.push(
                        Diagnostic::error(
                            "disco::unresolved_reference",
                            format!("`{}` refers to `{name}`, which does not exist", resource.name),
                        )
                        .at_maybe(resource.origin, "needed here"),
                    );
                }
            };
            for property in resource.properties.values() {
                property.references(&mut |name| found(name, Dependency::Reference));
            }
            for name in &resource.depends_on {
                found(name, Dependency::Explicit);
            }
        }
        // Of several reasons the first counts.
        edges.sort_by_key(|(ends, _)| *ends);
        edges.dedup_by_key(|(ends, _)| *ends);
        self.graph.reserve_exact_edges(edges.len());
        for ((from, to), why) in edges {
            self.graph.add_edge(from, to, why);
        }
    }

    fn report_cycles(&self, diagnostics: &mut Diagnostics) {
        for cycle in self.cycles() {
            let first = self.get(&cycle[0]);
            let path = cycle.iter().chain(cycle.first()).map(String::as_str).collect::<Vec<_>>().join(" → ");
            diagnostics.push(
                Diagnostic::error("disco::dependency_cycle", format!("these resources depend on each other: {path}"))
                    .at_maybe(first.and_then(|resource| resource.origin), "one of them"),
            );
        }
    }

    /// Circles of resources that wait for each other, each as a path along "needs", in the order of names.
    pub fn cycles(&self) -> Vec<Vec<String>> {
        let mut cycles: Vec<Vec<String>> = tarjan_scc(&self.graph)
            .into_iter()
            .filter(|part| part.len() > 1 || part.first().is_some_and(|&at| self.graph.contains_edge(at, at)))
            .map(|part| self.path_through(&part))
            .collect();
        cycles.sort();
        cycles
    }

    /// A circle inside a strongly connected part: from its first name along needs until a name comes again.
    fn path_through(&self, part: &[NodeIndex]) -> Vec<String> {
        let Some(&start) = part.iter().min_by_key(|&&at| &self.graph[at].name) else { return Vec::new() };
        let mut path = vec![start];
        let mut at = start;
        loop {
            let next = self
                .graph
                .neighbors_directed(at, Direction::Incoming)
                .filter(|needed| part.contains(needed))
                .min_by_key(|&needed| &self.graph[needed].name);
            let Some(next) = next else { break };
            if let Some(again) = path.iter().position(|&seen| seen == next) {
                path.drain(..again);
                break;
            }
            path.push(next);
            at = next;
        }
        path.into_iter().map(|at| self.graph[at].name.clone()).collect()
    }

    /// The resource with that logical name.
    pub fn get(&self, name: &str) -> Option<&Resource> {
        self.by_name.get(name).map(|&at| &self.graph[at])
    }

    /// All resources, in the order of names.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.by_name.values().map(|&at| &self.graph[at])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// What a resource needs, in the order of names.
    pub fn needs(&self, name: &str) -> Vec<&str> {
        self.around(name, Direction::Incoming)
    }

    /// What needs a resource, in the order of names.
    pub fn needed_by(&self, name: &str) -> Vec<&str> {
        self.around(name, Direction::Outgoing)
    }

    fn around(&self, name: &str, direction: Direction) -> Vec<&str> {
        let Some(&at) = self.by_name.get(name) else { return Vec::new() };
        let mut names: Vec<&str> =
            self.graph.neighbors_directed(at, direction).map(|at| self.graph[at].name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Dependencies as (needed, needs it, why), in the order of names.
    pub fn edges(&self) -> Vec<(&str, &str, Dependency)> {
        let mut edges: Vec<_> = self
            .graph
            .edge_references()
            .map(|edge| {
                (self.graph[edge.source()].name.as_str(), self.graph[edge.target()].name.as_str(), *edge.weight())
            })
            .collect();
        edges.sort_unstable();
        edges
    }

    /// Resources in waves: each needs only such of earlier waves. Inside a wave in the order of names. Members of a
    /// cycle, and what needs them, are in no wave.
    pub fn waves(&self) -> Vec<Vec<&Resource>> {
        let mut missing: Vec<usize> = self
            .graph
            .node_indices()
            .map(|at| self.graph.neighbors_directed(at, Direction::Incoming).count())
            .collect();
        let mut wave: Vec<NodeIndex> = self.by_name.values().copied().filter(|at| missing[at.index()] == 0).collect();
        let mut waves = Vec::new();
        while !wave.is_empty() {
            let mut next = Vec::new();
            for &at in &wave {
                for needs_it in self.graph.neighbors_directed(at, Direction::Outgoing) {
                    missing[needs_it.index()] -= 1;
                    if missing[needs_it.index()] == 0 {
                        next.push(needs_it);
                    }
                }
            }
            waves.push(wave.iter().map(|&at| &self.graph[at]).collect());
            // Indices were given in the order of names.
            next.sort_unstable();
            wave = next;
        }
        waves
    }

    /// The order of destruction: the waves of creation backwards.
    pub fn destroy_order(&self) -> Vec<Vec<&Resource>> {
        let mut waves = self.waves();
        waves.reverse();
        waves
    }
}
