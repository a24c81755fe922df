//! The ports of a server: those it is given, and those that Nova makes for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;
use serde_json::Value as Json;

use super::super::entity::{Server, Thing};
use super::super::world::World;
use super::neutron::network_id;
use super::{Failure, Properties, find, port};

fn requested(properties: &Properties) -> Vec<Json> {
    properties.get("networks").and_then(Json::as_array).cloned().unwrap_or_default()
}

/// Plugs a new server into all networks that it requests, or into none.
pub(super) fn plug(
    world: &mut World,
    server: &str,
    name: &str,
    properties: &Properties,
) -> Result<Vec<String>, Failure> {
    let mut ports = Vec::new();
    for request in &requested(properties) {
        match port::of_request(world, request, server, name) {
            Ok(port) => ports.push(port),
            Err(failure) => {
                for port in ports {
                    unplug(world, &port);
                }
                return Err(failure);
            }
        }
    }
    for port in &ports {
        port::bind(world, port, Some(server));
    }
    Ok(ports)
}

/// Brings a server's ports to a changed list of requests: what it has of them stays, the rest goes, then the new come.
pub(super) fn change(world: &mut World, server: &str, properties: &Properties) -> Result<(), Failure> {
    let Some((name, mut before)) = world.servers.get(server).map(|it| (it.name.clone(), it.ports.clone())) else {
        return Ok(());
    };
    let mut planned = Vec::new();
    for request in requested(properties) {
        let kept = before.iter().position(|port| fulfils(world, port, &request)).map(|at| before.remove(at));
        if kept.is_none() {
            // Whatever can be refused is refused before anything is taken away.
            possible(world, &request)?;
        }
        planned.push((request, kept));
    }
    for port in &before {
        unplug(world, port);
    }
    let (mut ports, mut failure) = (Vec::new(), None);
    for (request, kept) in planned {
        match kept {
            Some(port) => ports.push(port),
            None if failure.is_some() => {}
            None => match port::of_request(world, &request, server, &name) {
                Ok(port) => {
                    port::bind(world, &port, Some(server));
                    ports.push(port);
                }
                Err(refused) => failure = Some(refused),
            },
        }
    }
    if let Some(server) = world.server_mut(server) {
        server.ports = ports;
    }
    failure.map_or(Ok(()), Err)
}

/// Whether a port is what an entry requests.
fn fulfils(world: &World, port: &str, request: &Json) -> bool {
    if let Some(wanted) = request.get("port").and_then(Json::as_str) {
        return find(world, "port", wanted).as_deref() == Some(port);
    }
    let Some(found) = world.things.get(port).filter(|found| is_own(found)) else { return false };
    let network = network_of(request).and_then(|wanted| find(world, "network", wanted));
    let address = request.get("fixed_ip").and_then(Json::as_str);
    network == found.body.text("network_id")
        && address.is_none_or(|wanted| found.addresses.iter().any(|(_, address)| address.to_string() == wanted))
}

fn possible(world: &World, request: &Json) -> Result<(), Failure> {
    if let Some(port) = request.get("port").and_then(Json::as_str) {
        return port::free_port(world, port).map(|_| ());
    }
    match network_of(request) {
        Some(network) => network_id(world, &[("network".to_owned(), network.into())].into()).map(|_| ()),
        None => Ok(()),
    }
}

fn network_of(request: &Json) -> Option<&str> {
    request.get("network").or_else(|| request.get("uuid")).and_then(Json::as_str)
}

/// Frees all ports of a server; those that Nova made for it are deleted.
pub(super) fn unplug_all(world: &mut World, id: &str) {
    let Some(server) = world.server_mut(id) else { return };
    for port in std::mem::take(&mut server.ports) {
        unplug(world, &port);
    }
}

fn unplug(world: &mut World, port: &str) {
    if world.things.get(port).is_some_and(is_own) {
        world.take(port);
    } else {
        port::bind(world, port, None);
    }
}

/// Whether Nova made the port for a server.
fn is_own(port: &Thing) -> bool {
    port.body.field("owned_by_server").is_some()
}

/// What Nova shows of a server's ports.
#[derive(Default)]
pub(super) struct Plugged<'w> {
    /// By network.
    pub(super) addresses: BTreeMap<&'w str, Vec<Address>>,
    /// Its security groups, by name.
    pub(super) groups: BTreeSet<Group<'w>>,
}

/// An address of a server.
#[derive(Serialize)]
pub(super) struct Address {
    version: u8,
    pub(super) addr: IpAddr,
    #[serde(rename = "OS-EXT-IPS:type")]
    kind: &'static str,
    #[serde(rename = "OS-EXT-IPS-MAC:mac_addr")]
    mac: Option<Json>,
    port: String,
}

/// A security group as a server has it.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group<'w> {
    name: &'w str,
}

/// What there is to show of a server's ports.
pub(super) fn plugged<'w>(world: &'w World, server: &Server) -> Plugged<'w> {
    let mut all = Plugged::default();
    for port in server.ports.iter().filter_map(|port| world.things.get(port)) {
        let mut body = port.body.fields(&["network_id", "mac_address", "security_groups"]);
        let network = body.get("network_id").and_then(|id| world.things.get(id.as_str()?));
        let name = network.map_or("network", |network| network.name.as_str());
        let mac = body.remove("mac_address");
        all.addresses.entry(name).or_default().extend(port.addresses.iter().map(|(_, address)| Address {
            version: if address.is_ipv4() { 4 } else { 6 },
            addr: *address,
            kind: "fixed",
            mac: mac.clone(),
            port: port.id.clone(),
        }));
        let groups = body.get("security_groups").and_then(Json::as_array).into_iter().flatten();
        all.groups.extend(groups.filter_map(|id| Some(Group { name: &world.things.get(id.as_str()?)?.name })));
    }
    all
}
