//! What versions each service says it has.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value as Json, json};

use super::base;

/// What Nova's newest answers are made by.
const NOVA: &str = "2.93";

pub(super) async fn heat(headers: HeaderMap, uri: Uri) -> Response {
    let href = format!("{}/heat/v1/", base(&headers, &uri));
    let versions = json!({"versions": [{"id": "v1.0", "status": "CURRENT", "links": [{"rel": "self", "href": href}]}]});
    (StatusCode::MULTIPLE_CHOICES, axum::Json(versions)).into_response()
}

fn compute_version(base: &str) -> Json {
    json!({
        "id": "v2.1", "status": "CURRENT", "version": NOVA, "min_version": "2.1", "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": format!("{base}/compute/v2.1/")}],
    })
}

/// Nova's `GET /`
pub(super) async fn computes(headers: HeaderMap, uri: Uri) -> Response {
    axum::Json(json!({"versions": [compute_version(&base(&headers, &uri))]})).into_response()
}

/// Nova's `GET /v2.1/`
pub(super) async fn compute(headers: HeaderMap, uri: Uri) -> Response {
    axum::Json(json!({"version": compute_version(&base(&headers, &uri))})).into_response()
}

/// Glance's `GET /`
pub(super) async fn images(headers: HeaderMap, uri: Uri) -> Response {
    let href = format!("{}/image/v2/", base(&headers, &uri));
    let version = |minor: u8, status: &str| json!({"id": format!("v2.{minor}"), "status": status, "links": [{"rel": "self", "href": href}]});
    let older = (0..15).rev().map(|minor| version(minor, "SUPPORTED"));
    let versions: Vec<Json> = std::iter::once(version(15, "CURRENT")).chain(older).collect();
    (StatusCode::MULTIPLE_CHOICES, axum::Json(json!({ "versions": versions }))).into_response()
}

fn network_version(base: &str) -> Json {
    json!({"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": format!("{base}/network/v2.0/")}]})
}

/// Neutron's `GET /`
pub(super) async fn networks(headers: HeaderMap, uri: Uri) -> Response {
    axum::Json(json!({"versions": [network_version(&base(&headers, &uri))]})).into_response()
}

fn volume_version(base: &str) -> Json {
    json!({
        "id": "v3.0", "status": "CURRENT", "version": "3.0", "min_version": "3.0", "updated": "2022-03-30T00:00:00Z",
        "links": [{"rel": "self", "href": format!("{base}/volume/v3/")}],
    })
}

/// Cinder's `GET /` and `GET /v3/`
pub(super) async fn volumes(headers: HeaderMap, uri: Uri) -> Response {
    axum::Json(json!({"versions": [volume_version(&base(&headers, &uri))]})).into_response()
}
