//! Keystone.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::cloud;
use super::super::grant::{Grant, Who};
use super::super::ids::hex;
use super::super::refusal::Refusal;
use super::super::shared::Shared;
use super::super::world::World;
use super::{Engine, agents, answer, application_credentials, base};

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
        if let (Some(user), Some(password)) = (text("/password/user/id"), text("/password/user/password"))
            && let Some(agent) = agents::agent(world, user, password)
        {
            let scoped = scope("/auth/scope/project/id").is_none_or(|project| project == agent.project);
            return Ok(scoped.then_some(Who::Agent(agent)));
        }
        if let Some(who) = application_credentials::holder(world, identity, shared.clock.now()) {
            return Ok(Some(who));
        }
        if let Some(who) = text("/token/id").and_then(|token| shared.tokens.holder(token, shared.clock.now())) {
            let scoped = scope("/auth/scope/project/id").is_none_or(|project| project == own.project);
            return Ok((scoped && !matches!(who, Who::Agent(_))).then_some(who));
        }
        let user = text("/password/user/name") == Some("disco") || text("/password/user/id") == Some(&own.user);
        let password = text("/password/user/password") == Some(&own.password);
        let unscoped = asked.pointer("/auth/scope").is_none();
        let project = unscoped
            || scope("/auth/scope/project/name") == Some("disco")
            || scope("/auth/scope/project/id") == Some(&own.project);
        Ok((user && password && project).then_some(Who::Owner))
    });
    let who = match granted {
        Ok(Some(who)) => who,
        Ok(None) => return unauthorized(&headers, &uri),
        Err(refusal) => return refusal.into_response(),
    };
    let now = shared.clock.now();
    let token = format!("{}{}", hex(), hex());
    let grant = Grant { who, until: now + DAY };
    shared.tokens.give(token.clone(), grant.clone(), now);
    let told = shared.look(|world| Ok(described_token(world, &grant, &token, &base(&headers, &uri))));
    match told {
        Ok(body) => (StatusCode::CREATED, [("x-subject-token", token)], axum::Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn described_token(world: &World, grant: &Grant, token: &str, base: &str) -> Json {
    let own = &world.identity;
    let domain = json!({"id": "default", "name": "Default"});
    let credential = match &grant.who {
        Who::Credential(id) => own.credentials.iter().find(|known| known.id == *id),
        Who::Owner | Who::Agent(_) => None,
    };
    let (user, project, roles) = match &grant.who {
        Who::Owner | Who::Credential(_) => (
            json!({"id": own.user, "name": "disco", "domain": domain, "password_expires_at": null}),
            json!({"id": own.project, "name": "disco", "domain": domain}),
            ["member", "heat_stack_owner"].as_slice(),
        ),
        Who::Agent(agent) => {
            let domain = json!({"id": "heat", "name": "heat"});
            let stack = world.stacks.get(&agent.stack).map_or("", |stack| stack.name.as_str());
            let user = format!("{stack}-{}-{}", agent.resource, &agent.user[..12]);
            (
                json!({"id": agent.user, "name": user, "domain": domain, "password_expires_at": null}),
                json!({"id": agent.project, "name": format!("{}-{}", own.project, agent.stack), "domain": domain}),
                ["heat_stack_user"].as_slice(),
            )
        }
    };
    let id = project["id"].as_str().unwrap_or_default();
    let mut body = json!({"token": {
        "methods": [if credential.is_some() { "application_credential" } else { "password" }],
        "catalog": services(base, id),
        "user": user,
        "project": project,
        "audit_ids": [&token[..22]],
        "issued_at": timestamp(grant.until.saturating_sub(DAY)),
        "expires_at": timestamp(grant.until),
        "is_domain": false,
        "roles": roles.iter().map(|role| json!({"id": role, "name": role})).collect::<Json>(),
    }});
    if let Some(known) = credential {
        body["token"]["application_credential"] =
            json!({"id": known.id, "name": known.name, "restricted": !known.unrestricted});
    }
    body
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
                    json!({"id": format!("{name}-{interface}"), "interface": interface, "region_id": cloud::REGION, "region": cloud::REGION, "url": url})
                })
                .collect();
            json!({"id": name, "type": kind, "name": name, "endpoints": endpoints})
        })
        .collect()
}

/// The token that a request is about, if it is known, with what it is.
fn subject(shared: &Shared, headers: &HeaderMap) -> Option<(String, Grant)> {
    let token = headers.get("x-subject-token").and_then(|token| token.to_str().ok())?;
    let grant = shared.tokens.get(token)?;
    let own = headers.get("x-auth-token").is_some_and(|asking| asking == token);
    let asks = headers.get("x-auth-token").and_then(|asking| shared.tokens.get(asking.to_str().ok()?));
    // An agent knows of no token but its own.
    let may = own || asks.is_some_and(|asks| !matches!(asks.who, Who::Agent(_)));
    may.then(|| (token.to_owned(), grant))
}

/// Whether who asks is known.
fn is_known(shared: &Shared, headers: &HeaderMap) -> bool {
    let token = headers.get("x-auth-token").and_then(|token| token.to_str().ok());
    token.and_then(|token| shared.tokens.holder(token, shared.clock.now())).is_some()
}

fn no_token() -> Response {
    Refusal::new(404, "NotFound", "Failed to validate token").into_response()
}

/// `GET /auth/tokens`
pub(super) async fn show_token(State(shared): Engine, headers: HeaderMap, uri: Uri) -> Response {
    if !is_known(&shared, &headers) {
        return unauthorized(&headers, &uri);
    }
    let Some((token, grant)) = subject(&shared, &headers) else { return no_token() };
    let told = shared.look(|world| Ok(described_token(world, &grant, &token, &base(&headers, &uri))));
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
    shared.tokens.revoke(&token);
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
