//! Creating, updating and deleting stacks.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value as Json, json};

use super::super::{Engine, accepted, body, heat};
use super::request::{asked, check_name, named};
use super::{One, find_live};
use crate::local::entity::{Action, Stack, Status};
use crate::local::ids::uuid;
use crate::local::refusal::Refusal;
use crate::local::validate;
use crate::local::world::World;

pub(in crate::local::api) async fn create(
    State(shared): Engine,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Response {
    let created = shared.transact(|world| {
        let request = body(&bytes)?;
        let name = named(&request)?;
        if request.get("template").is_none_or(Json::is_null) {
            return Err(Refusal::bad_request("No template specified"));
        }
        check_name(&name)?;
        if world.names.contains_key(&name) {
            return Err(Refusal::new(409, "StackExists", format!("The Stack ({name}) already exists.")));
        }
        let asked = asked(&request, None)?;
        validate::properties(world, "", &asked.parsed)?;
        let (id, now) = (uuid(), world.now);
        world.add_stack(Stack {
            id: id.clone(),
            name: name.clone(),
            action: Action::Create,
            status: Status::InProgress,
            reason: String::new(),
            version: asked.version,
            previous: None,
            tags: asked.tags.unwrap_or_default(),
            timeout_mins: asked.timeout_mins,
            disable_rollback: asked.disable_rollback.unwrap_or(true),
            created: now,
            updated: None,
            deleted: None,
            started: now,
            traversal: 0,
            user_project: None,
        });
        world.remember(&id, asked.parsed);
        world.start(&id, Action::Create);
        let href = format!("{}/stacks/{name}/{id}", heat(&headers, &uri, world));
        let body = json!({"stack": {"id": id, "links": [{"href": href, "rel": "self"}]}});
        Ok((href, body))
    });
    match created {
        Ok((href, body)) => (StatusCode::CREATED, [(header::LOCATION, href)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn update(world: &mut World, name: &str, id: &str, bytes: &[u8], keep: bool) -> Result<(), Refusal> {
    let stack = find_live(world, name, id)?;
    let request = body(bytes)?;
    if !keep && request.get("template").is_none_or(Json::is_null) {
        return Err(Refusal::bad_request("No template specified"));
    }
    if stack.action == Action::Suspend {
        return Err(Refusal::new(400, "NotSupported", "Updating a stack when it is suspended is not supported."));
    }
    if stack.action == Action::Delete {
        return Err(Refusal::new(400, "NotSupported", "Updating a stack when it is deleting is not supported."));
    }
    let asked = asked(&request, keep.then_some(stack))?;
    validate::properties(world, id, &asked.parsed)?;
    if let Some(stack) = world.stack_mut(id) {
        // An update over a running one still goes back to the last version that was complete.
        if stack.status != Status::InProgress || stack.previous.is_none() {
            stack.previous = Some(stack.version.clone());
        }
        stack.version = asked.version;
        if !keep || asked.tags.is_some() {
            stack.tags = asked.tags.unwrap_or_default();
        }
        if !keep || asked.timeout_mins.is_some() {
            stack.timeout_mins = asked.timeout_mins;
        }
        if let Some(disable) = asked.disable_rollback {
            stack.disable_rollback = disable;
        }
    }
    world.remember(id, asked.parsed);
    world.start(id, Action::Update);
    Ok(())
}

pub(in crate::local::api) async fn replace(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    match shared.transact(|world| update(world, &name, &id, &bytes, false)) {
        Ok(()) => accepted(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(in crate::local::api) async fn patch(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    match shared.transact(|world| update(world, &name, &id, &bytes, true)) {
        Ok(()) => accepted(),
        Err(refusal) => refusal.into_response(),
    }
}

fn remove(world: &mut World, id: &str) {
    let deleting =
        world.stacks.get(id).is_some_and(|it| it.action == Action::Delete && it.status == Status::InProgress);
    if !deleting {
        world.start(id, Action::Delete);
    }
}

pub(in crate::local::api) async fn delete(State(shared): Engine, Path((_, name, id)): One) -> Response {
    let deleted = shared.transact(|world| {
        find_live(world, &name, &id)?;
        remove(world, &id);
        Ok(())
    });
    match deleted {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
