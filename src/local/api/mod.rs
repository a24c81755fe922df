//! The engine's addresses.

mod about;
mod agents;
mod application_credentials;
mod by_hand;
mod compute;
mod events;
mod identity;
mod images;
mod network_list;
mod network_made;
mod networks;
mod play;
mod quotas;
mod resources;
mod services;
mod shape;
mod software;
mod stacks;
mod versions;
mod whole;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use http::{HeaderMap, StatusCode, Uri, header};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value as Json, json};

use super::grant::Who;
use super::refusal::Refusal;
use super::shared::Shared;
use super::world::World;

/// Heat's limit of a request's body.
const MAX_BODY: usize = 1_048_576;

type Engine = State<Arc<Shared>>;
type Query = axum::extract::Query<HashMap<String, String>>;
/// Parameters that may come more than once.
type Queries = axum::extract::Query<Vec<(String, String)>>;

#[expect(clippy::too_many_lines, reason = "a table of addresses")]
pub(super) fn router(shared: Arc<Shared>) -> Router {
    const STACK: &str = "/heat/v1/{project}/stacks/{name}/{id}";
    const RESOURCE: &str = "/heat/v1/{project}/stacks/{name}/{id}/resources/{resource}";
    let at = |tail: &str| format!("{STACK}{tail}");
    let on = |tail: &str| format!("{RESOURCE}{tail}");
    let of = |tail: &str| format!("/heat/v1/{{project}}{tail}");
    let guarded = Router::new()
        .route(&of("/stacks"), get(stacks::list).post(stacks::create))
        .route(&of("/stacks/preview"), post(stacks::preview))
        .route(
            &of("/stacks/{name}"),
            get(stacks::redirect).put(stacks::redirect).patch(stacks::redirect).delete(stacks::redirect),
        )
        .route(&of("/stacks/{name}/preview"), put(stacks::lookup).patch(stacks::lookup))
        .route(&of("/stacks/{name}/resources"), get(stacks::lookup))
        .route(&of("/stacks/{name}/events"), get(stacks::lookup))
        .route(&of("/stacks/{name}/template"), get(stacks::lookup))
        .route(&of("/stacks/{name}/environment"), get(stacks::lookup))
        .route(&of("/stacks/{name}/files"), get(stacks::lookup))
        .route(&of("/stacks/{name}/outputs"), get(stacks::lookup))
        .route(&of("/stacks/{name}/actions"), post(stacks::lookup))
        .route(STACK, get(stacks::show).put(stacks::replace).patch(stacks::patch).delete(stacks::delete))
        .route(&at("/snapshots"), get(stacks::snapshots).post(stacks::no_snapshot))
        .route(&at("/export"), get(stacks::no_abandon))
        .route(&at("/abandon"), delete(stacks::no_abandon))
        .route(&at("/preview"), put(stacks::preview_replace).patch(stacks::preview_patch))
        .route(&at("/actions"), post(stacks::act))
        .route(&at("/template"), get(stacks::template))
        .route(&at("/environment"), get(stacks::environment))
        .route(&at("/files"), get(|| async { axum::Json(json!({})) }))
        .route(&at("/outputs"), get(stacks::outputs))
        .route(&at("/outputs/{output}"), get(stacks::output))
        .route(&at("/events"), get(events::list))
        .route(&at("/resources"), get(resources::list))
        .route(RESOURCE, get(resources::show).patch(resources::mark))
        .route(&on("/metadata"), get(resources::metadata))
        .route(&on("/signal"), post(resources::signal))
        .route(&on("/events"), get(events::of_resource))
        .route(&on("/events/{event}"), get(events::show))
        .route(&of("/software_deployments"), get(software::deployments))
        .route(&of("/software_deployments/metadata/{server}"), get(software::metadata))
        .route(&of("/software_deployments/{deployment}"), get(software::deployment).put(software::set_deployment))
        .route(&of("/software_configs"), get(software::configs).post(software::add_config))
        .route(&of("/software_configs/{config}"), get(software::config).delete(software::delete_config))
        .route(&of("/resource_types"), get(services::resource_types))
        .route(&of("/resource_types/{kind}"), get(services::resource_type))
        .route(&of("/validate"), post(stacks::validate))
        .route(&of("/build_info"), get(services::build_info))
        .route(&of("/template_versions"), get(about::versions))
        .route(&of("/template_versions/{version}/functions"), get(about::functions))
        .route(&of("/services"), get(about::services))
        .route("/identity/v3/projects", get(identity::projects))
        .route("/identity/v3/auth/projects", get(identity::projects))
        .route("/identity/v3/users/{user}/projects", get(identity::projects))
        .route("/identity/v3/projects/{project}", get(identity::project))
        .route("/identity/v3/auth/catalog", get(identity::catalog))
        .route("/compute/v2.1/flavors/detail", get(compute::flavors))
        .route("/compute/v2.1/flavors", get(compute::flavors))
        .route("/compute/v2.1/flavors/{id}", get(compute::flavor))
        .route("/compute/v2.1/flavors/{id}/os-extra_specs", get(compute::extra_specs))
        .route("/compute/v2.1/servers/{id}/metadata", post(compute::describe))
        .route("/compute/v2.1/os-server-groups", get(compute::server_groups))
        .route("/compute/v2.1/os-server-groups/{id}", get(compute::server_group).delete(compute::delete_server_group))
        .route("/compute/v2.1/os-quota-sets/{project}", get(compute::quota_set))
        .route("/compute/v2.1/os-quota-sets/{project}/detail", get(compute::quota_set))
        .route("/compute/v2.1/limits", get(quotas::limits))
        .route("/compute/v2.1/servers", get(services::server_names))
        .route("/compute/v2.1/servers/detail", get(services::servers))
        .route("/compute/v2.1/servers/{id}", get(services::server).put(compute::rename).delete(services::delete_server))
        .route("/compute/v2.1/servers/{id}/action", post(services::server_action))
        .route("/compute/v2.1/os-keypairs", get(compute::keys).post(compute::add_key))
        .route("/compute/v2.1/os-keypairs/{name}", get(compute::key).delete(compute::delete_key))
        .route("/compute/v2.1/os-availability-zone", get(services::zones))
        .route("/compute/v2.1/os-availability-zone/detail", get(services::no_zone_detail))
        .route("/image/v2/images", get(images::list))
        .route("/image/v2/images/{id}", get(images::show))
        .route("/network/v2.0/quotas/{project}", get(quotas::network))
        .route("/network/v2.0/quotas/{project}/details", get(quotas::network_details))
        .route("/network/v2.0/extensions", get(services::extensions))
        .route("/network/v2.0/availability_zones", get(network_made::zones))
        .route("/network/v2.0/{collection}", get(network_list::list).post(network_made::create))
        .route(
            "/network/v2.0/{collection}/{id}",
            get(services::network_show).delete(services::network_delete).put(by_hand::network_update),
        )
        .route("/network/v2.0/routers/{id}/{action}", put(by_hand::router_interface))
        .route("/volume/v3/{project}/volumes/detail", get(services::volumes))
        .route("/volume/v3/{project}/os-quota-sets/{of}", get(quotas::volumes))
        .route("/volume/v3/{project}/limits", get(quotas::volume_limits))
        .route("/volume/v3/{project}/types", get(quotas::volume_types))
        .route(
            "/identity/v3/users/{user}/application_credentials",
            post(application_credentials::create).get(application_credentials::list),
        )
        .route("/identity/v3/users/{user}/application_credentials/{id}", delete(application_credentials::delete))
        .layer(from_fn_with_state(Arc::clone(&shared), authenticated));
    Router::new()
        .route("/", get(identity::versions))
        .route("/identity", get(identity::versions))
        .route("/identity/v3", get(identity::version))
        .route("/identity/v3/", get(identity::version))
        .route(
            "/identity/v3/auth/tokens",
            post(identity::token).get(identity::show_token).delete(identity::revoke_token),
        )
        .route("/heat", get(versions::heat))
        .route("/heat/", get(versions::heat))
        .route("/compute", get(versions::computes))
        .route("/compute/", get(versions::computes))
        .route("/compute/v2.1", get(versions::compute))
        .route("/compute/v2.1/", get(versions::compute))
        .route("/image", get(versions::images))
        .route("/image/", get(versions::images))
        .route("/image/versions", get(versions::images))
        .route("/network", get(versions::networks))
        .route("/network/", get(versions::networks))
        .route("/volume", get(versions::volumes))
        .route("/volume/", get(versions::volumes))
        .route("/volume/v3", get(versions::volumes))
        .route("/volume/v3/", get(versions::volumes))
        .merge(guarded)
        .fallback(unknown)
        .layer(from_fn(shape::shaped))
        .layer(from_fn_with_state(Arc::clone(&shared), play::play))
        .layer(DefaultBodyLimit::max(4 * MAX_BODY))
        .with_state(shared)
}

async fn unknown(request: Request) -> Response {
    let message = format!("The embedded engine does not know {} {}", request.method(), request.uri().path());
    Refusal::new(404, "HTTPNotFound", message).into_response()
}

/// Lets through who has a valid token, to the project it is for.
async fn authenticated(State(shared): Engine, mut request: Request, next: Next) -> Response {
    let token = request.headers().get("x-auth-token").and_then(|token| token.to_str().ok());
    let who = token.and_then(|token| shared.tokens.holder(token, shared.clock.now()));
    match who {
        None => return identity::unauthorized(request.headers(), request.uri()),
        Some(Who::Owner | Who::Credential(_)) => {}
        Some(Who::Agent(agent)) => {
            let admitted = shared.look(|world| agents::admit(world, &agent, request.method(), request.uri().path()));
            return match admitted {
                Ok(()) => {
                    request.extensions_mut().insert(agent);
                    next.run(request).await
                }
                Err(refusal) if refusal.status == 401 => identity::unauthorized(request.headers(), request.uri()),
                Err(refusal) => refusal.into_response(),
            };
        }
    }
    if let Some(rest) = request.uri().path().strip_prefix("/heat/v1/") {
        let project = rest.split('/').next().unwrap_or_default().to_owned();
        match shared.look(|world| Ok(world.identity.project == project)) {
            Ok(true) => {}
            Ok(false) => {
                return Refusal::new(403, "HTTPForbidden", "Access was denied to this resource.").into_response();
            }
            Err(refusal) => return refusal.into_response(),
        }
    }
    next.run(request).await
}

/// Where the client reaches the engine.
fn base(headers: &HeaderMap, uri: &Uri) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str))
        .unwrap_or("disco.local");
    format!("http://{host}")
}

fn heat(headers: &HeaderMap, uri: &Uri, world: &World) -> String {
    format!("{}/heat/v1/{}", base(headers, uri), world.identity.project)
}

/// A body as JSON, after Heat's checks.
fn body(bytes: &[u8]) -> Result<Json, Refusal> {
    if bytes.len() > MAX_BODY {
        let message =
            format!("JSON body size ({} bytes) exceeds maximum allowed size ({MAX_BODY} bytes).", bytes.len());
        return Err(Refusal::limit(message));
    }
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(bytes).map_err(|error| Refusal::bad_request(error.to_string()))
}

/// An answer that is written down while it is looked up, for what is too much to be copied first.
fn written(body: &impl Serialize) -> Result<Box<RawValue>, Refusal> {
    to_raw_value(body).map_err(|error| Refusal::new(500, "Error", error.to_string()))
}

fn answer(result: Result<impl Serialize, Refusal>) -> Response {
    match result {
        Ok(json) => axum::Json(json).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn accepted() -> Response {
    let body = json!({"message": "The request is accepted for processing.<br /><br />\n\n\n", "code": "202 Accepted", "title": "Accepted"});
    (StatusCode::ACCEPTED, axum::Json(body)).into_response()
}

fn flag(query: &HashMap<String, String>, name: &str) -> Option<bool> {
    query.get(name).map(|value| ["true", "1", "yes", "t", "on"].contains(&value.to_ascii_lowercase().as_str()))
}

/// How many items a page shows.
fn limit(asked: Option<&str>) -> usize {
    asked.and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX)
}

/// The part of a sorted list that a page shows.
fn page<T>(mut items: Vec<T>, query: &HashMap<String, String>, is_marker: impl Fn(&T, &str) -> bool) -> (Vec<T>, bool) {
    if let Some(marker) = query.get("marker")
        && let Some(at) = items.iter().position(|item| is_marker(item, marker))
    {
        items.drain(..=at);
    }
    let limit = limit(query.get("limit").map(String::as_str));
    let more = items.len() > limit;
    items.truncate(limit);
    (items, more)
}
