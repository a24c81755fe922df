//! What must differ between the clusters of a project: names of nodes, and networks.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ipnet::Ipv6Net;

use super::cluster::ClusterDraft;
use super::group::GroupDraft;
use crate::source::{Diagnostic, Diagnostics, Span};

/// Longest name of a server that Heat takes.
const LONGEST_SERVER_NAME: usize = 53;

/// Compares all clusters with each other.
pub(crate) fn collisions(clusters: &[ClusterDraft], diagnostics: &mut Diagnostics) {
    let mut names: BTreeMap<String, (&ClusterDraft, &GroupDraft)> = BTreeMap::new();
    for cluster in clusters {
        for group in &cluster.groups {
            let nodes = format!("{}-{}", cluster.name, group.name);
            too_long(cluster, group, &nodes, diagnostics);
            if let Some((other, of_other)) = names.get(&nodes) {
                diagnostics.push(
                    Diagnostic::error("disco::colliding_names", format!("two nodes would have the name `{nodes}-0`"))
                        .at(group.name_span, format!("group `{}` of cluster `{}`", group.name, cluster.name))
                        .at(of_other.name_span, format!("group `{}` of cluster `{}`", of_other.name, other.name))
                        .help("give one of the groups or clusters another name"),
                );
            } else {
                names.insert(nodes, (cluster, group));
            }
        }
    }
    overlaps(clusters, diagnostics);
    ipv6_overlaps(clusters, diagnostics);
}

fn too_long(cluster: &ClusterDraft, group: &GroupDraft, nodes: &str, diagnostics: &mut Diagnostics) {
    let highest = group.count.as_ref().map_or(0, |count| count.value.saturating_sub(1));
    let name = format!("{nodes}-{highest}");
    let length = name.len();
    if length > LONGEST_SERVER_NAME {
        let mut diagnostic = Diagnostic::error(
            "disco::name_too_long",
            format!("the node name `{name}` has {length} characters, at most {LONGEST_SERVER_NAME} are possible"),
        )
        .at(cluster.name_span, format!("at most {LONGEST_SERVER_NAME} characters"));
        if group.name != "master" {
            diagnostic = diagnostic.at(group.name_span, "the group's name is part of it");
        }
        diagnostics.push(diagnostic.help(format!(
            "shorten the name of the cluster or the group by {}: nodes are named CLUSTER-GROUP-INDEX",
            length - LONGEST_SERVER_NAME
        )));
    }
}

/// Reports each network that overlaps one before it, once.
fn overlaps(clusters: &[ClusterDraft], diagnostics: &mut Diagnostics) {
    let mut nets: Vec<_> = clusters
        .iter()
        .enumerate()
        .filter_map(|(at, cluster)| {
            let network = cluster.network.as_ref().ok()?;
            let addresses = network.addresses()?;
            Some((addresses.value, at, cluster, addresses.origin.unwrap_or(network.origin())))
        })
        .collect();
    nets.sort_by_key(|(net, at, ..)| (net.network(), net.prefix_len(), *at));
    let mut widest: Option<usize> = None;
    for index in 0..nets.len() {
        let (net, at, cluster, place) = nets[index];
        if let Some(previous) = widest
            && nets[previous].0.broadcast() >= net.network()
        {
            let (other_net, other_at, other, other_place) = nets[previous];
            let (later, place, earlier, earlier_place) =
                if at > other_at { (cluster, place, other, other_place) } else { (other, other_place, cluster, place) };
            let wider = if net.prefix_len() < other_net.prefix_len() { net } else { other_net };
            let help = format!("give one of them a `cidr` outside `{wider}`");
            diagnostics.push(overlap((earlier, earlier_place), (later, place)).help(help));
        }
        if widest.is_none_or(|widest| nets[widest].0.broadcast() < net.broadcast()) {
            widest = Some(index);
        }
    }
}

/// Reports each IPv6 network that a cluster before has too: all have the same prefix length.
fn ipv6_overlaps(clusters: &[ClusterDraft], diagnostics: &mut Diagnostics) {
    let mut nets: BTreeMap<Ipv6Net, (&ClusterDraft, Span)> = BTreeMap::new();
    for cluster in clusters {
        let Ok(network) = &cluster.network else { continue };
        let Some(net) = network.ipv6_cidr() else { continue };
        let place = net.origin.unwrap_or(network.origin());
        match nets.entry(net.value) {
            Entry::Vacant(free) => drop(free.insert((cluster, place))),
            Entry::Occupied(taken) => {
                let help = format!("give one of them an `ipv6_cidr` other than `{}`", net.value);
                diagnostics.push(overlap(*taken.get(), (cluster, place)).help(help));
            }
        }
    }
}

fn overlap(earlier: (&ClusterDraft, Span), later: (&ClusterDraft, Span)) -> Diagnostic {
    let ((earlier, earlier_place), (later, place)) = (earlier, later);
    Diagnostic::error(
        "disco::overlapping_networks",
        format!("the networks of `{}` and `{}` overlap", earlier.name, later.name),
    )
    .at(place, format!("of cluster `{}`", later.name))
    .at(earlier_place, format!("of cluster `{}`", earlier.name))
}
