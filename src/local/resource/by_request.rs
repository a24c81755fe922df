//! Networks, subnets, ports, routers, security groups and floating IPs that a person asks Neutron for: as stacks get theirs, at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::super::entity::{Action, Row, Status};
use super::super::packed::Packed;
use super::super::world::World;
use super::{Failure, begin, completed};

/// The resource type that makes a thing of that kind, and how Heat's properties are called where Neutron's attributes
/// are not.
fn made_by(kind: &str) -> Option<(&'static str, &'static [(&'static str, &'static str)])> {
    Some(match kind {
        "network" => ("OS::Neutron::Net", &[]),
        "subnet" | "port" => {
            (if kind == "subnet" { "OS::Neutron::Subnet" } else { "OS::Neutron::Port" }, &[("network_id", "network")])
        }
        "router" => ("OS::Neutron::Router", &[]),
        "security_group" => ("OS::Neutron::SecurityGroup", &[]),
        "floatingip" => ("OS::Neutron::FloatingIP", &[("floating_network_id", "floating_network")]),
        _ => return None,
    })
}

/// Makes a thing of that kind with those attributes; gives its id. `None` if nobody can ask for such a thing.
pub(crate) fn make_by_request(
    world: &mut World,
    kind: &str,
    attributes: &Map<String, Json>,
) -> Option<Result<String, Failure>> {
    let (resource, renamed) = made_by(kind)?;
    let properties: BTreeMap<String, Json> = attributes
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let renamed = renamed.iter().find(|(from, _)| from == name);
            let mut value = value.clone();
            if let Some(gateway) = value.as_object_mut()
                && name == "external_gateway_info"
                && let Some(network) = gateway.get("network_id").cloned()
            {
                gateway.insert("network".to_owned(), network);
            }
            (renamed.map_or_else(|| name.clone(), |(_, to)| (*to).to_owned()), value)
        })
        .collect();
    Some(carried_out(world, resource, properties))
}

fn carried_out(world: &mut World, kind: &str, mut properties: BTreeMap<String, Json>) -> Result<String, Failure> {
    properties.entry("name".to_owned()).or_insert_with(|| "".into());
    let (id, now) = (world.number(), world.now);
    // A row of no stack, for as long as it takes.
    world.rows.insert(
        id,
        Box::new(Row {
            id,
            stack: String::new(),
            name: String::new(),
            kind: kind.to_owned(),
            action: Action::Create,
            status: Status::InProgress,
            reason: String::new(),
            physical: None,
            properties: Packed::of(&properties),
            pending: None,
            depends_on: None,
            pending_depends_on: None,
            requires: Vec::new(),
            replaced_by: None,
            traversal: 0,
            created: now,
            updated: now,
            due: None,
            doom: None,
        }),
    );
    let begun = begin(world, id, Action::Create);
    if begun.is_ok() {
        completed(world, id, Action::Create);
    }
    let made = world.rows.remove(&id).and_then(|row| row.physical);
    begun?;
    made.ok_or_else(|| Failure::new("Error", "Nothing was made"))
}
