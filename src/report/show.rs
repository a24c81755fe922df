//! What DISCO last knew, as words.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::value::{outputs, outputs_json};
use crate::model::Address;
use crate::state::{ClusterState, ResourceState, State};

/// The state for people.
pub fn show(state: Option<&State>) -> String {
    let Some(state) = state.filter(|state| !state.clusters.is_empty() || !state.outputs.is_empty()) else {
        return "The state is empty: no cluster of this project lives.".to_owned();
    };
    let mut text = String::new();
    for (name, cluster) in &state.clusters {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# cluster.{name}");
        for (stack, known) in &cluster.stacks {
            let _ = writeln!(text, "stack {stack}  {}", known.id.as_deref().unwrap_or("(not yet made)"));
            if let Some(intent) = &known.intent {
                let _ = writeln!(
                    text,
                    "open: {} (since {}); the next run asks Heat how it ended",
                    intent.step, intent.since
                );
            }
        }
        if cluster.prevent_destroy {
            text.push_str("protected from being destroyed\n");
        }
        text.push('\n');
        let rows: Vec<[String; 5]> = nodes(cluster)
            .map(|node| {
                let floating = if node.floating_ip { "floating IP" } else { "" };
                [
                    format!("{}[{}]", node.group, node.index),
                    node.address,
                    node.flavor.unwrap_or_default(),
                    node.image.unwrap_or_default(),
                    node.server.unwrap_or_else(|| "(no machine)".to_owned())
                        + if floating.is_empty() { "" } else { "  +" }
                        + floating,
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

/// The state for programs.
pub fn show_json(state: Option<&State>) -> Json {
    let Some(state) = state else {
        return json!({ "format_version": "1.0", "clusters": {}, "outputs": {} });
    };
    let clusters: Map<String, Json> =
        state.clusters.iter().map(|(name, known)| (name.clone(), cluster_json(known))).collect();
    json!({
        "format_version": "1.0",
        "lineage": state.lineage,
        "serial": state.serial,
        "clusters": clusters,
        "outputs": outputs_json(&state.outputs),
    })
}

fn cluster_json(cluster: &ClusterState) -> Json {
    let nodes: Vec<Json> = nodes(cluster)
        .map(|node| {
            json!({
                "group": node.group,
                "index": node.index,
                "address": node.address,
                "name": node.name,
                "server_id": node.server,
                "flavor": node.flavor,
                "image": node.image,
            })
        })
        .collect();
    let stacks: Map<String, Json> = cluster
        .stacks
        .iter()
        .map(|(name, stack)| {
            let resources: Map<String, Json> = stack
                .resources
                .iter()
                .map(|(name, resource)| {
                    let resource = json!({
                        "address": resource.address.to_string(),
                        "type": resource.heat_type,
                        "id": resource.physical_id,
                    });
                    (name.clone(), resource)
                })
                .collect();
            let in_operation = stack.intent.as_ref().map(|intent| &intent.step);
            (name.clone(), json!({ "id": stack.id, "in_operation": in_operation, "resources": resources }))
        })
        .collect();
    json!({
        "prevent_destroy": cluster.prevent_destroy,
        "nodes": nodes,
        "stacks": stacks,
    })
}

struct ShownNode<'a> {
    group: &'a str,
    index: u32,
    address: String,
    name: Option<String>,
    server: Option<String>,
    flavor: Option<String>,
    image: Option<String>,
    floating_ip: bool,
}

fn nodes(cluster: &ClusterState) -> impl Iterator<Item = ShownNode<'_>> {
    cluster.members.groups.iter().flat_map(move |(group, members)| {
        members.nodes.iter().map(move |(index, member)| {
            let resource = |part: &str| {
                let name = format!("{group}-{index}-{part}");
                cluster.stacks.values().find_map(|stack| stack.resources.get(&name)).filter(|resource| {
                    matches!(&resource.address, Address::Node(_, of, number) if of == group && number == index)
                })
            };
            let server = resource("server");
            let text = |property: &str| text(server?, property);
            ShownNode {
                group,
                index: *index,
                address: member.address.to_string(),
                name: text("name"),
                flavor: text("flavor"),
                image: text("image"),
                server: server.and_then(|server| server.physical_id.clone()),
                floating_ip: resource("floating-ip").is_some(),
            }
        })
    })
}

fn text(resource: &ResourceState, property: &str) -> Option<String> {
    resource.properties.get(property)?.value()?.as_str().map(str::to_owned)
}
