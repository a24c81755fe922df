//! Networks, subnets and routers.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::super::cloud;
use super::super::entity::{Action, Row};
use super::super::world::World;
use super::{Begun, Failure, Properties, change, find, ipv6, made_up, make, name_of, text, thing};

/// Refuses what would go beyond the project's limit.
pub(super) fn quota(world: &World, kind: &str, limit: u64) -> Result<(), Failure> {
    if world.count(kind) < limit {
        return Ok(());
    }
    Err(Failure::neutron("OverQuotaClient", format_args!("Quota exceeded for resources: ['{kind}'].")))
}

/// Whether something still uses it.
pub(crate) fn in_use(world: &World, id: &str) -> bool {
    world.users.get(id).is_some_and(|count| *count > 0)
}

pub(super) fn network(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            quota(world, "network", world.limits.networks)?;
            let mut network = thing(world, "network", name_of(world, row, properties), properties);
            network.body.change(|body| {
                for (name, value) in [
                    ("status", json!("ACTIVE")),
                    ("subnets", json!([])),
                    ("router:external", json!(false)),
                    ("mtu", json!(1450)),
                    ("shared", json!(false)),
                ] {
                    body.entry(name).or_insert(value);
                }
            });
            make(world, row, network);
            Ok(Begun::Takes(0.8))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(0.4))
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            if in_use(world, &id) {
                let message = format!(
                    "Unable to complete operation on network {id}. There are one or more ports still in use on the network."
                );
                return Err(Failure::neutron("NetworkInUseClient", message));
            }
            Ok(Begun::Takes(0.8))
        }
        _ => Ok(Begun::Takes(0.1)),
    }
}

/// The network of that id or name, for a thing that wants to be on it.
pub(super) fn network_id(world: &World, properties: &Properties) -> Result<String, Failure> {
    let wanted = text(properties, "network").unwrap_or_default();
    find(world, "network", wanted)
        .ok_or_else(|| Failure::new("NotFound", format!("Unable to find network with name or id '{wanted}'")))
}

pub(super) fn subnet(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            let network = network_id(world, properties)?;
            let cidr = text(properties, "cidr").unwrap_or_default();
            let net: IpNet = cidr.parse().map_err(|_| {
                Failure::neutron(
                    "BadRequest",
                    format_args!("Invalid input for cidr. Reason: '{cidr}' is not a valid IP subnet."),
                )
            })?;
            ipv6::check_subnet(properties, net)?;
            overlap(world, &network, net)?;
            let mut subnet = thing(world, "subnet", name_of(world, row, properties), properties);
            let first = net.hosts().next();
            let gateway = match properties.get("gateway_ip") {
                Some(Json::String(none)) if none.is_empty() => Json::Null,
                Some(given) => given.clone(),
                None => json!(first),
            };
            let after_gateway = net.hosts().nth(1).or(first);
            let last = last_host(net);
            subnet.body.change(|body| {
                for (name, value) in [
                    ("network_id", json!(network)),
                    ("cidr", json!(net.trunc().to_string())),
                    ("gateway_ip", gateway),
                    ("enable_dhcp", json!(true)),
                    ("ip_version", json!(if matches!(net, IpNet::V4(_)) { 4 } else { 6 })),
                    ("dns_nameservers", json!([])),
                    ("host_routes", json!([])),
                    ("allocation_pools", json!([{"start": after_gateway, "end": last}])),
                ] {
                    if name == "network_id" || name == "gateway_ip" || !body.contains_key(name) {
                        body.insert(name.to_owned(), value);
                    }
                }
            });
            let id = subnet.id.clone();
            make(world, row, subnet);
            change_subnets(world, &network, |subnets| subnets.push(id.into()));
            Ok(Begun::Takes(0.8))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(0.4))
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            if world.addresses.get(&id).is_some_and(|taken| !taken.is_empty()) {
                let message = format!(
                    "Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet."
                );
                return Err(Failure::neutron("Conflict", message));
            }
            if let Some(network) = world.things.get(&id).and_then(|it| it.body.text("network_id")) {
                change_subnets(world, &network, |subnets| subnets.retain(|subnet| subnet.as_str() != Some(&id)));
            }
            Ok(Begun::Takes(0.8))
        }
        _ => Ok(Begun::Takes(0.1)),
    }
}

/// Changes a network's list of its subnets.
fn change_subnets(world: &mut World, network: &str, change: impl FnOnce(&mut Vec<Json>)) {
    let Some(mut network) = world.take(network) else { return };
    network.body.change(|body| {
        if let Some(Json::Array(subnets)) = body.get_mut("subnets") {
            change(subnets);
        }
    });
    world.put(network);
}

fn overlap(world: &World, network: &str, net: IpNet) -> Result<(), Failure> {
    for other in super::port::subnets_of(world, network) {
        let cidr = world.things.get(&other).and_then(|it| it.body.text("cidr")?.parse::<IpNet>().ok());
        if cidr.is_some_and(|cidr| cidr.contains(&net) || net.contains(&cidr)) {
            let message = format!(
                "Invalid input for operation: Requested subnet with cidr: {net} for network: {network} overlaps with another subnet."
            );
            return Err(Failure::neutron("BadRequest", message));
        }
    }
    Ok(())
}

fn last_host(net: IpNet) -> IpAddr {
    match (net, net.broadcast()) {
        (IpNet::V4(net), IpAddr::V4(last)) if net.prefix_len() < 31 => IpAddr::V4((u32::from(last) - 1).into()),
        (_, last) => last,
    }
}

pub(super) fn router(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    if matches!(action, Action::Create | Action::Update)
        && let Some(gateway) = properties.get("external_gateway_info")
    {
        let network = gateway.get("network").and_then(Json::as_str).unwrap_or_default();
        if ![cloud::PUBLIC_NAME, cloud::PUBLIC_ID].contains(&network) {
            let message = format!("Unable to find network with name or id '{network}'");
            return Err(Failure::new("NotFound", message));
        }
    }
    match action {
        Action::Create => {
            let mut router = thing(world, "router", name_of(world, row, properties), properties);
            router.body.change(|body| body.insert("status".to_owned(), json!("ACTIVE")));
            make(world, row, router);
            Ok(Begun::Takes(1.5))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(1.0))
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            if in_use(world, &id) {
                return Err(Failure::neutron("Conflict", format_args!("Router {id} still has ports")));
            }
            Ok(Begun::Takes(1.2))
        }
        _ => Ok(Begun::Takes(0.1)),
    }
}

pub(super) fn interface(
    world: &mut World,
    row: &Row,
    properties: &Properties,
    action: Action,
) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            let wanted = text(properties, "router").unwrap_or_default();
            let router = find(world, "router", wanted)
                .ok_or_else(|| Failure::new("NotFound", format!("Unable to find router with name or id '{wanted}'")))?;
            let wanted = text(properties, "subnet").unwrap_or_default();
            let subnet = find(world, "subnet", wanted)
                .ok_or_else(|| Failure::new("NotFound", format!("Unable to find subnet with name or id '{wanted}'")))?;
            ipv6::check_interface(world, &subnet)?;
            let mut interface = thing(world, "router_interface", made_up(world, row), properties);
            interface.id = format!("{router}:subnet_id={subnet}");
            interface.body.change(|body| {
                body.insert("id".to_owned(), interface.id.clone().into());
                body.insert("router_id".to_owned(), router.clone().into());
                body.insert("subnet_id".to_owned(), subnet.clone().into());
            });
            let gateway = world.things.get(&subnet).and_then(|it| it.body.text("gateway_ip")?.parse::<IpAddr>().ok());
            if let Some(gateway) = gateway {
                if world.addresses.get(&subnet).is_some_and(|taken| taken.contains_key(&gateway)) {
                    let message = format!("IP address {gateway} already allocated in subnet {subnet}");
                    return Err(Failure::neutron("IpAddressAlreadyAllocatedClient", message));
                }
                interface.addresses.push((subnet.clone(), gateway));
            }
            interface.uses = vec![router, subnet];
            make(world, row, interface);
            Ok(Begun::Takes(1.5))
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            // What somebody has taken away already holds nothing up.
            if world.thing(&id, "router_interface").is_some() && in_use(world, &id) {
                let (router, subnet) = id.split_once(":subnet_id=").unwrap_or((&id, ""));
                let message = format!(
                    "Router interface for subnet {subnet} on router {router} cannot be deleted, as it is required by one or more floating IPs."
                );
                return Err(Failure::neutron("Conflict", message));
            }
            Ok(Begun::Takes(1.2))
        }
        _ => Ok(Begun::Takes(0.1)),
    }
}
