//! What Heat says of a cluster.

use super::{ClusterStatus, NodeStatus, ServerState, StackStatus, Trouble};
use crate::model::{Action, Address, NodePart, ResourceName, ServerStatus, node_name};
use crate::state::{ClusterState, Found, Observation, ObservedResource};

/// So many failed resources are told one by one.
const TOLD: usize = 10;

/// A cluster as Heat and Nova see it: its stacks, what has failed in them, and the servers of its nodes.
pub fn seen_by_heat(name: &str, known: &ClusterState, seen: &Observation) -> ClusterStatus {
    let mut status = ClusterStatus { name: name.to_owned(), ..ClusterStatus::default() };
    let cluster = || Address::Cluster(name.to_owned());
    let mut failed: Vec<Trouble> = Vec::new();
    for stack in known.stacks.keys() {
        let Some(observed) = seen.stacks.get(stack) else {
            status.stacks.push(StackStatus { name: stack.clone(), status: None, under_way: None });
            status.troubles.push(Trouble {
                address: cluster(),
                what: format!("stack `{stack}` does not exist"),
                help: Some("run `disco drift`, which shows what `disco apply` would create again".to_owned()),
            });
            continue;
        };
        let under_way = observed.status.in_progress().then(|| observed.under_way(stack));
        status.stacks.push(StackStatus { name: stack.clone(), status: Some(observed.status.to_string()), under_way });
        if observed.status.is_failed() {
            status.troubles.push(Trouble {
                address: cluster(),
                what: format!("stack `{stack}` is {}: {}", observed.status, observed.reason.trim()),
                help: Some("run `disco apply` to try again what failed".to_owned()),
            });
        }
        let is_server =
            |name: &str| matches!(ResourceName::parse(name), Some(ResourceName::Node(_, _, NodePart::Server)));
        for (resource, it) in observed.resources.iter().filter(|(name, it)| it.status.is_failed() && !is_server(name)) {
            failed.push(Trouble {
                address: Address::of_resource(name, resource),
                what: format!("resource `{resource}` is {}: {}", it.status, it.reason.trim()),
                help: None,
            });
        }
    }
    let more = failed.len().saturating_sub(TOLD);
    failed.truncate(TOLD);
    status.troubles.append(&mut failed);
    if more > 0 {
        let what = format!("{more} more resources have failed");
        status.troubles.push(Trouble { address: cluster(), what, help: None });
    }
    nodes(name, known, seen, &mut status);
    status
}

fn nodes(cluster: &str, known: &ClusterState, seen: &Observation, status: &mut ClusterStatus) {
    for (group, members) in &known.members.groups {
        for (index, member) in &members.nodes {
            let resource = ResourceName::Node(group, *index, NodePart::Server).to_string();
            let stack = seen.stacks.get(&known.members.stack_name(cluster, member.shard));
            let found = stack.and_then(|stack| stack.resources.get(&resource));
            let asleep =
                stack.is_some_and(|stack| stack.status.action == Action::Suspend && stack.status.is_complete());
            let remembered = known.stacks.get(&known.members.stack_name(cluster, member.shard));
            let suspended = asleep || remembered.is_some_and(|stack| stack.suspended);
            // Of what Heat has suspended Nova was not asked.
            let server = match state(found) {
                ServerState::Running if asleep => ServerState::NotRunning(ServerStatus::Suspended.name().to_owned()),
                server => server,
            };
            let address = Address::Node(cluster.to_owned(), group.clone(), *index);
            if let Some((what, help)) = trouble(&server, &address, suspended, found) {
                status.troubles.push(Trouble { address: address.clone(), what, help: Some(help) });
            }
            let name = node_name(cluster, group, *index);
            status.nodes.push(NodeStatus { address, name, server, units: Vec::new() });
        }
    }
}

fn state(found: Option<&ObservedResource>) -> ServerState {
    let Some(resource) = found.filter(|resource| resource.exists() || resource.status.is_failed()) else {
        return ServerState::Missing;
    };
    match resource.found {
        Found::Deleted => ServerState::Deleted,
        Found::NotRunning(status) => ServerState::NotRunning(status.name().to_owned()),
        _ if resource.status.is_failed() => ServerState::Failed(resource.status.to_string()),
        _ if resource.status.in_progress() => ServerState::InProgress(resource.status.to_string()),
        _ => ServerState::Running,
    }
}

/// What is wrong with a server, and what to do.
fn trouble(
    server: &ServerState,
    address: &Address,
    suspended: bool,
    found: Option<&ObservedResource>,
) -> Option<(String, String)> {
    let apply = |what: &str| format!("run `disco apply` to {what}");
    Some(match server {
        ServerState::Running | ServerState::InProgress(_) => return None,
        ServerState::NotRunning(status) if suspended => {
            let help = format!("run `disco resume {}` to have it go on", address.cluster());
            (format!("its server is suspended ({status})"), help)
        }
        ServerState::NotRunning(status) => {
            let way_back = ServerStatus::parse(status).and_then(ServerStatus::way_back);
            // What Nova cannot start again `apply` leaves to a person.
            let help = if way_back.is_some() {
                apply("have it go on")
            } else {
                format!("mend it with Nova's own commands, or run `disco apply --replace {address}` for a new one")
            };
            (format!("its server does not run: Nova says {status}"), help)
        }
        ServerState::Deleted => ("its server was deleted outside of DISCO".to_owned(), apply("create it again")),
        ServerState::Failed(status) => {
            let reason = found.map(|resource| resource.reason.trim()).unwrap_or_default();
            (format!("its server is {status}: {reason}"), apply("replace it"))
        }
        ServerState::Missing => ("it has no server".to_owned(), apply("create it")),
    })
}
