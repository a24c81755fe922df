//! What DISCO last knew, as words.

mod json;

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::Ipv6Net;

use super::value::outputs;
use crate::model::{Address, CloudIdentity, NodeId, NodePart, ResourceName, Role, ipv6_address, to_the_second};
use crate::state::{ClusterState, ResourceState, State};

#[cfg(test)]
pub(super) use json::ShowFile;
pub use json::show_json;

/// The group of the masters.
const MASTER: &str = "master";

/// The state for people.
pub fn show(state: Option<&State>) -> String {
    let Some(state) = state.filter(|state| !state.clusters.is_empty() || !state.outputs.is_empty()) else {
        return "The state is empty: this project has no clusters.".to_owned();
    };
    let mut text = super::workspace_line(state.workspace.as_deref());
    if let Some(cloud) = &state.cloud {
        let comma = if matches!(cloud, CloudIdentity::OpenStack { .. }) { "," } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, "On {cloud}{comma} as last applied (state serial {}).\n\n", state.serial);
    }
    for (name, cluster) in &state.clusters {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# {}", cluster.called.address_of(name));
        for (stack, known) in &cluster.stacks {
            let suspended = if known.suspended { "  suspended" } else { "" };
            let id = known.id.as_deref().unwrap_or("(not created yet)");
            let _ = writeln!(text, "stack {stack}  {id}{suspended}");
            if let Some(failed) = &known.failed {
                let _ = writeln!(text, "failed: {}", super::visible(failed));
            }
            if let Some(intent) = &known.intent {
                let _ = writeln!(
                    text,
                    "open: {} (since {}); the next command asks Heat how it ended",
                    intent.step,
                    to_the_second(&intent.since)
                );
            }
        }
        if !cluster.frameworks.is_empty() {
            let frameworks = cluster.frameworks.iter().map(|(name, version)| match version {
                Some(version) => format!("{name} {version}"),
                None => name.clone(),
            });
            let _ = writeln!(text, "frameworks {}", frameworks.collect::<Vec<_>>().join(", "));
        }
        if cluster.prevent_destroy {
            text.push_str("protected from being destroyed\n");
        }
        text.push('\n');
        let rows: Vec<[String; 5]> = nodes(cluster)
            .map(|node| {
                let floating = match node.floating_ip {
                    Some(address) => format!("  +floating IP {address}"),
                    None if node.floats => "  +floating IP".to_owned(),
                    None => String::new(),
                };
                [
                    format!("{}[{}]", node.group, node.index),
                    addresses(&node),
                    node.flavor.unwrap_or_default(),
                    node.image.unwrap_or_default(),
                    node.server.unwrap_or_else(|| "(no server)".to_owned()) + &floating,
                ]
            })
            .collect();
        text.push_str(&super::table(&rows, "  "));
        text.push('\n');
    }
    if !state.outputs.is_empty() {
        let _ = write!(text, "Outputs:\n\n{}\n", outputs(&state.outputs));
    }
    text.trim_end().to_owned()
}

/// A node as it is shown.
struct ShownNode<'a> {
    group: &'a str,
    index: u32,
    role: Role,
    private_ip: Option<Ipv4Addr>,
    ipv6_address: Option<Ipv6Addr>,
    floating_ip: Option<Ipv4Addr>,
    /// Whether it has a floating IP, known or not.
    floats: bool,
    /// The stack that it belongs to.
    stack: Option<&'a str>,
    name: Option<String>,
    server: Option<String>,
    flavor: Option<String>,
    image: Option<String>,
}

/// The addresses that it has inside.
fn addresses(node: &ShownNode<'_>) -> String {
    let private_ip = node.private_ip.map_or_else(|| "(no address)".to_owned(), |address| address.to_string());
    node.ipv6_address.map_or_else(|| private_ip.clone(), |address| format!("{private_ip}, {address}"))
}

/// The IPv6 network of a cluster, as its base stack has it.
fn ipv6_network(cluster: &ClusterState) -> Option<Ipv6Net> {
    let name = ResourceName::Ipv6Subnet.to_string();
    let subnet = cluster.stacks.values().find_map(|known| known.resources.get(&name))?;
    text(subnet, "cidr")?.parse().ok()
}

fn nodes(cluster: &ClusterState) -> impl Iterator<Item = ShownNode<'_>> {
    let ipv6 = ipv6_network(cluster);
    cluster.members.groups.iter().flat_map(move |(group, members)| {
        members.nodes.iter().map(move |(index, member)| {
            let resource = |part| {
                let name = ResourceName::Node(group, *index, part).to_string();
                let found = cluster.stacks.iter().find_map(|(stack, known)| Some((stack, known.resources.get(&name)?)));
                found.filter(|(_, resource)| {
                    matches!(&resource.address, Address::Node(_, of, number) if of == group && number == index)
                })
            };
            let server = resource(NodePart::Server);
            let text = |property: &str| text(server?.1, property);
            ShownNode {
                group,
                index: *index,
                role: if group == MASTER { Role::Master } else { Role::Slave },
                private_ip: member.address,
                ipv6_address: ipv6.zip(member.address).map(|(net, address)| ipv6_address(net, address)),
                floating_ip: cluster.floating_ips.get(&NodeId::new(group.as_str(), *index)).copied(),
                floats: resource(NodePart::FloatingIp).is_some(),
                stack: server.map(|(stack, _)| stack.as_str()),
                name: text("name"),
                flavor: text("flavor"),
                image: text("image"),
                server: server.and_then(|(_, server)| server.physical_id.clone()),
            }
        })
    })
}

fn text(resource: &ResourceState, property: &str) -> Option<String> {
    resource.properties.get(property)?.value()?.as_str().map(str::to_owned)
}
