//! Security groups and their rules. Neutron makes two rules with each group, by which everything may go out, and for the
//! project a group of its own, in which members may reach each other.

use serde_json::{Map, Value as Json, json};

use super::super::default_rules::{COMES_WITH, OWN_ID, OWN_NAME, OWN_RULES, came_with};
use super::super::entity::{Action, Row, Thing};
use super::super::ids::uuid;
use super::super::world::World;
use super::ipv6::check_rule;
use super::neutron::{in_use, quota};
use super::{Begun, Failure, Properties, change, find, made_up, make, name_of, text, thing};

pub(super) fn group(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            quota(world, "security_group", world.limits.security_groups)?;
            let mut group = thing(world, "security_group", name_of(world, row, properties), properties);
            let rules = ["IPv4", "IPv6"].map(|ethertype| json!({"id": uuid(), "ethertype": ethertype}));
            group.body.change(|body| body.insert(COMES_WITH.to_owned(), json!(rules)));
            make(world, row, group);
            Ok(Begun::Takes(0.8))
        }
        Action::Update => {
            change(world, row, properties);
            Ok(Begun::Takes(0.6))
        }
        Action::Delete => {
            let id = row.physical.clone().unwrap_or_default();
            if in_use(world, &id) {
                return Err(Failure::neutron("Conflict", format_args!("Security Group {id} in use.")));
            }
            Ok(Begun::Takes(0.5))
        }
        _ => Ok(Begun::Takes(0.1)),
    }
}

pub(super) fn rule(world: &mut World, row: &Row, properties: &Properties, action: Action) -> Result<Begun, Failure> {
    match action {
        Action::Create => {
            quota(world, "security_group_rule", world.limits.security_group_rules)?;
            let wanted = text(properties, "security_group").unwrap_or_default();
            let group = find(world, "security_group", wanted).ok_or_else(|| {
                Failure::new("NotFound", format!("Unable to find security_group with name or id '{wanted}'"))
            })?;
            let ethertype = text(properties, "ethertype").unwrap_or("IPv4");
            let remote = text(properties, "remote_ip_prefix");
            let protocol = check_rule(ethertype, text(properties, "protocol"), remote)
                .map_err(|message| Failure::neutron("BadRequest", message))?;
            let mut rule = thing(world, "security_group_rule", made_up(world, row), properties);
            rule.body.change(|body| {
                if let Some(protocol) = protocol {
                    body.insert("protocol".to_owned(), protocol.into());
                }
                body.insert("security_group_id".to_owned(), group.into());
                for (name, value) in [("direction", "ingress"), ("ethertype", "IPv4")] {
                    body.entry(name).or_insert_with(|| value.into());
                }
                for (from, to) in [("remote_group", "remote_group_id"), ("remote_ip_prefix", "remote_ip_prefix")] {
                    let value = body.get(from).cloned().unwrap_or(Json::Null);
                    body.insert(to.to_owned(), value);
                }
            });
            make(world, row, rule);
            Ok(Begun::Takes(0.4))
        }
        _ => Ok(Begun::Takes(0.3)),
    }
}

fn plain_rule(world: &World, id: &str, group: &str, direction: &str, ethertype: &str) -> Json {
    let project = &world.identity.project;
    json!({
        "id": id, "security_group_id": group, "direction": direction, "ethertype": ethertype, "protocol": null,
        "port_range_min": null, "port_range_max": null, "remote_ip_prefix": null,
        "description": null, "remote_group_id": if direction == "ingress" { json!(group) } else { Json::Null },
        "project_id": project, "tenant_id": project,
    })
}

/// The rules that came with a group and are still there.
fn default_rules(world: &World, group: &Thing) -> Vec<Json> {
    let rules = group.body.field(COMES_WITH);
    let rules = rules.as_ref().and_then(Json::as_array).into_iter().flatten();
    let field = |rule: &Json, name: &str| rule[name].as_str().unwrap_or_default().to_owned();
    rules.map(|rule| plain_rule(world, &field(rule, "id"), &group.id, "egress", &field(rule, "ethertype"))).collect()
}

/// All rules as Neutron shows them.
pub(crate) fn rules(world: &World) -> Vec<Json> {
    let of_kind = |kind: &'static str| world.things.values().filter(move |thing| thing.kind == kind);
    let made = of_kind("security_group_rule").map(|rule| Json::Object(rule.body.read()));
    let with_groups = of_kind("security_group").flat_map(|group| default_rules(world, group));
    let own = OWN_RULES.into_iter().map(|(id, direction, kind)| plain_rule(world, id, OWN_ID, direction, kind));
    made.chain(with_groups).chain(own).collect()
}

/// All groups as Neutron shows them, with their rules.
pub(crate) fn groups(world: &World) -> Vec<Json> {
    let rules = rules(world);
    let project = &world.identity.project;
    let own = json!({
        "id": OWN_ID, "name": OWN_NAME, "description": "Default security group", "project_id": project,
        "tenant_id": project,
    });
    let own: Map<String, Json> = own.as_object().cloned().unwrap_or_default();
    let made = world.things.values().filter(|thing| thing.kind == "security_group").map(|group| group.body.read());
    let with_rules = |mut group: Map<String, Json>| {
        group.remove(COMES_WITH);
        group.remove("rules");
        let its = rules.iter().filter(|rule| Some(&rule["security_group_id"]) == group.get("id"));
        let its: Vec<Json> = its.cloned().collect();
        group.insert("security_group_rules".to_owned(), its.into());
        Json::Object(group)
    };
    made.chain([own]).map(with_rules).collect()
}

/// Deletes a rule that came with a group; says whether it was one.
pub(crate) fn drop_default_rule(world: &mut World, id: &str) -> bool {
    let has = |thing: &&Thing| {
        came_with(thing) > 0
            && thing
                .body
                .field(COMES_WITH)
                .is_some_and(|rules| rules.as_array().is_some_and(|rules| rules.iter().any(|rule| rule["id"] == id)))
    };
    let Some(group) = world.things.values().find(has).map(|group| group.id.clone()) else { return false };
    if let Some(mut group) = world.take(&group) {
        group.body.change(|body| {
            if let Some(rules) = body.get_mut(COMES_WITH).and_then(Json::as_array_mut) {
                rules.retain(|rule| rule["id"] != id);
            }
        });
        world.put(group);
    }
    true
}
