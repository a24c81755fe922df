//! Networks and subnets that a person changes by hand, for clusters on networks that are not theirs.

use serde_json::{Value as Json, json};

use super::super::refusal::Refusal;
use super::super::world::World;
use super::by_hand::missing;
use super::whole::whole;

/// An administrator may make a network somebody else's, and everybody is one here.
pub(super) fn give_to(world: &mut World, id: &str, asked: &Json) {
    let owner = asked.get("project_id").or_else(|| asked.get("tenant_id")).cloned();
    let Some((owner, mut thing)) = owner.and_then(|owner| Some((owner, world.take(id)?))) else { return };
    thing.body.change(|body| {
        for field in ["project_id", "tenant_id"] {
            body.insert(field.to_owned(), owner.clone());
        }
    });
    world.put(thing);
}

/// `PUT /networks/ID` and `PUT /subnets/ID`
pub(super) fn set(world: &mut World, kind: &'static str, id: &str, asked: &Json) -> Result<Json, Refusal> {
    const LASTING: [&str; 5] = ["id", "project_id", "tenant_id", "network_id", "cidr"];
    let missing = || missing(kind, id);
    let asked = asked.as_object().cloned().unwrap_or_default();
    if let Some(field) = LASTING.iter().find(|field| asked.contains_key(**field)) {
        let message = format!("Cannot update read-only attribute {field}");
        return Err(Refusal::new(400, "HTTPBadRequest", message));
    }
    if world.thing(id, kind).is_none() {
        return Err(missing());
    }
    let mut thing = world.take(id).ok_or_else(missing)?;
    if let Some(name) = asked.get("name").and_then(Json::as_str) {
        name.clone_into(&mut thing.name);
    }
    thing.body.change(|body| body.extend(asked));
    let shown = whole(world, kind, Json::Object(thing.body.read()));
    world.put(thing);
    Ok(json!({ kind: shown }))
}
