//! What the engine could not do.

use std::path::PathBuf;

use super::entity::NodeDriver;
use super::status::Holder;

/// What the engine could not do.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Another process has the store.
    #[error("the embedded engine is held by process {}", .holder.pid)]
    Busy {
        /// Who.
        holder: Box<Holder>,
    },
    /// A file could not be read or written.
    #[error("the embedded engine cannot use {}", .path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The log is not one of ours, or was changed by hand.
    #[error("{place} of {} is not of the embedded engine", .path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// `line 7`, `record stack/…`
        place: String,
        /// Why.
        source: serde_json::Error,
    },
    /// The fault script has ended it.
    #[error("the embedded engine has died, as its fault script says")]
    Crashed,
    /// Its servers are of another kind than is asked for.
    #[error("the servers of the embedded engine are {nodes} nodes")]
    OtherNodes {
        /// Which kind.
        nodes: NodeDriver,
    },
    /// A report about a machine could not be written down.
    #[error("the embedded engine cannot take in what has become of a machine: {message}")]
    Report {
        /// Why.
        message: String,
    },
    /// Background work needs a tokio runtime.
    #[error("the embedded engine needs a running tokio runtime")]
    NoRuntime,
    /// The port could not be served.
    #[error("the embedded engine cannot listen")]
    Serve {
        /// Why.
        source: std::io::Error,
    },
}
