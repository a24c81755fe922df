//! What there is to say of an engine that runs.

use serde::{Deserialize, Serialize};

use super::entity::NodeDriver;

/// Who holds the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// Since when, as a timestamp.
    pub since: String,
    /// The version of DISCO that it is; empty for one that did not say.
    #[serde(default)]
    pub version: String,
    /// What its machines are.
    #[serde(default)]
    pub nodes: NodeDriver,
    /// Whether a command has started it for those that come after.
    #[serde(default)]
    pub kept: bool,
    /// Where it answers other processes, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// With what to log in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
}

/// What Keystone wants to hear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Keystone's own names")]
pub struct Credentials {
    pub username: String,
    pub password: String,
    pub user_domain_name: String,
    pub project_name: String,
    pub project_domain_name: String,
    pub region: String,
    /// Path of Keystone below the engine's address.
    pub auth_path: String,
}

/// An embedded Heat that runs, or another command that has it for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// The process.
    pub pid: u32,
    /// Since when, RFC 3339.
    pub since: String,
    /// How it can be reached; `None` where a command has it for itself.
    pub serving: Option<Serving>,
}

/// A served engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// Where it listens.
    pub url: String,
    /// Whether a command has started it for those that come after.
    pub kept: bool,
    /// The version of DISCO that it is.
    pub version: String,
    /// What its nodes are.
    pub nodes: NodeDriver,
    /// All its nodes.
    pub all: usize,
    /// Those that run.
    pub running: usize,
}
