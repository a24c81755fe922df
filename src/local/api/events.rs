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
        "physical_resource_id": event.physical.as_deref().unwrap_or_default(),
        "resource_status": event.status,
        "resource_status_reason": event.reason,
        "links": [
            {"href": format!("{stack_url}/resources/{}/events/{}", event.resource, event.id), "rel": "self"},
            {"href": format!("{stack_url}/resources/{}", event.resource), "rel": "resource"},
            {"href": stack_url, "rel": "stack"},
        ],
    })
}

fn listed(
    world: &World,
    stack: &Stack,
    query: &HashMap<String, String>,
    heat: &str,
    resource: Option<&str>,
) -> Result<Json, Refusal> {
    let wanted = |it: &Event| {
        resource.is_none_or(|resource| it.resource == resource)
            && query.get("resource_name").is_none_or(|name| *name == it.resource)
            && query.get("resource_status").is_none_or(|status| it.status.ends_with(&format!("_{status}")))
            && query.get("resource_action").is_none_or(|action| it.status.starts_with(&format!("{action}_")))
    };
    // The newest first, unless asked otherwise.
    let ascending = query.get("sort_dir").is_some_and(|direction| direction == "asc");
    let Some(all) = world.events.get(&stack.id) else { return Ok(json!({"events": []})) };
    // The common question is for what came after the marker: look for it from the end.
    let mut marker = None;
    if let Some(wanted) = query.get("marker") {
        for (at, it) in all.iter().enumerate().rev() {
            if read(it)?.id == *wanted {
                marker = Some(at);
                break;
            }
        }
    }
    let (after, before) = match marker {
        Some(at) => (at + 1, at),
        None => (0, all.len()),
    };
    let range: Box<dyn Iterator<Item = &Told>> =
        if ascending { Box::new(all.range(after..)) } else { Box::new(all.range(..before).rev()) };
    // One that cannot be read is not left out: whoever waits for it would wait for ever.
    let found = range
        .map(read)
        .filter(|it| it.as_ref().map_or(true, wanted))
        .take(limit(query.get("limit").map(String::as_str)));
    let found = found.map(|it| Ok(event(&it?, stack, heat))).collect::<Result<Vec<_>, Refusal>>()?;
    Ok(json!({ "events": found }))
}

fn read(told: &Told) -> Result<Event, Refusal> {
    told.read().map_err(|fault| {
        let message = format!("The embedded engine cannot read event {} in its store: {fault}", told.number);
        Refusal::new(500, "Error", message)
    })
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
        listed(world, stack, &query, &heat(&headers, &uri, world), None)
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
        listed(world, stack, &query, &heat(&headers, &uri, world), Some(&resource))
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
        let mut all = world.events.get(&id).into_iter().flatten().map(read);
        let found = all
            .find(|it| it.as_ref().map_or(true, |it| it.id == wanted))
            .unwrap_or_else(|| Err(Refusal::new(404, "HTTPNotFound", format!("No event {wanted} found"))))?;
        let mut shown = event(&found, stack, &heat(&headers, &uri, world));
        if let Some(shown) = shown.as_object_mut() {
            shown.insert("resource_type".to_owned(), found.kind.into());
            shown.insert("resource_properties".to_owned(), json!({}));
        }
        Ok(json!({"event": shown}))
    }))
}
