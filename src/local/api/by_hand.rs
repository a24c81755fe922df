//! What a person does to servers, rules, floating IPs and routers behind Heat's back.

use std::net::IpAddr;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::super::entity::{Thing, Wanted, Work};
use super::super::ids::uuid;
use super::super::packed::Packed;
use super::super::refusal::Refusal;
use super::super::resource::{check_rule, rules};
use super::super::world::World;
use super::whole::whole;
use super::{Engine, answer, body, networks};

/// Neutron's refusal of a thing of that kind that does not exist.
pub(super) fn missing(kind: &str, id: &str) -> Refusal {
    let (name, what, dot) = match kind {
        "network" => ("NetworkNotFound", "Network", "."),
        "subnet" => ("SubnetNotFound", "Subnet", "."),
        "port" => ("PortNotFound", "Port", "."),
        "router" => ("RouterNotFound", "Router", ""),
        "floatingip" => ("FloatingIPNotFound", "Floating IP", ""),
        "security_group" => ("SecurityGroupNotFound", "Security group", ""),
        _ => ("SecurityGroupRuleNotFound", "Security group rule", ""),
    };
    let does = if kind.starts_with("security_group") { "does not exist" } else { "could not be found" };
    Refusal::new(404, name, format!("{what} {id} {does}{dot}"))
}

/// Neutron's refusal to delete what something hangs on.
pub(super) fn still_used(world: &World, kind: &str, id: &str) -> Refusal {
    let (name, message) = match kind {
        "network" => {
            let ports = world
                .things
                .values()
                .filter(|thing| thing.kind == "port" && thing.body.text("network_id").as_deref() == Some(id));
            let mut ports: Vec<&str> = ports.map(|port| port.id.as_str()).collect();
            ports.sort_unstable();
            let message = format!(
                "Unable to complete operation on network {id}. There are one or more ports still in use on the network, \
                 id for these ports is: {}.",
                ports.join(",")
            );
            ("NetworkInUse", message)
        }
        "subnet" => {
            let why = "One or more ports have an IP allocation from this subnet.";
            ("SubnetInUse", format!("Unable to complete operation on subnet {id}: {why}"))
        }
        "router" => {
            let interfaces = world.things.values().filter(|thing| {
                thing.kind == "router_interface" && thing.body.text("router_id").as_deref() == Some(id)
            });
            let ports: Vec<&str> = interfaces.map(|interface| interface.id.as_str()).collect();
            ("RouterInUse", format!("Router {id} has ports still attached: {}", ports.join(", ")))
        }
        "security_group" => ("SecurityGroupInUse", format!("Security Group {id} in use.")),
        _ => ("Conflict", format!("Unable to complete operation: {kind} {id} is still in use.")),
    };
    Refusal::new(409, name, message)
}

/// The statuses in which Nova takes an action of that name, and the one that it leads to.
fn transition(action: &str) -> Option<(&'static [&'static str], &'static str)> {
    Some(match action {
        "os-stop" => (&["ACTIVE", "ERROR"], "SHUTOFF"),
        "os-start" => (&["SHUTOFF"], "ACTIVE"),
        "suspend" => (&["ACTIVE"], "SUSPENDED"),
        "resume" => (&["SUSPENDED"], "ACTIVE"),
        "pause" => (&["ACTIVE"], "PAUSED"),
        "unpause" => (&["PAUSED"], "ACTIVE"),
        "shelve" => (&["ACTIVE", "SHUTOFF"], "SHELVED_OFFLOADED"),
        "unshelve" => (&["SHELVED", "SHELVED_OFFLOADED"], "ACTIVE"),
        "reboot" => (&["ACTIVE", "SHUTOFF", "ERROR"], "ACTIVE"),
        _ => return None,
    })
}

/// Lets Nova do something with a server; `None` where the action is none of those, or there is no such server.
pub(super) fn server_action(world: &mut World, id: &str, action: &str) -> Option<Result<(), Refusal>> {
    let (from, to) = transition(action)?;
    let server = world.server_mut(id)?;
    if !from.contains(&server.status.as_str()) {
        let state = match server.status.as_str() {
            "SHUTOFF" => "stopped".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        // Nova's own name of what it calls `os-stop` in its API.
        let name = action.strip_prefix("os-").unwrap_or(action);
        let message = format!("Cannot '{name}' instance {id} while it is in vm_state {state}");
        return Some(Err(Refusal::new(409, "conflictingRequest", message)));
    }
    let stood = matches!(server.status.as_str(), "SUSPENDED" | "PAUSED");
    to.clone_into(&mut server.status);
    server.wanted = match to {
        "ACTIVE" => Wanted::Running,
        "SUSPENDED" | "PAUSED" => Wanted::Paused,
        _ => Wanted::Stopped,
    };
    if action == "reboot" {
        server.reboots += 1;
    }
    world.ordered(id);
    if to == "ACTIVE" && stood {
        world.order(id, None, Work::Deployment);
    } else if to == "ACTIVE" {
        world.started(id);
    }
    Some(Ok(()))
}

/// `POST /security-group-rules`
pub(super) fn add_rule(world: &mut World, asked: &Json) -> Result<Json, Refusal> {
    let text = |field: &str| asked.get(field).and_then(Json::as_str).map(str::to_owned);
    let group = text("security_group_id").unwrap_or_default();
    if world.thing(&group, "security_group").is_none() {
        return Err(Refusal::new(404, "SecurityGroupNotFound", format!("Security group {group} does not exist")));
    }
    let ethertype = text("ethertype").unwrap_or_else(|| "IPv4".to_owned());
    let protocol = check_rule(&ethertype, text("protocol").as_deref(), text("remote_ip_prefix").as_deref())
        .map_err(|message| Refusal::new(400, "SecurityGroupRuleParameterConflict", message))?;
    let same = |rule: &&Json| {
        let given = |name: &str, usual: &str| {
            let given = asked.get(name).filter(|value| !value.is_null());
            given.cloned().unwrap_or_else(|| if usual.is_empty() { Json::Null } else { usual.into() })
        };
        let names = ["protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id"];
        let has = |name: &str, usual: &str| rule.get(name).cloned().unwrap_or_default() == given(name, usual);
        rule["security_group_id"] == group.as_str()
            && names.into_iter().all(|name| has(name, ""))
            && has("direction", "ingress")
            && has("ethertype", "IPv4")
    };
    if let Some(rule) = rules(world).iter().find(same) {
        let id = rule["id"].as_str().unwrap_or_default();
        let message = format!("Security group rule already exists. Rule id is {id}.");
        return Err(Refusal::new(409, "SecurityGroupRuleExists", message));
    }
    let id = uuid();
    let mut rule: Map<String, Json> = Map::new();
    for field in ["protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description"]
    {
        rule.insert(field.to_owned(), asked.get(field).cloned().unwrap_or_default());
    }
    rule.insert("protocol".to_owned(), protocol.into());
    if rule["description"].is_null() {
        rule.insert("description".to_owned(), "".into());
    }
    let direction = text("direction").unwrap_or_else(|| "ingress".to_owned());
    let project = world.identity.project.clone();
    for (field, value) in [
        ("id", id.clone()),
        ("security_group_id", group),
        ("direction", direction),
        ("ethertype", ethertype),
        ("project_id", project.clone()),
        ("tenant_id", project),
    ] {
        rule.insert(field.to_owned(), value.into());
    }
    let kind = "security_group_rule".to_owned();
    let thing =
        Thing { id, kind, name: String::new(), uses: Vec::new(), addresses: Vec::new(), body: Packed::of(&rule) };
    world.put(thing);
    Ok(json!({ "security_group_rule": whole(world, "security_group_rule", Json::Object(rule)) }))
}

/// `PUT /floatingips/ID`
pub(super) fn set_floating_ip(world: &mut World, id: &str, asked: &Json) -> Result<Json, Refusal> {
    let port = asked.get("port_id").and_then(Json::as_str).map(str::to_owned);
    let fixed: Option<IpAddr> = match &port {
        None => None,
        Some(port) => {
            let found = world.thing(port, "port");
            let found =
                found.ok_or_else(|| Refusal::new(404, "PortNotFound", format!("Port {port} could not be found.")))?;
            found.addresses.iter().map(|(_, address)| *address).find(IpAddr::is_ipv4)
        }
    };
    let missing = || Refusal::new(404, "FloatingIPNotFound", format!("Floating IP {id} could not be found"));
    if world.thing(id, "floatingip").is_none() {
        return Err(missing());
    }
    let mut floating = world.take(id).ok_or_else(missing)?;
    floating.body.change(|body| {
        body.insert("status".to_owned(), if port.is_some() { "ACTIVE" } else { "DOWN" }.into());
        body.insert("port_id".to_owned(), json!(port));
        body.insert("fixed_ip_address".to_owned(), json!(fixed));
    });
    let shown = whole(world, "floatingip", Json::Object(floating.body.read()));
    world.put(floating);
    Ok(json!({ "floatingip": shown }))
}

/// `PUT /routers/ID/add_router_interface` and `remove_router_interface`
pub(super) async fn router_interface(
    State(shared): Engine,
    Path((router, action)): Path<(String, String)>,
    bytes: Bytes,
) -> Response {
    answer(shared.transact(|world| {
        let asked = body(&bytes)?;
        let subnet = asked.get("subnet_id").and_then(Json::as_str).unwrap_or_default().to_owned();
        if world.thing(&router, "router").is_none() {
            return Err(Refusal::new(404, "RouterNotFound", format!("Router {router} could not be found")));
        }
        let id = format!("{router}:subnet_id={subnet}");
        match action.as_str() {
            "add_router_interface" => connect(world, &router, &subnet, id.clone())?,
            "remove_router_interface" => {
                if world.thing(&subnet, "subnet").is_none() {
                    return Err(missing("subnet", &subnet));
                }
                if world.thing(&id, "router_interface").is_none() {
                    let message = format!("Router {router} has no interface on subnet {subnet}");
                    return Err(Refusal::new(404, "RouterInterfaceNotFoundForSubnet", message));
                }
                world.take(&id);
            }
            _ => return Err(Refusal::new(404, "HTTPNotFound", "The resource could not be found.".to_owned())),
        }
        let network = world.thing(&subnet, "subnet").and_then(|subnet| subnet.body.text("network_id"));
        Ok(json!({
            "id": router, "subnet_id": subnet, "subnet_ids": [subnet], "network_id": network, "port_id": id,
            "tenant_id": world.identity.project,
        }))
    }))
}

fn connect(world: &mut World, router: &str, subnet: &str, id: String) -> Result<(), Refusal> {
    let Some(found) = world.thing(subnet, "subnet") else {
        return Err(Refusal::new(404, "SubnetNotFound", format!("Subnet {subnet} could not be found.")));
    };
    let gateway = found.body.text("gateway_ip").and_then(|gateway| gateway.parse::<IpAddr>().ok());
    if world.thing(&id, "router_interface").is_some() {
        let message = format!("Bad router request: Router already has a port on subnet {subnet}.");
        return Err(Refusal::new(400, "BadRequest", message));
    }
    let body = json!({ "id": id, "router_id": router, "subnet_id": subnet, "project_id": world.identity.project });
    let body: Map<String, Json> = body.as_object().cloned().unwrap_or_default();
    world.put(Thing {
        id,
        kind: "router_interface".to_owned(),
        name: String::new(),
        uses: vec![router.to_owned(), subnet.to_owned()],
        addresses: gateway.map(|gateway| (subnet.to_owned(), gateway)).into_iter().collect(),
        body: Packed::of(&body),
    });
    Ok(())
}

/// A router's interface as the port that Neutron shows.
pub(super) fn interface_port(interface: &Thing) -> Json {
    let fixed: Vec<Json> = interface
        .addresses
        .iter()
        .map(|(subnet, address)| json!({ "subnet_id": subnet, "ip_address": address }))
        .collect();
    json!({
        "id": interface.id, "name": "", "device_id": interface.body.text("router_id"),
        "device_owner": "network:router_interface", "fixed_ips": fixed, "status": "ACTIVE", "security_groups": [],
        "project_id": interface.body.text("project_id"), "tenant_id": interface.body.text("project_id"),
    })
}

/// `PUT` of a member of one of Neutron's collections.
pub(super) async fn network_update(
    State(shared): Engine,
    Path((collection, id)): Path<(String, String)>,
    bytes: Bytes,
) -> Response {
    answer(shared.transact(|world| {
        let asked = body(&bytes)?;
        match collection.as_str() {
            "floatingips" => set_floating_ip(world, &id, &asked["floatingip"]),
            "networks" => networks::set(world, "network", &id, &asked["network"]),
            "subnets" => networks::set(world, "subnet", &id, &asked["subnet"]),
            _ => Err(unknown(&collection)),
        }
    }))
}

fn unknown(collection: &str) -> Refusal {
    Refusal::new(404, "HTTPNotFound", format!("The embedded engine cannot change Neutron's {collection}"))
}
