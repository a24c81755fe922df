//! Actions on a stack: suspend, resume, check, cancel.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value as Json;

use super::super::{Engine, accepted, body};
use super::{One, find_live};
use crate::local::entity::{Action, Status};
use crate::local::refusal::Refusal;

pub(in crate::local::api) async fn act(State(shared): Engine, Path((_, name, id)): One, bytes: Bytes) -> Response {
    let done = shared.transact(|world| {
        let request = body(&bytes)?;
        if request.as_object().is_some_and(|map| map.len() > 1) {
            return Err(Refusal::bad_request("Multiple actions specified"));
        }
        let asked = request.as_object().and_then(|map| map.keys().next().cloned());
        let Some(asked) = asked else { return Err(Refusal::bad_request("No action specified")) };
        let stack = find_live(world, &name, &id)?;
        let (running, action, status) = (stack.status == Status::InProgress, stack.action, stack.status);
        match asked.as_str() {
            "suspend" | "resume" if running => {
                let action = if asked == "suspend" { Action::Suspend } else { Action::Resume };
                // Heat starts, fails, and lets the running action go on.
                let reason = format!(
                    "Resource {action} failed: Error: State ('{}', '{status}') invalid for {asked}",
                    stack.action
                );
                world.event(
                    &id,
                    &name,
                    "OS::Heat::Stack",
                    Some(id.clone()),
                    format!("{action}_IN_PROGRESS"),
                    &format!("Stack {action} started"),
                );
                world.event(&id, &name, "OS::Heat::Stack", Some(id.clone()), format!("{action}_FAILED"), &reason);
            }
            // What is so already is left alone.
            "suspend" if (action, status) == (Action::Suspend, Status::Complete) => {}
            "resume" if (action, status) == (Action::Resume, Status::Complete) => {}
            "suspend" => world.start(&id, Action::Suspend),
            "resume" => world.start(&id, Action::Resume),
            "check" if running => {}
            "check" => world.start(&id, Action::Check),
            "cancel_update" if running && action == Action::Update => world.roll_back(&id),
            "cancel_without_rollback" if running => {
                world.traversals.remove(&id);
                world.end_stack(&id, Status::Failed, &format!("Stack {action} cancelled"));
            }
            "cancel_update" | "cancel_without_rollback" => {
                let message = format!("Cancelling update when stack is {action}_{status} is not supported.");
                return Err(Refusal::new(400, "NotSupported", message));
            }
            other => return Err(Refusal::bad_request(format!("Invalid action {other} specified"))),
        }
        Ok(asked)
    });
    match done {
        Ok(asked) if asked.starts_with("cancel") => accepted(),
        Ok(_) => axum::Json(Json::Null).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
