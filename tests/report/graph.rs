//! Graphs for people.

use std::collections::{BTreeMap, BTreeSet};

use disco::graph::{allocate, compile};
use disco::report::{GraphDetail, GraphFormat, graph, graph_json};

use crate::graph::cluster::{LINEAGE, Places, configuration, facts, spec, without_digests};
use crate::support::snapshot;

#[test]
fn graphs_read_well() {
    let spec = spec(&Places::new(), 2);
    let configuration = configuration("128m", None);
    let (members, _) = allocate(&spec, None, 1000);
    let (stacks, _) = compile(&spec, &configuration, &facts(), &members, LINEAGE);
    let clusters = BTreeMap::from([("analytics".to_owned(), stacks)]);
    snapshot!("graph-dot", graph(&clusters, &BTreeMap::new(), GraphFormat::Dot, GraphDetail::Objects));
    snapshot!("graph-mermaid", graph(&clusters, &BTreeMap::new(), GraphFormat::Mermaid, GraphDetail::Objects));
    let resources = graph(&clusters, &BTreeMap::new(), GraphFormat::Dot, GraphDetail::Resources);
    snapshot!("graph-resources", without_digests(&resources));
}

/// What a further stack is told of the base stack is an arrow too, and whole groups are one thing.
#[test]
fn stacks_are_joined() {
    let spec = spec(&Places::new(), 60);
    let (members, _) = allocate(&spec, None, 100);
    let (stacks, _) = compile(&spec, &configuration("128m", None), &facts(), &members, LINEAGE);
    assert!(stacks.len() > 2);
    let clusters = BTreeMap::from([("analytics".to_owned(), stacks)]);
    let objects = graph(&clusters, &BTreeMap::new(), GraphFormat::Dot, GraphDetail::Objects);
    let arrow = "\"cluster.analytics.slaves[0..59]\" -> \"cluster.analytics.network\"";
    assert_eq!(objects.matches(arrow).count(), 1, "{objects}");
    let resources = graph(&clusters, &BTreeMap::new(), GraphFormat::Mermaid, GraphDetail::Resources);
    let id = |name: &str| {
        let line = resources.lines().find(|line| line.ends_with(&format!("[\"{name}\"]"))).unwrap();
        line.trim().split('[').next().unwrap().to_owned()
    };
    let (port, network) = (id("analytics.shard-2/slaves-20-port"), id("analytics/network"));
    assert!(resources.contains(&format!("  {port} --> {network}\n")));
}

/// A cluster that refers to another one needs it as a whole.
#[test]
fn clusters_that_refer_to_others_are_joined() {
    let spec = spec(&Places::new(), 2);
    let (members, _) = allocate(&spec, None, 1000);
    let stacks = || compile(&spec, &configuration("128m", None), &facts(), &members, LINEAGE).0;
    let named = |name: &str| (name.to_owned(), stacks().into_values().map(|graph| (name.to_owned(), graph)).collect());
    let clusters = BTreeMap::from(["app", "store"].map(named));
    let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let references = BTreeMap::from([("app".to_owned(), of(&["app", "store"])), ("store".to_owned(), of(&["gone"]))]);
    let dot = graph(&clusters, &references, GraphFormat::Dot, GraphDetail::Objects);
    assert!(dot.starts_with("digraph {\n  compound = true\n"), "{dot}");
    assert_eq!(dot.matches(" [ltail = cluster_0, lhead = cluster_1]\n").count(), 1, "{dot}");
    assert_eq!(dot.matches("ltail").count(), 1, "{dot}");
    let mermaid = graph(&clusters, &references, GraphFormat::Mermaid, GraphDetail::Resources);
    assert!(mermaid.contains("\n  frame0 --> frame1\n"), "{mermaid}");
    let json = graph_json(&clusters, &references, GraphDetail::Objects);
    let whole = serde_json::json!({ "object": "cluster.app", "depends_on": "cluster.store" });
    assert!(json["dependencies"].as_array().unwrap().contains(&whole), "{json}");
    // Where only one is drawn there is nothing to join.
    let one = BTreeMap::from([named("app")]);
    assert!(!graph(&one, &references, GraphFormat::Dot, GraphDetail::Objects).contains("compound"));
}
