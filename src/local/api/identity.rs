//! Keystone.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value as Json, json};

use super::super::clock::timestamp;
use super::super::world::hex;
use super::{Engine, base};

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
    let base = base(&headers, &uri);
    let services = [
        ("orchestration", "heat", format!("{base}/heat/v1/{}", own.project)),
        ("compute", "nova", format!("{base}/compute/v2.1")),
        ("image", "glance", format!("{base}/image")),
        ("network", "neutron", format!("{base}/network")),
        ("volumev3", "cinder", format!("{base}/volume/v3/{}", own.project)),
        ("identity", "keystone", format!("{base}/identity")),
    ];
    let catalog: Vec<Json> = services
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
        .collect();
    let domain = json!({"id": "default", "name": "Default"});
    let body = json!({"token": {
        "methods": ["password"],
        "user": {"id": own.user, "name": "disco", "domain": domain, "password_expires_at": null},
        "project": {"id": own.project, "name": "disco", "domain": domain},
        "audit_ids": [&token[..22]],
        "issued_at": timestamp(now),
        "expires_at": timestamp(now + DAY),
        "is_domain": false,
        "roles": [{"id": "member", "name": "member"}, {"id": "heat_stack_owner", "name": "heat_stack_owner"}],
        "catalog": catalog,
    }});
    (StatusCode::CREATED, [("x-subject-token", token)], axum::Json(body)).into_response()
}
