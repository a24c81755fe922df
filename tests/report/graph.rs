//! Graphs for people.

use std::collections::BTreeMap;

use disco::graph::{allocate, compile};
use disco::report::{GraphDetail, GraphFormat, graph};

use crate::graph::cluster::{LINEAGE, Places, configuration, facts, spec, without_digests};
use crate::support::snapshot;

#[test]
fn graphs_read_well() {
    let spec = spec(&Places::new(), 2);
    let configuration = configuration("128m", None);
    let (members, _) = allocate(&spec, None, 1000);
    let (stacks, _) = compile(&spec, &configuration, &facts(), &members, LINEAGE);
    let clusters = BTreeMap::from([("analytics".to_owned(), stacks)]);
    snapshot!("graph-dot", graph(&clusters, GraphFormat::Dot, GraphDetail::Objects));
    snapshot!("graph-mermaid", graph(&clusters, GraphFormat::Mermaid, GraphDetail::Objects));
    let resources = graph(&clusters, GraphFormat::Dot, GraphDetail::Resources);
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
    let objects = graph(&clusters, GraphFormat::Dot, GraphDetail::Objects);
    let arrow = "\"cluster.analytics.slaves[0..59]\" -> \"cluster.analytics.network\"";
    assert_eq!(objects.matches(arrow).count(), 1, "{objects}");
    let resources = graph(&clusters, GraphFormat::Mermaid, GraphDetail::Resources);
    let id = |name: &str| {
        let line = resources.lines().find(|line| line.ends_with(&format!("[\"{name}\"]"))).unwrap();
        line.trim().split('[').next().unwrap().to_owned()
    };
    let (port, network) = (id("analytics.shard-2/slaves-20-port"), id("analytics/network"));
    assert!(resources.contains(&format!("  {port} --> {network}\n")));
}
