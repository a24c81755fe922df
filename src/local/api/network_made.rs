//! What a person makes with Neutron's API, and takes away again.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value as Json, json};

use super::super::failure::Failure;
use super::super::refusal::Refusal;
use super::super::resource::{groups, make_by_request};
use super::services::{kind_of, unknown_collection};
use super::whole::whole;
use super::{Engine, answer, body, by_hand, networks};

/// What Neutron answers where Heat would have been told that.
fn refused(failure: &Failure) -> Refusal {
    let status = match failure.kind.as_ref() {
        "NotFound" => 404,
        "Forbidden" => 403,
        "OverQuotaClient" | "Conflict" | "IpAddressAlreadyAllocatedClient" | "IpAddressGenerationFailureClient" => 409,
        _ => 400,
    };
    let kind = match failure.kind.as_ref() {
        "OverQuotaClient" => "OverQuota",
        "IpAddressAlreadyAllocatedClient" => "IpAddressAlreadyAllocated",
        "IpAddressGenerationFailureClient" => "IpAddressGenerationFailure",
        "NotFound" => "NotFound",
        "Conflict" => "Conflict",
        "Forbidden" => "PolicyNotAuthorized",
        _ => "BadRequest",
    };
    let message = failure.message.lines().next().unwrap_or_default();
    let kind = if message.starts_with("Invalid input for operation") { "InvalidInput" } else { kind };
    Refusal::new(status, kind, message)
}

/// `POST` to one of Neutron's collections.
pub(super) async fn create(State(shared): Engine, Path(collection): Path<String>, bytes: Bytes) -> Response {
    let made = shared.transact(|world| {
        let kind = kind_of(&collection).ok_or_else(|| unknown_collection(&collection))?;
        let request = body(&bytes)?;
        if kind == "security_group_rule" {
            return by_hand::add_rule(world, &request[kind]);
        }
        let attributes = request.get(kind).and_then(Json::as_object).cloned().unwrap_or_else(Map::new);
        let made = make_by_request(world, kind, &attributes).ok_or_else(|| unknown_collection(&collection))?;
        let id = made.map_err(|failure| refused(&failure))?;
        if kind == "network" {
            networks::give_to(world, &id, &request[kind]);
        }
        let shown = match kind {
            "security_group" => groups(world).into_iter().find(|group| group["id"] == id),
            _ => world.things.get(&id).map(|thing| Json::Object(thing.body.read())),
        };
        let mut shown = shown;
        if let Some(Json::Object(network)) = shown.as_mut().filter(|_| kind == "network") {
            network.insert("is_default".to_owned(), json!(false));
        }
        Ok(json!({kind: shown.map(|shown| whole(world, kind, shown))}))
    });
    match made {
        Ok(made) => (StatusCode::CREATED, axum::Json(made)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /availability_zones`: Neutron has none of its own here.
pub(super) async fn zones() -> Response {
    answer(Ok(json!({"availability_zones": []})))
}
