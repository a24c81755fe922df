//! What the engine does not do with stacks: snapshots, and giving them away.

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value as Json, json};

use super::super::{Engine, answer};
use super::{One, find, find_live};
use crate::local::refusal::Refusal;

fn not_supported(what: &str) -> Refusal {
    Refusal::new(400, "NotSupported", format!("{what} is not supported."))
}

/// `GET /stacks/NAME/ID/snapshots`: there are none.
pub(in crate::local::api) async fn snapshots(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| find(world, &name, &id).map(|_| json!({"snapshots": []}))))
}

/// `POST /stacks/NAME/ID/snapshots`
pub(in crate::local::api) async fn no_snapshot(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        Err::<Json, _>(not_supported("A snapshot in the embedded engine"))
    }))
}

/// `GET /stacks/NAME/ID/export` and `DELETE /stacks/NAME/ID/abandon`, which Heat refuses where nobody allows them.
pub(in crate::local::api) async fn no_abandon(State(shared): Engine, Path((_, name, id)): One) -> Response {
    answer(shared.look(|world| {
        find_live(world, &name, &id)?;
        Err::<Json, _>(not_supported("Stack Abandon"))
    }))
}
