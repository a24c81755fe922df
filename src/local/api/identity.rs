//! Keystone.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::engine::Shared;
use super::super::entity::Millis;
use super::super::refusal::Refusal;
use super::super::world::{Identity, World, hex};
use super::{Engine, answer, base};

const DAY: u64 = 86_400_000;

pub(super) async fn versions(headers: HeaderMap, uri: Uri) -> Response {
    let versions = json!({"versions": {"values": [described(&base(&headers, &uri))]}});
    (StatusCode::MULTIPLE_CHOICES, axum::Json(versions)).into_response()
}

pub(super) async fn version(headers: HeaderMap, uri: Uri) -> Response {
    axum::Json(json!({"version": described(&base(&headers, &uri))})).into_response()
}

fn described(base: &str) -> Json {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{base}/identity/v3/")}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    })
}

pub(in crate::local) fn unauthorized(headers: &HeaderMap, uri: &Uri) -> Response {
    let body = json!({"error": {
        "code": 401,
        "title": "Unauthorized",
        "message": "The request you have made requires authentication.",
    }});
    let challenge = format!("Keystone uri=\"{}/identity/v3\"", base(headers, uri));
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], axum::Json(body)).into_response()
}

pub(super) async fn token(State(shared): Engine, headers: HeaderMap, uri: Uri, bytes: Bytes) -> Response {
    let asked: Json = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
    let Some(identity) = asked.pointer("/auth/identity") else {
        let body =
            json!({"error": {"code": 400, "title": "Bad Request", "message": "'identity' is a required property"}});
        return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
    };
    let text = |pointer: &str| identity.pointer(pointer).and_then(Json::as_str);
    let scope = |pointer: &str| asked.pointer(pointer).and_then(Json::as_str);
    let granted = shared.look(|world| {
        let own = &world.identity;
        let user = text("/password/user/name") == Some("disco") || text("/password/user/id") == Some(&own.user);
        let password = text("/password/user/password") == Some(&own.password);
        let unscoped = asked.pointer("/auth/scope").is_none();
        let project = unscoped
            || scope("/auth/scope/project/name") == Some("disco")
            || scope("/auth/scope/project/id") == Some(&own.project);
        Ok((user && password && project).then(|| own.clone()))
    });
    let own = match granted {
        Ok(Some(own)) => own,
        Ok(None) => return unauthorized(&headers, &uri),
        Err(refusal) => return refusal.into_response(),
    };
    let now = shared.clock.now();
    let token = format!("{}{}", hex(), hex());
    {
        let mut tokens = shared.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tokens.retain(|_, until| *until > now);
        tokens.insert(token.clone(), now + DAY);
    }
    let catalog = services(&base(&headers, &uri), &own.project);
    let body = described_token(&own, &token, (now, now + DAY), &catalog);
    (StatusCode::CREATED, [("x-subject-token", token)], axum::Json(body)).into_response()
}

fn described_token(own: &Identity, token: &str, (issued, expires): (Millis, Millis), catalog: &[Json]) -> Json {
    let domain = json!({"id": "default", "name": "Default"});
    json!({"token": {
        "methods": ["password"],
        "user": {"id": own.user, "name": "disco", "domain": domain, "password_expires_at": null},
        "project": {"id": own.project, "name": "disco", "domain": domain},
        "audit_ids": [&token[..22]],
        "issued_at": timestamp(issued),
        "expires_at": timestamp(expires),
        "is_domain": false,
        "roles": [{"id": "member", "name": "member"}, {"id": "heat_stack_owner", "name": "heat_stack_owner"}],
        "catalog": catalog,
    }})
}

/// The catalog: every service at every interface.
fn services(base: &str, project: &str) -> Vec<Json> {
    let services = [
        ("orchestration", "heat", format!("{base}/heat/v1/{project}")),
        ("compute", "nova", format!("{base}/compute/v2.1")),
        ("image", "glance", format!("{base}/image")),
        ("network", "neutron", format!("{base}/network")),
        ("volumev3", "cinder", format!("{base}/volume/v3/{project}")),
        ("identity", "keystone", format!("{base}/identity")),
    ];
    services
        .iter()
        .map(|(kind, name, url)| {
            let endpoints: Vec<Json> = ["public", "internal", "admin"]
                .iter()
                .map(|interface| {
                    json!({"id": format!("{name}-{interface}"), "interface": interface, "region_id": "local", "region": "local", "url": url})
                })
                .collect();
            json!({"id": name, "type": kind, "name": name, "endpoints": endpoints})
        })
        .collect()
}

/// The token that a request is about, if it is known, with when it ends.
fn subject(shared: &Shared, headers: &HeaderMap) -> Option<(String, Millis)> {
    let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok())?;
    let tokens = shared.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    tokens.get(token).map(|until| (token.to_owned(), *until))
}

/// Whether who asks is known.
fn is_known(shared: &Shared, headers: &HeaderMap) -> bool {
    let token = headers.get("x-auth-token").and_then(|token| token.to_str().ok());
    let tokens = shared.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    token.and_then(|token| tokens.get(token)).is_some_and(|until| *until > shared.clock.now())
}

fn no_token() -> Response {
    Refusal::new(404, "NotFound", "Failed to validate token").into_response()
}

/// `GET /auth/tokens`
pub(super) async fn show_token(State(shared): Engine, headers: HeaderMap, uri: Uri) -> Response {
    if !is_known(&shared, &headers) {
        return unauthorized(&headers, &uri);
    }
    let Some((token, until)) = subject(&shared, &headers) else { return no_token() };
    let told = shared.look(|world| {
        let catalog = services(&base(&headers, &uri), &world.identity.project);
        Ok(described_token(&world.identity, &token, (until.saturating_sub(DAY), until), &catalog))
    });
    match told {
        Ok(body) => ([("x-subject-token", token)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `DELETE /auth/tokens`
pub(super) async fn revoke_token(State(shared): Engine, headers: HeaderMap, uri: Uri) -> Response {
    if !is_known(&shared, &headers) {
        return unauthorized(&headers, &uri);
    }
    let Some((token, _)) = subject(&shared, &headers) else { return no_token() };
    shared.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&token);
    StatusCode::NO_CONTENT.into_response()
}

fn own_project(world: &World, base: &str) -> Json {
    let id = &world.identity.project;
    json!({
        "id": id, "name": "disco", "domain_id": "default", "description": "", "enabled": true, "parent_id": "default",
        "is_domain": false, "tags": [], "options": {}, "links": {"self": format!("{base}/identity/v3/projects/{id}")},
    })
}

/// `GET /projects`, `/auth/projects` and `/users/ID/projects`: the one there is.
pub(super) async fn projects(State(shared): Engine, headers: HeaderMap, uri: Uri) -> Response {
    answer(shared.look(|world| {
        let base = base(&headers, &uri);
        let own = format!("{base}{}", uri.path());
        let named = uri.query().and_then(|query| query.split('&').find_map(|it| it.strip_prefix("name=")));
        let projects = Vec::from_iter(named.is_none_or(|name| name == "disco").then(|| own_project(world, &base)));
        Ok(json!({"projects": projects, "links": {"next": null, "self": own, "previous": null}}))
    }))
}

/// `GET /projects/ID`
pub(super) async fn project(State(shared): Engine, Path(id): Path<String>, headers: HeaderMap, uri: Uri) -> Response {
    answer(shared.look(|world| {
        if id == world.identity.project {
            return Ok(json!({"project": own_project(world, &base(&headers, &uri))}));
        }
        let message = "You are not authorized to perform the requested action: identity:get_project.";
        Err(Refusal::new(403, "Forbidden", message))
    }))
}

/// `GET /auth/catalog`
pub(super) async fn catalog(State(shared): Engine, headers: HeaderMap, uri: Uri) -> Response {
    answer(shared.look(|world| {
        let base = base(&headers, &uri);
        let own = format!("{base}/identity/v3/auth/catalog");
        Ok(json!({"catalog": services(&base, &world.identity.project), "links": {"self": own}}))
    }))
}
