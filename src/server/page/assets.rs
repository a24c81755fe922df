//! Style and scripts: embedded, and kept by browsers as long as their address, which has their digest in it.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use sha2::{Digest as _, Sha256};

/// An asset: its name, its type and its bytes.
struct Asset(&'static str, &'static str, &'static str);

const STYLE: Asset = Asset("page.css", "text/css; charset=utf-8", include_str!("assets/page.css"));
const ICON: Asset = Asset("icon.svg", "image/svg+xml", include_str!("assets/icon.svg"));
const EVENTS: Asset = Asset("events.js", "text/javascript; charset=utf-8", include_str!("assets/events.js"));
const EDIT: Asset = Asset("edit.js", "text/javascript; charset=utf-8", include_str!("assets/edit.js"));

/// All of them, in the order of [`Which`].
const ALL: [Asset; 4] = [STYLE, ICON, EVENTS, EDIT];

/// One of them.
#[derive(Clone, Copy)]
enum Which {
    Style,
    Icon,
    Events,
    Edit,
}

/// Where they are: with the digest of their bytes, which is made once.
static ADDRESSES: LazyLock<[String; 4]> = LazyLock::new(|| {
    ALL.map(|asset| {
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(asset.2.as_bytes()));
        format!("/assets/{}/{}", digest.get(..16).unwrap_or_default(), asset.0)
    })
});

fn address(of: Which) -> String {
    ADDRESSES[of as usize].clone()
}

/// Where the style is.
pub(super) fn style() -> String {
    address(Which::Style)
}

/// Where the picture is that a tab shows.
pub(super) fn icon() -> String {
    address(Which::Icon)
}

/// Where the script is that shows an operation while it runs.
pub(super) fn events() -> String {
    address(Which::Events)
}

/// Where the script is that checks definitions while they are typed.
pub(super) fn edit() -> String {
    address(Which::Edit)
}

/// Serves them, to everybody.
pub(in crate::server) fn router() -> Router {
    Router::new().route("/assets/{digest}/{name}", get(asset))
}

async fn asset(Path((digest, name)): Path<(String, String)>) -> Response {
    let asked = format!("/assets/{digest}/{name}");
    for (asset, address) in ALL.iter().zip(ADDRESSES.iter()) {
        if *address == asked {
            let headers =
                [(header::CONTENT_TYPE, asset.1), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            return (headers, asset.2).into_response();
        }
    }
    StatusCode::NOT_FOUND.into_response()
}
