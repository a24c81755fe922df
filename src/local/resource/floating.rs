//! Floating addresses.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value as Json, json};

use super::super::cloud;
use super::super::entity::{Action, Row};
use super::super::world::{Identity, World};
use super::neutron::quota;
use super::{Begun, Failure, Properties, change, find, made_up, make, text, thing};

pub(super) fn address(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            quota(world, "floatingip", world.limits.floating_ips)?;
            let network = text(properties, "floating_network").unwrap_or_default();
            if ![cloud::PUBLIC_NAME, cloud::PUBLIC_ID].contains(&network) {
                let message = format!("Unable to find network with name or id '{network}'");
                return Err(Failure::new("NotFound", message));
            }
            let address = free(world, text(properties, "floating_ip_address"))?;
            let mut floating = thing(world, "floatingip", made_up(world, row), properties);
            floating.addresses.push((cloud::PUBLIC_SUBNET_ID.to_owned(), address));
            floating.body.change(|body| {
                for (name, value) in [
                    ("floating_ip_address", json!(address)),
                    ("floating_network_id", json!(cloud::PUBLIC_ID)),
                    ("fixed_ip_address", Json::Null),
                    ("router_id", Json::Null),
                    ("status", json!("DOWN")),
                ] {
                    body.insert(name.to_owned(), value);
                }
                body.entry("port_id").or_insert(Json::Null);
            });
            make(world, row, floating);
            Ok(Begun::Takes(1.2))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(0.6))
        }
        _ => Ok(Begun::Takes(0.8)),
    }
}

/// How far from the first address a project begins with its own, so that two projects on one machine, whose nodes are real,
/// do not take each other's: one of 63 blocks of 256, chosen by the project's id.
fn own_block(identity: &Identity) -> u32 {
    let sum = identity.project.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    sum % 63 * 256
}

fn free(world: &World, wanted: Option<&str>) -> Result<IpAddr, Failure> {
    let taken = world.addresses.get(cloud::PUBLIC_SUBNET_ID);
    let is_free = |address: &IpAddr| taken.is_none_or(|taken| !taken.contains_key(address));
    if let Some(wanted) = wanted {
        let address = wanted.parse::<IpAddr>().ok().filter(is_free);
        return address.ok_or_else(|| {
            let message = format!("IP address {wanted} already allocated in subnet {}", cloud::PUBLIC_SUBNET_ID);
            Failure::neutron("IpAddressAlreadyAllocatedClient", message)
        });
    }
    let (first, last) = (u32::from(cloud::PUBLIC_FIRST), u32::from(cloud::PUBLIC_LAST));
    let from = if world.identity.nodes.is_real() { first + own_block(&world.identity) } else { first };
    (from..=last).chain(first..from).map(|address| IpAddr::V4(Ipv4Addr::from(address))).find(is_free).ok_or_else(|| {
        let message = format!("No more IP addresses available on network {}.", cloud::PUBLIC_ID);
        Failure::neutron("IpAddressGenerationFailureClient", message)
    })
}

pub(super) fn association(
    world: &mut World,
    row: &Row,
    properties: &Properties,
    action: Action,
) -> Result<Begun, Failure> {
    match action {
        Action::Create | Action::Update => {
            if action == Action::Update {
                dissociate(world, row);
            }
            associate(world, row, properties)?;
            Ok(Begun::Takes(0.8))
        }
        _ => Ok(Begun::Takes(0.6)),
    }
}

fn associate(world: &mut World, row: &Row, properties: &Properties) -> Result<(), Failure> {
    let wanted = text(properties, "floatingip_id").unwrap_or_default().to_owned();
    let floating = find(world, "floatingip", &wanted)
        .ok_or_else(|| Failure::neutron("NotFound", format_args!("Floating IP {wanted} could not be found")))?;
    let wanted = text(properties, "port_id").unwrap_or_default();
    let port = find(world, "port", wanted)
        .ok_or_else(|| Failure::new("NotFound", format!("Unable to find port with name or id '{wanted}'")))?;
    let wanted = text(properties, "fixed_ip_address");
    let mine = world.things.get(&port).map(|port| port.addresses.as_slice()).unwrap_or_default();
    let is_meant = |address: &IpAddr| wanted.map_or_else(|| address.is_ipv4(), |wanted| address.to_string() == wanted);
    let fixed = mine.iter().find(|(_, address)| is_meant(address)).cloned();
    if let (None, Some(wanted), false) = (&fixed, wanted, mine.is_empty()) {
        let message = format!("Port {port} does not have fixed ip {wanted}");
        return Err(Failure::neutron("BadRequest", message));
    }
    let Some((subnet, address)) = fixed else {
        let message = format!("Cannot add floating IP to port {port} that has no fixed IPv4 addresses");
        return Err(Failure::neutron("BadRequest", message));
    };
    let interface = world
        .things
        .values()
        .find(|thing| thing.kind == "router_interface" && thing.body.text("subnet_id").as_deref() == Some(&subnet));
    let Some(interface) = interface.map(|interface| interface.id.clone()) else {
        let message = format!(
            "External network {} is not reachable from subnet {subnet}. Therefore, cannot associate Port {port} with a Floating IP.",
            cloud::PUBLIC_ID
        );
        return Err(Failure::neutron("NotFound", message));
    };
    if let Some(mut floating) = world.take(&floating) {
        floating.body.change(|body| {
            body.insert("port_id".to_owned(), port.clone().into());
            body.insert("fixed_ip_address".to_owned(), json!(address));
            body.insert("status".to_owned(), "ACTIVE".into());
        });
        world.put(floating);
    }
    let mut association = thing(world, "association", floating.clone(), properties);
    association.id = row.physical.clone().unwrap_or_else(|| world.number().to_string());
    association.uses = vec![interface];
    association.body.change(|body| {
        body.insert("id".to_owned(), association.id.clone().into());
        body.insert("floatingip_id".to_owned(), floating.into());
    });
    make(world, row, association);
    Ok(())
}

/// Takes a floating address off its port.
pub(super) fn dissociate(world: &mut World, row: &Row) {
    let Some(association) = row.physical.as_deref().and_then(|id| world.take(id)) else { return };
    let floating = association.body.text("floatingip_id");
    if let Some(mut floating) = floating.and_then(|id| world.take(&id)) {
        if floating.body.field("port_id") == association.body.field("port_id") {
            floating.body.change(|body| {
                body.insert("port_id".to_owned(), Json::Null);
                body.insert("fixed_ip_address".to_owned(), Json::Null);
                body.insert("status".to_owned(), "DOWN".into());
            });
        }
        world.put(floating);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn projects_with_real_nodes_begin_elsewhere() {
        let block = |project: &str| own_block(&Identity { project: project.to_owned(), ..Identity::default() });
        let projects = [
            "2f0a55ad6d6c4a3c8b5d1f1f0c7c8a11",
            "9b1e9c2b7d0f4c5f8f3a6e1d2c3b4a59",
            "0c4d5e6f708192a3b4c5d6e7f8091a2b",
        ];
        let blocks: BTreeSet<u32> = projects.into_iter().map(block).collect();
        assert_eq!(blocks.len(), 3, "{blocks:?}");
        assert_eq!(block(projects[0]), block(projects[0]));
        let last = u32::from(cloud::PUBLIC_LAST) - u32::from(cloud::PUBLIC_FIRST);
        assert!(blocks.iter().all(|block| block % 256 == 0 && block + 200 < last), "{blocks:?}");
    }
}
