//! What DISCO last knew, for programs.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Serialize;
use serde_json::Value as Json;

use super::{ShownNode, nodes};
use crate::model::Address;
use crate::report::PlanCloud;
use crate::report::document::{FormatVersion, document};
use crate::report::value::{OutputsFile, outputs_file};
use crate::state::{ClusterState, Intent, StackState, State};

/// The answer of `disco show --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report) struct ShowFile<'a> {
    format_version: FormatVersion,
    /// Of the state; `null` for a project that was never applied.
    lineage: Option<&'a str>,
    /// The workspace that the state is of; absent for the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<&'a str>,
    /// Grows by one with each operation that changes something; `null` for a project that was never applied.
    serial: Option<u64>,
    /// Which cloud the clusters are on; `null` where the state does not say.
    cloud: Option<PlanCloud>,
    clusters: BTreeMap<&'a str, ClusterFile<'a>>,
    outputs: OutputsFile<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ClusterFile<'a> {
    /// Whether it is protected from being destroyed.
    prevent_destroy: bool,
    /// Versions by name; `null` where a framework has none.
    frameworks: BTreeMap<&'a str, Option<&'a str>>,
    /// By group and index.
    nodes: Vec<NodeFile<'a>>,
    /// By name; the base stack has the cluster's name.
    stacks: BTreeMap<&'a str, StackFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NodeFile<'a> {
    /// `cluster.analytics.slaves[3]`
    address: String,
    group: &'a str,
    index: u32,
    #[cfg_attr(test, schemars(extend("enum" = ["master", "slave"])))]
    role: &'static str,
    /// The server's name; `null` where there is no server.
    name: Option<String>,
    /// Null where Neutron has not chosen it yet.
    private_ip: Option<Ipv4Addr>,
    /// Absent where the cluster's network has no `ipv6_cidr`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6_address: Option<Ipv6Addr>,
    /// `null` where it has none, or none that is known yet.
    floating_ip: Option<Ipv4Addr>,
    server_id: Option<String>,
    flavor: Option<String>,
    image: Option<String>,
    /// Frameworks whose data it stores.
    stores_data_of: &'a [String],
    /// The stack that it belongs to; `null` where there is no server.
    stack: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StackFile<'a> {
    /// Heat's id; `null` while a creation has not been answered.
    id: Option<&'a str>,
    /// What was begun and has not been seen to end; the next run asks Heat.
    in_operation: Option<IntentFile<'a>>,
    /// Whether it is suspended, or half-way: Heat refuses to update it before it has been resumed.
    suspended: bool,
    /// How the last operation on it failed; `null` where it went well.
    failed: Option<&'a str>,
    /// By logical name.
    resources: BTreeMap<&'a str, ResourceFile<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IntentFile<'a> {
    #[cfg_attr(test, schemars(extend("enum" = ["create", "update", "delete", "suspend", "resume"])))]
    operation: &'static str,
    /// The plan's step, for people.
    step: &'a str,
    /// RFC 3339.
    since: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ResourceFile<'a> {
    /// Whose it is.
    address: String,
    /// `OS::Nova::Server`
    #[serde(rename = "type")]
    heat_type: &'a str,
    /// Id on the cloud, once known.
    id: Option<&'a str>,
}

/// The state for programs.
pub fn show_json(state: Option<&State>) -> Json {
    let none = BTreeMap::new();
    let clusters = state.into_iter().flat_map(|state| &state.clusters);
    document(&ShowFile {
        format_version: FormatVersion::Current,
        lineage: state.map(|state| state.lineage.as_str()),
        workspace: state.and_then(|state| state.workspace.as_deref()),
        serial: state.map(|state| state.serial),
        cloud: state.and_then(|state| state.cloud.as_ref()).map(PlanCloud::from),
        clusters: clusters.map(|(name, known)| (name.as_str(), cluster(name, known))).collect(),
        outputs: outputs_file(state.map_or(&none, |state| &state.outputs)),
    })
}

fn cluster<'a>(name: &str, cluster: &'a ClusterState) -> ClusterFile<'a> {
    ClusterFile {
        prevent_destroy: cluster.prevent_destroy,
        frameworks: cluster
            .frameworks
            .iter()
            .map(|(framework, version)| (framework.as_str(), version.as_deref()))
            .collect(),
        nodes: nodes(cluster).map(|shown| node(name, cluster, shown)).collect(),
        stacks: cluster.stacks.iter().map(|(name, known)| (name.as_str(), stack(known))).collect(),
    }
}

fn node<'a>(name: &str, cluster: &'a ClusterState, shown: ShownNode<'a>) -> NodeFile<'a> {
    let ShownNode {
        group,
        index,
        private_ip,
        ipv6_address,
        role,
        name: server_name,
        server,
        flavor,
        image,
        floating_ip,
        stack,
        ..
    } = shown;
    NodeFile {
        address: Address::Node(name.to_owned(), group.to_owned(), index).to_string(),
        group,
        index,
        role: role.name(),
        name: server_name,
        private_ip,
        ipv6_address,
        floating_ip,
        server_id: server,
        flavor,
        image,
        stores_data_of: cluster.storage_groups.get(group).map(Vec::as_slice).unwrap_or_default(),
        stack,
    }
}

fn stack(known: &StackState) -> StackFile<'_> {
    let resources = known.resources.iter().map(|(name, resource)| {
        let address = resource.address.to_string();
        let file = ResourceFile { address, heat_type: &resource.heat_type, id: resource.physical_id.as_deref() };
        (name.as_str(), file)
    });
    StackFile {
        id: known.id.as_deref(),
        in_operation: known.intent.as_ref().map(intent),
        suspended: known.suspended,
        failed: known.failed.as_deref(),
        resources: resources.collect(),
    }
}

fn intent(intent: &Intent) -> IntentFile<'_> {
    IntentFile { operation: intent.operation.name(), step: &intent.step, since: &intent.since }
}
