//! Which DISCO this is, for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::document;

/// The answer of `disco version --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct VersionFile<'a> {
    disco_version: &'static str,
    /// Operating system and architecture.
    platform: &'a str,
}

/// The version for programs.
pub fn version_json(platform: &str) -> Json {
    document(&VersionFile { disco_version: env!("CARGO_PKG_VERSION"), platform })
}
