//! Ports: their addresses, and who has them.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value as Json, json};

use super::super::default_rules::OWN_ID;
use super::super::entity::{Action, Row, Thing};
use super::super::world::World;
use super::neutron::{network_id, quota};
use super::{Begun, Failure, Properties, change, find, ipv6, make, name_of, text, thing};

pub(super) fn port(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            let name = name_of(world, row, properties);
            let port = new_port(world, name, properties, None)?;
            make(world, row, port);
            Ok(Begun::Takes(1.0))
        }
        Action::Update => {
            let before = row.properties.read();
            if properties.get("fixed_ips") != before.get("fixed_ips") {
                readdress(world, row, properties)?;
            }
            let mut changed = properties.clone();
            changed.remove("fixed_ips");
            if properties.get("security_groups") != before.get("security_groups") {
                regroup(world, row, properties)?;
            }
            changed.remove("security_groups");
            change(world, row, &changed);
            Ok(Begun::Takes(0.8))
        }
        _ => Ok(Begun::Takes(0.8)),
    }
}

/// A port with its addresses; not yet in the world.
pub(super) fn new_port(
    world: &World,
    name: String,
    properties: &Properties,
    server: Option<&str>,
) -> Result<Thing, Failure> {
    quota(world, "port", world.limits.ports)?;
    let network = network_id(world, properties)?;
    allowed(world, &network, properties)?;
    let mut port = thing(world, "port", name, properties);
    let made_up = || {
        let bytes = &super::super::ids::hex()[..6];
        format!("fa:16:3e:{}:{}:{}", &bytes[..2], &bytes[2..4], &bytes[4..])
    };
    let mac = text(properties, "mac_address").map_or_else(made_up, str::to_owned);
    port.addresses = addresses(world, &network, &mac, properties)?;
    let groups = groups(world, properties)?;
    let fixed_ips = fixed_ips(&port.addresses);
    let is_open = world.things.get(&network).and_then(|network| network.body.field("port_security_enabled"));
    // Where none is named, Neutron takes the project's own.
    let shown = match properties.get("security_groups") {
        None | Some(Json::Null) if is_open != Some(Json::Bool(false)) => json!([OWN_ID]),
        _ => json!(groups),
    };
    port.body.change(|body| {
        for (name, value) in [
            ("network_id", json!(network)),
            ("fixed_ips", fixed_ips),
            ("security_groups", shown),
            ("status", json!(if server.is_some() { "ACTIVE" } else { "DOWN" })),
            ("device_id", json!(server.unwrap_or_default())),
            ("device_owner", json!(if server.is_some() { "compute:nova" } else { "" })),
        ] {
            body.insert(name.to_owned(), value);
        }
        body.entry("mac_address").or_insert_with(|| mac.into());
    });
    port.uses = std::iter::once(network).chain(groups).collect();
    Ok(port)
}

/// What Neutron refuses where a network is another project's, or has port security off.
fn allowed(world: &World, network: &str, properties: &Properties) -> Result<(), Failure> {
    let Some(found) = world.things.get(network) else { return Ok(()) };
    let listed = |name: &str| properties.get(name).and_then(Json::as_array).into_iter().flatten();
    let is_foreign = found.body.text("project_id").is_some_and(|owner| owner != world.identity.project);
    if is_foreign && listed("fixed_ips").any(|fixed| fixed.get("ip_address").is_some_and(|address| !address.is_null()))
    {
        let message = "(rule:create_port and (rule:create_port:fixed_ips and (rule:create_port:fixed_ips:subnet_id and \
                       rule:create_port:fixed_ips:ip_address))) is disallowed by policy";
        return Err(Failure::neutron("Forbidden", message));
    }
    let is_open = found.body.field("port_security_enabled") == Some(Json::Bool(false));
    if is_open && listed("security_groups").next().is_some() {
        let message = "Port security must be enabled and port must have an IP address in order to use security groups.";
        return Err(Failure::neutron("BadRequest", message));
    }
    Ok(())
}

fn fixed_ips(addresses: &[(String, IpAddr)]) -> Json {
    addresses.iter().map(|(subnet, address)| json!({"subnet_id": subnet, "ip_address": address})).collect()
}

fn groups(world: &World, properties: &Properties) -> Result<Vec<String>, Failure> {
    let wanted = properties.get("security_groups").and_then(Json::as_array);
    wanted
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(|wanted| {
            find(world, "security_group", wanted).ok_or_else(|| {
                Failure::new("NotFound", format!("Unable to find security_group with name or id '{wanted}'"))
            })
        })
        .collect()
}

/// Ids of a network's subnets.
pub(super) fn subnets_of(world: &World, network: &str) -> Vec<String> {
    let Some(Json::Array(subnets)) = world.things.get(network).and_then(|network| network.body.field("subnets")) else {
        return Vec::new();
    };
    subnets.into_iter().filter_map(|subnet| subnet.as_str().map(str::to_owned)).collect()
}

fn addresses(
    world: &World,
    network: &str,
    mac: &str,
    properties: &Properties,
) -> Result<Vec<(String, IpAddr)>, Failure> {
    let subnets = subnets_of(world, network);
    let chosen = |subnet: String| {
        let of_card = ipv6::automatic(world, &subnet).and_then(|net| ipv6::of_card(net, mac));
        let address = of_card.map_or_else(|| free(world, network, &subnet), |address| Ok(address.into()))?;
        Ok((subnet, address))
    };
    let Some(wanted) = properties.get("fixed_ips").and_then(Json::as_array).filter(|wanted| !wanted.is_empty()) else {
        // One of each kind.
        let first = |is_ipv4: bool| {
            let of_kind = |subnet: &&String| cidr(world, subnet).is_some_and(|net| net.addr().is_ipv4() == is_ipv4);
            subnets.iter().find(of_kind).cloned()
        };
        return [first(true), first(false)].into_iter().flatten().map(chosen).collect();
    };
    let mut taken = Vec::new();
    for fixed in wanted {
        let address = fixed.get("ip_address").and_then(Json::as_str);
        let subnet = fixed.get("subnet").or_else(|| fixed.get("subnet_id")).and_then(Json::as_str);
        let subnet = if let Some(wanted) = subnet {
            find(world, "subnet", wanted)
                .ok_or_else(|| Failure::new("NotFound", format!("Unable to find subnet with name or id '{wanted}'")))?
        } else {
            let address = address.and_then(|address| address.parse::<IpAddr>().ok());
            let home = subnets.iter().find(|subnet| {
                address.is_none_or(|address| cidr(world, subnet).is_some_and(|cidr| cidr.contains(&address)))
            });
            let Some(home) = home else {
                let message = "IP address is not a valid IP for any of the subnets on the specified network.";
                return Err(Failure::neutron("BadRequest", message));
            };
            home.clone()
        };
        let address = match address {
            None => chosen(subnet.clone())?.1,
            Some(text) if ipv6::automatic(world, &subnet).is_some() => {
                let message = format!(
                    "Invalid input for operation: IPv6 address {text} cannot be directly assigned to a port on subnet \
                     {subnet} as the subnet is configured for automatic addresses"
                );
                return Err(Failure::neutron("BadRequest", message));
            }
            Some(text) => {
                let address = text.parse::<IpAddr>().ok();
                let inside = address.filter(|address| cidr(world, &subnet).is_some_and(|cidr| cidr.contains(address)));
                let Some(address) = inside else {
                    let message = format!("IP address {text} is not a valid IP for the specified subnet.");
                    return Err(Failure::neutron("BadRequest", message));
                };
                if world.addresses.get(&subnet).is_some_and(|taken| taken.contains_key(&address)) {
                    let message = format!("IP address {address} already allocated in subnet {subnet}");
                    return Err(Failure::neutron("IpAddressAlreadyAllocatedClient", message));
                }
                address
            }
        };
        taken.push((subnet, address));
    }
    Ok(taken)
}

fn cidr(world: &World, subnet: &str) -> Option<IpNet> {
    world.things.get(subnet)?.body.text("cidr")?.parse().ok()
}

/// A free address of a subnet's pools: the one after the highest taken, else the lowest free one.
fn free(world: &World, network: &str, subnet: &str) -> Result<IpAddr, Failure> {
    let pools = world.things.get(subnet).and_then(|it| it.body.field("allocation_pools"));
    let taken = world.addresses.get(subnet);
    for pool in pools.as_ref().and_then(Json::as_array).into_iter().flatten() {
        let end = |name: &str| pool.get(name).and_then(Json::as_str).and_then(|text| text.parse::<IpAddr>().ok());
        let (Some(start), Some(last)) = (end("start"), end("end")) else { continue };
        if start > last {
            continue;
        }
        let highest = taken.and_then(|taken| taken.range(start..=last).next_back());
        let next = match highest {
            None => Some(start),
            Some((highest, _)) if *highest < last => after(*highest),
            Some(_) => std::iter::successors(Some(start), |address| after(*address))
                .take_while(|address| *address <= last)
                .find(|address| taken.is_none_or(|taken| !taken.contains_key(address))),
        };
        if let Some(next) = next {
            return Ok(next);
        }
    }
    Err(Failure::neutron(
        "IpAddressGenerationFailureClient",
        format_args!("No more IP addresses available on network {network}."),
    ))
}

/// The address after one, of its kind.
fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| IpAddr::V6(next.into())),
    }
}

fn readdress(world: &mut World, row: &Row, properties: &Properties) -> Result<(), Failure> {
    let Some(mut port) = row.physical.as_deref().and_then(|id| world.take(id)) else { return Ok(()) };
    let network = port.body.text("network_id").unwrap_or_default();
    let mac = port.body.text("mac_address").unwrap_or_default();
    let found = addresses(world, &network, &mac, properties);
    if let Ok(addresses) = &found {
        port.body.change(|body| body.insert("fixed_ips".to_owned(), fixed_ips(addresses)));
        port.addresses.clone_from(addresses);
    }
    let id = port.id.clone();
    world.put(port);
    if found.is_ok() {
        release_interfaces(world, &id);
    }
    found.map(|_| ())
}

/// A port that has left a subnet no longer holds that subnet's router interface, though a floating IP may still name
/// the address that the port had there: Neutron does not follow.
fn release_interfaces(world: &mut World, port: &str) {
    let associations = world.things.values().filter(|thing| thing.kind == "association");
    let mine = associations.filter(|association| association.body.text("port_id").as_deref() == Some(port));
    let mine: Vec<String> = mine.map(|association| association.id.clone()).collect();
    for id in mine {
        let Some(mut association) = world.take(&id) else { continue };
        association.uses.retain(|interface| {
            let subnet = world.things.get(interface).and_then(|interface| interface.body.text("subnet_id"));
            let addresses = world.things.get(port).map(|port| port.addresses.as_slice()).unwrap_or_default();
            addresses.iter().any(|(at, _)| Some(at) == subnet.as_ref())
        });
        world.put(association);
    }
}

fn regroup(world: &mut World, row: &Row, properties: &Properties) -> Result<(), Failure> {
    let groups = groups(world, properties)?;
    let Some(mut port) = row.physical.as_deref().and_then(|id| world.take(id)) else { return Ok(()) };
    port.body.change(|body| body.insert("security_groups".to_owned(), json!(groups)));
    port.uses.truncate(1);
    port.uses.extend(groups);
    world.put(port);
    Ok(())
}

/// Binds a port to a server, or frees it.
pub(super) fn bind(world: &mut World, id: &str, server: Option<&str>) {
    let Some(mut port) = world.take(id) else { return };
    port.body.change(|body| {
        body.insert("device_id".to_owned(), server.unwrap_or_default().into());
        body.insert("device_owner".to_owned(), if server.is_some() { "compute:nova" } else { "" }.into());
        body.insert("status".to_owned(), if server.is_some() { "ACTIVE" } else { "DOWN" }.into());
    });
    world.put(port);
}

/// The port of that id or name, free to be bound.
pub(super) fn free_port(world: &World, wanted: &str) -> Result<String, Failure> {
    let Some(id) = find(world, "port", wanted) else {
        return Err(Failure::new("NotFound", format!("Unable to find port with name or id '{wanted}'")));
    };
    let owner = world.things.get(&id).and_then(|port| port.body.text("device_id"));
    match owner {
        Some(owner) if !owner.is_empty() && world.servers.contains_key(&owner) => {
            Err(Failure::nova("Conflict", 409, format_args!("Port {id} is still in use.")))
        }
        _ => Ok(id),
    }
}

/// One entry of a server's `networks`: a port as it is, or a network with a port of the server's own.
pub(super) fn of_request(world: &mut World, request: &Json, server: &str, name: &str) -> Result<String, Failure> {
    if let Some(port) = request.get("port").and_then(Json::as_str) {
        return free_port(world, port);
    }
    let mut properties = Properties::new();
    if let Some(network) = request.get("network").or_else(|| request.get("uuid")) {
        properties.insert("network".to_owned(), network.clone());
    }
    if let Some(address) = request.get("fixed_ip") {
        properties.insert("fixed_ips".to_owned(), json!([{"ip_address": address}]));
    }
    if text(&properties, "network").is_none() {
        return Err(Failure::new(
            "StackValidationFailed",
            "One of the properties \"network\" or \"port\" should be set for the specified network of server.",
        ));
    }
    let mut port = new_port(world, format!("{name}-port"), &properties, Some(server))?;
    port.body.change(|body| body.insert("owned_by_server".to_owned(), true.into()));
    let id = port.id.clone();
    world.put(port);
    Ok(id)
}
