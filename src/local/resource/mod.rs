//! What each resource type does in the engine's cloud: create, update, delete, suspend, resume, check, attributes.

mod by_request;
mod cinder;
mod floating;
mod ipv6;
mod neutron;
mod nova;
mod port;
mod security;
mod server_ports;
mod software;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::entity::{Action, Row, Thing, Work};
use super::failure::Failure;
use super::ids::{hex, uuid};
use super::packed::Packed;
use super::world::World;

pub(crate) use by_request::make_by_request;
pub(crate) use cinder::server_of as disk_server;
pub(crate) use ipv6::check_rule;
pub(crate) use neutron::in_use;
pub(crate) use nova::{failed as server_failed, remove_server, server_body, shown_server};
pub(crate) use security::{drop_default_rule, groups, rules};
pub(crate) use software::{Outcome, deployed, finish, give_up, signal};

/// How an action goes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Begun {
    /// It ends by itself after so many seconds of the simulated cloud's time.
    Takes(f64),
    /// It ends with a signal.
    Waits,
    /// It ends when the resource's machine is what it should be.
    Machine(Work),
    /// It ends when that machine has its disks as they should be; where machines are simulated, after so many seconds.
    Disks { server: String, seconds: f64 },
}

type Properties = BTreeMap<String, Json>;

/// Begins an action.
pub(crate) fn begin(world: &mut World, id: u64, action: Action) -> Result<Begun, Failure> {
    let Some(row) = world.rows.get(&id).cloned() else { return Ok(Begun::Takes(0.0)) };
    let properties = row.pending.as_ref().unwrap_or(&row.properties).read();
    let same = action == Action::Update && row.pending.as_ref() == Some(&row.properties);
    if same && row.kind != "OS::Heat::SoftwareDeployment" {
        // Only the definition around the properties is another one: the thing itself is left alone.
        return Ok(Begun::Takes(0.1));
    }
    match row.kind.as_str() {
        "OS::Nova::Server" => nova::server(world, &row, &properties, action),
        "OS::Nova::ServerGroup" => nova::group(world, &row, &properties, action),
        "OS::Nova::KeyPair" => nova::key(world, &row, &properties, action),
        "OS::Neutron::Net" => neutron::network(world, &row, &properties, action),
        "OS::Neutron::Subnet" => neutron::subnet(world, &row, &properties, action),
        "OS::Neutron::Router" => neutron::router(world, &row, &properties, action),
        "OS::Neutron::RouterInterface" => neutron::interface(world, &row, &properties, action),
        "OS::Neutron::SecurityGroup" => security::group(world, &row, &properties, action),
        "OS::Neutron::SecurityGroupRule" => security::rule(world, &row, &properties, action),
        "OS::Neutron::Port" => port::port(world, &row, &properties, action),
        "OS::Neutron::FloatingIP" => floating::address(world, &row, &properties, action),
        "OS::Neutron::FloatingIPAssociation" => floating::association(world, &row, &properties, action),
        "OS::Cinder::Volume" => cinder::volume(world, &row, &properties, action),
        "OS::Cinder::VolumeAttachment" => cinder::attachment(world, &row, &properties, action),
        "OS::Heat::SoftwareConfig" | "OS::Heat::CloudConfig" | "OS::Heat::MultipartMime" => {
            Ok(software::config(world, &row, &properties, action))
        }
        "OS::Heat::SoftwareDeployment" => software::deployment(world, &row, &properties, action),
        _ => Ok(software::value(world, &row, &properties, action)),
    }
}

/// Ends an action that went well.
pub(crate) fn completed(world: &mut World, id: u64, action: Action) {
    let Some(row) = world.rows.get(&id).cloned() else { return };
    let Some(physical) = row.physical.clone() else { return };
    match (row.kind.as_str(), action) {
        ("OS::Nova::Server", _) => nova::completed(world, &physical, action),
        ("OS::Heat::SoftwareDeployment", Action::Delete) => {
            world.drop_deployment(&physical);
        }
        ("OS::Neutron::FloatingIPAssociation", Action::Delete) => floating::dissociate(world, &row),
        ("OS::Cinder::VolumeAttachment", Action::Delete) => cinder::detach(world, &physical),
        (_, Action::Delete) => {
            world.take(&physical);
        }
        _ => {}
    }
}

/// Ends an action that went wrong in its course.
pub(crate) fn spoiled(world: &mut World, id: u64, action: Action) {
    let Some(row) = world.rows.get(&id) else { return };
    if let ("OS::Nova::Server", Action::Create, Some(physical)) = (row.kind.as_str(), action, row.physical.clone()) {
        nova::not_built(world, &physical);
    }
}

/// Whether Heat looks at the real thing when it checks a stack: of most types it only says that it does not.
pub(crate) fn can_be_checked(kind: &str) -> bool {
    matches!(kind, "OS::Nova::Server" | "OS::Nova::KeyPair" | "OS::Cinder::Volume")
}

/// Whether the real thing is still there.
pub(crate) fn exists(world: &World, row: &Row) -> bool {
    let Some(physical) = &row.physical else { return false };
    match row.kind.as_str() {
        "OS::Nova::Server" => world.servers.contains_key(physical),
        "OS::Heat::SoftwareDeployment" => world.deployments.contains_key(physical),
        _ => world.things.contains_key(physical),
    }
}

/// Whether a failed resource is made anew by the next update.
pub(crate) fn replace_failed(world: &World, row: &Row) -> bool {
    match row.kind.as_str() {
        "OS::Nova::Server" => {
            let id = row.physical.as_deref().unwrap_or_default();
            world.servers.get(id).is_none_or(|server| server.status == "ERROR")
        }
        // Whatever of Neutron is there, and is not itself in ERROR, is kept.
        kind if kind.starts_with("OS::Neutron::") || kind == "OS::Cinder::Volume" => !exists(world, row),
        _ => true,
    }
}

/// Makes room for a successor: its address, its ports.
pub(crate) fn prepare_for_replace(world: &mut World, id: u64) {
    let Some((kind, Some(physical))) = world.rows.get(&id).map(|row| (row.kind.clone(), row.physical.clone())) else {
        return;
    };
    match kind.as_str() {
        "OS::Neutron::Port" => {
            if let Some(mut thing) = world.take(&physical) {
                thing.addresses.clear();
                thing.body.change(|body| body.insert("fixed_ips".to_owned(), Json::Array(Vec::new())));
                world.put(thing);
            }
        }
        "OS::Nova::Server" => server_ports::unplug_all(world, &physical),
        "OS::Neutron::FloatingIPAssociation" => {
            if let Some(row) = world.rows.get(&id).cloned() {
                floating::dissociate(world, &row);
            }
        }
        _ => {}
    }
}

/// What `get_resource` gives.
pub(crate) fn reference(world: &World, row: &Row) -> Json {
    match (row.kind.as_str(), &row.physical) {
        ("OS::Heat::RandomString" | "OS::Heat::Value", Some(id)) => {
            world.things.get(id).and_then(|thing| thing.body.field("value")).unwrap_or(Json::Null)
        }
        (_, Some(id)) => id.clone().into(),
        (_, None) => row.name.clone().into(),
    }
}

/// What `get_attr` gives.
pub(crate) fn attribute(world: &World, row: &Row, name: &str) -> Option<Json> {
    let id = row.physical.as_deref()?;
    match row.kind.as_str() {
        "OS::Nova::Server" => nova::attribute(world, id, name),
        "OS::Heat::SoftwareDeployment" => {
            let deployment = world.deployments.get(id)?;
            if name == "show" {
                serde_json::to_value(deployment).ok()
            } else {
                deployment.outputs.read().get(name).cloned()
            }
        }
        "OS::Neutron::Port" if name == "subnets" => {
            let fixed = world.things.get(id)?.body.field("fixed_ips")?;
            let subnets = fixed.as_array()?.iter().filter_map(|fixed| fixed.get("subnet_id")?.as_str());
            Some(subnets.filter_map(|subnet| Some(Json::Object(world.things.get(subnet)?.body.read()))).collect())
        }
        "OS::Neutron::Port" if name == "network" => {
            let network = world.things.get(id)?.body.text("network_id")?;
            Some(Json::Object(world.things.get(&network)?.body.read()))
        }
        _ => {
            let body = &world.things.get(id)?.body;
            if name == "show" { Some(Json::Object(body.read())) } else { body.field(name) }
        }
    }
}

/// All attributes, as Heat shows them with one resource.
pub(crate) fn attributes(world: &World, row: &Row) -> Json {
    let Some(id) = row.physical.as_deref() else { return Json::Object(Map::new()) };
    if let Some(server) = world.servers.get(id) {
        return server_body(world, server);
    }
    if world.deployments.contains_key(id) {
        let names = ["deploy_stdout", "deploy_stderr", "deploy_status_code"];
        return names
            .iter()
            .map(|name| ((*name).to_owned(), attribute(world, row, name).unwrap_or(Json::Null)))
            .collect();
    }
    world.things.get(id).map_or_else(|| Json::Object(Map::new()), |thing| Json::Object(thing.body.read()))
}

/// A property as text.
fn text<'a>(properties: &'a Properties, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Json::as_str)
}

/// The name of a thing: the one that is asked for, else one that Heat would make up.
fn name_of(world: &World, row: &Row, properties: &Properties) -> String {
    text(properties, "name").map_or_else(|| made_up(world, row), str::to_owned)
}

fn made_up(world: &World, row: &Row) -> String {
    let stack = world.stacks.get(&row.stack).map_or("stack", |stack| stack.name.as_str());
    format!("{stack}-{}-{}", row.name, &hex()[..12])
}

/// Puts a new thing into the world and under the row.
fn make(world: &mut World, row: &Row, thing: Thing) {
    let id = thing.id.clone();
    world.put(thing);
    if let Some(row) = world.row_mut(row.id) {
        row.physical = Some(id);
    }
}

/// A thing with the properties as its body.
fn thing(world: &World, kind: &str, name: String, properties: &Properties) -> Thing {
    let id = uuid();
    let mut body: Map<String, Json> = properties.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    body.insert("id".to_owned(), id.clone().into());
    body.insert("name".to_owned(), name.clone().into());
    for project in ["project_id", "tenant_id"] {
        body.insert(project.to_owned(), world.identity.project.clone().into());
    }
    let body = Packed::of(&body);
    Thing { id, kind: kind.to_owned(), name, uses: Vec::new(), addresses: Vec::new(), body }
}

/// Writes changed properties over a thing's body.
fn change(world: &mut World, row: &Row, properties: &Properties) {
    let Some(mut thing) = row.physical.as_deref().and_then(|id| world.take(id)) else { return };
    thing.body.change(|body| body.extend(properties.iter().map(|(name, value)| (name.clone(), value.clone()))));
    if let Some(name) = text(properties, "name") {
        name.clone_into(&mut thing.name);
    }
    world.put(thing);
}

/// The real thing of that kind with that id or name.
fn find(world: &World, kind: &str, wanted: &str) -> Option<String> {
    if world.thing(wanted, kind).is_some() {
        return Some(wanted.to_owned());
    }
    world.things.values().find(|thing| thing.kind == kind && thing.name == wanted).map(|thing| thing.id.clone())
}

/// The check of a thing that is only there or not.
fn check(world: &World, row: &Row) -> Result<Begun, Failure> {
    if exists(world, row) {
        Ok(Begun::Takes(0.2))
    } else {
        Err(Failure::new("NotFound", format!("{} could not be found.", row.physical.as_deref().unwrap_or(&row.name))))
    }
}
