//! Glance.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::super::cloud::{self, Image};
use super::super::refusal::Refusal;
use super::{answer, page};

/// Somebody else's project.
const OWNER: &str = "0f0e0d0c0b0a09080706050403020100";
/// The checksum of an image without content.
const NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

fn shown(image: &Image) -> Json {
    let path = format!("/v2/images/{}", image.id);
    json!({
        "id": image.id, "name": image.name, "status": "active", "visibility": "public", "min_ram": image.min_ram,
        "min_disk": image.min_disk, "disk_format": "qcow2", "container_format": "bare", "tags": [], "protected": false,
        "os_hidden": false, "owner": OWNER, "size": 0, "virtual_size": 0, "checksum": NOTHING, "os_hash_algo": "md5",
        "os_hash_value": NOTHING, "os_distro": image.name.split('-').next(), "stores": "local", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "self": path, "file": format!("{path}/file"), "schema": "/v2/schemas/image",
    })
}

/// `GET /v2/images`
pub(super) async fn list(Query(query): super::Query) -> Response {
    let mut images = cloud::images();
    if let Some(name) = query.get("name") {
        images.retain(|image| image.name == *name);
    }
    if query.get("visibility").is_some_and(|visibility| !["public", "all"].contains(&visibility.as_str())) {
        images.clear();
    }
    let (found, more) = page(images, &query, |image, marker| image.id == marker);
    let list: Vec<Json> = found.iter().map(shown).collect();
    let mut answer: Map<String, Json> = Map::new();
    if more && let (Some(last), Some(limit)) = (found.last(), query.get("limit")) {
        answer.insert("next".to_owned(), format!("/v2/images?limit={limit}&marker={}", last.id).into());
    }
    answer.insert("images".to_owned(), list.into());
    answer.insert("first".to_owned(), "/v2/images".into());
    answer.insert("schema".to_owned(), "/v2/schemas/images".into());
    axum::Json(answer).into_response()
}

/// `GET /v2/images/ID`; a name is not one.
pub(super) async fn show(Path(id): Path<String>) -> Response {
    let image = cloud::image(&id).filter(|image| image.id == id);
    let image = image.ok_or_else(|| Refusal::new(404, "NotFound", format!("No image found with ID {id}")));
    answer(image.map(|image| shown(&image)))
}
