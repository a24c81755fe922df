//! Events.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::entity::{Event, Stack};
use super::super::refusal::Refusal;
use super::super::world::{Told, World};
use super::{Engine, answer, heat, limit};

fn event(event: &Event, stack: &Stack, heat: &str) -> Json {
    let stack_url = format!("{heat}/stacks/{}/{}", stack.name, stack.id);
    json!({
        "id": event.id,
        "event_time": timestamp(event.time),
        "resource_name": event.resource,
        "logical_resource_id": event.resource,
        "physical_resource_id": event.physical,
        "resource_status": event.status,
        "resource_status_reason": event.reason,
        "links": [
            {"href": format!("{stack_url}/resources/{}/events/{}", event.resource, event.id), "rel": "self"},
            {"href": format!("{stack_url}/resources/{}", event.resource), "rel": "resource"},
            {"href": stack_url, "rel": "stack"},
        ],
    })
}

fn listed(world: &World, stack: &Stack, query: &HashMap<String, String>, heat: &str, resource: Option<&str>) -> Json {
    let wanted = |it: &Event| {
        resource.is_none_or(|resource| it.resource == resource)
            && query.get("resource_name").is_none_or(|name| *name == it.resource)
            && query.get("resource_status").is_none_or(|status| it.status.ends_with(&format!("_{status}")))
            && query.get("resource_action").is_none_or(|action| it.status.starts_with(&format!("{action}_")))
    };
    // The newest first, unless asked otherwise.
    let ascending = query.get("sort_dir").is_some_and(|direction| direction == "asc");
    let Some(all) = world.events.get(&stack.id) else { return json!({"events": []}) };
    // The common question is for what came after the marker: look for it from the end.
    let is_marker = |it: &Told, marker: &str| it.read().is_some_and(|it| it.id == marker);
    let marker = query.get("marker").and_then(|marker| all.iter().rposition(|it| is_marker(it, marker)));
    let (after, before) = match marker {
        Some(at) => (at + 1, at),
        None => (0, all.len()),
    };
    let range: Box<dyn Iterator<Item = &Told>> =
        if ascending { Box::new(all.range(after..)) } else { Box::new(all.range(..before).rev()) };
    let found = range.filter_map(Told::read).filter(wanted).take(limit(query));
    json!({"events": found.map(|it| event(&it, stack, heat)).collect::<Vec<_>>()})
}

pub(super) async fn list(
    State(shared): Engine,
    Path((_, name, id)): Path<(String, String, String)>,
    Query(query): super::Query,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        Ok(listed(world, stack, &query, &heat(&headers, &uri, world), None))
    }))
}

pub(super) async fn of_resource(
    State(shared): Engine,
    Path((_, name, id, resource)): Path<(String, String, String, String)>,
    Query(query): super::Query,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        Ok(listed(world, stack, &query, &heat(&headers, &uri, world), Some(&resource)))
    }))
}

pub(super) async fn show(
    State(shared): Engine,
    Path((_, name, id, _, wanted)): Path<(String, String, String, String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    answer(shared.look(|world| {
        let stack = super::stacks::find(world, &name, &id)?;
        let found =
            world.events.get(&id).into_iter().flatten().filter_map(Told::read).find(|it| it.id == wanted).ok_or_else(
                || Refusal::new(404, "EntityNotFound", format!("The Event ({wanted}) could not be found.")),
            )?;
        let mut shown = event(&found, stack, &heat(&headers, &uri, world));
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("resource_type".to_owned(), found.kind.into());
            shown.insert("resource_properties".to_owned(), json!({}));
        }
        Ok(json!({"event": shown}))
    }))
}
