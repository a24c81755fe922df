//! What a cluster is made of and what depends on what, for Graphviz and for Mermaid.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use crate::graph::{ParameterValue, Resource, ResourceGraph, StackGraphs};
use crate::model::Address;
use crate::plan::{is_verification, ranges};

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid, as Markdown renderers draw it.
    Mermaid,
}

/// How much of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphDetail {
    /// The user's objects, all nodes of a group as one.
    Objects,
    /// Every Heat resource, by stack.
    Resources,
}

/// Things and what each of them needs.
#[derive(Default)]
struct Picture {
    /// Names of things by the frame around them.
    frames: BTreeMap<String, BTreeSet<String>>,
    /// Who needs whom.
    needs: BTreeSet<(String, String)>,
    /// Frames that refer to others as a whole.
    refers: BTreeSet<(String, String)>,
}

/// Clusters with their stacks, by name.
type Clusters = BTreeMap<String, StackGraphs>;

/// Which clusters a cluster refers to, by its name.
type References = BTreeMap<String, BTreeSet<String>>;

/// The answer of `disco graph --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct GraphFile<'a> {
    format_version: FormatVersion,
    objects: Vec<ObjectFile<'a>>,
    dependencies: Vec<DependencyFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ObjectFile<'a> {
    /// An address as in `cluster.lab.slaves[0..2]`; with --resources stack and logical name of a Heat resource.
    name: &'a str,
    /// The cluster, or the stack, that it is a part of.
    part_of: &'a str,
}

/// One object depends on another: it is created after it. A cluster that refers to another one depends on it as a whole.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DependencyFile<'a> {
    object: &'a str,
    depends_on: &'a str,
}

/// The graph of clusters for programs.
pub fn graph_json(clusters: &Clusters, references: &References, detail: GraphDetail) -> Json {
    let picture = Picture::of(clusters, references, detail);
    let objects = picture
        .frames
        .iter()
        .flat_map(|(frame, things)| things.iter().map(move |thing| ObjectFile { name: thing, part_of: frame }));
    let dependencies = picture
        .refers
        .iter()
        .chain(&picture.needs)
        .map(|(needs, needed)| DependencyFile { object: needs, depends_on: needed });
    document(&GraphFile {
        format_version: FormatVersion::Current,
        objects: objects.collect(),
        dependencies: dependencies.collect(),
    })
}

/// The graph of clusters, given by name with their stacks. Arrows lead from what needs to what is needed, as Terraform
/// draws them.
pub fn graph(clusters: &Clusters, references: &References, format: GraphFormat, detail: GraphDetail) -> String {
    let picture = Picture::of(clusters, references, detail);
    match format {
        GraphFormat::Dot => picture.dot(),
        GraphFormat::Mermaid => picture.mermaid(),
    }
}

/// Stack and logical name of a resource.
type Place<'a> = (&'a str, &'a str);

/// Edges of all stacks as (stack, needs it) → (stack, needed): those inside a stack, and those that lead to another one
/// through a parameter.
fn edges(stacks: &StackGraphs) -> Vec<(Place<'_>, Place<'_>)> {
    let mut edges = Vec::new();
    for (stack, graph) in stacks {
        let stack = stack.as_str();
        edges.extend(graph.edges().into_iter().map(|(needed, needs_it, _)| ((stack, needs_it), (stack, needed))));
        for resource in graph.resources() {
            let mut found = |parameter: &str| {
                if let Some(
                    ParameterValue::IdOf { stack: other, resource: needed }
                    | ParameterValue::SecretOf { stack: other, resource: needed },
                ) = graph.parameters.get(parameter).map(|parameter| &parameter.value)
                {
                    edges.push(((stack, resource.name.as_str()), (other.as_str(), needed.as_str())));
                }
            };
            resource.properties.values().for_each(|property| property.parameters(&mut found));
        }
    }
    edges
}

impl Picture {
    fn of(clusters: &Clusters, references: &References, detail: GraphDetail) -> Self {
        let mut picture = Self::default();
        let frame = |cluster: &str| match detail {
            GraphDetail::Objects => format!("cluster.{cluster}"),
            GraphDetail::Resources => format!("stack {cluster}"),
        };
        for (cluster, others) in references.iter().filter(|(cluster, _)| clusters.contains_key(*cluster)) {
            let others = others.iter().filter(|other| *other != cluster && clusters.contains_key(*other));
            picture.refers.extend(others.map(|other| (frame(cluster), frame(other))));
        }
        for (cluster, stacks) in clusters {
            match detail {
                GraphDetail::Objects => picture.objects(cluster, stacks),
                GraphDetail::Resources => picture.resources(stacks),
            }
        }
        picture
    }

    fn resources(&mut self, stacks: &StackGraphs) {
        let name = |(stack, resource): Place<'_>| format!("{stack}/{resource}");
        for (stack, graph) in stacks {
            let names = graph.resources().map(|resource| name((stack, &resource.name)));
            self.frames.entry(format!("stack {stack}")).or_default().extend(names);
        }
        self.needs.extend(edges(stacks).into_iter().map(|(needs, needed)| (name(needs), name(needed))));
    }

    fn objects(&mut self, cluster: &str, stacks: &StackGraphs) {
        let mut indices: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for resource in stacks.values().flat_map(ResourceGraph::resources) {
            if let Address::Node(_, group, index) = &resource.address {
                indices.entry(group).or_default().insert(*index);
            }
        }
        // What merely carries the configuration to the nodes has no face of its own.
        let label = |resource: &Resource| match &resource.address {
            Address::Node(_, group, _) => {
                let nodes = ranges(indices.get(group.as_str()).into_iter().flatten().copied());
                Some(format!("cluster.{cluster}.{group}[{nodes}]"))
            }
            Address::Cluster(_) if is_verification(&resource.name) => {
                Some(format!("verification of cluster.{cluster}"))
            }
            Address::Cluster(_) | Address::Group(..) => None,
            other => Some(other.to_string()),
        };
        let of = |(stack, resource): Place<'_>| label(stacks.get(stack)?.get(resource)?);
        let things = stacks.values().flat_map(ResourceGraph::resources).filter_map(label);
        self.frames.entry(format!("cluster.{cluster}")).or_default().extend(things);
        let pairs = edges(stacks).into_iter().filter_map(|(needs, needed)| of(needs).zip(of(needed)));
        self.needs.extend(pairs.filter(|(needs, needed)| needs != needed));
    }

    fn dot(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let compound = if self.refers.is_empty() { "" } else { "  compound = true\n" };
        let mut text = format!("digraph {{\n{compound}  rankdir = \"RL\"\n  node [shape = box]\n");
        for (number, (frame, things)) in self.frames.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  subgraph cluster_{number} {{\n    label = {}", quoted(frame));
            for thing in things {
                let _ = writeln!(text, "    {}", quoted(thing));
            }
            text.push_str("  }\n");
        }
        for (needs, needed) in &self.needs {
            let _ = writeln!(text, "  {} -> {}", quoted(needs), quoted(needed));
        }
        // Graphviz draws arrows between things, and cuts them off at frames.
        let frame = |name: &str| {
            let number = self.frames.keys().position(|frame| frame == name)?;
            Some((number, self.frames.get(name)?.first()?))
        };
        for (needs, needed) in &self.refers {
            if let (Some((tail, one)), Some((head, other))) = (frame(needs), frame(needed)) {
                let ends = format!("ltail = cluster_{tail}, lhead = cluster_{head}");
                let _ = writeln!(text, "  {} -> {} [{ends}]", quoted(one), quoted(other));
            }
        }
        text.push_str("}\n");
        text
    }

    fn mermaid(&self) -> String {
        let mut ids: BTreeMap<&str, String> = BTreeMap::new();
        let mut text = "flowchart RL\n".to_owned();
        for (number, (frame, things)) in self.frames.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  subgraph frame{number} [\"{frame}\"]");
            for thing in things {
                let id = format!("n{}", ids.len());
                let _ = writeln!(text, "    {id}[\"{thing}\"]");
                ids.insert(thing, id);
            }
            text.push_str("  end\n");
        }
        for (needs, needed) in &self.refers {
            let frame = |name: &str| self.frames.keys().position(|frame| frame == name);
            if let (Some(needs), Some(needed)) = (frame(needs), frame(needed)) {
                let _ = writeln!(text, "  frame{needs} --> frame{needed}");
            }
        }
        for (needs, needed) in &self.needs {
            if let (Some(needs), Some(needed)) = (ids.get(needs.as_str()), ids.get(needed.as_str())) {
                let _ = writeln!(text, "  {needs} --> {needed}");
            }
        }
        text
    }
}
