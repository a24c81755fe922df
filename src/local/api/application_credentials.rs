//! Application credentials of the engine's user.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::grant::Who;
use super::super::ids::hex;
use super::super::refusal::Refusal;
use super::super::world::{ApplicationCredential, World};
use super::{Engine, answer, base};

#[derive(Deserialize)]
struct Wanted {
    application_credential: WantedCredential,
}

#[derive(Deserialize)]
struct WantedCredential {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    expires_at: Option<String>,
    #[serde(default)]
    unrestricted: bool,
}

/// Who an application credential lets in, if it is one that has not ended.
pub(super) fn holder(world: &World, identity: &Json, now: u64) -> Option<Who> {
    let text = |field: &str| identity.pointer(&format!("/application_credential/{field}")).and_then(Json::as_str);
    let (id, name, secret) = (text("id"), text("name"), text("secret")?);
    let known = world.identity.credentials.iter().find(|known| id == Some(&known.id) || name == Some(&known.name))?;
    // Both are times in UTC that are written alike.
    let ended = known.expires_at.as_ref().is_some_and(|until| **until < *timestamp(now).trim_end_matches('Z'));
    (known.secret == secret && !ended).then(|| Who::Credential(known.id.clone()))
}

fn told(known: &ApplicationCredential, project: &str, base: &str, user: &str) -> Json {
    let roles = ["member", "heat_stack_owner"].map(|role| json!({"id": role, "name": role, "domain_id": null}));
    json!({
        "id": known.id, "name": known.name, "description": known.description, "project_id": project,
        "expires_at": known.expires_at, "unrestricted": known.unrestricted, "system": null,
        "roles": roles,
        "links": {"self": format!("{base}/identity/v3/users/{user}/application_credentials/{}", known.id)},
    })
}

fn require_own(world: &World, user: &str) -> Result<(), Refusal> {
    if world.identity.user == user {
        return Ok(());
    }
    let message = "You are not authorized to perform the requested action: identity:application_credential.";
    Err(Refusal::new(403, "Forbidden", message))
}

/// `POST /users/ID/application_credentials`
pub(super) async fn create(
    State(shared): Engine,
    Path(user): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    bytes: Bytes,
) -> Response {
    let created = shared.transact(|world| {
        require_own(world, &user)?;
        let Wanted { application_credential: wanted } = serde_json::from_slice(&bytes)
            .map_err(|fault| Refusal::new(400, "Bad Request", format!("Invalid input: {fault}")))?;
        if world.identity.credentials.iter().any(|known| known.name == wanted.name) {
            let message = format!(
                "Conflict occurred attempting to store application_credential - Duplicate entry found with name {}.",
                wanted.name
            );
            return Err(Refusal::new(409, "Conflict", message));
        }
        let known = ApplicationCredential {
            id: hex(),
            name: wanted.name,
            secret: wanted.secret.unwrap_or_else(|| format!("{}{}", hex(), hex())),
            description: wanted.description,
            expires_at: wanted.expires_at,
            unrestricted: wanted.unrestricted,
        };
        let mut body = told(&known, &world.identity.project, &base(&headers, &uri), &user);
        body["secret"] = json!(known.secret);
        world.change_identity(|identity| identity.credentials.push(known));
        Ok(json!({"application_credential": body}))
    });
    match created {
        Ok(body) => (StatusCode::CREATED, axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /users/ID/application_credentials`
pub(super) async fn list(State(shared): Engine, Path(user): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(shared.look(|world| {
        require_own(world, &user)?;
        let own = &world.identity;
        let base = base(&headers, &uri);
        let all: Vec<Json> = own.credentials.iter().map(|known| told(known, &own.project, &base, &user)).collect();
        let links = json!({"next": null, "self": format!("{base}{}", uri.path()), "previous": null});
        Ok(json!({"application_credentials": all, "links": links}))
    }))
}

/// `DELETE /users/ID/application_credentials/ID`
pub(super) async fn delete(State(shared): Engine, Path((user, id)): Path<(String, String)>) -> Response {
    let deleted = shared.transact(|world| {
        require_own(world, &user)?;
        if world.identity.credentials.iter().all(|known| known.id != id) {
            return Err(Refusal::new(404, "Not Found", format!("Could not find Application Credential: {id}.")));
        }
        world.change_identity(|identity| identity.credentials.retain(|known| known.id != id));
        Ok(())
    });
    match deleted {
        Ok(()) => {
            // Tokens that were given to it are none any more.
            shared.tokens.revoke_all(&Who::Credential(id));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}
