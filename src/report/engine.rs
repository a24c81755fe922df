//! The embedded Heat of a project: whether it runs, and where; for a terminal and for programs.

use serde::Serialize;
use serde_json::Value as Json;

use super::document::{FormatVersion, document};
use crate::local::{EngineStatus, NodeDriver};

/// The answer of `disco local serve --json`, once it listens.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ServedFile<'a> {
    format_version: FormatVersion,
    /// Where it listens.
    url: &'a str,
}

/// Where the embedded Heat listens, for programs.
pub fn served_json(url: &str) -> Json {
    document(&ServedFile { format_version: FormatVersion::Current, url })
}

/// The answer of `disco serve --json`, once it listens.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ServiceFile<'a> {
    format_version: FormatVersion,
    /// Where it listens.
    url: &'a str,
    /// The address that lets a browser in: once, or where people sign in.
    sign_in: &'a str,
    /// The file with the token for programs; null where they send one of Keystone.
    token_file: Option<&'a str>,
}

/// Where a service listens, and how one gets in, for programs.
pub fn service_json(url: &str, sign_in: &str, token_file: Option<&str>) -> Json {
    document(&ServiceFile { format_version: FormatVersion::Current, url, sign_in, token_file })
}

/// The answer of `disco local status --json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct EngineFile<'a> {
    format_version: FormatVersion,
    /// Whether it runs.
    running: bool,
    /// The process that is it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<u32>,
    /// When that began, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    /// Where it listens; absent while a command has it for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    /// Whether a command started it in the background; otherwise it is `disco local serve`.
    #[serde(skip_serializing_if = "Option::is_none")]
    background: Option<bool>,
    /// The version of DISCO that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<NodesFile>,
}

/// Its nodes.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NodesFile {
    /// What they are: `simulated` or `container`.
    kind: String,
    all: usize,
    running: usize,
}

/// Whether the embedded Heat runs, for programs.
pub fn engine_json(status: Option<&EngineStatus>) -> Json {
    let serving = status.and_then(|status| status.serving.as_ref());
    document(&EngineFile {
        format_version: FormatVersion::Current,
        running: status.is_some(),
        pid: status.map(|status| status.pid),
        since: status.map(|status| status.since.as_str()),
        url: serving.map(|serving| serving.url.as_str()),
        background: serving.map(|serving| serving.kept),
        version: serving.map(|serving| serving.version.as_str()),
        nodes: serving.map(|serving| NodesFile {
            kind: serving.nodes.to_string(),
            all: serving.all,
            running: serving.running,
        }),
    })
}

/// Whether the embedded Heat runs.
pub fn engine(status: Option<&EngineStatus>) -> String {
    let Some(EngineStatus { pid, since, serving }) = status else {
        return "The embedded Heat of this project does not run.".to_owned();
    };
    let Some(serving) = serving else {
        return format!("The embedded Heat of this project is in use by process {pid} since {since}.");
    };
    let how = if serving.kept { "in the background" } else { "by `disco local serve`" };
    let kind = if serving.nodes == NodeDriver::Container { "container" } else { "simulated" };
    let nodes = if serving.all == 1 { "node" } else { "nodes" };
    format!(
        "The embedded Heat of this project runs {how} at {} (process {pid}) since {since}.\n{} {kind} {nodes}, {} running.",
        serving.url, serving.all, serving.running
    )
}
